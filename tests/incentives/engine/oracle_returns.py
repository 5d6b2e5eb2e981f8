"""What returns take back in the oracle, and what later periods change of earlier sales."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from tests.incentives.engine.oracle_credits import Line, Row, rounded, sums_something
from tests.incentives.engine.oracle_formulas import builds_on, formula_without_own
from tests.incentives.engine.oracle_sums import Back, Key, Share, Sum, _order
from tests.incentives.engine.oracle_tables import limit, proportional
from tests.incentives.engine.oracle_ways import Ways


@dataclass
class Taking(Ways):
    """What returns take back in the oracle, and what later periods change of earlier sales."""

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
        if any(line.returns for one in own.values() for line in one.lines):
            sales = [line for one in own.values() for line in one.lines]
            returned = [
                (group, line, _sale_of(line, sales)) for group, one in own.items() for line in one.lines if line.returns
            ]
            is_left = lambda group, line, sale: sale and named(line, sale) in self.left_out  # noqa: E731
            returned = [each for each in returned if not is_left(*each)]
            _without_lost(amounts, returned)
            later = [(group, sale.period) for group, _, sale in returned if sale is not None]
            amounts = self._known_in_year(amounts, later) if by_year else amounts
            unreturned = dict(amounts)
            for group, one in own.items():
                shared = self._parts(component, one, amounts.get(group), by_line, group)
                parts |= {id(line): part for line, part in zip(one.lines, shared, strict=True)}

            def taken(changed: dict[Key, int], changed_parts: dict[int, int]) -> list[Back]:
                return self._all_taken(component, own, changed, exact, changed_parts, returned)

            self.back[key] = taken(unreturned, parts)
            self.again[key] = (taken, unreturned, parts)
            for group, amount, *_ in self.back[key]:
                amounts[group] += amount
        later = [(group, period) for group, _, is_return, period in self.back[key] if is_return]
        amounts = self._known_in_year(amounts, later) if by_year else amounts
        amounts, self.back[key] = self._of_year(
            amounts, limit(component, "cap", "year"), limit(component, "floor", "year"), self.back[key]
        )
        for group, one in own.items():
            if group in amounts and parts:
                left = amounts[group] - sum(
                    amount for at, amount, is_return, _ in self.back[key] if is_return and at == group
                )
                carrying = [line for line in one.lines if not line.returns] or one.lines
                mine = [parts[id(line)] for line in carrying]
                if sum(mine) != left:
                    weights = mine if sum(mine) else [0 if line.returns else line.value for line in carrying]
                    so_far = proportional(left, weights)
                    mine = [now - then for now, then in zip(so_far, [0, *so_far], strict=False)]
                self.sold[key][group] = list(zip(map(id, carrying), mine, strict=True))
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
        paid: dict[int, list[tuple[str, int]]] = {}
        back: list[tuple[Line, Share]] = []
        found = []
        for group in window:
            change = self.change_of_earlier(component, group, amounts)
            steps = _in_parts(change, list(standing.values()))
            for sale, share in back:
                now, step = standing[id(sale)][1], steps[id(sale)]
                found.append((group, _part(now + step, share) - _part(now, share), False, group[1]))
            standing = {key: (line, amount + steps[key]) for key, (line, amount) in standing.items()}
            paid = {key: [*each, (group[1], steps[key])] for key, each in paid.items()}
            sales = {id(line): (line, parts[id(line)]) for line in own[group].lines}
            for line, amount in self._without(component, change, list(sales.values())):
                standing[id(line)], paid[id(line)] = (line, amount), [(group[1], amount)]
            for at, line, sale in returned:
                is_now = sale is not None and group == max(at, (sale.person, sale.period), key=self.groups.index)
                if (
                    is_now and sale is not None and id(sale) in standing
                ):  # came back, calculated or not; before its sale with that
                    back.append((sale, _share_back(line, sale, returned)))
                    found += _by_period(at, paid[id(sale)], back[-1][1])
        for at, line, sale in returned:
            is_later = at not in window and self.groups.index(at) > self.groups.index(window[-1])
            if is_later and at in amounts and sale is not None and id(sale) in standing:
                found += _by_period(at, paid[id(sale)], _share_back(line, sale, returned))
        return [each for each in found if each[0] in amounts]

    def change_of_earlier(self, component: Row, group: Key, amounts: dict[Key, int]) -> int:
        """The part of a period's amount that changes what sales before it in the window are paid."""
        one = self.sums[component.get("of", component["key"])][group]
        if not self._is_to_date(component) or group not in amounts or group in self.only_back:
            return 0
        if sums_something(self.measures[component.get("of", component["key"])]):
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

    def moved(self, name: str, group: Key, asking: Taking) -> int:
        """What an earlier component changes of earlier sales in a period; nothing where it is not known."""
        component = next(each for each in self.plan["components"] if each["key"] == name)
        known = group in self.earned[name] and group in asking.earned[name]
        sold = {
            at: amount - sum(each[1] for each in self.back[name] if each[0] == at)
            for at, amount in self.earned[name].items()
        }
        return self.change_of_earlier(component, group, sold) if known else 0

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
            return [(line, part - change * (line is mine[0][0])) for line, part in mine]
        steps = _in_parts(-change, mine)
        return [(line, amount + steps[id(line)]) for line, amount in mine]

    def _parts(
        self, component: Row, one: Sum, amount: int | None, by_line: dict[int, Fraction], group: Key
    ) -> list[int]:
        """What each credit received of an earning: in order, what the sum so far earns more than before it."""
        if amount is None:
            return [0] * len(one.lines)
        carrying = [line for line in one.lines if not line.returns]
        if len(carrying) not in (0, len(one.lines)):  # returns carry nothing of what sales are paid
            shared = iter(self._parts(component, replace(one, lines=carrying), amount, by_line, group))
            return [0 if line.returns else next(shared) for line in one.lines]
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


def named(line: Line, sale: Line) -> tuple[Key, str]:
    """A return as the group that sold what it takes back names it."""
    return (sale.person, sale.period), line.deal["deal_key"]


def _part(amount: int, share: Share) -> int:
    """What a return takes of an amount: what all until then take less what those before it took."""
    before, now = share
    return rounded(amount * now) - rounded(amount * before)


def _by_period(at: Key, paid: list[tuple[str, int]], share: Share) -> list[Back]:
    """What a return takes of what each period paid of its sale: of all until then less of all before."""
    found, upto = [], 0
    for period, amount in paid:
        found.append((at, _part(upto + amount, share) - _part(upto, share), True, period))
        upto += amount
    return found


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
