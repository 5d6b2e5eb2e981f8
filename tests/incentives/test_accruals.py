"""What a period's end leaves earned and not paid is accrued on its last day and reversed on the next. What is paid later was owed then."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from incentives.models import JournalKind, Plan, PlanVersion
from incentives.selectors.accruals import accrual_lines
from incentives.selectors.booking import Asked, entries_accrued
from incentives.services.ledger import Leg, journal_post
from planning.models import Period
from spm.crm.services.rates import RateWish, rate_set
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db


def post(period, slot, actor, *legs, kind=JournalKind.ADJUST):
    rex = Participant.objects.get(source_key="rex").pk
    rows = [Leg(rex, None, "", account, minor, currency) for account, minor, currency in legs]
    journal_post(kind=kind, slot=slot, period=period, legs=rows, reason="made up", actor=actor)


def test_earned_not_paid_is_accrued_and_reversed(viewer, sign_in):
    sol = viewer("sol")
    period = world.build(sol)
    later = Period.objects.filter(during__startswith__gte=period.during.upper).order_by("during").first()
    post(period, "1", sol, ("earned", 10_000, "USD"), ("expense", -10_000, "USD"))
    post(period, "2", sol, ("held", 500, "USD"), ("payable", 2_000, "USD"), ("earned", -2_500, "USD"))
    paid = (("payable", -2_000, "USD"), ("paid", 2_000, "USD"))
    with time_machine.travel(datetime(2026, 9, 30, 12, tzinfo=UTC)):
        post(period, "3", sol, *paid, kind=JournalKind.PAY)
    post(period, "4", sol, ("payable", -300, "EUR"), ("expense", 300, "EUR"))
    if later is not None:
        post(later, "5", sol, ("earned", 99, "USD"), ("expense", -99, "USD"))
    with time_machine.travel(datetime(2026, 10, 1, 12, tzinfo=UTC)):
        post(period, "6", sol, ("payable", -700, "USD"), ("paid", 700, "USD"), kind=JournalKind.PAY)
    lines = accrual_lines(viewer("fin"), period)
    last, following = date(2026, 9, 30), date(2026, 10, 1)
    assert [tuple(line[:7]) for line in lines] == [
        (last, "accrual", "Commission expense", "", "EUR", 0, 300),
        (last, "accrual", "Accrued commissions", "", "EUR", 300, 0),
        (last, "accrual", "Commission expense", "", "USD", 8_000, 0),
        (last, "accrual", "Accrued commissions", "", "USD", 0, 8_000),
        (following, "reversal", "Commission expense", "", "EUR", 300, 0),
        (following, "reversal", "Accrued commissions", "", "EUR", 0, 300),
        (following, "reversal", "Commission expense", "", "USD", 0, 8_000),
        (following, "reversal", "Accrued commissions", "", "USD", 8_000, 0),
    ]
    # the 7.00 of October were paid beyond what was payable: they lessen the sum, and stand apart
    following_quarter = accrual_lines(viewer("fin"), Period.objects.get(key="2026-Q4"))
    accrued = [line for line in following_quarter if (line.entry, line.account) == ("accrual", "Commission expense")]
    assert [(line.other, line.debit_minor - line.credit_minor) for line in accrued if line.currency == "USD"] == [
        ("Adjusted by hand", 8_000 + 99),
        ("Paid beyond what was payable", -700),
    ]
    client = sign_in("fin")
    body = client.get(f"/incentives/periods/{period.pk}/accrual.csv").content.decode("utf-8-sig").splitlines()
    assert (
        body[3]
        == "2026-09-30,accrual,Commission expense,,USD,80.00,0.00,USD,80.00,0.00,The currency of the company.,Adjusted by hand"
    )
    assert (
        body[1]
        == "2026-09-30,accrual,Commission expense,,EUR,0.00,3.00,USD,,,No rate from EUR to USD is known.,Adjusted by hand"
    )
    told = [(line.debit_company_minor, line.credit_company_minor) for line in lines]
    assert told[:4] == [(None, None), (None, None), (8_000, 0), (0, 8_000)]
    rate_set(wish=RateWish("EUR", "USD", date(2026, 9, 1), Decimal("1.085"), "ECB"), actor=viewer("fin"))
    rate_set(wish=RateWish("EUR", "USD", date(2026, 10, 1), Decimal("2"), "ECB"), actor=viewer("fin"))
    # 3.00 EUR x 1.085 = 3.255; the reversal takes back what was accrued, although the rate of its day is another
    lines = accrual_lines(viewer("fin"), period)
    told = [(line.debit_company_minor, line.credit_company_minor) for line in lines if line.currency == "EUR"]
    assert told == [(0, 326), (326, 0), (326, 0), (0, 326)]
    assert {line.rate for line in lines if line.currency == "EUR"} == {"at 1.085, rate of Sep 1, 2026 (ECB)"}
    assert len(client.get(f"/api/v1/incentives/periods/{period.pk}/accrual/").json()["results"]) == 8
    assert sign_in("sol").get(f"/incentives/periods/{period.pk}/accrual.csv").status_code == 403


def plan_post(period, slot, actor, *legs, kind=JournalKind.EARN):
    """Post legs of (plan or None, account, minor) for Rex."""
    rex = Participant.objects.get(source_key="rex").pk
    versions = {version.plan.code: version.pk for version in PlanVersion.objects.select_related("plan")}
    rows = [Leg(rex, versions.get(plan), "commission", account, minor, "USD") for plan, account, minor in legs]
    journal_post(kind=kind, slot=slot, period=period, legs=rows, reason="made up", actor=actor)


def expense(viewer, key):
    """Give what the accrual debits the expense, less what it credits, by plan or what it is else, and check that it is taken back."""
    lines = accrual_lines(viewer("fin"), Period.objects.get(key=key))
    found = {}
    for line in lines:
        if line.account == "Commission expense":
            found.setdefault(line.entry, {})[line.plan or line.other] = line.debit_minor - line.credit_minor
    assert found.get("reversal", {}) == {name: -minor for name, minor in found.get("accrual", {}).items()}
    return found.get("accrual", {})


def test_a_payment_lessens_the_plans_whose_earnings_it_paid(viewer):
    """Q2: 100.00 of one plan, 30.00 owed back of the other, 20.00 by hand and 5.00 held; 90.00 are paid. Q3: 40.00 and 50.00, 30.00 paid.

    Of the same period the plan whose code comes first is paid first.
    """
    sol = viewer("sol")
    second = world.build(sol)
    first = Period.objects.get(key="2026-Q2")
    one, two = "reps-2026", "managers-2026"
    names = dict(Plan.objects.values_list("code", "name"))
    plan_post(first, "1", sol, (one, "payable", 10_000), (one, "held", 500), (one, "expense", -10_500))
    plan_post(first, "2", sol, (two, "payable", -3_000), (two, "expense", 3_000))
    plan_post(first, "3", sol, (None, "payable", 2_000), (None, "expense", -2_000), kind=JournalKind.ADJUST)
    assert expense(viewer, "2026-Q2") == {names[one]: 10_500, names[two]: -3_000, "Adjusted by hand": 2_000}
    with time_machine.travel(datetime(2026, 7, 10, 12, tzinfo=UTC)):
        plan_post(first, "4", sol, (None, "payable", -9_000), (None, "paid", 9_000), kind=JournalKind.PAY)
    assert expense(viewer, "2026-Q2") == {names[one]: 10_500, names[two]: -3_000, "Adjusted by hand": 2_000}
    assert expense(viewer, "2026-Q3") == {names[one]: 500}
    plan_post(second, "5", sol, (one, "payable", 4_000), (two, "payable", 5_000), (one, "expense", -9_000))
    with time_machine.travel(datetime(2026, 9, 20, 12, tzinfo=UTC)):
        plan_post(second, "6", sol, (None, "payable", -3_000), (None, "paid", 3_000), kind=JournalKind.PAY)
    assert expense(viewer, "2026-Q3") == {names[one]: 4_500, names[two]: 2_000}
    plan_post(second, "7", sol, (one, "payable", -700), (one, "expense", 700))
    assert expense(viewer, "2026-Q3") == {names[one]: 3_800, names[two]: 2_000}
    booked = entries_accrued(second, Asked(earned_in=True, journal=False), sol.organisation.time_zone)
    told = [(one.plan, one.earned_in, one.account, one.amount_minor) for one in booked if one.kind == "accrual"]
    assert [each for each in told if each[2] != "expense"] == [
        (two, "2026-Q3", "payable", 2_000),
        (one, "2026-Q2", "held", 500),
        (one, "2026-Q3", "payable", 3_300),
    ]


def test_what_is_converted_leaves_its_plan_and_stands_apart_until_it_is_paid(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    rex = Participant.objects.get(source_key="rex").pk
    plan = PlanVersion.objects.get(plan__code="reps-2026").pk
    earned = [Leg(rex, plan, "c", "payable", 10_000, "EUR"), Leg(rex, plan, "c", "expense", -10_000, "EUR")]
    moved = (
        ("payable", -10_000, "EUR"),
        ("clearing", 10_000, "EUR"),
        ("payable", 10_800, "USD"),
        ("clearing", -10_800, "USD"),
    )
    converted = [Leg(rex, None, "pay-currency:EUR", *each) for each in moved]
    paid = [Leg(rex, None, "", "payable", -10_800, "USD"), Leg(rex, None, "", "paid", 10_800, "USD")]
    told = []
    for kind, legs in ((JournalKind.EARN, earned), (JournalKind.CONVERT, converted), (JournalKind.PAY, paid)):
        with time_machine.travel(datetime(2026, 9, 20, 12, tzinfo=UTC)):
            journal_post(kind=kind, slot="1", period=period, legs=legs, reason="made up", actor=sol)
        lines = accrual_lines(viewer("fin"), period)
        told.append(
            [(line.plan, line.other, line.currency, line.debit_minor) for line in lines if line.debit_minor][:1]
        )
    assert told == [[("Reps 2026", "", "EUR", 10_000)], [("", "Converted", "USD", 10_800)], []]
