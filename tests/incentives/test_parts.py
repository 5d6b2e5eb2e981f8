"""A plan that asks what part one measure is of another, through run, statement and why: no quota is shown where there is none."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import Statement
from incentives.selectors.papers.statement import statement_paper
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
  - {key: all, name: All sales}
  - {key: large, name: Large deals, credit: {where: {amount: {at_least: 5000}}}, against: all}
components:
  - {key: commission, name: Commission, rate: 5 %, gates: [{of: large, at_least: 80 %}]}
  - key: part
    name: Part
    credit: {where: {amount: {at_least: 5000}}}
    against: all
    tiers: [{until: 50 %, rate: 10 %}, {rate: 20 %}]
"""


def calculated(sol, *amounts):
    """The statement of one seller after some deals."""
    for number, amount in enumerate(amounts):
        world.deal(f"D-{number}", "rex", amount)
    world.calculate(Period.objects.get(key="2026-Q3"), sol)
    return Statement.objects.filter(participant__source_key="rex").latest("number")


def test_what_part_is_reached_decides_and_is_told(viewer, sign_in):
    sol = viewer("sol")
    calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, PLAN)
    statement = calculated(sol, 1_000_000, 250_000)
    commission, part = world.lines(statement)
    # 10,000 of 12,500 are 80 %: 12,500 × 5 %; 6,250 × 10 % + 3,750 × 20 %
    assert (commission.earned_minor, part.earned_minor) == (62_500, 137_500)
    assert part.quota_minor is None and part.attainment_rate is None and not part.has_quota
    pages = [
        " ".join(strip_tags(unescape(sign_in("rex").get(url).content.decode())).replace("\xa0", " ").split())
        for url in (reverse("incentives:statement_line", args=[statement.pk, place]) for place in (1, 2))
    ]
    assert (
        "Large deals is 10,000.00 USD of All sales of 12,500.00 USD, which is 80 %, at least 80 % is asked, met"
        in pages[0]
    )
    assert "0% to 50%" in pages[1] and "of quota" not in pages[1]
    paper = str(statement_paper(statement))
    assert "0% to 50%" in paper and "of quota" not in paper
    later = calculated(sol, 1_000_000, 250_001)
    assert [line.earned_minor for line in world.lines(later)] == [0, 137_500]
    [waits] = world.lines(later)[0].waits_for
    assert (waits.of, waits.is_part, waits.asked) == ("Large deals", True, 80_000_000)
