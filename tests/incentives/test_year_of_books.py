"""A small company's year, month by month: late facts, returns, a leaver, a draw, a holdback, cash; then every balance recomputed apart.

The recomputation goes row by row in Decimals and shares nothing with the product but the words of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from incentives.models import Journal, LedgerEntry
from incentives.selectors.chain import chain_verify
from spm.people.models import Employment, Participant, PositionHolding
from tests.incentives.adding import add_up
from tests.incentives.bookkeeping import Books

pytestmark = pytest.mark.django_db

PLAN = {
    "plan": "year",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "MONTHLY",
    "release": {"parts": [{"share": "40 %"}, {"share": "60 %", "when": "CASH_PRO_RATA"}]},
    "holdback": {"share": "10 %", "until": "2026-11-15"},
    "clawback": {"within": "90 days"},
    "leavers": {"pays": "PAID", "tail": "45 days"},
    "draw": {"kind": "RECOVERABLE_GUARANTEE", "amount": "300"},
    "components": [{"key": "commission", "rate": "10 %"}],
}
LEFT = date(2026, 8, 15)
"""The first day on which Ria is no longer there."""


@dataclass
class Deal:
    """A deal as the recomputation knows it: its sale, what was credited and what was paid."""

    owner: str
    on: date
    amount: Decimal
    notes: list[tuple[date, Decimal]] = field(default_factory=list)
    payments: list[tuple[date, Decimal]] = field(default_factory=list)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP) if value >= 0 else -cents(-value)


def month_end(month: int) -> date:
    return date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def cash_share(deal: Deal, day: date) -> Decimal:
    credited = min(deal.amount, sum((amount for on, amount in deal.notes if on <= day), Decimal(0)))
    paid = sum((amount for on, amount in deal.payments if on <= day), Decimal(0))
    due = deal.amount - credited
    if due <= 0:
        return min(Decimal(1), paid / deal.amount)
    return min(Decimal(1), min(paid, due) / due)


def parts_of(deal: Deal, day: date) -> list[tuple[int, Decimal]]:
    """The month that earned, and what: a return within 90 days takes back, a later one nothing."""
    parts = [(deal.on.month, deal.amount / 10)]
    for on, amount in (note for note in deal.notes if note[0] <= day):
        parts.append((on.month, -amount / 10 if on < deal.on + timedelta(days=90) else Decimal(0)))
    return [part for part in parts if part[0] <= day.month]


def stands(deals: list[Deal], who: str, month: int) -> dict[str, Decimal]:
    """What stands before draws at the end of a month."""
    day = month_end(month)
    is_over = who == "ria" and LEFT - timedelta(days=1) + timedelta(days=45) <= day
    until = min(day, LEFT + timedelta(days=44)) if who == "ria" else day
    earned: dict[int, Decimal] = {}
    waiting: dict[int, Decimal] = {}
    lost = Decimal(0)
    for deal in deals:
        if deal.owner != who or deal.on > day:
            continue
        parts = parts_of(deal, day)
        net = sum((part for _, part in parts), Decimal(0))
        for of, part in parts:
            earned[of] = earned.get(of, Decimal(0)) + part
            cash = cents(part * Decimal("0.6"))
            wait = cash - cents(cash * cash_share(deal, until)) if net > 0 else Decimal(0)
            waiting[of] = waiting.get(of, Decimal(0)) + wait
            if is_over and wait > 0:
                lost += wait
    forfeits = lost
    free = {of: earned[of] - waiting[of] for of in earned}
    held = sum((cents(amount / 10) for amount in free.values()), Decimal(0)) if day < date(2026, 11, 15) else Decimal(0)
    payable = sum(free.values(), Decimal(0)) - held
    return {
        "earned": sum(waiting.values(), Decimal(0)) - forfeits,
        "held": held,
        "written_off": forfeits,
        "payable": payable,
    }


def recomputed(deals: list[Deal], who: str) -> list[dict[str, Decimal]]:
    """What stands on each account at the end of each month, draws too."""
    found, before, owed, carried, drawn = [], Decimal(0), Decimal(0), Decimal(0), Decimal(0)
    for month in range(1, 13):
        row = stands(deals, who, month)
        pay, before = row["payable"] - before, row["payable"]
        days = (month_end(month) - month_end(month - 1)).days if month > 1 else 31
        there = days if who == "rex" else max(0, min(days, (LEFT - date(2026, month, 1)).days))
        grant = cents(Decimal(300) * there / days)
        due = pay + carried
        advanced = max(Decimal(0), grant - due) if there else Decimal(0)
        recovered = min(owed, max(Decimal(0), due - grant))
        owed += advanced - recovered
        paid = due + advanced - recovered
        carried = min(Decimal(0), paid)
        drawn += advanced - recovered
        found.append(row | {"payable": row["payable"] + drawn, "draw": -owed})
    return found


def make_deals(random: Random) -> dict[str, Deal]:
    """Thirty deals; some returned in time, in part, too late; most paid, in parts, some too much, some never."""
    deals = {}
    for number in range(30):
        on = date(2026, random.randint(1, 8 if number % 3 == 0 else 10), random.randint(1, 28))
        owner = "ria" if number % 3 == 0 and on < LEFT else "rex"
        deal = Deal(owner, on, Decimal(random.randint(4, 200) * 25))
        for _ in range(random.randint(0, 3)):
            paid_on = on + timedelta(days=random.randint(1, 80))
            deal.payments.append((paid_on, Decimal(random.randint(1, 2 * int(deal.amount) * 100 // 2)) / 100))
        if number % 5 == 0:
            share = random.choice([Decimal(1), Decimal("0.5")])
            deal.notes.append((on + timedelta(days=random.choice([20, 40, 61])), deal.amount * share))
        deals[f"d{number}"] = deal
    return deals


def facts(deals: dict[str, Deal], month: int, *, late: set[str]) -> dict[str, Any]:
    """What arrives in a month; what is late arrives in December, whatever its day."""
    said: dict[str, Any] = {"deals": [], "invoices": [], "payments": [], "credit_notes": []}
    for key, deal in deals.items():
        is_late = key in late

        def now(on: date, is_late: bool = is_late) -> bool:
            return on.year == 2026 and (month == 12 if is_late else on.month == month)

        if now(deal.on):
            said["deals"].append({"key": key, "owner": deal.owner, "amount": deal.amount, "on": deal.on})
            said["invoices"].append({"key": f"i-{key}", "deal": key, "amount": deal.amount, "on": deal.on})
        for place, (on, amount) in enumerate(deal.payments):
            if now(on):
                said["payments"].append({"key": f"p-{key}-{place}", "invoice": f"i-{key}", "amount": amount, "on": on})
        for place, (on, amount) in enumerate(deal.notes):
            if now(on):
                said["credit_notes"].append(
                    {"key": f"n-{key}-{place}", "invoice": f"i-{key}", "amount": amount, "on": on}
                )
    return said


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(2, 7))])
def test_every_balance_of_a_year_is_what_a_recomputation_says(seed: int, viewer: Any) -> None:
    random = Random(seed)
    deals = make_deals(random)
    late = {key for key in deals if random.random() < 0.15}
    books = Books({"plan": PLAN}, viewer("sol"))
    ria = Participant.objects.get(source_key="ria")
    for model in (PositionHolding, Employment):
        for span in model.objects.filter(participant=ria):
            span.during = type(span.during)(span.during.lower, LEFT)
            span.save()
    months = [f"2026-{month:02}" for month in range(1, 13)]
    for month, key in enumerate(months, start=1):
        books.month({"period": key, **facts(deals, month, late=late)})
    for key in months:
        books.settle(key)
    assert {"draw", "recover", "hold", "clawback", "write_off"} <= set(Journal.objects.values_list("kind", flat=True))
    for who in ("rex", "ria"):
        for key, row in zip(months, recomputed(list(deals.values()), who), strict=True):
            computed = {name: Decimal(books.stands(key, who).get(name, 0)) / 100 for name in row}
            assert computed == row, (who, key)
    add_up()
    written = Journal.objects.count(), LedgerEntry.objects.count()
    for key in months:
        books.settle(key)
    assert (Journal.objects.count(), LedgerEntry.objects.count()) == written
    assert chain_verify() is None
