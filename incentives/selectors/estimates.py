"""What the next deal would pay: the person's own facts of the statement's run, with one more deal. Reads and computes; writes nothing."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import PLAN_LIMITS, Component
from incentives.engine.reach import of_period
from incentives.engine.run import Result, compute
from incentives.engine.unreached import Unreached, standing, unreached
from incentives.models import Run, RunCredit, RunState, Statement
from incentives.selectors.facts import facts_of, plans_of
from incentives.selectors.kept import moment_inputs
from incentives.selectors.lines import NextTier, attained, next_tier
from spm.core.dated import day_number

NEXT = "next deal"


@dataclass(frozen=True)
class LineEstimate:
    """One component with and without the deal: earnings in minor units, attainment at RATE_SCALE, and the tier after it."""

    component: str
    name: str
    before_minor: int
    after_minor: int
    before_rate: int | None
    after_rate: int | None
    next_tier: NextTier | None
    waits_for: tuple[Unreached, ...] = ()
    """What has to be reached, also with the deal, before it pays anything."""

    @property
    def difference_minor(self) -> int:
        """Give what the deal pays here."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True)
class Estimate:
    """What a deal would pay a person by the plans of a statement. `ranked` names components that a contest decides: they can't be told."""

    lines: tuple[LineEstimate, ...]
    ranked: tuple[str, ...]

    @property
    def pays_minor(self) -> int:
        """Give what the deal pays in all."""
        return sum(line.difference_minor for line in self.lines)


def estimate(statement: Statement, *, amount_minor: int, close_on: date) -> Estimate:
    """Give what one more deal of the statement's person, closed on a day of its period, would pay.

    The deal is like the person's latest one where a plan asks for more than amount and day. Raises ValueError for a day outside the period.
    """
    days = statement.period.during
    if not days.lower <= close_on < days.upper:
        raise ValueError(f"The close date lies outside {statement.period.key}.")
    run = _run(statement)
    inputs = moment_inputs(run)
    plans = plans_of(inputs)
    everything = facts_of(inputs)
    facts = _own(everything, run, statement)
    row = _deal(everything.deals, statement, amount_minor, day_number(close_on))
    more = replace(facts, deals=pd.concat([facts.deals, row], ignore_index=True))
    if facts.lines is not None:
        more = replace(more, lines=pd.concat([facts.lines, row], ignore_index=True))
    results = [compute(each, plans) for each in (facts, more)]
    before, after = (_figures(result, statement) for result in results)
    components = {(plan.key, one.key): one for plan in plans for one in plan.components}
    ranked = {key for key, one in components.items() if one.pay.contest is not None}
    told = tuple(
        replace(
            _line(key, components.get(key), before.get(key), after[key]), waits_for=_waits(results[1], key, after[key])
        )
        for key in after
        if key not in ranked
    )
    return Estimate(told, tuple(sorted(components[key].name for key in ranked & after.keys())))


def _run(statement: Statement) -> Run:
    """The latest run of the period: what is known of the person by now."""
    runs = Run.objects.filter(period=statement.period_id, state__in=(RunState.DONE, RunState.POSTED))
    return runs.select_related("period").latest("facts_known_at")


def _own(facts: Facts, run: Run, statement: Statement) -> Facts:
    """The facts with the deals that the person was credited for in the period, and the person's own."""
    runs = Run.objects.filter(period=run.period_id).values_list("pk", flat=True)
    credited = RunCredit.objects.filter(run_id__in=list(runs), participant_id=statement.participant_id)
    keys = {str(key) for key in credited.values_list("opportunity_id", flat=True)}

    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        own = frame["owner_key"] == str(statement.participant_id)
        return frame[own | frame["deal_key"].isin(keys)].reset_index(drop=True)

    return replace(facts, deals=mine(facts.deals), lines=None if facts.lines is None else mine(facts.lines))


def _deal(deals: pd.DataFrame, statement: Statement, amount_minor: int, day: int) -> pd.DataFrame:
    """A deal like the person's latest one with another amount and day; without one, only the stage is that of the latest won deal."""
    person = str(statement.participant_id)
    ordered = deals.sort_values("credit_on", kind="stable")
    alike = ordered[ordered["owner_key"] == person].tail(1)
    if not len(alike):
        kept = [name for name in ("stage", "status") if name in deals.columns]
        alike = ordered.tail(1)
        alike = alike.assign(
            **{name: None for name in deals.columns if name not in (*kept, "amount_minor", "credit_on")}
        )
    values: dict[str, Any] = {name: day for name in deals.columns if name.endswith("_on")}
    values |= {
        "deal_key": NEXT,
        "source_key": NEXT,
        "owner_key": person,
        "amount_minor": amount_minor,
        "currency": statement.currency,
        "credit_on": day,
    }
    if "reverses_key" in deals.columns:
        values["reverses_key"] = None
    return alike.assign(**values) if len(alike) else pd.DataFrame([values], columns=deals.columns)


Key = tuple[str, str]


def _figures(result: Result, statement: Statement) -> dict[Key, dict[str, Any]]:
    """The person's earnings by plan version and component."""
    earnings = of_period(result, statement.period.key).earnings
    mine = earnings[
        (earnings["participant_key"] == str(statement.participant_id)) & (earnings["currency"] == statement.currency)
    ]
    records = [{str(name): value for name, value in row.items()} for row in mine.to_dict("records")]
    return {(str(row["plan_key"]), str(row["component_key"])): row for row in records}


def _line(key: Key, component: Component | None, before: dict[str, Any] | None, after: dict[str, Any]) -> LineEstimate:
    quota = None if pd.isna(after["quota_minor"]) else int(after["quota_minor"])
    return LineEstimate(
        component=key[1],
        name=component.name if component else PLAN_LIMITS.get(key[1], key[1]),
        before_minor=int(before["earned_minor"]) if before else 0,
        after_minor=int(after["earned_minor"]),
        before_rate=_rate(before),
        after_rate=_rate(after),
        next_tier=next_tier(component, attained(int(after["credit_minor"]), quota, _rate(after)), quota),
    )


def _waits(result: Result, key: Key, figures: dict[str, Any]) -> tuple[Unreached, ...]:
    """What the pay of a component still waits for; nothing where it pays, or where it can't be told."""
    computed = next((each for each in result.computed if each.plan.key == key[0]), None)
    component = next((each for each in computed.plan.components if each.key == key[1]), None) if computed else None
    if computed is None or component is None or figures["earned_minor"]:
        return ()
    row = computed.cells.row_of(figures["participant_key"], figures["period_key"])
    return unreached(computed.plan, component, standing(computed.room, row))


def _rate(row: dict[str, Any] | None) -> int | None:
    return None if row is None or pd.isna(row["attainment"]) else int(row["attainment"])
