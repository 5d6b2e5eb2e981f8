"""The facts that a trial is held on: what a run of the period froze, or the facts so far, and open deals taken as won. Nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from incentives.engine.asking import asks_tenure
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.models import Run, RunState
from incentives.selectors.deals import deals_asked, deals_read
from incentives.selectors.facts import (
    Inputs,
    days_of,
    facts_of,
    frame_of,
    plans_of,
    surroundings_read,
    with_territories,
)
from incentives.selectors.kept import moment_inputs
from incentives.selectors.windows import window_of
from spm.core.dated import day_number, day_of
from spm.core.money import RATE_SCALE, multiply_columns, round_columns
from spm.crm.deal_frames import DealsAsked, open_deals_csv, open_splits_csv


class Pipeline(StrEnum):
    """Which open deals of the period count as won: none, all by amount × probability, or all in full."""

    NONE = "NONE"
    WEIGHTED = "WEIGHTED"
    ALL_IN = "ALL_IN"


@dataclass(frozen=True)
class TrialFacts:
    """The facts and live plans of a period. `run` is the run that froze them, None for the facts as they are now.

    `added` open deals were taken as won, `without_probability` could not be weighted and stayed out.
    """

    inputs: Inputs
    facts: Facts
    plans: tuple[Plan, ...]
    run: Run | None
    known_at: datetime
    added: int = 0
    without_probability: int = 0


def trial_facts(period: Any, *drafts: Plan, pipeline: Pipeline, now: datetime) -> TrialFacts:
    """Give the facts of a period: frozen by its latest run, or as known now where open deals are added or no run has been.

    Everybody's deals are read, with the columns that the drafts ask for; as known now, too, where a draft looks further back than
    the run read, or asks how long people have been employed and the run did not.
    """
    done = Run.objects.filter(period=period, state__in=(RunState.DONE, RunState.POSTED))
    run = done.select_related("period").order_by("-facts_known_at").first() if pipeline == Pipeline.NONE else None
    inputs = moment_inputs(run, drafts) if run else None
    if inputs is None or _lacks(drafts, period, inputs, now):
        run, inputs = None, _inputs_now(period, drafts, now)
    known_at = run.facts_known_at if run else now
    found = TrialFacts(inputs, facts_of(inputs), plans_of(inputs), run, known_at)
    return found if pipeline == Pipeline.NONE else _with_pipeline(found, drafts, period, pipeline)


def _lacks(drafts: Sequence[Plan], period: Any, inputs: Inputs, now: datetime) -> bool:
    """Tell whether a draft asks for days before those that were read, or for employments that were not."""
    if asks_tenure(drafts) and "employments" not in inputs.frames:
        return True
    since = days_of(inputs.frames["window"])[0] if "window" in inputs.frames else day_number(period.during.lower)
    return day_number(window_of(period, drafts, now).start) < since


def _inputs_now(period: Any, drafts: Sequence[Plan], now: datetime) -> Inputs:
    around = surroundings_read(period=period, known_at=now, also=drafts)
    since = day_of(days_of(around["window"])[0])
    plans = [*plans_of(Inputs(around)), *drafts]
    return Inputs({**deals_read(plans, period=period, since=since, known_at=now), **around})


def _with_pipeline(found: TrialFacts, drafts: Sequence[Plan], period: Any, pipeline: Pipeline) -> TrialFacts:
    deals = open_deals(found.inputs, [*found.plans, *drafts], period, known_at=found.known_at)
    probability = pd.to_numeric(deals.pop("probability_rate")).astype("Int64")
    missing = 0
    if pipeline == Pipeline.WEIGHTED:
        missing = int(probability.isna().sum())
        deals, weight = deals[probability.notna()], probability.dropna().to_numpy("int64")
        amounts = multiply_columns(deals["amount_minor"].to_numpy("int64"), weight)
        deals = deals.assign(amount_minor=round_columns(amounts, RATE_SCALE))
    facts = with_won(found.facts, deals, open_splits(period, known_at=found.known_at))
    return replace(found, facts=facts, added=len(deals), without_probability=missing)


def open_deals(
    inputs: Inputs, plans: Sequence[Plan], period: Any, *, known_at: datetime, earliest: int | None = None
) -> pd.DataFrame:
    """Give the open deals expected to close in the period as the engine reads deals, with their `probability_rate` (at 10**8).

    They are credited on the day on which they are expected to close, at the `earliest` on that day.
    """
    asked = deals_asked(plans, since=period.during.lower, end=period.during.upper, known_at=known_at)
    deals = frame_of(open_deals_csv(asked))
    if earliest is not None:
        deals = deals.assign(credit_on=deals["credit_on"].clip(lower=earliest))
    return with_territories(deals, inputs.frames)


def open_splits(period: Any, *, known_at: datetime) -> pd.DataFrame:
    """Give the shares of the open deals expected to close in the period."""
    return frame_of(open_splits_csv(DealsAsked(start=period.during.lower, end=period.during.upper, known_at=known_at)))


def with_won(facts: Facts, deals: pd.DataFrame, splits: pd.DataFrame, *, stage: str = "") -> Facts:
    """Give the facts with open deals as if they were won, each with its shares, in the stage named or the one that most won deals have."""
    won = {"stage": stage or _stage_of_won(facts.deals), "status": "won"}
    deals = deals.assign(**{name: value for name, value in won.items() if name in deals.columns})
    more = replace(facts, deals=_more(facts.deals, deals))
    shares = splits[splits["deal_key"].isin(set(deals["deal_key"]))]
    if len(shares):
        more = replace(more, splits=shares if facts.splits is None else _more(facts.splits, shares))
    return more if facts.lines is None else replace(more, lines=_more(facts.lines, deals))


def _more(frame: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, added], ignore_index=True) if len(frame) else added.reset_index(drop=True)


def _stage_of_won(won: pd.DataFrame) -> str:
    """The stage that most won deals have: what an open deal will have once it is won."""
    counted = won["stage"].dropna().value_counts() if "stage" in won.columns else pd.Series(dtype="int64")
    return str(sorted(counted[counted == counted.max()].index)[0]) if len(counted) else "Won"


def assigned_to(facts: Facts, plan_key: str, rows: pd.DataFrame) -> Facts:
    """The facts with more assignments, all to one plan."""
    added = rows.assign(plan_key=plan_key)
    return replace(facts, assignments=pd.concat([facts.assignments, added], ignore_index=True))


def period_days(period: Any) -> tuple[int, int]:
    """The first day of a period and the first after it, as day numbers."""
    return day_number(period.during.lower), day_number(period.during.upper)
