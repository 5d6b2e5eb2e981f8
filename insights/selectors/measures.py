"""Sums of measures by period and group within reach, and the rows behind them: one query per kind of rows, in the company's currency."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from incentives.selectors.attained import Attained, attained_rows
from insights.engine.kpis import BASES, MEASURES, Base, Sum, added
from insights.selectors.measure_groups import LACKING, Group, Groups, Kept, joins
from insights.selectors.measure_rows import COLUMNS, IN_WINDOW, QUERIES, USUALLY, now
from spm.core.money import round_half_away
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Window:
    """A period of planning as figures ask it, half-open; a month without an id where the company has no periods."""

    period_id: UUID | None
    key: str
    start_on: date
    end_on: date

    @property
    def last_on(self) -> date:
        """The last day of it."""
        return self.end_on - timedelta(days=1)


@dataclass(frozen=True)
class MeasuresAsked:
    """Which measures, in which windows, told by what (None: all in one); `kept` keeps the rows of groups, all of them where it is empty."""

    measures: tuple[str, ...]
    windows: tuple[Window, ...]
    group: Group | None
    kept: tuple[Kept, ...] = ()

    @property
    def bases(self) -> tuple[Base, ...]:
        """The kinds of rows that are read, in their order."""
        wanted = {MEASURES[key].base for key in self.measures}
        return tuple(base for base in Base if base in wanted)

    def lacks(self, base: Base) -> str:
        """Tell why rows of a base can't be kept so, and statements not told so; "" where they can."""
        of_people = base is Base.STATEMENT
        kept = [one.group for one in self.kept if of_people or "" not in one.keys]
        told = [self.group] if of_people and self.group else []
        reasons = LACKING.get(base, {})
        return next((reasons[group] for group in (*kept, *told) if group in reasons), "")


@dataclass(frozen=True)
class MeasureSums:
    """Sums by (window, group key) and measure. `unknown` gives the reason of a measure in a window of which nothing is known."""

    windows: tuple[Window, ...]
    sums: dict[tuple[int, str], dict[str, Sum]]
    unknown: dict[tuple[int, str], str]

    @property
    def groups(self) -> list[str]:
        """The keys of all groups that have a row."""
        return sorted({group for _, group in self.sums})

    def of(self, window: int, groups: Iterable[str], measure: str) -> Sum:
        """What some groups add up to in a window."""
        return added(self.sums.get((window, group), {}).get(measure, Sum()) for group in groups)


@dataclass(frozen=True)
class MeasureRow:
    """A row behind a figure: what it is, whose, when, and what it adds to each measure (None: it says nothing about it)."""

    row_id: UUID
    kind: str
    key: str
    name: str
    owner_id: UUID | None
    on_day: date
    adds: dict[str, int | None]


_REACHED = "(%(reach)s::uuid[] is null or r.owner_id = any(%(reach)s::uuid[]))"


def measure_sums(viewer: Viewer, asked: MeasuresAsked) -> MeasureSums:
    """Sum the measures asked by window and group, all in one as the group ""; units and segments are those of the viewer's day."""
    sums: dict[tuple[int, str], dict[str, Sum]] = {}
    groups = Groups(viewer)
    told = [
        *_query_sums(viewer, asked, groups),
        *(_statement_sums(viewer, asked, groups) if Base.STATEMENT in asked.bases else ()),
    ]
    for window, group, found in told:
        sums.setdefault((window, group), {}).update(found)
    placing = groups.placing(asked.group)
    if placing is not None:
        sums = _placed(sums, placing)
    return MeasureSums(asked.windows, sums, _unknown(viewer, asked))


def _placed(
    sums: dict[tuple[int, str], dict[str, Sum]], group_of: dict[str, str]
) -> dict[tuple[int, str], dict[str, Sum]]:
    found: dict[tuple[int, str], dict[str, Sum]] = {}
    for (window, key_of), measures in sums.items():
        kept = found.setdefault((window, group_of.get(key_of, "")), {})
        for key, one in measures.items():
            kept[key] = added([kept.get(key, Sum()), one])
    return found


def _query_sums(viewer: Viewer, asked: MeasuresAsked, groups: Groups) -> Iterable[tuple[int, str, dict[str, Sum]]]:
    """The sums of all bases of facts, in one query."""
    bases = [base for base in asked.bases if base is not Base.STATEMENT]
    if not bases:
        return
    parameters, parts = _parameters(viewer, asked), []
    for base in bases:
        kept, more = groups.condition(asked.kept, base)
        parts.append(_sums_of(asked, base, groups.told(asked.group, base), kept))
        parameters |= more
    for base, place, group, rows, totals, missing in _fetched(" union all ".join(parts), parameters):
        found = zip(_of(Base(base), asked.measures), totals, missing, strict=True)
        yield place, group, {key: Sum(int(total or 0), rows, left_out) for key, total, left_out in found}


def _sums_of(asked: MeasuresAsked, base: Base, told_by: str, kept: str) -> str:
    columns = _of(base, asked.measures)
    totals = ", ".join(f"sum(r.{key})" for key in columns)
    missing = ", ".join(f"count(*) filter (where r.{key} is null)" for key in columns)
    return f"""(select '{base}', w.place, {told_by}, count(*), array[{totals}]::numeric[], array[{missing}]
        {_from(asked, base)} where {_REACHED}{kept} group by 2, 3)"""


def _from(asked: MeasuresAsked, base: Base) -> str:
    windows = f"join {_windows(asked)} on {IN_WINDOW.get(base, USUALLY)}"
    return f"from ({QUERIES[base]}) r {windows} {joins(asked.group, asked.kept, base)}"


def _windows(asked: MeasuresAsked) -> str:
    return "unnest(%(places)s::int[], %(starts)s::date[], %(untils)s::date[]) as w(place, start_on, until_on)"


def _parameters(viewer: Viewer, asked: MeasuresAsked) -> dict[str, Any]:
    tomorrow = viewer.on + timedelta(days=1)
    return {
        "places": list(range(len(asked.windows))),
        "starts": [one.start_on for one in asked.windows],
        "untils": [min(one.end_on, tomorrow) for one in asked.windows],
        "currency": viewer.organisation.currency,
        "reach": None if viewer.reach is Reach.ALL else [str(one) for one in viewer.participant_ids],
        "known_at": timezone.now(),
    }


def _fetched(query: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def _statement_sums(viewer: Viewer, asked: MeasuresAsked, groups: Groups) -> Iterable[tuple[int, str, dict[str, Sum]]]:
    """Statements belong to people: they have neither product nor segment."""
    found: dict[tuple[int, str], list[dict[str, int | None]]] = {}
    for place, one in _statements(viewer, asked, groups):
        group = "" if asked.group is None else str(one.participant_id)
        found.setdefault((place, group), []).append(_adds(viewer, asked.windows[place], one))
    for (place, group), rows in found.items():
        keys = COLUMNS[Base.STATEMENT]
        yield (
            place,
            group,
            {
                key: Sum(sum(row[key] or 0 for row in rows), len(rows), sum(row[key] is None for row in rows))
                for key in keys
            },
        )


def _statements(viewer: Viewer, asked: MeasuresAsked, groups: Groups) -> Iterable[tuple[int, Attained]]:
    if asked.lacks(Base.STATEMENT):
        return
    places = {one.period_id: place for place, one in enumerate(asked.windows) if one.period_id}
    for one in attained_rows(viewer, places):
        if groups.has(asked.kept, str(one.participant_id)):
            yield places[one.period_id], one


def _adds(viewer: Viewer, window: Window, one: Attained) -> dict[str, int | None]:
    if one.quota_minor is None or one.currency != viewer.organisation.currency:
        return dict.fromkeys(COLUMNS[Base.STATEMENT])
    days = (window.end_on - window.start_on).days
    passed = min(days, max(0, (viewer.on - window.start_on).days + 1))
    return {
        "credited_amount": one.credit_minor or 0,
        "quota_amount": one.quota_minor,
        "expected_amount": round_half_away(one.quota_minor * passed, days),
    }


def measure_rows(viewer: Viewer, asked: MeasuresAsked, *, limit: int | None = None) -> list[MeasureRow]:
    """Give the rows that the sums of the first window are made of, the latest first."""
    found: list[MeasureRow] = []
    groups = Groups(viewer)
    for base in asked.bases:
        found += (
            _statement_rows(viewer, asked, groups)
            if base is Base.STATEMENT
            else _query_rows(viewer, asked, groups, base, limit)
        )
    found.sort(key=lambda row: (-row.on_day.toordinal(), row.key, str(row.row_id)))
    return found if limit is None else found[:limit]


def _query_rows(
    viewer: Viewer, asked: MeasuresAsked, groups: Groups, base: Base, limit: int | None
) -> list[MeasureRow]:
    columns = _of(base, asked.measures)
    kept, parameters = groups.condition(asked.kept, base)
    query = f"""select r.row_id, r.kind, r.row_key, r.row_name, r.owner_id, r.on_day, {", ".join(f"r.{key}" for key in columns)}
        {_from(asked, base)}
        where w.place = 0 and {_REACHED}{kept} order by r.on_day desc, r.row_key{" limit %(limit)s" if limit else ""}"""
    rows = _fetched(query, _parameters(viewer, asked) | parameters | {"limit": limit})
    return [
        MeasureRow(key, kind, code, name, owner, day, dict(zip(columns, adds, strict=True)))
        for key, kind, code, name, owner, day, *adds in rows
    ]


def _statement_rows(viewer: Viewer, asked: MeasuresAsked, groups: Groups) -> list[MeasureRow]:
    return [
        MeasureRow(
            one.statement_id,
            "statement",
            asked.windows[0].key,
            one.plan_name,
            one.participant_id,
            asked.windows[0].start_on,
            {key: value for key, value in _adds(viewer, asked.windows[0], one).items() if key in asked.measures},
        )
        for place, one in _statements(viewer, asked, groups)
        if place == 0
    ]


_FIRST = {
    Base.DEAL: f"select min(v.close_on) from crm_opportunityversion v where {now('v')} and v.status in ('won', 'lost')",
    Base.OPEN: f"select min(v.created_on) from crm_opportunityversion v where {now('v')}",
    Base.LINE: f"select min(v.ordered_on) from crm_orderversion v where {now('v')} and exists (select 1 from crm_orderline)",
    Base.ACTIVITY: f"select min(v.happened_on) from crm_activityversion v where {now('v')}",
    Base.CONTRACT: f"select min(v.ends_on) from crm_contractversion v where {now('v')}",
    Base.RAMP: f"select min(v.close_on) from crm_opportunityversion v where {now('v')} and v.status = 'won'",
}


def _unknown(viewer: Viewer, asked: MeasuresAsked) -> dict[tuple[int, str], str]:
    """Measures of windows that end before the company's first fact of the kind, with the reason: there a 0 would be a guess."""
    bases = [base for base in asked.bases if base in _FIRST]
    first: dict[Base, Any] = {}
    if bases:
        row = _fetched(f"select {', '.join(f'({_FIRST[base]})' for base in bases)}", {})[0]
        first = dict(zip(bases, row, strict=True))
    return {
        (place, key): BASES[base][1]
        for place, window in enumerate(asked.windows)
        for base in bases
        if first[base] is None or first[base] >= min(window.end_on, viewer.on + timedelta(days=1))
        for key in _of(base, asked.measures)
    } | _lacking(asked)


def _lacking(asked: MeasuresAsked) -> dict[tuple[int, str], str]:
    """Measures of rows that say nothing of what is kept: there a 0 would be false."""
    return {
        (place, key): reason
        for base in asked.bases
        if (reason := asked.lacks(base))
        for place in range(len(asked.windows))
        for key in _of(base, asked.measures)
    }


def _of(base: Base, measures: Collection[str]) -> Sequence[str]:
    return [key for key in COLUMNS[base] if key in measures]
