"""What plans ask of single people beside quotas and terms: relations, employments, territories and approved scores."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from incentives.engine.asking import asked_of
from incentives.engine.covering import ACCOUNT
from incentives.engine.plan import Plan
from planning.selectors import account_territories_csv, scores_csv, territories_csv
from spm.people.seat_frames import employments_csv, relations_csv

TERRITORY = {"territory", "territory_key"}
ACCOUNT_TERRITORY = {"account_territory", "account_territory_key"}


def goals_read(plans: Sequence[Plan], window: Any) -> dict[str, bytes]:
    """Read the frames that only some plans ask for."""
    asked, frames = asked_of(plans), {}
    if TERRITORY & asked.columns:
        frames["territories"] = territories_csv(start=window.start, end=window.until)
    if asked.coverage:
        frames["coverage"] = territories_csv(start=window.start, end=window.until)
    if asked.coverage or ACCOUNT_TERRITORY & asked.columns:
        frames["account_territories"] = account_territories_csv(start=window.start, end=window.until)
    if asked.relations:
        frames["relations"] = relations_csv(start=window.start, end=window.until, names=asked.relations)
    if asked.tenure:
        frames["employments"] = employments_csv(start=window.start, end=window.until)
    if asked.objectives:
        keys = [one.key for one in window.periods]
        frames["scores"] = scores_csv(period_keys=keys, objectives=asked.objectives)
    return frames


def territory_of(deals: pd.DataFrame, covered: pd.DataFrame) -> pd.Series:
    """Give the territory that each deal's owner covers on its credit day: of several the one with the largest share, then by code."""
    asked = pd.DataFrame(
        {"row": range(len(deals)), "participant_key": deals["owner_key"], "on": deals["credit_on"].to_numpy()}
    )
    met = asked.merge(covered, on="participant_key").query("from_on <= on < until_on")
    best = met.sort_values(["row", "share", "territory"], ascending=[True, False, True]).drop_duplicates("row")
    found = best.set_index("row")["territory"].reindex(range(len(deals))).astype(object)
    return found.where(found.notna(), None).set_axis(deals.index)


def account_territory_of(deals: pd.DataFrame, belonging: pd.DataFrame) -> pd.Series:
    """Give the territory that each deal's account belongs to on its credit day."""
    asked = pd.DataFrame({"row": range(len(deals)), "account_key": deals[ACCOUNT], "on": deals["credit_on"].to_numpy()})
    met = asked.merge(belonging, on="account_key").query("from_on <= on < until_on")
    found = met.set_index("row")["territory"].reindex(range(len(deals))).astype(object)
    return found.where(found.notna(), None).set_axis(deals.index)
