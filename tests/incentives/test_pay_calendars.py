"""Quarters paid by the periods of another calendar, and statements as they stood on a past day."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from incentives.models import LedgerEntry, Statement
from incentives.selectors.bridge import bridge_of
from incentives.selectors.statements import statement_known_on
from incentives.services.calendars import pay_calendar_set
from incentives.services.holds import hold_approve, hold_ask, hold_release_ask
from incentives.services.runs import run_recompute
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.people.models import Participant
from tests.incentives import world
from tests.incentives.adding import add_up
from tests.incentives.test_holds import shut, wish

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
    add_up()
    for period_id, earned in wanted.items():
        statement = Statement.objects.filter(period=period_id, participant__source_key="rex").latest("number")
        assert statement.earned_minor == statement.payable_minor == earned
        (line,) = statement.content["prior"]
        assert line["earned_in_key"] == "2026-Q3" and line["difference_minor"] == earned


@pytest.mark.parametrize("kind", [CalendarKind.FOUR_FOUR_FIVE, CalendarKind.SEMI_MONTHLY, CalendarKind.WEEKLY])
def test_pay_of_other_calendars_adds_up_when_it_is_held_and_released(viewer, kind):
    """500.00 are earned and held by the books of the tenth of August, and released by the next ones, which are open."""
    sol, fin = viewer("sol"), viewer("fin")
    quarter = world.build(sol)
    calendar_extend(kind=kind, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    pays = Period.objects.filter(calendar__kind=kind)
    pay_calendar_set(calendar_id=quarter.calendar_id, paid_in_id=pays[0].calendar_id, actor=sol)
    world.deal("D-1", "rex", 1_000_000)
    early, late = (replace(sol, on=day) for day in (date(2026, 8, 10), date(2026, 9, 2)))
    world.calculate(quarter, early)
    first = pays.get(during__contains=early.on)
    second = pays.get(during__startswith=first.during.upper)
    hold = hold_ask(wish=wish(), actor=early)
    assert hold_approve(hold_id=hold.pk, actor=replace(fin, on=early.on)) == []
    shut(first, early, replace(fin, on=late.on))
    hold_release_ask(hold_id=hold.pk, reason="The order is right", actor=late)
    hold_approve(hold_id=hold.pk, actor=replace(fin, on=late.on))
    rex = Participant.objects.get(source_key="rex").pk
    old, new = (bridge_of(each, rex, "USD") for each in (first, second))
    assert [(step.key, step.amount_minor) for step in old.rows] == [
        ("earned", 50_000), ("held", -50_000), ("eligible", 0), ("payable", 0),
    ]  # fmt: skip
    assert [(one.period_key, one.amount_minor) for one in old.since] == [(second.key, 50_000)]
    assert [(step.words, step.amount_minor) for step in new.rows] == [
        ("Earned", 0), (f"Released from hold, held by {first.key}", 50_000), ("Eligible", 50_000), ("Payable", 50_000),
    ]  # fmt: skip
    add_up()


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
