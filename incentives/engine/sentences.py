"""The sentences of a plan document, by the word of the plan language. A second language is a second such table.

A sentence is a text with places in braces; what stands in them is made by prose.py. Nothing is put together from halves of
sentences, so that another language may order its words as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incentives.engine.language.vocabulary import ENGLISH as FORMULAS
from incentives.engine.language.vocabulary import Vocabulary
from incentives.engine.sentences_settling import SETTLING
from incentives.engine.words import (
    Accumulation,
    CreditDate,
    DrawKind,
    DuplicatePolicy,
    MeasureKind,
    Proration,
    ReversalRate,
    TierMode,
    Ties,
)
from spm.core.periods import CalendarKind


@dataclass(frozen=True)
class Language:
    """The words and sentences of one language, and how it writes numbers."""

    sentences: Mapping[str, str]
    periods: Mapping[CalendarKind, str]
    dates: Mapping[CreditDate, str]
    duplicates: Mapping[DuplicatePolicy, str]
    conditions: Mapping[str, str]
    measures: Mapping[MeasureKind, str]
    windows: Mapping[Accumulation, str]
    modes: Mapping[TierMode, str]
    prorations: Mapping[Proration, str]
    draws: Mapping[DrawKind, str]
    reversals: Mapping[ReversalRate, str]
    ties: Mapping[Ties, str]
    decimal_comma: bool = False
    formulas: Vocabulary = FORMULAS

    def say(self, sentence: str, **places: object) -> str:
        """A sentence with its places filled."""
        return self.sentences[sentence].format(**places)

    def number(self, text: str) -> str:
        """A number as the language writes it."""
        return text.translate(_COMMA) if self.decimal_comma else text


_COMMA = str.maketrans(",.", ".,")
_PERIOD = {
    CalendarKind.MONTHLY: "month",
    CalendarKind.QUARTERLY: "quarter",
    CalendarKind.YEARLY: "year",
    CalendarKind.FOUR_FOUR_FIVE: "period of the 4-4-5 calendar",
    CalendarKind.WEEKLY: "week",
    CalendarKind.BIWEEKLY: "fortnight",
    CalendarKind.SEMI_MONTHLY: "half month",
}
_DATE = {
    CreditDate.CREDITED: "credited",
    CreditDate.BOOKED: "booked",
    CreditDate.CLOSED: "closed",
    CreditDate.INVOICED: "invoiced",
    CreditDate.PAID: "paid",
}
_DUPLICATE = {
    DuplicatePolicy.SUM: "A deal that reaches one manager more than once counts each time.",
    DuplicatePolicy.MAX: "Of a deal that reaches one manager more than once only the largest credit counts.",
    DuplicatePolicy.ONCE: "A deal that reaches one manager more than once counts once, at its full amount.",
}
_CONDITION = {
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
_MEASURE = {
    MeasureKind.AMOUNT: "the credited amount",
    MeasureKind.MARGIN: "the credited margin (amount less cost)",
    MeasureKind.COLUMN: "the credited {column}",
    MeasureKind.UNITS: "the number of units",
    MeasureKind.COUNT: "the number of deals",
    MeasureKind.DISTINCT: "the number of different values of {column}",
    MeasureKind.FORMULA: "the credited part of {column}",
}
_WINDOW = {
    Accumulation.PERIOD: "of the {period}",
    Accumulation.QTD: "of the quarter to date",
    Accumulation.YTD: "of the fiscal year to date",
    Accumulation.CONTRACT: "since the start of the plan",
}
_MODE = {
    TierMode.MARGINAL: "Each part of what counts is paid at the rate of its own tier",
    TierMode.WHOLE: "The tier reached pays the whole of what counts",
    TierMode.INTERPOLATED: "Completed tiers pay in full and the tier reached pays the share of its width",
}
_PRORATION = {
    Proration.DAYS: "Whoever holds a position for part of a period carries its quota in proportion to the days.",
    Proration.MONTHS: "Whoever holds a position for part of a period carries its quota in proportion to the months.",
    Proration.NONE: "Whoever holds a position for part of a period carries its whole quota.",
}
_DRAW = {
    DrawKind.RECOVERABLE_GUARANTEE: (
        "Pay of a {period} is topped up to {amount}; the top-up is owed and recovered from later earnings above it."
    ),
    DrawKind.NON_RECOVERABLE_GUARANTEE: "Pay of a {period} is topped up to {amount}; the top-up is kept.",
    DrawKind.RECOVERABLE: "{amount} is advanced in each {period} on top of earnings; it is owed and recovered from later earnings.",
    DrawKind.NON_RECOVERABLE: "{amount} is paid in each {period} on top of earnings and kept.",
}
_REVERSAL = {
    ReversalRate.ORIGINAL: "A return pays back at the rate of its sale",
    ReversalRate.CURRENT: "A return is rated like any negative credit of its own day",
}
_TIES = {
    Ties.SHARE: "Those on one rank share the prizes of the places they fill.",
    Ties.EACH: "Each of those on one rank receives the full prize.",
}
_SENTENCES = {
    **SETTLING,
    "plan": "{name} holds from {start} through {end}. Amounts are in {currency} and are calculated for each {period}.",
    "rate_period_average": "Amounts in other currencies are converted at the mean of all days of the {period} of their credit.",
    "rate_plan_year": "Amounts in other currencies are converted at one rate for the whole plan, that of {day}.",
    "limit": "The whole plan {limit}",
    "draw_recover": "At most {share} of what is earned above it is taken to recover what is owed.",
    "draw_shares": "Only the first {count} periods of a person grant it, one after the other: {amounts}.",
    "draw_periods": "It is granted for the first {count} periods.",
    "measure_named": "{name}: {text}",
    "credit": "{name}: {text}",
    "paid_not": "It is not paid itself; other components build on it.",
    "rounding": "The amount is rounded once, to the smallest unit of {currency}, halves away from zero.",
    "rollup": "managers receive {share}the credit of {team} for {deals}, {dated}, by the reporting line of that day. {duplicates}{capped}",
    "team_direct": "their direct reports",
    "team_level": "those who stand {level} levels below them",
    "team_subtree": "everybody who reports to them, directly or through others",
    "rollover": "whoever is {relation} of the credited person that day receives {share}the credit of {deals}, {dated}.{capped}",
    "overlay": "overlay credit of {share}{deals}, {dated}, by the overlay shares of the deal.{capped}",
    "direct": "the owner is credited with {share}the amount of {deals}, {dated}; a deal with a revenue split is shared by it.{capped}",
    "direct_territory": (
        "{share}the amount of {deals}, {dated}, is credited to whoever covers the territory of their account on that day, by the "
        "shares with which it is covered; a deal with a revenue split is shared by it.{capped}"
    ),
    "share": "{share} of ",
    "deals_all": "all deals",
    "deals_where": "deals {where}",
    "dated": "dated when they are {policy}{start}{end}{owner}",
    "owner_territory": ", for whoever covers the territory of their account on that day",
    "owner_then": ", for whoever owned them on that day",
    "from": " from {day}",
    "through": " through {day}",
    "tenure_from": " Only who has completed {months} months of employment on that day is credited.",
    "tenure_below": " Only who has completed less than {below} months of employment on that day is credited.",
    "tenure_between": " Only who has completed {months} and less than {below} months of employment on that day is credited.",
    "capped": " Of one deal at most {amount} is credited.",
    "with": "with {conditions}",
    "where": "where {conditions}",
    "and": " and ",
    "or": " or ",
    "counts": "What counts is {what} {window}.",
    "counts_against": "What counts is {what} {window}, held against {goal} ({quota}).",
    "counts_part": "What counts is {what} {window}; percentages of it are parts of {name} of the same time.",
    "goal_whole": "the quota of the whole window",
    "goal_to_date": "the quota of the same time",
    "returns": "{rate}; it does not lower attainment.",
    "returns_lower": "{rate}; it lowers attainment.",
    "returns_to_date": "What later periods changed of that pay comes back with it.",
    "by_deal": "Every deal is rated alone.",
    "by_deal_tier": "Every deal is rated alone: its own amount, not the sum of the period, decides the tier.",
    "target": "Rates are shares of a target of {target} at 100 % {goal}.{summed}",
    "target_stated": "The target is {target}.{summed}",
    "target_each": "{amount} for each {period}",
    "target_summed": " The targets of all periods in the window are summed.",
    "target_named": "each person's {name}",
    "rate": "It pays {rate} of what counts.",
    "each": "It pays {amount} for each.",
    "lookup": "Every deal is paid by the first line that fits: {rows}. A deal that fits none earns nothing.",
    "row": "{where}: {pays}",
    "row_other": "any other deal",
    "matrix": "The rate is found in a table by {rows} and {columns}: {cells}. A value exactly on an edge belongs to the {edge} cell.",
    "cell": "{rows} and {columns}: {pays}",
    "axis_deal": "the {name} of the deal",
    "axis_measure": "the reach of {name}",
    "objectives": "It pays the target in proportion to the scores of the objectives {named}.",
    "objective": "{name} ({weight})",
    "contest": "Whoever ranks highest by what counts wins: {prizes}.{minimum} {ties}",
    "contest_attainment": "Whoever reaches the highest percentage {goal} wins: {prizes}.{minimum} {ties}",
    "prize": "place {place} {prize}",
    "contest_minimum": " Only who reaches {minimum} takes part.",
    "contest_minimum_goal": " Only who reaches {minimum} {goal} takes part.",
    "pot_equal": "A pot of {pot} for each {period} is shared in equal parts by everybody who takes part.{minimum} {rest}",
    "pot_proportional": (
        "A pot of {pot} for each {period} is shared in proportion to what counts; who has nothing that counts takes no part."
        "{minimum} {rest}"
    ),
    "pot_rest": (
        "The parts sum to the pot: what the division leaves over goes in smallest units of {currency} to the largest remainders."
    ),
    "formula": "It pays {formula}.",
    "greatest": "It pays the greatest of {names}.",
    "bonus": "It pays {amount}.",
    "payment_each": "{amount} each",
    "tiers": "{mode}: {tiers}; a value exactly on an edge belongs to the {edge} tier.{by}{opening}",
    "tier": "{pays} {span}",
    "tier_goal": "{pays} {span} {goal}",
    "earned_edge": "what has earned {amount}",
    "above": "above {low}",
    "up_to": "up to {high}",
    "between": "from {low} to {high}",
    "below": "below {high}",
    "upper": "upper",
    "lower": "lower",
    "tiers_by": " The tier is found by {name}.",
    "tiers_by_per": " Each {name} has these tiers for itself: what counts of it by the end of the period finds the tier.",
    "tiers_against": " The percentages are of what the person was credited of the same {name} in {window}.",
    "tiers_new_paid": " Where that was nothing, all is above it and the last tier pays.",
    "tiers_new_unpaid": " Where that was nothing, nothing is paid.",
    "earlier_before": "the {period} before",
    "earlier_period": "the same {period} of the year before",
    "earlier_quarter": "the whole of the same quarter of the year before",
    "earlier_year": "the whole of the fiscal year before",
    "tiers_climbed_per": " Each {name} has these tiers for itself: its deals climb them in the order of their days.",
    "tiers_climbed": " All deals of {name} climb the tiers together, in the order of their days; each is paid by the parts of its way.",
    "opening": " At {low} it opens with {share}.",
    "step": " At {low} it steps from {before} to {after}.",
    "table_points": (
        "The curve {name} gives {points}: straight lines between these points, nothing below the first, level after the last; "
        "of two points at one place the later holds from there on."
    ),
    "table_rows": "The table {name} gives {rows}.",
    "table": "The table {name}. {text}",
    "multiplier": "The amount is multiplied by the reach of {name}: {tiers}",
    "kicker": "{extra} is added.",
    "kicker_once": "{extra} is added once {name} reaches {reach}.",
    "kicker_rate": "{rate} of the amount so far",
    "kicker_each": "{amount} for each of {name}",
    "gate": "Nothing is paid unless {name} reaches {reach}.",
    "reach_goal": "{reach} {goal}",
    "of_quota": "of the quota",
    "of_its_quota": "of its quota",
    "of_measure": "of {name}",
    "bound": "It {limit}",
    "floor": "pays at least {amount} for a {span}.",
    "cap": "pays at most {amount} for a {span}.",
    "span_deal": "deal",
    "span_year": "fiscal year",
}
ENGLISH = Language(
    sentences=_SENTENCES, periods=_PERIOD, dates=_DATE, duplicates=_DUPLICATE, conditions=_CONDITION, measures=_MEASURE,
    windows=_WINDOW, modes=_MODE, prorations=_PRORATION, draws=_DRAW, reversals=_REVERSAL, ties=_TIES,
)  # fmt: skip
