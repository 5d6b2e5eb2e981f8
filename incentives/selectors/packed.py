"""Packed columns as frames of the engine: with keys as text, or as numbers where nothing needs their text."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from spm.core.packs import EMPTY, Cell, Pack, cell_of, coded, key_texts, places_of

PERSONS = frozenset({"owner_key", "participant_key"})


def frame_of_pack(
    pack: Pack, whole: frozenset[str], keys: frozenset[str], given: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Give a frame: keys and attributes as text, amounts and days as integers, quantities exact, an empty cell as missing.

    `whole` names the integers that are never missing, `keys` the columns whose missing cells are None; `given` columns stand as they are.
    """
    known = given or {}
    return pd.DataFrame(
        {
            name: known[name] if name in known else _column(name, column, whole, keys)
            for name, column in pack.columns.items()
        },
        index=pd.RangeIndex(len(pack)),
        copy=False,
    )


def _column(name: str, column: np.ndarray, whole: frozenset[str], keys: frozenset[str]) -> Any:
    if cell_of(column) == Cell.WHOLE:
        column = column.astype(np.int64, copy=False)
        return (
            column if name in whole else pd.arrays.IntegerArray(np.where(column == EMPTY, 0, column), column == EMPTY)
        )
    if cell_of(column) == Cell.KEY and name not in PERSONS:
        return key_texts(column)
    if name == "source_key":
        return decoded(column)
    cells, code = coded(column)
    if name == "quantity":
        return quantities(text.decode() for text in cells.tolist()).take(code)
    if cell_of(column) == Cell.KEY:
        return key_texts(cells).take(code)
    found = _values([text.decode() or None for text in cells.tolist()]).take(code)
    return found if name in keys else pd.array(found, dtype="str")


def quantities(cells: Iterable[object]) -> np.ndarray:
    """Exact quantities of the texts of cells; an empty one is missing, and the engine names it wherever it counts."""
    return _values([Decimal(text) if isinstance(text, str) and text else float("nan") for text in cells])


def decoded(column: np.ndarray) -> np.ndarray:
    """Text for each cell; the quick way knows the letters of ASCII alone."""
    try:
        return column.astype(f"U{column.dtype.itemsize}").astype(object)
    except UnicodeDecodeError:
        return _values([text.decode() for text in column.tolist()])


def _values(values: list[Any]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def is_plain(frames: Mapping[str, bytes]) -> bool:
    """True where nothing but deals and shares names a deal, so that deals can be numbers."""
    return (
        not {"lines", "manual", "owners", "territories", "account_territories"} & frames.keys()
        and b'"reverses_key"' not in frames["deals"][:2000]
    )


def numbered(deals: Pack, splits: Pack | None) -> dict[str, dict[str, Any]]:
    """Give the columns in which deals are named by their row and people are codes, by frame."""
    found = {
        "deals": {
            "deal_key": np.arange(len(deals)),
            "owner_key": _categories(deals.columns["owner_key"]),
            "currency": _categories(deals.columns["currency"]),
        }
    }
    if splits is not None:
        found["splits"] = {
            "deal_key": places_of(deals.columns["deal_key"], splits.columns["deal_key"]),
            "participant_key": _categories(splits.columns["participant_key"]),
        }
    return found


def _categories(column: np.ndarray) -> pd.Categorical:
    cells, code = coded(column)
    texts = (
        key_texts(cells) if cell_of(column) == Cell.KEY else _values([one.decode() or None for one in cells.tolist()])
    )
    missing = np.array([text is None for text in texts], dtype=bool)
    place = np.where(missing, -1, np.cumsum(~missing) - 1)
    return pd.Categorical.from_codes(place.take(code), categories=pd.Index(texts[~missing], dtype=object))
