"""What the next deal would pay: the person's own facts of the statement's run, with one more deal. Reads and computes; writes nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import PLAN_CAP, PLAN_FLOOR, PLAN_LIMITS, Bounds, Component, Plan
from incentives.engine.reach import of_period
from incentives.engine.run import Result, compute
from incentives.engine.unreached import Unreached, standing, unreached
from incentives.models import Run, RunCredit, RunState, Statement
from incentives.selectors.facts import facts_of, plans_of
from incentives.selectors.finding_words import findings_named
from incentives.selectors.kept import moment_inputs
from incentives.selectors.lines import NextTier, attained, is_highest, next_tier
from incentives.selectors.trial_gaps import uncalculated
from spm.core.dated import day_number
from spm.core.findings import Finding

NEXT = "next deal"


@dataclass(frozen=True)
class LineEstimate:
    """One component with and without the deals: earnings in minor units, attainment at RATE_SCALE, and the tier after it.

    An amount is None where it can't be calculated, and `reason` says why.
    """

    component: str
    name: str
    currency: str
    before_minor: int | None
    after_minor: int | None
    before_rate: int | None
    after_rate: int | None
    next_tier: NextTier | None
    waits_for: tuple[Unreached, ...] = ()
    """What has to be reached, also with the deals, before it pays anything."""
    reason: str = ""
    is_highest: bool = False

    @property
    def difference_minor(self) -> int | None:
        """Give what the deals pay here."""
        return None if self.before_minor is None or self.after_minor is None else self.after_minor - self.before_minor


@dataclass(frozen=True)
class Estimate:
    """What deals would pay a person. `ranked` names what a contest decides: it can't be told.

    `elsewhere` are the currencies of what they pay beside the lines.
    """

    lines: tuple[LineEstimate, ...]
    ranked: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    @property
    def pays_minor(self) -> int | None:
        """Give what the deals pay in all, in one currency; None where a line is unknown, or where there is none."""
        return summed(line.difference_minor for line in self.lines)


def summed(amounts: Iterable[int | None]) -> int | None:
    """Give the sum of amounts; None where one of them is unknown, or where there is none."""
    known = list(amounts)
    return None if not known or None in known else sum(each for each in known if each is not None)


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
    before, after = (compute(each, plans) for each in (facts, more))
    found = compared(before, after, person=str(statement.participant_id), period_key=statement.period.key)
    here = tuple(line for line in found.lines if line.currency == statement.currency)
    return replace(found, lines=here, elsewhere=tuple(sorted({one.currency for one in found.lines if one not in here})))


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
"""A plan version and one of its components."""


@dataclass(frozen=True)
class _Side:
    """What one calculation says of a person in a period: their earnings, and what is unknown."""

    result: Result
    person: str
    period_key: str

    @cached_property
    def rows(self) -> dict[Key, dict[str, Any]]:
        """The person's earnings by plan version and component."""
        earnings = of_period(self.result, self.period_key).earnings
        mine = earnings[earnings["participant_key"] == self.person]
        records = [{str(name): value for name, value in row.items()} for row in mine.to_dict("records")]
        return {(str(row["plan_key"]), str(row["component_key"])): row for row in records}

    @cached_property
    def unknown(self) -> set[Key]:
        """What could not be calculated."""
        return {
            (each.plan.key, component)
            for each in self.result.computed
            for person, component in uncalculated([each], {each.plan.key}, self.period_key)
            if person == self.person
        }

    def earned(self, key: Key) -> int | None:
        """What a component pays; nothing where the plan has no line for the person."""
        if key in self.unknown:
            return None
        return int(self.rows[key]["earned_minor"]) if key in self.rows else 0

    def reason(self, key: Key) -> str:
        """Why a component is unknown; empty where it is known."""
        if key not in self.unknown:
            return ""
        about = {"participant_key": self.person, "period_key": self.period_key, "component_key": key[1]}
        found = [each for each in self.result.findings if each.is_error and not _others(each, about)]
        named = [each for each in found if "participant_key" in each.keys]
        return next((_told(each, self.result.plans) for each in [*named, *found]), NOT_CALCULATED)


def _told(finding: Finding, plans: Iterable[Plan]) -> str:
    """A finding as one text, with names of people and plans."""
    [row] = findings_named([finding], {plan.key: plan.name for plan in plans})
    return " ".join(str(row[part]) for part in ("what", "why", "fix") if row[part])


NOT_CALCULATED = "Something of it can't be calculated; the run of the period says what."
OF_CONTEST = "It holds for what a contest pays too, and a rank depends on the deals of others."


def _others(finding: Finding, about: dict[str, str]) -> bool:
    """True for a finding about somebody or something else."""
    return any(str(finding.keys.get(name, value)) != value for name, value in about.items())


def compared(before: Result, after: Result, *, person: str, period_key: str) -> Estimate:
    """Give what a person is paid in a period by two calculations; what a contest decides is left out and named.

    A limit of a plan that has a contest is unknown.
    """
    sides = _Side(before, person, period_key), _Side(after, person, period_key)
    plans = {each.key: each for each in after.plans}
    left = {(plan.key, key) for plan in after.plans for key in ranked(plan)}
    keys = sorted({*sides[0].rows, *sides[1].rows, *sides[0].unknown, *sides[1].unknown}, key=_order(after.plans))
    lines = [_line(key, plans[key[0]], *sides) for key in keys if key not in left]
    paying = {key[0] for key in keys}
    lines += [_undecided(key, plans[key[0]]) for key in _limits(each for each in after.plans if each.key in paying)]
    names = {_name(plans[key[0]], key[1]) for key in keys if key in left and key[1] not in PLAN_LIMITS}
    return Estimate(tuple(lines), tuple(sorted(names)))


def _limits(plans: Iterable[Plan]) -> list[Key]:
    """The limits of plans that hold for what a contest pays."""
    given = ((plan, *one) for plan in plans for one in ((PLAN_FLOOR, plan.floor), (PLAN_CAP, plan.cap)))
    return [(plan.key, key) for plan, key, limit in given if key in ranked(plan) and limit != Bounds()]


def _undecided(key: Key, plan: Plan) -> LineEstimate:
    unknown = (None, None, None, None, None)
    return LineEstimate(key[1], _name(plan, key[1]), plan.currency, *unknown, reason=OF_CONTEST)


def _order(plans: Sequence[Plan]) -> Callable[[Key], tuple[int, int]]:
    """Lines stand as plans and their components do, limits last."""
    place = {(plan.key, one.key): number for plan in plans for number, one in enumerate(plan.components)}
    of_plan = {plan.key: number for number, plan in enumerate(plans)}
    return lambda key: (of_plan[key[0]], place.get(key, len(place) + (key[1] in PLAN_LIMITS)))


def ranked(plan: Plan) -> set[str]:
    """Give the components that a contest decides, those that build on them, and the limits of a plan that has any."""
    found = {one.key for one in plan.components if one.pay.contest is not None}
    while more := {one.key for one in plan.components if found & set(one.pay.builds_on)} - found:
        found |= more
    return found | set(PLAN_LIMITS) if found else found


def _component(plan: Plan, key: str) -> Component | None:
    return next((one for one in plan.components if one.key == key), None)


def _name(plan: Plan, key: str) -> str:
    component = _component(plan, key)
    return component.name if component else PLAN_LIMITS.get(key, key)


def _line(key: Key, plan: Plan, before: _Side, after: _Side) -> LineEstimate:
    component, row = _component(plan, key[1]), after.rows.get(key)
    quota = None if row is None or pd.isna(row["quota_minor"]) else int(row["quota_minor"])
    climbed = component if component is not None and component.measure.is_money else None
    reached = 0 if row is None else attained(int(row["credit_minor"]), quota, _rate(row))
    return LineEstimate(
        component=key[1],
        name=_name(plan, key[1]),
        currency=plan.currency,
        before_minor=before.earned(key),
        after_minor=after.earned(key),
        before_rate=_rate(before.rows.get(key)),
        after_rate=_rate(row),
        next_tier=next_tier(climbed, reached, quota),
        is_highest=is_highest(climbed, reached, quota),
        waits_for=() if row is None else _waits(after.result, key, row),
        reason=after.reason(key) or before.reason(key),
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
