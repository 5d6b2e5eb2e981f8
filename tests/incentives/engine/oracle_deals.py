"""The oracle's pay of deals one by one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.incentives.engine.oracle_credits import Line, Row, cents, share_of
from tests.incentives.engine.oracle_formulas import formula_of_credit
from tests.incentives.engine.oracle_sums import Key, Sum, _order
from tests.incentives.engine.oracle_tables import (
    by_edges,
    by_goal,
    edge,
    limit,
    paid,
    paid_of,
    table_pay,
    tiers_of,
    whole_pay,
)
from tests.incentives.engine.oracle_years import Years


@dataclass
class Deals(Years):
    """The oracle's pay of deals one by one."""

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

    def _lines_pay(self, component: Row, own: Sum, group: Key, by_line: dict[int, Fraction]) -> Fraction | None:
        """Deals rated one by one; a return at the original rate is not rated again."""
        if _climbs(component) and self._asked(component["tiers_on"], by_goal(component["tiers"]), group) is None:
            return None
        if "tiers_per" in component and None in [
            line.deal[component["tiers_per"]] for line in self._to_date(component, group)
        ]:
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
        by_count = self._counts_of(key)
        same = [each for each in self._to_date(component, group) if each.deal[column] == line.deal[column]]
        added = [0 if each.returns else each.value for each in same]
        if "tiers_against" in component and self._period_before(group) is None:
            return Fraction(0)  # the plan begins here, and what is sold is what later periods are compared with
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
        """What the deal's customer came to in the period before, less what came back in it, at least 0; None where tiers don't ask it."""
        if "tiers_against" not in component:
            return None
        key, column = component.get("of", component["key"]), component["tiers_per"]
        one = self.sums[key].get((group[0], self._period_before(group) or ""))
        lines = [] if one is None else [each for each in one.lines if each.deal[column] == line.deal[column]]
        return Fraction(max(sum(each.value for each in lines), 0))

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


def _climbs(component: Row) -> bool:
    return "tiers_on" in component and component.get("tier_mode") == "MARGINAL"


def _bounded(component: Row, pay: Fraction, sold: int) -> Fraction:
    floor, cap = limit(component, "floor", "deal"), limit(component, "cap", "deal")
    if floor is not None and sold:
        pay = max(pay, floor) if sold > 0 else min(pay, -floor)
    return pay if cap is None else max(min(pay, cap), -cap)
