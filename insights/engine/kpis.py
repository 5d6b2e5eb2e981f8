"""The catalogue of KPIs as data: measures that rows add up to, and figures as formulas over measures. Pages and API read this one.

A measure is a sum over rows (deals, order lines, activities, contracts, statements). A row that says nothing about it is left out and
counted;
a KPI divides or multiplies sums, so that the figure of a team is that of its rows, not a mean of means.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from spm.core.money import RATE_SCALE, round_half_away


class Base(StrEnum):
    """What kind of rows a measure is summed over."""

    DEAL = "DEAL"
    OPEN = "OPEN"
    LINE = "LINE"
    ACTIVITY = "ACTIVITY"
    CONTRACT = "CONTRACT"
    RAMP = "RAMP"
    STATEMENT = "STATEMENT"


class Unit(StrEnum):
    """How a figure is read: an amount, an amount per day, a percentage, days, a count, a plain number."""

    MONEY = "MONEY"
    MONEY_PER_DAY = "MONEY_PER_DAY"
    RATE = "RATE"
    DAYS = "DAYS"
    COUNT = "COUNT"
    NUMBER = "NUMBER"


class Better(StrEnum):
    """Which way is better."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    NEITHER = "NEITHER"


class Missed(StrEnum):
    """When a target is missed: its figure is below it, or above it."""

    BELOW = "BELOW"
    ABOVE = "ABOVE"

    @property
    def label(self) -> str:
        """What a page calls it."""
        return self.value.lower()

    def by(self, number: int, target: int) -> bool:
        """Tell whether a figure misses a target; whoever meets it exactly has met it.

        >>> Missed.BELOW.by(9, 10), Missed.BELOW.by(10, 10), Missed.ABOVE.by(11, 10)
        (True, False, True)
        """
        return number < target if self is Missed.BELOW else number > target


@dataclass(frozen=True)
class Measure:
    """A sum over rows of one base; `counts` is AMOUNT for money in the company's currency, else what is counted."""

    key: str
    base: Base
    counts: str
    sentence: str

    @property
    def name(self) -> str:
        """What a page calls it."""
        return self.key.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Kpi:
    """A figure: its formula over measures, how it is read, where it comes from, who answers for its definition.

    `is_signed` tells that it is a difference, so that a target of it may be below 0; that of an own formula always may.
    """

    key: str
    name: str
    formula: str
    unit: Unit
    better: Better
    definition: str
    source: str
    owner: str = "Sales operations"
    is_own: bool = False
    is_signed: bool = False


BASES: dict[Base, tuple[str, str]] = {
    Base.DEAL: ("deals that closed", "No deal is known that closed by the end of the period."),
    Base.OPEN: ("open deals", "No deal is known that was created by the end of the period."),
    Base.LINE: ("order lines", "No order line is known by the end of the period."),
    Base.ACTIVITY: ("activities", "No activity is known by the end of the period."),
    Base.CONTRACT: ("contracts that ended", "No contract is known that ended by the end of the period."),
    Base.RAMP: ("first deals", "No first won deal is known by the end of the period."),
    Base.STATEMENT: ("statements", "Nobody within your reach has a statement of the period."),
}
"""What the rows of a base are called, and what is said where there are none yet."""

MEASURES: dict[str, Measure] = {
    one.key: one
    for one in (
        Measure("won_deals", Base.DEAL, "DEALS", "Deals won in the period."),
        Measure("lost_deals", Base.DEAL, "DEALS", "Deals lost in the period."),
        Measure("valued_deals", Base.DEAL, "DEALS", "Won deals with an amount in the company's currency."),
        Measure("won_amount", Base.DEAL, "AMOUNT", "Amount of the won deals, in the company's currency."),
        Measure("cycle_deals", Base.DEAL, "DEALS", "Won deals whose first and last day are known."),
        Measure("cycle_days", Base.DEAL, "DAYS", "Days from the first to the last day of won deals."),
        Measure("compared_amount", Base.DEAL, "AMOUNT", "Amount of won deals whose product has a list price."),
        Measure("compared_list", Base.DEAL, "AMOUNT", "List price of one unit of the product of these deals."),
        Measure("open_deals", Base.OPEN, "DEALS", "Deals that were open at the end of the period."),
        Measure("list_amount", Base.LINE, "AMOUNT", "List price of the order lines, times quantity."),
        Measure("net_amount", Base.LINE, "AMOUNT", "Net amount of order lines whose list price is known."),
        Measure("costed_amount", Base.LINE, "AMOUNT", "Net amount of order lines whose cost is known."),
        Measure("cost_amount", Base.LINE, "AMOUNT", "Cost of these order lines."),
        Measure("activities", Base.ACTIVITY, "ACTIVITIES", "Calls, meetings, mails and tasks in the period."),
        Measure("due_contracts", Base.CONTRACT, "CONTRACTS", "Contracts that ended in the period."),
        Measure("renewed_contracts", Base.CONTRACT, "CONTRACTS", "Of these, those that another one renews."),
        Measure("due_value", Base.CONTRACT, "AMOUNT", "Annual value of contracts that ended in the period."),
        Measure("renewed_value", Base.CONTRACT, "AMOUNT", "Of it, the value of those that another one renews."),
        Measure("ramped_sellers", Base.RAMP, "SELLERS", "People who won their first deal in the period."),
        Measure("ramp_days", Base.RAMP, "DAYS", "Days from their first day of employment to that deal."),
        Measure("credited_amount", Base.STATEMENT, "AMOUNT", "Credit held against a quota."),
        Measure("quota_amount", Base.STATEMENT, "AMOUNT", "The quota of the period."),
        Measure("expected_amount", Base.STATEMENT, "AMOUNT", "The share of the quota for the days that have passed."),
    )
}

_CRM, _ORDERS, _PAY = "Deals as known today", "Orders as known today", "Latest statements"
_WIN = "won_deals / (won_deals + lost_deals)"

KPIS: dict[str, Kpi] = {
    one.key: one
    for one in (
        Kpi(
            "attainment", "Attainment", "credited_amount / quota_amount", Unit.RATE, Better.HIGHER,
            "Credit of the period by its quota, of people who have a quota in money.", _PAY,
        ),
        Kpi(
            "pace", "Pace", "credited_amount / expected_amount", Unit.RATE, Better.HIGHER,
            "Credit by the share of the quota for the days that have passed: 100 % is on pace.", _PAY,
        ),
        Kpi(
            "won_amount", "Won amount", "won_amount", Unit.MONEY, Better.HIGHER,
            "Amount of the deals won in the period.", _CRM,
        ),
        Kpi(
            "win_rate", "Win rate", _WIN, Unit.RATE, Better.HIGHER,
            "Won deals by all that were won or lost in the period, by number.", _CRM,
        ),
        Kpi(
            "average_sale", "Average sale", "won_amount / valued_deals", Unit.MONEY, Better.HIGHER,
            "Amount of the won deals by their number.", _CRM,
        ),
        Kpi(
            "sales_cycle", "Sales cycle", "cycle_days / cycle_deals", Unit.DAYS, Better.LOWER,
            "Mean days from the first day of a deal to the day on which it was won.", _CRM,
        ),
        Kpi(
            "velocity", "Velocity",
            f"open_deals * ({_WIN}) * (won_amount / valued_deals) / (cycle_days / cycle_deals)",
            Unit.MONEY_PER_DAY, Better.HIGHER,
            "Open deals × win rate × average sale ÷ sales cycle: what the open pipeline yields per day.", _CRM,
        ),
        Kpi(
            "price_realisation", "Price realisation", "net_amount / list_amount", Unit.RATE, Better.HIGHER,
            "Net amount by list price of order lines; returns are left out.", _ORDERS, "Finance",
        ),
        Kpi(
            "discount_depth", "Discount depth", "(list_amount - net_amount) / list_amount", Unit.RATE, Better.LOWER,
            "What was given away of the list price of order lines; returns are left out.", _ORDERS, "Finance",
            is_signed=True,
        ),
        Kpi(
            "leakage", "Price leakage", "list_amount - net_amount", Unit.MONEY, Better.LOWER,
            "What was given away of the list price of order lines, as an amount; returns are left out.", _ORDERS, "Finance",
            is_signed=True,
        ),
        Kpi(
            "deal_to_list", "Deal to list price", "compared_amount / compared_list", Unit.RATE, Better.NEITHER,
            "Amount of won deals by the list price of one unit of their product; several units lift it above 100 %.", _CRM,
            "Finance",
        ),
        Kpi(
            "margin", "Margin", "(costed_amount - cost_amount) / costed_amount", Unit.RATE, Better.HIGHER,
            "Net amount less cost, by net amount, of order lines whose cost is known.", _ORDERS, "Finance",
            is_signed=True,
        ),
        Kpi(
            "activities", "Activities", "activities", Unit.COUNT, Better.NEITHER,
            "Calls, meetings, mails and tasks in the period.", "Activities as known today",
        ),
        Kpi(
            "ramp_time", "Ramp time", "ramp_days / ramped_sellers", Unit.DAYS, Better.LOWER,
            "Mean days from the first day of employment to the first won deal, of people who won it in the period.",
            "Deals and employments as known today",
        ),
        Kpi(
            "retention", "Retention", "renewed_contracts / due_contracts", Unit.RATE, Better.HIGHER,
            "Contracts that another one renews, by those that ended in the period, by number.",
            "Contracts as known today",
        ),
        Kpi(
            "value_retention", "Retention by value", "renewed_value / due_value", Unit.RATE, Better.HIGHER,
            "Annual value of contracts that another one renews, by that of those that ended in the period.",
            "Contracts as known today", "Finance",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Sum:
    """What rows add up to: `rows` have been looked at, `left_out` of them say nothing about the measure."""

    total: int = 0
    rows: int = 0
    left_out: int = 0

    @property
    def value(self) -> int | None:
        """The sum; None where rows that matter say nothing and the others add nothing."""
        return None if self.left_out and not self.total else self.total


def added(sums: Iterable[Sum]) -> Sum:
    """Several sums as one."""
    found = list(sums)
    return Sum(sum(one.total for one in found), sum(one.rows for one in found), sum(one.left_out for one in found))


def stored(value: Fraction, unit: Unit) -> int:
    """A figure as a whole number: minor units of money, else at scale 10**8; halves away from zero.

    >>> stored(Fraction(1, 3), Unit.RATE), stored(Fraction(5, 2), Unit.MONEY), stored(Fraction(-5, 2), Unit.MONEY)
    (33333333, 3, -3)
    """
    scaled = value if unit in (Unit.MONEY, Unit.MONEY_PER_DAY) else value * RATE_SCALE
    return round_half_away(scaled.numerator, scaled.denominator)
