"""Made-up companies and plans over the whole plan language, from a seed: the same seed gives the same case.

People move between seats and lines, deals are split, overlaid, returned and in three currencies, quotas are missing or 0, and
plans use every way of paying and every change of it, in mixtures that nobody would sign.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

from incentives.engine.contracts import Facts
from spm.core.periods import Calendar, CalendarKind

Row = dict[str, Any]
START, END = date(2025, 10, 1), date(2026, 4, 1)
LENGTH = (END - START).days
PEOPLE = ["ada", "bob", "cy", "dee", "eve"]
SEATS = ["s1", "s2", "s3", "s4", "s5"]
OBJECTIVES = [{"key": "quality", "weight": "40 %"}, {"key": "speed", "weight": "60 %"}]
HEAD = {"currency": "USD", "from": START, "until": END}


class Maker:
    """Draws facts and plans from one seed."""

    def __init__(self, seed: str) -> None:
        self.dice, self.others = Random(seed), Random(f"others of {seed}")
        self.rates = Random(f"{seed}/rates")
        self.places = Random(f"{seed}/places")
        self.service = Random(f"{seed}/service")
        self.per = Random(f"{seed}/per")
        self.growth = Random(f"{seed}/growth")
        self.kind = self.one(["MONTHLY", "QUARTERLY"])

    def one(self, choices: list[Any]) -> Any:
        """One of some choices."""
        return self.dice.choice(choices)

    def chance(self, of: float) -> bool:
        """True so often."""
        return self.dice.random() < of

    def day(self) -> date:
        """A day of the half year."""
        return START + timedelta(days=self.dice.randrange(LENGTH))

    def rate(self, top: int = 2000) -> str:
        """A percentage."""
        return f"{self.dice.randrange(0, top) / 100:.2f} %"

    def money(self, top: int = 500_000) -> str:
        """An amount of money."""
        return f"{self.dice.randrange(0, top) / 100:.2f}"

    def facts(self) -> dict[str, list[Row]]:
        """The rows of all frames."""
        periods = Calendar(CalendarKind(self.kind)).periods(START, END)
        self.periods = [
            {"period_key": each.key, "start_on": each.start, "end_on": each.end, "quarter_key": each.quarter_key, "year_key": each.year_key}
            for each in periods
        ]  # fmt: skip
        deals, splits = self._deals()
        return {
            "deals": deals,
            "splits": splits,
            "positions": self._positions(),
            "reporting": self._reporting(),
            "assignments": self._assignments(),
            "quotas": self._quotas(),
            "scores": self._scores(),
            "relations": self._relations(),
            "fx": self._fx(),
            "account_territories": self._account_territories(),
            "coverage": self._coverage(),
            "employments": self._employments(),
            "periods": self.periods,
        }

    def _positions(self) -> list[Row]:
        found = []
        for person, seat in zip(PEOPLE, SEATS, strict=True):
            title = "MANAGER" if seat in ("s2", "s5") else "SELLER"
            left = self.day() if self.chance(0.3) else None
            left = None if left == START else left
            found.append(_held(person, seat, title, START, left))
            if left is not None and self.chance(0.6):
                found.append(_held(person, f"{seat}b", "SELLER", left, None))
        return found

    def _reporting(self) -> list[Row]:
        lines = [("s1", "s2"), ("s2", "s5"), ("s3", self.one(["s2", "s5"])), ("s1b", "s5"), ("s3b", "s2")]
        moved = max(self.day(), START + timedelta(days=1))
        spans = [(low, high, START, END) for low, high in lines]
        spans += [("s4", "s2", START, moved), ("s4", "s5", moved, END)]
        return [
            {"position_key": low, "manager_position_key": high, "from_on": start, "until_on": end}
            for low, high, start, end in spans
        ]

    def _assignments(self) -> list[Row]:
        found = [
            _assigned(plan, "title_key", title) for plan, title in (("sellers", "SELLER"), ("managers", "MANAGER"))
        ]
        if self.chance(0.3):
            found.append({**_assigned("sellers", "participant_key", self.one(["bob", "dee"])), "from_on": self.day()})
        if self.chance(0.2):
            found.append(_assigned("managers", "position_key", "s3"))
        return found

    def _quotas(self) -> list[Row]:
        found = []
        for seat in ("s1", "s3", "s4", "s1b", "s2", "s5"):
            for name in ("revenue", "calls", "goal"):
                by_quarter = self.kind == "MONTHLY" and self.chance(0.3)
                keys = sorted({each["quarter_key" if by_quarter else "period_key"] for each in self.periods})
                for key in keys:
                    if not self.chance(0.04):
                        found.append(_quota(seat, None, key, name, self._goal(name)))
        if self.chance(0.5):
            found.append(_quota(None, "ada", self.periods[-1]["period_key"], "revenue", self._goal("revenue")))
        return found

    def _goal(self, name: str) -> int:
        if self.chance(0.04):
            return 0
        top = {"revenue": 2_000_000, "calls": 100_000, "goal": 900_000}[name]
        return self.dice.randrange(1, top)

    def _scores(self) -> list[Row]:
        return [
            {"participant_key": person, "period_key": period["period_key"], "objective": objective,
             "score": self.dice.randrange(0, 15) * 10**7}
            for person in PEOPLE
            for period in self.periods
            for objective in ("quality", "speed")
            if not self.chance(0.03)
        ]  # fmt: skip

    def _relations(self) -> list[Row]:
        pairs = {(self.one(PEOPLE), self.one(PEOPLE)) for _ in range(self.dice.randrange(4))}
        return [
            {"participant_key": giver, "related_key": taker, "relation": "mentor",
             "from_on": self.one([START, self.day()]), "until_on": END}
            for giver, taker in sorted(pairs)
            if giver != taker
        ]  # fmt: skip

    def _employments(self) -> list[Row]:
        """Since when people are employed: some come back after a break, of some nothing is known; drawn apart, as rates are."""
        found = []
        for person in PEOPLE:
            first = START - timedelta(days=self.service.randrange(-40, 900))
            back = START + timedelta(days=self.service.randrange(1, LENGTH))
            spans = [(first, None)]
            if self.service.random() < 0.1 and first < back - timedelta(days=9):
                spans = [(first, back - timedelta(days=9)), (back, None)]
            if self.service.random() < 0.95:
                found += [{"participant_key": person, "from_on": start, "until_on": end} for start, end in spans]
        return found

    def _account_territories(self) -> list[Row]:
        """Where the customers belong: one moves, one may belong nowhere for some days; drawn apart, as rates are."""
        moved = START + timedelta(days=self.places.randrange(1, LENGTH))
        first, second = self.places.sample(["west", "east", "north"], 2)
        spans = [
            ("x", first, START, moved),
            ("x", second, moved, END),
            ("y", first, START, END),
            ("z", second, moved, END),
        ]
        return [
            {
                "account_key": account,
                "territory": territory,
                "rule": f"rule of {territory}",
                "from_on": start,
                "until_on": end,
            }
            for account, territory, start, end in spans
        ]

    def _coverage(self) -> list[Row]:
        """Who covers the territories: shares that sum to the whole, to less, or to more; with ends, and some twice."""
        found = []
        for territory in ("west", "east"):
            for person in self.places.sample(PEOPLE, self.places.randrange(1, 4)):
                start = START + timedelta(days=self.places.choice([0, 0, self.places.randrange(LENGTH)]))
                share = self.places.choice([10**8, 5 * 10**7, 33_333_333, 12_500_000])
                found.append(
                    {
                        "participant_key": person,
                        "territory": territory,
                        "share": share,
                        "from_on": start,
                        "until_on": END,
                    }
                )
        return found

    def _fx(self) -> list[Row]:
        found = []
        for currency, first, usual in (
            ("EUR", START, 1.1),
            ("JPY", self.one([START, START + timedelta(days=20)]), 0.0067),
        ):
            for day in sorted({first, *(self.day() for _ in range(2))} - {None}):
                if day >= first:
                    rate = Decimal(f"{usual * (0.9 + self.dice.random() / 5):.6f}")
                    found.append({"from_currency": currency, "to_currency": "USD", "on": day, "rate": rate})
        return found

    def _deals(self) -> tuple[list[Row], list[Row]]:
        deals: list[Row] = []
        splits: list[Row] = []
        for number in range(self.dice.randrange(15)):
            sale = self.one(deals) if deals and self.chance(0.15) else None
            if sale is not None and (sale["reverses_key"] is not None or sale["amount_minor"] <= 0):
                sale = None
            deal = self._deal(number) if sale is None else self._return(number, sale)
            deals.append(deal)
            splits += self._shares(deal, sale, splits)
        return deals, splits

    def _deal(self, number: int) -> Row:
        amount = self.one(
            [self.dice.randrange(-50_000, 900_000), self.dice.randrange(1, 2_000_000), self.one([0, 1, 50, 100, 33333])]
        )
        day = self.day()
        return {
            "deal_key": f"d{number}",
            "source_key": f"k{self.dice.randrange(4)}",
            "owner_key": self.one(PEOPLE),
            "amount_minor": amount,
            "currency": self.one(["USD"] * 6 + ["EUR", "JPY"]),
            "credit_on": day,
            "booked_on": self.one([day, self.day()]),
            "paid_on": self.one([day, self.day(), None]),
            "reverses_key": None,
            "product": self.one(["A", "B", "C", None]),
            "region": self.one(["eu", "eu/de", "us", "eu/de/by"]),
            "cost_minor": self.dice.randrange(0, 400_000),
            "list_minor": max(amount, 0) + self.dice.randrange(0, 300_000),
            "arr_minor": self.dice.randrange(0, 500_000),
            "quantity": None if self.chance(0.01) else self.one([self.dice.randrange(0, 30), Decimal(self.dice.randrange(0, 3000)) / 100]),
            "customer": (customer := self.one(["x", "y", "z", None])),
            "account_id": customer,
        }  # fmt: skip

    def _return(self, number: int, sale: Row) -> Row:
        """A part of a sale or all of it, later."""
        part = self.one([100, 100, 50, 33])
        days = min(self.dice.randrange(60), (END - sale["credit_on"]).days - 1)
        negative = {
            name: -(sale[name] * part // 100) for name in ("amount_minor", "cost_minor", "list_minor", "arr_minor")
        }
        quantity = None if sale["quantity"] is None else -sale["quantity"]
        later = {
            name: sale[name] and sale[name] + timedelta(days=days) for name in ("credit_on", "booked_on", "paid_on")
        }
        later = {name: day if day is None or day < END else END - timedelta(days=1) for name, day in later.items()}
        return {
            **sale, **negative, **later, "deal_key": f"d{number}", "source_key": f"k{self.dice.randrange(4)}",
            "quantity": quantity, "reverses_key": sale["deal_key"],
        }  # fmt: skip

    def _shares(self, deal: Row, sale: Row | None, before: list[Row]) -> list[Row]:
        if sale is not None and self.chance(0.8):
            return [{**row, "deal_key": deal["deal_key"]} for row in before if row["deal_key"] == sale["deal_key"]]
        found = []
        if self.chance(0.35):
            people = self.dice.sample(PEOPLE, self.dice.randrange(1, 5))
            cuts = sorted(self.dice.randrange(101) for _ in people[1:])
            shares = [end - start for start, end in zip([0, *cuts], [*cuts, 100], strict=True)]
            found += [_share(deal, who, share, None) for who, share in zip(people, shares, strict=True)]
        if self.chance(0.25):
            found += [_share(deal, who, self.dice.randrange(1, 130), "OVERLAY") for who in self.dice.sample(PEOPLE, 2)]
        return found

    def plans(self) -> list[Row]:
        """One plan for sellers and one for managers."""
        plans, rates = [self._plan("sellers"), self._plan("managers")], self._rates()
        for plan in plans:
            plan |= rates
            if self.others.random() < 0.25:
                self._hold_against(plan)
        return plans

    def _rates(self) -> Row:
        """The policy of currency rates, of both plans; drawn apart, so that the rest of a seed stays what it was."""
        policy = self.rates.choice(["SPOT", "PERIOD_AVERAGE", "PLAN_YEAR"])
        if policy != "PLAN_YEAR":
            return {} if policy == "SPOT" else {"currency_rate": policy}
        return {"currency_rate": policy, "fixed_on": START + timedelta(days=self.rates.choice([0, 0, 10, 60]))}

    def _hold_against(self, plan: Row) -> None:
        """Some measures of a plan are parts of the sum of another one, in place of a quota."""
        for place, entry in enumerate([*plan["measures"], *plan["components"]]):
            if "quota" not in entry or self.others.random() < 0.3 or not _is_of_period(plan, entry):
                continue
            kind = "COUNT" if entry["quota"] == "calls" else "AMOUNT"
            whole = {"key": f"whole{place}", "measure": kind, "reverse_attainment": self.others.random() < 0.3}
            if self.others.random() < 0.3:
                whole["credit"] = {"kind": "ROLLUP"}
            plan["measures"] = [*plan["measures"], {**whole, "accumulation": entry.get("accumulation", "PERIOD")}]
            entry["against"] = whole["key"]
            for name in ("quota", "goal"):
                entry.pop(name, None)

    def _plan(self, key: str) -> Row:
        count = self.dice.randrange(1, 4)
        self.counts = {"logos": True, "booked": False}
        plan = {"plan": key, **HEAD, "period": self.kind, "proration": self.one(["DAYS", "DAYS", "MONTHS", "NONE"])}
        plan["measures"] = [
            {"key": "logos", "measure": "COUNT", "quota": "calls", "credit": self._credit()},
            {
                "key": "booked",
                "quota": "revenue",
                "accumulation": self.one(["PERIOD", "YTD"]),
                "credit": self._credit(),
            },
        ]
        plan["components"] = [
            self._component(f"c{number}", number, is_last=number == count - 1) for number in range(count)
        ]
        for name in ("floor", "cap"):
            if self.chance(0.12):
                plan[name] = {self.one(["period", "year"]): self.money(300_000)}
        return plan

    def _credit(self) -> Any:
        rules = [self._rule() for _ in range(1 if self.chance(0.85) else 2)]
        return rules[0] if len(rules) == 1 else rules

    def _rule(self) -> Row:
        rule: Row = {"kind": self.one(["DIRECT", "DIRECT", "DIRECT", "OVERLAY", "ROLLUP", "ROLLUP", "ROLLOVER"])}
        if rule["kind"] == "ROLLUP":
            rule |= {"levels": self.one(["DIRECT_REPORTS", "SUBTREE"]), "duplicates": self.one(["SUM", "MAX", "ONCE"])}
            rule |= {"levels": self.per.choice([1, 2, 2, 3])} if self.per.random() < 0.25 else {}
        if rule["kind"] == "ROLLOVER":
            rule["relation"] = "mentor"
        if self.chance(0.3):
            rule["share"] = self.one(["50 %", "12.5 %", "33 %", "150 %"])
        if self.chance(0.15):
            rule["cap"] = self.money(400_000)
        if self.chance(0.2):
            rule["date"] = self.one(["BOOKED", "PAID"])
        if self.chance(0.4):
            rule["where"] = self._where()
        if rule["kind"] != "OVERLAY" and self.places.random() < 0.25:
            rule["owner"] = "TERRITORY"
        return rule | self._tenure()

    def _tenure(self) -> Row:
        if self.service.random() >= 0.2:
            return {}
        least, more = self.service.randrange(0, 24), self.service.randrange(1, 12)
        ways: list[Row] = [{"below": 12}, {"at_least": least}, {"at_least": least, "below": least + more}]
        return {"tenure": self.service.choice(ways)}

    def _where(self) -> Row:
        column = self.one(["product", "product", "region", "amount", "discount", "margin_rate"])
        low, high = sorted([self.money(), self.money()])
        tests = {
            "product": self.one(["A", ["A", "B"], {"not": ["A"]}, {"empty": True}, {"empty": False}]),
            "region": self.one([{"under": "eu"}, {"under": "eu/de"}, "us"]),
            "amount": self.one([{"at_least": low}, {"below": high}, {"above": low, "at_most": high}]),
            "discount": self.one([{"above": "10 %"}, {"at_most": "30 %"}]),
            "margin_rate": {"at_least": "20 %"},
        }
        return {column: tests[column]}

    def _component(self, key: str, number: int, *, is_last: bool) -> Row:
        component: Row = {"key": key, "credit": self._credit(), "quota": "revenue"}
        kinds = ["AMOUNT"] * 5 + ["MARGIN", "COLUMN", "UNITS", "COUNT", "DISTINCT"]
        kind = self.one(kinds)
        if kind != "AMOUNT":
            column = {"COLUMN": "arr_minor", "DISTINCT": "customer"}.get(kind)
            component["measure"] = kind if column is None else {"kind": kind, "column": column}
        self.counts[key] = kind in ("UNITS", "COUNT", "DISTINCT")
        if self.counts[key]:
            component["quota"] = "calls"
        if kind != "DISTINCT" and self.chance(0.4):
            component["accumulation"] = self.one(["QTD", "YTD", "CONTRACT"])
            component["goal"] = self.one(["TO_DATE", "WHOLE_WINDOW"])
        if self.chance(0.3):
            component["reversal_rate"] = "CURRENT"
        if self.chance(0.3):
            component["reverse_attainment"] = True
        component |= self._pay(key, number)
        component |= self._per_value(kind, component)
        if self.chance(0.15) and not is_last:
            component["paid"] = False
        return component | self._changes(key, component)

    def _per_value(self, kind: str, component: Row) -> Row:
        """Tiers that each customer, product or region has for itself; drawn apart, as rates are."""
        tiers = component.get("tiers", [])
        alone = not {"tiers_on", "target", "per"} & component.keys() and component.get("tier_mode") != "INTERPOLATED"
        plain = not any({"amount", "until_earned"} & tier.keys() for tier in tiers)
        in_percent, by_period = _in_percent(tiers), "accumulation" not in component
        if not tiers or not alone or not plain or kind == "DISTINCT":
            return {}
        if in_percent:
            return self._against() if by_period and self.growth.random() < 0.5 else {}
        if self.per.random() < 0.4:
            return {}
        limit = {"cap": {"deal": f"{self.per.randrange(1, 1000)}"}} if self.per.random() < 0.2 else {}
        return {"tiers_per": self.per.choice(["region", "region", "product", "customer"]), **limit}

    def _against(self) -> Row:
        """Tiers in percent of what the same customer came to in the period before; drawn apart, as rates are."""
        new = {"tiers_new": "UNPAID"} if self.growth.random() < 0.3 else {}
        return {"tiers_per": self.growth.choice(["region", "product", "customer"]), "tiers_against": "PRIOR"} | new

    def _pay(self, key: str, number: int) -> Row:
        count = self.counts[key]
        ways: dict[str, Callable[[], Row]] = {
            "rate": lambda: self._flat(count) | self._per_deal(),
            "earned": lambda: self._earned_tiers(count),
            "tiers": lambda: (
                self._table(count, count, self.one(["MARGINAL", "WHOLE", "INTERPOLATED"])) | self._per_deal()
            ),
            "tiers_on": lambda: self._tiers_on(count),
            "target": lambda: {"target": self._target(), **self._share_of_target(count)},
            "curve": lambda: {"target": self._target(), "curve": self._curve()},
            "lookup": lambda: {"lookup": self._lookup(count)},
            "matrix": lambda: self._flat(True) if count else {"matrix": self._matrix()} | self._per_deal(),
            "bonus": lambda: {"bonus": self.money(100_000)},
            "objectives": lambda: {"target": self._target(), "objectives": OBJECTIVES},
            "contest": lambda: {"contest": self._contest(count)},
            "greater_of": lambda: {"greater_of": ["c0", "c1"]},
        }
        known = [way for way in ways if way != "greater_of" or number >= 2]
        return ways[self.one([*known, "tiers", "tiers", "tiers", "tiers"])]()

    def _target(self) -> str:
        return str(self.one(["goal", "goal", self.money()]))

    def _earned_tiers(self, count: bool) -> Row:
        """Tiers that end where a sum has been earned, each at a rate above 0."""
        sums = sorted(self.dice.sample(range(10, 900), 2))
        rates = [self.dice.randrange(1, 20) for _ in range(3)]
        pays = [{"amount_each": f"{each}"} if count else {"rate": f"{each} %"} for each in rates]
        return {
            "tiers": [*({"until_earned": f"{each}", **pay} for each, pay in zip(sums, pays[:2], strict=True)), pays[2]]
        }

    def _tiers_on(self, count: bool) -> Row:
        other, mode = self.one(["logos", "booked"]), self.one(["WHOLE", "MARGINAL"])
        return {"tiers_on": other, **self._table(self.counts[other], count, mode, flat=mode == "MARGINAL")}

    def _lookup(self, count: bool) -> list[Row]:
        rows = [{"where": self._where(), **self._payment(count)} for _ in range(self.dice.randrange(1, 4))]
        return [*rows, self._payment(count)] if self.chance(0.5) else rows

    def _curve(self) -> list[Row]:
        ats = sorted(self.dice.sample(range(0, 250), 3))
        ats += [at for at in ats[1:] if self.chance(0.25)]
        return [{"at": f"{at} %", "pays": self.rate(20_000)} for at in sorted(ats)]

    def _per_deal(self) -> Row:
        return {"per": "DEAL"} if self.chance(0.25) else {}

    def _flat(self, count: bool) -> Row:
        return {"amount_each": self.money(9_000)} if count else {"rate": self.rate()}

    def _payment(self, count: bool) -> Row:
        return self.one([self._flat(count), {"amount": self.money(30_000)}])

    def _edges(self, count: bool, unit: str) -> list[str]:
        cuts = sorted(self.dice.sample(range(1, 300), self.dice.randrange(1, 4)))
        if unit == "%":
            return [f"{cut} %" for cut in cuts]
        return [f"{cut / 20:g}" if count else f"{cut * 20}" for cut in cuts]

    def _table(self, by_count: bool, count: bool, mode: str, *, flat: bool = False) -> Row:
        edges = self._edges(by_count, self.one(["%", "unit"]))
        words = ["amount"] if mode == "INTERPOLATED" and count else ["amount", "flat", "flat"]
        word = "flat" if flat else self.one(words)
        pays = lambda: self._flat(count) if word == "flat" else {"amount": self.money(100_000)}  # noqa: E731
        tiers = [{"until": edge, **pays()} for edge in edges]
        if mode != "INTERPOLATED":
            tiers.append(pays())
        return {"tier_mode": mode, "boundary": self.one(["LOWER_INCLUSIVE", "UPPER_INCLUSIVE"]), "tiers": tiers}

    def _share_of_target(self, count: bool) -> Row:
        if self.chance(0.3):
            return {"rate": self.rate(15_000)}
        edges = self._edges(count, self.one(["%", "unit"]))
        tiers = [*({"until": edge, "rate": self.rate(20_000)} for edge in edges), {"rate": self.rate(20_000)}]
        return {"tier_mode": self.one(["MARGINAL", "WHOLE"]), "tiers": tiers}

    def _matrix(self) -> Row:
        rows: Row = self.one(
            [{"column": "margin_rate", "edges": ["15 %", "40 %"]}, {"of": "booked", "edges": ["50 %", "100 %"]}]
        )
        columns: Row = self.one(
            [{"column": "amount", "edges": ["1000"]}, {"of": "logos", "edges": [self.one(["1", "40 %"])]}]
        )
        rates = [[self.rate() for _ in range(2)] for _ in range(3)]
        return {
            "rows": rows,
            "columns": columns,
            "rates": rates,
            "boundary": self.one(["LOWER_INCLUSIVE", "UPPER_INCLUSIVE"]),
        }

    def _contest(self, count: bool) -> Row:
        prizes: list[Row] = [{"prizes": ["500", "300.01", "100"]}, {"pot": "1000", "prizes": ["50 %", "33 %"]}]
        shares = [{"pot": self.money(200_000), "share": word} for word in ("EQUAL", "PROPORTIONAL")]
        contest = self.one([*prizes, *shares])
        if self.chance(0.5):
            contest["minimum"] = self.one(["1" if count else "1000", "40 %"])
        return contest if "share" in contest else contest | {"ties": self.one(["SHARE", "EACH"])}

    def _changes(self, key: str, component: Row) -> Row:
        found: Row = {}
        others = ["logos", "booked", key] if "credit" in component else ["logos", "booked"]
        if self.chance(0.2):
            of = self.one(others)
            edges = self._edges(self.counts[of], self.one(["%", "unit"]))
            tiers = [*({"until": edge, "rate": self.rate(20_000)} for edge in edges), {"rate": self.rate(20_000)}]
            found["multipliers"] = [
                {"of": of, "boundary": self.one(["LOWER_INCLUSIVE", "UPPER_INCLUSIVE"]), "tiers": tiers}
            ]
        if self.chance(0.2):
            of = self.one(others)
            extras: list[Row] = [{"rate": self.rate()}, {"amount": self.money(50_000)}]
            extra = self.one([*extras, {"amount_each": self.money(5_000)}] if self.counts[of] else extras)
            reach = {"at_least": self._edges(self.counts[of], self.one(["%", "unit"]))[0]} if self.chance(0.8) else {}
            found["kickers"] = [{"of": of, **reach, **extra}]
        if self.chance(0.2):
            of = self.one(others)
            found["gates"] = [{"of": of, "at_least": self._edges(self.counts[of], self.one(["%", "unit"]))[0]}]
        if self.chance(0.1):
            found["threshold"] = self.rate(10_000)
        return found | self._bounds(component)

    def _bounds(self, component: Row) -> Row:
        found: Row = {}
        axes = component.get("matrix", {})
        by_deal = component.get("per") == "DEAL" or "lookup" in component
        by_deal = by_deal or ("tiers_on" in component and component["tier_mode"] == "MARGINAL")
        by_deal = by_deal or any("column" in axes.get(side, {}) for side in ("rows", "columns"))
        for name in ("floor", "cap"):
            if self.chance(0.2):
                spans = ["period", "year", *(["deal", "deal"] if by_deal else [])]
                found[name] = {self.one(spans): self.money(100_000)}
        return found


def _is_of_period(plan: Row, entry: Row) -> bool:
    """True where no deal alone is asked what part of its quota the measure has reached."""
    own = entry.get("per") != "DEAL" or not _in_percent(entry.get("tiers", []))
    climbed = [
        each for each in plan["components"] if each.get("tiers_on") == entry["key"] and each["tier_mode"] == "MARGINAL"
    ]
    return own and not any(_in_percent(each["tiers"]) for each in climbed)


def _in_percent(tiers: list[Row]) -> bool:
    return any("%" in str(tier.get("until", "")) for tier in tiers)


def _held(person: str, seat: str, title: str, start: date, end: date | None) -> Row:
    return {"participant_key": person, "position_key": seat, "title_key": title, "from_on": start, "until_on": end}


def _assigned(plan: str, level: str, key: str) -> Row:
    keys = {"participant_key": None, "position_key": None, "title_key": None, level: key}
    return {"plan_key": plan, **keys, "from_on": START, "until_on": END}


def _quota(seat: str | None, person: str | None, period: str, name: str, amount: int) -> Row:
    return {
        "position_key": seat,
        "participant_key": person,
        "period_key": period,
        "measure": name,
        "amount_minor": amount,
    }


def _share(deal: Row, person: str, percent: int, kind: str | None) -> Row:
    return {"deal_key": deal["deal_key"], "participant_key": person, "share": percent * 10**6, "credit_type": kind}


COLUMNS = {
    "deals": list(Maker("columns")._deal(0)),
    "splits": ["deal_key", "participant_key", "share", "credit_type"],
    "relations": ["participant_key", "related_key", "relation", "from_on", "until_on"],
    "scores": ["participant_key", "period_key", "objective", "score"],
    "employments": ["participant_key", "from_on", "until_on"],
    "fx": ["from_currency", "to_currency", "on", "rate"],
}
WHOLE = {"deals": ["amount_minor", "cost_minor", "list_minor", "arr_minor"], "splits": ["share"], "scores": ["score"]}


def facts_of(rows: dict[str, list[Row]]) -> Facts:
    """The rows as frames."""
    frames = {name: pd.DataFrame(each, columns=COLUMNS.get(name)) for name, each in rows.items()}
    for name, columns in WHOLE.items():
        frames[name] = frames[name].astype({column: "int64" for column in columns})
    frames["deals"]["quantity"] = frames["deals"]["quantity"].astype(object)
    return Facts(**frames)


class Returning(Maker):
    """A company whose deals come back in parts, often of one sale, under plans that cap what a deal credits or a period pays."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.early = Random(f"{seed}/early")

    def _return(self, number: int, sale: Row) -> Row:
        """Some come before their sale: a credit note of an invoice that is paid later."""
        found = super()._return(number, sale)
        if self.early.random() < 0.12:
            day = START + timedelta(days=self.early.randrange(max(1, (found["credit_on"] - START).days)))
            found |= {name: day for name in ("credit_on", "booked_on", "paid_on") if found[name] is not None}
        return found

    def _deals(self) -> tuple[list[Row], list[Row]]:
        deals: list[Row] = []
        splits: list[Row] = []
        for number in range(self.dice.randrange(4, 22)):
            sales = [each for each in deals if each["reverses_key"] is None and each["amount_minor"] > 0]
            sale = self.one(sales[-2:]) if sales and self.chance(0.65) else None
            deal = self._deal(number) if sale is None else self._return(number, sale)
            if sale is not None and self.chance(0.7):
                deal["amount_minor"] = -(sale["amount_minor"] * self.one([1, 7, 10, 25, 33]) // 100)
            deals.append(deal)
            splits += self._shares(deal, sale, splits)
        return deals, splits

    def _plan(self, name: str) -> Row:
        plan = super()._plan(name)
        for limit, chance in (("cap", 0.5), ("floor", 0.2)):
            if self.chance(chance):
                plan[limit] = {self.one(["period", "period", "year"]): self.money(60_000)}
        return plan

    def _rule(self) -> Row:
        rule = super()._rule()
        if self.chance(0.4):
            rule["cap"] = self.money(200_000)
        return rule


class AcrossYears(Returning):
    """The same, under limits of a year; the year ends in the middle of its days."""

    def _plan(self, name: str) -> Row:
        plan = super()._plan(name)
        for each in (plan, *plan["components"]):
            for limit, chance, top in (("cap", 0.5, 80_000), ("floor", 0.3, 30_000)):
                if self.chance(chance) and not isinstance(each.get(limit), str):
                    each[limit] = each.get(limit, {}) | {"year": self.money(top)}
        return plan


class OverContracts(AcrossYears):
    """The same with sales of few sellers in windows over both years, so that later periods rate them anew before they come back."""

    def _deal(self, number: int) -> Row:
        deal = super()._deal(number)
        day = START + timedelta(days=self.dice.randrange(LENGTH // 4, LENGTH * 3 // 4))
        days = dict.fromkeys(("credit_on", "booked_on", "paid_on"), day)
        amount = self.dice.randrange(1, 900_000)
        return deal | days | {"owner_key": self.one(["ada", "cy"]), "currency": "USD", "amount_minor": amount}

    def _rule(self) -> Row:
        return super()._rule() if self.chance(0.2) else {"kind": self.one(["DIRECT", "DIRECT", "ROLLUP"])}

    def _component(self, key: str, number: int, *, is_last: bool) -> Row:
        component = super()._component(key, number, is_last=is_last)
        for name in ("gates", "multipliers", "threshold"):
            component.pop(name, None)
        return component

    def _pay(self, key: str, number: int) -> Row:
        return self._table(self.counts[key], self.counts[key], self.one(["MARGINAL", "WHOLE", "WHOLE"]))

    def _per_value(self, kind: str, component: Row) -> Row:
        return {} if kind == "DISTINCT" else {"accumulation": "CONTRACT", "goal": self.one(["TO_DATE", "WHOLE_WINDOW"])}
