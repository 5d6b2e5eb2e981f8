"""How wrong forecasts were that were made: what was locked and stored beside what was won, as known today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Min, Q

from insights.engine.forecast_record import (
    HORIZONS,
    MODELS,
    Line,
    Method,
    Said,
    best_model,
    records,
    stood_on,
)
from insights.engine.rollup import CALLED, CLOSED, COMMIT, NOBODY, Amounts, Tree, called, roll_up, shown
from insights.models import Forecast, ForecastSnapshot
from insights.selectors.deals import units_of_owners
from insights.selectors.snapshots import LockedLine
from planning.selectors import period_list
from spm.core.periods import PER_YEAR, CalendarKind
from spm.crm.models import OpportunityVersion
from spm.people.models import Participant, Unit
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer

PERIODS = 8
"""Past periods that a record looks at."""
COMPANY = "company"


@dataclass(frozen=True)
class RecordLine:
    """The record of the company, a unit or a person, by method and horizon."""

    kind: str
    subject_id: UUID | None
    name: str
    line: Line


@dataclass(frozen=True)
class _Past:
    """An ended period: what everybody won in it, and in the period a year before (None: that is not known)."""

    period: Any
    won: Mapping[str, int]
    year_before: Mapping[str, int] | None


def forecast_record(viewer: Viewer) -> list[RecordLine]:
    """Give the record within reach: the company and units (not for who sees only themself), then people by name."""
    past = _past(viewer)
    said = [*_of_people(past), *_of_models(past)]
    lines = [one for one in records(said) if _is_within(viewer, one.subject)]
    keys = {kind: [UUID(key) for kind_of, key in map(_parted, lines) if kind_of == kind] for kind in ("unit", "person")}
    named = [("person", Participant), ("unit", Unit)]
    names = {(kind, key): name for kind, model in named for key, name in _names(model, keys[kind])}
    found = [_told(one, names) for one in lines]
    order = {COMPANY: 0, "unit": 1, "person": 2}
    return sorted(
        found, key=lambda one: (order[one.kind], one.name, str(one.subject_id), one.line.horizon, list(Method).index(one.line.method))
    )  # fmt: skip


def models_chosen(viewer: Viewer, *, days_left: int) -> dict[UUID | None, Line]:
    """Give by unit (None: the company) the model that the record nearest to the days left chose, with that record."""
    horizon = max((one for one in HORIZONS if one <= days_left), default=min(HORIZONS))
    subjects: dict[UUID | None, list[Line]] = {}
    for line in records(_of_models(_past(viewer))):
        if line.horizon == horizon:
            _kind, key = _parted(line)
            subjects.setdefault(UUID(key) if key else None, []).append(line)
    found = {subject: best_model(lines) for subject, lines in subjects.items()}
    return {subject: line for subject, line in found.items() if line is not None}


def _parted(line: Line) -> tuple[str, str]:
    kind, _, key = line.subject.partition(":")
    return kind, key


def _names(model: Any, keys: Sequence[UUID]) -> list[tuple[str, str]]:
    return (
        [(str(key), name) for key, name in model.objects.filter(pk__in=keys).values_list("pk", "name")] if keys else []
    )


def _told(line: Line, names: Mapping[tuple[str, str], str]) -> RecordLine:
    kind, key = _parted(line)
    return RecordLine(kind, UUID(key) if key else None, names.get((kind, key), ""), line)


def _is_within(viewer: Viewer, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    if kind != "person":
        return viewer.reach is not Reach.SELF
    return viewer.reach is Reach.ALL or UUID(key) in viewer.participant_ids


def _past(viewer: Viewer) -> list[_Past]:
    """The ended periods that have forecasts, the latest first."""
    of_one = Q(pk__in=ForecastSnapshot.objects.values("period")) | Q(pk__in=Forecast.objects.values("period"))
    ended = list(period_list().filter(of_one, during__endswith__lte=viewer.on)[:PERIODS])
    alike: dict[Any, list[Any]] = {}
    for one in period_list().filter(calendar__in={each.calendar_id for each in ended}).order_by("during"):
        alike.setdefault(one.calendar_id, []).append(one)
    versions: Any = OpportunityVersion
    decided = versions.objects.current().filter(status__in=["won", "lost"])
    first = decided.aggregate(first=Min("close_on"))["first"]
    before = {one.pk: _before(one, alike[one.calendar_id], first) for one in ended}
    won = _won(viewer, [*ended, *(one for one in before.values() if one is not None)])
    return [_Past(one, won[one.pk], None if (year := before[one.pk]) is None else won[year.pk]) for one in ended]


def _before(period: Any, alike: Sequence[Any], first: date | None) -> Any:
    """The period a year before, where all of it is known."""
    place = alike.index(period) - PER_YEAR[CalendarKind(period.calendar.kind)]
    before = alike[place] if place >= 0 else None
    return None if before is None or first is None or first > before.during.lower else before


_WON = """
    select w.period_id, v.owner_id, coalesce(sum(v.amount_minor), 0)::bigint
    from unnest(%(periods)s::uuid[], %(starts)s::date[], %(untils)s::date[]) as w(period_id, start_on, until_on)
    join crm_opportunityversion v on v.close_on >= w.start_on and v.close_on < w.until_on
    where v.known_until is null and not v.is_withdrawn and v.status = 'won' and v.currency in ('', %(currency)s)
    group by 1, 2
"""


def _won(viewer: Viewer, periods: Sequence[Any]) -> dict[UUID, dict[str, int]]:
    """What everybody won in each period as known today, in the company's currency; deals without an amount add nothing."""
    found: dict[UUID, dict[str, int]] = {one.pk: {} for one in periods}
    spans = {one.pk: one.during for one in periods}
    asked: dict[str, Any] = {"currency": viewer.organisation.currency, "periods": [str(key) for key in spans]}
    asked |= {"starts": [one.lower for one in spans.values()], "untils": [one.upper for one in spans.values()]}
    with connection.cursor() as cursor:
        cursor.execute(_WON, asked)
        for period, owner, total in cursor.fetchall():
            found[period][str(owner or NOBODY)] = total
    return found


def _of_people(past: Sequence[_Past]) -> Iterator[Said]:
    """What was locked: of everybody, and of the company as those at its top."""
    days = _days(past, ForecastSnapshot, "day")
    chosen = {(one.period.pk, day): None for one, _horizon, day in days}
    rows: dict[Any, list[Any]] = {}
    wanted = ForecastSnapshot.objects.filter(period__in={key for key, _ in chosen}, day__in={day for _, day in chosen})
    for row in wanted:
        rows.setdefault((row.period_id, row.day), []).append(row)
    for one, horizon, day in days:
        yield from _of_locked(one, horizon, rows[one.period.pk, day])


def _of_locked(one: _Past, horizon: int, rows: Sequence[Any]) -> Iterator[Said]:
    people = [row for row in rows if row.participant_id]
    above = {str(row.participant_id): str(row.manager_id) if row.manager_id else None for row in people}
    won, before = (None if each is None else _tree(each, above) for each in (one.won, one.year_before))
    force = {name: _in_force(people, name) for name in CALLED}
    for row in people:
        key = str(row.participant_id)
        said = {
            Method.SUBMISSION: force[COMMIT].get(key),
            Method.COMMIT: shown(row.team, cumulative=True)[COMMIT],
            Method.SHARED: row.model_minor,
        }
        yield from _each(f"person:{key}", horizon, said, _team(won, key), _team(before, key))
    if won is not None:
        amount, given = called(won, force[COMMIT])
        deals = sum(shown(row.own, cumulative=True)[COMMIT] for row in rows)
        said = {Method.SUBMISSION: amount if given else None, Method.COMMIT: deals}
        yield from _each(
            COMPANY, horizon, said, won.whole[CLOSED], None if before is None else before.whole[CLOSED], naive=False
        )


def _in_force(people: Sequence[Any], name: str) -> dict[str, int]:
    held = {str(row.participant_id): LockedLine(row, "", "").in_force(name) for row in people}
    return {key: amount for key, amount in held.items() if amount is not None}


def _each(
    subject: str, horizon: int, said: Mapping[Method, int | None], actual: int | None, before: int | None, *, naive: bool = True
) -> Iterator[Said]:  # fmt: skip
    if naive:
        said = {**said, Method.SEASONAL_NAIVE: before}
    for method, amount in said.items():
        yield Said(subject, method, horizon, amount, actual, before)


def _tree(won: Mapping[str, int], above: Mapping[str, str | None]) -> Tree:
    own: dict[str, Amounts] = {}
    for owner, amount in won.items():
        kept = own.setdefault(owner if owner in above else NOBODY, {CLOSED: 0})
        kept[CLOSED] += amount
    return roll_up(own, above, {})


def _team(tree: Tree | None, key: str) -> int | None:
    return None if tree is None else tree.nodes[key].team[CLOSED]


def _of_models(past: Sequence[_Past]) -> Iterator[Said]:
    """What the models said of the company and of units, whose people are those of that day."""
    days = _days(past, Forecast, "made_on")
    units = units_of_owners({day for _one, _horizon, day in days})
    rows: dict[Any, list[Forecast]] = {}
    for row in Forecast.objects.filter(
        period__in={one.period.pk for one, _horizon, _day in days}, made_on__in={day for _one, _horizon, day in days}
    ):
        rows.setdefault((row.period_id, row.made_on), []).append(row)
    for one, horizon, day in days:
        sums = [None if each is None else _by_unit(each, units[day]) for each in (one.won, one.year_before)]
        for subject, said in _by_subject(rows[one.period.pk, day]).items():
            actual, before = (None if each is None else each.get(subject, 0) for each in sums)
            yield from _each(subject, horizon, said, actual, before)


def _by_subject(rows: Sequence[Forecast]) -> dict[str, dict[Method, int | None]]:
    found: dict[str, dict[Method, int | None]] = {}
    for row in rows:
        if row.model in MODELS and row.model != Method.SEASONAL_NAIVE:
            subject = COMPANY if row.unit_id is None else f"unit:{row.unit_id}"
            found.setdefault(subject, {})[Method(row.model)] = row.amount_minor
    return found


def _by_unit(won: Mapping[str, int], units: Mapping[str, str]) -> dict[str, int]:
    found = {COMPANY: sum(won.values())}
    for owner, amount in won.items():
        if owner in units:
            found[f"unit:{units[owner]}"] = found.get(f"unit:{units[owner]}", 0) + amount
    return found


def _days(past: Sequence[_Past], model: Any, name: str) -> list[tuple[_Past, int, date]]:
    """The day on which a forecast stood last, of each period and horizon that has one."""
    rows = model.objects.filter(period__in=[one.period.pk for one in past]).order_by()
    known: dict[Any, set[date]] = {}
    for period, day in rows.values_list("period", name).distinct():
        known.setdefault(period, set()).add(day)
    found = [
        (one, horizon, stood_on(known.get(one.period.pk, ()), one.period.during.upper, horizon))
        for one in past
        for horizon in HORIZONS
    ]
    return [(one, horizon, day) for one, horizon, day in found if day is not None]
