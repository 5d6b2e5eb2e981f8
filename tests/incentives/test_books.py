"""Published and written cases of the way from earned to paid, through facts, run, posting and settlement, read from the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from incentives.engine.documents import read_text
from incentives.models import Journal, LedgerEntry
from spm.core.money import to_minor
from tests.incentives.bookkeeping import Books
from tests.incentives.casebook import BOOK_CASES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", BOOK_CASES, ids=lambda path: path.stem)
def test_the_books_say_what_the_case_expects(path: Path, viewer: Any) -> None:
    document, findings = read_text(path.read_text(encoding="utf-8"))
    assert document is not None and not findings
    books = Books(document, viewer("sol"))
    for month in document["months"]:
        books.month(month)
        for reading, said in (("then", books.says), ("stands", books.stands)):
            for name, amount in month.get(reading, {}).items():
                computed = said(str(month["period"])).get(name, 0)
                assert computed == to_minor(str(amount), books.currency), (
                    f"{month['period']} {reading} {name}: {computed}"
                )
    journals, entries = Journal.objects.count(), LedgerEntry.objects.count()
    for month in document["months"]:
        books.settle(str(month["period"]))
    assert (Journal.objects.count(), LedgerEntry.objects.count()) == (journals, entries)
