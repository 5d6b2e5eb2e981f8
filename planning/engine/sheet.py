"""The sheet of a quota plan: a target handed down seats and cut into periods, with what people set kept and relief taken off.

The years of all seats below one sum to what it hands down, and the periods of a seat to its year, to the cent. Relief is taken off
afterwards and stays visible as what nobody carries. This module knows no history: weights come from its caller.

Source: domain.md C3, proration and quota relief; C8, top-down and over-assignment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from planning.engine.cascade import SCALE, Node, Part, cascade, share
from planning.engine.prorating import prorated
from spm.core.findings import Finding
from spm.core.money import round_half_away, split


@dataclass(frozen=True, slots=True)
class Relief:
    """A `rate` (at scale 10**8) of the days of [start, until) that is not carried, or an `amount` spread over them by days."""

    start: date
    until: date
    amount: int | None = None
    rate: int = SCALE


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of the sheet: its own weight, the year a person set, and by period the season's weight and the value a person set."""

    key: str
    parent: str | None
    weight: int
    manual: int | None
    season: tuple[int, ...]
    cells: tuple[int | None, ...]
    reliefs: tuple[Relief, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What a seat is given: its year, why, its periods, and what it carries of each after relief."""

    value: int
    kept: str
    cells: tuple[int, ...]
    carried: tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows by key, what the topmost seats share, and what could not be shared."""

    rows: Mapping[str, Row]
    shared: int
    findings: tuple[Finding, ...]


def sheet(
    total: int, seats: Sequence[Seat], periods: Sequence[tuple[date, date]], paddings: Sequence[int] = ()
) -> Sheet:
    """Hand `total` down the seats and cut each year into `periods`, [start, end); `paddings` are rates by level at scale 10**8.

    A seat whose periods are all set has their sum as its year. A seat that others stand under weighs what they weigh together.
    """
    depths = _depths(seats)
    weights = _rolled(seats, depths)
    nodes = [
        Node(
            seat.key,
            seat.parent,
            weights[seat.key],
            year_set(seat),
            padding_rate=_rate(paddings, depths[seat.key] + 1),
        )
        for seat in seats
    ]
    whole = total + round_half_away(total * _rate(paddings, 0), SCALE)
    given = cascade(whole, nodes)
    findings = list(given.findings)
    rows = {}
    for seat in seats:
        rows[seat.key], left = _row(seat, given.parts[seat.key], periods)
        if left:
            findings.append(_unseasoned(seat.key, given.parts[seat.key].value, left))
    return Sheet(rows, whole, tuple(findings))


def year_set(seat: Seat) -> int | None:
    """Give the year that people set for a seat: the sum of its periods where all are set, else what was set for the year."""
    set_cells = [value for value in seat.cells if value is not None]
    return sum(set_cells) if seat.cells and len(set_cells) == len(seat.cells) else seat.manual


def _row(seat: Seat, part: Part, periods: Sequence[tuple[date, date]]) -> tuple[Row, int]:
    parts = [
        Node(f"{place:03}", weight=weight, manual=value)
        for place, (weight, value) in enumerate(zip(seat.season, seat.cells, strict=True))
    ]
    shared, left = share(part.value, parts)
    cells = tuple(one.value for one in shared)
    return Row(part.value, str(part.kept), cells, carried(cells, periods, seat.reliefs)), left


def carried(cells: Sequence[int], periods: Sequence[tuple[date, date]], reliefs: Sequence[Relief]) -> tuple[int, ...]:
    """Give what is carried of each period: a day that lies in several reliefs is relieved by the largest, and nothing falls below 0.

    >>> carried([800_000], [(date(2019, 1, 1), date(2020, 1, 1))], [Relief(date(2019, 1, 1), date(2019, 6, 1))])
    (469041,)
    """
    stated = [0] * len(cells)
    for relief in reliefs:
        days = [_overlap(period, relief) for period in periods]
        if relief.amount is not None and any(days):
            parts = split(relief.amount, days, list(range(len(days))))
            stated = [have + more for have, more in zip(stated, parts, strict=True)]
    by_days = [relief for relief in reliefs if relief.amount is None]
    found = []
    for value, period, amount in zip(cells, periods, stated, strict=True):
        kept = 1 - Fraction(_relieved_days(period, by_days), SCALE * (period[1] - period[0]).days)
        found.append(max(0, prorated(value, kept) - amount))
    return tuple(found)


def _relieved_days(period: tuple[date, date], reliefs: Sequence[Relief]) -> int:
    """The relieved days of a period, at scale 10**8."""
    edges = {day for one in reliefs for day in (one.start, one.until) if period[0] < day < period[1]}
    found = 0
    for start, until in pairwise([period[0], *sorted(edges), period[1]]):
        rates = [one.rate for one in reliefs if one.start <= start and until <= one.until]
        found += (until - start).days * max(rates, default=0)
    return found


def _overlap(period: tuple[date, date], relief: Relief) -> int:
    return max(0, (min(period[1], relief.until) - max(period[0], relief.start)).days)


def _depths(seats: Sequence[Seat]) -> dict[str, int]:
    parents = {seat.key: seat.parent for seat in seats}
    found: dict[str, int] = {}
    for key in parents:
        depth, at = 0, parents[key]
        while at is not None and depth <= len(parents):
            depth, at = depth + 1, parents.get(at)
        found[key] = depth
    return found


def _rolled(seats: Sequence[Seat], depths: Mapping[str, int]) -> dict[str, int]:
    """The weight of each seat: its own where nobody stands under it, else that of those who do."""
    found = {seat.key: seat for seat in seats}
    below: dict[str, int] = {}
    for seat in sorted(seats, key=lambda each: -depths[each.key]):
        own = below.get(seat.key, seat.weight)
        found[seat.key] = replace(seat, weight=own)
        if seat.parent is not None:
            below[seat.parent] = below.get(seat.parent, 0) + own
    return {key: seat.weight for key, seat in found.items()}


def _rate(paddings: Sequence[int], level: int) -> int:
    return paddings[level] if level < len(paddings) else 0


def _unseasoned(key: str, value: int, left: int) -> Finding:
    more = "could not be given to any period" if left > 0 else "is given out beyond it"
    return Finding(
        "QUOTA_PERIODS_UNSHARED",
        key,
        f"Of the year's {value} an amount of {abs(left)} {more}, because periods are set by hand.",
        "The periods don't sum to the year.",
        "Release a period, or set another year.",
        about=(("seat", key), ("missing", left), ("value", value)),
    )
