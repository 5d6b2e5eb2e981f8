"""Packed columns come back as they were, are put in order as Python does, and are looked up like a dictionary."""

import numpy as np
import pytest

from spm.core.packs import EMPTY, KEY, Cell, Pack, cell_of, coded, is_pack, key_texts, order_by, places_of, texts_split

TEXTS = ["", "a", "ab", "D-00012", "D-00002", "é", "Zürich GmbH", "a long name that takes three words"]


def keys(dice: np.random.Generator, count: int, kinds: int) -> np.ndarray:
    """Keys of which many begin, and some end, alike."""
    cells = dice.integers(0, kinds, (count, 16)).astype(np.uint8)
    cells[:, :12] = 7
    return cells.view(KEY).ravel()


def texts(dice: np.random.Generator, count: int) -> np.ndarray:
    return np.array([TEXTS[place].encode() for place in dice.integers(0, len(TEXTS), count)])


@pytest.mark.parametrize("count", [0, 1, 2, 500])
@pytest.mark.parametrize("seed", range(5))
def test_columns_come_back_and_in_order(seed: int, count: int) -> None:
    dice = np.random.default_rng(seed)
    whole = np.where(dice.random(count) < 0.2, EMPTY, dice.integers(-(10**15), 10**15, count))
    text = texts(dice, count) if count else np.zeros(0, dtype="S1")
    pack = Pack({"key": keys(dice, count, 3), "text": text, "whole": whole})
    again = Pack.read(pack.content())

    assert is_pack(pack.content()) and len(again) == count
    assert [cell_of(column) for column in again.columns.values()] == [Cell.KEY, Cell.TEXT, Cell.WHOLE]
    for name, column in pack.columns.items():
        assert again.columns[name].tolist() == column.tolist(), name
    assert again.content() == pack.content()

    rows = list(zip(text.tolist(), key_texts(pack.columns["key"]).tolist(), strict=True))
    order = order_by(pack.columns["text"], pack.columns["key"])
    wanted = sorted(range(count), key=rows.__getitem__)
    assert (list(range(count)) if order is None else order.tolist()) == wanted
    cut = np.flatnonzero(dice.random(count) < 0.5)
    assert pack.take(cut).content() == Pack({name: column[cut] for name, column in pack.columns.items()}).content()


@pytest.mark.parametrize("seed", range(5))
def test_cells_are_coded_and_found(seed: int) -> None:
    dice = np.random.default_rng(seed)
    for column in (keys(dice, 300, 2), texts(dice, 300)):
        cells, code = coded(column)
        assert cells.take(code).tolist() == column.tolist()
        assert [bytes(cell) for cell in cells.tolist()] == sorted({bytes(cell) for cell in column.tolist()})
    known, _ = coded(keys(dice, 40, 3))
    asked = keys(dice, 300, 3)
    rows = {bytes(cell): row for row, cell in enumerate(known.tolist())}
    assert places_of(known, asked).tolist() == [rows.get(bytes(cell), -1) for cell in asked.tolist()]


def test_keys_that_share_their_last_half_are_told_apart() -> None:
    known = np.frombuffer(bytes(range(16)) + bytes(8) + bytes(range(8, 16)), dtype=KEY)
    assert places_of(known, known[::-1]).tolist() == [1, 0]
    assert places_of(known[:1], known).tolist() == [0, -1]


def test_texts_are_split_at_zero_bytes() -> None:
    for given in ([b""], [b"", b""], [b"ab", b"cd"], [b"a", b"", b"bcd"]):
        assert texts_split(b"\0".join(given)).tolist() == given
