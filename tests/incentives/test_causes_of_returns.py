"""What a credit note takes back is named as the cause, however many deals there are, and nobody else's deal is."""

from datetime import date

import pytest

from incentives.models import Statement
from incentives.selectors.causes import Kind, line_changes
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.models import HeldRow
from tests.crm.support import import_text
from tests.incentives import world

pytestmark = pytest.mark.django_db

ACCOUNTS = "account_id,name\nNORTH,North Ltd.\n"
DEALS = "opportunity_id,account,type,owner,stage,status,amount,currency,close_date\n"
ORDERS = "order_id,opportunity_id,order_date,currency\nO-1,D-1,2026-01-20,USD\n"
INVOICES = "invoice_id,order_id,invoice_date,amount,currency\nI-1,O-1,2026-02-01,900.00,USD\n"
NOTE = "credit_note_id,invoice_id,credit_date,amount,currency\nCN-1,I-1,2026-03-10,300.00,USD\n"
PLAN = """
plan: reps
name: Reps
currency: USD
from: 2026-01-01
until: 2027-01-01
components: [{key: c, name: Commission, rate: 10 %}]
"""


def brought(sol, name: str, text: str) -> None:
    upload = import_text(text, f"{name}.csv", sol)
    assert upload.held == 0, list(HeldRow.objects.values_list("reason", flat=True))


@pytest.fixture
def quarter(viewer):
    sol = viewer("sol")
    quarters = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    rows = [f"D-{number},NORTH,new,Rex,Won,won,900.00,USD,2026-01-20\n" for number in range(1, 31)]
    rows += [f"E-{number},NORTH,new,Ria,Won,won,5000.00,USD,2026-01-20\n" for number in range(1, 31)]
    brought(sol, "accounts", ACCOUNTS)
    brought(sol, "opportunities", DEALS + "".join(rows))
    brought(sol, "orders", ORDERS)
    brought(sol, "invoices", INVOICES)
    world.publish(sol, PLAN)
    world.calculate(quarters[0], sol)
    return quarters[0]


def test_the_first_credit_note_is_the_one_cause(quarter, viewer):
    sol = viewer("sol")
    brought(sol, "credit_notes", NOTE)
    world.calculate(quarter, sol)
    statement = Statement.objects.filter(participant__name="Rex").latest("number")
    for actor in (viewer("rex"), viewer("mara"), sol, None):
        found = line_changes(actor, statement, world.lines(statement)[0])
        assert found.difference_minor == -3_000
        assert [(one.kind, one.label, one.details, one.amount_minor) for one in found.causes] == [
            (Kind.DEAL, "Credit note CN-1, deal D-1", ("counts now: -300.00",), -3_000)
        ]


def test_a_return_of_an_earlier_quarter_is_named_before_deals_of_others(quarter, viewer):
    sol = viewer("sol")
    second = Period.objects.get(key="2026-Q2")
    world.deal("F-1", "rex", 20_000, on=date(2026, 5, 4))
    world.calculate(second, sol)
    for number in range(25):
        world.deal(f"G-{number}", "ria", 900_000, on=date(2026, 5, 4))
    brought(sol, "credit_notes", NOTE.replace("03-10", "05-10"))
    world.calculate(second, sol)
    statement = Statement.objects.filter(participant__name="Rex", period=second).latest("number")
    for actor in (viewer("rex"), viewer("mara"), sol, None):
        found = line_changes(actor, statement, world.lines(statement)[0])
        assert found.difference_minor == -3_000
        assert [(one.kind, one.label, one.details, one.amount_minor) for one in found.causes] == [
            (Kind.DEAL, "Credit note CN-1, deal D-1", ("counts now: -300.00",), -3_000)
        ]
