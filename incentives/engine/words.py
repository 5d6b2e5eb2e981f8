"""The words of the plan language: every policy is an enum, spelled as in the glossary of the domain."""

from __future__ import annotations

from enum import StrEnum


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
    OVERLAY = "OVERLAY"
    ROLLUP = "ROLLUP"
    ROLLOVER = "ROLLOVER"


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


class DealOwner(StrEnum):
    """Whose a deal is: of whoever is last known to own it, of its owner on the day that decides, or of whoever covers the territory of its
    account on that day."""

    NOW = "NOW"
    THEN = "THEN"
    TERRITORY = "TERRITORY"


class MeasureKind(StrEnum):
    """What of a credit is aggregated."""

    AMOUNT = "AMOUNT"
    MARGIN = "MARGIN"
    COLUMN = "COLUMN"
    UNITS = "UNITS"
    COUNT = "COUNT"
    DISTINCT = "DISTINCT"
    FORMULA = "FORMULA"


class TierUnit(StrEnum):
    """What edges are measured in: shares of the goal, the unit of the measure, or shares of what the same value (of `tiers_per`) came to
    in an earlier window."""

    ATTAINMENT = "ATTAINMENT"
    MEASURE = "MEASURE"
    EARLIER = "EARLIER"


class EarlierWindow(StrEnum):
    """What each customer, product … is compared with: the period before, or the same window of the year before."""

    PRIOR = "PRIOR"
    PRIOR_YEAR = "PRIOR_YEAR"


class NewValues(StrEnum):
    """What is paid for a customer, product … that had nothing in the earlier window: the last tier, or nothing."""

    LAST_TIER = "LAST_TIER"
    UNPAID = "UNPAID"


class Per(StrEnum):
    """Whether a component rates the sum of the period or every deal alone."""

    PERIOD = "PERIOD"
    DEAL = "DEAL"


class Proration(StrEnum):
    """How a position's goal follows the part of a period for which the position is held."""

    DAYS = "DAYS"
    MONTHS = "MONTHS"
    NONE = "NONE"


class RatePolicy(StrEnum):
    """Which currency rate an amount is converted at: of the credit's day, the mean of its pay period, or one of the plan's year."""

    SPOT = "SPOT"
    PERIOD_AVERAGE = "PERIOD_AVERAGE"
    PLAN_YEAR = "PLAN_YEAR"


class PayRatePolicy(StrEnum):
    """Which currency rate pay is converted at: of the last day of its pay period, or the mean of the period's days."""

    PERIOD_END = "PERIOD_END"
    PERIOD_AVERAGE = "PERIOD_AVERAGE"


class ReversalRate(StrEnum):
    """At which rate a return pays back: the one that its sale was paid at, or like any negative credit."""

    ORIGINAL = "ORIGINAL"
    CURRENT = "CURRENT"


class DrawKind(StrEnum):
    """The four draws. Guarantees top an earning up; the others are paid on top of it; recoverable ones are owed."""

    RECOVERABLE_GUARANTEE = "RECOVERABLE_GUARANTEE"
    NON_RECOVERABLE_GUARANTEE = "NON_RECOVERABLE_GUARANTEE"
    RECOVERABLE = "RECOVERABLE"
    NON_RECOVERABLE = "NON_RECOVERABLE"


class PotShare(StrEnum):
    """How the pot of a contest is shared by those who take part: in equal parts, or in proportion to what counts."""

    EQUAL = "EQUAL"
    PROPORTIONAL = "PROPORTIONAL"


class Rank(StrEnum):
    """What a contest ranks people by: what counts, or the attainment of it (of a quota, or of the measure it is held against)."""

    MEASURE = "MEASURE"
    ATTAINMENT = "ATTAINMENT"


class Ties(StrEnum):
    """What people on one rank of a contest receive: the sum of their places' prizes in equal parts, or each the full prize."""

    SHARE = "SHARE"
    EACH = "EACH"


class ReleaseWhen(StrEnum):
    """Which event of a deal makes what it earned payable."""

    ON_BOOKING = "ON_BOOKING"
    ON_INVOICE = "ON_INVOICE"
    CASH_PRO_RATA = "CASH_PRO_RATA"
    CASH_FULL = "CASH_FULL"
    SCHEDULE = "SCHEDULE"


class Leaving(StrEnum):
    """What becomes of the balance of a draw when its person leaves."""

    OWED = "OWED"
    FORGIVEN = "FORGIVEN"
    SETTLED = "SETTLED"
    """Taken from the last pay, all that it covers; the rest stays owed."""


class LeaverPay(StrEnum):
    """What becomes of pay that still waits when its person leaves."""

    PAID = "PAID"
    FORFEITED = "FORFEITED"


class LeaverHoldback(StrEnum):
    """What becomes of what is held back when its person leaves."""

    KEPT = "KEPT"
    """Held until its day or event, then paid."""
    PAID = "PAID"
    FORFEITED = "FORFEITED"


class LeaverInstalments(StrEnum):
    """What becomes of a clawback in instalments when its person leaves."""

    CONTINUED = "CONTINUED"
    AT_ONCE = "AT_ONCE"
