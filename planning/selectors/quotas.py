"""Quotas as engines and people see them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pandas as pd
from django.db.models import OuterRef, Q, QuerySet, Subquery

from planning.models import Period, Quota, QuotaMeasure, QuotaStep
from spm.audit.selectors import changes, rows_entries
from spm.people.models import Position, PositionHolding
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer
from spm.tenancy.copying import copy_out


@dataclass(frozen=True)
class QuotaCell:
    """One value of the grid; `value` None means that no quota is set, which is not a quota of 0."""

    period_id: UUID
    value: int | None
    currency: str


@dataclass(frozen=True)
class QuotaRow:
    """A position with its holder and its quota per period; `total` counts the set values."""

    position: Position
    holder: str
    cells: tuple[QuotaCell, ...]

    @property
    def total(self) -> int | None:
        """Sum of the values that are set; None where none is."""
        values = [cell.value for cell in self.cells if cell.value is not None]
        return sum(values) if values else None


@dataclass(frozen=True)
class QuotaGrid:
    """Positions down, periods across, with totals per period."""

    periods: tuple[Period, ...]
    rows: tuple[QuotaRow, ...]
    totals: tuple[int, ...]
    missing: int

    @property
    def total(self) -> int:
        """Sum of everything that is set."""
        return sum(self.totals)


_QUOTAS = """
    select q.position_id, q.period_id, p.key as period_key, q.measure, q.value, q.currency
    from planning_quota q join planning_period p on p.id = q.period_id
    where %(keys)s::text[] is null or p.key = any(%(keys)s)
    order by q.position_id, q.period_id, q.measure
"""


def quota_frame(period_keys: Collection[str] | None = None) -> pd.DataFrame:
    """Give all quotas: position_id, period_id, period_key (text), measure, value (int64; money in minor units), currency, is_money.

    `period_keys` keeps those of the periods with these keys.
    """
    keys = None if period_keys is None else sorted(period_keys)
    kinds = {name: "str" for name in ("position_id", "period_id", "period_key", "measure", "currency")}
    content = BytesIO(copy_out(_QUOTAS, {"keys": keys}))
    frame = pd.read_csv(content, dtype={**kinds, "value": "int64"}, keep_default_na=False)
    frame["is_money"] = ~frame["measure"].isin([name for name, is_money in quota_measures().items() if not is_money])
    return frame


def quota_measures() -> dict[str, bool]:
    """Give what a quota may count, and whether that is money."""
    return {one.value: one.is_money for one in QuotaMeasure}


def quota_measure_name(measure: str) -> str:
    """Give how people call what a quota counts; what is not in the table is called as it is."""
    return str(dict(QuotaMeasure.choices).get(measure, measure))


def quota_list(viewer: Viewer) -> QuerySet[Quota]:
    """Give the quotas within reach: of the positions that people in reach hold on the viewer's day."""
    return seats_within_reach(
        viewer, Quota.objects.select_related("position", "period", "period__calendar"), "position_id__in"
    ).order_by("-period__during", "position__name")


def quota_matrix(viewer: Viewer, periods: list[Period], *, measure: str = "amount") -> dict[tuple[UUID, UUID], Quota]:
    """Give the quotas of the periods within reach by (position, period)."""
    rows = Quota.objects.filter(period__in=periods, measure=measure).select_related("period")
    found = seats_within_reach(viewer, rows, "position_id__in")
    return {(quota.position_id, quota.period_id): quota for quota in found}


def quota_grid(viewer: Viewer, *, kind: str, year: int, measure: str = "amount", query: str = "") -> QuotaGrid:
    """Give the grid of a calendar kind and year; positions are those within reach that somebody holds in that year."""
    whole_year = (date(year, 1, 1), date(year + 1, 1, 1))
    periods = list(
        Period.objects.filter(
            calendar__kind=kind, during__overlap=whole_year, during__startswith__lt=whole_year[1]
        ).order_by("during")
    )
    holder = PositionHolding.objects.filter(position=OuterRef("pk"), during__overlap=whole_year).order_by("-during")
    positions = seats_within_reach(
        viewer, Position.objects.annotate(holder=Subquery(holder.values("participant__name")[:1])), "pk__in"
    )
    positions = (
        positions.filter(holder__isnull=False, name__icontains=query)
        if query
        else positions.filter(holder__isnull=False)
    )
    quotas = quota_matrix(viewer, periods, measure=measure)
    rows = tuple(
        QuotaRow(position=seat, holder=seat.holder, cells=_cells(seat, periods, quotas))
        for seat in positions.order_by("name")
    )
    totals = tuple(sum(row.cells[index].value or 0 for row in rows) for index in range(len(periods)))
    missing = sum(cell.value is None for row in rows for cell in row.cells)
    return QuotaGrid(periods=tuple(periods), rows=rows, totals=totals, missing=missing)


@dataclass(frozen=True)
class QuotaEntry:
    """One change of a quota's value."""

    at: datetime
    by_name: str
    quota: Quota
    before: Any
    after: Any


@dataclass(frozen=True)
class QuotaPart:
    """A stretch of days of a period and the quota that holds on them, said for a whole period."""

    start: date
    until: date
    value: int
    reason: str
    by_name: str

    @property
    def days(self) -> int:
        """Give the number of its days."""
        return (self.until - self.start).days


@dataclass(frozen=True)
class QuotaDays:
    """A quota of a position with its parts by days; one part where it never changed within the period."""

    quota: Quota
    parts: tuple[QuotaPart, ...]


def quota_step_list(viewer: Viewer) -> QuerySet[QuotaStep]:
    """Give the steps of quotas within reach, in the order of their days."""
    rows = QuotaStep.objects.select_related("quota__position", "quota__period")
    return seats_within_reach(viewer, rows, "quota__position_id__in").order_by(
        "quota__position__name", "quota_id", "starts_on"
    )


def position_in_reach(viewer: Viewer, position_id: UUID) -> Position:
    """Give a position within reach; raises DoesNotExist."""
    found: Position = seats_within_reach(viewer, Position.objects.all(), "pk__in").get(pk=position_id)
    return found


def quota_days(viewer: Viewer, position: Position, *, kind: str, year: int, measure: str) -> list[QuotaDays]:
    """Give the quotas of a position in a year, each with the days on which its values hold."""
    rows = Quota.objects.filter(
        position=position, measure=measure, period__calendar__kind=kind, period__during__startswith__year=year
    )
    quotas = seats_within_reach(viewer, rows, "position_id__in").select_related("period").order_by("period__during")
    steps: dict[UUID, list[QuotaStep]] = {}
    for step in quota_step_list(viewer).filter(quota__in=quotas):
        steps.setdefault(step.quota_id, []).append(step)
    return [QuotaDays(quota, _parts(quota, steps.get(quota.pk, []))) for quota in quotas]


def _parts(quota: Quota, steps: list[QuotaStep]) -> tuple[QuotaPart, ...]:
    days = quota.period.during
    if not steps:
        return (QuotaPart(days.lower, days.upper, quota.value, "", ""),)
    ends = [one.starts_on for one in steps[1:]] + [days.upper]
    return tuple(
        QuotaPart(one.starts_on, end, one.value, one.reason, one.by_name) for one, end in zip(steps, ends, strict=True)
    )


def quota_history(quotas: Collection[Quota]) -> list[QuotaEntry]:
    """Give every value that these quotas had, latest first: when, who, before and after; None is no quota."""
    keys = {str(quota.pk): quota for quota in quotas}
    found = []
    for entry in rows_entries(Quota._meta.db_table, keys):
        for name, before, after in changes(entry):
            if name == "value":
                found.append(QuotaEntry(entry.at, entry.actor, keys[entry.row_id], before, after))
    return found


def _cells(seat: Position, periods: list[Period], quotas: dict[tuple[UUID, UUID], Quota]) -> tuple[QuotaCell, ...]:
    found = [(period.id, quotas.get((seat.id, period.id))) for period in periods]
    return tuple(
        QuotaCell(period_id, quota.value if quota else None, quota.currency if quota else "")
        for period_id, quota in found
    )


def seats_within_reach(viewer: Viewer, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Keep the rows of positions that people within reach hold on the viewer's day; `path` leads to the position."""
    if viewer.reach is Reach.ALL:
        return rows
    return rows.filter(**{path: _held(viewer, during__contains=viewer.on).values("position_id")})


def seats_reached_on(viewer: Viewer, days: Any) -> QuerySet[Any]:
    """Keep the positions that people within reach hold, today or on the days, and nobody beyond reach holds on any of the days.

    They are those whose terms and quotas of the days the viewer writes.
    """
    rows = Position.objects.all()
    if viewer.reach is Reach.ALL:
        return rows
    own = [_held(viewer, during__contains=viewer.on), _held(viewer, during__overlap=days)]
    others = PositionHolding.objects.filter(during__overlap=days).exclude(participant__in=viewer.participant_ids)
    kept = Q(*(Q(pk__in=one.values("position_id")) for one in own), _connector=Q.OR)
    return rows.filter(kept).exclude(pk__in=others.values("position_id"))


def quotas_writable(
    viewer: Viewer, position_ids: Collection[UUID], periods: Iterable[Period]
) -> set[tuple[UUID, UUID]]:
    """Give by (position, period) whose quotas the viewer may write: of those who hold the position in the period."""
    writer = viewer.acting("quota.edit")
    if not viewer.can("quota.edit"):
        return set()
    if writer.reach is Reach.ALL:
        return {(seat, period.pk) for seat in position_ids for period in periods}
    rows = ((period.pk, seats_reached_on(writer, period.during).filter(pk__in=position_ids)) for period in periods)
    return {(seat, period) for period, seats in rows for seat in seats.values_list("pk", flat=True)}


def _held(viewer: Viewer, **days: Any) -> QuerySet[PositionHolding]:
    return PositionHolding.objects.filter(participant__in=viewer.participant_ids, **days)
