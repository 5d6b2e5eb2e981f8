"""Commission expense: what is taken from the ledger, what each month expenses, and that nothing is lost on the way."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from incentives.engine.expense.policy import month_number
from incentives.models import ExpenseAsset, ExpenseBook, ExpenseClose, ExpenseEntry, ExpensePolicy, ExpenseTerm
from incentives.selectors.expense.assets import journal_rows, schedule_of, sources_of
from incentives.selectors.expense.earned import expense_posted
from incentives.selectors.expense.figures import book_reconciled, months_rolled, months_summed
from incentives.services.expense.books import PolicyValues, book_create, policy_set
from incentives.services.expense.closing import month_close
from incentives.services.expense.taking import book_take
from incentives.tasks import ExpensePart, ExpenseWork
from spm.core.money import format_amount
from spm.crm.models import Contract, ContractVersion, Opportunity
from spm.jobs.models import Job
from tests.incentives import world

pytestmark = pytest.mark.django_db

START = date(2026, 7, 1)
TERM = PolicyValues(convention="MONTHS")


def contract(
    key: str, deal: str | None, start: date, ends: date | None, *, annual: int = 1_200_000, **more: Any
) -> Contract:
    """Let a contract be known, or what is known of it change, as an import does."""
    now = timezone.now()
    fact, _ = Contract.objects.get_or_create(source="test", source_key=key)
    ContractVersion.objects.filter(fact=fact, known_until=None).update(known_until=now)
    opportunity = Opportunity.objects.get(source_key=deal) if deal else None
    ContractVersion.objects.create(
        fact=fact, known_from=now, opportunity=opportunity, starts_on=start, ends_on=ends, annual_value_minor=annual,
        currency="USD", **more,
    )  # fmt: skip
    return fact


def close(book: ExpenseBook, viewer: Any, *months: int) -> None:
    for month in months:
        fin = replace(viewer("fin"), on=date(2028, 1, 1))
        month_close(book_id=book.pk, number=month_number(date(2026, month, 1)), actor=fin)


def moved(book: ExpenseBook, month: int) -> dict[str, int]:
    rows = ExpenseEntry.objects.filter(book=book, month=date(2026, month, 1)).values_list("kind")
    return dict(rows.annotate(total=Sum("amount_minor")).order_by())


def balance(book: ExpenseBook) -> int:
    rows = ExpenseEntry.objects.filter(book=book).exclude(kind="EXPENSED")
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


@pytest.fixture
def company(viewer):
    """Rex sold 12,000.00 on 3 August: 5 % of 10,000.00 and 10 % of the rest are 700.00; Mara's override of 1 % is 120.00."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    return period, sol


def opened(viewer, policy: PolicyValues = TERM, name: str = "ASC") -> ExpenseBook:
    return book_create(name=name, starts_on=START, policy=policy, reason="Test", actor=viewer("fin"))


def test_a_cost_is_capitalised_and_expensed_over_the_term_to_the_cent(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    assert moved(book, 7) == {}
    assert moved(book, 8) == {"ADDED": 82_000, "AMORTISED": -6_833}
    assert moved(book, 9) == {"AMORTISED": -6_834}
    close(book, viewer, 10, 11, 12)
    fin = replace(viewer("fin"), on=date(2028, 1, 1))
    for month in range(7):
        month_close(book_id=book.pk, number=month_number(date(2027, 1, 1)) + month, actor=fin)
    assert balance(book) == 0
    assert ExpenseEntry.objects.filter(kind="AMORTISED").aggregate(total=Sum("amount_minor"))["total"] == -82_000


def test_every_cent_of_the_ledger_is_in_the_book_once(company, viewer):
    period, sol = company
    world.deal("D-2", "ria", 333_333)
    contract("C-1", "D-1", date(2026, 8, 1), date(2029, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    book_take(book_id=book.pk, actor=viewer("fin"))
    taken = ExpenseEntry.objects.filter(book=book, period=period).aggregate(total=Sum("amount_minor"))["total"]
    assert taken == sum(expense_posted(period.pk).values())
    kinds = {(each.kind, each.reason) for each in ExpenseEntry.objects.all()}
    assert kinds == {("ADDED", "CAPITALISED"), ("EXPENSED", "NO_CONTRACT")}


def test_the_command_opens_a_book_and_refuses_a_rate_that_can_be_two(company):
    given = ["open_expense_book", "Paid", "--organisation", "acme", "--from", "2026-07-01", "--reason", "First"]
    for rate in ("2,000 %", "much"):
        with pytest.raises(CommandError, match=rate):
            call_command(*given, "--new-rate", rate, stdout=StringIO())
    assert not ExpenseBook.objects.exists()
    call_command(*given, "--new-rate", "2,5 %", stdout=StringIO())
    assert ExpensePolicy.objects.get().new_rate == 2_500_000


def test_taking_twice_takes_once(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2029, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    first = book_take(book_id=book.pk, actor=viewer("fin"))
    assert (first.periods, first.entries > 0) == (1, True)
    again = book_take(book_id=book.pk, actor=viewer("fin"))
    assert (again.periods, again.entries) == (0, 0)


def test_a_changed_deal_claws_back_in_the_open_month_and_gives_back_what_was_expensed(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    before = list(ExpenseEntry.objects.order_by("pk").values())
    world.deal("D-1", "rex", 600_000)
    world.calculate(period, sol)
    close(book, viewer, 10)
    assert list(ExpenseEntry.objects.order_by("pk").values())[: len(before)] == before
    # 6,000.00 at 5 % and 1 % are 360.00; three of twelve months are 90.00, of which 136.67 had been expensed.
    assert moved(book, 10) == {"CLAWED_BACK": -46_000, "AMORTISED": 13_667 - 9_000}
    assert balance(book) == 36_000 - 9_000


def test_a_lost_deal_leaves_nothing(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    world.deal("D-1", "rex", 0)
    world.calculate(period, sol)
    close(book, viewer, 10)
    assert balance(book) == 0
    assert moved(book, 10) == {"CLAWED_BACK": -82_000, "AMORTISED": 13_667}


def test_a_contract_ended_early_is_expensed_to_its_end_and_the_rest_written_off(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    contract("C-1", "D-1", date(2026, 8, 1), date(2026, 11, 1))
    close(book, viewer, 10)
    assert moved(book, 10) == {"AMORTISED": -6_833, "WRITTEN_OFF": -(82_000 - 20_500)}
    assert balance(book) == 0
    assert ExpenseTerm.objects.latest("number").reason == "LOST"


def test_a_longer_term_spreads_what_is_left_from_the_open_month_on(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    contract("C-1", "D-1", date(2026, 8, 1), date(2028, 8, 1))
    close(book, viewer, 10)
    # 820.00 less 136.67 over the 22 months that are left of 24.
    assert moved(book, 10) == {"AMORTISED": -3_106}


def test_a_contract_whose_record_disappears_goes_on(company, viewer):
    period, sol = company
    fact = contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8, 9)
    now = timezone.now()
    version = ContractVersion.objects.get(fact=fact, known_until=None)
    ContractVersion.objects.filter(pk=version.pk).update(known_until=now)
    version.pk, version.known_from, version.is_withdrawn = None, now, True
    version.save(force_insert=True)
    close(book, viewer, 10)
    assert moved(book, 10) == {"AMORTISED": -6_833}


def test_books_with_other_policies_stand_beside_each_other(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    benefit = PolicyValues(basis="BENEFIT", benefit_months=40, convention="MONTHS")
    books = {
        "ASC": opened(viewer, benefit, "ASC"),
        "Expedient": opened(viewer, PolicyValues(uses_expedient=True), "Expedient"),
        "HGB": opened(viewer, PolicyValues(capitalises=False), "HGB"),
        "Own": opened(viewer, PolicyValues(includes_overrides=False, convention="MONTHS"), "Own"),
    }
    for book in books.values():
        close(book, viewer, 7, 8)
    assert moved(books["ASC"], 8) == {"ADDED": 82_000, "AMORTISED": -2_050}
    assert moved(books["Expedient"], 8) == {"EXPENSED": 82_000}
    assert moved(books["HGB"], 8) == {"EXPENSED": 82_000}
    assert moved(books["Own"], 8) == {"ADDED": 70_000, "EXPENSED": 12_000, "AMORTISED": -5_833}
    reasons = set(ExpenseEntry.objects.filter(kind="EXPENSED").values_list("book__name", "reason"))
    assert reasons == {("Expedient", "EXPEDIENT"), ("HGB", "NOT_CAPITALISED"), ("Own", "NOT_INCREMENTAL")}


def test_a_contract_that_nobody_renewed_is_lost_after_the_months_of_the_policy(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2026, 9, 1))
    world.calculate(period, sol)
    policy = PolicyValues(basis="BENEFIT", benefit_months=40, convention="MONTHS", lapse_months=2)
    book, renewed = opened(viewer, policy), opened(viewer, policy, "Renewed")
    close(book, viewer, 7, 8, 9)
    close(renewed, viewer, 7, 8, 9)
    assert balance(book) == 82_000 - 2 * 2_050
    close(book, viewer, 10)
    contract("C-2", None, date(2026, 9, 1), date(2027, 9, 1), kind="renewal", renews=Contract.objects.get())
    close(renewed, viewer, 10)
    # Nothing of the closed months is taken back: what stood goes in the month in which the loss is known.
    assert moved(book, 10) == {"WRITTEN_OFF": -(82_000 - 2 * 2_050)}
    assert balance(book) == 0
    assert moved(renewed, 10) == {"AMORTISED": -2_050}


def test_what_the_customer_will_still_pay_limits_what_stands(company, viewer):
    period, sol = company
    # A year of the contract is worth 1,000.00, of which 90 % are direct costs: 84.11 are left after 307 days to come.
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=100_000)
    world.calculate(period, sol)
    policy = PolicyValues(convention="MONTHS", direct_cost_rate=90_000_000)
    book = opened(viewer, policy)
    close(book, viewer, 7, 8)
    assert balance(book) == round(100_000 * 334 / 3650)
    assert moved(book, 8)["IMPAIRED"] == -(82_000 - 6_833 - 9_151)
    close(book, viewer, 9)
    assert moved(book, 9) == {"AMORTISED": -832}


def test_a_contract_that_comes_later_moves_what_was_expensed(company, viewer):
    period, sol = company
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8)
    assert moved(book, 8) == {"EXPENSED": 82_000}
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    close(book, viewer, 9)
    assert moved(book, 9) == {"EXPENSED": -82_000, "ADDED": 82_000, "AMORTISED": -13_667}


def test_a_deal_with_two_contracts_is_shared_by_their_value(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=300_000)
    contract("C-2", "D-1", date(2026, 8, 1), date(2027, 8, 1), annual=100_000)
    world.calculate(period, sol)
    book = opened(viewer)
    book_take(book_id=book.pk, actor=viewer("fin"))
    rows = ExpenseEntry.objects.filter(kind="ADDED").values_list("asset__contract__source_key").order_by()
    assert dict(rows.annotate(total=Sum("amount_minor"))) == {"C-1": 61_500, "C-2": 20_500}


def test_a_policy_changes_the_open_months_only(company, viewer):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8)
    fin = viewer("fin")
    with pytest.raises(ValidationError, match="is closed"):
        policy_set(book_id=book.pk, policy=TERM, start=date(2026, 8, 1), reason="x", actor=fin)
    longer = PolicyValues(basis="BENEFIT", benefit_months=23, convention="MONTHS")
    policy_set(book_id=book.pk, policy=longer, start=date(2026, 9, 1), reason="Longer benefit", actor=fin)
    close(book, viewer, 9)
    # 820.00 less 68.33 over the 22 months that are left of 23.
    assert moved(book, 9) == {"AMORTISED": -3_417}
    assert ExpenseAsset.objects.get().reason == "CAPITALISED"


def test_months_are_closed_in_order_once_and_only_when_they_have_ended(company, viewer):
    period, sol = company
    world.calculate(period, sol)
    book = opened(viewer)
    fin = replace(viewer("fin"), on=date(2026, 8, 15))
    with pytest.raises(ValidationError, match="can't be closed"):
        month_close(book_id=book.pk, number=month_number(date(2026, 9, 1)), actor=fin)
    month_close(book_id=book.pk, number=month_number(START), actor=fin)
    month_close(book_id=book.pk, number=month_number(START), actor=fin)
    with pytest.raises(ValidationError, match="can't be closed"):
        month_close(book_id=book.pk, number=month_number(date(2026, 8, 1)), actor=fin)
    assert ExpenseClose.objects.count() == 1


@pytest.mark.parametrize("year", [26, 1926, 9999])
def test_a_book_that_begins_in_a_year_that_was_mistyped_is_refused(viewer, sign_in, year):
    """Every month since would be closed, and books are not deleted."""
    body = {"name": "ASC", "start": date(year, 7, 1).isoformat(), "reason": "Test"}
    answer = sign_in("fin").post("/api/v1/incentives/expense-books/", body, "application/json")
    assert answer.status_code == 400 and "more than 20 years" in str(answer.json()["where"]["starts_on"])
    book = opened(viewer)
    with pytest.raises(ValidationError, match="more than 20 years"):
        policy_set(book_id=book.pk, policy=TERM, start=date(9999, 12, 1), reason="x", actor=viewer("fin"))
    assert ExpensePolicy.objects.count() == ExpenseBook.objects.count() == 1


def test_entries_are_never_changed(company, viewer):
    period, sol = company
    world.calculate(period, sol)
    book = opened(viewer)
    close(book, viewer, 7, 8)
    for model in (ExpenseEntry, ExpenseTerm, ExpenseAsset, ExpenseClose):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(organisation_id=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()


@pytest.mark.parametrize("who", ["sol", "mara", "rex", "eve", "otto"])
def test_only_finance_opens_books_and_closes_months(company, viewer, who):
    book = opened(viewer)
    actor = viewer(who)
    with pytest.raises(PermissionDenied):
        book_create(name="Other", starts_on=START, policy=TERM, reason="x", actor=actor)
    with pytest.raises(PermissionDenied):
        book_take(book_id=book.pk, actor=actor)
    with pytest.raises(PermissionDenied):
        month_close(book_id=book.pk, number=month_number(START), actor=actor)
    assert (ExpenseBook.objects.count(), ExpenseClose.objects.count()) == (1, 0)


@pytest.fixture
def shown(company, viewer):
    """Two contracts and a deal without one in a book of which July to September are closed."""
    period, sol = company
    world.deal("D-2", "ria", 333_333)
    world.deal("D-3", "ria", 100_000)
    contract("C-1", "D-1", date(2026, 8, 1), date(2029, 8, 1))
    contract("C-2", "D-2", date(2026, 8, 15), date(2027, 8, 15))
    world.calculate(period, sol)
    book = opened(viewer, PolicyValues(uses_expedient=True))
    close(book, viewer, 7, 8, 9)
    return book


def test_every_page_of_a_book_opens(shown, sign_in, django_assert_max_num_queries):
    client = sign_in("fin")
    asset = ExpenseAsset.objects.get(contract__source_key="C-1")
    pages = [
        ("expense_book", []),
        ("expense_month", ["2026-08"]),
        ("expense_contracts", []),
        ("expense_asset", [asset.pk]),
        ("expense_reconciliation", []),
        ("expense_policy", []),
    ]
    for name, keys in pages:
        with django_assert_max_num_queries(60):
            answer = client.get(reverse(f"incentives:{name}", args=[shown.pk, *keys]))
        assert answer.status_code == 200, name
        assert b"style=" not in answer.content, name
    assert client.get(reverse("incentives:expense")).status_code == 302
    assert client.get(reverse("incentives:expense_new")).status_code == 200
    assert client.get(reverse("incentives:expense_month", args=[shown.pk, "x"])).status_code == 404


def test_balances_of_several_months_are_not_added_up(shown, sign_in, viewer):
    page = sign_in("fin").get(reverse("incentives:expense_book", args=[shown.pk])).content.decode()
    chart = page.split('id="balance"')[1].split("</figure>")[0]
    last = months_rolled(viewer("fin"), shown, "USD")[-1]
    assert format_amount(last.forward.current.closing, "USD") in chart and "<tfoot>" not in chart


def test_a_schedule_ends_with_the_month_in_which_a_lost_contract_is_written_off(company, viewer, sign_in):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2029, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer, PolicyValues())
    close(book, viewer, 7, 8)
    contract("C-1", "D-1", date(2026, 8, 1), date(2026, 9, 16))
    close(book, viewer, 9, 10, 11)
    months = schedule_of(ExpenseAsset.objects.get(contract__source_key="C-1"))
    assert [each.month.month for each in months] == [8, 9]
    # 1,096 days from August 1, 2026; 15 of September are before the end.
    cost = months[0].moved.added
    amortised = [each.moved.amortised for each in months]
    august, lost = (int((Decimal(cost) * days / 1_096).quantize(Decimal(1), ROUND_HALF_UP)) for days in (1_065, 1_050))
    assert amortised == [cost - august, august - lost]
    assert (months[-1].moved.written_off, months[-1].moved.closing) == (lost, 0)
    asset = ExpenseAsset.objects.get(contract__source_key="C-1")
    url = f"/api/v1/incentives/expense-books/{book.pk}/costs/{asset.pk}/schedule/"
    told = sign_in("fin").get(url).json()["results"]
    assert [(one["month"], one["added"], one["amortised"], one["written_off"], one["closing"]) for one in told] == [
        ("2026-08-01", cost, cost - august, 0, august),
        ("2026-09-01", 0, august - lost, lost, 0),
    ]
    assert not any(one["is_planned"] for one in told)
    assert sign_in("fin").get(url.replace(str(asset.pk), str(book.pk))).status_code == 404
    assert sign_in("rex").get(url).status_code == 403


def test_the_roll_forward_rolls_and_its_parts_sum_to_the_balance(shown, viewer):
    rows = months_rolled(viewer("fin"), shown, "USD")
    assert [row.is_closed for row in rows] == [True, True, True]
    opening = 0
    for row in rows:
        total = row.total
        assert total.opening == opening
        expensed = total.amortised + total.impaired + total.written_off
        assert total.closing == total.opening + total.added - total.clawed_back - expensed
        assert total.closing == row.forward.current.closing + row.forward.non_current.closing
        opening = total.closing
    assert opening == balance(shown)
    # 820.00 over 1,096 days: August is 31 days of it, September 30; a year of the rest is current.
    assert [row.total.amortised for row in rows] == [0, 2_319, 2_245]
    assert rows[-1].forward.current.closing == 77_436 - round(82_000 * 670 / 1_096)
    summed = months_summed(rows)
    assert summed is not None and summed.total.closing == opening


def test_the_book_agrees_with_the_ledger(shown, viewer):
    (row,) = book_reconciled(viewer("fin"), shown)
    assert (row.difference_minor, row.is_stale) == (0, False)
    # Ria's 3,333.33 and 1,000.00 at 5 %, and 1 % of both for Mara.
    assert row.at_once == {"EXPEDIENT": 20_000, "NO_CONTRACT": 6_000}
    assert (row.ledger_minor, row.capitalised_minor) == (108_000, 82_000)


def test_what_the_book_has_not_taken_yet_is_shown(shown, viewer, company):
    period, sol = company
    world.deal("D-3", "ria", 200_000)
    world.calculate(period, sol)
    (row,) = book_reconciled(viewer("fin"), shown)
    assert (row.difference_minor, row.is_stale) == (6_000, True)


def test_the_schedule_of_a_contract_ends_with_nothing(shown):
    asset = ExpenseAsset.objects.get(contract__source_key="C-1")
    months = schedule_of(asset)
    assert [each.is_planned for each in months[:3]] == [False, False, True]
    assert months[-1].moved.closing == 0
    assert sum(each.moved.amortised for each in months) == 82_000
    assert [(each.component, each.amount_minor) for each in sources_of(asset)] == [
        ("Override", 12_000),
        ("Commission", 70_000),
    ]


def test_the_planned_months_are_what_the_close_writes(shown, viewer):
    asset = ExpenseAsset.objects.get(contract__source_key="C-1")
    planned = {each.month: each.moved for each in schedule_of(asset) if each.is_planned}
    close(shown, viewer, 10, 11)
    written = {each.month: each.moved for each in schedule_of(asset) if not each.is_planned}
    for month in (date(2026, 10, 1), date(2026, 11, 1)):
        assert written[month] == planned[month]


def test_the_journal_of_a_month_balances(shown, sign_in, viewer):
    rows = journal_rows(viewer("fin"), shown, date(2026, 8, 1))
    assert sum(row[3] or 0 for row in rows) == sum(row[4] or 0 for row in rows) == Decimal("843.19")
    assert rows[0][:6] == (date(2026, 8, 31), "ASC", "Contract costs", Decimal("820.00"), None, "USD")
    client = sign_in("fin")
    for form in ("csv", "xlsx"):
        answer = client.get(reverse("incentives:expense_journal_export", args=[shown.pk, "2026-08", form]))
        assert answer.status_code == 200
    assert (
        client.get(reverse("incentives:expense_journal_export", args=[shown.pk, "2026-10", "csv"])).status_code == 404
    )


@pytest.mark.parametrize("name", ["expense_book_export", "expense_contracts_export", "expense_reconciliation_export"])
def test_files_hold_what_the_pages_show(shown, sign_in, name):
    client = sign_in("fin")
    text = client.get(reverse(f"incentives:{name}", args=[shown.pk, "csv"])).content.decode("utf-8-sig")
    assert {"expense_book_export": "2319", "expense_contracts_export": "C-1", "expense_reconciliation_export": "1080"}[
        name
    ] in text.replace(".", "")
    assert client.get(reverse(f"incentives:{name}", args=[shown.pk, "xlsx"])).status_code == 200
    assert client.get(reverse(f"incentives:{name}", args=[shown.pk, "doc"])).status_code == 404


def test_finance_opens_a_book_and_sets_a_policy_on_the_pages(company, sign_in):
    client = sign_in("fin")
    form = {
        "name": "IFRS 15", "start": "2026-07-01", "close_after_days": "5", "capitalises": "on", "basis": "COMMENSURATE",
        "benefit_months": "48", "convention": "MONTHS", "new_rate": "6 %", "renewal_rate": "2 %", "reason": "Group policy",
        "asset_account": "1490", "expense_account": "6100", "amortisation_account": "6110", "impairment_account": "6120",
    }  # fmt: skip
    bad = client.post(reverse("incentives:expense_new"), form | {"start": "2026-07-02"})
    assert (bad.status_code, ExpenseBook.objects.count()) == (422, 0)
    assert client.post(reverse("incentives:expense_new"), form).status_code == 302
    book = ExpenseBook.objects.get()
    address = reverse("incentives:expense_policy", args=[book.pk])
    component = {"component-0": "no"}
    assert client.post(address, form | component | {"start": "2026-09-01", "reason": "Later"}).status_code == 302
    first, second = ExpensePolicy.objects.order_by("during")
    assert (first.during.upper, second.during.lower) == (date(2026, 9, 1), date(2026, 9, 1))
    assert [each["incremental"] for each in second.components] == [False]
    assert client.post(address, form | {"new_rate": "much"}).status_code == 422


def test_the_api_says_the_same(shown, sign_in):
    client = sign_in("fin")
    at = f"/api/v1/incentives/expense-books/{shown.pk}/"
    rolls = client.get(f"{at}roll-forward/").json()["results"]
    assert [(row["month"], row["total"]["closing"]) for row in rolls][-1] == ("2026-09-01", 77_436)
    assert rolls[-1]["current"]["closing"] + rolls[-1]["non_current"]["closing"] == 77_436
    costs = client.get(f"{at}costs/").json()["results"]
    assert [(row["contract"], row["reason"], row["left_minor"]) for row in costs] == [
        ("C-1", "CAPITALISED", 77_436),
        ("C-2", "EXPEDIENT", 0),
        (None, "NO_CONTRACT", 0),
    ]
    (row,) = client.get(f"{at}reconciliation/").json()["results"]
    assert row["difference_minor"] == 0
    entries = client.get(f"{at}entries/?month=2026-09").json()["results"]
    assert [(row["kind"], row["amount_minor"]) for row in entries] == [("AMORTISED", -2_245)]
    assert client.get(f"{at}entries/").status_code == 400
    answer = client.post(f"{at}policies/", {"start": "2026-08-01", "reason": "x"}, "application/json")
    assert answer.status_code == 400 and "closed" in answer.content.decode()
    answer = client.post(
        "/api/v1/incentives/expense-books/",
        {"name": "HGB", "start": "2026-07-01", "reason": "x", "capitalises": False},
        "application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (201, "hgb")


def test_the_night_takes_and_closes(company, viewer, acme):
    period, sol = company
    contract("C-1", "D-1", date(2026, 8, 1), date(2027, 8, 1))
    world.calculate(period, sol)
    book = opened(viewer)
    part, day = ExpensePart(), date(2026, 10, 6)
    steps = part.steps(acme, day)
    assert steps == ["close:asc:2026-07-01", "close:asc:2026-08-01", "close:asc:2026-09-01", "take:asc"]
    for step in steps:
        part.run(acme, day, step)
    assert balance(book) == 82_000 - 13_667
    assert part.steps(acme, date(2026, 11, 5)) == ["take:asc"]
    assert part.steps(acme, date(2026, 11, 6)) == ["close:asc:2026-10-01", "take:asc"]


def test_finance_brings_the_books_up_to_date_by_a_job(company, viewer, sign_in):
    period, sol = company
    world.calculate(period, sol)
    book = opened(viewer)
    assert sign_in("fin").post(reverse("incentives:expense_update")).status_code == 302
    job = Job.objects.get(kind="expense")
    steps = ExpenseWork().steps(job)
    assert steps[-1] == "take:asc"
    for step in steps:
        ExpenseWork().run(job, step)
    assert sum(moved(book, 8).values()) == 82_000
    assert sign_in("otto").post(reverse("incentives:expense_update")).status_code == 403
