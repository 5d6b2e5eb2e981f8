"""Quarters paid by the periods of another calendar, and statements as they stood on a past day."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from incentives.models import LedgerEntry, Statement
from incentives.selectors.statements import statement_known_on
from incentives.services.calendars import pay_calendar_set
from incentives.services.runs import run_recompute
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", sorted(set(CalendarKind) - {CalendarKind.QUARTERLY, CalendarKind.YEARLY}))
def test_a_quarter_is_paid_by_the_periods_of_another_calendar(viewer, kind):
    sol = viewer("sol")
    quarter = world.build(sol)
    calendar_extend(kind=kind, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    pays = Period.objects.filter(calendar__kind=kind)
    pay_calendar_set(
        calendar_id=quarter.calendar_id, paid_in_id=pays.values_list("calendar_id", flat=True)[0], actor=sol
    )
    last = quarter.during.upper - timedelta(days=1)
    days = {date(2026, 8, 10): 50_000, date(2026, 9, 2): 20_000, date(2026, 11, 20): 50_000}
    for number, (day, amount) in enumerate(zip(days, (1_000_000, 200_000, 500_000), strict=True)):
        world.deal(f"D-{number}", "rex", amount)
        world.calculate(quarter, replace(sol, on=day))
    rex = LedgerEntry.objects.filter(account="expense", participant__source_key="rex")
    stands = {row["period"]: -row["total"] for row in rex.values("period").annotate(total=Sum("amount_minor"))}
    wanted: dict[object, int] = {}
    for day, earned in days.items():
        period = pays.get(during__contains=min(day, last))
        wanted[period.id] = wanted.get(period.id, 0) + earned
    assert stands == wanted
    assert set(rex.values_list("earned_in", flat=True)) == {quarter.id}
    assert world.earned(quarter)["Rex"] == 120_000
    for period_id, earned in wanted.items():
        statement = Statement.objects.filter(period=period_id, participant__source_key="rex").latest("number")
        assert statement.earned_minor == statement.payable_minor == earned
        (line,) = statement.content["prior"]
        assert line["earned_in_key"] == "2026-Q3" and line["difference_minor"] == earned


def test_a_statement_as_known_on_a_day_is_the_one_that_stood_then(viewer, sign_in):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    first, second = Statement.objects.filter(participant__source_key="rex").order_by("number")
    today = second.issued_at.astimezone(ZoneInfo(sol.organisation.time_zone)).date()
    assert statement_known_on(sol, first, today) == second
    assert statement_known_on(sol, second, today - timedelta(days=1)) is None
    assert statement_known_on(viewer("rob"), second, today) is None
    client = sign_in("sol")
    page = client.get(f"/incentives/statements/{first.pk}/?on={today}")
    assert page.status_code == 302 and str(second.pk) in page["Location"]
    answer = client.get(f"/api/v1/incentives/statements/{first.pk}/?on={today}")
    assert answer.status_code == 200 and answer.json()["id"] == str(second.pk)
    assert client.get(f"/api/v1/incentives/statements/{first.pk}/?on=2020-01-01").status_code == 404
    assert client.get(f"/api/v1/incentives/statements/{first.pk}/?on=never").status_code == 400
    for statement in (first, second):
        assert run_recompute(statement.run) == statement.run.results_digest
