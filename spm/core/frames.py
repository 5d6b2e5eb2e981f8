"""Column contracts, checked at the engine's door: name, kind, unit, nullable, key.

A frame that passes has exactly the declared columns (and the attributes a contract allows), in declared dtypes: int64 for
amounts and counts, int32 day numbers, plain text, keys that are all int64 or all text. What does not fit is a finding that
names the column and the first bad row; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pandas as pd

from spm.core.columns import is_increasing
from spm.core.dated import day_numbers, is_whole
from spm.core.findings import Finding
from spm.core.money import INT64_MAX

TEXT = pd.StringDtype(na_value=np.nan)
"""What a frame makes of a column of texts: it needs no second look at every cell."""


class Kind(StrEnum):
    """What a column holds."""

    KEY = "KEY"
    TEXT = "TEXT"
    INTEGER = "INTEGER"
    DAY = "DAY"
    EXACT = "EXACT"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, its unit in words, and whether cells may be empty.

    An empty DAY becomes `missing`; an empty KEY or TEXT becomes None; an INTEGER column with empty cells is of the dtype Int64.
    """

    name: str
    kind: Kind
    unit: str = ""
    nullable: bool = False
    required: bool = True
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    """The columns of a frame; `key` columns are unique together; `attributes` lets other columns pass."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    attributes: bool = False

    def check(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
        """The frame in the declared dtypes, and findings; with a finding of severity ERROR the frame is not to be used."""
        found: list[Finding] = []
        clean: dict[str, object] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                if column.required:
                    found.append(self._finding("COLUMN_MISSING", column.name, f"The column {column.name} is missing."))
                continue
            try:
                clean[column.name] = _converted(frame[column.name], column)
            except (ValueError, TypeError, OverflowError) as error:
                found.append(self._finding("COLUMN_UNREADABLE", column.name, f"{column.name}: {error}."))
        if self.attributes:
            clean |= {name: frame[name].array for name in frame.columns if name not in clean and isinstance(name, str)}
        checked = pd.DataFrame(clean, index=pd.RangeIndex(len(frame)), copy=False)
        return checked, found or self._repeats(checked)

    def empty(self) -> pd.DataFrame:
        """A frame without rows."""
        return _empty(self.columns).copy(deep=False)

    def _repeats(self, frame: pd.DataFrame) -> list[Finding]:
        if not self.key or not len(frame):
            return []
        first = frame[self.key[0]].to_numpy()
        if len(self.key) == 1 and first.dtype == np.int64 and is_increasing(first):
            return []
        again = frame.duplicated(list(self.key))
        if not again.any():
            return []
        example = frame.loc[again, list(self.key)].astype(str).agg(", ".join, axis=1).min()
        what = f"{int(again.sum())} rows repeat the key {', '.join(self.key)}, for example {example}."
        return [self._finding("ROW_REPEATED", ", ".join(self.key), what)]

    def _finding(self, code: str, column: str, what: str) -> Finding:
        return Finding(
            code=code,
            where=f"{self.name}.{column}",
            what=what,
            why="Nothing was calculated from this frame.",
            fix="Correct the column where the frame is made.",
            about=(("frame", self.name), ("column", column)),
        )


@lru_cache(maxsize=64)
def _empty(columns: tuple[Column, ...]) -> pd.DataFrame:
    """Made once: most calculations leave most frames out."""
    kinds = {Kind.INTEGER: "int64", Kind.DAY: "int32"}
    return pd.DataFrame({each.name: pd.Series(dtype=kinds.get(each.kind, "object")) for each in columns})


def _converted(series: pd.Series, column: Column) -> np.ndarray | pd.api.extensions.ExtensionArray:
    """A column in its declared dtype; raises ValueError that names the first bad row. Keys and text may be categoricals."""
    if column.kind == Kind.DAY:
        return _days(series, column)
    if column.kind in (Kind.KEY, Kind.INTEGER) and is_whole(series):
        return series.to_numpy(np.int64)
    empty = pd.isna(series.array if isinstance(series.dtype, pd.api.extensions.ExtensionDtype) else series.to_numpy())
    if empty.any() and not column.nullable:
        raise ValueError(f"row {int(np.argmax(empty))} is empty")
    if column.kind == Kind.INTEGER:
        return _integers_or_empty(series, empty) if empty.any() else _integers(series)
    if column.kind == Kind.EXACT:
        return series.to_numpy(dtype=object)
    if isinstance(series.dtype, pd.CategoricalDtype) or series.dtype == TEXT:
        return series.array
    return _named(series, column, empty)


def _named(series: pd.Series, column: Column, empty: np.ndarray) -> np.ndarray:
    """Keys as whole numbers or text, and text."""
    if column.kind == Kind.KEY and pd.api.types.is_integer_dtype(series.dtype) and not empty.any():
        return series.to_numpy(np.int64)
    if column.kind == Kind.KEY and pd.api.types.is_float_dtype(series.dtype):
        return _number_keys(series, empty)
    values = series.to_numpy(dtype=object)
    if empty.any():
        values = values.copy()
        values[empty] = None
    return values


def _days(series: pd.Series, column: Column) -> np.ndarray:
    if not column.nullable and not is_whole(series) and series.isna().any():
        raise ValueError(f"row {int(np.argmax(series.isna().to_numpy()))} has no day")
    return day_numbers(series, missing=column.missing)


def _number_keys(series: pd.Series, empty: np.ndarray) -> np.ndarray:
    """Whole-number keys that an empty cell beside them turned into floats."""
    keys = np.array(
        [None if hole else int(key) for key, hole in zip(series.tolist(), empty, strict=True)], dtype=object
    )
    if any(not hole and key != whole for key, whole, hole in zip(series.tolist(), keys, empty, strict=True)):
        raise ValueError("a key is not a whole number")
    return keys


def _integers_or_empty(series: pd.Series, empty: np.ndarray) -> pd.arrays.IntegerArray:
    """Whole numbers with empty cells, read as exactly as those without."""
    values = np.zeros(len(series), dtype=np.int64)
    values[~empty] = _integers(series[~empty])
    return pd.arrays.IntegerArray(values, empty)


def _integers(series: pd.Series) -> np.ndarray:
    """Whole numbers as int64; floats are refused even when whole, because they have already been rounded."""
    if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
        return series.to_numpy(np.int64)
    if pd.api.types.is_float_dtype(series.dtype):
        raise ValueError("the column holds floats; give integers of minor units")
    values = series.tolist()
    for row, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise ValueError(f"row {row} holds {value!r}, which is not a whole number")
        if not -INT64_MAX <= value <= INT64_MAX:
            raise ValueError(f"row {row} holds {value}, which is too large")
    return np.array([int(value) for value in values], dtype=np.int64)
