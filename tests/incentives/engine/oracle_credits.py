"""A second, independent calculation of crediting: who receives how much of which deal, one row at a time, in Fractions.

Written from docs/plan-language.md and the glossary; it shares no code with the engine and is as slow and plain as possible.
Money is in minor units of the plan's currency, counts in 1/10,000, shares are Fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

Row = dict[str, Any]
DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}
DAYS = {
    "CREDITED": "credit_on",
    "BOOKED": "booked_on",
    "PAID": "paid_on",
    "CLOSED": "closed_on",
    "INVOICED": "invoiced_on",
}
MONEY = {"amount": "amount_minor", "cost": "cost_minor", "list": "list_minor", "margin": "margin_minor"}
COUNTED = {"COUNT", "UNITS", "DISTINCT"}


def rounded(value: Fraction) -> int:
    """To the nearest whole number, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


@cache
def share_of(text: str) -> Fraction:
    """'3 %' as 3/100, '0.03' too."""
    number = Fraction(text.replace("%", "").strip())
    return number / 100 if "%" in text else number


def cents(value: object) -> Fraction:
    """Money of a plan in USD."""
    return Fraction(str(value).replace(",", "")) * 100


@dataclass(eq=False)
class Line:
    """One credit of one measure."""

    deal: Row
    person: str
    origin: str
    rule: int
    day: date
    period: str
    amount: int
    value: int
    returns: bool
    bad: bool
    share: Fraction
    before: int = 0
    """What returns before it took back of the value of the sale."""

    lost: bool = False
    whole: bool = False
    """True where a manager is credited the whole deal once, whosever it was."""

    @property
    def whose(self) -> str:
        """By which person's part of a deal its credits are told apart."""
        return "" if self.whole else self.origin


class World:
    """The facts, with who sits where and is paid by what on every day."""

    def __init__(self, facts: dict[str, list[Row]], plans: list[Row]) -> None:
        self.facts = facts
        self.plans = {plan["plan"]: plan for plan in plans}
        self.deals = sorted(facts["deals"], key=lambda deal: (deal["source_key"], deal["deal_key"]))
        self.seat = cache(self._seat)
        self.plan = cache(self._plan)
        self.holder = cache(self._holder)

    def _seat(self, person: str, day: date) -> str | None:
        for row in self.facts["positions"]:
            if row["participant_key"] == person and _during(row, day):
                return str(row["position_key"])
        return None

    def _holder(self, position: str, day: date) -> str | None:
        for row in self.facts["positions"]:
            if row["position_key"] == position and _during(row, day):
                return str(row["participant_key"])
        return None

    def _plan(self, person: str, day: date) -> str | None:
        """The plan that pays a person on a day: the person's own assignment, else the position's, else the title's."""
        for row in self.facts["positions"]:
            if row["participant_key"] == person and _during(row, day):
                for level in ("participant_key", "position_key", "title_key"):
                    for each in self.facts["assignments"]:
                        plan = self.plans[each["plan_key"]]
                        named = each[level] is not None and each[level] == row[level]
                        if named and _during(each, day) and plan["from"] <= day < plan["until"]:
                            return str(each["plan_key"])
        return None

    def period(self, day: date) -> Row | None:
        """The period of a day."""
        return next((each for each in self.facts["periods"] if each["start_on"] <= day < each["end_on"]), None)

    def usd(self, deal: Row, column: str, day: date) -> int | None:
        """A money column of a deal in USD at the rate that the plans take on a day; None when no rate is known."""
        return self.in_usd(_stated(deal, column), deal["currency"], day)

    def in_usd(self, amount: int, currency: str, day: date) -> int | None:
        """An amount in USD."""
        if currency == "USD":
            return amount
        plan = next(iter(self.plans.values()))
        days, period = [plan.get("fixed_on", day)], self.period(day)
        if plan.get("currency_rate") == "PERIOD_AVERAGE":
            span = 0 if period is None else (period["end_on"] - period["start_on"]).days
            days = [] if period is None else [period["start_on"] + timedelta(days=number) for number in range(span)]
        rates = [self.spot(currency, each) for each in days]
        if not rates or None in rates:
            return None
        rate = sum(each for each in rates if each is not None) / Fraction(len(rates))
        return rounded(amount * rate * Fraction(10) ** (2 - DIGITS[currency]))

    def spot(self, currency: str, day: date) -> Fraction | None:
        """The rate to USD that holds on a day."""
        known = [row for row in self.facts["fx"] if row["from_currency"] == currency and row["on"] <= day]
        return Fraction(max(known, key=lambda row: row["on"])["rate"]) if known else None

    def money(self, deal: Row, name: str, day: date | None) -> int | None:
        """A column of a deal, money in USD at the rate of its credit date; None when no rate is known."""
        column = MONEY.get(name, name)
        is_money = column.endswith("_minor")
        return self.usd(deal, column, day or date.max) if is_money else column_of(deal, column)

    def fits(self, where: Row, deal: Row, day: date | None) -> bool | None:
        """Whether a deal that is credited on a day fulfils all conditions; None when an amount that decides has no rate."""
        answers = [_fits_one(name, test, self.money(deal, name, day)) for name, test in where.items()]
        return False if False in answers else None if None in answers else True

    def lines(self, plan: Row, key: str, measure: Row) -> list[Line]:
        """All credits of a measure, in the order of day and source key."""
        rules = measure.get("credit", {"kind": "DIRECT"})
        found: list[Line] = []
        for number, rule in enumerate(rules if isinstance(rules, list) else [rules]):
            own = [line for deal in self.deals for line in self._of_rule(plan, measure, rule, number, deal)]
            keeps = measure.get("reversal_rate", "ORIGINAL") == "ORIGINAL"
            taken = self._taken_back(measure, rule, own) if keeps else []
            self._told_apart(key, measure, rule, own, keeps)
            found += [*own, *taken]
        order = {id(deal): place for place, deal in enumerate(self.deals)}
        found.sort(key=lambda line: (line.day, order[id(line.deal)]))
        return _distinct(measure, found) if _kind(measure) == "DISTINCT" else found

    def _of_rule(self, plan: Row, measure: Row, rule: Row, number: int, deal: Row) -> list[Line]:
        day = deal[DAYS[rule.get("date", "CREDITED")]]
        asked = self.sale(deal) or deal
        fulfils = self.fits(rule.get("where", {}), asked, asked[DAYS[rule.get("date", "CREDITED")]])
        if day is None or fulfils is False or not _in_days(measure, day):
            return []
        period = self.period(day)
        if period is None:
            return []
        found = []
        whole, parts, bad = self._shares(measure, rule, deal, day)
        earlier = self._earlier(measure, rule, deal, day)
        for person, origin, share, amount in self._received(rule, deal, day, whole, parts):
            served = self.served(person, asked[DAYS[rule.get("date", "CREDITED")]] or day)
            if self.plan(person, day) == plan["plan"] and _long_enough(rule.get("tenure"), served):
                rate = share_of(str(rule.get("share", "100 %")))
                value, before = self._value(measure, rule, deal, share * rate, amount, earlier[origin])
                returns = deal["reverses_key"] is not None
                untold = "tenure" in rule and served is None
                unknown = bad or untold or fulfils is None or (_kind(measure) == "UNITS" and deal["quantity"] is None)
                found.append(
                    Line(
                        deal,
                        person,
                        origin,
                        number,
                        day,
                        period["period_key"],
                        amount,
                        value,
                        returns,
                        unknown,
                        share,
                        before,
                        whole=_is_whole(rule),
                    )
                )
        return found

    def _taken_back(self, measure: Row, rule: Row, own: list[Line]) -> list[Line]:
        """What the people who were credited a sale give back, where the rules of the day of the return do not ask them."""
        asked = {(line.deal["deal_key"], line.person, line.whose) for line in own if line.returns}
        found = []
        for deal in self.deals:
            day = deal[DAYS[rule.get("date", "CREDITED")]]
            period = None if day is None else self.period(day)
            if self.sale(deal) is None or day is None or period is None:
                continue
            whole, parts, bad = self._shares(measure, rule, deal, day)
            amounts, earlier = {who: amount for who, _, amount in parts}, self._earlier(measure, rule, deal, day)
            if _is_whole(rule):
                amounts, earlier = ({"": whole}, {"": earlier[parts[0][0]]}) if parts else ({}, {})
            for line in own:
                mine = (deal["deal_key"], line.person, line.whose) not in asked and line.whose in amounts
                if line.deal["deal_key"] == deal["reverses_key"] and not line.returns and mine:
                    amount, rate = amounts[line.whose], share_of(str(rule.get("share", "100 %")))
                    value, before = self._value(measure, rule, deal, line.share * rate, amount, earlier[line.whose])
                    unknown = bad or line.bad or (_kind(measure) == "UNITS" and deal["quantity"] is None)
                    returned = replace(line, deal=deal, day=day, period=period["period_key"], returns=True)
                    returned.amount, returned.value, returned.before, returned.bad = amount, value, before, unknown
                    found.append(returned)
        return found

    def _told_apart(self, key: str, measure: Row, rule: Row, own: list[Line], keeps: bool) -> None:
        """Returns of which the person has no credit of the sale: the plan of the sale's day takes it back, or leaves it to this one."""
        sales = {(line.deal["deal_key"], line.person, line.whose) for line in own if not line.returns}
        for line in [each for each in own if each.returns]:
            line.returns = keeps
            if (line.deal["reverses_key"], line.person, line.whose) in sales:
                continue
            sale = self.sale(line.deal)
            day = None if sale is None else sale[DAYS[rule.get("date", "CREDITED")]]
            line.lost = keeps
            if sale is None or day is None or self.period(day) is None:
                continue
            sellers = sorted({who for who, _, _ in self._shares(measure, rule, sale, day)[1]})
            sellers = sellers if _is_whole(rule) else [who for who in sellers if who == line.origin]
            if not sellers:
                continue
            paying = next(filter(None, (self.plan(each, day) for each in (line.person, *sellers))), None)
            if paying is not None:
                line.lost, line.returns = False, self._keeps_rate(self.plans[paying], key)

    def _keeps_rate(self, plan: Row, key: str) -> bool:
        measures = [*plan.get("measures", []), *(each for each in plan["components"] if "of" not in each)]
        measures = [each for each in measures if sums_something(each)]
        named = [each for each in measures if each["key"] == key]
        return any(each.get("reversal_rate", "ORIGINAL") == "ORIGINAL" for each in named or measures)

    def _shares(
        self, measure: Row, rule: Row, deal: Row, day: date
    ) -> tuple[int, list[tuple[str, Fraction, int]], bool]:
        """The whole credit of a deal, its parts as (person, share, amount), and whether it can't be priced.

        Of a return it is what all returns of its sale until then take of the sale's credit, less what those before it took.
        """
        sale = self.sale(deal)
        priced_on = day if sale is None else sale[DAYS[rule.get("date", "CREDITED")]] or day
        bad = self.usd(deal, _column(measure), priced_on) is None and _kind(measure) not in COUNTED
        came = self.came_back(deal, rule)
        upto, before = (self._whole(measure, rule, deal, deals, day) for deals in (came, came[:-1]))
        shares = self._shared_by(rule, deal)
        divided = _alone if rule.get("kind") == "OVERLAY" else _remainders
        pairs = zip(divided(upto, shares), divided(before, shares), strict=True)
        return upto - before, [(who, share, now - then) for (who, share, now), (_, _, then) in pairs], bad

    def _earlier(self, measure: Row, rule: Row, deal: Row, day: date) -> dict[str, int]:
        """What returns before it took back of the amount of its sale, by whose deal it was."""
        before = self._whole(measure, rule, deal, self.came_back(deal, rule)[:-1], day)
        shares = self._shared_by(rule, deal)
        if _is_whole(rule):
            return {who: before for who, _ in shares}
        divided = _alone if rule.get("kind") == "OVERLAY" else _remainders
        return {who: amount for who, _, amount in divided(before, shares)}

    def _whole(self, measure: Row, rule: Row, deal: Row, came: list[Row], day: date) -> int:
        """The credit of a deal by its rule, or what some returns take of that of the sale: in proportion to what they come to."""
        column, sale = _column(measure), self.sale(deal)
        sold_on = None if sale is None else sale[DAYS[rule.get("date", "CREDITED")]]
        total = 0
        for currency in sorted({each["currency"] for each in came}):
            own = sum(_stated(each, column) for each in came if each["currency"] == currency)
            total += self.in_usd(own, currency, sold_on or day) or 0
        if sale is None or not ("cap" in rule or "share" in rule):
            return _credit(rule, total)
        sold = self.usd(sale, column, sold_on or date.max) or 0
        if not sold:
            return _credit(rule, self.usd(deal, column, sold_on or day) or 0) if deal in came else 0
        return rounded(_credit(rule, sold) * Fraction(total, sold))

    def came_back(self, deal: Row, rule: Row) -> list[Row]:
        """A deal alone; a return after those of the same sale that came back before it, by day and key."""
        named = DAYS[rule.get("date", "CREDITED")]
        if self.sale(deal) is None:
            return [deal]
        same = [each for each in self.deals if each["reverses_key"] == deal["reverses_key"] and each[named] is not None]
        same.sort(key=lambda each: each[named])
        return same[: next(place for place, each in enumerate(same) if each is deal) + 1]

    def _shared_by(self, rule: Row, deal: Row) -> list[tuple[str, Fraction]]:
        """Who shares a deal, by name."""
        kind = "OVERLAY" if rule.get("kind") == "OVERLAY" else None
        rows = [row for row in self.facts["splits"] if row["deal_key"] == deal["deal_key"]]
        rows.sort(key=lambda row: str(row["participant_key"]))
        shares = [(row["participant_key"], Fraction(row["share"], 10**8)) for row in rows if row["credit_type"] == kind]
        if kind == "OVERLAY" or shares:
            return shares
        return self._covers(deal, rule) if rule.get("owner") == "TERRITORY" else [(deal["owner_key"], Fraction(1))]

    def _covers(self, deal: Row, rule: Row) -> list[tuple[str, Fraction]]:
        """Who covers the territory of the account on the day of the deal, or of the sale that it takes back, by name."""
        asked = self.sale(deal) or deal
        day = asked[DAYS[rule.get("date", "CREDITED")]]
        held = [row for row in self.facts["account_territories"] if row["account_key"] == asked["account_id"]]
        there = [row["territory"] for row in held if day is not None and _during(row, day)]
        found: dict[str, Fraction] = {}
        for row in self.facts["coverage"] if there else []:
            if row["territory"] == there[0] and _during(row, day):
                share = Fraction(row["share"], 10**8)
                found[row["participant_key"]] = found.get(row["participant_key"], Fraction(0)) + share
        return sorted(found.items())

    def served(self, person: str, day: date) -> int | None:
        """The months that are complete since the person was employed; None where no employment holds on the day."""
        for row in self.facts["employments"]:
            if row["participant_key"] == person and _during(row, day):
                months = 0
                while _months_after(row["from_on"], months + 1) <= day:
                    months += 1
                return months
        return None

    def sale(self, deal: Row) -> Row | None:
        """The deal that a return takes back: its rules credit the return, too."""
        return next((each for each in self.deals if each["deal_key"] == deal["reverses_key"]), None)

    def _value(self, measure: Row, rule: Row, deal: Row, share: Fraction, amount: int, earlier: int) -> tuple[int, int]:
        """What a credit adds to its measure, and what returns of the same sale before it took back."""
        kind, came = _kind(measure), self.came_back(deal, rule)
        if kind not in COUNTED:
            return amount, earlier
        if kind == "UNITS":
            counted = [
                sum((Fraction(each["quantity"] or 0) for each in deals), Fraction(0)) for deals in (came, came[:-1])
            ]
            upto, before = (rounded(units * 10**4 * share) for units in counted)
        else:
            upto, before = (rounded(share * self._count(deal, deals)) for deals in (came, came[:-1]))
        return upto - before, before

    def _count(self, deal: Row, came: list[Row]) -> int:
        """One deal; of returns the part of their deal that comes back, all of it where that deal is worth nothing."""
        if deal["reverses_key"] is None:
            return 10**4 if came else 0
        sale = self.sale(deal)
        whole = 0 if sale is None else abs(sale["amount_minor"])
        if not whole:
            return -(10**4) if came else 0
        back = min(abs(sum(each["amount_minor"] for each in came)), whole)
        return -rounded(Fraction(back * 10**4, whole))

    def _received(
        self, rule: Row, deal: Row, day: date, whole: int, parts: list[tuple[str, Fraction, int]]
    ) -> list[tuple[str, str, Fraction, int]]:
        """(person, whose deal, share, amount) of one rule and deal."""
        kind = rule.get("kind", "DIRECT")
        if kind in ("DIRECT", "OVERLAY"):
            return [(who, who, share, amount) for who, share, amount in parts if self.seat(who, day)]
        if kind == "ROLLOVER":
            rows = [row for row in self.facts["relations"] if row["relation"] == rule["relation"] and _during(row, day)]
            return [
                (row["related_key"], who, share, amount)
                for who, share, amount in parts
                for row in rows
                if row["participant_key"] == who and self.seat(row["related_key"], day)
            ]
        found: dict[str, list[tuple[str, str, Fraction, int]]] = {}
        lines = [
            (level, who, manager, share, amount)
            for who, share, amount in parts
            for level, manager in self.managers(who, day, rule.get("levels", "DIRECT_REPORTS"))
        ]
        for _, who, manager, share, amount in sorted(lines):
            found.setdefault(manager, []).append((manager, who, share, amount))
        policy = rule.get("duplicates", "SUM")
        if policy == "SUM":
            return [each for rows in found.values() for each in rows]
        largest = [min(rows, key=lambda row: (-row[2], row[1])) for rows in found.values()]
        return largest if policy == "MAX" else [(who, origin, Fraction(1), whole) for who, origin, _, _ in largest]

    def managers(self, person: str, day: date, levels: str | int) -> list[tuple[int, str]]:
        """Who is above a person on a day and how far, up the line of positions; a vacant one is passed."""
        found, position, level = [], self.seat(person, day), 0
        while position is not None:
            position = next(
                (
                    row["manager_position_key"]
                    for row in self.facts["reporting"]
                    if row["position_key"] == position and _during(row, day)
                ),
                None,
            )
            above = None if position is None else self.holder(position, day)
            level += 1
            if above is not None:
                found.append((level, above))
            if levels in ("DIRECT_REPORTS", level):
                break
        return [each for each in found if levels in ("DIRECT_REPORTS", "SUBTREE", each[0])]


def sums_something(measure: Row) -> bool:
    """False for a component that is paid whatever is sold."""
    by_itself = any(way in measure for way in ("bonus", "objectives", "greater_of"))
    return not by_itself or "quota" in measure or "measure" in measure or "credit" in measure


def _during(row: Row, day: date) -> bool:
    return bool(row["from_on"] <= day and (row["until_on"] is None or day < row["until_on"]))


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def _is_whole(rule: Row) -> bool:
    return rule.get("duplicates") == "ONCE" and rule.get("kind") == "ROLLUP"


def _long_enough(tenure: Row | None, months: int | None) -> bool:
    """Whether a rule credits somebody of so many months; who it doesn't know is credited, and can't be calculated."""
    if tenure is None or months is None:
        return True
    return bool(tenure.get("at_least", 0) <= months and ("below" not in tenure or months < tenure["below"]))


def _in_days(measure: Row, day: date) -> bool:
    return bool(measure.get("from", date.min) <= day < measure.get("until", date.max))


def _kind(measure: Row) -> str:
    kind = measure.get("measure", "AMOUNT")
    return str(kind["kind"] if isinstance(kind, dict) else kind)


def _stated(deal: Row, column: str) -> int:
    return int(deal["amount_minor"] - deal["cost_minor"] if column == "margin_minor" else deal[column])


def _column(measure: Row) -> str:
    return {"MARGIN": "margin_minor", "COLUMN": "arr_minor"}.get(_kind(measure), "amount_minor")


def _credit(rule: Row, amount: int) -> int:
    """Amount times credit rate, at most the cap of a deal."""
    whole = rounded(amount * share_of(str(rule.get("share", "100 %"))))
    return max(min(whole, int(cents(rule["cap"]))), -int(cents(rule["cap"]))) if "cap" in rule else whole


def _alone(whole: int, shares: list[tuple[str, Fraction]]) -> list[tuple[str, Fraction, int]]:
    """Each part rounded for itself."""
    return [(who, share, rounded(whole * share)) for who, share in shares]


def _remainders(whole: int, shares: list[tuple[str, Fraction]]) -> list[tuple[str, Fraction, int]]:
    """Parts in whole cents that sum to the whole: the residue goes to the largest remainder, ties by name."""
    exact = {who: abs(whole) * share for who, share in shares}
    given = {who: int(amount) for who, amount in exact.items()}
    left = int(sum(exact.values())) - sum(given.values())
    for who in sorted(exact, key=lambda name: (given[name] - exact[name], name))[:left]:
        given[who] += 1
    sign = 1 if whole >= 0 else -1
    return [(who, share, sign * given[who]) for who, share in shares]


def _distinct(measure: Row, lines: list[Line]) -> list[Line]:
    """Each value of a column counts once per person and period, at the first of its credits; returns and empty ones never."""
    seen = set()
    for line in lines:
        line.before = 0
        what = line.deal[measure["measure"]["column"]]
        key = (line.person, line.period, what)
        is_return = line.deal["reverses_key"] is not None
        counts = what is not None and not is_return and key not in seen
        line.value = 10**4 if counts else 0
        if not is_return:
            seen.add(key)
    return lines


def column_of(deal: Row, name: str) -> Any:
    """A column of a deal, also a derived one; rates at 1/10^8."""
    amount = deal["amount_minor"]
    if name == "margin_minor":
        return amount - deal["cost_minor"]
    if name == "margin_rate":
        return _rate(amount - deal["cost_minor"], amount)
    if name == "discount":
        return _rate(deal["list_minor"] - amount, deal["list_minor"])
    return deal[name]


def _rate(part: int, whole: int) -> int:
    return rounded(Fraction(part * 10**8, whole)) if whole else 0


def _fits_one(name: str, test: Any, value: Any) -> bool | None:
    column = MONEY.get(name, name)
    if value is None and column.endswith("_minor"):
        return None
    if not isinstance(test, dict):
        return value in (test if isinstance(test, list) else [test])
    return all(_compare(column, word, bound, value) for word, bound in test.items())


def _compare(column: str, word: str, bound: Any, value: Any) -> bool:
    if word == "empty":
        return (value is None) == bound
    if word == "not":
        return value not in bound
    if word == "under":
        return value is not None and (value == bound or str(value).startswith(f"{bound}/"))
    by_rate = column.endswith("_rate") or column == "discount"
    limit = share_of(str(bound)) * 10**8 if by_rate else cents(bound) if column.endswith("_minor") else Fraction(bound)
    if value is None:
        return False
    return {"at_least": value >= limit, "above": value > limit, "at_most": value <= limit, "below": value < limit}[word]
