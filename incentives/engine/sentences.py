"""The fixed English phrases of a plan document, by the word of the plan language. A second language is a second such table."""

from __future__ import annotations

from incentives.engine.words import (
    Accumulation,
    CreditDate,
    DrawKind,
    DuplicatePolicy,
    MeasureKind,
    Proration,
    TierMode,
)
from spm.core.periods import CalendarKind

PERIOD_WORDS = {
    CalendarKind.MONTHLY: "month",
    CalendarKind.QUARTERLY: "quarter",
    CalendarKind.YEARLY: "year",
    CalendarKind.FOUR_FOUR_FIVE: "period of the 4-4-5 calendar",
    CalendarKind.WEEKLY: "week",
    CalendarKind.SEMI_MONTHLY: "half month",
}
DATE_WORDS = {
    CreditDate.CREDITED: "credited",
    CreditDate.BOOKED: "booked",
    CreditDate.CLOSED: "closed",
    CreditDate.INVOICED: "invoiced",
    CreditDate.PAID: "paid",
}
DUPLICATE_WORDS = {
    DuplicatePolicy.SUM: "A deal that reaches one manager more than once counts each time.",
    DuplicatePolicy.MAX: "Of a deal that reaches one manager more than once only the largest credit counts.",
    DuplicatePolicy.ONCE: "A deal that reaches one manager more than once counts once, at its full amount.",
}
CONDITION_WORDS = {
    "IN": "",
    "NOT_IN": "other than ",
    "AT_LEAST": "of at least ",
    "ABOVE": "above ",
    "AT_MOST": "of at most ",
    "BELOW": "below ",
    "UNDER": "under ",
    "EMPTY": "empty",
    "NOT_EMPTY": "given",
}
MEASURE_WORDS = {
    MeasureKind.AMOUNT: "the credited amount",
    MeasureKind.MARGIN: "the credited margin (amount less cost)",
    MeasureKind.COLUMN: "the credited {column}",
    MeasureKind.UNITS: "the number of units",
    MeasureKind.COUNT: "the number of deals",
    MeasureKind.DISTINCT: "the number of different values of {column}",
    MeasureKind.FORMULA: "the credited part of {column}",
}
WINDOW_WORDS = {
    Accumulation.PERIOD: "of the {period}",
    Accumulation.QTD: "of the quarter to date",
    Accumulation.YTD: "of the fiscal year to date",
    Accumulation.CONTRACT: "since the start of the plan",
}
MODE_WORDS = {
    TierMode.MARGINAL: "Each part of what counts is paid at the rate of its own tier",
    TierMode.WHOLE: "The tier reached pays the whole of what counts",
    TierMode.INTERPOLATED: "Completed tiers pay in full and the tier reached pays the share of its width",
}
PRORATION_WORDS = {
    Proration.DAYS: "Whoever holds a position for part of a period carries its quota in proportion to the days.",
    Proration.MONTHS: "Whoever holds a position for part of a period carries its quota in proportion to the months.",
    Proration.NONE: "Whoever holds a position for part of a period carries its whole quota.",
}
DRAW_WORDS = {
    DrawKind.RECOVERABLE_GUARANTEE: (
        "Pay of a {period} is topped up to {amount}; the top-up is owed and recovered from later earnings above it."
    ),
    DrawKind.NON_RECOVERABLE_GUARANTEE: "Pay of a {period} is topped up to {amount}; the top-up is kept.",
    DrawKind.RECOVERABLE: "{amount} is advanced in each {period} on top of earnings; it is owed and recovered from later earnings.",
    DrawKind.NON_RECOVERABLE: "{amount} is paid in each {period} on top of earnings and kept.",
}
