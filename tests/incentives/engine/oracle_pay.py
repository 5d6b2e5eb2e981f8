"""A second, independent calculation of pay: measures over windows, every way of paying, every change, returns and limits.

Written from docs/plan-language.md and the glossary, one person, period and number at a time, in Fractions; it shares no code
with the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.incentives.engine.oracle_credits import (
    COUNTED,
    Line,
    Row,
    World,
    _kind,
    cents,
    rounded,
    share_of,
    sums_something,
)
from tests.incentives.engine.oracle_formulas import builds_on, formula_of_credit, formula_pay, formula_without_own
from tests.incentives.engine.oracle_tables import (
    by_edges,
    by_goal,
    curve,
    edge,
    limit,
    paid,
    paid_of,
    proportional,
    table_pay,
    tier_of,
    tiers_of,
    whole_pay,
)

Key = tuple[str, str]
"""A person and a period."""
Share = tuple[Fraction, Fraction]
"""The parts of a sale that came back before a return, and with it."""
Back = tuple[Key, int, bool, str]
"""What a group pays back, whether a return takes it (else a later period changes what one took), and the period in whose year that counts:
that of the sale for a return, else its own."""
Returns = frozenset[tuple[Key, str]]
"""Returns as groups have them: the group and the deal."""


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
class Oracle:
    """Earnings of one plan: (person, component, period) → minor units; a group that can't be calculated is absent."""

    world: World
    plan: Row
    sums: dict[str, dict[Key, Sum]] = field(default_factory=dict)
    earned: dict[str, dict[Key, int]] = field(default_factory=dict)
    back: dict[str, list[Back]] = field(default_factory=dict)
    sold: dict[str, dict[Key, list[tuple[int, int]]]] = field(default_factory=dict)
    """What each credit (by id) brought its component, without what returns took."""

    unreturned: dict[str, dict[Key, int]] = field(default_factory=dict)
    """What each component earns before returns and the limits of a year."""

    again: dict[str, tuple[Any, dict[Key, int], dict[int, int]]] = field(default_factory=dict)
    """By component: how to ask what returns take, of which amounts and parts."""

    only_back: set[Key] = field(default_factory=set)
    """Who gives something back in a period in which the plan does not pay them."""

    days: dict[tuple[str, str, str | None], list[date]] = field(default_factory=dict)
    """The days of a period on which the plan pays somebody (in a seat), counted once."""

    left_out: Returns = frozenset()
    """Returns that are taken for not having come."""

    worlds: dict[Returns, Oracle] = field(default_factory=dict)

    def run(self) -> dict[str, dict[Key, int]]:
        """All components in order, then the limits of the plan."""
        self.measures: dict[str, Row] = {each["key"]: each for each in self.plan.get("measures", [])}
        self.measures |= {each["key"]: each for each in self.plan["components"] if "of" not in each}
        self.lines = {
            key: self.world.lines(self.plan, key, measure) if sums_something(measure) else []
            for key, measure in self.measures.items()
        }
        paid = self._groups()
        back = {(line.person, line.period) for each in self.lines.values() for line in each if line.returns}
        self.only_back = back - set(paid)
        places = {each["period_key"]: place for place, each in enumerate(self.world.facts["periods"])}
        self.groups = sorted({*paid, *back}, key=lambda group: (group[0], places[group[1]]))
        self._sum_up()
        for component in self.plan["components"]:
            self.earned[component["key"]] = self._component(component)
        found = {each["key"]: self.earned[each["key"]] for each in self.plan["components"] if each.get("paid", True)}
        limits = self._limits(found)
        own = {each["key"]: self.sums[each.get("of", each["key"])] for each in self.plan["components"]}
        for key, amounts in found.items():
            for group in self.only_back & amounts.keys():
                if not any(line.returns for line in own[key][group].lines):
                    del amounts[group]
        return found | limits

    def _sum_up(self) -> None:
        for key, measure in self.measures.items():
            self.sums[key] = self._sums(self.lines[key], measure)
        self._hold_against()

    def seen_by(self, component: Row) -> Oracle:
        """What a component reads of measures and earlier components: as if the returns that it takes back itself had not come."""
        own = self.sums[component.get("of", component["key"])]
        sales = [line for one in own.values() for line in one.lines]
        taken = [(group, line) for group, one in own.items() for line in one.lines if line.returns]
        returns = {(group, line.deal["deal_key"]) for group, line in taken if _sale_of(line, sales)} - self.left_out
        other = self._other_world(returns) if returns else self
        for each in self.plan["components"][: self.plan["components"].index(component)]:
            if each["key"] in self._built_on(component) and each["key"] not in other.earned:
                other.earned[each["key"]] = other._component(each)
        return other

    def _other_world(self, returns: set[tuple[Key, str]]) -> Oracle:
        left_out = self.left_out | returns
        if left_out not in self.worlds:
            other = Oracle(self.world, self.plan, days=self.days, left_out=left_out, worlds=self.worlds)
            other.measures, other.groups, other.only_back = self.measures, self.groups, self.only_back
            kept = lambda line: line.returns or ((line.person, line.period), line.deal["deal_key"]) not in left_out  # noqa: E731
            other.lines = {key: list(filter(kept, lines)) for key, lines in self.lines.items()}
            other._sum_up()
            self.worlds[left_out] = other
        return self.worlds[left_out]

    def _built_on(self, component: Row) -> set[str]:
        """The components that one builds on, and those that these build on."""
        components = {each["key"]: each for each in self.plan["components"]}
        named = set(builds_on(component)) & components.keys()
        return named.union(*(self._built_on(components[each]) for each in named))

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

    def _component(self, component: Row) -> dict[Key, int]:
        """The earnings of a component: exact, rounded once, with returns, within the year."""
        measure_key = component.get("of", component["key"])
        own = self.sums[measure_key]
        exact: dict[Key, Fraction] = {}
        pay: Fraction | None
        prizes = self._contest(component, own) if "contest" in component else {}
        by_line: dict[int, Fraction] = {}
        for group in self.groups:
            if group in self.only_back and not own[group].bad:
                exact[group] = Fraction(0)
                by_line |= {id(line): Fraction(0) for line in own[group].lines}
            if group in self.only_back or own[group].bad or not self._has_goals(component, own[group], group):
                continue
            raw = self._raw(component, own[group], group, by_line)
            pay = prizes.get(group, Fraction(0)) if "contest" in component else raw
            pay = None if pay is None else self._changed(component, pay, group)
            if pay is not None:
                exact[group] = pay
        return self._with_returns(component, own, exact, by_line)

    def _has_goals(self, component: Row, own: Sum, group: Key) -> bool:
        """False when the component's own attainment decides and can't be known."""
        needs = "target" in component and "objectives" not in component
        needs = needs or "%" in str(component.get("contest", {}).get("minimum", ""))
        by_quota = not {"tiers_on", "tiers_against"} & component.keys() and by_goal(component.get("tiers", []))
        needs = needs or by_quota
        return own.usable or not needs

    def _raw(self, component: Row, own: Sum, group: Key, by_line: dict[int, Fraction]) -> Fraction | None:
        """The exact pay of a group before any change, but for contests; None when something it needs is not known."""
        if "contest" in component:
            return None
        if self._by_line(component):
            return self._lines_pay(component, own, group, by_line)
        if "bonus" in component:
            return cents(component["bonus"])
        if "greater_of" in component:
            return self._greatest(component, group)
        if "objectives" in component:
            return self._objectives(component, group)
        if "matrix" in component:
            places = self._places(component, None, group)
            if places is None:
                return None
            return paid(component["matrix"]["rates"][places[0]][places[1]], "rate", own.rated)
        return formula_pay(self, component, group) if "formula" in component else self._by_value(component, own, group)

    def _greatest(self, component: Row, group: Key) -> Fraction | None:
        names, seen = component["greater_of"], self.seen_by(component)
        if not all(group in self.earned[name] and group in seen.earned[name] for name in names):
            return None
        return max((Fraction(seen.earned[name][group]) for name in names), default=None)

    def _by_line(self, component: Row) -> bool:
        matrix = component.get("matrix", {})
        columns = any("column" in matrix.get(side, {}) for side in ("rows", "columns"))
        return (
            "lookup" in component
            or columns
            or component.get("per") == "DEAL"
            or _climbs(component)
            or "tiers_per" in component
        )

    def _by_value(self, component: Row, own: Sum, group: Key) -> Fraction | None:
        """F(window up to the period) - F(window before it)."""
        other = None
        if "tiers_on" in component:
            other = self.sums[component["tiers_on"]][group]
            if other.bad or (by_goal(component["tiers"]) and not other.usable):
                return None
        measure = self.measures[component.get("of", component["key"])]
        target: tuple[Fraction | None, Fraction | None] = (None, None)
        if "target" in component:
            target = self._target(component, measure, group)
            if target[0] is None:
                return None
        found: tuple[Any, Any] = (None, None)
        if other is not None:
            found = ((other.after, other.goal), self._at_the_end_before(component, measure, group))
        after = self._value_pay(component, own.rated_after, own.goal, target[0], found[0])
        if own.first:
            return after
        return after - self._value_pay(component, own.rated_before, own.goal_before, target[1], found[1])

    def _at_the_end_before(self, component: Row, measure: Row, group: Key) -> tuple[int, Fraction | None]:
        """Value and goal of the measure that finds the tier, as they stood at the end of the window's previous period."""
        window = self._window(measure, group)
        place = window.index(group)
        if place == 0:
            return 0, None
        one = self.sums[component["tiers_on"]][window[place - 1]]
        return one.after, one.goal if one.usable else None

    def _target(self, component: Row, measure: Row, group: Key) -> tuple[Fraction | None, Fraction | None]:
        target = component["target"]
        if not any(letter.isdigit() for letter in target):
            return self._goals(target, measure, group)
        window = self._window(measure, group)
        place = window.index(group)
        if measure.get("goal", "TO_DATE") == "WHOLE_WINDOW":
            return cents(target) * len(window), cents(target) * len(window)
        return cents(target) * (place + 1), cents(target) * place

    def _value_pay(
        self, component: Row, value: int, goal: Fraction | None, target: Fraction | None, found: Any
    ) -> Fraction:
        """F of a value; nothing where the goal of that time could not be reached by anything."""
        count = self._counts(component)
        if found is not None:
            if by_goal(component["tiers"]) and not found[1]:
                return Fraction(0)
            return whole_pay(
                component, Fraction(value), Fraction(found[0]), found[1], count, self._counts_of(component["tiers_on"])
            )
        needs = target is not None or ("tiers" in component and by_goal(component["tiers"]))
        if needs and (goal is None or goal <= 0):
            return Fraction(0)
        if "curve" in component:
            assert goal is not None and target is not None
            return target * curve(component["curve"], Fraction(value) / goal)
        pay = table_pay(component, Fraction(value), goal, count)
        return pay if target is None else pay * target / goal  # type: ignore[operator]

    def _counts(self, component: Row) -> bool:
        return self._counts_of(component.get("of", component["key"]))

    def _counts_of(self, key: str) -> bool:
        return _kind(self.measures[key]) in COUNTED

    def _objectives(self, component: Row, group: Key) -> Fraction | None:
        scores = {
            row["objective"]: Fraction(row["score"], 10**8)
            for row in self.world.facts["scores"]
            if (row["participant_key"], row["period_key"]) == group
        }
        target: Fraction | None
        if not any(letter.isdigit() for letter in component["target"]):
            periods = {each["period_key"]: each for each in self.world.facts["periods"]}
            target = self.quota(component["target"], group[0], periods[group[1]])
        else:
            target = cents(component["target"])
        if target is None or any(each["key"] not in scores for each in component["objectives"]):
            return None
        return target * sum(share_of(each["weight"]) * scores[each["key"]] for each in component["objectives"])

    def _contest(self, component: Row, own: dict[Key, Sum]) -> dict[Key, Fraction | None]:
        """What each period's contest pays; None for everybody where a shared pot hangs on somebody who is not known."""
        contest, found = component["contest"], dict[Key, Fraction | None]()
        for period in {period for _, period in self.groups}:
            paid = [group for group in self.groups if group[1] == period and group not in self.only_back]
            known = [g for g in paid if not own[g].bad and self._has_goals(component, own[g], g)]
            values = {group: own[group].own for group in known if self._takes_part(component, own[group])}
            if "share" not in contest:
                found |= self._prizes(contest, values)
            elif len(known) < len(paid):
                found |= dict.fromkeys(known)
            else:
                found |= _pot(contest, values)
        return found

    def _takes_part(self, component: Row, own: Sum) -> bool:
        minimum = str(component["contest"].get("minimum", ""))
        if "%" in minimum:
            return own.after >= edge(minimum, own.goal, self._counts(component))
        return not minimum or own.own >= edge(minimum, None, self._counts(component))

    def _prizes(self, contest: Row, values: dict[Key, int]) -> dict[Key, Fraction]:
        """The prizes of one contest; equal values share a rank."""
        pot, found = cents(contest["pot"]) if "pot" in contest else None, {}
        prizes = [cents(each) if pot is None else share_of(each) * pot for each in contest["prizes"]]
        for group, value in values.items():
            better = sum(each > value for each in values.values())
            same = sum(each == value for each in values.values())
            won = prizes[better : better + same]
            shared = sum(won, Fraction(0)) / same
            found[group] = (won[0] if won else Fraction(0)) if contest.get("ties") == "EACH" else shared
        return found

    def _lines_pay(self, component: Row, own: Sum, group: Key, by_line: dict[int, Fraction]) -> Fraction | None:
        """Deals rated one by one; a return at the original rate is not rated again."""
        if _climbs(component) and self._asked(component["tiers_on"], by_goal(component["tiers"]), group) is None:
            return None
        if "tiers_per" in component and None in [
            line.deal[component["tiers_per"]] for line in self._to_date(component, group)
        ]:
            return None
        sells = any(not line.returns for line in own.lines)
        if "tiers_against" in component and sells and self._period_before(group) is None:
            return None
        for line in own.lines:
            pay: Fraction | None = Fraction(0)
            if not line.returns:
                pay = self._line_pay(component, line, own, group)
                if pay is None:
                    return None
                pay = _bounded(component, pay, line.deal["amount_minor"] or line.value)
            by_line[id(line)] = pay or Fraction(0)
        if "matrix" in component and self._places(component, None, group) is None:
            return None
        return sum((by_line[id(line)] for line in own.lines), Fraction(0))

    def _line_pay(self, component: Row, line: Line, own: Sum, group: Key) -> Fraction | None:
        if "lookup" in component:
            for row in component["lookup"]:
                fulfils = self.world.fits(row.get("where", {}), line.deal, line.day)
                if fulfils is None:
                    return None
                if fulfils:
                    return paid_of(row, line.value)
            return Fraction(0)
        if "matrix" in component:
            places = self._places(component, line, group)
            return (
                None if places is None else paid(component["matrix"]["rates"][places[0]][places[1]], "rate", line.value)
            )
        if "tiers_per" in component:
            return self._per(component, line, group)
        if _climbs(component):
            return self._climbed(component, line, group)
        return self._alone(component, line, own)

    def _alone(self, component: Row, line: Line, own: Sum) -> Fraction | None:
        if "formula" in component:
            return formula_of_credit(component, line.value)
        return table_pay(component, Fraction(line.value), own.goal, self._counts(component))

    def _to_date(self, component: Row, group: Key) -> list[Line]:
        """The credits of the window up to the period, in order."""
        key = component.get("of", component["key"])
        window = self._window(self.measures[key], group)
        return [line for each in window[: window.index(group) + 1] for line in self.sums[key][each].lines]

    def _per(self, component: Row, line: Line, group: Key) -> Fraction:
        """A deal by the tiers of its customer (or of another value): the way it climbs there, or the tier reached by the end."""
        key, column = component.get("of", component["key"]), component["tiers_per"]
        counts, by_count = self.measures[key].get("reverse_attainment", False), self._counts_of(key)
        same = [each for each in self._to_date(component, group) if each.deal[column] == line.deal[column]]
        added = [0 if each.returns and not counts else each.value for each in same]
        base = self._base(component, line, group)
        if base == 0 and component.get("tiers_new") == "UNPAID":
            return Fraction(0)
        if component.get("tier_mode", "MARGINAL") == "WHOLE":
            return whole_pay(component, Fraction(line.value), Fraction(sum(added)), base, by_count, by_count)
        place = next(number for number, each in enumerate(same) if each is line)
        start = Fraction(sum(added[:place]))
        total = Fraction(0)
        for number, (tier, (lower, upper)) in enumerate(
            zip(component["tiers"], tiers_of(component, base, by_count), strict=True)
        ):
            ends = [each if upper is None else min(each, upper) for each in (start, start + added[place])]
            low, high = ends if number == 0 else [max(each, lower) for each in ends]
            total += paid_of(tier, high - low)
        return total

    def _period_before(self, group: Key) -> str | None:
        """The period that ends where one begins, if the plan holds it."""
        periods = {each["period_key"]: each for each in self.world.facts["periods"]}
        start = periods[group[1]]["start_on"]
        before = [
            key for key, each in periods.items() if each["end_on"] == start and each["start_on"] >= self.plan["from"]
        ]
        return before[0] if before else None

    def _base(self, component: Row, line: Line, group: Key) -> Fraction | None:
        """What the deal's customer came to in the period before, at least 0; None where tiers don't ask it."""
        if "tiers_against" not in component:
            return None
        key, column = component.get("of", component["key"]), component["tiers_per"]
        counts = self.measures[key].get("reverse_attainment", False)
        one = self.sums[key].get((group[0], self._period_before(group) or ""))
        lines = [] if one is None else [each for each in one.lines if each.deal[column] == line.deal[column]]
        return Fraction(max(sum(each.value for each in lines if counts or not each.returns), 0))

    def _climbed(self, component: Row, line: Line, group: Key) -> Fraction:
        """A deal paid by the parts of the way that it lifts another measure; one that lifts nothing by the tier reached."""
        key, other = component["tiers_on"], self.sums[component["tiers_on"]][group]
        counts, by_count = self.measures[key].get("reverse_attainment", False), self._counts_of(key)
        added = [(each, 0 if each.returns and not counts else each.value) for each in other.lines]
        mine = [place for place, (each, _) in enumerate(added) if each.deal["deal_key"] == line.deal["deal_key"]]
        passed = added[: mine[0]] if mine else [one for one in added if _order(one[0]) < _order(line)]
        start = Fraction(other.before + sum(value for _, value in passed))
        way = sum(added[place][1] for place in mine)
        if not way:
            return whole_pay(component, Fraction(line.value), start, other.goal, self._counts(component), by_count)
        total = Fraction(0)
        for tier, (lower, upper) in zip(component["tiers"], tiers_of(component, other.goal, by_count), strict=True):
            ends = [each if upper is None else min(each, upper) for each in (start, start + way)]
            low, high = ends if lower == 0 else [max(each, lower) for each in ends]
            total += paid_of(tier, line.value) * (high - low) / way
        return total

    def _places(self, component: Row, line: Line | None, group: Key) -> tuple[int, int] | None:
        """Row and column of a matrix; None when a measure that finds them can't be known."""
        found = []
        for side in ("rows", "columns"):
            axis, boundary = component["matrix"][side], component["matrix"].get("boundary", "LOWER_INCLUSIVE")
            if "of" in axis:
                other = self.sums[axis["of"]][group]
                if other.bad or (by_edges(axis["edges"]) and not other.usable):
                    return None
                value, edges = (
                    Fraction(other.after),
                    [edge(each, other.goal, self._counts_of(axis["of"])) for each in axis["edges"]],
                )
            elif line is None:
                continue
            else:
                known = self.world.money(line.deal, axis["column"], line.day)
                if known is None:
                    return None
                value = Fraction(known)
                by_rate = axis["column"] in ("margin_rate", "discount")
                edges = [share_of(str(each)) * 10**8 if by_rate else cents(each) for each in axis["edges"]]
            found.append(sum(value >= each if boundary == "LOWER_INCLUSIVE" else value > each for each in edges))
        return (found[0], found[1]) if len(found) == 2 else (0, 0)

    def _changed(self, component: Row, pay: Fraction, group: Key) -> Fraction | None:
        """Multipliers, kickers, gates, floor, cap, in this order."""
        for multiplier in component.get("multipliers", []):
            other = self._asked(multiplier["of"], by_goal(multiplier["tiers"]), group)
            if other is None:
                return None
            count = self._counts_of(multiplier["of"])
            place = tier_of(multiplier, Fraction(other.after), other.goal, count)
            pay *= Fraction(0) if place is None else share_of(multiplier["tiers"][place]["rate"])
        for kicker in component.get("kickers", []):
            reached = self._reaches(kicker, component, group)
            if reached is None:
                return None
            pay += self._extra(kicker, component, pay, group) if reached else 0
        for gate in _gates(component):
            reached = self._reaches(gate, component, group)
            if reached is None:
                return None
            pay = pay if reached else Fraction(0)
        floor, cap = limit(component, "floor", "period"), limit(component, "cap", "period")
        pay = pay if floor is None else max(pay, floor)
        return pay if cap is None else min(pay, cap)

    def _asked(self, of: str, by_attainment: bool, group: Key) -> Sum | None:
        other = self.sums[of][group]
        return None if other.bad or (by_attainment and not other.usable) else other

    def _reaches(self, asked: Row, component: Row, group: Key) -> bool | None:
        if "at_least" not in asked:
            return True
        of = asked.get("of", component.get("of", component["key"]))
        other = self._asked(of, "%" in str(asked["at_least"]), group)
        return None if other is None else other.after >= edge(asked["at_least"], other.goal, self._counts_of(of))

    def _extra(self, kicker: Row, component: Row, pay: Fraction, group: Key) -> Fraction:
        if "rate" in kicker:
            return pay * share_of(kicker["rate"])
        if "amount" in kicker:
            return cents(kicker["amount"])
        return self.sums[kicker["of"]][group].own * cents(kicker["amount_each"]) / 10**4

    def _with_returns(
        self,
        component: Row,
        own: dict[Key, Sum],
        exact: dict[Key, Fraction],
        by_line: dict[int, Fraction],
    ) -> dict[Key, int]:
        """Rounded once; returns pay back the part of their sale in proportion; then the limits of the year."""
        key = component["key"]
        amounts = {group: rounded(pay) for group, pay in exact.items()}
        by_year = limit(component, "cap", "year") is not None or limit(component, "floor", "year") is not None
        parts: dict[int, int] = {}
        self.back[key], self.sold[key] = [], {}
        self.unreturned[key] = dict(amounts)
        if any(line.returns for one in own.values() for line in one.lines):
            sales = [line for one in own.values() for line in one.lines]
            returned = [
                (group, line, _sale_of(line, sales)) for group, one in own.items() for line in one.lines if line.returns
            ]
            is_left = lambda group, line, sale: sale and (group, line.deal["deal_key"]) in self.left_out  # noqa: E731
            returned = [each for each in returned if not is_left(*each)]
            _without_lost(amounts, returned)
            later = [(group, sale.period) for group, _, sale in returned if sale is not None]
            amounts = self._known_in_year(amounts, later) if by_year else amounts
            unreturned = self.unreturned[key] = dict(amounts)
            for group, one in own.items():
                shared = self._parts(component, one, amounts.get(group), by_line, group)
                parts |= {id(line): part for line, part in zip(one.lines, shared, strict=True)}

            def taken(changed: dict[Key, int], changed_parts: dict[int, int]) -> list[Back]:
                return self._all_taken(component, own, changed, exact, changed_parts, returned)

            self.back[key] = taken(unreturned, parts)
            self.again[key] = (taken, unreturned, parts)
            for group, amount, *_ in self.back[key]:
                amounts[group] += amount
        amounts = self._known_in_year(amounts) if by_year else amounts
        amounts, self.back[key] = self._of_year(
            amounts, limit(component, "cap", "year"), limit(component, "floor", "year"), self.back[key]
        )
        for group, one in own.items():
            if group in amounts and parts:
                left = amounts[group] - sum(
                    amount for at, amount, is_return, _ in self.back[key] if is_return and at == group
                )
                mine = [parts[id(line)] for line in one.lines]
                if sum(mine) != left:
                    weights = mine if sum(mine) else [0 if line.returns else line.value for line in one.lines]
                    so_far = proportional(left, weights)
                    mine = [now - then for now, then in zip(so_far, [0, *so_far], strict=False)]
                self.sold[key][group] = list(zip(map(id, one.lines), mine, strict=True))
        return amounts

    def _all_taken(
        self,
        component: Row,
        own: dict[Key, Sum],
        amounts: dict[Key, int],
        exact: dict[Key, Fraction],
        parts: dict[int, int],
        returned: list[tuple[Key, Line, Line | None]],
    ) -> list[Back]:
        """What returns take back in all windows, and what later periods change of that."""
        windows = {tuple(self._rated_in(component, group)) for group in own}
        whole = [each for each in windows if not any(set(each) < set(other) for other in windows)]
        return [each for window in whole for each in self._taken(component, window, amounts, exact, parts, returned)]

    def _taken(
        self,
        component: Row,
        window: tuple[Key, ...],
        amounts: dict[Key, int],
        exact: dict[Key, Fraction],
        parts: dict[int, int],
        returned: list[tuple[Key, Line, Line | None]],
    ) -> list[Back]:
        """What returns take back of the sales of a window at what they stand by then, and what later periods change of that."""
        own = self.sums[component.get("of", component["key"])]
        standing: dict[int, tuple[Line, int]] = {}
        back: list[tuple[Line, Share]] = []
        found = []
        for group in window:
            change = self.change_of_earlier(component, group, amounts)
            steps = _in_parts(change, list(standing.values()))
            for sale, share in back:
                now, step = standing[id(sale)][1], steps[id(sale)]
                found.append((group, _part(now + step, share) - _part(now, share), False, group[1]))
            standing = {key: (line, amount + steps[key]) for key, (line, amount) in standing.items()}
            sales = {id(line): (line, parts[id(line)]) for line in own[group].lines}
            for line, amount in self._without(component, change, list(sales.values())):
                standing[id(line)] = (line, amount)
            for at, line, sale in returned:
                if at == group and sale is not None and id(sale) in standing:  # came back, calculated or not
                    back.append((sale, _share_back(line, sale, returned)))
                    found.append((group, _part(standing[id(sale)][1], back[-1][1]), True, sale.period))
        for at, line, sale in returned:
            if at not in window and at in amounts and sale is not None and id(sale) in standing:
                part = _part(standing[id(sale)][1], _share_back(line, sale, returned))
                found.append((at, part, True, sale.period))
        return [each for each in found if each[0] in amounts]

    def change_of_earlier(self, component: Row, group: Key, amounts: dict[Key, int]) -> int:
        """The part of a period's amount that changes what sales before it in the window are paid."""
        one = self.sums[component.get("of", component["key"])][group]
        if not self._is_to_date(component) or group not in amounts or group in self.only_back:
            return 0
        if not self._has_earlier(component, group):
            return 0
        if all(line.returns for line in one.lines) and not one.first and "greater_of" not in component:
            return amounts[group]
        raw, without = self._raw(component, one, group, {}), self._without_own(component, one, group)
        if raw is None or without is None:
            return 0
        if rounded(raw) == amounts[group]:
            return rounded(without)
        return rounded(without * amounts[group] / raw) if rounded(raw) and rounded(without) else 0

    def _is_to_date(self, component: Row) -> bool:
        ways = {"formula", "greater_of", "tiers"} & component.keys() or self._is_marginal(component)
        return bool(ways) and not self._by_line(component)

    def _has_earlier(self, component: Row, group: Key) -> bool:
        window, own = self._rated_in(component, group), self.sums[component.get("of", component["key"])]
        return any(not line.returns for each in window[: window.index(group)] for line in own[each].lines)

    def _rated_in(self, component: Row, group: Key) -> list[Key]:
        """The widest window of a component and of those it builds on: in it sales are rated anew."""
        components = {each["key"]: each for each in self.plan["components"]}
        found = [self._window(self.measures[component.get("of", component["key"])], group)]
        for name in set(builds_on(component)) & components.keys():
            if self._is_to_date(components[name]):
                found.append(self._rated_in(components[name], group))
        return max(found, key=len)

    def _without_own(self, component: Row, one: Sum, group: Key) -> Fraction | None:
        """What a period pays without credits of its own, as far as it is more than what stood there before."""
        if "greater_of" in component:
            return max(Fraction(self.seen_by(component).moved(name, group, self)) for name in component["greater_of"])
        if "formula" in component:
            return formula_without_own(self, component, group)
        without = self._by_value(component, _without_own(one), group)
        if without is not None and self._rates_whole(component) and one.rated_after:
            # All that was sold before the period at the rate that the period reaches, in place of the rate that it had reached itself.
            upto, alone = (
                self._by_value(component, replace(each, first=True), group) for each in (one, _without_own(one))
            )
            assert upto is not None and alone is not None
            without += upto * Fraction(one.rated_before, one.rated_after) - alone
        return without

    def moved(self, name: str, group: Key, asking: Oracle) -> int:
        """What an earlier component changes of earlier sales in a period; nothing where it is not known."""
        component = next(each for each in self.plan["components"] if each["key"] == name)
        known = group in self.earned[name] and group in asking.earned[name]
        return self.change_of_earlier(component, group, self.unreturned[name]) if known else 0

    def _rates_whole(self, component: Row) -> bool:
        """True where one rate, found by all that counts, pays the whole of it."""
        tiers = component.get("tiers", [])
        is_whole = component.get("tier_mode", "MARGINAL") != "MARGINAL" and "tiers_on" not in component
        return bool(tiers) and is_whole and not any("amount" in tier for tier in tiers)

    def _without(self, component: Row, change: int, sales: list[tuple[Line, int]]) -> list[tuple[Line, int]]:
        """The sales of a period and their parts without what is a change of earlier ones."""
        mine = [(line, amount) for line, amount in sales if not line.returns]
        if not mine or not change:
            return mine
        if self._is_marginal(component):
            return [(line, part - change * (line is sales[0][0])) for line, part in sales if not line.returns]
        steps = _in_parts(-change, mine)
        return [(line, amount + steps[id(line)]) for line, amount in mine]

    def _parts(
        self, component: Row, one: Sum, amount: int | None, by_line: dict[int, Fraction], group: Key
    ) -> list[int]:
        """What each credit received of an earning: in order, what the sum so far earns more than before it."""
        if amount is None:
            return [0] * len(one.lines)
        values = [0 if line.returns else line.value for line in one.lines]
        if self._by_line(component):
            pays = [by_line.get(id(line), Fraction(0)) for line in one.lines]
            so_far = [rounded(sum(pays[: place + 1], Fraction(0))) for place in range(len(pays))]
        elif self._is_marginal(component):
            so_far = self._caused(component, one, group, values)
        else:
            so_far = proportional(amount, values)
        parts = [after - before for after, before in zip(so_far, [0, *so_far], strict=False)]
        if sum(parts) == amount:
            return parts
        weights = parts if sum(parts) else values
        scaled = proportional(amount, weights)
        return [after - before for after, before in zip(scaled, [0, *scaled], strict=False)]

    def _caused(self, component: Row, one: Sum, group: Key, values: list[int]) -> list[int]:
        """Rounded pay of the values so far, on top of the window before the period."""
        measure = self.measures[component.get("of", component["key"])]
        target: tuple[Fraction | None, Fraction | None] = (None, None)
        if "target" in component:
            target = self._target(component, measure, group)
        before = (
            Fraction(0) if one.first else self._value_pay(component, one.rated_before, one.goal_before, target[1], None)
        )
        sums = [one.rated_before + sum(values[: place + 1]) for place in range(len(values))]
        return [rounded(self._value_pay(component, value, one.goal, target[0], None) - before) for value in sums]

    def _is_marginal(self, component: Row) -> bool:
        plain = "rate" in component or "amount_each" in component or "curve" in component
        tiers = "tiers" in component and "tiers_on" not in component
        return plain or (tiers and component.get("tier_mode", "MARGINAL") == "MARGINAL")

    def _years(self) -> dict[str, str]:
        return {each["period_key"]: each["year_key"] for each in self.world.facts["periods"]}

    def _known_in_year(self, amounts: dict[Key, int], later: Sequence[tuple[Key, str]] = ()) -> dict[Key, int]:
        """Under a limit of a year nothing is known after a period of it that was not calculated, nor what comes back of such a year."""
        years = self._years()
        lost, found = set(), {}
        for group in self.groups:
            year = (group[0], years[group[1]])
            sold = {(group[0], years[period]) for at, period in later if at == group}
            if group not in amounts or any(each in lost for each in sold - {year}):
                lost.add(year)
            elif year not in lost:
                found[group] = amounts[group]
        return found

    def _of_year(
        self, amounts: dict[Key, int], cap: Fraction | None, floor: Fraction | None, back: list[Back]
    ) -> tuple[dict[Key, int], list[Back]]:
        """What each period changes of what the year comes to: all that is sold in it, less all that came back of it until then, within cap
        and, once the person's last period of it is reached, floor. And what came back, as it then counts."""
        if cap is None and floor is None:
            return amounts, back
        years = self._years()
        later = [each for each in back if years[each[3]] != years[each[0][1]]]
        kept = [each for each in back if each not in later]
        found: dict[Key, int] = dict.fromkeys(amounts, 0)
        for person, year in {(person, years[period]) for person, period in self.groups}:
            mine = [each for each in later if each[0][0] == person and years[each[3]] == year]
            here = [group for group in self.groups if group[0] == person and years[group[1]] == year]
            entries: list[tuple[Key, int, Back | None]] = [
                (group, amounts.get(group, 0) - sum(each[1] for each in later if each[0] == group), None)
                for group in here
            ]
            entries += [(each[0], each[1], each) for each in mine]
            entries.sort(key=lambda entry: self.groups.index(entry[0]))
            changes = self._levels(entries, [group for group in here if group not in self.only_back], cap, floor)
            for (group, _, came), change in zip(entries, changes, strict=True):
                if group in amounts:
                    found[group] += change
                    kept += [] if came is None else [(group, change, *came[2:])]
        return found, kept

    def _levels(
        self, entries: list[tuple[Key, int, Back | None]], paid: list[Key], cap: Fraction | None, floor: Fraction | None
    ) -> list[int]:
        """What each entry changes of the sum to date within the limits; the floor holds from the last group of those paid on."""
        changes, total, level = [], 0, 0
        for group, amount, _ in entries:
            total += amount
            now = total if cap is None else min(total, int(cap))
            if floor is not None and paid and self.groups.index(group) >= self.groups.index(paid[-1]):
                now = max(now, int(floor))
            changes.append(now - level)
            level = now
        return changes

    def _limits(self, found: dict[str, dict[Key, int]]) -> dict[str, dict[Key, int]]:
        """What the floor of the whole plan changes, where every paid component is known, and its cap of what is known.

        The cap of a period holds for what is sold in it; of what it cuts each return brings back the share of its sale.
        """
        known = [group for group in self.groups if all(group in each for each in found.values())]
        totals = {group: sum(each.get(group, 0) for each in found.values()) for group in self.groups}
        cuts, backs, back = self._cut_by_plan(found)
        if limit(self.plan, "floor", "year") is not None:
            known = list(self._known_in_year(dict.fromkeys(known, 0), [(each[0], each[3]) for each in back if each[2]]))
        made: dict[str, dict[Key, int]] = {"plan-floor": {}, "plan-cap": {}}
        left = {group: total + cuts.get(group, 0) + backs.get(group, 0) for group, total in totals.items()}
        filled = {group: self._within("floor", amount, group) for group, amount in left.items()}
        filled, floored = self._of_year(filled, None, limit(self.plan, "floor", "year"), back)
        back = [each for each in floored if each[0] in known] + [each for each in back if each[0] not in known]
        filled = {group: amount if group in known else left[group] for group, amount in filled.items()}
        capped = {group: self._within("cap", amount, group) for group, amount in filled.items()}
        capped, _ = self._of_year(capped, limit(self.plan, "cap", "year"), None, back)
        for group in self.groups:
            fill = filled[group] - left[group]
            made["plan-floor"][group], made["plan-cap"][group] = fill, capped[group] - totals[group] - fill
        return {key: {group: change for group, change in each.items() if change} for key, each in made.items()}

    def _within(self, name: str, amount: int, group: Key) -> int:
        """An amount within the floor or cap of a period of the plan."""
        bound = limit(self.plan, name, "period")
        if bound is None or group in self.only_back:
            return amount
        return max(amount, int(bound)) if name == "floor" else min(amount, int(bound))

    def _cut_by_plan(self, found: dict[str, dict[Key, int]]) -> tuple[dict[Key, int], dict[Key, int], list[Back]]:
        """What the cap of a period takes from what was sold in it, what returns bring back of that, and all that returns take then."""
        cuts: dict[Key, int] = {}
        amounts = {key: dict(again[1]) for key, again in self.again.items()}
        parts = {key: dict(again[2]) for key, again in self.again.items()}
        for group in self.groups:
            taken = {key: sum(each[1] for each in self.back[key] if each[0] == group) for key in found}
            sold = {key: each.get(group, 0) - taken[key] for key, each in found.items()}
            cuts[group] = self._within("cap", sum(sold.values()), group) - sum(sold.values())
            if cuts[group]:
                self._cut(group, cuts[group], sold, amounts, parts)
        backs: dict[Key, int] = {}
        back = [each for key in found for each in self.back[key]]
        for key in self.again.keys() & found.keys():
            taken, unreturned, brought_by = self.again[key]
            for sign, each in ((1, taken(amounts[key], parts[key])), (-1, taken(unreturned, brought_by))):
                for group, amount, *of in each:
                    backs[group] = backs.get(group, 0) + sign * amount
                    back.append((group, sign * amount, *of))
        return cuts, backs, back

    def _cut(
        self,
        group: Key,
        cut: int,
        sold: dict[str, int],
        amounts: dict[str, dict[Key, int]],
        parts: dict[str, dict[int, int]],
    ) -> None:
        """Shares a cut by what each credit brought, component by component, and what no credit did."""
        rows: list[tuple[str, int, int]] = []
        for key, amount in sold.items():
            lines = self.sold[key].get(group, [])
            rows += [(key, line, part) for line, part in lines]
            rows.append((key, 0, amount - sum(part for _, part in lines)))
        so_far = proportional(cut, [part for _, _, part in rows])
        for (key, line, _), now, then in zip(rows, so_far, [0, *so_far], strict=False):
            if group in amounts.get(key, {}):
                amounts[key][group] += now - then
                if line:
                    parts[key][line] += now - then


def _without_own(one: Sum) -> Sum:
    """The sums of a group as if nothing were sold in it."""
    return replace(one, rated_after=one.rated_before)


def _share_back(line: Line, sale: Line, returned: list[tuple[Key, Line, Line | None]]) -> Share:
    """The parts of a sale that came back before a return and with it, below 0; by the amounts of the deals where it counted nothing."""
    if sale.value:
        return Fraction(line.before, sale.value), Fraction(line.before + line.value, sale.value)
    sold = sale.deal["amount_minor"]
    mine = sorted((each for _, each, of in returned if of is sale), key=_order)
    earlier = mine[: next(place for place, each in enumerate(mine) if each is line)]
    before = sum(each.deal["amount_minor"] for each in earlier)
    now = before + line.deal["amount_minor"]
    return (Fraction(before, sold), Fraction(now, sold)) if sold else (Fraction(0), Fraction(0))


def _part(amount: int, share: Share) -> int:
    """What a return takes of an amount: what all until then take less what those before it took."""
    before, now = share
    return rounded(amount * now) - rounded(amount * before)


def _in_parts(amount: int, sales: list[tuple[Line, int]]) -> dict[int, int]:
    """An amount in whole cents, by what each sale stands at, else by what it counts, else evenly; the sum so far is rounded."""
    choices = ([abs(part) for _, part in sales], [abs(line.value) for line, _ in sales], [1 for _ in sales])
    weights = next((each for each in choices if sum(each)), [])
    upto = [rounded(Fraction(amount * sum(weights[: place + 1]), sum(weights))) for place in range(len(weights))]
    return {id(line): now - then for (line, _), now, then in zip(sales, upto, [0, *upto], strict=False)}


def _sale_of(line: Line, sales: list[Line]) -> Line | None:
    """The same person's credit for the deal that a return reverses, by the same rule and from the same person."""
    wanted = (line.person, line.deal["reverses_key"], line.rule, line.whose)
    mine = [sale for sale in sales if (sale.person, sale.deal["deal_key"], sale.rule, sale.whose) == wanted]
    return mine[-1] if mine else None


def _without_lost(amounts: dict[Key, int], returned: list[tuple[Key, Line, Line | None]]) -> None:
    """Leaves out who returns a deal without a sale, or of a period that was not calculated."""
    while True:
        lost = {
            group
            for group, line, sale in returned
            if group in amounts and (line.lost or (sale is not None and (sale.person, sale.period) not in amounts))
        }
        if not lost:
            return
        for group in lost:
            del amounts[group]


def _pot(contest: Row, values: dict[Key, int]) -> dict[Key, Fraction]:
    """A pot in whole cents: everybody's part rounded down, then a cent each to whom it cost most, of equals to the first name."""
    pot, weights = cents(contest["pot"]), dict.fromkeys(values, 1)
    if contest["share"] == "PROPORTIONAL":
        weights = {group: value for group, value in values.items() if value > 0}
    exact = {group: pot * weight / sum(weights.values()) for group, weight in weights.items()}
    found = {group: Fraction(int(part)) for group, part in exact.items()}
    left = int(pot - sum(found.values())) if found else 0
    for group in sorted(found, key=lambda each: (found[each] - exact[each], each))[:left]:
        found[group] += 1
    return found


def _gates(component: Row) -> list[Row]:
    own = component.get("of", component["key"])
    threshold = [{"of": own, "at_least": component["threshold"]}] if "threshold" in component else []
    return [*threshold, *component.get("gates", [])]


def _order(line: Line) -> tuple[date, str, str]:
    return line.day, line.deal["source_key"], line.deal["deal_key"]


def _climbs(component: Row) -> bool:
    return "tiers_on" in component and component.get("tier_mode") == "MARGINAL"


def _bounded(component: Row, pay: Fraction, sold: int) -> Fraction:
    floor, cap = limit(component, "floor", "deal"), limit(component, "cap", "deal")
    if floor is not None and sold:
        pay = max(pay, floor) if sold > 0 else min(pay, -floor)
    return pay if cap is None else max(min(pay, cap), -cap)


def earnings(facts: dict[str, list[Row]], plans: list[Row]) -> dict[tuple[str, str, str, str], int]:
    """(participant, plan, component, period) → minor units, for everybody who can be calculated."""
    world = World(facts, plans)
    return {
        (person, plan["plan"], key, period): amount
        for plan in plans
        for key, groups in Oracle(world, plan).run().items()
        for (person, period), amount in groups.items()
    }
