"""The estimator: what one more deal would pay, on the person's own facts, without a row written."""

from datetime import date

import pytest
from django.urls import reverse

from incentives.engine.compiling import compile_plan
from incentives.models import Statement
from incentives.selectors.estimates import estimate, ranked
from incentives.services.plans import plan_create
from planning.models import Quota
from tests.incentives import world
from tests.incentives.test_whatif import counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 800_000)
    world.deal("D-2", "ria", 500_000)
    world.calculate(period, sol)
    return {name: Statement.objects.get(participant__source_key=name) for name in ("rex", "rob", "mara")}


def test_the_next_deal_crosses_the_tier(statement, sign_in):
    before = counts()
    client = sign_in("rex")
    url = reverse("incentives:statement_estimate", args=[statement["rex"].pk])
    assert client.get(url).context["found"] is None
    page = client.get(url, {"amount": "5000", "close_on": "2026-09-01"})
    found = page.context["found"]
    assert found.pays_minor == 40_000
    line = found.lines[0]
    assert (line.before_minor, line.after_minor, line.before_rate, line.after_rate) == (
        40_000,
        80_000,
        80_000_000,
        130_000_000,
    )
    assert line.next_tier is None and "+$400.00" in page.content.decode()
    small = client.get(url, {"amount": "500", "close_on": "2026-09-01"}).context["found"].lines[0]
    assert small.difference_minor == 2_500 and small.next_tier.missing_minor == 150_000
    assert counts() == before


def test_who_has_no_deal_yet_and_who_leads_a_team(statement, sign_in):
    url = reverse("api_incentives_statement_estimate", args=[statement["rob"].pk])
    answer = sign_in("rob").get(url, {"amount_minor": 200_000, "close_on": "2026-07-01"}).json()
    assert (answer["pays_minor"], answer["lines"][0]["missing_to_next_tier_minor"]) == (10_000, 800_000)
    mara = reverse("api_incentives_statement_estimate", args=[statement["mara"].pk])
    answer = sign_in("mara").get(mara, {"amount_minor": 200_000, "close_on": "2026-07-01"}).json()
    assert answer["pays_minor"] == 0 and answer["lines"][0]["before_minor"] == 13_000


def test_a_day_outside_and_somebody_else_are_refused(statement, sign_in):
    url = reverse("incentives:statement_estimate", args=[statement["rex"].pk])
    page = sign_in("rex").get(url, {"amount": "5000", "close_on": "2026-12-01"})
    assert page.context["found"] is None and "The close date lies outside 2026-Q3." in page.content.decode()
    assert sign_in("rob").get(url).status_code == 404
    api = reverse("api_incentives_statement_estimate", args=[statement["rex"].pk])
    assert sign_in("rex").get(api, {"amount_minor": 1, "close_on": "2026-12-01"}).status_code == 400


def test_what_cannot_be_calculated_is_unknown_and_not_nothing(viewer, sign_in):
    """Without a quota nobody can say what a tier of attainment pays."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 800_000)
    world.calculate(period, sol)
    Quota.objects.all().delete()
    world.calculate(period, sol)
    rex = Statement.objects.filter(participant__source_key="rex").latest("number")
    url = reverse("api_incentives_statement_estimate", args=[rex.pk])
    answer = sign_in("rex").get(url, {"amount_minor": 200_000, "close_on": "2026-07-01"}).json()
    assert answer["pays_minor"] is None and "quota" in answer["lines"][0]["reason"].lower()


def test_what_builds_on_a_contest_is_left_out(viewer):
    text = """
plan: contest
name: Contest
currency: USD
from: 2026-01-01
until: 2027-01-01
cap: 1000
components:
  - key: prize
    name: Prize
    credit: {kind: DIRECT}
    contest: {prizes: [500, 300]}
  - key: half
    name: Half of the prize
    formula: prize * 50 %
  - key: plain
    name: Plain
    credit: {kind: DIRECT}
    rate: 5 %
"""
    world.build(viewer("sol"))
    version, findings = plan_create(document=text, actor=viewer("sol"))
    plan, _ = compile_plan(version.definition)
    assert plan is not None, findings
    assert ranked(plan) == {"prize", "half", "plan-cap", "plan-floor"}


def test_the_limit_of_a_plan_with_a_contest_leaves_the_sum_unknown(viewer):
    """The plan pays at most 500.00: at the cap 10 % of 5,000.00 more is not +500.00, and what the contest pays is not known."""
    sol = viewer("sol")
    period = world.build(sol)
    world.publish(sol, CONTEST.format(cap="cap: 500"), person="rex")
    world.deal("D-1", "rex", 800_000)
    world.calculate(period, sol)
    rex = Statement.objects.get(participant__source_key="rex", period=period)
    assert rex.earned_minor == 50_000
    found = estimate(rex, amount_minor=500_000, close_on=date(2026, 9, 1))
    assert {one.component: one.difference_minor for one in found.lines} == {
        "plain": 50_000,
        "plan-cap": None,
    }
    assert found.pays_minor is None and found.ranked == ("Prize",)
    assert found.lines[-1].reason.startswith("It holds for what a contest pays too")


def test_a_contest_of_a_plan_without_limits_leaves_the_rest_known(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.publish(sol, CONTEST.format(cap=""), person="rex")
    world.deal("D-1", "rex", 800_000)
    world.calculate(period, sol)
    rex = Statement.objects.get(participant__source_key="rex", period=period)
    assert estimate(rex, amount_minor=500_000, close_on=date(2026, 9, 1)).pays_minor == 50_000


CONTEST = """
plan: contest
name: Contest
currency: USD
from: 2026-01-01
until: 2027-01-01
{cap}
components:
  - key: prize
    name: Prize
    credit: {{kind: DIRECT}}
    contest: {{prizes: [500, 300]}}
  - key: plain
    name: Plain
    credit: {{kind: DIRECT}}
    rate: 10 %
"""


def test_a_statement_in_another_currency_says_where_the_plan_pays(statement, sign_in):
    """Rex is paid in euros: his statement in euros has no line, so what the deal pays is told on the one in dollars."""
    own = statement["rex"]
    euros = Statement.objects.get(pk=own.pk)
    euros.pk, euros.currency = None, "EUR"
    euros.content = own.content | {"lines": []}
    euros.save(force_insert=True)
    asked = {"amount_minor": 500_000, "close_on": "2026-09-01"}
    answer = sign_in("rex").get(reverse("api_incentives_statement_estimate", args=[euros.pk]), asked).json()
    assert (answer["pays_minor"], answer["lines"], answer["elsewhere"]) == (None, [], ["USD"])
    url = reverse("incentives:statement_estimate", args=[euros.pk])
    page = sign_in("rex").get(url, {"amount": "5000", "close_on": "2026-09-01"}).content.decode()
    assert "€0.00" not in page and "Plans pay in USD" in page
