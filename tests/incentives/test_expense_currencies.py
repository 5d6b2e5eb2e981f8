"""Commission expense in the currency of the company: a contract keeps the rate of the month that capitalised it."""

from csv import DictReader
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from io import StringIO

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.expense.policy import month_number
from incentives.engine.expense.translating import Moved, translate
from incentives.engine.expense.words import BALANCE_KINDS
from incentives.models import ExpenseEntry
from incentives.selectors.expense.company import book_in_company, months_in_company
from incentives.selectors.expense.figures import months_rolled
from incentives.services.expense.books import PolicyValues
from incentives.services.expense.closing import month_close
from incentives.services.expense.taking import book_take
from spm.core.money import round_half_away
from spm.crm.models import ContractVersion
from spm.crm.services.rates import RateWish, rate_set
from tests.incentives import world
from tests.incentives.test_expense import close, contract, opened

EUROPE = """
plan: europe
currency: EUR
from: 2026-01-01
until: 2027-01-01
components: [{key: commission, rate: 10 %}]
"""
RATES = {date(2026, 7, 1): "1.20", date(2026, 8, 31): "1.25", date(2026, 9, 30): "1.30"}


def enter(sol, rates):
    for day, rate in rates.items():
        wish = RateWish("EUR", "USD", day, None if rate is None else Decimal(rate), "ECB")
        rate_set(wish=wish, actor=sol)


@pytest.fixture
def europe(viewer):
    """Rob sells for 12,000.00 USD at 1.20, which pays 1,000.00 EUR for a contract of twelve months from August on."""
    sol = viewer("sol")
    period = world.build(sol)
    world.publish(sol, EUROPE, person="rob")
    enter(sol, RATES)
    world.deal("D-1", "rob", 1_200_000)
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    return sol


def rolled(viewer, book):
    fin = viewer("fin")
    rows = months_in_company(fin, book, "EUR", months_rolled(fin, book, "EUR"))
    return {row.month.month: row for row in rows if row.month.month > 7}


@pytest.mark.django_db
def test_a_contract_keeps_the_rate_of_the_month_that_capitalised_it(europe, viewer):
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    august, september = rolled(viewer, book).values()
    # 1,000.00 x 1.25; 916.67 x 1.25 = 1,145.8375; 833.33 x 1.25 = 1,041.6625: never at the 1.30 of September
    assert (august.roll.added, august.roll.amortised, august.roll.closing) == (125_000, 10_416, 114_584)
    assert (september.roll.opening, september.roll.amortised, september.roll.closing) == (114_584, 10_418, 104_166)
    assert august.rates == ("EUR at 1.25, rate of Aug 31, 2026 (ECB)",)
    assert (september.cost, september.missing) == (10_418, ())
    # Of all currencies together: Mona's override of 120.00 USD stands beside it
    dollars = {row.month.month: row.total for row in months_rolled(viewer("fin"), book, "USD")}
    both = {row.month.month: row for row in book_in_company(viewer("fin"), book)}
    assert both[9].roll.closing == 104_166 + dollars[9].closing
    # What is known of the rate later changes no closed month
    enter(europe, {date(2026, 8, 31): "1.10"})
    assert list(rolled(viewer, book).values()) == [august, september]


@pytest.mark.django_db
def test_a_cost_is_held_against_what_a_contract_in_another_currency_still_brings(europe, viewer):
    """A year is worth 1,000.00 USD, 90 % of it direct costs: of the 334 days to come 91.51 USD are left, at 1.25 73.21 EUR."""
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=100_000)
    book = opened(viewer, PolicyValues(convention="MONTHS", direct_cost_rate=90_000_000))
    close(book, viewer, 7, 8)
    # Of 1,000.00 EUR a twelfth is 83.33; what stands above 800.00 x 334 / 365 x 10 % = 73.21 is impaired
    [august] = [row for row in months_rolled(viewer("fin"), book, "EUR") if row.month.month == 8]
    assert (august.total.amortised, august.total.impaired, august.total.closing) == (
        8_333,
        100_000 - 8_333 - 7_321,
        7_321,
    )


@pytest.mark.django_db
def test_without_a_rate_impairment_is_not_tested_and_the_close_says_so(europe, viewer):
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=100_000)
    enter(europe, dict.fromkeys(RATES))
    book = opened(viewer, PolicyValues(convention="MONTHS", direct_cost_rate=90_000_000))
    close(book, viewer, 7)
    fin = replace(viewer("fin"), on=date(2028, 1, 1))
    [found] = month_close(book_id=book.pk, number=month_number(date(2026, 8, 1)), actor=fin).findings
    assert (
        (found.code, found.is_error) == ("EXPENSE_NO_RATE", False)
        and "C-1" in found.what
        and "2026-08-31" in found.what
    )
    [august] = [row for row in months_rolled(viewer("fin"), book, "EUR") if row.month.month == 8]
    assert (august.total.impaired, august.total.closing) == (0, 91_667)


@pytest.mark.django_db
def test_a_deal_is_shared_over_contracts_by_values_of_one_currency(europe, viewer):
    """3,600.00 USD are 3,000.00 EUR at 1.20 of July; beside 1,000.00 EUR they bear three quarters of 1,000.00 EUR."""
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=360_000)
    other = contract("C-2", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=100_000)
    ContractVersion.objects.filter(fact=other).update(currency="EUR")
    book = opened(viewer, PolicyValues(convention="MONTHS"))
    close(book, viewer, 7, 8)
    rows = ExpenseEntry.objects.filter(kind="ADDED", currency="EUR").order_by("asset__contract__source_key")
    assert list(rows.values_list("asset__contract__source_key", "amount_minor")) == [("C-1", 75_000), ("C-2", 25_000)]
    # Without a rate nothing is shared, and what takes it says so
    enter(europe, dict.fromkeys(RATES))
    second = opened(viewer, PolicyValues(convention="MONTHS"), "Second")
    found = book_take(book_id=second.pk, actor=viewer("fin")).findings
    assert {one.code for one in found} == {"EXPENSE_NO_RATE"} and "C-1" in found[0].what
    assert not ExpenseEntry.objects.filter(book=second, currency="EUR").exists()


@pytest.mark.django_db
def test_without_a_rate_the_figure_is_not_known_and_the_reason_is_said(europe, viewer, sign_in):
    enter(europe, dict.fromkeys(RATES))
    book = opened(viewer)
    close(book, viewer, 7, 8)
    (august,) = rolled(viewer, book).values()
    words = "No rate from EUR to USD is known on Aug 31, 2026."
    assert (august.roll, august.missing, august.rates) == (None, (words,), ())
    where = reverse("incentives:expense_book", args=[book.pk])
    page = unescape(sign_in("fin").get(where).content.decode())
    assert "In the currency of the company, USD" in page and f"Not known. {words}" in page
    api = sign_in("fin").get(reverse("api_incentives_expense_rolls", args=[book.pk])).json()["results"]
    (told,) = [row["company"] for row in api if (row["currency"], row["month"]) == ("EUR", "2026-08-01")]
    assert (told["roll"], told["cost"], told["missing"]) == (None, None, [words])
    enter(europe, {date(2026, 8, 1): "1.5"})
    assert rolled(viewer, book)[8].roll.added == 150_000, "a rate that was missing counts once it is there"


@pytest.mark.django_db
def test_page_file_and_api_say_the_same(europe, viewer, sign_in):
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    client = sign_in("fin")
    page = unescape(client.get(reverse("incentives:expense_book", args=[book.pk])).content.decode())
    assert "EUR at 1.25, rate of Aug 31, 2026 (ECB)" in page
    text = client.get(reverse("incentives:expense_book_export", args=[book.pk, "csv"])).content.decode("utf-8-sig")
    (row,) = [row for row in DictReader(StringIO(text)) if (row["Month"], row["Currency"]) == ("2026-09", "EUR")]
    assert (row["Company currency"], row["Company closing"], row["Company cost"]) == ("USD", "1041.66", "104.18")
    api = client.get(reverse("api_incentives_expense_rolls", args=[book.pk])).json()["results"]
    (told,) = [row["company"] for row in api if (row["currency"], row["month"]) == ("EUR", "2026-09-01")]
    assert (told["roll"]["closing"], told["cost"], told["currency"]) == (104_166, 10_418, "USD")


entries = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(0, 6), st.sampled_from(list(BALANCE_KINDS))),
    st.integers(-9_999, 9_999).filter(bool),
    max_size=20,
)


@given(entries=entries, rates=st.lists(st.integers(1, 40_000), min_size=4, max_size=4))
def test_what_moves_comes_to_what_stands_and_a_cost_that_is_used_up_leaves_nothing(entries, rates):
    sums = {Moved(since, since + later, kind): amount for (since, later, kind), amount in entries.items()}

    def into(amount, month):
        return round_half_away(amount * rates[month - 1], 10_000)

    moved = translate(sums, into)
    for month in range(1, 12):
        stands = {
            since: sum(a for key, a in sums.items() if key.since == since and key.month <= month)
            for since in range(1, 5)
        }
        said = sum(amount for at, kinds in moved.items() if at <= month for amount in kinds.values())
        assert said == sum(into(amount, since) for since, amount in stands.items())
    assert all(
        kind in {key.kind for key in sums if key.month == month} for month, kinds in moved.items() for kind in kinds
    )
