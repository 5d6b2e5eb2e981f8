"""Conditions over the columns of deals: read from the plan, asked of whole columns.

A condition is a value, a list of values, or comparisons. The unit of a comparison follows the column: `*_minor` columns hold
money, `*_rate`, `discount` and `share` hold rates at RATE_SCALE, `*_on` hold days, other columns numbers or text. `discount`
(of list price), `margin_minor` and `margin_rate` (of amount) are derived where the facts have what they need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.formula_conditions import read_formula_condition
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.language.deals import UNPRICED, Amounts, DealSource
from incentives.engine.language.evaluating import EMPTY, Evaluation
from incentives.engine.language.meant import OWNER_ASKED, OWNER_FIX, OWNERS
from incentives.engine.language.tree import Formula
from incentives.engine.language.values import Reason
from incentives.engine.plan import Condition, Plan
from incentives.engine.reading import Reader, exact_number
from spm.core.dated import day_number
from spm.core.findings import Severity
from spm.core.money import RATE_SCALE, multiply_columns, round_columns

COMPARISONS = {"at_least": "AT_LEAST", "above": "ABOVE", "at_most": "AT_MOST", "below": "BELOW"}
COMPARED = frozenset(COMPARISONS.values())
LISTS = {"not": "NOT_IN", "under": "UNDER", "is": "IN"}


def read_conditions(reader: Reader, name: str, currency: str) -> tuple[Condition, ...]:
    """The conditions in a field, in the order of their columns; a text is a formula."""
    if isinstance(reader.document.get(name), str):
        return read_formula_condition(reader, name, currency)
    child = reader.child(name)
    if child is None:
        return ()
    found: list[Condition] = []
    for column in child.document:
        found += _read_column(child, str(column), currency)
    return tuple(sorted(found, key=lambda condition: (condition.column, condition.operator)))


def _read_column(reader: Reader, name: str, currency: str) -> list[Condition]:
    column, value = MONEY_NAMES.get(name, name), reader.value(name)
    if name in OWNERS:
        what = OWNER_ASKED.format(name)
        reader.find("NAME_RESEMBLES", what, OWNER_FIX, at=name, why="", severity=Severity.WARNING)
    if isinstance(value, Mapping):
        tests = Reader(value, f"{reader.path}.{name}", reader.findings)
        found = [
            Condition(column, operator, (_bound(tests, word, column, currency),))
            for word, operator in COMPARISONS.items()
            if tests.has(word)
        ]
        found += [
            Condition(column, operator, _listed(tests, word, column, currency))
            for word, operator in LISTS.items()
            if tests.has(word)
        ]
        if tests.has("empty"):
            found.append(Condition(column, "EMPTY" if tests.flag("empty", default=True) else "NOT_EMPTY", ()))
        tests.read |= {*COMPARISONS, *LISTS, "empty"}
        tests.finish()
        if not value:
            reader.find("FIELD_MISSING", f"{name} is compared with nothing.", "Write a value, or at_least: …", at=name)
        return found
    return [Condition(column, "IN", _listed(reader, name, column, currency))]


def _listed(reader: Reader, name: str, column: str, currency: str) -> tuple[object, ...]:
    """The values of a list test, money and rates in the unit of their column; days also where they stand as text."""
    value = reader.value(name)
    values = value if isinstance(value, list | tuple) else [value]
    if column.endswith(("_minor", "_rate")) or column in ("discount", "share"):
        ones = [Reader({name: each}, reader.path, reader.findings) for each in values]
        return tuple(_bound(one, name, column, currency) for one in ones)
    return tuple(_day(each) if isinstance(each, date) or column.endswith("_on") else _plain(each) for each in values)


def _plain(value: object) -> object:
    """A number as the text that it is in a kept document: the same plan is the same, whichever way it was read."""
    is_number = isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool)
    return str(value) if is_number else value


def _day(value: object) -> object:
    try:
        return day_number(value if isinstance(value, date) else date.fromisoformat(str(value)))
    except ValueError:
        return value


def _bound(reader: Reader, word: str, column: str, currency: str) -> Fraction:
    """The bound of a comparison in the unit of its column."""
    if column.endswith("_minor"):
        return Fraction(reader.money(word, currency) or 0)
    if column.endswith(("_rate", "_on")) or column in ("discount", "share"):
        if column.endswith("_on"):
            return Fraction(reader.day(word))
        return (reader.rate(word) or Fraction(0)) * RATE_SCALE
    return Fraction(reader.number(word) or 0)


def compared_columns(plan: Plan) -> set[str]:
    """The columns of deals that conditions of a plan hold against a bound."""
    wheres = [rule.where for measure in plan.measures for rule in measure.credit]
    for component in plan.components:
        wheres += [row.where for row in component.pay.lookup.rows] if component.pay.lookup is not None else []
    return {condition.column for where in wheres for condition in where if condition.operator in COMPARED}


def column_of(deals: pd.DataFrame, name: str) -> pd.Series | None:
    """A column of the deals, also a derived one; None when the facts do not have it. `product` finds `product_key`.

    Where a deal's cost or list price is unknown, so is what is derived of it. Without any deals no column is missed.
    """
    if not len(deals):
        return pd.Series([], dtype="Int64")
    for column in (name, f"{name}_key"):
        if column in deals.columns:
            return deals[column]
    base = DERIVED.get(name)
    if base is None or base not in deals.columns:
        return None
    amount, other = deals["amount_minor"].to_numpy(np.int64), deals[base].fillna(0).to_numpy(np.int64)
    found = {
        "margin_minor": lambda: pd.Series(amount - other),
        "margin_rate": lambda: _rate(amount - other, amount),
        "discount": lambda: _rate(other - amount, other),
    }[name]()
    unknown = deals[base].isna().to_numpy()
    return found.astype("Int64").mask(unknown) if unknown.any() else found


def is_stated(deals: pd.DataFrame, name: str) -> bool:
    """True where the facts have a column, or what it is derived of, or no deals at all."""
    return not len(deals) or any(each in deals.columns for each in (name, f"{name}_key", DERIVED.get(name)))


DERIVED = {"margin_minor": "cost_minor", "margin_rate": "cost_minor", "discount": "list_minor"}
"""Columns that are computed, and the column that they need beside the amount."""


def _rate(part: np.ndarray, whole: np.ndarray) -> pd.Series:
    """A share at RATE_SCALE; of nothing it is 0."""
    sign = np.where(whole < 0, -1, np.where(whole == 0, 0, 1))
    return pd.Series(round_columns(multiply_columns(part * sign, RATE_SCALE), np.maximum(np.abs(whole), 1)))


def conditions_hold(
    deals: pd.DataFrame, conditions: Sequence[Condition], amounts: Amounts | None = None
) -> tuple[np.ndarray, list[str]]:
    """Which deals fulfil all conditions, and the columns that the facts do not have.

    `amounts` gives the money of deals in the plan's currency. A deal about which a condition can't decide is among them; `undecided`
    says why.
    """
    mask, missing = np.ones(len(deals), dtype=bool), []
    for condition in conditions:
        if condition.formula is not None:
            gone = missing_columns(deals, condition.formula)
            missing += gone
            if not gone:
                held, unsure, _ = _asked(deals, condition.formula, amounts)
                mask &= held | unsure
            continue
        column = column_of(deals, condition.column)
        if column is None:
            missing.append(condition.column)
            continue
        priced = _priced(condition, amounts)
        if priced is None:
            mask &= _holds(column, condition)
            continue
        held = _holds(pd.Series(priced[0]), condition) | priced[1]
        mask &= np.where(column.notna().to_numpy(), held, condition.operator == "NOT_IN")
    return mask, missing


def _priced(condition: Condition, amounts: Amounts | None) -> tuple[np.ndarray, np.ndarray] | None:
    """The money that a condition compares, in the plan's currency; None where it compares none."""
    compares = condition.column.endswith("_minor") and condition.operator not in ("EMPTY", "NOT_EMPTY")
    return amounts(condition.column) if compares and amounts is not None else None


def missing_columns(deals: pd.DataFrame, formula: Formula) -> list[str]:
    """The columns of a formula that the facts do not have."""
    return [name for name in formula.columns if not is_stated(deals, name)]


def undecided(
    deals: pd.DataFrame, conditions: Sequence[Condition], amounts: Amounts | None = None
) -> dict[int, Reason]:
    """The deals (row numbers) about which one of the conditions can't decide, each with the reason."""
    found: dict[int, Reason] = {}
    for condition in conditions:
        priced = _priced(condition, amounts)
        column = column_of(deals, condition.column) if priced is not None else None
        if priced is not None and column is not None:
            found |= dict.fromkeys(np.flatnonzero(priced[1] & column.notna().to_numpy()).tolist(), UNPRICED)
        if condition.formula is None or missing_columns(deals, condition.formula):
            continue
        _, _, reasons = _asked(deals, condition.formula, amounts)
        found |= {row: reason for row, reason in reasons.items() if reason.code != EMPTY}
    return found


def _asked(
    deals: pd.DataFrame, formula: Formula, amounts: Amounts | None
) -> tuple[np.ndarray, np.ndarray, dict[int, Reason]]:
    """Which deals fulfil a formula, which can't be decided though they state what it asks, and the reason of every undecided one."""
    evaluation = Evaluation(formula, DealSource(len(deals), lambda name: column_of(deals, name), amounts))
    asked = evaluation.value()
    if asked.trouble is None:
        return asked.array, np.zeros(1, dtype=bool), {}
    rows = np.flatnonzero(asked.trouble).tolist()
    reasons = {row: evaluation.reasons[asked.trouble[row] - 1] for row in rows}
    unsure = np.zeros(len(deals), dtype=bool)
    unsure[[row for row, reason in reasons.items() if reason.code != EMPTY]] = True
    return asked.array, unsure, reasons


def sales_hold(
    deals: pd.DataFrame, conditions: Sequence[Condition], amounts: Amounts | None, sold: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Like `conditions_hold`, where a return is asked by the deal that it reverses: what was credited is taken back.

    `sold` is the row of the deal that each reverses; see `sold_rows`.
    """
    mask, missing = conditions_hold(deals, conditions, amounts)
    if conditions:
        rows = np.flatnonzero(sold >= 0)
        mask[rows] = mask[sold[rows]]
    return mask, missing


def sales_undecided(
    deals: pd.DataFrame, conditions: Sequence[Condition], amounts: Amounts | None, sold: np.ndarray
) -> dict[int, Reason]:
    """Like `undecided`, where a return is asked by the deal that it reverses."""
    found = undecided(deals, conditions, amounts)
    if not found:
        return found
    asked = np.where(sold >= 0, sold, np.arange(len(deals)))
    return {row: found[sale] for row, sale in enumerate(asked.tolist()) if sale in found}


def unknown_to(deals: pd.DataFrame, conditions: Sequence[Condition]) -> np.ndarray:
    """Deals that lack a value which a comparison needs, or a column which any condition does: whether they fulfil it is not known."""
    unknown = np.zeros(len(deals), dtype=bool)
    for condition in conditions:
        if not all(is_stated(deals, name) for name in condition.columns):
            unknown[:] = True
        elif condition.formula is not None:
            _, _, reasons = _asked(deals, condition.formula, None)
            unknown[[row for row, reason in reasons.items() if reason.code == EMPTY]] = True
        elif condition.operator in COMPARED:
            column = column_of(deals, condition.column)
            assert column is not None
            unknown |= ~_numbers(column)[1]
    return unknown


def stated_by_none(deals: pd.DataFrame, conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions that hold for no deal because none states what they compare."""
    found = []
    for condition in conditions:
        columns = (column_of(deals, name) for name in _compared_names(condition))
        empty = any(column is not None and bool(column.isna().all()) for column in columns)
        if empty and not conditions_hold(deals, [condition])[0].any():
            found.append(condition)
    return found


def _compared_names(condition: Condition) -> tuple[str, ...]:
    """The columns that a condition compares, and does not itself ask whether they are empty."""
    if condition.operator in ("EMPTY", "NOT_EMPTY"):
        return ()
    return condition.columns if condition.formula is None else condition.formula.compared_columns


def _holds(column: pd.Series, condition: Condition) -> np.ndarray:
    if condition.operator in ("IN", "NOT_IN"):
        return np.asarray(_is_in(column, condition.values), dtype=bool) == (condition.operator == "IN")
    if condition.operator in ("EMPTY", "NOT_EMPTY"):
        return column.isna().to_numpy() == (condition.operator == "EMPTY")
    if condition.operator == "UNDER":
        text = column.astype(str)
        under = [((text == str(value)) | text.str.startswith(f"{value}/")).to_numpy() for value in condition.values]
        return np.logical_or.reduce(under)
    return _compared(column, condition.operator, condition.values[0])


def _is_in(column: pd.Series, values: tuple[object, ...]) -> np.ndarray:
    """Equal to one of the values; a number of the plan may stand as text, one of the facts may be kept as a number."""
    exact = [exact_number(value) if isinstance(value, str) else value for value in values]
    numbers = [
        int(each) if isinstance(each, Decimal | Fraction) and each == int(each) else each
        for each in exact
        if each is not None
    ]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.isin(numbers).to_numpy()
    texts = [value if isinstance(value, str | bool) else str(value) for value in values]
    texts += ["yes" if value else "no" for value in values if isinstance(value, bool)]
    return column.isin(texts).to_numpy() | column.isin(numbers).to_numpy(dtype=bool)


def _compared(column: pd.Series, operator: str, bound: object) -> np.ndarray:
    """Comparison with an exact bound; whole-number columns are compared as whole numbers. What is no number does not qualify."""
    assert isinstance(bound, Fraction)
    values, known = _numbers(column)
    if known.all() and values.dtype != object:
        return _compare(values, operator, bound)
    found = np.zeros(len(column), dtype=bool)
    if known.any():
        found[known] = _compare(values[known], operator, bound)
    return found


def _numbers(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The exact numbers of a column, and which cells hold one: not those that are empty, nor a text among the numbers of an attribute."""
    known = column.notna().to_numpy()
    if pd.api.types.is_integer_dtype(column.dtype):
        return (column.to_numpy(np.int64), known) if known.all() else (column.to_numpy(object), known)
    exact = [_number(value) if there else None for value, there in zip(column.tolist(), known, strict=True)]
    return np.array(exact, dtype=object), np.array([each is not None for each in exact], dtype=bool)


def _number(value: object) -> Fraction | None:
    plain = exact_number(value) if isinstance(value, str | bool) else value
    return None if plain is None else Fraction(str(plain))


def _compare(values: np.ndarray, operator: str, bound: Fraction) -> np.ndarray:
    if values.dtype != object:
        floor, whole = bound.numerator // bound.denominator, bound.denominator == 1
        if operator in ("AT_LEAST", "BELOW"):
            at_least = values >= (floor if whole else floor + 1)
            return np.asarray(at_least if operator == "AT_LEAST" else ~at_least, dtype=bool)
        above = values > floor
        return np.asarray(above if operator == "ABOVE" else ~above, dtype=bool)
    tests = {
        "AT_LEAST": values >= bound,
        "ABOVE": values > bound,
        "AT_MOST": values <= bound,
        "BELOW": values < bound,
    }
    return np.asarray(tests[operator], dtype=bool)
