"""Capacity plans and what they come to: the quota that can be carried, the gap, the hires for it, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from planning.engine.capacity import Group, Role, Spread, capacity, hires_by_start, workload_heads
from planning.engine.staffing import MONTHS, Effect, Team, Tweak, effects, tried, tweaked
from planning.models import CapacityPlan, CapacityRole
from planning.selectors.segments import segmented
from planning.selectors.staffing import (
    FEW,
    Heads,
    Leaving,
    Productivity,
    heads_of,
    hires_of,
    leaving_of,
    productivity_of,
    spans_list,
)
from spm.core.findings import Finding, Severity
from spm.core.money import split
from spm.core.periods import months_from
from spm.crm.selectors.accounts import accounts_frame
from spm.people.models import Unit

SEED = 1
"""Stated beside each range, so that it can be made again."""
RATE = 10**8


@dataclass(frozen=True)
class RoleBasis:
    """A role of the plan with what history says, and the values that count: attainment, and the share that leaves in a month."""

    row: CapacityRole
    history: Productivity
    leaving: Leaving
    heads: int
    hires: int

    @property
    def attainment(self) -> float | None:
        """As stated, else the median of history; None where neither is there."""
        return self.history.median if self.row.attainment_rate is None else self.row.attainment_rate / RATE

    @property
    def hazard(self) -> float | None:
        """The share that leaves in a month: of the stated share of a year, else as history shows."""
        if self.row.attrition_rate is None:
            return self.leaving.monthly
        return float(1 - (1 - self.row.attrition_rate / RATE) ** (1 / 12))

    @property
    def attainment_shown(self) -> int | None:
        """The attainment that counts, at scale 10**8."""
        return None if self.attainment is None else round(self.attainment * RATE)

    @property
    def attrition_shown(self) -> int | None:
        """The share that leaves in a year, at scale 10**8."""
        return None if self.hazard is None else round((1 - (1 - self.hazard) ** 12) * RATE)

    @property
    def is_known(self) -> bool:
        """Whether it can be computed."""
        return self.attainment is not None and self.hazard is not None


@dataclass(frozen=True)
class Carried:
    """What a role or a place can carry, by month in minor units; None where it can't be computed."""

    name: str
    heads: int
    hires: int
    values: tuple[int, ...] | None

    @property
    def total(self) -> int | None:
        """The sum of the months."""
        return None if self.values is None else sum(self.values)


@dataclass(frozen=True)
class Workload:
    """The workload method: calls that the accounts take in a year, and the heads for them."""

    calls: int
    heads: int
    accounts: tuple[tuple[str, int, int], ...]
    """Segment, accounts known now, calls of each."""


@dataclass(frozen=True)
class Line:
    """A month: what can be carried, the range, the target, and what is missing to it (negative: to spare)."""

    month: date
    carried: int
    low: int
    high: int
    target: int

    @property
    def gap(self) -> int:
        """What is missing to the target."""
        return self.target - self.carried


@dataclass(frozen=True)
class Start:
    """A month of the plan, and how many heads starting then would close the year's gap, for each role alone; None where none can."""

    month: date
    heads: tuple[int | None, ...]


class Figures:
    """What a capacity plan comes to with a change. Money is expected values in whole minor units: nobody is paid by them."""

    def __init__(self, plan: CapacityPlan, bases: Sequence[RoleBasis], heads: Heads, tweak: Tweak) -> None:
        self.plan, self.bases, self.tweak, self._heads = plan, tuple(bases), tweak, heads
        self.months = [months_from(plan.starts_on, number) for number in range(MONTHS)]
        weights = plan.season or [1] * MONTHS
        self.target = split(plan.target_minor, weights, list(range(MONTHS)))
        self.known = [each for each in bases if each.is_known]
        self._plain = _team(self.known, heads, weights)
        self.team = tweaked(self._plain, tweak)

    @cached_property
    def roles(self) -> list[Carried]:
        """What each role can carry."""
        values = {key: _whole(row) for key, row in zip(self._names, self._by_role, strict=True)}
        return [
            Carried(each.row.title.name, each.heads, each.hires, values.get(str(each.row.title_id)))
            for each in self.bases
        ]

    @cached_property
    def places(self) -> list[Carried]:
        """What each place can carry, of the roles that can be computed; the largest first."""
        places = {place for place, _ in self._heads.groups}
        units = Unit.objects.filter(pk__in=[place for place in places if place is not None])
        names: dict[UUID | None, str] = dict(units.values_list("pk", "name"))
        found = [self._place(place, names.get(place, "")) for place in places]
        return sorted(found, key=lambda each: (-(each.total or 0), each.name))

    @cached_property
    def spread(self) -> Spread:
        """The range of the year, by simulation."""
        return tried(self.team, np.random.default_rng(SEED), self.plan.target_minor)

    @cached_property
    def effects(self) -> Sequence[Effect]:
        """What each factor does by itself, from the change on."""
        return effects(self.team, lambda: np.random.default_rng(SEED), self.plan.target_minor)

    @property
    def lines(self) -> list[Line]:
        """Month by month, of the roles that can be computed."""
        carried = _whole(self._by_role.sum(axis=0))
        bounds = _whole(self.spread.low), _whole(self.spread.high)
        return [Line(*each) for each in zip(self.months, carried, *bounds, self.target, strict=True)]

    @property
    def carried(self) -> int:
        """What can be carried in the year, of the roles that can be computed."""
        return sum(line.carried for line in self.lines)

    @property
    def is_whole(self) -> bool:
        """Whether every role can be computed; if not, there is no gap to speak of."""
        return bool(self.bases) and len(self.known) == len(self.bases)

    @property
    def gap(self) -> int | None:
        """What is missing to the year's target (negative: to spare); None where a role can't be computed."""
        return self.plan.target_minor - self.carried if self.is_whole else None

    @property
    def missing(self) -> int | None:
        """What is missing or to spare, without its sign."""
        return None if self.gap is None else abs(self.gap)

    @property
    def low(self) -> int:
        """What 9 of 10 trials of the year carry at least."""
        return round(self.spread.p10)

    @property
    def high(self) -> int:
        """What 9 of 10 trials of the year carry at most."""
        return round(self.spread.p90)

    @cached_property
    def starts(self) -> list[Start]:
        """How many heads would close the gap, by the month in which all of them start; empty without a gap."""
        if self.gap is None or self.gap <= 0:
            return []
        columns = [hires_by_start(role, float(self.gap), MONTHS) for role in self.team.roles]
        return [
            Start(month, tuple(heads)) for month, heads in zip(self.months, zip(*columns, strict=True), strict=True)
        ]

    @cached_property
    def workload(self) -> Workload | None:
        """The workload method beside it; None where the plan does not say calls."""
        calls, each = self.plan.calls, self.plan.calls_per_head
        if not calls or not each:
            return None
        segments = segmented(accounts_frame(), self.plan.starts_on)["segment"].str.casefold().value_counts()
        classes = {name: (int(segments.get(name.casefold(), 0)), int(number)) for name, number in calls.items()}
        return Workload(*workload_heads(classes, each), tuple((name, *pair) for name, pair in classes.items()))

    @property
    def findings(self) -> list[Finding]:
        """What can't be computed, and what says little."""
        if not self.bases:
            fix = "Add a role, or set quotas for the positions of a title."
            return [
                Finding("CAPACITY_NO_ROLE", self.plan.name, "No title has a role here.", "Nothing is carried.", fix)
            ]
        return [finding for each in self.bases for finding in _findings(each)]

    @property
    def _names(self) -> list[str]:
        return [role.name for role in self.team.roles]

    @cached_property
    def _by_role(self) -> np.ndarray:
        return capacity(self.team.roles, self.team.groups, MONTHS)

    def _place(self, place: UUID | None, name: str) -> Carried:
        heads = [group for at, group in self._heads.heads if at == place]
        hires = [group for at, group in self._heads.hires if at == place]
        part = tweaked(
            Team(self._plain.roles, self._of_known(heads), self._of_known(hires), self._plain.deviations), self.tweak
        )
        values = _whole(capacity(part.roles, part.groups, MONTHS).sum(axis=0)) if part.roles else None
        return Carried(name, sum(each.heads for each in heads), sum(each.heads for each in hires), values)

    def _of_known(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        return tuple(group for group in groups if group.role in self._names)


def capacity_plan_list() -> QuerySet[CapacityPlan]:
    """Give the plans, the latest year first."""
    return CapacityPlan.objects.order_by("-starts_on", "name")


def capacity_role_list(plan: CapacityPlan) -> QuerySet[CapacityRole]:
    """Give the roles of a plan by name."""
    return CapacityRole.objects.filter(plan=plan).select_related("title").order_by("title__name", "pk")


def capacity_figures(plan: CapacityPlan, *, on: date, tweak: Tweak | None = None) -> Figures:
    """Work a plan out with the heads of positions, the hiring plan, and history before the day."""
    spans = spans_list(plan.starts_on)
    heads = Heads(heads_of(spans, plan.starts_on), hires_of(plan))
    bases = [
        RoleBasis(
            row,
            productivity_of(spans, row.title_id, ramp_months=len(row.ramp), on=on),
            leaving_of(spans, row.title_id, on=on),
            *heads.of(row.title_id),
        )
        for row in capacity_role_list(plan)
    ]
    titles = {str(each.row.title_id) for each in bases}
    of_roles = Heads(*(tuple(each for each in side if each[1].role in titles) for side in (heads.heads, heads.hires)))
    return Figures(plan, bases, of_roles, tweak or Tweak())


def _team(bases: Sequence[RoleBasis], heads: Heads, weights: Sequence[int]) -> Team:
    names = {str(each.row.title_id) for each in bases}
    roles = tuple(
        Role(
            str(each.row.title_id),
            tuple(split(each.row.quota_minor, weights, list(range(MONTHS)))),
            tuple(percent / 100 for percent in each.row.ramp),
            each.attainment or 0.0,
            each.row.availability_rate / RATE,
            each.hazard or 0.0,
        )
        for each in bases
    )
    there, new = (tuple(group for _, group in side if group.role in names) for side in (heads.heads, heads.hires))
    return Team(roles, there, new, {str(each.row.title_id): each.history.deviation or 0.0 for each in bases})


def _findings(basis: RoleBasis) -> list[Finding]:
    name, found = basis.row.title.name, []
    if basis.attainment is None:
        what = "Nobody of this title has a statement against a quota in the last 24 months, beyond the ramp."
        fix = "Say on the role how far a full head reaches the quota."
        found.append(Finding("CAPACITY_ATTAINMENT_UNKNOWN", name, what, "What it carries is not known.", fix))
    elif basis.row.attainment_rate is None and basis.history.samples < FEW:
        what = f"Its attainment rests on {basis.history.samples} statements."
        fix = "Say the attainment on the role, if you know better."
        found.append(Finding("CAPACITY_FEW", name, what, "So few say little.", fix, Severity.WARNING))
    if basis.hazard is None:
        what = "Nobody held this title in the last 24 months."
        fix = "Say on the role which share leaves in a year."
        found.append(Finding("CAPACITY_ATTRITION_UNKNOWN", name, what, "Who leaves is not known.", fix))
    if basis.attainment is not None and basis.history.deviation is None:
        what = "History does not show how far attainment varies."
        why = "The range counts only who leaves, and is too narrow."
        found.append(Finding("CAPACITY_SPREAD_UNKNOWN", name, what, why, "Read it with care.", Severity.WARNING))
    return found


def _whole(values: np.ndarray | Sequence[float]) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in values)
