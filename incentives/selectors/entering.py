"""What a version costs for the people who come to its plan from others: each beside what the plan that the person leaves pays.

A plan that takes the place of another has no people of its own in the periods before its first day. Here those who will be on it are
taken as if they had been on it before, and the plans that they leave are the other side. Reads and computes; writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.run import Result, compute
from incentives.engine.whatif import Trial, try_plans
from incentives.models import PlanAssignment, PlanVersion
from incentives.selectors.facts import days_of
from incentives.selectors.trial_facts import Pipeline, TrialFacts, assigned_to, period_days, trial_facts
from incentives.selectors.trial_gaps import uncalculated
from incentives.selectors.trials import AFTER, BEFORE, Elsewhere, PeriodTrial, TrialRow, earned_sums
from spm.core.findings import Finding

LEVELS = ("participant_key", "position_key", "title_key")
Stretches = dict[str, set[tuple[str, int, int]]]
"""By person, the key of each plan that pays the person, and on which days of the period."""


@dataclass(frozen=True)
class _Paid:
    """One calculation of a period by person and plan: the lines of pay, what could not be calculated, and who is paid when."""

    sums: Mapping[tuple[str, str], Mapping[str, int]]
    gaps: frozenset[tuple[str, str]]
    stretches: Stretches

    @classmethod
    def of(cls, result: Result | Trial, period: Any) -> "_Paid":
        keys = [one.plan.key for one in result.computed]
        sums: dict[tuple[str, str], dict[str, int]] = {}
        for key in keys:
            for (person, line), amount in earned_sums(result.earnings, [key], period.key).items():
                sums.setdefault((person, key), {})[line] = amount
        gaps = {(one, key) for key in keys for one, _ in uncalculated(result.computed, [key], period.key)}
        return cls(sums, frozenset(gaps), _stretches(result, period))


@dataclass(frozen=True)
class _Sides:
    """Both calculations of one period; `key` is that of the version in the new one."""

    key: str
    period_key: str
    plans: Mapping[str, Plan]
    old: _Paid
    new: _Paid
    findings: tuple[Finding, ...]

    def people(self) -> list[str]:
        """Give whom the version would pay."""
        return sorted(
            one for one, stretches in self.new.stretches.items() if any(key == self.key for key, *_ in stretches)
        )

    def left(self, person: str) -> list[str]:
        """Give the plans that pay the person on other days than before, or no more."""
        changed = self.old.stretches.get(person, set()) ^ self.new.stretches[person]
        return sorted({key for key, *_ in changed} - {self.key})


def entering_try(version: PlanVersion, draft: Plan, period: Any, *, now: datetime) -> tuple[PeriodTrial, list[str]]:
    """Try a version on a period for everybody who will be on it; gives the names of the plans they leave, too."""
    read = trial_facts(period, draft, pipeline=Pipeline.NONE, now=now)
    sides = _sides(read, version, draft, period)
    lines = [(person, sides.left(person)) for person in sides.people()]
    rows = [row for person, left in lines for row in _rows(sides, person, left)]
    found = PeriodTrial(
        period_key=period.key,
        way="FULL",
        run_id=read.run.id if read.run else None,
        known_at=read.known_at,
        added=0,
        without_probability=0,
        rows=tuple(rows),
        findings=sides.findings,
        costs_before=None,
        costs_after=None,
    )
    return found, sorted({sides.plans[key].name for _, left in lines for key in left})


def _sides(read: TrialFacts, version: PlanVersion, draft: Plan, period: Any) -> _Sides:
    key, (start, end) = str(version.pk), period_days(period)
    if "window" in read.inputs.frames:
        start = days_of(read.inputs.frames["window"])[0]
    placed = replace(draft, key=key, start=start, end=end)
    before = compute(read.facts, read.plans)
    facts = entered(read.facts, version, (start, end), key)
    after = try_plans(facts, before, [*read.plans, placed])
    return _Sides(
        key=key,
        period_key=period.key,
        plans={one.key: one for one in (*read.plans, placed)},
        old=_Paid.of(before, period),
        new=_Paid.of(after, period),
        findings=tuple(one for one in after.findings if one not in set(before.findings)),
    )


def entered(facts: Facts, version: PlanVersion, days: tuple[int, int], key: str) -> Facts:
    """Give the facts with everybody who is on the plan in the version's days; what put the same ones on other plans has ended."""
    assigned = PlanAssignment.objects.filter(plan=version.plan, during__overlap=version.during)
    targets = [[_text(one.participant_id), _text(one.position_id), _text(one.title_id)] for one in assigned]
    given = pd.DataFrame([[*row, *days] for row in targets], columns=[*LEVELS, "from_on", "until_on"])
    held = facts.assignments
    for level in LEVELS:
        if level in held.columns:
            mine = [one for one in given[level] if one is not None]
            held = held[~held[level].isin(mine)]
    return assigned_to(replace(facts, assignments=held), key, given)


def _text(key: object) -> str | None:
    return None if key is None else str(key)


def _stretches(result: Result | Trial, period: Any) -> Stretches:
    found: Stretches = {}
    if not result.computed:
        return found
    seats, (first, last) = result.computed[0].seats, period_days(period)
    columns = (each.tolist() for each in (seats.paid.holding, seats.paid.plan, seats.paid.start, seats.paid.end))
    for holding, plan, start, end in zip(*columns, strict=True):
        start, end = max(start, first), min(end, last)
        if start < end:
            person = str(seats.participants[seats.participant[holding]])
            found.setdefault(person, set()).add((result.computed[plan].plan.key, start, end))
    return found


def _rows(sides: _Sides, person: str, left: Sequence[str]) -> list[TrialRow]:
    """The lines of the version, and one for each plan that the person leaves, with what it still pays."""
    currency = sides.plans[sides.key].currency
    comparable = [key for key in left if sides.plans[key].currency == currency]
    other = [key for key in left if key not in comparable]
    common: dict[str, Any] = {
        "is_compared": bool(comparable) and not other,
        "elsewhere": tuple(_elsewhere(sides, key, person) for key in other),
        "lacking": tuple(
            side
            for side, ledger, keys in ((BEFORE, sides.old, left), (AFTER, sides.new, [sides.key, *left]))
            if any((person, key) in ledger.gaps for key in keys)
        ),
    }
    own = sides.new.sums.get((person, sides.key), {sides.plans[sides.key].components[0].key: 0})
    lines = [TrialRow(person, key, sides.period_key, None, amount, **common) for key, amount in sorted(own.items())]
    for key in comparable:
        before, after = (ledger.sums.get((person, key), {}) for ledger in (sides.old, sides.new))
        still = sum(after.values()) if after else None
        lines.append(TrialRow(person, sides.plans[key].name, sides.period_key, sum(before.values()), still, **common))
    return lines


def _elsewhere(sides: _Sides, key: str, person: str) -> Elsewhere:
    plan = sides.plans[key]
    return Elsewhere(plan.name, sum(sides.old.sums.get((person, key), {}).values()), plan.currency)
