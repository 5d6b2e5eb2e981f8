"""The oracle's measures: credits summed over windows, quotas and what stands in place of one, one person and period at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.incentives.engine.oracle_credits import COUNTED, Line, Row, World, _kind, rounded

Key = tuple[str, str]
"""A person and a period."""
Share = tuple[Fraction, Fraction]
"""The parts of a sale that came back before a return, and with it."""
Back = tuple[Key, int, bool, str]
"""What a group pays back, whether a return takes it (else a later period changes what one took), and the period in whose year that counts:
the one that paid it for a return, else its own."""
Returns = frozenset[tuple[Key, str]]
"""Returns: the group that sold what they take back, and the deal."""


@dataclass
class Sum:
    """One measure of one person and period; after is the window up to the period, before the window before it."""

    lines: list[Line]
    own: int = 0
    after: int = 0
    before: int = 0
    rated: int = 0
    rated_after: int = 0
    rated_before: int = 0
    goal: Fraction | None = None
    goal_before: Fraction | None = None
    first: bool = True
    bad: bool = False

    @property
    def usable(self) -> bool:
        """True when it can be held against its goal."""
        return not self.bad and self.goal is not None and self.goal > 0


@dataclass
class Sums:
    """What the oracle knows of one plan, and the measures of everybody in every period."""

    world: World
    plan: Row
    sums: dict[str, dict[Key, Sum]] = field(default_factory=dict)
    earned: dict[str, dict[Key, int]] = field(default_factory=dict)
    back: dict[str, list[Back]] = field(default_factory=dict)
    sold: dict[str, dict[Key, list[tuple[int, int]]]] = field(default_factory=dict)
    """What each credit (by id) brought its component, without what returns took."""

    again: dict[str, tuple[Any, dict[Key, int], dict[int, int]]] = field(default_factory=dict)
    """By component: how to ask what returns take, of which amounts and parts."""

    only_back: set[Key] = field(default_factory=set)
    """Who gives something back in a period in which the plan does not pay them."""

    days: dict[tuple[str, str, str | None], list[date]] = field(default_factory=dict)
    """The days of a period on which the plan pays somebody (in a seat), counted once."""

    left_out: Returns = frozenset()
    """Returns that are taken for not having come."""

    worlds: dict[Returns, Any] = field(default_factory=dict)

    def seen_by(self, component: Row) -> Any:
        raise NotImplementedError

    def _sum_up(self) -> None:
        for key, measure in self.measures.items():
            self.sums[key] = self._sums(self.lines[key], measure)
        self._hold_against()

    def _groups(self) -> list[Key]:
        """Everybody whom the plan pays on a day of a period, by person and period."""
        people = sorted({row["participant_key"] for row in self.world.facts["positions"]})
        return [
            (person, period["period_key"])
            for person in people
            for period in self.world.facts["periods"]
            if self._days(person, period)
        ]

    def _days(self, person: str, period: Row, seat: str | None = None) -> list[date]:
        key = (person, period["period_key"], seat)
        if key not in self.days:
            self.days[key] = self._days_counted(person, period, seat)
        return self.days[key]

    def _days_counted(self, person: str, period: Row, seat: str | None) -> list[date]:
        day, found = period["start_on"], []
        while day < period["end_on"]:
            if self.world.plan(person, day) == self.plan["plan"] and seat in (None, self.world.seat(person, day)):
                found.append(day)
            day += timedelta(days=1)
        return found

    def quota(self, name: str, person: str, period: Row) -> Fraction | None:
        """A person's quota of a period, rounded once: their own, else those of their positions in proportion."""
        rows = [row for row in self.world.facts["quotas"] if row["measure"] == name]
        for row in rows:
            if row["participant_key"] == person and row["period_key"] in (period["period_key"], period["quarter_key"]):
                return Fraction(self._share(row, period))
        found = None
        for row in rows:
            if row["position_key"] is None or row["period_key"] not in (period["period_key"], period["quarter_key"]):
                continue
            days = self._days(person, period, row["position_key"])
            if days:
                part = self._part(days, period)
                found = (found or Fraction(0)) + self._share(row, period) * part
        return None if found is None else Fraction(rounded(found))

    def _share(self, row: Row, period: Row) -> int:
        """The part of a quota in one of the periods that it is for: whole cents, which sum to it."""
        periods = [
            each
            for each in self.world.facts["periods"]
            if row["period_key"] in (each["period_key"], each["quarter_key"])
        ]
        named = [each["period_key"] for each in periods if each["period_key"] == row["period_key"]]
        keys = named or [each["period_key"] for each in sorted(periods, key=lambda each: each["start_on"])]
        place = keys.index(period["period_key"])
        return rounded(Fraction(row["amount_minor"] * (place + 1), len(keys))) - rounded(
            Fraction(row["amount_minor"] * place, len(keys))
        )

    def _part(self, days: list[date], period: Row) -> Fraction:
        """By MONTHS the days that count are the middles of months; a period not made of months has one."""
        policy, length = self.plan.get("proration", "DAYS"), (period["end_on"] - period["start_on"]).days
        if policy == "NONE":
            return Fraction(1)
        if policy == "DAYS":
            return Fraction(len(days), length)
        counted = [period["start_on"] + timedelta(days=length // 2)]
        if period["start_on"].day == period["end_on"].day == 1:
            every = [period["start_on"] + timedelta(days=number) for number in range(length)]
            counted = [day for day in every if day.day == (15 if day.month == 2 else 16)]
        return Fraction(len(set(counted) & set(days)), len(counted))

    def _sums(self, lines: list[Line], measure: Row) -> dict[Key, Sum]:
        found: dict[Key, Sum] = {}
        for group in self.groups:
            found[group] = Sum([line for line in lines if (line.person, line.period) == group])
        for group, one in found.items():
            counts = measure.get("reverse_attainment", False)
            one.rated = sum(line.value for line in one.lines if not line.returns)
            one.own = sum(line.value for line in one.lines) if counts else one.rated
            window = self._window(measure, group)
            earlier = [found[each] for each in window[: window.index(group)]]
            one.first = not earlier
            one.before, one.rated_before = sum(each.own for each in earlier), sum(each.rated for each in earlier)
            one.after, one.rated_after = one.before + one.own, one.rated_before + one.rated
            one.bad = any(line.bad for each in (*earlier, one) for line in each.lines)
            one.goal, one.goal_before = self._goals(measure.get("quota"), measure, group)
        return found

    def _hold_against(self) -> None:
        """Measures that another measure stands in place of a quota for; nothing is 0 % of anything."""
        for key, measure in self.measures.items():
            for group, one in self.sums[key].items() if "against" in measure else ():
                other = self.sums[measure["against"]][group]
                one.bad = one.bad or other.bad
                nothing = other.after <= 0 and one.after == one.rated_after == 0
                one.goal = Fraction(1 if nothing else other.after)
                nothing = other.before <= 0 and one.before == one.rated_before == 0
                one.goal_before = Fraction(1 if nothing else other.before)

    def _window(self, measure: Row, group: Key) -> list[Key]:
        """The groups of a person in the accumulation window of a group."""
        kind = measure.get("accumulation", "PERIOD")
        name = {"PERIOD": "period_key", "QTD": "quarter_key", "YTD": "year_key"}.get(kind)
        periods = {each["period_key"]: each for each in self.world.facts["periods"]}
        same = [each for each in self.groups if each[0] == group[0]]
        if name is not None:
            same = [each for each in same if periods[each[1]][name] == periods[group[1]][name]]
        paid = [place for place, each in enumerate(same) if each not in self.only_back]
        if not paid or same.index(group) < paid[0]:
            return [group]
        return same[paid[0] :]

    def _goals(self, name: str | None, measure: Row, group: Key) -> tuple[Fraction | None, Fraction | None]:
        """The quota or target of the window up to a group and before it; of the whole window in both, where the plan says so."""
        if name is None:
            return None, None
        window = self._window(measure, group)
        whole = measure.get("goal", "TO_DATE") == "WHOLE_WINDOW"
        place = window.index(group)
        upto, earlier = (window, window) if whole else (window[: place + 1], window[:place])
        return self._total(name, upto), self._total(name, earlier)

    def _total(self, name: str, groups: list[Key]) -> Fraction | None:
        periods = {each["period_key"]: each for each in self.world.facts["periods"]}
        groups = [group for group in groups if group not in self.only_back]
        parts = [self.quota(name, person, periods[period]) for person, period in groups]
        return (
            None if any(part is None for part in parts) else sum((part or Fraction(0) for part in parts), Fraction(0))
        )

    def _counts(self, component: Row) -> bool:
        return self._counts_of(component.get("of", component["key"]))

    def _counts_of(self, key: str) -> bool:
        return _kind(self.measures[key]) in COUNTED

    def _asked(self, of: str, by_attainment: bool, group: Key) -> Sum | None:
        other = self.sums[of][group]
        return None if other.bad or (by_attainment and not other.usable) else other


def _order(line: Line) -> tuple[date, str, str]:
    return line.day, line.deal["source_key"], line.deal["deal_key"]
