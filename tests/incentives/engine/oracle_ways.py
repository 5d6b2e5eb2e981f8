"""The oracle's ways of paying a period, and every change of that."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.incentives.engine.oracle_credits import Row, cents, share_of
from tests.incentives.engine.oracle_deals import Deals
from tests.incentives.engine.oracle_formulas import formula_pay
from tests.incentives.engine.oracle_sums import Key, Sum
from tests.incentives.engine.oracle_tables import by_goal, curve, edge, limit, paid, table_pay, tier_of, whole_pay


@dataclass
class Ways(Deals):
    """The oracle's ways of paying a period, and every change of that."""

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

    def _is_marginal(self, component: Row) -> bool:
        plain = "rate" in component or "amount_each" in component or "curve" in component
        tiers = "tiers" in component and "tiers_on" not in component
        return plain or (tiers and component.get("tier_mode", "MARGINAL") == "MARGINAL")


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
