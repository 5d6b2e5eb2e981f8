"""What sellers can do to the same sales: split or join a deal, move it over a period edge, discount it, book it again after a
return, or pass it to a colleague. Each move is a pair of cases, before and after, that sell the same to the same customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

from incentives.engine.checks.asking import Case, Deal, Stage
from incentives.engine.checks.atoms import first_fitting
from incentives.engine.checks.dealing import MOST_DEALS, deals_worth, open_rules
from incentives.engine.checks.dials import earlier_deals, edges_of, measures_asked
from incentives.engine.plan import UNIT_SCALE, Component, Condition, Measure
from incentives.engine.words import MeasureKind

ADA, BOB = "ada", "bob"
MOST_EDGES = 5
PARTS = (Fraction(1, 2), Fraction(9, 10), Fraction(1), Fraction(3, 2))
"""Sizes of what is sold, as parts of an edge."""


@dataclass(frozen=True)
class Move:
    """One way of selling the same: what it is, how it is shown, and the facts without and with it."""

    kind: str
    size: int
    before: Case
    after: Case
    measure: Measure | None = None
    """What the size is of, where it is not the component's own measure."""


def moves_of(stage: Stage, component: Component) -> list[Move]:
    """The moves around the edges of a component, smaller sales first."""
    found: list[Move] = []
    for size in _sizes(stage, component) if component.measure.credit else ():
        found += _of_size(stage, component, size)
    for other in measures_asked(stage, component):
        if other.key == component.measure.key or other.formula is not None:
            continue
        is_by_money = component.measure.is_money and component.measure.credit
        found += (_around_another if is_by_money else _by_another)(stage, component, other)
    grown = [
        replace(move, before=_grown(stage, component, move.before), after=_grown(stage, component, move.after))
        for move in found
    ]
    return sorted(grown, key=lambda move: (move.size, move.kind))


def _grown(stage: Stage, component: Component, case: Case) -> Case:
    """The case with what its people sold in the windows that growth is compared with."""
    before = [deal for person in case.people for deal in earlier_deals(stage, component.measure, person)]
    return replace(case, deals=(*before, *case.deals))


def _sizes(stage: Stage, component: Component) -> list[int]:
    """Values around the first edges; without an edge some round amounts."""
    measure = component.measure
    unit = stage.step if measure.is_money else UNIT_SCALE
    caps = [
        int(bound) for bound in (component.cap.period, component.cap.deal, stage.plan.cap.period) if bound is not None
    ]
    edges = list(edges_of(stage, component, measure))[:MOST_EDGES] or [10_000 * unit if measure.is_money else 6 * unit]
    sizes = {int(edge * part) // unit * unit for edge in edges for part in PARTS}
    sizes |= {cap * times for cap in caps if measure.is_money for times in (2, 12, 40)}
    return sorted(size for size in sizes if size >= 2 * unit)


def _of_size(stage: Stage, component: Component, size: int) -> Iterable[Move]:
    unit = stage.step if component.measure.is_money else UNIT_SCALE
    write = _Writer(stage, component)
    whole = write.deals(size)
    if whole is None:
        return
    half = size // 2 // unit * unit
    if component.measure.kind not in (MeasureKind.COUNT, MeasureKind.DISTINCT):
        yield from _split_and_join(write, size, half)
        yield from _discounts(write, whole, size)
    else:
        yield from _split_counted(write, size)
    yield from _over_the_edge(write, size, half)
    yield from _rebook(write, whole, size)
    yield from _shift(write, size, half)


def _around_another(stage: Stage, component: Component, other: Measure) -> Iterable[Move]:
    """Moves of deals that also count for another measure, around its edges: a sum is moved, a count raised by splitting."""
    rules = open_rules(stage, other)
    edges = list(edges_of(stage, component, other))[:MOST_EDGES]
    if not rules or not edges:
        return
    write, sizes = _Writer(stage, component, rules[0][0].where), _sizes(stage, component)
    if other.kind == MeasureKind.COUNT:
        for edge, size in product(edges, (sizes[0], sizes[-1])):
            yield from _split_into(write, size, edge // UNIT_SCALE)
    elif other.is_money:
        for size in sorted({int(edge * part) // stage.step * stage.step for edge in edges for part in PARTS}):
            half = size // 2 // stage.step * stage.step
            yield from _over_the_edge(write, size, half)
            yield from _shift(write, size, half)


def _by_another(stage: Stage, component: Component, other: Measure) -> Iterable[Move]:
    """The same where the component itself pays no money of deals: they are written by what the other measure counts."""
    edges = list(edges_of(stage, component, other))[:MOST_EDGES]
    own = component.measure.credit
    write = _Writer(stage, replace(component, measure=other), own[0].where if own else ())
    unit = stage.step if other.is_money else UNIT_SCALE
    sizes = sorted({int(edge * part) // unit * unit for edge in edges for part in PARTS})
    for size in (each for each in sizes if each >= unit):
        made: list[Move] = []
        if other.kind == MeasureKind.COUNT:
            made += _split_counted(write, size)
        if size >= 2 * unit and (other.is_money or other.kind == MeasureKind.COUNT):
            half = size // 2 // unit * unit
            made += [*_over_the_edge(write, size, half), *_shift(write, size, half)]
        yield from (replace(move, measure=other) for move in made)


def _split_into(write: _Writer, size: int, number: int) -> Iterable[Move]:
    """So many deals of one size, of which up to ten are written as one."""
    if not 2 <= number <= MOST_DEALS:
        return
    asked = first_fitting((*write.component.measure.credit[0].where, *write.more)) or {}
    least = asked.get("amount_minor")
    unit = write.stage.step
    part = max(size // number // unit * unit, unit, int(least) if isinstance(least, Fraction) else 0)
    joined = min(number, 10)
    same = tuple((part, ADA, f"deal {place}", 0) for place in range(1, number - joined + 1))
    one = write.several(*same, (part * joined, ADA, "whole", 0))
    several = write.several(*same, *((part, ADA, f"part {place}", 0) for place in range(1, joined + 1)))
    yield from _pair("SPLIT", part * number, one, several)


@dataclass(frozen=True)
class _Writer:
    stage: Stage
    component: Component
    more: tuple[Condition, ...] = ()
    """What the deals are to fulfil beside."""

    def deals(self, value: int, owner: str = ADA, named: str = "deal", period: int = 0) -> tuple[Deal, ...] | None:
        """Deals of a value, in the smallest unit of the component's measure."""
        measure = self.component.measure
        return deals_worth(self.stage, measure, value, owner=owner, named=named, period=period, more=self.more)

    def several(self, *parts: tuple[int, str, str, int]) -> tuple[Deal, ...] | None:
        """Deals as (value, owner, name, period); a value of 0 is no deal."""
        found: list[Deal] = []
        for value, owner, named, period in parts:
            made = () if value <= 0 else self.deals(value, owner, named, period)
            if made is None:
                return None
            found += made
        return tuple(found)


def _pair(
    kind: str, size: int, before: tuple[Deal, ...] | None, after: tuple[Deal, ...] | None, *people: str
) -> list[Move]:
    if before is None or after is None:
        return []
    who = people or (ADA,)
    return [Move(kind, size, Case(before, who), Case(after, who))]


def _split_and_join(write: _Writer, size: int, half: int) -> Iterable[Move]:
    """One deal, or two and ten that sum to it."""
    one = write.deals(size)
    two = write.several((half, ADA, "first part", 0), (size - half, ADA, "second part", 0))
    tenth = size // 10
    ten = write.several(
        *((tenth, ADA, f"part {number}", 0) for number in range(1, 10)), (size - 9 * tenth, ADA, "part 10", 0)
    )
    for parts in (two, ten):
        yield from _pair("SPLIT", size, one, parts)
        yield from _pair("JOIN", size, parts, one)


def _split_counted(write: _Writer, size: int) -> Iterable[Move]:
    """A count grows when one deal is written as two of half the amount."""
    deals = write.deals(size)
    if deals is None or write.component.measure.kind != MeasureKind.COUNT:
        return
    parts = [half for deal in deals for half in _halves(write.stage, deal)]
    yield from _pair("SPLIT", size, deals, tuple(parts))


def _halves(stage: Stage, deal: Deal) -> list[Deal]:
    amount = Fraction(str(deal["amount"])) * stage.step
    first = int(amount / 2)
    halves = ((f"{deal['key']} a", first), (f"{deal['key']} b", int(amount) - first))
    return [{**deal, "key": key, "amount": stage.shown(part)} for key, part in halves]


def _discounts(write: _Writer, whole: tuple[Deal, ...], size: int) -> Iterable[Move]:
    """The same goods for less money: a tenth and a quarter off the amount."""
    if not write.component.measure.is_money:
        return
    for share in (Fraction(9, 10), Fraction(3, 4)):
        cheaper = write.deals(int(size * share) // write.stage.step * write.stage.step)
        if cheaper is not None:
            lists = [{**deal, **_list(whole[0])} for deal in cheaper]
            yield from _pair("DISCOUNT", size, tuple({**deal, **_list(deal)} for deal in whole), tuple(lists))


def _list(deal: Deal) -> Mapping[str, object]:
    """The list price where the plan looks at it."""
    return {"list": deal["amount"]} if "list" in deal else {}


def _over_the_edge(write: _Writer, size: int, half: int) -> Iterable[Move]:
    """Sales of two periods: half in each, or all in one of them."""
    if len(write.stage.periods) < 2:
        return
    apart = write.several((size - half, ADA, "early", 0), (half, ADA, "late", 1))
    yield from _pair("PERIOD", size, apart, write.several((size - half, ADA, "early", 0), (half, ADA, "late", 0)))
    yield from _pair("PERIOD", size, apart, write.several((size - half, ADA, "early", 1), (half, ADA, "late", 1)))
    together = write.several((size - half, ADA, "early", 0), (half, ADA, "late", 0))
    yield from _pair("PERIOD", size, together, apart)


def _rebook(write: _Writer, whole: tuple[Deal, ...], size: int) -> Iterable[Move]:
    """A sale, its return, and the sale again: on the next day, or over the edge."""
    for period in range(len(write.stage.periods)):
        again = write.deals(size, ADA, "booked again", period)
        if again is None:
            return
        if period == 0:
            again = tuple(_a_day_later(write.stage, deal) for deal in again)
        on = again[0]["on"]
        returns = tuple(_returned(deal, on) for deal in whole)
        yield from _pair("REBOOK", size, whole, (*whole, *returns, *again))


def _a_day_later(stage: Stage, deal: Deal) -> Deal:
    """The deal on the next day, where its period has one."""
    day = date.fromisoformat(str(deal["on"])) + timedelta(days=1)
    if not stage.periods[0].holds(day):
        return deal
    return {name: day.isoformat() if name == "on" or name.endswith("_on") else value for name, value in deal.items()}


def _returned(deal: Deal, on: object) -> Deal:
    """The return of a deal: its money and quantity come back, the rest stays what it was sold as."""
    taken = {name: _negative(value) for name, value in deal.items() if _comes_back(name)}
    days = {name: on for name in deal if name == "on" or name.endswith("_on")}
    return {**deal, **days, **taken, "key": f"return of {deal['key']}", "reverses": deal["key"]}


def _comes_back(name: str) -> bool:
    return name in ("amount", "cost", "list", "quantity") or name.endswith("_minor")


def _negative(value: object) -> object:
    """The same number below zero, whole or as a text of exact decimals."""
    text = str(value)
    turned = text[1:] if text.startswith("-") else f"-{text}"
    return int(Fraction(turned)) if Fraction(turned).denominator == 1 else turned


def _shift(write: _Writer, size: int, half: int) -> Iterable[Move]:
    """The sales of two sellers: each their own, or one of them books all."""
    apart = write.several((size - half, ADA, "of ada", 0), (half, BOB, "of bob", 0))
    together = write.several((size - half, ADA, "of ada", 0), (half, ADA, "of bob", 0))
    yield from _pair("SHIFT", size, apart, together, ADA, BOB)
    yield from _pair("SHIFT", size, together, apart, ADA, BOB)
