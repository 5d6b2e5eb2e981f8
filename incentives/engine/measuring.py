"""Measures: credits summed by participant and period, over their window, beside the goal of the same window.

All measures of a plan have the same groups: everybody whom the plan pays, in every period with a day of it. A group whose
facts are missing is blocked; a finding says why, and the other groups are calculated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from incentives.engine.attainment import Goals, Stays, Windows, quotas_of
from incentives.engine.bounding import summable
from incentives.engine.credit_lines import CreditLines
from incentives.engine.credited import Credited
from incentives.engine.credits import credit_measure
from incentives.engine.opening import Brought, Opening, brought, openings_of
from incentives.engine.plan import Measure, Plan
from incentives.engine.tenure import Tenures
from incentives.engine.terms import Room as TermsRoom
from incentives.engine.terms import Terms, terms_applied
from incentives.engine.unmeasured import unusable
from incentives.engine.words import Accumulation, GoalWindow
from spm.core.columns import first_rows, order_of, repeated, running_sum
from spm.core.dated import CELLS_PER_QUESTION
from spm.core.findings import Finding
from spm.core.money import INT64_MAX, RATE_SCALE, multiply_columns, round_columns

CREDIT, QUOTA = "=credit", "=quota"
"""Figures that are brought to a measure, beside target pay under the keys of components (which begin otherwise)."""


@dataclass(frozen=True)
class Cells:
    """The groups of one plan, sorted by participant and period (codes), and their names for findings."""

    plan: Plan
    participant: np.ndarray
    period: np.ndarray
    windows: Windows
    names: pd.Index
    carried: np.ndarray
    """True for groups that the plan does not pay in the period: they only give back what they were paid before."""
    tenures: Tenures
    openings: tuple[Opening, ...] = ()
    paid: Brought | None = None
    """What was paid in the year before the cut-over, by component."""

    @classmethod
    def of(cls, lines: CreditLines, stays: Stays, credited: Iterable[Credited]) -> Cells:
        """Everybody whom the plan pays in a period, and whoever gives something back in it."""
        seats, width = lines.crediting.seats, len(lines.windows.start)
        person, period = stays.groups(seats)
        paid = person * width + period
        back = [each.participant * width + each.period for each in credited if each.reversal.any()]
        every = np.unique(np.concatenate([paid, *back])) if back else paid
        carried = ~np.isin(every, paid, assume_unique=True) if back else repeated(False, len(paid), bool)
        person, period = (every // width, every % width) if back else (person, period)
        opened = openings_of(lines.crediting.facts.openings, lines.plan.key, seats.participants)
        tenures = lines.crediting.tenures
        made = cls(lines.plan, person, period, lines.windows, seats.participants, carried, tenures, opened)
        if not opened or made.windows.year is None:
            return made
        asked = [(one, {one.component: one.paid}) for one in opened if one.paid]
        return replace(made, paid=brought(asked, person, period, lines.windows, made.windows.year))

    @cached_property
    def years(self) -> np.ndarray:
        """The year of every group as a code; one for all when the periods do not tell."""
        codes = self.windows.year
        return np.zeros(len(self), dtype=np.int64) if codes is None else codes[self.period]

    @cached_property
    def opened_years(self) -> np.ndarray:
        """The first group of the year of every group."""
        first = first_of(self.participant, self.years)
        return np.flatnonzero(first)[np.cumsum(first) - 1]

    def first(self, window: np.ndarray) -> np.ndarray:
        """True where a person's window begins: with the first period of it in which the plan pays the person."""
        first = first_of(self.participant, window)
        if not self.carried.any():
            return first
        return first | (running_sum((~self.carried).astype(np.int64), first) - ~self.carried == 0)

    def __len__(self) -> int:
        return len(self.participant)

    def find(self, participant: np.ndarray, period: np.ndarray) -> np.ndarray:
        """The group of each pair; every pair is known."""
        width = len(self.windows.start)
        place, asked = self.participant * width + self.period, participant * width + period
        if not len(self) or len(self.names) * width > CELLS_PER_QUESTION * len(asked):
            return np.searchsorted(place, asked)
        table = np.zeros(len(self.names) * width, dtype=np.int64)
        table[place] = np.arange(len(self))
        return table.take(asked)

    def row_of(self, participant_key: object, period_key: object) -> int:
        """The group of one person and period; both are known."""
        person, period = self.names.get_loc(participant_key), self.windows.keys.get_loc(period_key)
        return int(self.find(np.array([person]), np.array([period]))[0])

    def finding(self, row: int, code: str, component: str, what: str, fix: str) -> Finding:
        """A finding about one group of a component."""
        person, period = self.names[self.participant[row]], self.windows.keys[self.period[row]]
        keys = (
            ("participant_key", person),
            ("plan_key", self.plan.key),
            ("component_key", component),
            ("period_key", period),
        )
        called = self.plan.called(component)
        why = f"{called} of {self.plan.name} was not calculated for {person} in {period}; the others were."
        return Finding(
            code,
            f"participant {person}, {called}, {period}",
            what.replace("{person}", str(person)).replace("{period}", str(period)),
            why,
            fix,
            about=keys,
        )

    def window(self, accumulation: Accumulation) -> np.ndarray | None:
        """The accumulation window of every group as a code; None when the periods do not tell."""
        if accumulation == Accumulation.PERIOD:
            return self.period
        if accumulation == Accumulation.CONTRACT:
            return np.zeros(len(self), dtype=np.int64)
        codes = self.windows.quarter if accumulation == Accumulation.QTD else self.windows.year
        return None if codes is None else codes[self.period]

    def brought(self, measure: Measure) -> Brought | None:
        """What was credited before the cut-over in the windows of a measure, its quota, and target pay by component."""
        asked = {each.key for each in self.plan.components if each.measure.key == measure.key}
        opened = [one for one in self.openings if one.component in asked and (one.credit or one.quota or one.target)]
        if not opened or measure.accumulation == Accumulation.PERIOD:
            return None
        codes: np.ndarray | None = np.zeros(len(self.windows.start), dtype=np.int64)
        if measure.accumulation != Accumulation.CONTRACT:
            codes = self.windows.quarter if measure.accumulation == Accumulation.QTD else self.windows.year
        if codes is None:
            return None
        figures = [(one, {CREDIT: one.credit, QUOTA: one.quota, one.component: one.target}) for one in opened]
        return brought(figures, self.participant, self.period, self.windows, codes)


@dataclass(frozen=True)
class Column:
    """A number per group: of the period alone, up to and with the period, and before it, inside the window."""

    own: np.ndarray
    after: np.ndarray
    before: np.ndarray

    @classmethod
    def running(cls, own: np.ndarray, first: np.ndarray) -> Column:
        """Sums inside each window; `first` marks the first group of a person's window."""
        if first.all():
            return cls(own, own, np.zeros_like(own))
        after = running_sum(own, first)
        return cls(own, after, after - own)

    @classmethod
    def whole(cls, own: np.ndarray, first: np.ndarray) -> Column:
        """The total of the window in every group of it."""
        group = np.cumsum(first) - 1
        total = (np.add.reduceat(own, np.flatnonzero(first)) if len(own) else own)[group]
        return cls(own, total, total)

    def brought(self, other: Column, opened: Brought, *names: str) -> Column:
        """This column before the cut-over; since then `other`, which begins there, on top of what was brought."""
        amount = opened.of(*names)
        after = np.where(opened.since, other.after + amount, self.after)
        return Column(self.own, after, np.where(opened.since, other.before + amount, self.before))


@dataclass(frozen=True)
class Measured:
    """A measure of every group. `value` counts for attainment, `rated` is what pay is computed of (without returns that are
    paid back at their original rate). `first` marks groups that open their window, `carried` those that only give back."""

    measure: Measure
    credited: Credited
    group: np.ndarray
    value: Column
    rated: Column
    goal: Column | None
    known: np.ndarray
    blocked: np.ndarray
    first: np.ndarray
    carried: np.ndarray
    brought: Brought | None = None
    """What was brought from a former system into its windows."""

    @property
    def is_fresh(self) -> bool:
        """True where every group opens its window and nothing was brought into one."""
        return self.brought is None and bool(self.first.all())

    @property
    def has_before(self) -> np.ndarray:
        """True for the groups whose window has something before them."""
        return ~self.first if self.brought is None else ~self.first | self.brought.since

    @property
    def usable(self) -> np.ndarray:
        """True where value and goal are both known and the goal is above 0."""
        if self.goal is None:
            return ~self.blocked
        return ~self.blocked & self.known & (self.goal.after > 0)

    def attainment(self) -> tuple[np.ndarray, np.ndarray]:
        """Value over goal at RATE_SCALE, for showing, and where it is known: a quota of one cent can put it out of 64 bits.

        Pay is computed from the exact fraction, not from this.
        """
        assert self.goal is not None
        goal = np.where(self.usable, self.goal.after, 1)
        shown = self.usable & (np.abs(self.value.after) // goal < INT64_MAX // RATE_SCALE - 1)
        value = np.where(shown, self.value.after, 0)
        return round_columns(multiply_columns(value, RATE_SCALE), goal), shown


def sum_by(group: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Exact sums of integer values by group number."""
    total = np.zeros(count, dtype=values.dtype)
    if len(group) and (group[1:] < group[:-1]).any():
        order = order_of(group)
        group, values = group[order], values[order]
    if len(group):
        opened = np.flatnonzero(first_rows(group))
        total[group[opened]] = np.add.reduceat(values, opened)
    return total


GoalReader = Callable[[str], tuple[np.ndarray, np.ndarray]]


def credit_all(lines: CreditLines) -> tuple[dict[str, Credited], list[Finding]]:
    """The credits of every measure of a plan, by its key."""
    found: dict[str, Credited] = {}
    findings: list[Finding] = []
    for measure in lines.plan.measures:
        found[measure.key], more = credit_measure(lines, measure)
        findings += more
    return found, findings


def measure_all(
    lines: CreditLines, cells: Cells, credited: Mapping[str, Credited], goals: GoalReader
) -> tuple[dict[str, Measured], list[Finding]]:
    """Every measure of a plan, by its key."""
    found: dict[str, Measured] = {}
    findings: list[Finding] = []
    for measure in cells.plan.measures:
        found[measure.key], more = _measured(lines, cells, measure, credited[measure.key], goals)
        findings += more
    return held_against(found), findings


def held_against(measured: Mapping[str, Measured]) -> dict[str, Measured]:
    """The measures, where those that are held against another one have its sums in place of a quota."""
    return {
        key: each if each.measure.against is None else _held_against(each, measured[each.measure.against])
        for key, each in measured.items()
    }


def _held_against(own: Measured, other: Measured) -> Measured:
    """Nothing is 0 % of anything: where nothing counts on either side the goal is the smallest unit, never 0."""
    pairs = (
        (other.value.own, own.value.own, own.rated.own),
        (other.value.after, own.value.after, own.rated.after),
        (other.value.before, own.value.before, own.rated.before),
    )
    goal = Column(*(np.where((whole <= 0) & (value == 0) & (rated == 0), 1, whole) for whole, value, rated in pairs))
    return replace(own, goal=goal, blocked=own.blocked | other.blocked)


def goal_reader(lines: CreditLines, cells: Cells, goals: Goals, stays: Stays) -> GoalReader:
    """Gives the quota of a name for every group, and whether it is known; each name is read once. Terms of people are in it."""
    seats, known = lines.crediting.seats, dict[str, tuple[np.ndarray, np.ndarray]]()
    terms = Terms.of(lines.crediting.facts, seats, cells.plan.currency)
    room = TermsRoom(cells.plan, lines.number, seats, stays, cells.windows)

    def read(name: str) -> tuple[np.ndarray, np.ndarray]:
        if name not in known:
            groups = (cells.participant, cells.period)
            found = quotas_of(goals, seats, stays, cells.windows, cells.plan, name, groups)
            known[name] = found if terms is None else terms_applied(terms, room, goals, name, found, groups)
        return known[name]

    return read


def _measured(
    lines: CreditLines, cells: Cells, measure: Measure, credited: Credited, goals: GoalReader
) -> tuple[Measured, list[Finding]]:
    summed = summable(credited, len(cells.names))
    credited = summed.credited
    blocked_keys, findings = unusable(lines, measure, credited, summed.rows)
    group = cells.find(credited.participant, credited.period)
    by_deal = bool((credited.deal[1:] >= credited.deal[:-1]).all())
    order = order_of(group, credited.day) if by_deal else order_of(group, credited.day, credited.deal)
    credited, group = credited.take(order), group[order]
    blocked = np.full(len(cells), measure.key in lines.unknown)
    if len(blocked_keys):
        blocked[cells.find(blocked_keys[:, 0], blocked_keys[:, 1])] = True
    window = cells.window(measure.accumulation)
    if window is None:
        findings.append(_no_window(cells, measure))
        blocked[:], window = True, cells.period
    first, opened = cells.first(window), cells.brought(measure)
    rated = np.where(credited.reversal, 0, credited.value) if credited.reversal.any() else credited.value
    counted = credited.value if measure.reverse_attainment else rated
    values = [summed_since(sum_by(group, each, len(cells)), first, opened) for each in (counted, rated)]
    goal, known = None, np.ones(len(cells), dtype=bool)
    if measure.quota is not None:
        own, known = goals(measure.quota)
        own, known = np.where(cells.carried, 0, own), known | cells.carried
        goal = windowed(own, first, measure.goal, opened, QUOTA)
        known = known_so_far(known, first, measure.goal, opened)
    blocked = so_far(blocked, first, opened)
    carried = cells.carried & ~blocked
    blocked = blocked | cells.carried
    return Measured(
        measure, credited, group, values[0], values[1], goal, known, blocked, first, carried, opened
    ), findings


def first_of(participant: np.ndarray, window: np.ndarray) -> np.ndarray:
    """True where a person's window begins; rows are sorted by participant and period."""
    if not len(participant):
        return np.zeros(0, dtype=bool)
    return first_rows(participant, window)


def summed_since(own: np.ndarray, first: np.ndarray, opened: Brought | None) -> Column:
    """The running sums of credits in their windows, on top of what was brought into them."""
    column = Column.running(own, first)
    return column if opened is None else column.brought(Column.running(own, first | opened.at), opened, CREDIT)


def windowed(
    own: np.ndarray, first: np.ndarray, goal: GoalWindow, opened: Brought | None = None, *names: str
) -> Column:
    """Goals of the window: to date, or whole; `names` are the figures of what was brought that belong to them."""
    summed = Column.running if goal == GoalWindow.TO_DATE else Column.whole
    column = summed(own, first)
    return column if opened is None else column.brought(summed(own, first | opened.at), opened, *names)


def known_so_far(known: np.ndarray, first: np.ndarray, goal: GoalWindow, opened: Brought | None = None) -> np.ndarray:
    """A window's goal is known when all of its parts are; of parts before the cut-over it is what was brought."""
    if not len(known):
        return known
    missing = (~known).astype(np.int64)
    return (windowed(missing, first, goal, opened).after) == 0


def so_far(blocked: np.ndarray, first: np.ndarray, opened: Brought | None) -> np.ndarray:
    """A group is blocked from the first one of its window on that is; what lies before the cut-over blocks nothing since."""
    found = running_sum(blocked.astype(np.int64), first) > 0
    if opened is None:
        return found
    since = running_sum(blocked.astype(np.int64), first | opened.at) > 0
    return np.where(opened.since, since, found)


def _no_window(cells: Cells, measure: Measure) -> Finding:
    called = cells.plan.called(measure.key)
    return Finding(
        "PERIODS_WITHOUT_WINDOW",
        f"{cells.plan.name}, {called}",
        f"{called} accumulates {measure.accumulation}, and the periods do not say to which quarter or year they belong.",
        "Nobody is calculated by this measure.",
        "Give quarter_key and year_key with the periods.",
        about=(("plan_key", cells.plan.key), ("component_key", measure.key)),
    )
