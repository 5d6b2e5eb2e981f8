"""Columns packed into bytes: what is digested, kept apart and read again without making an object per cell.

Keys are the 16 bytes of a UUID, all zero where there is none; whole numbers are 64 bits with `EMPTY` for none; text is UTF-8 of one width,
padded with zero bytes (no text holds one), and an empty text is none. Equal columns give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

MAGIC = b"SPMPACK1"
EMPTY = -(2**63)
"""A whole number that is not there."""
KEY = np.dtype("V16")


class Cell(StrEnum):
    """What a packed column holds."""

    KEY = "key"
    WHOLE = "whole"
    TEXT = "text"


@dataclass(frozen=True)
class Pack:
    """Columns of one length, by name, in order: V16, int64 and S."""

    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: np.ndarray) -> Pack:
        """Give some of the rows, in the order asked."""
        return Pack({name: column.take(rows) for name, column in self.columns.items()})

    def only(self, names: Sequence[str]) -> Pack:
        """Give some of the columns."""
        return Pack({name: self.columns[name] for name in names})

    def content(self) -> bytes:
        """Give the bytes of the pack."""
        columns = {name: narrowed(column) for name, column in self.columns.items()}
        head = {"rows": len(self), "columns": [[name, column.dtype.str] for name, column in columns.items()]}
        parts = [np.ascontiguousarray(column).data.cast("B") for column in columns.values() if column.nbytes]
        return b"".join([MAGIC, json.dumps(head, separators=(",", ":")).encode(), b"\n", *parts])

    @classmethod
    def read(cls, content: bytes) -> Pack:
        """Give the pack of its bytes, without copying them.

        >>> pack = Pack({"amount": np.array([3, 4]), "name": np.array([b"a", b"bc"])})
        >>> Pack.read(pack.content()).columns["name"].tolist()
        [b'a', b'bc']
        """
        start = content.index(b"\n") + 1
        head = json.loads(content[len(MAGIC) : start])
        columns, rows = {}, head["rows"]
        for name, kind in head["columns"]:
            dtype = np.dtype(kind)
            columns[name] = np.frombuffer(content, dtype=dtype, count=rows, offset=start)
            start += rows * dtype.itemsize
        return cls(columns)


def is_pack(content: bytes) -> bool:
    """True for bytes that a pack gave."""
    return content.startswith(MAGIC)


def cell_of(column: np.ndarray) -> Cell:
    """What a packed column holds."""
    return {"V": Cell.KEY, "i": Cell.WHOLE, "S": Cell.TEXT}[column.dtype.kind]


def narrowed(column: np.ndarray) -> np.ndarray:
    """A column in the form in which it is packed: text as wide as its longest."""
    if cell_of(column) == Cell.WHOLE:
        return column.astype("<i8", copy=False)
    if cell_of(column) == Cell.KEY:
        return column
    if not len(column):
        return column.astype("S1")
    used = bytes_of(column).any(axis=0)
    width = max(int(np.flatnonzero(used).max(initial=0)) + 1, 1)
    return column.astype(f"S{width}", copy=False)


def bytes_of(column: np.ndarray) -> np.ndarray:
    """The bytes of a column, a row for each cell."""
    return np.ascontiguousarray(column).view(np.uint8).reshape(len(column), column.dtype.itemsize)


def texts_split(content: bytes | memoryview) -> np.ndarray:
    """Texts that stand one after another with a zero byte between, as a column.

    >>> texts_split(b"ab\\x00\\x00cde").tolist()
    [b'ab', b'', b'cde']
    """
    data = np.frombuffer(b"".join([content, b"\0"]), dtype=np.uint8)
    ends = np.flatnonzero(data == 0)
    widths = np.diff(ends, prepend=-1) - 1
    width = max(int(widths.max(initial=0)), 1)
    if (widths == width).all():
        return np.ascontiguousarray(data.reshape(-1, width + 1)[:, :width]).view(f"S{width}").ravel()
    cells = np.zeros((len(ends), width), dtype=np.uint8)
    cells[np.arange(width) < widths[:, None]] = data[data != 0]
    return cells.view(f"S{width}").ravel()


def words_of(column: np.ndarray) -> list[np.ndarray]:
    """A column of keys or text as columns of whole numbers that are ordered as it is, the first one first."""
    cells = bytes_of(column)
    width = cells.shape[1]
    if width % 8:
        padded = np.zeros((len(cells), width + 8 - width % 8), dtype=np.uint8)
        padded[:, :width] = cells
        cells = padded
    words = cells.view(">u8")
    return [words[:, place].astype(np.uint64) for place in range(words.shape[1])]


def order_by(*columns: np.ndarray) -> np.ndarray | None:
    """The rows in the order of some columns of keys or text, the first one first; None when they are in it."""
    words = [word for column in columns for word in words_of(column)]
    words = [word for word in words if len(word) and (word[0] != word[-1] or (word != word[0]).any())]
    if not words or _is_ordered(words):
        return None
    return np.lexsort(words[::-1])


def _is_ordered(words: Sequence[np.ndarray]) -> bool:
    """True when no row is smaller than the one before it."""
    same = np.ones(max(len(words[0]) - 1, 0), dtype=bool)
    for word in words:
        if (same & (word[1:] < word[:-1])).any():
            return False
        same &= word[1:] == word[:-1]
    return True


def coded(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct cells of a column of keys or text in order, and the place of each row's cell among them."""
    code = np.zeros(len(column), dtype=np.int64)
    for word in words_of(column):
        if not len(word) or (word[0] == word[-1] and (word == word[0]).all()):
            continue
        more, distinct = pd.factorize(word)
        code, _ = pd.factorize(code * len(distinct) + more)
    _, first = np.unique(code, return_index=True) if len(code) else (code, code)
    cells = column.take(first)
    order = order_by(cells)
    if order is None:
        return cells, code
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return cells.take(order), place.take(code)


def places_of(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The row of each asked key among known ones, which are distinct; -1 for a key that is not known."""
    if not len(known) or not len(asked):
        return np.full(len(asked), -1, dtype=np.int64)
    high, low = words_of(known)
    asked_high, asked_low = words_of(asked)
    index = pd.Index(low.view(np.int64))
    if index.is_unique:
        found = np.asarray(index.get_indexer(pd.Index(asked_low.view(np.int64))), dtype=np.int64)
        return np.where((found >= 0) & (high.take(found) == asked_high), found, -1)
    _, code = coded(np.concatenate([known, asked]))
    row = np.full(int(code.max()) + 1, -1, dtype=np.int64)
    row[code[: len(known)]] = np.arange(len(known))
    return row.take(code[len(known) :])


def key_texts(keys: np.ndarray) -> np.ndarray:
    """Keys as people and JSON write them; None for a key that is not there.

    >>> key_texts(np.frombuffer(bytes(15) + b"\\x01" + bytes(16), dtype=KEY)).tolist()
    ['00000000-0000-0000-0000-000000000001', None]
    """
    text = np.ascontiguousarray(keys).tobytes().hex()
    found = np.empty(len(keys), dtype=object)
    for row in range(len(keys)):
        one = text[32 * row : 32 * row + 32]
        found[row] = f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
    missing = ~bytes_of(keys).any(axis=1) if len(keys) else np.zeros(0, dtype=bool)
    found[missing] = None
    return found


__all__ = [
    "EMPTY",
    "KEY",
    "Cell",
    "Pack",
    "bytes_of",
    "cell_of",
    "coded",
    "is_pack",
    "key_texts",
    "order_by",
    "places_of",
    "texts_split",
]
