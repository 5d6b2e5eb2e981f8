"""The dials of a component: each measure that decides its pay, and the values around which the pay is asked.

While one dial is turned, the others stand where they let the component pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from incentives.engine.checks.asking import COUNT_GOAL, GOAL, Case, Deal, Stage
from incentives.engine.checks.dealing import deals_worth
from incentives.engine.examples import SELLER
from incentives.engine.language.context import Table
from incentives.engine.language.points import Points
from incentives.engine.language.tree import Formula, Node
from incentives.engine.language.units import Kind
from incentives.engine.plan import UNIT_SCALE, Bounds, Component, Measure, Pay, RateTable
from incentives.engine.words import TierUnit

MOST_POINTS = 12
"""Edges of one dial that are looked at."""


@dataclass(frozen=True)
class Dial:
    """A measure that decides the pay of a component; the clause of each of its edges, in the smallest unit of the measure."""

    stage: Stage
    component: Component
    measure: Measure
    clauses: Mapping[int, str]
    offset: int = 0
    """What the deals that hold the other measures add to this one."""

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
        """The quota of the measure in a case."""
        return GOAL * self.stage.step if self.measure.is_money else COUNT_GOAL * UNIT_SCALE

    @property
    def is_own(self) -> bool:
        """True for the measure that the component pays."""
        return self.measure.key == self.component.measure.key

    def case(self, value: int, person: str = SELLER) -> Case | None:
        """Deals of a person with the dial at a value; None where no deals bring the measure there."""
        if value < self.offset:
            return None
        key = "deal" if person == SELLER else f"deal {person}"
        turned = deals_worth(self.stage, self.measure, value - self.offset, owner=person, named=key)
        return None if turned is None else Case((*turned, *self.support(person)), (person,))

    def support(self, person: str = SELLER) -> tuple[Deal, ...]:
        """Deals that bring the other measures to where they let the component pay."""
        found: list[Deal] = []
        for number, other in enumerate(measures_asked(self.stage, self.component)):
            if other.key != self.measure.key:
                value = open_value(self.stage, self.component, other)
                key = f"also {number + 1}" if person == SELLER else f"also {number + 1} {person}"
                found += deals_worth(self.stage, other, value, owner=person, named=key) or ()
        return tuple(found)


def dials_of(stage: Stage, component: Component) -> list[Dial]:
    """The dials of a component, its own measure first."""
    made = []
    for measure in measures_asked(stage, component):
        clauses = dict(list(edges_of(stage, component, measure).items())[:MOST_POINTS])
        dial = Dial(stage, component, measure, clauses)
        support = dial.support()
        made.append(replace(dial, offset=_measured(stage, measure, support)) if support else dial)
    return made


def _measured(stage: Stage, measure: Measure, deals: tuple[Deal, ...]) -> int:
    """What deals add to a measure: the pay of a component that pays the measure itself."""
    pay = Pay(rate=Fraction(1)) if measure.is_money else Pay(each=Fraction(UNIT_SCALE))
    itself = replace(
        stage.plan, components=(Component(measure.key, measure.key, measure, pay),), cap=Bounds(), floor=Bounds()
    )
    (answer,) = replace(stage, plan=itself).ask([Case(deals)])
    return 0 if answer is None else answer.of(measure.key)


def measures_asked(stage: Stage, component: Component) -> list[Measure]:
    """The component's measure and those that its tiers, multipliers, kickers, gates and matrix name."""
    keys = [component.measure.key, *(of for of, _, _, _ in _edges(component))]
    return [
        stage.plan.measure(key) for key in dict.fromkeys(keys) if any(key == each.key for each in stage.plan.measures)
    ]


def edges_of(stage: Stage, component: Component, measure: Measure) -> dict[int, str]:
    """The values of a measure at which the component's pay changes its way, in order, with the clause that says so."""
    goal = GOAL * stage.step if measure.is_money else COUNT_GOAL * UNIT_SCALE
    found: dict[int, str] = {}
    for of, unit, edge, clause in _edges(component):
        if of == measure.key and edge > 0:
            found.setdefault(int(edge * goal) if unit == TierUnit.ATTAINMENT else int(edge), clause)
    if measure.key == component.measure.key:
        for amount, clause in _amounts(component):
            found.setdefault(amount, clause)
    return dict(sorted(found.items()))


Edge = tuple[str, TierUnit, Fraction, str]


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
    yield from formula_edges(own, pay.formula)
    if pay.matrix is not None:
        for axis in (pay.matrix.rows, pay.matrix.columns):
            if axis.of or axis.column == "amount_minor":
                yield from ((axis.of or own, axis.unit, edge, "matrix") for edge in axis.edges)


def formula_edges(own: str, formula: Formula | None) -> Iterable[Edge]:
    """The values that a formula compares a measure, a credit or an attainment with, and the edges of the tiers it asks."""
    for node in formula.tree.walk() if formula is not None else ():
        if node.what == "COMPARE":
            left, right = node.parts
            for asked, other in ((left, right), (right, left)):
                if isinstance(other.value, Fraction):
                    yield from _formula_edge(own, asked, [other.value])
        elif node.what in ("TIER", "TIERRATE") and isinstance(node.value, Table):
            table = node.value.content
            if isinstance(table, RateTable):
                edges = [edge for tier in table.tiers for edge in (tier.lower, tier.upper) if edge is not None]
                scale = UNIT_SCALE if node.value.takes[0].kind == Kind.NUMBER else 1
                yield from _formula_edge(own, node.parts[0], [edge / scale for edge in edges])
        elif node.what == "CURVE" and isinstance(node.value, Table) and isinstance(node.value.content, Points):
            yield from _formula_edge(own, node.parts[0], [at for at, _ in node.value.content.points])


def _formula_edge(own: str, asked: Node, values: Iterable[Fraction]) -> Iterable[Edge]:
    of = own if asked.what == "CREDIT" else str(asked.value)
    if asked.what == "ATTAINMENT":
        yield from ((of, TierUnit.ATTAINMENT, value, "formula") for value in values)
    elif asked.what in ("MEASURE", "CREDIT"):
        scale = 1 if asked.type.kind == Kind.MONEY else UNIT_SCALE
        yield from ((of, TierUnit.MEASURE, value * scale, "formula") for value in values)


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
    for clause, condition in ((clause, each) for clause, where in wheres for each in where):
        bound = condition.values[0] if condition.values else None
        if condition.column == "amount_minor" and isinstance(bound, Fraction) and bound > 0:
            yield int(bound), clause


def open_value(stage: Stage, component: Component, measure: Measure) -> int:
    """A value of a measure at which it stands in nobody's way: above its quota and its last edge."""
    goal = GOAL * stage.step if measure.is_money else COUNT_GOAL * UNIT_SCALE
    top = max([goal, *edges_of(stage, component, measure)])
    return top * 6 // 5 if measure.is_money else top + 2 * UNIT_SCALE
