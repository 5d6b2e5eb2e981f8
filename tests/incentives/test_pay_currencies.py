"""Pay in the currency of the person: a small year with a change of currency, late rates, corrected ones, holds, payouts and statements."""

import json
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.urls import reverse

from incentives.engine.words import PayRatePolicy
from incentives.models import Journal, LedgerEntry, PayConversion, PayCurrency, Statement
from incentives.selectors.chain import chain_verify
from incentives.selectors.converting import shut_until
from incentives.selectors.lines import lines_of
from incentives.selectors.papers.sheet import SHEET, statement_sheet
from incentives.selectors.papers.statement import statement_paper
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import Payable, books_get, payable_of
from incentives.services import periods as steps
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.services.pay_currencies import (
    pay_currency_end,
    pay_currency_remove,
    pay_currency_set,
    pay_rate_set,
)
from incentives.services.pay_currency_files import PAY_CURRENCIES
from incentives.services.payouts import payout_confirm, payout_make
from planning.models import Period
from spm.crm.exports import write_csv
from spm.crm.row_files import rows_take
from spm.crm.services.rates import RateWish, rate_set
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.roles.models import Role, RoleGrant
from tests.cast import START
from tests.conftest import TODAY
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def rex():
    return Participant.objects.get(source_key="rex")


def paid_in(sol, currency, start=date(2026, 1, 1), **more):
    return pay_currency_set(participant_id=rex().pk, currency=currency, start=start, actor=sol, **more)


def rate(sol, source, target, value, on, table="ECB"):
    rate_set(wish=RateWish(source, target, on, Decimal(value), table), actor=sol)


def quarter(number):
    return Period.objects.get(key=f"2026-Q{number}")


def stands(period, account="payable", who="rex"):
    """What the books of a period have on an account, by currency, without zeros."""
    rows = LedgerEntry.objects.filter(period=period, account=account, participant__source_key=who).order_by()
    return {
        currency: total for currency, total in rows.values_list("currency").annotate(total=Sum("amount_minor")) if total
    }


def said(period, currency):
    return Statement.objects.filter(period=period, participant__source_key="rex", currency=currency).latest("number")


def shut(period, sol, viewer):
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)
    steps.period_approve(period_id=period.id, actor=viewer("fin"))


def paid(period, viewer):
    """Hand it to payroll and confirm all of it, as Eve, who is in finance as well here; gives what each line paid."""
    eve = Membership.objects.get(user__email="eve@acme.example")
    if not RoleGrant.objects.filter(membership=eve, role=Role.FINANCE).exists():
        RoleGrant.objects.create(membership=eve, role=Role.FINANCE, during=DateRange(START, None))
    batch = payout_make(period_id=period.id, actor=viewer("eve"))
    done = payout_confirm(batch_id=batch.pk, reference="B-1", actor=viewer("eve"))
    return {(line.key, line.currency): line.amount_minor for line in done.lines}


def journals_are_whole():
    rows = LedgerEntry.objects.values_list("journal", "currency").annotate(total=Sum("amount_minor")).order_by()
    return all(total == 0 for _, _, total in rows)


def test_a_year_with_a_change_of_currency_pays_the_sum_of_its_conversions(sol, viewer):
    """Rex is paid in dollars in Q1, in euros in Q2 and Q3, in pounds in Q4; the rate of Q2 is corrected once it is paid and locked."""
    world.build(sol)
    amounts = {1: 400_000, 2: 500_010, 3: 300_000, 4: 1_200_000}
    for number, amount in amounts.items():
        world.deal(f"D-{number}", "rex", amount, on=date(2026, 3 * number - 1, 3))
    world.deal("D-R", "ria", 100_000, on=date(2026, 5, 3))
    rate(sol, "USD", "EUR", "0.90", date(2026, 4, 1))
    rate(sol, "USD", "EUR", "0.92", date(2026, 6, 30))
    rate(sol, "USD", "GBP", "0.80", date(2026, 7, 1))
    paid_in(sol, "EUR", date(2026, 4, 15))
    paid_in(sol, "GBP", date(2026, 10, 1))
    found = {}
    for number in (1, 2):
        world.calculate(quarter(number), sol)
        shut(quarter(number), sol, viewer)
        found[number] = paid(quarter(number), viewer)
    # 5 % of 4,000.00 USD in dollars; 5 % of 5,000.10 = 250.01 USD, x 0.92 = 230.0092 = 230.01 EUR
    assert found[1] == {("rex", "USD"): 20_000, ("mara", "USD"): 4_000}
    assert found[2] == {("rex", "EUR"): 23_001, ("ria", "USD"): 5_000, ("mara", "USD"): 6_000}
    steps.period_lock(period_id=quarter(2).id, actor=sol)
    locked = list(LedgerEntry.objects.filter(period=quarter(2)).values_list("id", "amount_minor"))
    rate(sol, "USD", "EUR", "0.95", date(2026, 6, 30))
    world.calculate(quarter(3), sol)
    # 5 % of 3,000.00 = 150.00 USD x 0.95 = 142.50 EUR; the correction is 250.01 x 0.95 = 237.51 less 230.01
    assert stands(quarter(3)) == {"EUR": 14_250 + 750}
    assert list(LedgerEntry.objects.filter(period=quarter(2)).values_list("id", "amount_minor")) == locked
    prior = LedgerEntry.objects.filter(period=quarter(3), earned_in=quarter(2), account="payable")
    assert [(one.currency, one.amount_minor) for one in prior] == [("EUR", 750)]
    told = {
        (one["converted_in"], one["is_prior"], one["before_minor"], one["to_minor"])
        for one in said(quarter(3), "EUR").content["conversions"]
    }
    assert told == {("2026-Q2", True, 23_001, 23_751), ("2026-Q3", False, 0, 14_250)}
    count = Journal.objects.count(), Statement.objects.count()
    world.calculate(quarter(3), sol)
    assert (Journal.objects.count(), Statement.objects.count()) == count
    shut(quarter(3), sol, viewer)
    found[3] = paid(quarter(3), viewer)
    world.calculate(quarter(4), sol)
    shut(quarter(4), sol, viewer)
    found[4] = paid(quarter(4), viewer)
    # 5 % of 10,000.00 and 10 % of 2,000.00 = 700.00 USD x 0.80
    assert (found[3]["rex", "EUR"], found[4]["rex", "GBP"]) == (15_000, 56_000)
    sums = (
        PayConversion.objects.values_list("to_currency").annotate(total=Sum("to_change_minor")).order_by("to_currency")
    )
    assert dict(sums) == {"EUR": 23_001 + 15_000, "GBP": 56_000}
    everything = LedgerEntry.objects.filter(participant=rex(), account="paid").values_list("currency").order_by()
    assert dict(everything.annotate(total=Sum("amount_minor"))) == {"USD": 20_000, **dict(sums)}
    left = LedgerEntry.objects.filter(participant=rex(), account="payable").values_list("currency").order_by()
    assert {total for _, total in left.annotate(total=Sum("amount_minor"))} == {0}
    assert journals_are_whole() and chain_verify() is None


def test_without_a_rate_nothing_is_converted_or_paid_and_the_person_is_named(sol, viewer):
    period = world.build(sol)
    world.deal("D-1", "rex", 500_000)
    world.deal("D-2", "ria", 500_000)
    paid_in(sol, "EUR")
    world.calculate(period, sol)
    assert stands(period) == {"USD": 25_000} and not PayConversion.objects.exists()
    (row,) = said(period, "USD").content["conversions"]
    assert row == {
        "from_currency": "USD", "to_currency": "EUR", "from_minor": 25_000, "missing": "No rate from USD to EUR is known on 2026-09-30.",
    }  # fmt: skip
    shut(period, sol, viewer)
    points = [each.words for each in period_checks(books_get(period), TODAY) if not each.is_good]
    assert any("Rex. No rate from USD to EUR is known on 2026-09-30" in each for each in points)
    words = "No rate from USD to EUR is known on 2026-09-30. Enter it, and post the run again."
    assert Payable(rex().pk, "USD", 25_000, words) in payable_of(period)
    assert paid(period, viewer) == {("ria", "USD"): 25_000, ("mara", "USD"): 10_000}
    # the rate comes late: the next books convert what the shut ones could not
    rate(sol, "USD", "EUR", "0.92", date(2026, 9, 1))
    world.calculate(quarter(4), sol)
    assert stands(quarter(4)) == {"USD": -25_000, "EUR": 23_000}
    shut(quarter(4), sol, viewer)
    assert paid(quarter(4), viewer) == {("rex", "EUR"): 23_000}


def test_an_entry_keeps_amount_rate_day_and_table_and_a_second_posting_posts_nothing(sol):
    period = world.build(sol)
    world.deal("D-1", "rex", 333_320)
    rate(sol, "EUR", "USD", "1.08", date(2026, 8, 1), "ECB")
    world.calculate(period, sol)
    assert stands(period) == {"USD": 16_666}
    paid_in(sol, "EUR")
    assert stands(period) == {"EUR": 15_431}, "open books are converted at once"
    assert stands(period, "clearing") == {"USD": 16_666, "EUR": -15_431}
    (kept,) = PayConversion.objects.all()
    assert (kept.from_minor, kept.to_minor, kept.rate, kept.rate_on, kept.taken_on, kept.table_name, kept.policy) == (
        16_666, 15_431, "25/27", date(2026, 8, 1), date(2026, 9, 30), "ECB", "PERIOD_END",
    )  # fmt: skip
    (row,) = said(period, "USD").content["conversions"]
    assert row["rounding"] == "-13/27" and said(period, "EUR").content["conversions"] == [row]
    assert (said(period, "USD").earned_minor, said(period, "USD").payable_minor, said(period, "EUR").payable_minor) == (
        16_666,
        0,
        15_431,
    )
    count = Journal.objects.count()
    world.calculate(period, sol)
    assert Journal.objects.count() == count
    # the mean of July to September instead, from this quarter on: 31 days have no rate, so what was posted stays, and is not paid
    pay_rate_set(policy=PayRatePolicy.PERIOD_AVERAGE, start=date(2026, 7, 1), actor=sol)
    assert stands(period) == {"EUR": 15_431}
    rate(sol, "EUR", "USD", "1.00", date(2026, 7, 1), "ECB")
    world.calculate(period, sol)
    # (31 x 1.00 + 61 x 1.08) / 92 = 1.05304…
    assert stands(period) == {"EUR": 15_827}


def test_pay_held_by_hand_is_converted_when_it_is_released(sol, viewer):
    period, fin = world.build(sol), viewer("fin")
    world.deal("D-1", "rex", 500_000)
    rate(sol, "USD", "EUR", "0.90", date(2026, 1, 1))
    rate(sol, "USD", "EUR", "0.80", date(2026, 12, 1))
    paid_in(sol, "EUR")
    world.calculate(period, sol)
    wish = HoldWish(
        participant_id=rex().pk, plan_id=None, component="", starts_on=date(2026, 7, 1), reason="Looked into"
    )
    hold = hold_ask(wish=wish, actor=sol)
    hold_approve(hold_id=hold.pk, actor=fin)
    assert (stands(period), stands(period, "held")) == ({}, {"USD": 25_000})
    shut(period, sol, viewer)
    hold_release_ask(hold_id=hold.pk, reason="It is right", actor=sol)
    hold_approve(hold_id=hold.pk, actor=fin)
    assert (stands(quarter(4)), stands(quarter(4), "held")) == ({"EUR": 20_000}, {"USD": -25_000})
    assert journals_are_whole()


def test_shut_books_keep_their_currency_and_open_ones_follow_the_person(sol, viewer):
    period = world.build(sol)
    world.deal("D-1", "rex", 500_000)
    rate(sol, "USD", "EUR", "0.90", date(2026, 1, 1))
    rate(sol, "USD", "GBP", "0.80", date(2026, 1, 1))
    row = paid_in(sol, "EUR")
    world.calculate(period, sol)
    assert stands(period) == {"EUR": 22_500}
    later = paid_in(sol, "GBP", date(2026, 9, 30))
    assert stands(period) == {"GBP": 20_000}
    pay_currency_remove(later, actor=sol)
    assert stands(period) == {"USD": 25_000}, "the euros were cut where the pounds began"
    row.refresh_from_db()
    pay_currency_end(row, until=date(2026, 12, 1), actor=sol)
    shut(period, sol, viewer)
    assert shut_until([rex().pk]) == date(2026, 10, 1)
    before = list(PayCurrency.objects.order_by("pk").values_list("pk", "during"))
    for change in (
        lambda: paid_in(sol, "GBP", date(2026, 9, 30)),
        lambda: pay_currency_end(
            PayCurrency.objects.get(during__contains=date(2026, 9, 5)), until=date(2026, 9, 15), actor=sol
        ),
        lambda: pay_currency_remove(PayCurrency.objects.get(during__contains=date(2026, 9, 5)), actor=sol),
        lambda: pay_rate_set(policy=PayRatePolicy.PERIOD_AVERAGE, start=date(2026, 9, 30), actor=sol),
    ):
        with pytest.raises(ValidationError, match="shut"):
            change()
    with pytest.raises(ValidationError, match="EURO is not a currency"):
        paid_in(sol, "EURO", date(2026, 11, 1))
    with pytest.raises(PermissionDenied):
        paid_in(viewer("rex"), "GBP", date(2026, 11, 1))
    assert list(PayCurrency.objects.order_by("pk").values_list("pk", "during")) == before
    paid_in(sol, "GBP", date(2026, 10, 1))
    assert stands(period) == {"EUR": 22_500}


def test_page_paper_sheet_api_and_why_tell_amount_rate_and_pay(sol, sign_in):
    period = world.build(sol)
    world.deal("D-1", "rex", 333_320)
    rate(sol, "USD", "EUR", "0.9201", date(2026, 8, 1))
    paid_in(sol, "EUR")
    world.calculate(period, sol)
    words = "$166.66 at 0.9201, rate of Aug 1, 2026 for the end of the period, Sep 30, 2026 (ECB) = €153.34, rounded from €153.343866"
    statement, other = said(period, "USD"), said(period, "EUR")
    (line,) = lines_of(statement)
    client = sign_in("rex")
    for name, one, keys in (
        ("statement_detail", statement, []),
        ("statement_detail", other, []),
        ("statement_line", statement, [line.place]),
    ):
        answer = unescape(client.get(reverse(f"incentives:{name}", args=[one.pk, *keys])).content.decode())
        assert words in answer.replace("\xa0", " "), (name, one.currency)
    page = client.get(reverse("incentives:statement_detail", args=[other.pk])).content.decode()
    assert reverse("incentives:statement_detail", args=[statement.pk]) in page and "Earned in another currency" in page
    told = client.get(f"/api/v1/incentives/statements/{other.pk}/").json()["conversions"]
    assert told == [
        {
            "from_currency": "USD", "to_currency": "EUR", "from_minor": 16_666, "to_minor": 15_334, "before_minor": 0,
            "from_change_minor": -16_666, "to_change_minor": 15_334,
            "converted_in": "2026-Q3", "is_prior": False, "rate": "0.9201", "exact": "153.343866",
            "policy": "PERIOD_END", "taken_on": "2026-09-30", "taken_through": "2026-09-30", "rate_on": "2026-08-01",
            "table_name": "ECB", "missing": "",
        }
    ]  # fmt: skip
    for one in (statement, other):
        paper = json.dumps(statement_paper(one).as_data(), ensure_ascii=False).replace("\xa0", " ")
        assert words in paper and "What was earned before was taken back" not in paper
    for one, amount in ((statement, "-166.66"), (other, "153.34")):
        (row,) = [dict(zip(SHEET, cells, strict=True)) for cells in statement_sheet(one) if "Conversion" in cells]
        assert (row["Amount"], row["Currency"]) == (Decimal(amount), one.currency)
        assert words in row["Note"].replace("\xa0", " ")


def taken(sol, *rows, **more):
    return rows_take(PAY_CURRENCIES, write_csv(rows, PAY_CURRENCIES.header), "pay.csv", actor=sol, **more)


def test_a_file_converts_open_books_at_once_and_changes_no_day_of_shut_ones(sol, viewer):
    period = world.build(sol)
    world.deal("D-1", "rex", 500_000)
    rate(sol, "USD", "EUR", "0.90", date(2026, 1, 1))
    rate(sol, "USD", "GBP", "0.80", date(2026, 1, 1))
    world.calculate(period, sol)
    rows = ["rex", "EUR", "2026-01-01", "2026-09-30"], ["rex", "GBP", "2026-09-30", ""]
    assert taken(sol, *rows, is_check=True).findings == () and stands(period) == {"USD": 25_000}
    assert dict(taken(sol, *rows).counts) == {"created": 2, "updated": 0, "unchanged": 0}
    assert stands(period) == {"GBP": 20_000}
    shut(period, sol, viewer)
    # What stands in shut books may be said again; what begins after them may change
    assert taken(sol, *PAY_CURRENCIES.rows(sol)).counts["unchanged"] == 2
    later = taken(sol, ["rex", "GBP", "2026-09-30", "2026-10-01"], ["rex", "EUR", "2026-10-01", ""])
    assert (later.findings, later.counts["updated"], later.counts["created"]) == ((), 1, 1)
    held = sorted(PayCurrency.objects.values_list("currency", "during"))
    for wrong in (
        ["rex", "EUR", "2026-09-30", "2026-10-01"],
        ["rex", "GBP", "2026-09-15", ""],
        ["rex", "EUR", "2026-01-01", "2026-09-29"],
    ):
        (finding,) = taken(sol, ["ria", "EUR", "2027-01-01", ""], wrong).findings
        assert "row 3" in finding.where and "Books of Rex that ended before 2026-10-01 are shut" in finding.what
    assert sorted(PayCurrency.objects.values_list("currency", "during")) == held
    assert taken(sol, ["rex", "XXL", "2027-01-01", ""]).findings[0].code == "VALUE_UNREADABLE"


def test_doors_set_end_and_remove_a_currency_and_choose_the_rate(sol, sign_in):
    world.build(sol)
    client, where = sign_in("sol"), reverse("incentives:pay_currency_list")
    form = {"participant": str(rex().pk), "currency": "eur", "start": "2026-07-01"}
    assert client.post(where, form).status_code == 302
    assert client.post(where, form | {"currency": "XXL"}).status_code == 422
    client.post(reverse("incentives:pay_rate_set"), {"rate-policy": "PERIOD_AVERAGE", "rate-start": "2026-07-01"})
    page = client.get(where).content.decode()
    assert "EUR" in page and "the mean of its days" in page
    terms = reverse("incentives:person_terms", args=[rex().pk])
    client.post(terms, {"do": "currency", "currency-currency": "GBP", "currency-start": "2026-10-01"})
    assert "GBP" in client.get(terms).content.decode()
    held = [
        (one.currency, str(one.during.lower), str(one.during.upper)) for one in PayCurrency.objects.order_by("during")
    ]
    assert held == [("EUR", "2026-07-01", "2026-10-01"), ("GBP", "2026-10-01", "None")]
    (pounds,) = client.get("/api/v1/incentives/pay-currencies/?currency=GBP").json()["results"]
    one = f"/api/v1/incentives/pay-currencies/{pounds['id']}/"
    assert client.patch(one, {"until": "2026-12-01"}, content_type="application/json").status_code == 204
    assert PayCurrency.objects.get(currency="GBP").during.upper == date(2026, 12, 1)
    posted = {"participant": "REX", "currency": "CHF", "start": "2027-01-01"}
    made = client.post("/api/v1/incentives/pay-currencies/", posted, content_type="application/json").json()
    assert (made["participant"], made["participant_key"]) == (str(rex().pk), "rex")
    unknown = client.post(
        "/api/v1/incentives/pay-currencies/", posted | {"participant": "rexx"}, content_type="application/json"
    )
    assert unknown.status_code == 400 and "Did you mean rex?" in str(unknown.json())
    assert client.delete(one).status_code == 204 and not PayCurrency.objects.filter(currency="GBP").exists()
    said_by = client.get("/api/v1/incentives/pay-rates/").json()["results"]
    assert [(one["policy"], one["start"], one["until"]) for one in said_by] == [("PERIOD_AVERAGE", "2026-07-01", None)]
