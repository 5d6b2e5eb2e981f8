"""Where everything that was sold comes back in full, nothing stays of what it paid: of components on components in windows neither."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from incentives.engine.earnings import moves
from incentives.engine.run import Result, compute
from tests.incentives.engine.test_oracle import compiled
from tests.incentives.engine.worlds import END, HEAD, START, Maker, Row, facts_of

WINDOWS = ["PERIOD", "QTD", "YTD", "CONTRACT"]


class EverythingBack(Maker):
    """A company of which all sales come back in one part or in two, under plans whose pay is caused by sales alone."""

    def _deals(self) -> tuple[list[Row], list[Row]]:
        deals, splits = [], []
        for number in range(0, 3 * self.dice.randrange(1, 7), 3):
            sale = self._deal(number) | {"currency": "USD", "amount_minor": self.dice.randrange(1, 2_000_000)}
            sale |= {"booked_on": sale["credit_on"], "paid_on": sale["credit_on"]}
            part = self.dice.randrange(sale["amount_minor"] + 1)
            amounts = [each for each in (part, sale["amount_minor"] - part) if each]
            back = [self._back(number + place, sale, each) for place, each in enumerate(amounts, start=1)]
            deals += [sale, *back]
            shares = self._shares(sale, None, [])
            splits += [share | {"deal_key": deal["deal_key"]} for deal in (sale, *back) for share in shares]
        return deals, splits

    def _back(self, number: int, sale: Row, amount: int) -> Row:
        """On a later day, sometimes on an earlier one: of an invoice that is paid later."""
        first = START if self.chance(0.2) else sale["credit_on"]
        day = first + timedelta(days=self.dice.randrange((END - first).days))
        days = dict.fromkeys(("credit_on", "booked_on", "paid_on"), day)
        keys = {"deal_key": f"d{number}", "source_key": f"k{number}", "reverses_key": sale["deal_key"]}
        return sale | days | keys | {"amount_minor": -amount}

    def plans(self) -> list[Row]:
        """One plan for sellers and one for managers, whose components all credit the same deals."""
        return [self._plan_of(key) for key in ("sellers", "managers")]

    def _plan_of(self, key: str) -> Row:
        credit = {"credit": self._credit()}
        components = [credit | self._first("c0"), credit | self._first("c1")]
        for number in range(2, self.dice.randrange(4, 7)):
            components.append(self._built(f"c{number}", number, credit))
        return {"plan": key, **HEAD, "period": self.kind, "proration": "NONE", "components": components}

    def _first(self, key: str) -> Row:
        window = {"accumulation": self.one(WINDOWS), "goal": self.one(["TO_DATE", "WHOLE_WINDOW"])}
        ways: list[Row] = [{"rate": self.rate()}, self._table(False, False, self.one(["MARGINAL", "WHOLE"]), flat=True)]
        limit: Row = {"cap": {"period": self.money(90_000)}} if self.chance(0.2) else {}
        return {"key": key, "quota": "revenue", **window, **self.one([*ways, ways[1]]), **limit}

    def _built(self, key: str, number: int, credit: Row) -> Row:
        one, two = (f"c{each}" for each in self.dice.sample(range(number), 2))
        formulas = [
            f"{one} * 50 %",
            f"{one} - {two}",
            f"{one} + measure * 3 %",
            f"MAX({one}, {two})",
            f"MIN({one} * 2, measure)",
            f"measure * IF({one} >= 1000, 2 %, 1 %)",
            f"IF({one} > {two}, {one}, 0)",
        ]
        if self.chance(0.3):
            return {"key": key, "greater_of": [one, two], **(credit if self.chance(0.6) else {})}
        return {"key": key, **credit, "accumulation": self.one(WINDOWS), "formula": self.one(formulas)}


def left_of_sales(result: Result) -> dict[tuple[str, str, int, object], int]:
    """What stays of each sale, once what later periods change of it is moved to it."""
    found: dict[tuple[str, str, int, object], int] = {}
    for own in result.computed:
        deals = own.room.deals
        sold = deals["reverses_key"].where(deals["reverses_key"].notna(), deals["deal_key"]).tolist()
        for one in own.earned:
            if one.blocked.any():
                continue
            rows = list(enumerate(one.parts.tolist()))
            rows += [each for moved in moves(one, np.arange(len(own.cells))).values() for each in moved.items()]
            for row, minor in rows:
                person, deal = int(one.own.credited.participant[row]), int(one.own.credited.deal[row])
                key = own.plan.key, one.component.key, person, sold[deal]
                found[key] = found.get(key, 0) + minor
    return {key: minor for key, minor in found.items() if minor}


def left(seed: str) -> dict[tuple[str, str, str], int]:
    """What stays to people, by plan and component, of those that are calculated in all periods that the plan pays them in."""
    maker = EverythingBack(seed)
    rows, documents = maker.facts(), maker.plans()
    result = compute(facts_of(rows), compiled(documents))
    unread = {(plan["plan"], each["key"]) for plan in documents for each in plan["components"] if "credit" not in each}
    keys = ["participant_key", "plan_key", "component_key"]
    sums = result.earnings.groupby(keys)["earned_minor"].agg(["sum", "count"])
    most = sums.groupby(level=[0, 1])["count"].transform("max")
    missing = {
        (each.keys.get("participant_key"), each.keys.get("plan_key")) for each in result.findings if each.is_error
    }
    whole = sums[(sums["count"] == most) & (sums["sum"] != 0)]["sum"]
    assert not left_of_sales(result)
    return {key: int(amount) for key, amount in whole.items() if key[1:] not in unread and key[:2] not in missing}


@pytest.mark.parametrize("block", range(6))
def test_what_came_back_in_full_leaves_nothing(block: int) -> None:
    for number in range(12):
        assert not left(f"back/{block}/{number}"), number


def test_what_only_reads_hands_on_what_others_change_of_earlier_sales() -> None:
    assert not left("back/4/114")


@pytest.mark.deep
@pytest.mark.parametrize("block", range(6))
def test_what_came_back_in_full_leaves_nothing_of_many(block: int) -> None:
    for number in range(12, 150):
        assert not left(f"back/{block}/{number}"), number
