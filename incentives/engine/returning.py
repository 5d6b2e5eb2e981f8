"""Returns and their sales, also when another plan or version credited the sale.

Under the original rate a return belongs to the version that credited its sale: the same people give back, by the same rules, what
the sale brought them, on the day of the return, whatever pays them by then. Where that day's own rules credit the return to somebody
whom its sale did not credit, it takes nothing back of that person: the sale's version does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from incentives.engine.assigning import Seats
from incentives.engine.attainment import Windows
from incentives.engine.candidates import Lines
from incentives.engine.credited import Credited
from incentives.engine.plan import CreditRule, Measure, Plan
from incentives.engine.words import ReversalRate
from spm.core.columns import order_of
from spm.core.dated import Lookup


def sale_rows(credited: Credited, measure: Measure, sold: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For some credits of returns (`sold` names the deal row that each deal reverses), the row of the same person's credit for the sale,
    else -1."""
    if not len(rows):
        return rows
    asked = sold[credited.deal[rows]]
    sales = np.flatnonzero(np.isin(credited.deal, asked[asked >= 0]))
    place = dict(zip(_keys(credited, measure, sales, credited.deal[sales]), sales.tolist(), strict=True))
    return np.array([place.get(key, -1) for key in _keys(credited, measure, rows, asked)], dtype=np.int64)


def _keys(credited: Credited, measure: Measure, rows: np.ndarray, deal: np.ndarray) -> list[tuple[int, ...]]:
    """What tells the credits of one deal apart: who has it, by which rule, and whose deal it was. A rule that credits the whole deal
    credits it once, whosever it was."""
    whole = np.array([*(rule.is_whole for rule in measure.credit), False], dtype=bool)  # the last are manual credits
    rule = credited.rule[rows]
    columns = (deal, credited.participant[rows], rule, np.where(whole[rule], -1, credited.origin[rows]))
    return list(zip(*(column.tolist() for column in columns), strict=True))


@dataclass(frozen=True)
class Taken:
    """The returns of one rule: of each the credit (row) of its sale that comes back, the return (deal row), and its direct line."""

    sale: np.ndarray
    deal: np.ndarray
    line: np.ndarray


def taken_back(
    credited: Credited,
    measure: Measure,
    rule: CreditRule,
    direct: Lines,
    sold: np.ndarray,
    days: np.ndarray,
    windows: Windows,
) -> Taken:
    """What returns take back of the credits of a rule beyond what the rule itself credits of them on their own day.

    A return of a deal that was shared between other people is not among them, unless the rule credits the whole deal: whose it is can't
    be told.
    """
    returns = np.flatnonzero(sold >= 0)
    returns = returns[windows.holding(days[returns]) >= 0] if len(returns) else returns
    is_return = sold[credited.deal] != -1
    sales = np.flatnonzero(~is_return)
    sales = sales[np.isin(credited.deal[sales], sold[returns])]
    sales = sales[order_of(credited.deal[sales])] if len(sales) else sales
    first = np.searchsorted(credited.deal[sales], sold[returns], side="left")
    count = np.searchsorted(credited.deal[sales], sold[returns], side="right") - first
    deal = np.repeat(returns, count)
    sale = sales[np.repeat(first - np.cumsum(count) + count, count) + np.arange(len(deal))]
    line = _lines_of(direct, deal, None if rule.is_whole else credited.origin[sale])
    there = set(_keys(credited, measure, back := np.flatnonzero(is_return), credited.deal[back]))
    own = np.array([key in there for key in _keys(credited, measure, sale, deal)], dtype=bool)
    kept = np.flatnonzero((line >= 0) & ~own)
    return Taken(sale[kept], deal[kept], line[kept])


def _lines_of(direct: Lines, deal: np.ndarray, person: np.ndarray | None) -> np.ndarray:
    """The direct line of each deal and person, -1 where there is none; without a person any of the deal's."""
    mine = np.flatnonzero(np.isin(direct.deal, deal))
    whose = np.zeros_like(direct.origin) if person is None else direct.origin
    asked = np.zeros_like(deal) if person is None else person
    place = dict(zip(zip(direct.deal[mine].tolist(), whose[mine].tolist(), strict=True), mine.tolist(), strict=True))
    pairs = zip(deal.tolist(), asked.tolist(), strict=True)
    return np.array([place.get(pair, -1) for pair in pairs], dtype=np.int64)


def _sellers(direct: Lines, deals: np.ndarray) -> dict[int, list[int]]:
    """By deal (row), whose it was, in order."""
    mine = np.flatnonzero(np.isin(direct.deal, deals))
    found: dict[int, list[int]] = {}
    for deal, person in sorted(set(zip(direct.deal[mine].tolist(), direct.origin[mine].tolist(), strict=True))):
        found.setdefault(deal, []).append(person)
    return found


@dataclass(frozen=True)
class Payers:
    """Which of the plans pay whom on a day."""

    plans: Sequence[Plan]
    seats: Seats
    people: Lookup

    def on(self, person: int, day: int) -> list[Plan]:
        """The plans that pay a person on a day."""
        holding = int(self.people.rows_on(np.array([person]), np.array([day]))[0])
        paid = self.seats.paid
        paying = paid.plan[(paid.holding == holding) & (paid.start <= day) & (paid.end > day)] if holding >= 0 else ()
        return [self.plans[number] for number in sorted(set(map(int, paying)))]


def settle(
    credited: Credited,
    measure: Measure,
    rule: CreditRule,
    direct: Lines,
    sold: np.ndarray,
    days: np.ndarray,
    windows: Windows,
    payers: Payers,
) -> Credited:
    """The credits of a rule, their returns marked that are not rated on their own day.

    Where the person has no credit of the sale, the version decides that paid the person, or whose deal it was, on the day of the sale:
    where it keeps the original rate it takes the sale back itself, else the return is rated like any negative credit. Where none is
    known, a return at the original rate is lost. A rule that credits the whole deal asks all whose deal it was, whomever the return names.
    """
    keeps = measure.reversal_rate == ReversalRate.ORIGINAL
    is_return = sold[credited.deal] != -1
    back = np.flatnonzero(is_return)
    asked = sold[credited.deal[back]]
    sales = np.flatnonzero(np.isin(credited.deal, asked))
    there = set(_keys(credited, measure, sales, credited.deal[sales]))
    keys = _keys(credited, measure, back, asked)
    alone = [row for row, key in zip(back.tolist(), keys, strict=True) if key not in there]
    reversal, lost = is_return & keeps, np.zeros(len(credited), dtype=bool)
    if not alone:
        return credited.with_returns(reversal, lost)
    shared = _sellers(direct, sold[credited.deal[alone]])
    for row in alone:
        sale, origin = int(sold[credited.deal[row]]), int(credited.origin[row])
        sellers = [each for each in shared.get(sale, ()) if rule.is_whole or each == origin]
        known = bool(sellers) and bool(windows.holding(days[[sale]])[0] >= 0)
        people = (int(credited.participant[row]), *sellers)
        paying = next((found for each in people if (found := payers.on(each, int(days[sale])))), []) if known else []
        lost[row] = keeps and not paying
        reversal[row] = _keeps_rate(measure, paying) if paying else keeps
    return credited.with_returns(reversal, lost)


def _keeps_rate(measure: Measure, plans: Sequence[Plan]) -> bool:
    """Whether the plans take a sale back at its original rate: their measure of the same name says it, else any of theirs."""
    measures = [each for plan in plans for each in plan.measures if each.credit]
    named = [each for each in measures if each.key == measure.key]
    return any(each.reversal_rate == ReversalRate.ORIGINAL for each in named or measures)
