"""The given of a worked example, as short as people write it, becomes the frames that the engine reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from incentives.engine.asking import asked_of
from incentives.engine.conditions import compared_columns
from incentives.engine.contracts import Facts
from incentives.engine.covering import ACCOUNT
from incentives.engine.example_returns import completed
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.plan import UNIT_SCALE, Plan
from incentives.engine.reach import of_periods, reach_of
from incentives.engine.reading import Reader, exact_number
from incentives.engine.run import Result, compute
from incentives.engine.words import Accumulation
from spm.core.dated import FOREVER, LONG_AGO, day_number, day_of
from spm.core.money import RATE_SCALE
from spm.core.periods import Calendar, CalendarKind, Period, periods_frame

SELLER = "seller"
"""The one person of an example that names nobody."""

FACT_KEYS = {"deal_key": "key", "source_key": "key", "owner_key": "owner", "reverses_key": "reverses"}
"""What names a deal and its owner in the facts, and how an example writes it."""
NAMED = ("key", "amount", "currency", "on", "owner", "split", "overlay", "quantity", "reverses", "owners")


@dataclass
class Given:
    """Rows of an example while they are read."""

    plans: list[Plan]
    named: tuple[Period, ...]
    """The periods whose figures the example states."""
    periods: tuple[Period, ...]
    """These and those around them that the plans' windows reach, as a run reads them."""
    deals: list[dict[str, object]] = field(default_factory=list)
    splits: list[dict[str, object]] = field(default_factory=list)
    positions: list[dict[str, object]] = field(default_factory=list)
    reporting: list[dict[str, object]] = field(default_factory=list)
    assignments: list[dict[str, object]] = field(default_factory=list)
    quotas: list[dict[str, object]] = field(default_factory=list)
    scores: list[dict[str, object]] = field(default_factory=list)
    relations: list[dict[str, object]] = field(default_factory=list)
    owners: list[dict[str, object]] = field(default_factory=list)
    employments: list[dict[str, object]] = field(default_factory=list)
    fx: list[dict[str, object]] = field(default_factory=list)
    account_territories: list[dict[str, object]] = field(default_factory=list)
    coverage: list[dict[str, object]] = field(default_factory=list)
    stays: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each person the first day and the day after the last, where the example states them."""
    without_amount: list[str] = field(default_factory=list)
    """Keys of deals that state none."""
    owned: set[str] = field(default_factory=set)
    """Keys of deals that state an owner."""

    @property
    def used(self) -> list[Plan]:
        """The plans that somebody is paid by."""
        keys = {row["plan_key"] for row in self.assignments}
        return [plan for plan in self.plans if plan.key in keys]

    @property
    def people(self) -> list[str]:
        """Everybody in the example."""
        return list(dict.fromkeys(str(row["participant_key"]) for row in self.positions))


def read_given(reader: Reader, plans: list[Plan]) -> Given:
    """The rows of the `given` of an example for plans of one currency and calendar."""
    named = _read_periods(reader, plans)
    given = Given(plans, named, _around(named, reader, plans))
    _read_people(reader, given)
    first = named[0]
    for number, child in enumerate(reader.children("deals")):
        _read_deal(child, given, number + 1, first)
    amounts = reader.value("amounts")
    for number, amount in enumerate(amounts if isinstance(amounts, list) else []):
        _read_deal(Reader({"amount": amount}, reader.path, reader.findings), given, number + 1, first)
    completed(given.deals, given.splits, given.owned)
    _read_quotas(reader, given)
    _read_scores(reader, given)
    for child in reader.children("relations"):
        row = {"participant_key": child.text("of"), "related_key": child.text("to"), "relation": child.text("relation")}
        given.relations.append({**row, "from_on": plans[0].start, "until_on": plans[0].end})
        child.finish()
    _read_territories(reader, given)
    for child in reader.children("fx"):
        rate = exact_number(child.value("rate")) or Decimal(str(child.document.get("rate", 0)))
        on = child.day("on", default=min(plans[0].start, day_number(first.start)))
        given.fx.append({"from_currency": child.text("from"), "to_currency": child.text("to"), "on": on, "rate": rate})
        child.finish()
    reader.finish()
    return given


def _read_territories(reader: Reader, given: Given) -> None:
    """`accounts`: which territory an account belongs to; `coverage`: who covers a territory with which share; dated where they say so."""
    start, end = LONG_AGO, FOREVER
    for child in reader.children("accounts"):
        row: dict[str, object] = {
            "account_key": child.text("account"),
            "territory": child.text("territory"),
            "rule": child.text("rule", default=""),
        }
        row |= {"from_on": child.day("from", default=start), "until_on": child.day("until", default=end)}
        given.account_territories.append(row)
        child.finish()
    for child in reader.children("coverage"):
        share = child.rate("share", default=Fraction(1)) or Fraction(0)
        cover: dict[str, object] = {
            "participant_key": child.text("who"),
            "territory": child.text("territory"),
            "share": int(share * RATE_SCALE),
        }
        cover |= {"from_on": child.day("from", default=start), "until_on": child.day("until", default=end)}
        given.coverage.append(cover)
        child.finish()


def _read_periods(reader: Reader, plans: list[Plan]) -> tuple[Period, ...]:
    """The periods named, of any of the plans, else all periods of the first."""
    everything = _every_period(plans)
    named = reader.value("periods") or ([reader.value("period")] if reader.has("period") else None)
    reader.read.add("period")
    if named is None:
        return _every_period(plans[:1])
    keys = {str(key) for key in named} if isinstance(named, list) else set()
    found = tuple(period for period in everything if keys & {period.key, period.quarter_key, period.year_key})
    if not found:
        known = ", ".join(period.key for period in everything[:4])
        reader.find(
            "PERIOD_UNKNOWN",
            f"The plan has no period {', '.join(sorted(keys))}.",
            f"Its periods are called {known} …",
            at="periods",
        )
        return everything
    return found


def _around(named: tuple[Period, ...], reader: Reader, plans: list[Plan]) -> tuple[Period, ...]:
    """The periods named, those of their windows before, and after where the rest of a window decides too."""
    reach, deals = reach_of(plans), reader.document.get("deals")
    window = reach.window
    if isinstance(deals, list) and any(isinstance(deal, Mapping) and deal.get("reverses") for deal in deals):
        window = Accumulation.CONTRACT  # the sale's rate depends on the sale's period
    keys = {Accumulation.QTD: "quarter_key", Accumulation.YTD: "year_key"}

    def together(one: Period, other: Period) -> bool:
        if window in keys:
            return bool(getattr(one, keys[window]) == getattr(other, keys[window]))
        return window == Accumulation.CONTRACT

    last = max(period.start for period in named)
    return tuple(
        period
        for period in _every_period(plans)
        if period in named or ((reach.ahead or period.start < last) and any(together(period, each) for each in named))
    )


def _every_period(plans: list[Plan]) -> tuple[Period, ...]:
    first, last = min(plan.start for plan in plans), max(plan.end for plan in plans)
    return tuple(Calendar(CalendarKind(plans[0].period)).periods(day_of(first), day_of(last)))


def computed(given: Given) -> Result:
    """The result of an example: what its plans make of it, in the periods that it names."""
    return of_periods(compute(facts_of(given), given.used), {period.key for period in given.named})


def _read_people(reader: Reader, given: Given) -> None:
    named = reader.document.get("people")
    if isinstance(named, list):
        reader = Reader({"people": {str(name): {} for name in named}}, reader.path, reader.findings, reader.read)
    people = reader.child("people")
    if people is None or not people.document:
        _add_person(Reader({}, reader.path, reader.findings), given, SELLER)
        return
    for name, written in people.document.items():
        stretches = people.children(str(name)) if isinstance(written, list) else [people.child(str(name))]
        for child in stretches or [None]:
            _add_person(child or Reader({}, people.path, reader.findings), given, str(name))
            if child is not None:
                child.finish()


def _add_person(reader: Reader, given: Given, name: str) -> None:
    start = reader.day("from", default=min(plan.start for plan in given.plans))
    end = reader.day("until", default=max(plan.end for plan in given.plans))
    named, manager = reader.value("plan"), reader.text("manager", default="")
    plans = [str(each) for each in named] if isinstance(named, list) else [str(named or given.plans[0].key)]
    span = {"from_on": start, "until_on": end}
    stay = (start if reader.has("from") else LONG_AGO, end if reader.has("until") else FOREVER)
    known = given.stays.get(name, stay)
    given.stays[name] = (min(known[0], stay[0]), max(known[1], stay[1]))
    if reader.has("hired"):
        given.employments.append({"participant_key": name, "from_on": reader.day("hired")})
    for employment in [each for each in given.employments if each["participant_key"] == name][-1:]:
        employment["until_on"] = stay[1]
    given.positions.append(
        {"participant_key": name, "position_key": name, "title_key": reader.text("title", default=""), **span}
    )
    given.assignments += [{"plan_key": plan, "participant_key": name, **span} for plan in plans]
    if manager:
        given.reporting.append({"position_key": name, "manager_position_key": manager, **span})


def _read_deal(reader: Reader, given: Given, number: int, first: Period) -> None:
    sale = next(
        (deal for deal in given.deals if reader.has("reverses") and deal["deal_key"] == reader.text("reverses")), {}
    )
    currency = reader.text("currency", default=str(sale.get("currency", given.plans[0].currency)))
    key = reader.text("key", default=f"deal {number:03d}")
    amount = reader.money("amount", currency)
    if amount is None:
        given.without_amount.append(key)
    owner = _read_owner(reader, given, key)
    day = reader.day("on", default=day_number(first.start))
    deal: dict[str, object] = {"deal_key": key, "source_key": key, "owner_key": owner, "amount_minor": amount or 0}
    deal |= {"currency": currency, "credit_on": day}
    if reader.has("quantity"):
        deal["quantity"] = reader.number("quantity")
    if reader.has("reverses"):
        deal["reverses_key"] = reader.text("reverses")
    for kind, name in (("REVENUE", "split"), ("OVERLAY", "overlay")):
        shares = reader.child(name)
        for person in shares.document if shares is not None else ():
            share = shares.rate(str(person)) if shares is not None else None
            scaled = 0 if share is None else int(share * 10**8)
            given.splits.append({"deal_key": key, "participant_key": str(person), "share": scaled, "credit_type": kind})
    deal |= _read_attributes(reader, currency, given)
    given.deals.append(deal)


def _read_attributes(reader: Reader, currency: str, given: Given) -> dict[str, object]:
    """What a deal states beside what every deal has."""
    found = {}
    for name in reader.document:
        if name in FACT_KEYS:
            what = f"{name} is what the product calls it, and no field of a deal in an example."
            reader.find("FIELD_UNKNOWN", what, f"Write {FACT_KEYS[str(name)]}.", at=str(name))
        elif name not in NAMED:
            found[MONEY_NAMES.get(str(name), str(name))] = _attribute(reader, str(name), currency, given)
    return found


def _read_owner(reader: Reader, given: Given, key: str) -> str:
    history = _read_owners(reader, given, key)
    if history or reader.has("owner"):
        given.owned.add(key)
    return history or reader.text("owner", default=str(given.positions[0]["participant_key"]))


def _read_owners(reader: Reader, given: Given, deal: str) -> str:
    """The owners of a deal, each from a day on; the last is the one last known."""
    child = reader.child("owners")
    if child is None:
        return ""
    names = sorted(child.document, key=str)
    days = [day_number(date.fromisoformat(str(name))) for name in names]
    people = [child.text(str(name)) if isinstance(name, str) else str(child.document[name]) for name in names]
    for who, start, end in zip(people, [LONG_AGO, *days[1:]], [*days[1:], FOREVER], strict=True):
        given.owners.append({"deal_key": deal, "owner_key": who, "from_on": start, "until_on": end})
    return people[-1] if people else ""


def _attribute(reader: Reader, name: str, currency: str, given: Given) -> object:
    """Any other column of a deal: money, rate, day or text by its name."""
    column = MONEY_NAMES.get(name, name)
    if column.endswith("_minor"):
        return reader.money(name, currency)
    if column.endswith("_rate") or column in ("discount", "share"):
        share = reader.rate(name)
        return None if share is None else int(share * 10**8)
    if column.endswith("_on"):
        return reader.day(name)
    is_number = any(column in compared_columns(plan) for plan in given.plans)
    value = reader.number(name) if is_number else reader.value(name)
    return int(value) if isinstance(value, Decimal) and value == value.to_integral() else value


def _read_quotas(reader: Reader, given: Given) -> None:
    """`quotas: {revenue: 100000}` for everybody and every period, or a list that says who, when, which and how much."""
    value = reader.value("quotas")
    if isinstance(value, Mapping):
        everybody = Reader(value, f"{reader.path}.quotas", reader.findings)
        for measure in value:
            amount = _quota(everybody, str(measure), given, str(measure))
            for person in given.people:
                for period in given.periods:
                    given.quotas.append(_quota_row(person, period.key, str(measure), amount))
        return
    for child in reader.children("quotas"):
        measure = child.text("measure")
        amount = _quota(child, "amount", given, measure)
        people = [child.text("who")] if child.has("who") else given.people
        periods = [child.text("period")] if child.has("period") else [period.key for period in given.periods]
        by_seat = child.flag("position", default=False)
        child.finish()
        given.quotas += [
            _quota_row(who, period, measure, amount, by_seat=by_seat) for who in people for period in periods
        ]


def _quota(reader: Reader, name: str, given: Given, measure: str) -> int:
    units = any(each.quota == measure and not each.is_money for plan in given.plans for each in plan.measures)
    if not units:
        return reader.money(name, given.plans[0].currency) or 0
    return int((reader.number(name) or 0) * UNIT_SCALE)


def _quota_row(person: str, period: str, measure: str, amount: int, *, by_seat: bool = False) -> dict[str, object]:
    holder = (
        {"position_key": person, "participant_key": None}
        if by_seat
        else {"position_key": None, "participant_key": person}
    )
    return {**holder, "period_key": period, "measure": measure, "amount_minor": amount}


def _read_scores(reader: Reader, given: Given) -> None:
    """`scores: {quality: 80 %}` for everybody and every period."""
    child = reader.child("scores")
    for objective in child.document if child is not None else ():
        score = child.rate(str(objective)) if child is not None else None
        for person in given.people:
            for period in given.periods:
                row = {"participant_key": person, "period_key": period.key, "objective": str(objective)}
                given.scores.append({**row, "score": int((score or 0) * 10**8)})


COLUMNS = {
    "deals": ("deal_key", "source_key", "owner_key", "amount_minor", "currency", "credit_on"),
    "splits": ("deal_key", "participant_key", "share", "credit_type"),
    "reporting": ("position_key", "manager_position_key", "from_on", "until_on"),
    "quotas": ("position_key", "participant_key", "period_key", "measure", "amount_minor"),
    "scores": ("participant_key", "period_key", "objective", "score"),
    "relations": ("participant_key", "related_key", "relation", "from_on", "until_on"),
    "account_territories": ("account_key", "territory", "rule", "from_on", "until_on"),
    "coverage": ("participant_key", "territory", "share", "from_on", "until_on"),
    "owners": ("deal_key", "owner_key", "from_on", "until_on"),
    "employments": ("participant_key", "from_on", "until_on"),
    "fx": ("from_currency", "to_currency", "on", "rate"),
}


def facts_of(given: Given) -> Facts:
    """The frames of the rows."""
    optional: dict[str, Any] = {
        name: _frame(getattr(given, name), columns)
        for name, columns in COLUMNS.items()
        if name != "deals" and getattr(given, name)
    }
    deals = _frame(given.deals, COLUMNS["deals"])
    if "account" in deals.columns and ACCOUNT not in deals.columns:
        deals[ACCOUNT] = deals["account"]
    for name in sorted(asked_of(given.used).columns - set(deals.columns)):
        deals[name] = None
    positions, assignments = pd.DataFrame(given.positions), pd.DataFrame(given.assignments)
    return Facts(deals, positions, assignments, periods_frame(given.periods), **optional)


WITHOUT_CONTRACT = ("annual_value_minor", "contract_value_minor")
"""What is 0 of a deal that states none beside deals that do, as without a contract; anything else that a deal lacks is unknown."""


def _frame(rows: Iterable[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    found = list(rows)
    names = list(columns) + sorted({name for row in found for name in row} - set(columns))
    frame = pd.DataFrame([[row.get(name) for name in names] for row in found], columns=names, dtype=object)
    for name in names:
        if name in WITHOUT_CONTRACT and frame[name].isna().any():
            frame[name] = frame[name].where(frame[name].notna(), 0)
    return frame
