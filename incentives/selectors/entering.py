"""What a version costs for the people who will be on it, in periods in which its plan paid nobody: beside what they would be on without it.

Both sides are taken as if they had been in force before: the version for everybody who will be on it, and the version that it takes
the place of or the plans that people leave for it, as these stand on the day before. Reads and computes; writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.run import Result, compute
from incentives.engine.whatif import Trial, try_plans
from incentives.models import PlanAssignment, PlanState, PlanVersion
from incentives.selectors.facts import assignments_csv, days_of, frame_of, plans_of_versions
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


@dataclass(frozen=True)
class Before:
    """What people are on without a version: the published versions that stand on a day, and the one that it takes the place of."""

    day: date
    versions: tuple[PlanVersion, ...]
    replaced: PlanVersion | None

    @property
    def every(self) -> dict[str, PlanVersion]:
        """Give all of them by the key that the engine knows them by."""
        return {str(one.pk): one for one in (*self.versions, self.replaced) if one is not None}


def before_version(version: PlanVersion, *, on: date) -> Before:
    """Give what people are on before the first of them is on the version: on the day before, or today where that is still to come."""
    assigned = _assigned(version).values_list("during", flat=True)
    enters = min((max(version.during.lower, one.lower or version.during.lower) for one in assigned), default=on)
    day = min(enters - timedelta(days=1), on)
    kind = version.definition["period"]
    rows = PlanVersion.objects.filter(state=PlanState.PUBLISHED, definition__period=kind).exclude(pk=version.pk)
    rows = rows.select_related("plan").order_by("plan__code", "number")
    replaced = rows.filter(plan=version.plan, during__contains=version.during.lower).first()
    return Before(day, tuple(rows.filter(during__contains=day)), replaced)


def entering_try(
    version: PlanVersion, draft: Plan, period: Any, before: Before, *, now: datetime
) -> tuple[PeriodTrial, list[PlanVersion]]:
    """Try a version on a period for everybody who will be on it, beside what they are on before; gives that, too."""
    standing = plans_of_versions(before.every.values())
    read = trial_facts(period, draft, *standing, pipeline=Pipeline.NONE, now=now)
    sides = _sides(read, version, draft, period, before, standing)
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
    keys = sorted({key for _, left in lines for key in left})
    return found, [before.every[key] for key in keys if key in before.every]


def _sides(
    read: TrialFacts, version: PlanVersion, draft: Plan, period: Any, before: Before, standing: Sequence[Plan]
) -> _Sides:
    key, (start, end) = str(version.pk), period_days(period)
    if "window" in read.inputs.frames:
        start = days_of(read.inputs.frames["window"])[0]
    placed = replace(draft, key=key, start=start, end=end)
    plans = {one.key: one for one in read.plans} | {one.key: replace(one, start=start, end=end) for one in standing}
    facts = _as_before(read.facts, version, (start, end), before)
    old = compute(facts, list(plans.values()))
    known = set(old.findings)
    new = try_plans(entered(facts, version, (start, end), key), old, [*plans.values(), placed])
    return _Sides(
        key=key,
        period_key=period.key,
        plans=plans | {key: placed},
        old=_Paid.of(old, period),
        new=_Paid.of(new, period),
        findings=tuple(one for one in new.findings if one not in known),
    )


def _as_before(facts: Facts, version: PlanVersion, days: tuple[int, int], before: Before) -> Facts:
    """The facts with people on what stands before the version, on all days."""
    held = frame_of(assignments_csv(before.versions, before.day, before.day + timedelta(days=1)))
    facts = replace(facts, assignments=held.assign(from_on=days[0], until_on=days[1]))
    return facts if before.replaced is None else entered(facts, version, days, str(before.replaced.pk))


def _assigned(version: PlanVersion) -> Any:
    return PlanAssignment.objects.filter(plan=version.plan, during__overlap=version.during)


def entered(facts: Facts, version: PlanVersion, days: tuple[int, int], key: str) -> Facts:
    """Give the facts with everybody who is on the plan in the version's days; what put the same ones on other plans has ended."""
    assigned = _assigned(version)
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
