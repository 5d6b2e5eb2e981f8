"""A plan is data: frozen, typed, exact. What a sales operations person writes is compiled to it and nothing else is run.

Shares and rates are Fractions, money is minor units of the plan's currency, counts are in units at UNIT_SCALE, days are day
numbers, intervals are half-open. This module computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction

from incentives.engine.language.context import Table
from incentives.engine.language.tree import Formula
from incentives.engine.plan_settling import Clawback, Holdback, Leavers, Release
from incentives.engine.words import (
    Accumulation,
    Boundary,
    CreditDate,
    CreditKind,
    DealOwner,
    DrawKind,
    DuplicatePolicy,
    EarlierWindow,
    GoalWindow,
    Leaving,
    Levels,
    MeasureKind,
    NewValues,
    Per,
    PotShare,
    Proration,
    Rank,
    RatePolicy,
    ReversalRate,
    TierMode,
    TierUnit,
    Ties,
)
from spm.core.dated import FOREVER, LONG_AGO

UNIT_SCALE = 10**4
"""Units and counts are kept as integers of 1/10,000, because shares of a deal give parts of a unit."""

PLAN_FLOOR, PLAN_CAP = "plan-floor", "plan-cap"
PLAN_LIMITS = {PLAN_FLOOR: "Plan floor", PLAN_CAP: "Plan cap"}
"""The lines that bring a whole plan within its limits, and their names."""

LINE_COLUMNS = frozenset({"product", "product_key", "product_family", "line", "line_key", "order", "order_key"})
"""Columns that differ between the lines of one deal."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a deal's column: `operator` is one of IN, NOT_IN, AT_LEAST, ABOVE, AT_MOST, BELOW, UNDER (a path below
    another), EMPTY; `values` are text, day numbers, or numbers in the column's unit. Of FORMULA the one value is the formula."""

    column: str
    operator: str
    values: tuple[object, ...]

    @property
    def formula(self) -> Formula | None:
        """The formula, when the condition is written as one."""
        value = self.values[0] if self.operator == "FORMULA" else None
        return value if isinstance(value, Formula) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the deal that it asks."""
        return (self.column,) if self.formula is None else self.formula.columns


@dataclass(frozen=True, slots=True)
class Months:
    """Completed months of employment, [at_least, below)."""

    at_least: int = 0
    below: int | None = None


@dataclass(frozen=True, slots=True)
class CreditRule:
    """Who receives how much of which deals. `share` is the credit rate of the rule, 1 for full credit; `cap` limits the amount
    of one deal that is credited (minor units); `relation` names the relationship of a ROLLOVER; only days in [start, end) are credited.

    `level` is how many levels above the credited whoever a ROLLUP credits stands, in place of `levels`.
    With `tenure` only those are who have completed its months on the day; of a return, on the day of its sale."""

    key: str
    kind: CreditKind = CreditKind.DIRECT
    where: tuple[Condition, ...] = ()
    share: Fraction = Fraction(1)
    credit_date: CreditDate = CreditDate.CREDITED
    owner: DealOwner = DealOwner.NOW
    levels: Levels = Levels.DIRECT_REPORTS
    duplicates: DuplicatePolicy = DuplicatePolicy.SUM
    cap: int | None = None
    relation: str = ""
    start: int = LONG_AGO
    end: int = FOREVER
    tenure: Months | None = None
    level: int = 0

    @property
    def depth(self) -> int | None:
        """How many levels a ROLLUP goes up, None for all."""
        return self.level or (None if self.levels == Levels.SUBTREE else 1)

    @property
    def is_whole(self) -> bool:
        """True for a ROLLUP that credits a manager the whole deal once, however people share it."""
        return self.kind == CreditKind.ROLLUP and self.duplicates == DuplicatePolicy.ONCE


@dataclass(frozen=True, slots=True)
class Measure:
    """Credits summed over a window and held against a goal. `column` is the deal column of COLUMN and DISTINCT, `formula` what
    FORMULA makes of each deal.

    A return (a deal that names the deal it reverses) pays back at `reversal_rate`; whether it also lowers attainment is
    `reverse_attainment`.
    """

    key: str
    credit: tuple[CreditRule, ...]
    kind: MeasureKind = MeasureKind.AMOUNT
    column: str = ""
    quota: str | None = None
    accumulation: Accumulation = Accumulation.PERIOD
    goal: GoalWindow = GoalWindow.TO_DATE
    reversal_rate: ReversalRate = ReversalRate.ORIGINAL
    reverse_attainment: bool = False
    formula: Formula | None = None
    name: str = ""
    against: str | None = None
    """The measure that it is held against in place of a quota: its percentages are parts of that measure's sum."""

    @property
    def called(self) -> str:
        """What people call it: its name, or its key where it has none."""
        return self.name or self.key

    @property
    def has_goal(self) -> bool:
        """True when percentages of it mean something: it is held against a quota or another measure."""
        return self.quota is not None or self.against is not None

    @property
    def is_money(self) -> bool:
        """True when the sum is an amount of the plan's currency, False when it is a number of units."""
        if self.formula is not None:
            return self.formula.is_money
        return self.kind in (MeasureKind.AMOUNT, MeasureKind.MARGIN, MeasureKind.COLUMN)

    @property
    def scale(self) -> int:
        """Smallest units in one: 1 for money in minor units, UNIT_SCALE for counts."""
        return 1 if self.is_money else UNIT_SCALE


@dataclass(frozen=True, slots=True)
class Tier:
    """One band: from `lower` until `upper` (None is open). It pays a `rate` of the value, an `amount` for the band, or `each`
    (minor units per unit of a count). Edges are shares of the goal (1 is 100 %) or values in the measure's smallest unit."""

    lower: Fraction
    upper: Fraction | None
    rate: Fraction | None = None
    amount: Fraction | None = None
    each: Fraction | None = None
    earned: Fraction | None = None
    """What the tiers up to `upper` pay, where the plan says the edge so."""


@dataclass(frozen=True, slots=True)
class RateTable:
    """Tiers in order, without gap or overlap. `on` names the measure that finds the tier when it is not the component's own; `per` a
    column of the deals, each value of which (each customer, say) has these tiers for itself, `against` what it came to earlier, where
    `new` ones had nothing;
    `opening` makes it a curve: the height at its start, paid once the first edge is reached; below that it pays nothing. `steps`
    of a curve are (edge, height): added from the edge on."""

    tiers: tuple[Tier, ...]
    unit: TierUnit = TierUnit.ATTAINMENT
    mode: TierMode = TierMode.MARGINAL
    boundary: Boundary = Boundary.LOWER_INCLUSIVE
    on: str | None = None
    per: str = ""
    against: EarlierWindow | None = None
    new: NewValues = NewValues.LAST_TIER
    opening: Fraction | None = None
    steps: tuple[tuple[Fraction, Fraction], ...] = ()

    @property
    def climbs(self) -> bool:
        """True when all deals of another measure, or of one customer, climb the tiers together, each paid by its part of the way."""
        return (self.on is not None or bool(self.per)) and self.mode == TierMode.MARGINAL

    @property
    def by_own_sum(self) -> bool:
        """True when the sum of all that the component counts finds the tier."""
        return self.on is None and not self.per

    @property
    def rates_whole(self) -> bool:
        """True when one rate, found by all that the component counts, pays the whole of it."""
        return self.by_own_sum and self.mode != TierMode.MARGINAL and all(tier.amount is None for tier in self.tiers)

    @property
    def rates_deals(self) -> bool:
        """True when each deal is paid by what it counts, at the tier or tiers that it and others have reached."""
        return self.climbs or bool(self.per)

    @property
    def heights(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """What a curve adds from which edge on, beside its slopes."""
        return ((self.tiers[0].lower, self.opening), *self.steps) if self.opening is not None else ()


@dataclass(frozen=True, slots=True)
class Payment:
    """What a row of a lookup, a matrix cell or a kicker pays: a rate of the value, or an amount once, or one per unit."""

    rate: Fraction | None = None
    amount: Fraction | None = None
    each: Fraction | None = None


@dataclass(frozen=True, slots=True)
class LookupRow:
    """The payment of deals that fulfil the conditions."""

    where: tuple[Condition, ...]
    pays: Payment


@dataclass(frozen=True, slots=True)
class Lookup:
    """Payments by deal: the first row whose conditions hold; a deal without a row earns nothing."""

    rows: tuple[LookupRow, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a matrix: a deal column, or the value or attainment of a measure, cut at ascending edges."""

    column: str
    of: str | None
    unit: TierUnit
    edges: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rates by two axes. `edges` are the lower ends of rows and columns after the first; cells[row][column]."""

    rows: Axis
    columns: Axis
    cells: tuple[tuple[Payment, ...], ...]
    boundary: Boundary = Boundary.LOWER_INCLUSIVE


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of an MBO component: its weight in the target."""

    key: str
    name: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Contest:
    """Prizes by place in a rank, or with `share` a pot (minor units) that all who take part share. Only who reaches `minimum`
    takes part: a value, or an attainment."""

    prizes: tuple[Fraction, ...] = ()
    minimum: Fraction | None = None
    ties: Ties = Ties.SHARE
    unit: TierUnit = TierUnit.MEASURE
    pot: int = 0
    share: PotShare | None = None
    by: Rank = Rank.MEASURE

    @property
    def asks_attainment(self) -> bool:
        """True when the attainment of the measure decides who takes part, or on which place."""
        return self.unit == TierUnit.ATTAINMENT or self.by == Rank.ATTAINMENT


@dataclass(frozen=True, slots=True)
class Pay:
    """How much a component pays: exactly one way is given. With `target`, rates are shares of the target at 100 %."""

    rate: Fraction | None = None
    each: Fraction | None = None
    table: RateTable | None = None
    lookup: Lookup | None = None
    matrix: Matrix | None = None
    bonus: Fraction | None = None
    objectives: tuple[Objective, ...] = ()
    contest: Contest | None = None
    of: tuple[str, ...] = ()
    """Components of which the greatest is paid."""
    target: Fraction | None = None
    target_name: str = ""
    """The measure name of the target in the facts, when the plan does not state the amount."""
    formula: Formula | None = None

    @property
    def builds_on(self) -> tuple[str, ...]:
        """The components whose earnings it reads."""
        return self.of if self.formula is None else (*self.of, *self.formula.components)


@dataclass(frozen=True, slots=True)
class Gate:
    """Nothing is paid unless a measure reaches a value or an attainment."""

    of: str
    unit: TierUnit
    at_least: Fraction


@dataclass(frozen=True, slots=True)
class Multiplier:
    """The pay is multiplied by the rate of the tier that a measure reaches."""

    of: str
    table: RateTable


@dataclass(frozen=True, slots=True)
class Kicker:
    """An addition once a measure reaches a value: an amount, or a rate of the pay so far."""

    of: str
    unit: TierUnit
    at_least: Fraction | None
    pays: Payment


@dataclass(frozen=True, slots=True)
class Bounds:
    """Caps and floors in minor units: of one deal, of a period, of a year."""

    deal: Fraction | None = None
    period: Fraction | None = None
    year: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One line of pay: a measure and what it earns, changed by multipliers, kickers, gates, floors and caps, in this order."""

    key: str
    name: str
    measure: Measure
    pay: Pay
    per: Per = Per.PERIOD
    multipliers: tuple[Multiplier, ...] = ()
    kickers: tuple[Kicker, ...] = ()
    gates: tuple[Gate, ...] = ()
    floor: Bounds = Bounds()
    cap: Bounds = Bounds()
    paid: bool = True
    release: Release | None = None
    holdback: Holdback | None = None
    clawback: Clawback | None = None

    @property
    def credit(self) -> tuple[CreditRule, ...]:
        """The credit rules of its measure."""
        return self.measure.credit

    @property
    def quota(self) -> str | None:
        """The name of the goal that its measure is held against."""
        return self.measure.quota

    @property
    def rate(self) -> Fraction | None:
        """The flat rate, when it pays by one."""
        return self.pay.rate

    @property
    def table(self) -> RateTable | None:
        """The rate table, when it pays by one."""
        return self.pay.table


@dataclass(frozen=True, slots=True)
class Draw:
    """An advance or guarantee of an amount per period; recovery takes at most `recover` of what is earned above it."""

    kind: DrawKind
    amount: int
    recover: Fraction = Fraction(1)
    periods: int | None = None
    """How many periods it is granted for, None for all."""
    recover_after: int = 0
    """For how many periods nothing is recovered."""
    recover_until: int | None = None
    """The first day on which nothing is recovered any more; what is owed then is forgiven."""
    leaving: Leaving = Leaving.OWED
    prorated: bool = True
    shares: tuple[Fraction, ...] = ()
    """The share of the amount that each of the first periods grants, and none after them; the whole amount in each without them."""

    def share(self, number: int) -> Fraction:
        """What part of the amount the pay period of that number (from 0) grants."""
        if self.shares:
            return self.shares[number] if number < len(self.shares) else Fraction(0)
        return Fraction(self.periods is None or number < self.periods)


@dataclass(frozen=True, slots=True)
class Plan:
    """A published plan version: components in order, in one currency, for days in [start, end)."""

    key: str
    name: str
    currency: str
    start: int
    end: int
    period: str
    measures: tuple[Measure, ...]
    components: tuple[Component, ...]
    proration: Proration = Proration.DAYS
    cap: Bounds = Bounds()
    floor: Bounds = Bounds()
    draw: Draw | None = None
    tables: tuple[Table, ...] = ()
    release: Release = Release()
    holdback: Holdback | None = None
    leavers: Leavers = Leavers()
    negative_pay: bool = False
    currency_rate: RatePolicy = RatePolicy.SPOT
    fixed_on: int | None = None
    """The day whose currency rate a PLAN_YEAR takes."""

    @property
    def by_line(self) -> bool:
        """True when it asks what was sold: then deals with order lines are credited line by line."""
        return bool(LINE_COLUMNS & set(columns_of(self)))

    def measure(self, key: str) -> Measure:
        """A measure by its key."""
        return next(each for each in self.measures if each.key == key)

    def called(self, key: str) -> str:
        """What people call a component, measure or limit of it: its name, or its key where it has none."""
        measures = {each.key: each.called for each in self.measures}
        return (measures | {each.key: each.name for each in self.components} | PLAN_LIMITS).get(key, key)


def columns_of(part: object) -> Iterator[str]:
    """The columns of deals that a plan, or a part of one, names."""
    if isinstance(part, tuple):
        for each in part:
            yield from columns_of(each)
    elif is_dataclass(part) and not isinstance(part, type):
        if isinstance(part, Formula):
            yield from part.columns
            return
        if isinstance(part, Condition | Axis | Measure) and part.column:
            yield part.column
        if isinstance(part, RateTable) and part.per:
            yield part.per
        for each in fields(part):
            yield from columns_of(getattr(part, each.name))


__all__ = [
    "LINE_COLUMNS", "PLAN_CAP", "PLAN_FLOOR", "PLAN_LIMITS", "UNIT_SCALE", "Axis", "Boundary", "Bounds", "Component", "Condition",
    "Contest", "CreditKind", "CreditRule", "Draw", "Gate", "Kicker", "Lookup", "LookupRow", "Matrix", "Measure",
    "MeasureKind", "Multiplier", "Objective", "Pay", "Payment", "Plan", "RateTable", "Tier", "TierMode", "TierUnit",
    "columns_of",
]  # fmt: skip
