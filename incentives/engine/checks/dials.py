"""The dials of a component: each measure that decides its pay, and the values around which the pay is asked.

Each measure is turned alone, while the others are held at several levels, from nothing to more than any clause asks, by deals
that add as little as they can to the turned one: what is seen at no level is not there, what is seen at one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil

from incentives.engine.checks.asking import COUNT_GOAL, GOAL, Case, Deal, Stage
from incentives.engine.checks.dealing import deals_worth, judges
from incentives.engine.checks.formulas import Edge, formula_edges
from incentives.engine.checks.joined import is_judged, parts_of
from incentives.engine.examples import SELLER
from incentives.engine.plan import UNIT_SCALE, Bounds, Component, Measure, Pay, RateTable
from incentives.engine.words import Accumulation, GoalWindow, MeasureKind, Per, TierUnit
from spm.core.dated import day_of
from spm.core.periods import Calendar, CalendarKind, Period

MOST_POINTS = 12
"""Edges of one dial that are looked at."""


class Level(StrEnum):
    """Where the other measures are held: above their last edge, at the first, half way to it, or at nothing."""

    BEYOND = "BEYOND"
    FIRST = "FIRST"
    BELOW = "BELOW"
    NOTHING = "NOTHING"


@dataclass(frozen=True)
class Base:
    """The measure that another one is held against: it stays at the sample goal, while the other one is turned.

    `held` is what the deals that hold further measures add to it, `share` what each unit of the turned one does.
    """

    measure: Measure
    held: int
    share: Fraction


@dataclass(frozen=True)
class Dial:
    """A measure that decides the pay of a component; the clauses of each of its edges, in the smallest unit of the measure."""

    stage: Stage
    component: Component
    measure: Measure
    clauses: Mapping[int, Sequence[str]]
    level: Level = Level.BEYOND
    """Where the other measures are held."""
    offset: int = 0
    """What the deals that hold the other measures add to this one."""
    base: Base | None = None
    """What is held against the measure's own `against`, where it has one."""

    @property
    def edges(self) -> tuple[int, ...]:
        """The edges in order."""
        return tuple(self.clauses)

    @property
    def step(self) -> int:
        """The smallest difference that matters: one major unit, or one of a count."""
        return self.stage.step if self.measure.is_money else UNIT_SCALE

    @property
    def goal(self) -> int:
        """What the measure is held against in a case."""
        return goal_of(self.stage, self.measure)

    @property
    def is_own(self) -> bool:
        """True for the measure that the component pays."""
        return self.measure.key == self.component.measure.key

    def case(self, value: int, person: str = SELLER) -> Case | None:
        """Deals of a person with the dial at a value; None where no deals bring the measure there."""
        if value < self.offset:
            return None
        key = "deal" if person == SELLER else f"deal {person}"
        more = value - self.offset
        several = not self.is_own or (
            self.component.per != Per.DEAL and more > max(self.edges, default=0) + 2 * self.step
        )
        turned = deals_worth(
            self.stage, self.measure, more, owner=person, named=key, beside=self._beside, several=several
        )
        rest = self._rest(more, person)
        if turned is None or rest is None:
            return None
        return Case(
            (*earlier_deals(self.stage, self.component.measure, person), *turned, *self.support(person), *rest),
            (person,),
        )

    @property
    def others(self) -> tuple[Measure, ...]:
        """The other measures that decide the pay."""
        asked = measures_asked(self.stage, self.component)
        return tuple(each for each in asked if each.key not in (self.measure.key, self.measure.against))

    @property
    def _beside(self) -> tuple[Measure, ...]:
        return self.others if self.base is None else (self.base.measure, *self.others)

    def _rest(self, more: int, person: str) -> tuple[Deal, ...] | None:
        """Deals that bring what the measure is held against to the sample goal; None where it is above it already."""
        if self.base is None:
            return ()
        rest = self.goal - self.base.held - self.base.share * more
        if rest < 0 or rest.denominator != 1:
            return None
        key = "rest" if person == SELLER else f"rest {person}"
        return rest_worth(self.stage, self.base.measure, int(rest), (self.measure, *self.others), person, key)

    def support(self, person: str = SELLER) -> tuple[Deal, ...]:
        """Deals that bring the other measures to their level, and count for the turned one as little as they can."""
        found: list[Deal] = []
        for number, other in enumerate(self.others):
            value = held_value(self.stage, self.component, other, self.level)
            key = f"also {number + 1}" if person == SELLER else f"also {number + 1} {person}"
            if value > 0:
                found += self._holding(other, value, person, key) or ()
        return tuple(found)

    def _holding(self, other: Measure, value: int, person: str, key: str) -> tuple[Deal, ...] | None:
        beside = (self.measure,)
        return deals_worth(self.stage, other, value, owner=person, named=key, beside=beside, lean=True, several=True)


def dials_of(stage: Stage, component: Component) -> list[Dial]:
    """The dials of a component at every level of the other measures, its own measure first."""
    made: list[Dial] = []
    for measure in measures_asked(stage, component):
        clauses = dict(list(edges_of(stage, component, measure).items())[:MOST_POINTS])
        at_levels = {repr(dial.support()): dial for dial in _levels(Dial(stage, component, measure, clauses))}
        offsets = _measured(stage, measure, [dial.support() for dial in at_levels.values()])
        turned = [replace(dial, offset=offset) for dial, offset in zip(at_levels.values(), offsets, strict=True)]
        made += turned if measure.against is None else [held for dial in turned for held in _held(dial)]
    return made


def earlier_deals(stage: Stage, measure: Measure, person: str) -> tuple[Deal, ...]:
    """Deals of the earlier windows that growth is compared with, which bring a measure to the sample goal in each."""
    found: list[Deal] = []
    for place, period in enumerate(stage.earlier):
        named = " ".join(["earlier", *([person] * (person != SELLER)), *([str(place + 1)] * (place > 0))])
        then = replace(stage, periods=(period,))
        found += deals_worth(then, measure, goal_of(stage, measure), owner=person, named=named, several=True) or ()
    return tuple(found)


def _held(dial: Dial) -> Iterable[Dial]:
    """The dial with what its measure is held against; nothing where no deals can hold that at the sample goal."""
    stage, measure = dial.stage, dial.measure
    base = next(each for each in stage.plan.measures if each.key == measure.against)
    tried = dial.goal // 10
    share = _share(stage, measure, base, dial.others, tried)
    if share is None:
        return
    [held] = _measured(stage, base, [dial.support()])
    yield replace(dial, base=Base(base, held, share))


def _share(stage: Stage, measure: Measure, base: Measure, others: Sequence[Measure], value: int) -> Fraction | None:
    """What each unit of a measure adds to the one that it is held against; None where that is no fixed share, or nothing holds it."""
    if base.formula is not None or measure.formula is not None or not is_apart(base) or not is_apart(measure):
        return None
    turned = [deals_worth(stage, measure, each, owner=SELLER, beside=(base, *others)) for each in (value, 3 * value)]
    rest = rest_worth(stage, base, value, (measure, *others), SELLER, "rest")
    if rest is None or any(each is None for each in turned):
        return None
    once, thrice = _measured(stage, base, [each for each in turned if each is not None])
    if thrice != 3 * once or _measured(stage, measure, [rest]) != [0] or _measured(stage, base, [rest]) != [value]:
        return None
    return Fraction(once, value)


def rest_worth(
    stage: Stage, base: Measure, value: int, beside: Sequence[Measure], owner: str, named: str
) -> tuple[Deal, ...] | None:
    """Deals that count for what a measure is held against and, as far as conditions leave a choice, for nothing else."""
    if value == 0:
        return ()
    return deals_worth(stage, base, value, owner=owner, named=named, beside=beside, lean=True, several=True)


def is_apart(measure: Measure) -> bool:
    """True where no formula decides what a measure credits."""
    return all(is_judged(rule.where) for rule in measure.credit)


def _levels(dial: Dial) -> list[Dial]:
    """A dial at each level; where two levels come to the same deals the higher one stays."""
    return [replace(dial, level=level) for level in reversed(Level)] if dial.others else [dial]


def _measured(stage: Stage, measure: Measure, supports: list[tuple[Deal, ...]]) -> list[int]:
    """What deals add to a measure: the pay of a component that pays the measure itself."""
    if not any(supports):
        return [0] * len(supports)
    pay = Pay(rate=Fraction(1)) if measure.is_money else Pay(each=Fraction(UNIT_SCALE))
    itself = replace(
        stage.plan, components=(Component(measure.key, measure.key, measure, pay),), cap=Bounds(), floor=Bounds()
    )
    answers = replace(stage, plan=itself).ask([Case(deals) for deals in supports])
    return [0 if answer is None else answer.of(measure.key) for answer in answers]


def measures_asked(stage: Stage, component: Component) -> list[Measure]:
    """The component's measure and those that its tiers, multipliers, kickers, gates and matrix name."""
    keys = [component.measure.key, *(of for of, _, _, _ in _edges(component))]
    return [
        stage.plan.measure(key) for key in dict.fromkeys(keys) if any(key == each.key for each in stage.plan.measures)
    ]


def goal_of(stage: Stage, measure: Measure) -> int:
    """What a measure is held against in the first period that is asked: the quotas of its window, to date or whole."""
    goal = GOAL * stage.step if measure.is_money else COUNT_GOAL * UNIT_SCALE
    if measure.against is not None:
        return goal
    return goal if measure.accumulation == Accumulation.PERIOD else goal * _quotas_held(stage, measure)


def _quotas_held(stage: Stage, measure: Measure) -> int:
    """The periods whose quotas the first period that is asked is held against."""
    plan, first = stage.plan, stage.periods[0]
    every = Calendar(CalendarKind(plan.period)).periods(day_of(plan.start), day_of(plan.end))
    window = [each for each in every if _window(measure, each) == _window(measure, first)]
    return sum(measure.goal == GoalWindow.WHOLE_WINDOW or each.start <= first.start for each in window)


def _window(measure: Measure, period: Period) -> str:
    return {Accumulation.QTD: period.quarter_key, Accumulation.YTD: period.year_key}.get(measure.accumulation, "")


def edges_of(stage: Stage, component: Component, measure: Measure) -> dict[int, list[str]]:
    """The values of a measure at which the component's pay changes its way, in order, with the clauses that say so."""
    goal = goal_of(stage, measure)
    is_whole = measure.kind in (MeasureKind.COUNT, MeasureKind.DISTINCT)  # the edge is reached with the next whole one
    found: dict[int, list[str]] = {}
    for of, unit, edge, clause in _edges(component):
        if of == measure.key and edge > 0:
            at = edge if unit == TierUnit.MEASURE else edge * goal
            found.setdefault(ceil(at / UNIT_SCALE) * UNIT_SCALE if is_whole else int(at), []).append(clause)
    if measure.key == component.measure.key:
        for amount, clause in _amounts(component):
            found.setdefault(amount, []).append(clause)
    return dict(sorted(found.items()))


def _edges(component: Component) -> Iterable[Edge]:
    own, pay = component.measure.key, component.pay
    if pay.table is not None:
        yield from _table_edges(pay.table.on or own, pay.table, "tiers")
    for place, multiplier in enumerate(component.multipliers):
        yield from _table_edges(multiplier.of, multiplier.table, f"multipliers[{place}]")
    for place, kicker in enumerate(component.kickers):
        yield kicker.of, kicker.unit, kicker.at_least or Fraction(0), f"kickers[{place}]"
    for place, gate in enumerate(component.gates):
        yield gate.of, gate.unit, gate.at_least, f"gates[{place}]"
    yield from formula_edges(own, pay.formula) if pay.formula is not None else ()
    if pay.matrix is not None:
        for axis in (pay.matrix.rows, pay.matrix.columns):
            if axis.of or axis.column == "amount_minor":
                yield from ((axis.of or own, axis.unit, edge, "matrix") for edge in axis.edges)


def _table_edges(of: str, table: RateTable, clause: str) -> Iterable[Edge]:
    for tier in table.tiers:
        yield of, table.unit, tier.lower, clause
        if tier.upper is not None:
            yield of, table.unit, tier.upper, clause


def _amounts(component: Component) -> Iterable[tuple[int, str]]:
    """Amounts of a deal that a condition of the component names."""
    wheres = [("credit", rule.where) for rule in component.measure.credit]
    if component.pay.lookup is not None:
        wheres += [(f"lookup[{place}]", row.where) for place, row in enumerate(component.pay.lookup.rows)]
    for clause, condition in (
        (clause, part) for clause, where in wheres for each in where for part in parts_of(each) or ()
    ):
        bound = condition.values[0] if condition.values else None
        if condition.column == "amount_minor" and isinstance(bound, Fraction) and bound > 0:
            yield int(bound), clause


def open_value(stage: Stage, component: Component, measure: Measure) -> int:
    """A value of a measure at which it stands in nobody's way: above its quota and its last edge."""
    goal = goal_of(stage, measure)
    top = max([goal, *edges_of(stage, component, measure)])
    return top * 6 // 5 if measure.is_money else top + 2 * UNIT_SCALE


def unjudged(stage: Stage, component: Component) -> list[Measure]:
    """The measures asked that no deals can be written for, alone or beside what they are held against.

    What these hold back is not known.
    """
    asked = measures_asked(stage, component)
    others = [each for each in asked if each.against is None and each.key != component.measure.key]
    lost = [each for each in others if not judges(stage, each, open_value(stage, component, each))]
    parts = [each for each in asked if each.against is not None]
    return [*(each for each in parts if not _is_held(stage, component, each)), *lost]


def _is_held(stage: Stage, component: Component, measure: Measure) -> bool:
    """True where deals hold what a measure is a part of, while the measure itself is turned."""
    return any(True for _ in _held(Dial(stage, component, measure, {})))


def held_value(stage: Stage, component: Component, measure: Measure, level: Level) -> int:
    """The value at which a measure is held at a level, in its smallest unit."""
    unit = stage.step if measure.is_money else UNIT_SCALE
    goal = goal_of(stage, measure)
    first = next(iter(edges_of(stage, component, measure)), goal)
    return {
        Level.BEYOND: open_value(stage, component, measure),
        Level.FIRST: first + unit,
        Level.BELOW: first // 2 // unit * unit,
        Level.NOTHING: 0,
    }[level]
