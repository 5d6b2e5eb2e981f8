"""What capacity plans rest on: who holds which title when, how far each title reached its quota, who left, what quotas were."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median, stdev
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from planning.engine.capacity import Group
from planning.engine.prorating import month_in_role
from planning.engine.staffing import MONTHS
from planning.models import CapacityHire, CapacityPlan
from spm.core.periods import months_from

ATTAINED = "incentives.selectors.productivity.attained_list"
"""Who knows the past. Named, not imported: planning lies up-stream of pay."""
LOOKS_BACK = 24
"""Months of history that count."""
FEW = 5
"""Below so many samples a figure of history says little."""

_SPANS = """
    select h.participant_id, t.title_id, u.unit_id, lower(h.during * t.during), upper(h.during * t.during),
           min(lower(h.during * t.during)) over (partition by h.participant_id, t.title_id)
    from people_positionholding h
    join people_positiontitle t on t.position_id = h.position_id and t.during && h.during
    left join people_positionunit u on u.position_id = h.position_id
        and u.during @> greatest(lower(h.during * t.during), %(start)s::date)
    where h.is_main and not isempty(h.during * t.during)
    order by 1, 4, 2
"""
_LEFT = "select participant_id, max(upper(during)) from people_employment group by 1 having bool_and(upper(during) is not null)"
_QUOTAS = """
    select t.title_id, sum(q.value)::bigint
    from planning_quota q join planning_period p on p.id = q.period_id
    join people_positiontitle t on t.position_id = q.position_id and t.during @> %(on)s::date
    where q.measure = 'amount' and q.currency = %(currency)s and p.during <@ daterange(%(start)s, %(end)s)
    group by t.title_id, q.position_id, p.calendar_id
    having sum(upper(p.during) - lower(p.during)) >= 360
    order by 1, 2
"""


@dataclass(frozen=True)
class Span:
    """A person in a title: from when until when, at which place (None: none), and since when in the title altogether."""

    person: UUID
    title: UUID
    unit: UUID | None
    start: date
    until: date | None
    since: date


@dataclass(frozen=True)
class Productivity:
    """How far a title reached its quota: periods of people beyond the ramp, their median and standard deviation; None where unknown."""

    samples: int
    people: int
    median: float | None
    deviation: float | None


@dataclass(frozen=True)
class Leaving:
    """Who left the company from a title in how many months of heads; the share that leaves in a month, None without any such month."""

    leavers: int
    months: float

    @property
    def monthly(self) -> float | None:
        """The share that leaves in a month."""
        return min(1.0, self.leavers / self.months) if self.months > 0 else None

    @property
    def whole_months(self) -> int:
        """The months of heads, rounded."""
        return round(self.months)


@dataclass(frozen=True)
class Heads:
    """Heads by place: those whom positions say, and those of the hiring plan."""

    heads: tuple[tuple[UUID | None, Group], ...]
    hires: tuple[tuple[UUID | None, Group], ...]

    @property
    def groups(self) -> tuple[tuple[UUID | None, Group], ...]:
        """All of them."""
        return self.heads + self.hires

    def of(self, title: UUID) -> tuple[int, int]:
        """How many heads of a title there are, and how many are to be hired."""
        there, new = (
            sum(group.heads for _, group in groups if group.role == str(title)) for groups in (self.heads, self.hires)
        )
        return there, new


def spans_list(start: date) -> list[Span]:
    """Give who holds which title when, by main seats; the place is that of the first day from `start` on."""
    return [Span(*row) for row in _rows(_SPANS, {"start": start})]


def productivity_of(spans: Sequence[Span], title: UUID, *, ramp_months: int, on: date) -> Productivity:
    """Give how far people of a title, beyond their ramp when the period began, reached their quota in the 24 months before the day."""
    attained: Callable[..., list[tuple[UUID, date, date, int]]] = import_string(ATTAINED)
    held: dict[UUID, list[Span]] = {}
    for span in spans:
        if span.title == title:
            held.setdefault(span.person, []).append(span)
    found = [
        (person, rate / 10**8)
        for person, first, until, rate in attained(start=months_from(on, -LOOKS_BACK), end=on)
        if any(_holds(span, first, until, ramp_months) for span in held.get(person, ()))
    ]
    rates = [rate for _, rate in found]
    return Productivity(
        len(rates),
        len({person for person, _ in found}),
        median(rates) if rates else None,
        stdev(rates) if len(rates) > 1 else None,
    )


def leaving_of(spans: Sequence[Span], title: UUID, *, on: date) -> Leaving:
    """Give who left from a title in the 24 months before the day."""
    left = dict(_rows(_LEFT, {}))
    first, days, leavers = months_from(on, -LOOKS_BACK), 0, set()
    for span in spans:
        until = min(span.until or on, on)
        if span.title != title or until <= first:
            continue
        days += max(0, (until - max(span.start, first)).days)
        if span.until is not None and span.until <= on and left.get(span.person) == span.until:
            leavers.add(span.person)
    return Leaving(len(leavers), days * 12 / 365.25)


def quota_of_titles(starts_on: date, currency: str) -> dict[UUID, int]:
    """Give by title the median of what its positions had as quota in the whole year before, in minor units of the currency."""
    asked = {"on": starts_on, "currency": currency, "start": months_from(starts_on, -12), "end": starts_on}
    values: dict[UUID, list[int]] = {}
    for title, value in _rows(_QUOTAS, asked):
        values.setdefault(title, []).append(value)
    return {title: round(median(each)) for title, each in values.items()}


def capacity_hire_list(plan: CapacityPlan) -> QuerySet[CapacityHire]:
    """Give the hiring plan by month."""
    rows = CapacityHire.objects.filter(plan=plan).select_related("title", "unit")
    return rows.order_by("starts_on", "title__name", "unit__name", "pk")


def heads_of(spans: Sequence[Span], starts_on: date) -> tuple[tuple[UUID | None, Group], ...]:
    """Give who is in a title on some day of the year. The month in which somebody leaves a title does not count."""
    end, counts = months_from(starts_on, MONTHS), Counter[tuple[UUID | None, str, int, int, int | None]]()
    for span in spans:
        until = None if span.until is None or span.until >= end else _month(starts_on, span.until)
        if span.start >= end or (until is not None and until <= 0):
            continue
        start = max(0, _month(starts_on, span.start))
        before = month_in_role(span.since, months_from(starts_on, start)) - 1
        counts[span.unit, str(span.title), start, max(0, before), until] += 1
    return tuple(
        (unit, Group(title, number, start, before, until))
        for (unit, title, start, before, until), number in counts.items()
    )


def hires_of(plan: CapacityPlan) -> tuple[tuple[UUID | None, Group], ...]:
    """Give the hiring plan as groups by place."""
    rows = capacity_hire_list(plan)
    return tuple(
        (row.unit_id, Group(str(row.title_id), row.heads, _month(plan.starts_on, row.starts_on))) for row in rows
    )


def _month(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def _holds(span: Span, first: date, until: date, ramp_months: int) -> bool:
    """Whether somebody held the title for the whole period, and was beyond the ramp on its first day."""
    is_whole = span.start <= first and (span.until is None or span.until >= until)
    return is_whole and month_in_role(span.since, first) > ramp_months


def _rows(query: str, asked: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return list(cursor.fetchall())
