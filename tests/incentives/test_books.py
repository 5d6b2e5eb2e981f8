"""Published and written cases of the way from earned to paid, through facts, run, posting and settlement, read from the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from incentives.engine.documents import read_text
from incentives.models import Journal, LedgerEntry, Statement
from incentives.selectors.waiting import waits_of
from spm.core.money import to_minor
from tests.casebook import BOOK_CASES
from tests.incentives.bookkeeping import Books

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", BOOK_CASES, ids=lambda path: path.stem)
def test_the_books_say_what_the_case_expects(path: Path, viewer: Any) -> None:
    document, findings = read_text(path.read_text(encoding="utf-8"))
    assert document is not None and not findings
    books = Books(document, viewer("sol"))
    for month in document["months"]:
        books.month(month)
        for reading, said in (("then", books.says), ("stands", books.stands)):
            for who, expected in {"rex": month.get(reading, {}), **month.get(f"{reading}_of", {})}.items():
                for name, amount in expected.items():
                    computed = said(str(month["period"]), who).get(name, 0)
                    assert computed == to_minor(str(amount), books.currency), (
                        f"{month['period']} {who} {reading} {name}: {computed}"
                    )
    journals, entries = Journal.objects.count(), LedgerEntry.objects.count()
    for month in document["months"]:
        books.settle(str(month["period"]))
    assert (Journal.objects.count(), LedgerEntry.objects.count()) == (journals, entries)


def test_a_statement_says_what_waits_why_and_for_what(viewer: Any, sign_in: Any) -> None:
    plan = {
        "plan": "cash", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY",
        "release": "CASH_PRO_RATA", "components": [{"key": "commission", "name": "Commission", "rate": "10 %"}],
    }  # fmt: skip
    books = Books({"plan": plan}, viewer("sol"))
    invoice = {"key": "i", "deal": "d", "amount": 1000, "on": "2026-01-12"}
    books.month(
        {"period": "2026-01", "deals": [{"key": "d", "amount": 1000, "on": "2026-01-10"}], "invoices": [invoice]}
    )
    payment = {"key": "p", "invoice": "i", "amount": 250, "on": "2026-01-20"}
    assert _waits() == [("Commission", 10000, "NOT_PAID", "the customer pays")]
    books.month({"period": "2026-01", "payments": [payment]})
    assert _waits() == [("Commission", 7500, "PARTLY_PAID", "the customer pays")]
    page = sign_in("sol").get(reverse("incentives:statement_detail", args=[_latest().pk])).content.decode()
    assert "What waits" in page and "Paid in part" in page and "75.00" in page
    books.month({"period": "2026-01", "payments": [payment | {"key": "q", "amount": 750}]})
    assert _waits() == []


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-06-30", "the customer pays; 10% of that is held back until Jun 30, 2026"),
        ("CASH_FULL", "the customer pays; 10% of that is held back until the customer has paid in full"),
        ("2026-01-20", "the customer pays"),
    ],
)
def test_what_waits_for_a_payment_says_what_is_held_back_even_then(until: str, told: str, viewer: Any) -> None:
    """100.00 wait for the payment, of which 90.00 are payable with it; a holdback that is over by the end of the month keeps nothing."""
    plan = {
        "plan": "cash", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY", "release": "CASH_PRO_RATA",
        "holdback": {"share": "10 %", "until": until}, "components": [{"key": "commission", "name": "Commission", "rate": "10 %"}],
    }  # fmt: skip
    books = Books({"plan": plan}, viewer("sol"))
    books.month({"period": "2026-01", "deals": [{"key": "d", "amount": 1000, "on": "2026-01-10"}]})
    [wait] = waits_of(_latest())
    assert (wait.amount_minor, wait.payable_when) == (10000, told)


def _latest() -> Statement:
    return Statement.objects.filter(participant__source_key="rex").order_by("-number")[0]


def _waits() -> list[tuple[str, int, str, str]]:
    return [(one.component_name, one.amount_minor, one.code, str(one.event)) for one in waits_of(_latest())]
