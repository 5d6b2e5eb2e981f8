"""What plans ask of single people beside quotas: relations, territories, approved scores, and personal targets as goals of periods."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any

import pandas as pd

from incentives.engine.asking import asked_of
from incentives.engine.plan import Plan
from planning.selectors import scores_csv, targets_csv, territories_csv
from spm.core import periods as cutting
from spm.core.dated import day_number
from spm.core.money import round_half_away
from spm.people.seat_frames import relations_csv

TERRITORY = {"territory", "territory_key"}


def goals_read(plans: Sequence[Plan], window: Any) -> dict[str, bytes]:
    """Read the frames that only some plans ask for."""
    asked, frames = asked_of(plans), {}
    if TERRITORY & asked.columns:
        frames["territories"] = territories_csv(start=window.start, end=window.until)
    if asked.relations:
        frames["relations"] = relations_csv(start=window.start, end=window.until, names=asked.relations)
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


def target_rows(window: Any, names: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """Give (position, participant, period, name, amount, currency) per period: a target of a part of a period counts by its days."""
    if not names:
        return
    start, end = window.periods[0].start, window.periods[-1].end
    content = BytesIO(targets_csv(start=start, end=end, names=names))
    frame = pd.read_csv(content, dtype="str", keep_default_na=False)
    sums: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
    for row in frame.to_dict("records"):
        for period in window.periods:
            part = _part(row, period)
            if part and period.start < window.until and period.end > window.start:
                place = (row["position_id"], row["participant_id"], period.key, row["name"], row["currency"])
                sums[place] += Fraction(int(row["amount_minor"])) * part / _parts(row, period, window.periods)
    for (position, participant, key, name, currency), amount in sums.items():
        yield position, participant, key, name, round_half_away(*amount.as_integer_ratio()), currency


def _part(row: dict[Any, Any], period: cutting.Period) -> Fraction:
    """The part of the period on which a target holds."""
    first, last = day_number(period.start), day_number(period.end)
    days = min(int(row["until_on"]), last) - max(int(row["from_on"]), first)
    return Fraction(max(days, 0), last - first)


def _parts(row: dict[Any, Any], period: cutting.Period, periods: Sequence[cutting.Period]) -> int:
    """Over how many periods the amount is spread: those of the year for a target of a year."""
    return sum(one.year_key == period.year_key for one in periods) if row["per"] == "year" else 1
