"""Currency rates: entered once, corrected by a later entry, taken from files, seen and changed by those who may."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from spm.crm.exports import write_csv
from spm.crm.models import CurrencyRate
from spm.crm.row_files import Change, rows_take
from spm.crm.selectors.rates import rate_list, rate_rows
from spm.crm.services.rates import RATES, RateWish, rate_set

DAY = date(2026, 7, 1)
HEADER = ["from", "to", "on", "rate", "table"]


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def wish(rate: str | None, *, source: str = "EUR", target: str = "USD", on: date = DAY) -> RateWish:
    return RateWish(source, target, on, None if rate is None else Decimal(rate))


def test_an_entry_is_corrected_by_a_later_one_and_nothing_is_lost(sol):
    assert rate_set(wish=wish("1.08"), actor=sol) == Change.CREATED
    assert rate_set(wish=wish("1.080"), actor=sol) == Change.UNCHANGED
    assert rate_set(wish=wish("1.10"), actor=sol) == Change.UPDATED
    assert [(one.rate, one.number, one.by_name) for one in rate_list(sol)] == [(Decimal("1.10"), 2, sol.name)]
    assert rate_set(wish=wish(None), actor=sol) == Change.UPDATED
    assert not rate_list(sol).exists()
    assert [one.rate for one in rate_list(sol, is_history=True)] == [None, Decimal("1.10"), Decimal("1.08")]
    with pytest.raises(DatabaseError), transaction.atomic():
        CurrencyRate.objects.update(rate=Decimal(2))
    assert CurrencyRate.objects.filter(rate=Decimal("1.08")).exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (wish("0"), "above 0"),
        (wish("-1"), "above 0"),
        (wish("1.0000000000001"), "more than 12 decimals"),
        (wish("1.1", source="EUX"), "not a currency"),
        (wish("1.1", source="USD"), "between two currencies"),
        (wish(None), "no rate of this pair"),
        (wish("0.9", source="USD", target="GBP"), "its inverse follows"),
    ],
    ids=["zero", "negative", "decimals", "code", "itself", "nothing", "inverse"],
)
def test_a_rate_that_can_not_be_is_refused(sol, given, words):
    rate_set(wish=wish("1.25", source="GBP"), actor=sol)
    with pytest.raises(ValidationError, match=words):
        rate_set(wish=given, actor=sol)
    assert CurrencyRate.objects.count() == 1


def test_who_may_not_enters_nothing(sol, viewer):
    for name in ("rex", "mara", "otto", "ada"):
        with pytest.raises(PermissionDenied):
            rate_set(wish=wish("1.08"), actor=viewer(name))
    assert not CurrencyRate.objects.exists()


def test_what_is_read_begins_with_the_rate_that_holds_on_the_first_day(sol):
    for day, rate in ((1, "1.01"), (10, "1.10"), (20, "1.20")):
        rate_set(wish=wish(rate, on=date(2026, 7, day)), actor=sol)
    rate_set(wish=wish("0.006", source="JPY", on=date(2026, 6, 1)), actor=sol)
    found = rate_rows(start=date(2026, 7, 15), until=date(2026, 7, 20))
    assert sorted((row[0], row[3], row[4], row[5]) for row in found) == [
        ("EUR", "1.100000000000", "company", "USD"),
        ("JPY", "0.006000000000", "company", "USD"),
    ]


def test_a_file_is_taken_whole_checked_first_and_given_back(sol):
    rows = [["EUR", "USD", "2026-07-01", "1.0825", "ECB"], ["USD", "JPY", "2026-07-01", "149.505", ""]]
    content = write_csv(rows, HEADER)
    assert rows_take(RATES, content, "r.csv", actor=sol, is_check=True).counts["created"] == 2
    assert not CurrencyRate.objects.exists()
    assert rows_take(RATES, content, "r.csv", actor=sol).counts["created"] == 2
    again = write_csv([[str(cell) for cell in row] for row in RATES.rows(sol)], HEADER)
    assert rows_take(RATES, again, "r.csv", actor=sol).counts == {"created": 0, "updated": 0, "unchanged": 2}
    bad = [["EUR", "USD", "2026-08-01", "1.09", ""], ["USD", "EUR", "2026-08-01", "0.9", ""]]
    assert {one.code for one in rows_take(RATES, write_csv(bad, HEADER), "b.csv", actor=sol).findings} == {
        "ROWS_CONFLICT"
    }
    comma = write_csv([["GBP", "USD", "2026-07-01", "1,25", ""]], HEADER)
    assert "decimal point" in str(rows_take(RATES, comma, "c.csv", actor=sol).findings[0].message)
    assert CurrencyRate.objects.count() == 2


def test_the_page_lists_enters_refuses_and_keeps_the_history(sol, sign_in):
    client = sign_in("sol")
    assert "No currency rates yet" in client.get("/import/rates/").content.decode()
    given = {"from_currency": "eur", "to_currency": "usd", "rate": "1.08", "rate_on": "2026-07-01", "table_name": "ECB"}
    assert client.post("/import/rates/", given).status_code == 302
    assert client.post("/import/rates/", {**given, "rate": "1.09"}).status_code == 302
    assert client.post("/import/rates/", {**given, "rate": "-1"}).status_code == 422
    listed = client.get("/import/rates/?currency=EUR").content.decode()
    assert "EUR → USD" in listed and "1.09" in listed and "1.08<" not in listed
    rate_set(wish=wish("150", source="USD", target="JPY"), actor=sol)
    yen = client.get("/import/rates/?currency=JPY").content.decode()
    assert ">150</td>" in yen and "E+" not in yen
    history = client.get("/import/rates/?show=history").content.decode()
    assert "1.08" in history and "1.09" in history and "entry 2 of this day" in history
    assert "No rate of this currency" in client.get("/import/rates/?currency=CHF").content.decode()


def test_the_api_enters_lists_and_takes_files(sol, sign_in):
    client = sign_in("sol")
    given = {"from_currency": "EUR", "to_currency": "USD", "rate_on": "2026-07-01", "rate": "1.08"}
    made = client.post("/api/v1/crm/rates/", given, content_type="application/json")
    assert made.status_code == 201 and made.json()["rate"] == "1.080000000000"
    refused = client.post("/api/v1/crm/rates/", {**given, "to_currency": "EUR"}, content_type="application/json")
    assert refused.status_code in (400, 422) and CurrencyRate.objects.count() == 1
    file = SimpleUploadedFile("r.csv", write_csv([["GBP", "USD", "2026-07-01", "1.25", ""]], HEADER))
    assert client.post("/api/v1/crm/rates/file/", {"file": file}).json()["created"] == 1
    rows = client.get("/api/v1/crm/rates/").json()["results"]
    assert [(one["from_currency"], one["table_name"]) for one in rows] == [("EUR", "company"), ("GBP", "company")]
