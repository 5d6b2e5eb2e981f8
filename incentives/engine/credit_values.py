"""What credits add to a measure: money, or counts at UNIT_SCALE."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from incentives.engine.coming_back import ComingBack
from incentives.engine.conditions import (
    column_of,
)
from incentives.engine.credit_lines import MONEY_COLUMNS, CreditLines
from incentives.engine.credited import Credited
from incentives.engine.plan import UNIT_SCALE, CreditRule, Measure
from incentives.engine.words import MeasureKind
from spm.core.columns import order_of, repeated
from spm.core.money import RATE_SCALE, multiply_columns, round_columns


def amounts_of(lines: CreditLines, measure: Measure, rule: CreditRule) -> np.ndarray:
    """The money of every deal that a measure credits; counts credit the amount for information."""
    if measure.formula is not None and measure.is_money:
        return lines.computed(measure.formula, rule.credit_date).values
    column = MONEY_COLUMNS.get(measure.kind, measure.column if measure.kind == MeasureKind.COLUMN else "amount_minor")
    found = lines.amounts(column, rule.credit_date)
    assert found is not None
    return found[0]


def values_of(
    lines: CreditLines,
    measure: Measure,
    rule: CreditRule,
    deal: np.ndarray,
    share: np.ndarray,
    amount: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """What each credit adds to the measure, in its smallest unit, and of a return what those before it took back of its sale."""
    if measure.is_money:
        return amount
    upto, before = (
        round_columns(multiply_columns(units[deal], share), RATE_SCALE) for units in _units(lines, measure, rule)
    )
    return upto - before, before


def _units(lines: CreditLines, measure: Measure, rule: CreditRule) -> tuple[np.ndarray, np.ndarray]:
    """What every deal counts at UNIT_SCALE, of a return together with those before it, and of these."""
    back = lines.crediting.back(rule.credit_date)
    if measure.formula is None and measure.kind == MeasureKind.UNITS:
        quantity = column_of(lines.crediting.facts.deals, "quantity")
        assert quantity is not None
        return back.upto(quantity_units(quantity))
    counts = repeated(UNIT_SCALE, len(lines.sold))
    if measure.formula is not None:
        counts = lines.computed(measure.formula, rule.credit_date).values
    return _counted(lines, counts, back)


def _counted(lines: CreditLines, values: np.ndarray, back: ComingBack) -> tuple[np.ndarray, np.ndarray]:
    """What is counted of every deal; returns take back their part of what their deal counts, whatever they say themselves: all of it
    where the part is unknown."""
    lost = np.flatnonzero(lines.sold == -2)
    if not len(lost) and not len(back):
        return values, np.zeros(len(values), dtype=np.int64)
    amounts = lines.crediting.facts.deals["amount_minor"].to_numpy(np.int64)
    whole, base = np.abs(amounts[back.sale]), values[back.sale]
    upto, before = values.copy(), np.zeros(len(values), dtype=np.int64)
    upto[lost] = -np.abs(values[lost])
    for column, sums in zip((upto, before), back.upto(amounts), strict=True):
        part = np.where(whole > 0, np.minimum(np.abs(sums[back.row]), whole), 1)
        column[back.row] = -round_columns(multiply_columns(base, part), np.maximum(whole, 1))
    before[back.row] = np.where((whole == 0) & back.first, 0, before[back.row])
    return upto, before


def quantity_units(quantity: pd.Series) -> np.ndarray:
    """Quantities (whole numbers or Decimals) as integers at UNIT_SCALE."""
    if pd.api.types.is_integer_dtype(quantity.dtype) and not quantity.hasnans:
        return quantity.to_numpy(np.int64) * UNIT_SCALE
    return np.array(
        [
            0 if gone else int(round(value * UNIT_SCALE))
            for value, gone in zip(quantity.tolist(), quantity.isna(), strict=True)
        ],
        dtype=np.int64,
    )


def counted_once(lines: CreditLines, measure: Measure, credited: Credited) -> Credited:
    """Each distinct value counts once per participant and period, at the first of its credits; a return counts none."""
    column = column_of(lines.crediting.facts.deals, measure.column)
    if column is None:
        return credited
    code = np.where(lines.sold != -1, -1, pd.factorize(column)[0])[credited.deal]
    order = order_of(credited.participant, credited.period, code, credited.day, credited.deal)
    found = credited.take(order)
    code = code[order]
    same = (np.diff(found.participant) == 0) & (np.diff(found.period) == 0) & (np.diff(code) == 0)
    again = np.concatenate([np.zeros(min(1, len(order)), dtype=bool), same])
    value = np.where(again | (code < 0), 0, UNIT_SCALE).astype(np.int64)
    return replace(found, value=value, before=repeated(0, len(order)))
