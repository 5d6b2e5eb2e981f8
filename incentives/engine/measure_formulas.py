"""Computes the formulas of measures deal by deal: whole minor units or units, and the deals without a value with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.conditions import column_of
from incentives.engine.language.deals import Amounts, DealSource
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.tree import Formula
from incentives.engine.language.values import Reason, Values, troubled
from incentives.engine.plan import UNIT_SCALE
from spm.core.exact import Exact
from spm.core.money import AMOUNT_LIMIT, multiply_columns

TOO_LARGE = Reason(
    "FORMULA_OVERFLOW",
    "the result is larger than any amount that the product keeps",
    "Check the formula and its facts.",
)


@dataclass(frozen=True)
class Computed:
    """Whole numbers by deal, and the deals without one with the reason."""

    values: np.ndarray
    reasons: Mapping[int, Reason]


def compute_deals(deals: pd.DataFrame, formula: Formula, amounts: Amounts) -> Computed:
    """A measure's formula for every deal: minor units of the plan's currency, or units at UNIT_SCALE, rounded once."""
    source = DealSource(len(deals), lambda name: column_of(deals, name), amounts)
    evaluation = Evaluation(formula, source)
    found = bounded(evaluation, evaluation.value(), 1 if formula.is_money else UNIT_SCALE)
    exact = found.exact if formula.is_money else found.exact.times(Fraction(UNIT_SCALE))
    trouble = np.zeros(len(deals), dtype=np.int32) if found.trouble is None else found.trouble
    rows = np.flatnonzero(trouble).tolist()
    reasons = {row: evaluation.reasons[trouble[row] - 1] for row in rows}
    return Computed(np.where(trouble > 0, 0, exact.rounded()), reasons)


def bounded(evaluation: Evaluation, values: Values, scale: int = 1) -> Values:
    """The column with 0 where there is no value; what is larger than any amount has none."""
    exact = values.exact
    limit = multiply_columns(np.asarray(exact.bottom), AMOUNT_LIMIT // scale)
    large = np.asarray(np.abs(exact.top) >= limit, dtype=bool)
    trouble = troubled(values.trouble, evaluation.mark(large, TOO_LARGE))
    if trouble is None:
        return values
    bottom = exact.bottom
    return Values(Exact(np.where(trouble > 0, 0, exact.top), bottom), trouble)
