"""Won deals, their order lines and shares as packed columns: read once for a span of days, and given window by window.

A window that is cut out of a longer span gives the same bytes as one that is read alone: the order, of source key and key, is made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spm.core.columns import order_of
from spm.core.dated import day_number
from spm.core.packs import Cell, Pack, coded, order_by, places_of
from spm.crm.deal_frames import DealsAsked, columns_of, has_facts, splits_query, won_query
from spm.tenancy.copying import copy_columns

HEAD = {
    "deal_key": Cell.KEY,
    "source_key": Cell.TEXT,
    "owner_key": Cell.KEY,
    "amount_minor": Cell.WHOLE,
    "currency": Cell.TEXT,
    "credit_on": Cell.WHOLE,
}
SHARES = {
    "deal_key": Cell.KEY,
    "participant_key": Cell.KEY,
    "share": Cell.WHOLE,
    "credit_type": Cell.TEXT,
}
DAYS_OF_A_PART = 64
"""Days whose deals the database puts into one value."""


@dataclass(frozen=True)
class DealTables:
    """What was read of a span: deals and, where asked for, lines, in order; shares where the company has any."""

    asked: DealsAsked
    deals: Pack
    lines: Pack | None
    splits: Pack | None

    def holds(self, asked: DealsAsked, *, by_line: bool) -> bool:
        """Tell whether a window with its columns can be cut out."""
        inside = (
            self.asked.start <= asked.start and asked.end <= self.asked.end and asked.only is None and asked.of is None
        )
        read = columns_of(self.asked).keys() >= columns_of(asked).keys()
        return inside and read and (self.lines is not None or not by_line)

    def window(self, asked: DealsAsked, *, by_line: bool) -> dict[str, bytes]:
        """Give the frames of the deals with a day in the window, with the columns asked for; their lines too where asked by line."""
        frames, kept = {}, {}
        columns = {*HEAD, "reverses_key", *columns_of(asked)}
        for name, table in self._tables(by_line=by_line).items():
            kept[name] = _inside(table, asked)
            frames[name] = _rows(table.only([each for each in table.columns if each in columns]), kept[name]).content()
        if self.splits is not None:
            inside = np.zeros(len(self.splits), dtype=bool)
            for name, rows in kept.items():
                places = self._linked[name]
                inside |= (places >= 0) & np.append(rows, False).take(places)
            frames["splits"] = _rows(self.splits, inside).content()
        return frames

    def _tables(self, *, by_line: bool) -> dict[str, Pack]:
        return {"deals": self.deals, **({"lines": self.lines} if by_line and self.lines is not None else {})}

    @cached_property
    def _linked(self) -> dict[str, np.ndarray]:
        """The row of the deal, and of the line, that each share is of; -1 where there is none."""
        assert self.splits is not None
        asked = self.splits.columns["deal_key"]
        return {name: places_of(table.columns["deal_key"], asked) for name, table in self._tables(by_line=True).items()}


def _inside(table: Pack, asked: DealsAsked) -> np.ndarray:
    """True for the rows with one of their days in the window."""
    first, last = day_number(asked.start), day_number(asked.end)
    found = np.zeros(len(table), dtype=bool)
    for name in ("credit_on", *asked.days):
        found |= (table.columns[name] >= first) & (table.columns[name] < last)
    return found


def _rows(table: Pack, kept: np.ndarray) -> Pack:
    return table if kept.all() else table.take(np.flatnonzero(kept))


def tables_read(asked: DealsAsked, *, by_line: bool, whole: bool = False) -> DealTables:
    """Read what has a day in the span. `whole` reads all shares without asking for their deals: for spans of most of what there is."""
    with asked.planned(by_line=by_line):
        deals = _ordered(_read(asked, by_line=False))
        lines = _ordered(_read(asked, by_line=True)) if by_line else None
        if not has_facts("crm_splitversion", asked.known_at):
            return DealTables(asked, deals, lines, None)
        query = splits_query(asked, by_line=by_line, whole=whole and not by_line and not asked.takes_back)
        splits = copy_columns(query, asked.parameters, SHARES)
    return _linked_in_order(DealTables(asked, deals, lines, splits))


def _read(asked: DealsAsked, *, by_line: bool) -> Pack:
    names = columns_of(asked).keys() - HEAD.keys()
    cells = HEAD | ({"reverses_key": Cell.KEY} if asked.takes_back else {})
    cells |= {name: Cell.WHOLE if name.endswith(("_minor", "_on")) else Cell.TEXT for name in sorted(names)}
    return copy_columns(
        won_query(asked, by_line=by_line), asked.parameters, cells, by=f"sent.credit_on / {DAYS_OF_A_PART}"
    )


def _ordered(table: Pack) -> Pack:
    order = order_by(table.columns["source_key"], table.columns["deal_key"])
    return table if order is None else table.take(order)


def _linked_in_order(tables: DealTables) -> DealTables:
    """The shares of the deals and lines that were read, in the order of these, then by person, kind and share."""
    assert tables.splits is not None
    place = np.full(len(tables.splits), -1, dtype=np.int64)
    for offset, places in zip((0, len(tables.deals)), tables._linked.values(), strict=False):
        place = np.where(place < 0, np.where(places < 0, -1, places + offset), place)
    kept = np.flatnonzero(place >= 0)
    columns = tables.splits.columns
    keys = [place, coded(columns["participant_key"])[1], coded(columns["credit_type"])[1], columns["share"]]
    order = kept.take(order_of(*(key.take(kept) for key in keys)))
    return DealTables(tables.asked, tables.deals, tables.lines, tables.splits.take(order))


__all__: Sequence[str] = ["DealTables", "tables_read"]
