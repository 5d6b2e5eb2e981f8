"""The lines of a statement: what `Statement.content` holds, typed, with the tier table of its plan version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import UNIT_SCALE, Component, Payment, Plan, Tier, TierUnit
from incentives.engine.unreached import Stands, Unreached, unreached
from incentives.engine.words import Accumulation, Per
from incentives.models import PlanVersion, Statement
from spm.core.money import RATE_SCALE, minor_digits, round_half_away


@dataclass(frozen=True)
class Slice:
    """The part of the credit that one tier paid; edges as ratio of the quota, None open.

    `amount` is exact, in major units; `amount_minor` is None where it has a fraction of the smallest unit. A component that counts units,
    deals or values has no credit in money here but what it `counted`, and edges in numbers.
    """

    tier: int
    from_rate: int | None
    until_rate: int | None
    from_minor: int | None
    until_minor: int | None
    rate: int | None
    credit_minor: int
    amount: Decimal
    amount_minor: int | None
    counted: Decimal | None = None
    from_count: Decimal | None = None
    until_count: Decimal | None = None


@dataclass(frozen=True)
class NextTier:
    """The next edge above the attainment, what it pays, and how much credit is missing to it (minor units)."""

    from_rate: int
    rate: int
    missing_minor: int


@dataclass(frozen=True)
class Line:
    """One component of a statement. `place` is its number on the statement, from 1; it is part of the address of its why.

    A quota of money is `quota_minor`, one of units, deals or values `quota_count`.
    """

    place: int
    plan_id: UUID
    plan_name: str
    plan_version_id: UUID
    component: str
    component_name: str
    currency: str
    credit_minor: int
    credit_count: int
    quota_minor: int | None
    attainment_rate: int | None
    earned_minor: int
    slices: tuple[Slice, ...]
    is_calculated: bool
    edges: tuple[tuple[int, str], ...]
    next_tier: NextTier | None
    is_highest: bool = False
    """Whether the credit has reached the last of the tiers that its own attainment climbs."""
    quota_count: Decimal | None = None
    pays_share: bool = False
    waits_for: tuple[Unreached, ...] = ()
    """What has to be reached before it pays anything."""
    has_quota: bool = True
    """Whether edges in percent are of its own quota: else another measure finds the tier, or stands in place of the quota."""

    @property
    def is_plain(self) -> bool:
        """Tell whether credit ÷ quota is the attainment: not where the window is longer than the period, or something came back."""
        if not self.quota_minor:
            return False
        return round_half_away(self.credit_minor * RATE_SCALE, self.quota_minor) == self.attainment_rate

    @property
    def tiers_minor(self) -> int | None:
        """Give what the tiers alone come to where what follows them (kickers, gates, limits, returns) changed it; else None."""
        exact = sum((one.amount for one in self.slices), Decimal(0)).scaleb(minor_digits(self.currency))
        if not self.slices or abs(exact - self.earned_minor) < 1:
            return None
        return round_half_away(*exact.as_integer_ratio())

    @property
    def effective_rate(self) -> int | None:
        """Give what the credit was paid on the whole, at RATE_SCALE; None without credit, and where the pay is no share of it."""
        if not self.pays_share or not self.credit_minor:
            return None
        return round_half_away(self.earned_minor * RATE_SCALE, self.credit_minor)


def main_line(lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Give the line that stands for the statement: the first that is held against a quota, else the first.

    Components may credit the same deals, so their credits are never added up.
    """
    return next((line for line in lines if line["quota_value"] is not None), lines[0] if lines else None)


def lines_of(statement: Statement) -> tuple[Line, ...]:
    """Give the lines of one statement."""
    return lines_of_many([statement])[statement.id]


def lines_of_many(statements: Sequence[Statement]) -> dict[UUID, tuple[Line, ...]]:
    """Give the lines of statements by their key, with one query for all their plan versions."""
    wanted = {line["plan_version"] for statement in statements for line in statement.content["lines"]}
    plans = {
        str(version.id): compile_plan(version.definition)[0] for version in PlanVersion.objects.filter(pk__in=wanted)
    }
    return {
        statement.id: tuple(
            _line(place, line, statement, plans.get(line["plan_version"]))
            for place, line in enumerate(statement.content["lines"], start=1)
        )
        for statement in statements
    }


def _line(place: int, line: Mapping[str, Any], statement: Statement, plan: Plan | None) -> Line:
    """One line; without what the plan says where its version no longer compiles."""
    components = {each.key: each for each in plan.components} if plan is not None else {}
    component, currency = components.get(line["component"]), statement.currency
    is_money = component is None or component.measure.is_money
    quota = line["quota_value"]
    reached = attained(line["credit_minor"], quota, line["attainment_rate"])
    return Line(
        place=place,
        plan_id=UUID(line["plan"]),
        plan_name=line["plan_name"],
        plan_version_id=UUID(line["plan_version"]),
        component=line["component"],
        component_name=line["component_name"],
        currency=currency,
        credit_minor=line["credit_minor"],
        credit_count=line["credit_count"],
        quota_minor=quota if is_money else None,
        attainment_rate=line["attainment_rate"],
        earned_minor=line["earned_minor"],
        slices=slices_read(line["slices"], currency, is_money=is_money),
        is_calculated=line["calculated"],
        edges=edges_of(component),
        next_tier=next_tier(component, reached, quota) if is_money else None,
        is_highest=is_money and is_highest(component, reached, quota),
        quota_count=None if is_money or quota is None else Decimal(quota) / UNIT_SCALE,
        pays_share=component is not None and pays_share(component),
        waits_for=()
        if plan is None or component is None or line["earned_minor"] or not line["calculated"]
        else unreached(plan, component, _stands(statement.content["lines"], line["plan_version"], components)),
        has_quota=component is None or component.quota is not None,
    )


def _stands(lines: Sequence[Mapping[str, Any]], version: str, components: Mapping[str, Component]) -> Stands:
    """What the measures of a statement have reached; of one that no line is about nothing is known."""
    of_plan = [line for line in lines if line["plan_version"] == version and line["calculated"]]
    known = {each.measure.key: (each, line) for line in of_plan if (each := components.get(line["component"]))}

    def stands(of: str) -> tuple[Fraction, Fraction | None] | None:
        if of not in known:
            return None
        component, line = known[of]
        goal, rate = line["quota_value"], line["attainment_rate"]
        if goal and rate is not None:
            told = round_half_away(rate * goal, RATE_SCALE)
            value = attained(line["credit_minor"], goal, rate) if component.measure.is_money else told
            return Fraction(value), Fraction(goal)
        is_told = component.measure.is_money and component.measure.accumulation == Accumulation.PERIOD
        return (Fraction(line["credit_minor"]), None) if is_told else None

    return stands


def pays_share(component: Component) -> bool:
    """Tell whether it pays a rate of money; amounts, prizes, parts of a target and what a formula gives are no share of the credit."""
    pay = component.pay
    if not component.measure.is_money or pay.target is not None or pay.target_name:
        return False
    paying: list[Tier | Payment] = [*pay.table.tiers] if pay.table is not None else []
    paying += [row.pays for row in pay.lookup.rows] if pay.lookup is not None else []
    paying += [cell for row in pay.matrix.cells for cell in row] if pay.matrix is not None else []
    return pay.rate is not None or any(each.rate is not None for each in paying)


def attained(credit_minor: int, quota: int | None, rate: int | None) -> int:
    """Give what stands against the quota: the credit where it makes the attainment, else what the attainment tells.

    They differ over a window longer than the period, and where a return lowers the credit and not the attainment.

    >>> attained(60_000, 100_000, 90_000_000), attained(60_000, 100_000, 60_000_000)
    (90000, 60000)
    """
    if not quota or rate is None or round_half_away(credit_minor * RATE_SCALE, quota) == rate:
        return credit_minor
    return round_half_away(rate * quota, RATE_SCALE)


def slices_read(rows: Sequence[Mapping[str, Any]], currency: str, *, is_money: bool = True) -> tuple[Slice, ...]:
    """Give stored slices as they are shown; the credit of a tier is rounded for the eye, its amount is kept exact."""
    edges = ("from_rate", "until_rate", "from_minor", "until_minor", "rate")
    found = []
    for row in rows:
        exact = Decimal(row["amount_minor"])
        found.append(
            Slice(
                tier=row["tier"],
                credit_minor=round_half_away(*Fraction(row["credit_minor"]).as_integer_ratio()),
                amount=exact.scaleb(-minor_digits(currency)),
                amount_minor=int(exact) if exact == exact.to_integral_value() else None,
                counted=None if is_money else Decimal(row["credit_minor"]) / UNIT_SCALE,
                from_count=None if is_money else _count(row["from_minor"]),
                until_count=None if is_money else _count(row["until_minor"]),
                **{name: row[name] if is_money or name.endswith("rate") else None for name in edges},
            )
        )
    return tuple(found)


def _count(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / UNIT_SCALE


def edges_of(component: Component | None) -> tuple[tuple[int, str], ...]:
    """Give the tier edges above 0 of a component on attainment, each with the rate that begins there."""
    if component is None or component.table is None or component.table.unit != TierUnit.ATTAINMENT:
        return ()
    return tuple((_scaled(tier.lower), "") for tier in component.table.tiers if tier.lower > 0)


def next_tier(component: Component | None, credit_minor: int, quota_minor: int | None) -> NextTier | None:
    """Give the tier above the one that the credit has reached; None where there is none."""
    if not quota_minor:
        return None
    for tier in _climbed(component):
        missing = tier.lower * quota_minor - credit_minor
        if missing > 0:
            if tier.rate is None:
                return None
            return NextTier(_scaled(tier.lower), _scaled(tier.rate), -(-missing.numerator // missing.denominator))
    return None


def is_highest(component: Component | None, credit_minor: int, quota_minor: int | None) -> bool:
    """Tell whether the credit has reached the last tier; never where no tiers are climbed by the attainment of all its credit."""
    tiers = _climbed(component)
    return bool(quota_minor) and len(tiers) > 1 and credit_minor >= tiers[-1].lower * (quota_minor or 0)


def _climbed(component: Component | None) -> tuple[Tier, ...]:
    """The tiers that the attainment of a component's whole credit climbs: not those of single deals, of another measure, of a curve."""
    table = component.table if component is not None else None
    if component is None or table is None or component.per != Per.PERIOD or not table.by_own_sum or table.heights:
        return ()
    return table.tiers if table.unit == TierUnit.ATTAINMENT else ()


def _scaled(value: Fraction) -> int:
    return round_half_away(value.numerator * RATE_SCALE, value.denominator)


def pace_rate(start: date, end: date, on: date) -> int | None:
    """Give the share of the period [start, end) that has passed at the end of the day; None before it begins.

    >>> pace_rate(date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 5))
    50000000
    """
    if on < start:
        return None
    passed = min((on - start).days + 1, (end - start).days)
    return round_half_away(passed * RATE_SCALE, (end - start).days)
