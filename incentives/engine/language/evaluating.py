"""Computes typed formulas over whole columns, exactly. Nothing is run but the operations of this module.

Arithmetic stays in 64-bit integers over one denominator; object columns of Python integers come only where a row would overflow
or where a column is divided by a column. A row without a value (a division by zero, an empty cell) carries its reason; the other
branch of an IF, or a condition that is decided without it, does not mind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
import pandas as pd

from incentives.engine import rates
from incentives.engine.language.context import Table
from incentives.engine.language.days import days_of, part_of_day
from incentives.engine.language.lookups import Rows, coded, column, different_keys
from incentives.engine.language.points import Points, on_curve
from incentives.engine.language.texts import TEXTS, text_function
from incentives.engine.language.tree import Formula, Node
from incentives.engine.language.units import Kind
from incentives.engine.language.values import Reason, Values, fractions, integers, spread, troubled, whole
from incentives.engine.plan import UNIT_SCALE, RateTable
from spm.core.exact import Exact
from spm.core.money import minor_digits

EMPTY = "FACT_EMPTY"
NAMED_KEYS = 20
"""Keys without a row that are named one by one."""


class Source(Protocol):
    """Where names and sums over credits get their values; every source knows how many rows it has."""

    @property
    def length(self) -> int:
        """How many rows it has."""
        ...

    def read(self, node: Node, evaluation: Evaluation) -> Values:
        """The column of a name, a quota, a sum over credits."""
        ...


@dataclass
class Evaluation:
    """One formula over one source. `reasons` are those that rows without a value name; `seen` keeps every piece when asked."""

    formula: Formula
    source: Source
    reasons: list[Reason] = field(default_factory=list)
    seen: dict[Node, Values] | None = None

    def value(self) -> Values:
        """The column of the whole formula, one row per row of the source."""
        return spread(self.of(self.formula.tree), self.source.length)

    def of(self, node: Node) -> Values:
        """The column of one piece."""
        handler = _HANDLERS.get(node.what)
        made = self.source.read(node, self) if handler is None else handler(self, node)
        if self.seen is not None:
            self.seen[node] = made
        return made

    def piece(self, node: Node) -> str:
        """A piece as it is written."""
        return " ".join(self.formula.text[node.span[0] : node.span[1]].split())

    def mark(self, mask: np.ndarray, reason: Reason) -> np.ndarray | None:
        """The trouble of rows that have a reason."""
        if not mask.any():
            return None
        if reason not in self.reasons:
            self.reasons.append(reason)
        return np.where(mask, self.reasons.index(reason) + 1, 0).astype(np.int32)

    def without_empty(self, trouble: np.ndarray | None) -> tuple[np.ndarray | None, np.ndarray | None]:
        """The trouble that is more than an empty cell, and the mask of empty cells."""
        if trouble is None:
            return None, None
        codes = np.array([False, *(reason.code == EMPTY for reason in self.reasons)])
        empty = codes[trouble]
        rest = np.where(empty, 0, trouble)
        return (rest if rest.any() else None), empty


def _constant(evaluation: Evaluation, node: Node) -> Values:
    if isinstance(node.value, Fraction):
        return Values(Exact(integers([node.value.numerator]), node.value.denominator))
    return Values(np.array([node.value], dtype=bool if isinstance(node.value, bool) else object))


def _to_money(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    assert isinstance(node.value, int)
    return Values(value.exact.times(Fraction(node.value)), value.trouble)


def _negated(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    return Values(Exact(-value.exact.top, value.exact.bottom), value.trouble)


def _absolute(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    return Values(Exact(np.abs(value.exact.top), value.exact.bottom), value.trouble)


def _added(evaluation: Evaluation, node: Node) -> Values:
    total = evaluation.of(node.parts[0])
    for part in node.parts[1:]:
        value = evaluation.of(part)
        total = Values(total.exact.plus(value.exact), troubled(total.trouble, value.trouble))
    return total


def _multiplied(evaluation: Evaluation, node: Node) -> Values:
    total = evaluation.of(node.parts[0])
    for part in node.parts[1:]:
        factor = _factor(part)
        if factor is not None:
            total = Values(total.exact.times(factor), total.trouble)
            continue
        value = evaluation.of(part)
        total = Values(total.exact.multiply(value.exact), troubled(total.trouble, value.trouble))
    return total


def _factor(part: Node) -> Fraction | None:
    """The number that a written part multiplies with; nothing that compiled is divided by a written 0."""
    inner = part.parts[0] if part.what == "INVERT" else part
    if inner.what != "CONSTANT" or not isinstance(inner.value, Fraction):
        return None
    return 1 / inner.value if part.what == "INVERT" else inner.value


def _inverted(evaluation: Evaluation, node: Node) -> Values:
    """One by a value; nothing can be divided by zero."""
    value = evaluation.of(node.parts[0])
    zero = np.asarray(value.exact.top == 0, dtype=bool)
    piece = evaluation.piece(node.parts[0])
    reason = Reason(
        "FORMULA_DIVISION",
        f"{piece} is 0, and nothing can be divided by it",
        f"Ask first: IF({piece} = 0, 0, …).",
    )
    trouble = troubled(value.trouble, evaluation.mark(zero, reason))
    bottom = value.exact.bottom
    safe = Exact(np.where(zero, 1, value.exact.top), bottom)
    one = Exact(np.ones(1, dtype=np.int64))
    divided = one.divide(safe)
    made = divided.bottom
    if isinstance(made, np.ndarray) and len(made) == 1:
        divided = Exact(divided.top, int(made[0]))
    return Values(divided, trouble)


def _compared(evaluation: Evaluation, node: Node) -> Values:
    """What is not stated is equal to nothing; whether it is larger or smaller is not known."""
    left, right = (evaluation.of(part) for part in node.parts)
    held = _equality(left, right) if node.value in ("=", "<>") else _order(left, right, str(node.value))
    if node.value == "<>":
        held = ~held
    trouble = troubled(left.trouble, right.trouble)
    if node.value in ("=", "<>"):
        trouble, empty = evaluation.without_empty(trouble)
        held = held if empty is None else np.where(empty, node.value == "<>", held)
    return Values(held if trouble is None else held & (trouble == 0), trouble)


def _equality(left: Values, right: Values) -> np.ndarray:
    if isinstance(left.data, Exact):
        return left.exact.equals(right.exact)
    if left.array.dtype == object and len(right.array) == 1:
        codes, found = pd.factorize(left.array)
        same = np.array([*(each == right.array[0] for each in found), False], dtype=bool)
        return same[codes]
    return np.asarray(left.array == right.array, dtype=bool) & np.asarray(left.array != None, dtype=bool)  # noqa: E711


def _order(left: Values, right: Values, sign: str) -> np.ndarray:
    if sign in (">", "<="):
        above = left.exact.above(right.exact)
        return above if sign == ">" else ~above
    below = right.exact.above(left.exact)
    return below if sign == "<" else ~below


def _member(evaluation: Evaluation, node: Node) -> Values:
    first, *others = (evaluation.of(part) for part in node.parts)
    held = _equality(first, others[0])
    for other in others[1:]:
        held = held | _equality(first, other)
    trouble, empty = evaluation.without_empty(troubled(first.trouble, *(other.trouble for other in others)))
    if empty is not None:
        held = held & ~empty
    return Values(held if trouble is None else held & (trouble == 0), trouble)


def _all(evaluation: Evaluation, node: Node) -> Values:
    """AND: a condition that does not hold decides, whatever is unknown about the others. OR: one that holds does."""
    decides = node.what == "OR"
    parts = [evaluation.of(part) for part in node.parts]
    held = parts[0].array
    for part in parts[1:]:
        held = held | part.array if decides else held & part.array
    trouble = troubled(parts[0].trouble, *(part.trouble for part in parts[1:]))
    if trouble is None:
        return Values(held)
    decided = np.zeros(1, dtype=bool)
    for part in parts:
        clear = True if part.trouble is None else part.trouble == 0
        decided = decided | ((part.array == decides) & clear)
    trouble = np.where(decided, 0, trouble)
    return Values(np.where(decided, decides, held & (trouble == 0)), trouble)


def _opposite(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    return Values(~value.array if value.trouble is None else ~value.array & (value.trouble == 0), value.trouble)


def _chosen(evaluation: Evaluation, node: Node) -> Values:
    condition, then, otherwise = (evaluation.of(part) for part in node.parts)
    trouble = None
    if then.trouble is not None or otherwise.trouble is not None:
        none = np.zeros(1, dtype=np.int32)
        branches = [none if value.trouble is None else value.trouble for value in (then, otherwise)]
        trouble = np.where(condition.array, *branches)
    trouble = troubled(condition.trouble, trouble)
    if isinstance(then.data, Exact):
        return Values(then.exact.where(condition.array, otherwise.exact), trouble)
    return Values(np.where(condition.array, then.array, otherwise.array), trouble)


def _extreme(evaluation: Evaluation, node: Node) -> Values:
    total = evaluation.of(node.parts[0])
    for part in node.parts[1:]:
        value = evaluation.of(part)
        pick = total.exact.at_most if node.what == "MIN" else total.exact.at_least
        total = Values(pick(value.exact), troubled(total.trouble, value.trouble))
    return total


def _rounded(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    assert isinstance(node.value, int)
    step = Fraction(1, 10**node.value) if node.value >= 0 else Fraction(10**-node.value)
    if node.type.kind == Kind.MONEY:
        step *= 10 ** minor_digits(node.type.currency)
    elif node.type.kind == Kind.PERCENT:
        step /= 100
    return Values(Exact(whole(value.exact.times(1 / step), node.what)).times(step), value.trouble)


def _tiered(evaluation: Evaluation, node: Node) -> Values:
    table, value = node.value, evaluation.of(node.parts[0])
    assert isinstance(table, Table) and isinstance(table.content, RateTable)
    scale = UNIT_SCALE if table.takes[0].kind == Kind.NUMBER else 1
    asked = value.exact.times(Fraction(scale))
    if node.what == "TIERRATE":
        return Values(rates.factor(table.content, asked, None), value.trouble)
    return Values(rates.pay(table.content, asked, None, scale=scale), value.trouble)


def _curved(evaluation: Evaluation, node: Node) -> Values:
    table, value = node.value, evaluation.of(node.parts[0])
    assert isinstance(table, Table) and isinstance(table.content, Points)
    return Values(on_curve(table.content, value.exact), value.trouble)


def _looked_up(evaluation: Evaluation, node: Node) -> Values:
    """Each different key is looked up once, however many rows have it."""
    table, keys = node.value, [evaluation.of(part) for part in node.parts]
    assert isinstance(table, Table) and isinstance(table.content, Rows)
    length = max(len(column(key)) for key in keys)
    place, asked = different_keys([coded(spread(key, length)) for key in keys])
    rows = dict(table.content.values)
    found = [rows.get(key, table.content.otherwise) for key in asked]
    exact = fractions([Fraction(0) if value is None else value for value in found])
    trouble = troubled(*(key.trouble for key in keys))
    lost = [number for number, value in enumerate(found) if value is None]
    for number in lost[:NAMED_KEYS]:
        shown = " and ".join("nothing stated" if part is None else str(part) for part in asked[number])
        trouble = troubled(trouble, evaluation.mark(place == number, _no_row(table, shown)))
    if len(lost) > NAMED_KEYS:
        trouble = troubled(trouble, evaluation.mark(np.isin(place, lost), _no_row(table, "its key")))
    return Values(exact.take(place), trouble)


def _no_row(table: Table, shown: str) -> Reason:
    what = f"the table {table.key} has no row for {shown[:80]}"
    return Reason("LOOKUP_ROW_MISSING", what, "Add the row, or otherwise to the table.")


def _part_of_day(evaluation: Evaluation, node: Node) -> Values:
    value = evaluation.of(node.parts[0])
    return Values(part_of_day(node.what, value.exact), value.trouble)


def _days_between(evaluation: Evaluation, node: Node) -> Values:
    end, start = (evaluation.of(part) for part in node.parts)
    return Values(end.exact.minus(start.exact), troubled(end.trouble, start.trouble))


def _date(evaluation: Evaluation, node: Node) -> Values:
    values = [evaluation.of(part) for part in node.parts]
    days, fits = days_of(*(value.exact for value in values))
    reason = Reason("FORMULA_DAY", f"{evaluation.piece(node)} is no day of the calendar", "Correct year, month or day.")
    return Values(days, troubled(*(value.trouble for value in values), evaluation.mark(~fits, reason)))


def _text(evaluation: Evaluation, node: Node) -> Values:
    values = [evaluation.of(part) for part in node.parts]
    return text_function(node.what, values)


Handler = Callable[[Evaluation, Node], Values]
_HANDLERS: Mapping[str, Handler] = {
    "CONSTANT": _constant,
    "TO_MONEY": _to_money,
    "NEGATE": _negated,
    "ABS": _absolute,
    "ADD": _added,
    "MULTIPLY": _multiplied,
    "INVERT": _inverted,
    "COMPARE": _compared,
    "IN": _member,
    **dict.fromkeys(("AND", "OR"), _all),
    "NOT": _opposite,
    "IF": _chosen,
    **dict.fromkeys(("MIN", "MAX"), _extreme),
    **dict.fromkeys(("ROUND", "ROUNDUP", "ROUNDDOWN"), _rounded),
    **dict.fromkeys(("TIER", "TIERRATE"), _tiered),
    "CURVE": _curved,
    "LOOKUP": _looked_up,
    **dict.fromkeys(("YEAR", "MONTH", "DAY"), _part_of_day),
    "DAYS": _days_between,
    "DATE": _date,
    **dict.fromkeys(TEXTS, _text),
}
