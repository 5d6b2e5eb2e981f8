"""What a period's end leaves earned and not paid is accrued on its last day and reversed on the next. What is paid later was owed then."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from incentives.models import JournalKind
from incentives.selectors.accruals import accrual_lines
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
    following_quarter = accrual_lines(viewer("fin"), Period.objects.get(key="2026-Q4"))
    assert [line.debit_minor for line in following_quarter if line.account == "Commission expense"][1] == 7_300 + 99
    client = sign_in("fin")
    body = client.get(f"/incentives/periods/{period.pk}/accrual.csv").content.decode("utf-8-sig").splitlines()
    assert (
        body[3] == "2026-09-30,accrual,Commission expense,,USD,80.00,0.00,USD,80.00,0.00,The currency of the company."
    )
    assert body[1] == "2026-09-30,accrual,Commission expense,,EUR,0.00,3.00,USD,,,No rate from EUR to USD is known."
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
