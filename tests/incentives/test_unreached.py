"""What holds a payment back, said to the person: gates, thresholds and tiers at 0 %, with what was reached so far."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.engine.unreached import Unreached
from incentives.models import Statement
from incentives.selectors.attainment import attainment_get
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from tests.incentives import world

pytestmark = pytest.mark.django_db

PLAN = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
measures:
  - {key: won, name: Won deals, measure: COUNT, credit: {kind: DIRECT, where: {stage: Won}}}
components:
  - key: commission
    name: Commission
    credit: {kind: DIRECT, where: {stage: Won}}
    quota: amount
    threshold: 40 %
    rate: 5 %
  - key: bonus
    name: Bonus
    bonus: 500
    gates: [{of: commission, at_least: 80 %}, {of: won, at_least: 3}]
  - key: tiered
    name: Tiered
    credit: {kind: DIRECT, where: {stage: Won}}
    tiers: [{until: 5000, rate: 0 %}, {rate: 2 %}]
"""


@pytest.fixture
def statement(viewer):
    sol = viewer("sol")
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.quotas(periods, world.QUOTA, sol)
    world.publish(sol, PLAN)
    world.deal("D-1", "rex", 319_999)
    world.calculate(Period.objects.get(key="2026-Q3"), sol)
    return Statement.objects.get(participant__source_key="rex")


def texts(page):
    """What a page says, without its tags, its spaces made one."""
    return " ".join(strip_tags(page).replace("\xa0", " ").split())


def waiting(statement):
    return {
        line.component: [(one.of, one.by_quota, one.asked, one.reached) for one in line.waits_for]
        for line in world.lines(statement)
    }


def test_a_statement_names_what_is_not_reached_and_where_one_stands(statement):
    assert waiting(statement) == {
        "commission": [("Commission", True, 40_000_000, 31_900_000)],
        "bonus": [("Commission", True, 80_000_000, 31_900_000), ("Won deals", False, 30_000, None)],
        "tiered": [("Tiered", False, 500_000, 319_999)],
    }


def test_what_is_reached_holds_nothing_back(statement, viewer):
    world.deal("D-2", "rex", 180_001)
    world.calculate(statement.period, viewer("sol"))
    latest = Statement.objects.filter(participant__source_key="rex").latest("number")
    assert waiting(latest) == {
        "commission": [],
        "bonus": [("Commission", True, 80_000_000, 50_000_000), ("Won deals", False, 30_000, None)],
        "tiered": [],
    }
    assert next(line.earned_minor for line in world.lines(latest) if line.component == "commission") == 25_000


def test_the_first_page_and_the_statement_say_it_in_words(statement, sign_in, viewer):
    rex = viewer("rex")
    mine = attainment_get(rex, period_id=statement.period_id, participant_id=rex.participant.pk)
    home = texts(render_to_string("insights/_own_pay.html", {"content": {"mine": mine, "period": statement.period}}))
    assert "Pays nothing until attainment reaches 40%: you are at 31.9%." in home
    assert "Pays nothing until Won deals reaches 3." in home
    assert "Pays nothing until Tiered reaches $5,000.00: you are at $3,199.99." in home
    page = texts(sign_in("rex").get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode())
    assert "Pays nothing until attainment reaches 40%: you are at 31.9%." in page
    api = sign_in("rex").get(reverse("api_incentives_statement", args=[statement.pk])).json()
    assert api["lines"][0]["waits_for"] == [
        {"measure": "Commission", "by_quota": True, "is_money": True, "asked": 40_000_000, "reached": 31_900_000}
    ]


def test_the_estimate_says_what_holds_back_also_with_the_deal(statement, sign_in):
    url = reverse("api_incentives_statement_estimate", args=[statement.pk])
    given = {"amount_minor": 10_000, "close_on": "2026-09-01"}
    lines = {line["component"]: line for line in sign_in("rex").get(url, given).json()["lines"]}
    assert lines["bonus"]["waits_for"] == [
        {"measure": "Commission", "by_quota": True, "is_money": True, "asked": 80_000_000, "reached": 32_900_000},
        {"measure": "Won deals", "by_quota": False, "is_money": False, "asked": 30_000, "reached": 20_000},
    ]
    page = texts(
        sign_in("rex")
        .get(
            reverse("incentives:statement_estimate", args=[statement.pk]), {"amount": "5000", "close_on": "2026-09-01"}
        )
        .content.decode()
    )
    assert "Pays nothing until Won deals reaches 3: it is at 2." in page and "Pays nothing until attainment" not in page


def test_a_part_of_another_measure_is_no_share_of_a_quota():
    part = Unreached("margin", True, True, True, 20 * 10**6, 19_900_000, is_part=True)
    told = render_to_string("incentives/_waits_for.html", {"waits_for": [part], "is_own": True, "currency": "USD"})
    assert "Pays nothing until margin reaches 20%: you are at 19.9%." in strip_tags(told)
