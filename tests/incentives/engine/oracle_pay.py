"""A second, independent calculation of pay: measures over windows, every way of paying, every change, returns and limits.

Written from docs/plan-language.md and the glossary, one person, period and number at a time, in Fractions; it shares no code
with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.incentives.engine.oracle_credits import Row, World, sums_something
from tests.incentives.engine.oracle_formulas import builds_on
from tests.incentives.engine.oracle_returns import Taking, _sale_of, named
from tests.incentives.engine.oracle_sums import Back, Key
from tests.incentives.engine.oracle_tables import limit, proportional


@dataclass
class Oracle(Taking):
    """Earnings of one plan: (person, component, period) → minor units; a group that can't be calculated is absent."""

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
                if not any(line.returns for each in self._with_read(key) for line in own[each][group].lines):
                    del amounts[group]
        return found | limits

    def seen_by(self, component: Row) -> Oracle:
        """What a component reads of measures and earlier components: as if the returns that it takes back itself had not come."""
        own = self.sums[component.get("of", component["key"])]
        sales = [line for one in own.values() for line in one.lines]
        taken = [(line, _sale_of(line, sales)) for line in sales if line.returns]
        returns = {named(line, sale) for line, sale in taken if sale is not None} - self.left_out
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
            other.lines = {}
            for key, lines in self.lines.items():
                sales = [(line, _sale_of(line, lines)) for line in lines]
                is_out = lambda line, sale: sale is not None and named(line, sale) in left_out  # noqa: E731
                other.lines[key] = [line for line, sale in sales if line.returns or not is_out(line, sale)]
            other._sum_up()
            self.worlds[left_out] = other
        return self.worlds[left_out]

    def _built_on(self, component: Row) -> set[str]:
        """The components that one builds on, and those that these build on."""
        components = {each["key"]: each for each in self.plan["components"]}
        named = set(builds_on(component)) & components.keys()
        return named.union(*(self._built_on(components[each]) for each in named))

    def _with_read(self, key: str) -> list[str]:
        """A component, and those that one without credits reads."""
        component = next(each for each in self.plan["components"] if each["key"] == key)
        if sums_something(component):
            return [key]
        return [key, *(name for each in component.get("greater_of", []) for name in self._with_read(each))]

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
                if not sums_something(component) and "greater_of" in component:
                    found = self._greatest(component, group)
                    exact |= {group: found} if found is not None else {}
                    exact = exact if found is not None else {at: each for at, each in exact.items() if at != group}
                by_line |= {id(line): Fraction(0) for line in own[group].lines}
            if group in self.only_back or own[group].bad or not self._has_goals(component, own[group], group):
                continue
            raw = self._raw(component, own[group], group, by_line)
            pay = prizes.get(group, Fraction(0)) if "contest" in component else raw
            pay = None if pay is None else self._changed(component, pay, group)
            if pay is not None:
                exact[group] = pay
        return self._with_returns(component, own, exact, by_line)

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


def earnings(facts: dict[str, list[Row]], plans: list[Row]) -> dict[tuple[str, str, str, str], int]:
    """(participant, plan, component, period) → minor units, for everybody who can be calculated."""
    world = World(facts, plans)
    return {
        (person, plan["plan"], key, period): amount
        for plan in plans
        for key, groups in Oracle(world, plan).run().items()
        for (person, period), amount in groups.items()
    }
