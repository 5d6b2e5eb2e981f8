"""What a payment waits for: gates, and the edge below which tiers, a curve or a multiplier pay nothing, with what was reached so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from incentives.engine.phrases import Phrases
from incentives.engine.plan import UNIT_SCALE, Component, Plan, RateTable
from incentives.engine.room import Room
from incentives.engine.sentences import ENGLISH
from incentives.engine.words import Per, TierUnit
from spm.core.money import RATE_SCALE, round_half_away

TENTH = RATE_SCALE // 1000
"""A tenth of a percent: what was reached is cut to it, so that it never reads as reached."""

Stands = Callable[[str], tuple[Fraction, Fraction | None] | None]
"""By measure: its value and goal in smallest units, None where they are not known."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing is paid until `of` reaches `asked`: a share of quota at RATE_SCALE, minor units, or a count at UNIT_SCALE. `reached` is
    None where it is not known."""

    of: str
    is_own: bool
    by_quota: bool
    is_money: bool
    asked: int
    reached: int | None
    is_part: bool = False
    """Whether the share is of another measure in place of a quota."""

    @property
    def asked_count(self) -> Decimal:
        """Give what is asked of a count."""
        return Decimal(self.asked) / UNIT_SCALE

    @property
    def reached_count(self) -> Decimal | None:
        """Give the count that was reached."""
        return None if self.reached is None else Decimal(self.reached) / UNIT_SCALE


def unreached(plan: Plan, component: Component, stands: Stands) -> tuple[Unreached, ...]:
    """What has to be reached before the component pays anything, where it is not reached, or not known to be."""
    phrases = Phrases(plan, ENGLISH)
    found = []
    for of, unit, least in _asked(component):
        measure, known = plan.measure(of), stands(of)
        by_quota, reached = unit == TierUnit.ATTAINMENT, None
        if known is not None and not (by_quota and not known[1]):
            value = known[0] / known[1] if by_quota and known[1] else known[0]
            if value >= least:
                continue
            reached = int(value * RATE_SCALE // TENTH) * TENTH if by_quota else int(value // 1)
        asked = least * RATE_SCALE if by_quota else least
        is_own = of == component.measure.key
        rounded = round_half_away(asked.numerator, asked.denominator)
        found.append(
            Unreached(
                phrases.called(of), is_own, by_quota, measure.is_money, rounded, reached, measure.against is not None
            )
        )
    return tuple(dict.fromkeys(found))


def _asked(component: Component) -> Iterator[tuple[str, TierUnit, Fraction]]:
    """Measure, unit and least of everything that the pay waits for."""
    yield from ((gate.of, gate.unit, gate.at_least) for gate in component.gates)
    tables = [(each.of, each.table) for each in component.multipliers]
    if component.table is not None and component.per == Per.PERIOD and not component.table.rates_deals:
        tables.append((component.table.on or component.measure.key, component.table))
    for of, table in tables:
        edge = _opens(table)
        if edge:
            yield of, table.unit, edge


def _opens(table: RateTable) -> Fraction | None:
    """The edge from which on a table pays anything; None where it pays from the start, or never."""
    if table.opening is not None:
        return table.tiers[0].lower
    return next((tier.lower for tier in table.tiers if tier.rate or tier.amount or tier.each), None)


def standing(room: Room, row: int) -> Stands:
    """What the measures of one person and period of a calculation that is at hand have reached."""

    def stands(of: str) -> tuple[Fraction, Fraction | None] | None:
        measured = room.measured[of]
        has_goal = measured.goal is not None and bool(measured.usable[row])
        goal = Fraction(int(measured.goal.after[row])) if measured.goal is not None and has_goal else None
        return Fraction(int(measured.value.after[row])), goal

    return stands
