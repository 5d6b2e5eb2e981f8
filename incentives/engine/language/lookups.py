"""The rows of lookups, and the different keys of whole columns."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.language.values import Values
from spm.core.exact import Exact


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a lookup: values by keys, and what is given where no row fits."""

    values: tuple[tuple[tuple[object, ...], Fraction], ...]
    otherwise: Fraction | None = None


def different_keys(columns: list[tuple[np.ndarray, list[object]]]) -> tuple[np.ndarray, list[tuple[object, ...]]]:
    """The number of each row's key, and the different keys."""
    codes = np.zeros(len(columns[0][0]), dtype=np.int64)
    for each, names in columns:
        codes = codes * (len(names) + 1) + each + 1
    place, found = pd.factorize(codes)
    keys = []
    for code in found.tolist():
        key: tuple[object, ...] = ()
        for _, names in reversed(columns):
            code, one = divmod(code, len(names) + 1)
            key = (names[one - 1] if one else None, *key)
        keys.append(key)
    return place, keys


def column(value: Values) -> np.ndarray:
    return value.data.top if isinstance(value.data, Exact) else value.data


def coded(value: Values) -> tuple[np.ndarray, list[object]]:
    """Codes of the different values of a column, and the values."""
    if isinstance(value.data, np.ndarray):
        codes, names = pd.factorize(np.asarray(value.data))
        return codes, list(names)
    keys = [value.data.fraction(row) for row in range(len(value.data))]
    codes, names = pd.factorize(np.array(keys, dtype=object))
    return codes, list(names)
