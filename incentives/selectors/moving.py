"""What putting somebody on a plan would do, before it is done: who comes to it from which plan, and which periods are calculated again.

Who is paid by what is asked of the engine, so that it is what a run would find. Reads and computes; writes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pandas as pd
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from incentives.engine.assigning import seat
from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan as CompiledPlan
from incentives.models import BooksState, PeriodStep, Plan, PlanAssignment, PlanState, PlanVersion, Run
from incentives.selectors.facts import assignments_csv, frame_of, plans_of_versions
from incentives.selectors.plans import live_version, version_list
from planning.selectors import period_containing, period_list
from spm.core.dated import day_number, day_of
from spm.people.models import Participant
from spm.people.seat_frames import reporting_csv, seats_csv
from spm.roles.policy import Viewer, require


@dataclass(frozen=True)
class Wish:
    """Who is to be put on which plan: a `target` (title, position or participant) for the days [start, until).

    Raises ValidationError where the days are empty.
    """

    plan: Plan
    target: str
    target_id: UUID
    start: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.start:
            raise ValidationError({"until": "The end lies before the first day. Choose an end after the start."})


@dataclass(frozen=True)
class Move:
    """Days [start, until) on which a person is paid otherwise: by which plan before, empty for none; `competes` where by none after.

    Where by none before, `ended` is the plan that pays them on the day before the first.
    """

    person: str
    before: str
    start: date
    until: date
    competes: bool
    ended: str = ""


@dataclass(frozen=True)
class Again:
    """A period that the next run calculates again: whether it was calculated, and where its books stand."""

    key: str
    is_calculated: bool
    books: str
    is_shut: bool


@dataclass(frozen=True)
class Moving:
    """Everything that an assignment would do. `unmoved` are people whom it names and whom a more specific assignment keeps elsewhere."""

    moves: tuple[Move, ...]
    unmoved: tuple[str, ...]
    periods: tuple[Again, ...]
    is_published: bool
    ends: tuple[PlanAssignment, ...] = ()
    """Assignments of the same title, position or person to other plans, which end on the first day: two at once would pay nothing."""

    @property
    def groups(self) -> list[tuple[Move, tuple[str, ...]]]:
        """Give the moves that differ in the person only as one, with the people."""
        found: dict[Move, list[str]] = {}
        for move in self.moves:
            found.setdefault(replace(move, person=""), []).append(move.person)
        return [(move, tuple(people)) for move, people in found.items()]

    @property
    def shut(self) -> tuple[Again, ...]:
        """Give the periods whose books are shut: paid already, or about to be."""
        return tuple(each for each in self.periods if each.is_shut)


Stretch = tuple[int, int, int]
"""The place of a plan, and its days."""


def moving_preview(viewer: Viewer, wish: Wish) -> Moving:
    """Give what the assignment would do. A plan that was never published counts as its draft says."""
    require(viewer, "plan.edit")
    versions, is_published = _versions(wish)
    plans = plans_of_versions(versions)
    start, until = _days(wish, plans)
    ends = assignments_ending(wish, assignments_of(wish.target, [wish.target_id]))
    if start >= until:
        return Moving((), (), (), is_published, ends)
    facts = _facts(versions, day_of(start), day_of(until))
    before = _paid(facts, plans)
    after = _paid(_with(facts, wish, versions, (start, until), ends=bool(ends)), plans)
    names = {str(key): name for key, name in Participant.objects.values_list("id", "name")}
    titles = {place: version.plan.name for place, version in enumerate(versions)}
    moves = _moves(before, after, names, titles, _published_until(wish, day_of(until)))
    named = {names[person] for person in _named(facts.positions, wish)}
    kinds = {str(version.definition.get("period")) for version in versions if _is_touched(version, wish, moves)}
    unmoved = sorted(named - {move.person for move in moves})
    return Moving(
        tuple(moves),
        tuple(unmoved),
        periods_again(viewer, kinds, [(each.start, each.until) for each in moves]),
        is_published,
        ends,
    )


def assignments_of(target: str, ids: Collection[UUID]) -> QuerySet[PlanAssignment]:
    """Give the assignments of titles, positions or people to any plan, the earliest first."""
    rows = PlanAssignment.objects.filter(**{f"{target}__in": ids})
    return rows.select_related("plan").order_by("during", "plan__name")


def assignments_in_the_way(wish: Wish, present: Iterable[PlanAssignment]) -> tuple[PlanAssignment, ...]:
    """Give which of the `present` assignments of the one who moves are not put right by their end on the first day.

    These begin after the first day, or go on after the last, or are to the same plan: what is meant by them must be said.
    """
    return tuple(each for each in assignments_meeting(wish, present) if not _gives_way(each, wish))


def assignments_ending(wish: Wish, present: Iterable[PlanAssignment]) -> tuple[PlanAssignment, ...]:
    """Give which of the `present` assignments to other plans end on the first day; none where one stands in the way."""
    met = assignments_meeting(wish, present)
    return tuple(met) if all(_gives_way(each, wish) for each in met) else ()


def assignments_meeting(wish: Wish, present: Iterable[PlanAssignment]) -> list[PlanAssignment]:
    """Give which of the `present` assignments hold on some of the days."""
    return [
        each
        for each in present
        if (wish.until is None or each.during.lower < wish.until)
        and (each.during.upper is None or each.during.upper > wish.start)
    ]


def _gives_way(other: PlanAssignment, wish: Wish) -> bool:
    ends_inside = wish.until is None or (other.during.upper is not None and other.during.upper <= wish.until)
    return other.plan_id != wish.plan.pk and other.during.lower <= wish.start and ends_inside


def first_day_proposed(viewer: Viewer, plan: Plan) -> date:
    """Give the day from which people are usually put on a plan: the first of the current period, or of the plan where that is later."""
    version = live_version(viewer, plan) or version_list(viewer, plan).first()
    if version is None:
        return viewer.on
    period = period_containing(viewer.on, kind=str(version.definition.get("period")))
    return max(version.during.lower, period.during.lower if period is not None else viewer.on)


def _versions(wish: Wish) -> tuple[list[PlanVersion], bool]:
    """The published versions from the first day on, with the draft of a plan that has none."""
    days = (wish.start, wish.until)
    rows = PlanVersion.objects.filter(during__overlap=days).select_related("plan").order_by("plan__code", "number")
    published = list(rows.filter(state=PlanState.PUBLISHED))
    is_published = any(one.plan_id == wish.plan.pk for one in published)
    draft = None if is_published else rows.filter(plan=wish.plan, state=PlanState.DRAFT).last()
    if draft is not None and compile_plan(draft.definition)[0] is not None:
        published.append(draft)
    return published, is_published


def _days(wish: Wish, plans: Sequence[CompiledPlan]) -> tuple[int, int]:
    """The days that are compared: from the first until the last on which any plan pays."""
    last = max((plan.end for plan in plans), default=day_number(wish.start))
    return day_number(wish.start), last if wish.until is None else min(last, day_number(wish.until))


def _facts(versions: Sequence[PlanVersion], start: date, until: date) -> Facts:
    nothing = pd.DataFrame()
    return Facts(
        deals=nothing,
        periods=nothing,
        positions=frame_of(seats_csv(start=start, end=until)),
        assignments=frame_of(assignments_csv(versions, start, until)),
        reporting=frame_of(reporting_csv(start=start, end=until)),
    )


def _with(facts: Facts, wish: Wish, versions: Sequence[PlanVersion], days: tuple[int, int], *, ends: bool) -> Facts:
    """The facts with the assignment, a row for each version of its plan; where others end, without theirs."""
    own = [str(version.pk) for version in versions if version.plan_id == wish.plan.pk]
    key, target = f"{wish.target}_key", str(wish.target_id)
    present = facts.assignments.to_dict("records")
    kept = [row for row in present if not ends or str(row[key]) != target or row["plan_key"] in own]
    row = {**dict.fromkeys(facts.assignments.columns), "from_on": days[0], "until_on": days[1], key: target}
    frame = pd.DataFrame([*kept, *({**row, "plan_key": each} for each in own)], columns=list(facts.assignments.columns))
    return Facts(facts.deals, facts.positions, frame, facts.periods, facts.reporting)


def _paid(facts: Facts, plans: Sequence[CompiledPlan]) -> dict[str, list[Stretch]]:
    """By person, the stretches of days and the plan that pays them."""
    seats, _ = seat(facts, plans)
    found: dict[str, list[Stretch]] = {}
    columns = (each.tolist() for each in (seats.paid.holding, seats.paid.plan, seats.paid.start, seats.paid.end))
    for holding, plan, start, end in zip(*columns, strict=True):
        found.setdefault(str(seats.participants[seats.participant[holding]]), []).append((plan, start, end))
    return found


def _moves(
    before: Mapping[str, list[Stretch]],
    after: Mapping[str, list[Stretch]],
    names: Mapping[str, str],
    titles: Mapping[int, str],
    paying: Callable[[str, int], str],
) -> list[Move]:
    found = []
    for person in sorted(before.keys() | after.keys(), key=lambda key: (names.get(key, ""), key)):
        for old, new, start, until in _differing(before.get(person, []), after.get(person, [])):
            was = "" if old is None else titles[old]
            ended = "" if was else paying(person, start - 1)
            days = (day_of(start), day_of(until))
            found.append(Move(names.get(person, person), was, *days, competes=new is None, ended=ended))
    return found


def _published_until(wish: Wish, until: date) -> Callable[[str, int], str]:
    """Which plan pays a person on a day from the one before the first on, by what is published; empty for none."""
    since = wish.start - timedelta(days=1)
    rows = PlanVersion.objects.filter(state=PlanState.PUBLISHED, during__overlap=(since, until))
    versions = list(rows.select_related("plan").order_by("plan__code", "number"))
    paid = _paid(_facts(versions, since, until), plans_of_versions(versions))

    def name(person: str, day: int) -> str:
        place = _at(paid.get(person, []), day)
        return "" if place is None else versions[place].plan.name

    return name


def _differing(old: list[Stretch], new: list[Stretch]) -> Iterable[tuple[int | None, int | None, int, int]]:
    """The stretches of days on which another plan pays, neighbours with the same two plans as one."""
    cuts = sorted({day for _, start, end in (*old, *new) for day in (start, end)})
    open_one: tuple[int | None, int | None, int, int] | None = None
    for start, end in zip(cuts, cuts[1:], strict=False):
        was, now = _at(old, start), _at(new, start)
        if was == now:
            continue
        if open_one and open_one[:2] == (was, now) and open_one[3] == start:
            open_one = (was, now, open_one[2], end)
            continue
        if open_one:
            yield open_one
        open_one = (was, now, start, end)
    if open_one:
        yield open_one


def _at(stretches: list[Stretch], day: int) -> int | None:
    return next((plan for plan, start, end in stretches if start <= day < end), None)


def _named(positions: pd.DataFrame, wish: Wish) -> set[str]:
    """The people whom the assignment names, by themselves, by a position or by a title."""
    mine = positions[positions[f"{wish.target}_key"].astype(str) == str(wish.target_id)]
    return {str(key) for key in mine["participant_key"]}


def _is_touched(version: PlanVersion, wish: Wish, moves: Iterable[Move]) -> bool:
    return version.plan_id == wish.plan.pk or version.plan.name in {move.before for move in moves}


def periods_again(viewer: Viewer, kinds: Iterable[str], days: Sequence[tuple[date, date]]) -> tuple[Again, ...]:
    """Give the periods of some kinds that have begun and hold one of the days on which somebody is paid otherwise, earliest first."""
    begun = [one for kind in sorted(kinds) for one in period_list(kind=kind, started_by=viewer.on)]
    hit = [one for one in begun if any(start < one.during.upper and until > one.during.lower for start, until in days)]
    runs = set(Run.objects.filter(period__in=hit).values_list("period_id", flat=True))
    steps = PeriodStep.objects.filter(period__in=hit).order_by("period_id", "number")
    books = {step.period_id: BooksState(step.to_state) for step in steps}
    found = []
    for one in sorted(hit, key=lambda period: (period.during.lower, period.key)):
        state = books.get(one.pk, BooksState.OPEN)
        is_shut = state not in (BooksState.OPEN, BooksState.CALCULATING)
        found.append(Again(one.key, one.pk in runs, str(state.label), is_shut))
    return tuple(found)
