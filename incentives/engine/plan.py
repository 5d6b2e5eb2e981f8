"""A plan is data: frozen, typed, exact. What a sales operations person writes is compiled to it and nothing else is run.

Shares and rates are Fractions, money is minor units of the plan's currency, days are day numbers, intervals are half-open.
The enums are spelled as in the glossary of the domain. This module computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class TierMode(StrEnum):
    """How a value that crosses tiers is paid."""

    MARGINAL = "MARGINAL"
    WHOLE = "WHOLE"
    INTERPOLATED = "INTERPOLATED"


class Boundary(StrEnum):
    """To which tier a value exactly on an edge belongs."""

    LOWER_INCLUSIVE = "LOWER_INCLUSIVE"
    UPPER_INCLUSIVE = "UPPER_INCLUSIVE"


class Accumulation(StrEnum):
    """The window over which credit and goal are summed."""

    PERIOD = "PERIOD"
    QTD = "QTD"
    YTD = "YTD"
    CONTRACT = "CONTRACT"


class GoalWindow(StrEnum):
    """Which goals an accumulated credit is held against: those up to the period, or those of the whole window."""

    TO_DATE = "TO_DATE"
    WHOLE_WINDOW = "WHOLE_WINDOW"


class CreditKind(StrEnum):
    """Who receives credit for a deal."""

    DIRECT = "DIRECT"
    SPLIT = "SPLIT"
    OVERLAY = "OVERLAY"
    ROLLUP = "ROLLUP"
    ROLLOVER = "ROLLOVER"
    MANUAL = "MANUAL"


class Levels(StrEnum):
    """How far up the reporting line credit rolls."""

    DIRECT_REPORTS = "DIRECT_REPORTS"
    SUBTREE = "SUBTREE"


class DuplicatePolicy(StrEnum):
    """What one person receives when one deal rolls up to them more than once."""

    SUM = "SUM"
    MAX = "MAX"
    ONCE = "ONCE"


class CreditDate(StrEnum):
    """Which day of a deal decides period, owner and plan."""

    CREDITED = "CREDITED"
    BOOKED = "BOOKED"
    CLOSED = "CLOSED"
    INVOICED = "INVOICED"
    PAID = "PAID"


class MeasureKind(StrEnum):
    """What of a credit is aggregated."""

    AMOUNT = "AMOUNT"
    MARGIN = "MARGIN"
    UNITS = "UNITS"
    COUNT = "COUNT"
    COLUMN = "COLUMN"


class TierUnit(StrEnum):
    """What the edges of a rate table are measured in."""

    ATTAINMENT = "ATTAINMENT"
    MEASURE = "MEASURE"


class Per(StrEnum):
    """Whether a component rates the sum of the period or every deal alone."""

    PERIOD = "PERIOD"
    DEAL = "DEAL"


class Proration(StrEnum):
    """How a position's goal follows the part of a period for which the position is held."""

    DAYS = "DAYS"
    MONTHS = "MONTHS"
    NONE = "NONE"


class ReversalRate(StrEnum):
    """At which rate a return pays back."""

    ORIGINAL = "ORIGINAL"
    CURRENT = "CURRENT"


class ReleasePolicy(StrEnum):
    """Which event makes an earning payable."""

    ON_BOOKING = "ON_BOOKING"
    ON_INVOICE = "ON_INVOICE"
    CASH_PRO_RATA = "CASH_PRO_RATA"
    CASH_FULL = "CASH_FULL"
    SCHEDULE = "SCHEDULE"


@dataclass(frozen=True, slots=True)
class Condition:
    """A deal qualifies when the column holds one of the values (or none of them, when `negated`)."""

    column: str
    values: tuple[object, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class CreditRule:
    """Who receives how much of which deals. `share` is the credit rate of the rule, 1 for full credit."""

    key: str
    kind: CreditKind = CreditKind.DIRECT
    where: tuple[Condition, ...] = ()
    share: Fraction = Fraction(1)
    credit_date: CreditDate = CreditDate.CREDITED
    levels: Levels = Levels.DIRECT_REPORTS
    duplicates: DuplicatePolicy = DuplicatePolicy.SUM


@dataclass(frozen=True, slots=True)
class Measure:
    """What is summed over credits: a kind, and the deal column when the kind is COLUMN."""

    kind: MeasureKind = MeasureKind.AMOUNT
    column: str = ""

    @property
    def is_money(self) -> bool:
        """True when the sum is an amount of the plan's currency."""
        return self.kind in (MeasureKind.AMOUNT, MeasureKind.MARGIN, MeasureKind.COLUMN)


@dataclass(frozen=True, slots=True)
class Tier:
    """One band: from `lower` until `upper` (None is open), paid at `rate` (share of the value) or with `amount` (minor units).

    Edges are shares of the goal (1 is 100 %) or values of the measure in its smallest unit.
    """

    lower: Fraction
    upper: Fraction | None
    rate: Fraction | None = None
    amount: Fraction | None = None


@dataclass(frozen=True, slots=True)
class RateTable:
    """Tiers in order, without gap or overlap."""

    tiers: tuple[Tier, ...]
    unit: TierUnit = TierUnit.ATTAINMENT
    mode: TierMode = TierMode.MARGINAL
    boundary: Boundary = Boundary.LOWER_INCLUSIVE


@dataclass(frozen=True, slots=True)
class Component:
    """One line of pay: which credit, summed how, against which goal, paid at which rates."""

    key: str
    name: str
    credit: tuple[CreditRule, ...]
    measure: Measure = Measure()
    quota: str | None = None
    accumulation: Accumulation = Accumulation.PERIOD
    rate: Fraction | None = None
    table: RateTable | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A published plan version: components in order, in one currency, for days in [start, end)."""

    key: str
    name: str
    currency: str
    start: int
    end: int
    period: str
    components: tuple[Component, ...]
    proration: Proration = Proration.DAYS
    notes: tuple[str, ...] = field(default=())
