"""The caps and floors of a year, which hold for what is sold in it, less all of it that comes back, whenever that is.

They work on rounded amounts, because what has been paid in the year so far is money. A return takes back what the year of its sale
comes to less with it than before it: first what the cap had cut off, and never below the floor. It makes no room under the cap of a
later year, nor does it fill that year's floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from incentives.engine.measuring import Cells, Column, first_of, so_far, sum_by
from incentives.engine.plan import Bounds
from spm.core.columns import first_rows, order_of, running_sum, steps_of


@dataclass(frozen=True)
class Later:
    """What comes back in a later year than it was sold in, in the order of the returns: the group of each return, that of its sale,
    and what it takes, in minor units."""

    group: np.ndarray
    sold: np.ndarray
    minor: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Later]) -> Later:
        """Those of several components together."""
        columns = ([getattr(part, name) for part in parts] for name in ("group", "sold", "minor"))
        made = cls(*(np.concatenate([np.zeros(0, dtype=np.int64), *each]) for each in columns))
        order = order_of(made.group) if len(made.group) else made.group
        return cls(made.group[order], made.sold[order], made.minor[order])

    def where(self, groups: np.ndarray, other: Later) -> Later:
        """These in some groups, and in the others what the same returns take by `other`."""
        return replace(self, minor=np.where(groups[self.group], self.minor, other.minor))

    def by_group(self, count: int) -> np.ndarray:
        """What each group takes."""
        return sum_by(self.group, self.minor, count)


NO_LATER = Later(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def _years(cells: Cells) -> np.ndarray:
    """True where a person's year begins."""
    return first_of(cells.participant, cells.years)


def blocked_in_year(bounds: Bounds, floor: Bounds, blocked: np.ndarray, cells: Cells, later: Later) -> np.ndarray:
    """The groups that can't be calculated under limits of a year: also those after one whose part of the year is unknown, and those that
    give back what was sold in such a year."""
    if (bounds.year is None and floor.year is None) or not blocked.any():
        return blocked
    first = _years(cells)
    found, year = so_far(blocked, first, cells.paid), np.cumsum(first) - 1
    pairs = list(zip(later.group.tolist(), later.sold.tolist(), strict=True))
    while lost := [group for group, sold in pairs if not found[group] and found[year == year[sold]].any()]:
        found[lost] = True
        found = so_far(found, first, cells.paid)
    return found


def within_years(
    bounds: Bounds, floor: Bounds, earned: np.ndarray, cells: Cells, later: Later, *keys: str
) -> tuple[np.ndarray, Later]:
    """Rounded earnings, and what of them comes back in later years, within the limits of the years in which it was sold.

    `keys` are the components that they are of: what a former system paid of them in the year counts as earned before.
    """
    if bounds.year is None and floor.year is None:
        return earned, later
    first = _years(cells)
    sold = earned - later.by_group(len(earned))
    total = Column.running(sold, first)
    if cells.paid is not None:
        total = total.brought(Column.running(sold, first | cells.paid.at), cells.paid, *keys)
    taken = replace(later, minor=_taken(bounds, floor, total.after, first, later))
    if bounds.year is not None:
        capped, before = (np.minimum(each, int(bounds.year)) for each in (total.after, total.before))
        sold, total = capped - before, replace(total, after=capped)
    if floor.year is not None and len(sold):
        filled = np.where(_is_over(cells, first), np.maximum(int(floor.year) - total.after, 0), 0)
        sold = sold + steps_of(filled, first)
    return sold + taken.by_group(len(earned)), taken


def _taken(bounds: Bounds, floor: Bounds, reached: np.ndarray, first: np.ndarray, later: Later) -> np.ndarray:
    """What each return takes of what the year of its sale came to until it, within the limits of that year."""
    if not len(later.group):
        return later.minor
    year = (np.cumsum(first) - 1)[later.sold]
    order = order_of(year)
    year, minor = year[order], later.minor[order]
    last = np.append(np.flatnonzero(first)[1:], len(first)) - 1
    upto = reached[last][year] + running_sum(minor, first_rows(year))
    before = upto - minor
    if bounds.year is not None:
        upto, before = (np.minimum(each, int(bounds.year)) for each in (upto, before))
    if floor.year is not None:
        upto, before = (np.maximum(each, int(floor.year)) for each in (upto, before))
    taken = np.zeros(len(order), dtype=np.int64)
    taken[order] = upto - before
    return taken


def _is_over(cells: Cells, first: np.ndarray) -> np.ndarray:
    """True from the last period of a person's year on in which the plan pays the person."""
    paid = (~cells.carried).astype(np.int64)
    upto, year = running_sum(paid, first), np.cumsum(first) - 1
    whole = sum_by(year, paid, int(first.sum()))[year]
    return np.asarray((upto == whole) & (whole > 0))
