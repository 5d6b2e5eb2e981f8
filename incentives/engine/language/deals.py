"""Reads the columns of deals for formulas: amounts, percentages, days, numbers and texts of whole frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.language.context import DEAL_NAMES
from incentives.engine.language.evaluating import EMPTY, Evaluation
from incentives.engine.language.tree import Node
from incentives.engine.language.units import Kind
from incentives.engine.language.values import Reason, Values, fractions, troubled
from spm.core.dated import FOREVER, day_number
from spm.core.exact import Exact
from spm.core.money import RATE_SCALE

FindColumn = Callable[[str], pd.Series | None]
Amounts = Callable[[str], tuple[np.ndarray, np.ndarray] | None]
"""An amount of every deal in the plan's currency, and which deals have no rate to it."""

UNPRICED = Reason(
    "FX_RATE_MISSING", "it is in another currency without a rate", "Enter the currency rate that its plan takes."
)


@dataclass(frozen=True)
class DealSource:
    """The rows of a frame of deals. `amounts` gives money in the plan's currency; without it money is read as it stands."""

    length: int
    find: FindColumn
    amounts: Amounts | None = None

    def read(self, node: Node, evaluation: Evaluation) -> Values:
        """The column of a name, or whether it is empty."""
        if node.what == "ISEMPTY":
            return Values(self._empty(str(node.parts[0].value)))
        assert node.what == "COLUMN"
        return self._column(str(node.value), node.type.kind, evaluation)

    def _empty(self, name: str) -> np.ndarray:
        series = self.find(name)
        if series is None:
            return np.ones(1, dtype=bool)
        empty = series.isna().to_numpy()
        if name.endswith("_on") and pd.api.types.is_integer_dtype(series.dtype):
            empty = empty | (series.fillna(FOREVER) == FOREVER).to_numpy()
        return np.asarray(empty, dtype=bool)

    def _column(self, name: str, kind: Kind, evaluation: Evaluation) -> Values:
        known = DEAL_NAMES[name].kind if name in DEAL_NAMES else None
        if known == Kind.MONEY or name.endswith("_minor"):
            return self._money(name, evaluation)
        series = self.find(name)
        assert series is not None, name
        if kind == Kind.TEXT:
            return Values(_texts(series))
        if kind == Kind.YES_NO:
            return Values(_answers(series))
        if known == Kind.DATE or name.endswith("_on"):
            return _numbers(series, name, evaluation, read=_day)
        scale = RATE_SCALE if known == Kind.PERCENT or name.endswith("_rate") else 1
        return _numbers(series, name, evaluation, scale=scale)

    def _money(self, name: str, evaluation: Evaluation) -> Values:
        found = self.amounts(name) if self.amounts is not None else None
        series = self.find(name)
        assert series is not None, name
        if found is not None:
            empty = series.isna().to_numpy()
            unpriced = evaluation.mark(found[1] & ~empty, UNPRICED)
            return Values(Exact(found[0]), troubled(evaluation.mark(empty, empty_reason(name)), unpriced))
        return _numbers(series, name, evaluation)


def empty_reason(name: str) -> Reason:
    """Why a deal that does not state something has no value."""
    said = name.removesuffix("_minor")
    return Reason(EMPTY, f"it has no {said}", f"Enter its {said}, or ask ISEMPTY({said}) first.")


def _texts(series: pd.Series) -> np.ndarray:
    """Texts, None where nothing is stated."""
    codes, found = pd.factorize(series)
    return np.array([*(str(each) for each in found), None], dtype=object)[codes]


def _answers(series: pd.Series) -> np.ndarray:
    """Yes where the cell says so: a boolean, or a text."""
    if series.dtype == bool:
        return series.to_numpy()
    codes, found = pd.factorize(series)
    return np.array([*(str(each).lower() in ("true", "yes") for each in found), False], dtype=bool)[codes]


def _number(value: object) -> Fraction | None:
    """The exact number of a cell, None when it is none."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        number = Decimal(str(value).strip()[:40])
    except InvalidOperation:
        return None
    bounded = number.is_finite() and abs(number.adjusted()) < 30
    return Fraction(number) if bounded or number == 0 else None


def _day(value: object) -> Fraction | None:
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    try:
        return Fraction(day_number(value if isinstance(value, date) else date.fromisoformat(str(value)[:10])))
    except ValueError:
        return None


def _numbers(
    series: pd.Series,
    name: str,
    evaluation: Evaluation,
    *,
    scale: int = 1,
    read: Callable[[object], Fraction | None] = _number,
) -> Values:
    """Numbers over a scale; empty cells and cells that are no numbers have no value."""
    said = name.removesuffix("_minor")
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu":
        values = series.to_numpy(np.int64)
        empty = values == FOREVER if read is _day else np.zeros(1, dtype=bool)
        return Values(Exact(values, scale), evaluation.mark(empty, empty_reason(name)))
    codes, found = pd.factorize(series)
    made = [read(each) for each in found]
    unreadable = np.array([*(each is None for each in made), False], dtype=bool)[codes]
    gone = np.array([*(each == FOREVER and read is _day for each in made), True], dtype=bool)[codes]
    bad = Reason("FACT_UNREADABLE", f"its {said} is no {'day' if read is _day else 'number'}", f"Correct its {said}.")
    exact = fractions([*(each or Fraction(0) for each in made), Fraction(0)]).take(codes)
    exact = Exact(exact.top, exact.bottom).times(Fraction(1, scale))
    return Values(exact, troubled(evaluation.mark(gone, empty_reason(name)), evaluation.mark(unreadable, bad)))
