"""Personal terms: target pay, ramps and leave, day by day, as they change quotas and targets of a person and period.

Of a person's own terms and those of the position held, the person's hold. A quota is kept by the part of it that the ramp asks for on each
day, without the days of a leave that relieves it. A target of the year is cut to the period, an equal part for each of them; one of each
period is whole; both count by the days or months in the plan. Everything is exact and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of
from incentives.engine.attainment import Goals, Stays, Windows, part_held
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from spm.core.dated import day_number
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE, round_half_away
from spm.core.periods import PER_YEAR, CalendarKind, months_later

Span = tuple[int, int]


def ramp_stretches(start: date, shares: Sequence[int]) -> list[tuple[int, int, int]]:
    """The days of each month in role, half-open, with its share at RATE_SCALE; after the last one the quota is whole.

    >>> [(end - begin, share) for begin, end, share in ramp_stretches(date(2026, 1, 31), [25_000_000, 50_000_000])]
    [(28, 25000000), (31, 50000000)]
    """
    edges = [day_number(months_later(start, number)) for number in range(len(shares) + 1)]
    return [(begin, end, share) for begin, end, share in zip(edges, edges[1:], shares, strict=False)]


@dataclass(frozen=True)
class Dated:
    """Stretches of days with a value, by holder (a code)."""

    rows: Mapping[int, list[tuple[int, int, int]]]

    @classmethod
    def of(cls, frame: pd.DataFrame, index: pd.Index, key: str, value: str) -> Dated:
        """The stretches of a frame for one kind of holder; who holds nothing is left out."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        if key in frame.columns:
            holders = codes_of(index, frame[key])
            columns = (frame[name].to_numpy(np.int64).tolist() for name in ("from_on", "until_on", value))
            for holder, start, end, number in zip(holders.tolist(), *columns, strict=True):
                if holder >= 0:
                    found.setdefault(holder, []).append((start, end, number))
        return cls(found)

    def on(self, holder: int, span: Span) -> Iterator[tuple[int, int, int]]:
        """The stretches of a holder within a span."""
        for start, end, value in self.rows.get(holder, []):
            start, end = max(start, span[0]), min(end, span[1])
            if start < end:
                yield start, end, value


@dataclass(frozen=True)
class Terms:
    """The terms of everybody; `ramps` hold shares, leaves hold 1."""

    targets: Mapping[str, tuple[Dated, Dated]]
    """By name; the value is a row of `pay`."""
    pay: Sequence[tuple[int, bool]]
    """The amount of each target, and whether it is of a year; else it is of each period."""
    ramps: tuple[Dated, Dated]
    relief: Mapping[bool, Dated]
    """Leave by whether it is asked of targets (True) or of quotas (False)."""
    touched: frozenset[int] = field(default_factory=frozenset)
    """Participants whose quotas may change."""

    @classmethod
    def of(cls, facts: Facts, seats: Seats, currency: str) -> Terms | None:
        """The terms of admitted facts that are in a currency; None where there are none."""
        if not has_terms(facts):
            return None
        targets, ramps, leaves = facts.targets, facts.ramps, facts.leaves
        assert targets is not None and ramps is not None and leaves is not None
        mine = targets[targets["currency"] == currency].assign(row=lambda rows: range(len(rows)))
        held = {str(name): _both(rows, seats, "row") for name, rows in mine.groupby("name", sort=True)}
        yearly = mine["per"].ne("period") if "per" in mine.columns else np.ones(len(mine), dtype=bool)
        pay = list(zip(mine["amount_minor"].tolist(), yearly, strict=True))
        relief = {
            asked: Dated.of(leaves[leaves[column] == 1].assign(on=1), seats.participants, "participant_key", "on")
            for asked, column in ((True, "relieves_target"), (False, "relieves_quota"))
        }
        ramp = _both(ramps, seats, "share")
        seated = {
            int(who) for who, where in zip(seats.participant, seats.position, strict=True) if int(where) in ramp[1].rows
        }
        touched = frozenset({*ramp[0].rows, *relief[False].rows, *seated})
        return cls(held, pay, ramp, relief, touched)


def has_terms(facts: Facts) -> bool:
    """Tell whether admitted facts hold terms of anybody."""
    assert facts.targets is not None and facts.ramps is not None and facts.leaves is not None
    return bool(len(facts.targets) + len(facts.ramps) + len(facts.leaves))


def _both(frame: pd.DataFrame, seats: Seats, value: str) -> tuple[Dated, Dated]:
    """The stretches of people and of positions."""
    return (
        Dated.of(frame, seats.participants, "participant_key", value),
        Dated.of(frame, seats.positions, "position_key", value),
    )


@dataclass(frozen=True)
class Room:
    """What terms are applied in: the plan's seats, stays and periods."""

    plan: Plan
    number: int
    seats: Seats
    stays: Stays
    windows: Windows

    def spans(self, person: int, period: int) -> list[tuple[int, Span]]:
        """The holdings of a person that the plan pays in a period, with their days."""
        paid = self.seats.paid
        mine = paid.where((paid.plan == self.number) & (self.seats.participant[paid.holding] == person))
        edges = (int(self.windows.start[period]), int(self.windows.end[period]))
        found = []
        for holding, start, end in zip(mine.holding.tolist(), mine.start.tolist(), mine.end.tolist(), strict=True):
            span = (max(start, edges[0]), min(end, edges[1]))
            if span[0] < span[1]:
                found.append((holding, span))
        return found

    def part(self, period: int, spans: Sequence[Span]) -> Fraction:
        """The part of the period that some stretches in the plan carry, as the plan counts them."""
        start, end = np.array(spans).T
        months = self.windows.months(start, end).sum(keepdims=True)
        held, whole = part_held(self.plan, self.windows, np.array([period]), ((end - start).sum(keepdims=True), months))
        return Fraction(int(held[0]), int(whole[0]))


def terms_applied(
    terms: Terms,
    room: Room,
    goals: Goals,
    name: str,
    read: tuple[np.ndarray, np.ndarray],
    groups: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """The goal of a name for every group, changed by ramp and leave, or, where it is a target, cut from the target of the year."""
    amounts, known = read[0].copy(), read[1].copy()
    is_target = name in {component.pay.target_name for component in room.plan.components}
    touched = terms.relief[True].rows.keys() if is_target else terms.touched
    for row, (person, period) in enumerate(zip(groups[0].tolist(), groups[1].tolist(), strict=True)):
        exact: Fraction | None = None
        if is_target and name in terms.targets and not known[row]:
            exact = _target(terms, room, name, person, period)
        elif known[row] and person in touched:
            exact = _entered_goal(terms, room, goals, name, (person, period), is_target=is_target)
        if exact is not None:
            amounts[row], known[row] = round_half_away(exact.numerator, exact.denominator), True
    return amounts, known


def _target(terms: Terms, room: Room, name: str, person: int, period: int) -> Fraction | None:
    """The target of a person in a period: what it is on each day in the plan, that of a year by the part of the year."""
    people, places = terms.targets[name]
    part_of_year = Fraction(1, PER_YEAR[CalendarKind(room.plan.period)])
    total, days, found = Fraction(0), 0, False
    spans = room.spans(person, period)
    for holding, span in spans:
        days += span[1] - span[0]
        for start, end, row in _specific(people, person, places, int(room.seats.position[holding]), span):
            found, (amount, is_yearly) = True, terms.pay[row]
            of_period = amount * part_of_year if is_yearly else Fraction(amount)
            total += of_period * _unrelieved(terms.relief[True], person, (start, end))
    if not found:
        return None
    return total / days * room.part(period, [span for _, span in spans])


def _entered_goal(
    terms: Terms, room: Room, goals: Goals, name: str, group: tuple[int, int], *, is_target: bool
) -> Fraction | None:
    """An entered goal by what ramp and leave leave of each day, a target by leave alone; None where they leave it as it is."""
    person, period = group
    kept = [
        (
            holding,
            span,
            Fraction(_unrelieved(terms.relief[True], person, span))
            if is_target
            else _kept(terms, person, int(room.seats.position[holding]), span),
        )
        for holding, span in room.spans(person, period)
    ]
    days = sum(end - start for _, (start, end), _ in kept)
    if not days or all(share == end - start for _, (start, end), share in kept):
        return None
    own = _entered(goals.people.get(name), person, period, room.windows)
    if own is not None:
        return own * sum((share for _, _, share in kept), Fraction(0)) / days
    total = Fraction(0)
    for holding, (start, end), share in kept:
        placed = _entered(goals.places.get(name), int(room.seats.position[holding]), period, room.windows)
        if placed is not None:
            total += placed * room.part(period, [(start, end)]) * share / (end - start)
    return total


def _entered(goal: object, holder: int, period: int, windows: Windows) -> Fraction | None:
    if goal is None:
        return None
    [row] = goal.found(np.array([holder * len(windows.keys) + period])).tolist()  # type: ignore[attr-defined]
    return None if row < 0 else Fraction(int(goal.amount[row]))  # type: ignore[attr-defined]


def _kept(terms: Terms, person: int, position: int, span: Span) -> Fraction:
    """How many days' worth of quota ramp and leave keep of a span."""
    total, covered = Fraction(0), 0
    for start, end, share in _specific(terms.ramps[0], person, terms.ramps[1], position, span):
        covered += end - start
        total += Fraction(share, RATE_SCALE) * _unrelieved(terms.relief[False], person, (start, end))
    whole = _unrelieved(terms.relief[False], person, span)
    if covered == 0:
        return Fraction(whole)
    ramped = sum(
        _unrelieved(terms.relief[False], person, (start, end))
        for start, end, _ in _specific(terms.ramps[0], person, terms.ramps[1], position, span)
    )
    return total + whole - ramped


def _unrelieved(relief: Dated, person: int, span: Span) -> int:
    return span[1] - span[0] - sum(end - start for start, end, _ in relief.on(person, span))


def _specific(people: Dated, person: int, places: Dated, position: int, span: Span) -> list[tuple[int, int, int]]:
    """The stretches of a span: the person's own, and the position's on days without."""
    own = list(people.on(person, span))
    found, free = list(own), [span]
    for start, end, _ in own:
        free = [
            piece
            for begin, until in free
            for piece in ((begin, min(until, start)), (max(begin, end), until))
            if piece[0] < piece[1]
        ]
    return found + [stretch for piece in free for stretch in places.on(position, piece)]


def terms_overlap(frame: pd.DataFrame, what: str) -> list[Finding]:
    """A finding for each holder with two of the same terms on one day."""
    keys = [name for name in ("participant_key", "position_key", "name") if name in frame.columns]
    held: dict[tuple[str, ...], list[Span]] = {}
    for row in frame.to_dict("records") if len(frame) else ():
        key = tuple(str(row[name]) for name in keys if row[name] == row[name] and row[name] is not None)
        held.setdefault(key, []).append((int(row["from_on"]), int(row["until_on"])))
    found = []
    for key, spans in sorted(held.items()):
        spans.sort()
        if any(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:], strict=False)):
            words = f"Two of the {what} of {key[0]} hold on one day."
            found.append(Finding("TERMS_OVERLAP", key[0], words, "Nothing was calculated.", "End one of them."))
    return found
