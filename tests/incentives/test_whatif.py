"""What-if: a draft beside the live plan, on frozen facts and with open deals, for those who may; it writes no results."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from incentives.models import PlanVersion
from incentives.services.plans import plan_version_save
from incentives.tasks import TrialWork
from spm.crm.models import OpportunityVersion
from spm.jobs.models import Job
from tests.incentives import world

pytestmark = pytest.mark.django_db

RESULTS = ("run", "runinput", "runearning", "runcredit", "journal", "ledgerentry", "statement")


@pytest.fixture
def draft(viewer):
    """Rex over quota, Ria under it; the draft pays 20 % above quota and 4 % below."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "ria", 500_000)
    world.calculate(period, sol)
    document = (
        world.REPS.replace("rate: 5 %", "rate: 4 %")
        .replace("rate: 10 %", "rate: 20 %")
        .replace("2026-01-01", "2026-07-01")
    )
    plan = PlanVersion.objects.get(plan__code="reps-2026").plan
    version, _ = plan_version_save(plan_id=plan.pk, document=document, actor=sol)
    return version, period


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for name in RESULTS:
            cursor.execute(f"select count(*) from incentives_{name}")
            found[name] = cursor.fetchone()[0]
    return found


def address(version, period, **more):
    query = {
        "period": str(period.id),
        "plan": str(version.plan_id),
        "pipeline": "NONE",
        "quota": 100,
        "years": 1000,
        "seed": 1,
    } | more
    return reverse("incentives:plan_whatif", args=[version.pk]), query


def test_a_draft_is_held_beside_the_live_plan_and_nothing_is_written(draft, sign_in):
    version, period = draft
    before = counts()
    page = sign_in("sol").get(*address(version, period, budget="2000"))
    text = page.content.decode()
    assert page.status_code == 200
    total = page.context["total"]
    people = {one.name: (one.before_minor, one.after_minor) for one in total.people}
    assert people == {"Rex": (73_333, 86_667), "Ria": (25_000, 20_000), "Rob": (0, 0)}
    assert (total.total.before_minor, total.total.after_minor, total.winners, total.losers) == (98_333, 106_667, 1, 1)
    assert [part.way for part in page.context["trial"].parts] == ["TOTALS"]
    assert "$866.67" in text and "$50.00" in text
    assert counts() == before


def test_quotas_and_open_deals_are_tried_with_it(draft, sign_in):
    version, period = draft
    now = timezone.now()
    world.deal("D-3", "ria", 1_000_000)
    OpportunityVersion.objects.filter(fact__source_key="D-3").update(
        status="open",
        stage="Proposal",
        close_on=None,
        expected_close_on=date(2026, 9, 1),
        probability_rate=50_000_000,
        known_from=now,
    )
    client = sign_in("sol")
    plain = client.get(*address(version, period, quota=200)).context["total"]
    assert {one.name: one.after_minor for one in plain.people}["Rex"] == 49_333
    weighted, whole = (
        client.get(*address(version, period, pipeline=how)).context["total"] for how in ("WEIGHTED", "ALL_IN")
    )
    assert {one.name: (one.before_minor, one.after_minor) for one in weighted.people}["Ria"] == (50_000, 40_000)
    assert {one.name: (one.before_minor, one.after_minor) for one in whole.people}["Ria"] == (100_000, 140_000)


def test_the_cost_is_drawn_again_and_held_against_a_budget(draft, sign_in):
    version, period = draft
    world.deal("D-4", "rex", 200_000, date(2026, 8, 9))
    page = sign_in("sol").get(*address(version, period, budget="1500"))
    spreads = {one.name: one for one in page.context["total"].spreads}
    assert spreads["Live plan"].mean_minor == 98_333 and spreads["Live plan"].chance_rate == 0
    alone = {amount for _, amount in spreads["Live plan"].percentiles}
    assert alone == {98_333}, "the deal after the run is not among its facts"
    page = sign_in("sol").get(*address(version, period, pipeline="ALL_IN", budget="1500"))
    after = {one.name: one for one in page.context["total"].spreads}["Draft"]
    percentiles = dict(after.percentiles)
    assert percentiles[5] < percentiles[50] <= percentiles[95] and 0 < after.chance_rate < 10**8
    assert b"Above budget" in page.content


def test_a_person_opens_and_the_table_leaves_as_a_file(draft, sign_in):
    version, period = draft
    client = sign_in("sol")
    url, query = address(version, period)
    total = client.get(url, query | {"sort": "-difference"}).context["total"]
    rex = next(one.key for one in total.people if one.name == "Rex")
    page = client.get(url, query | {"person": rex})
    assert [(period, line.name, line.difference_minor) for period, line in page.context["person"][1]] == [
        ("2026-Q3", "Commission", 13_334)
    ]
    names = [one.name for one in client.get(url, query | {"sort": "-difference"}).context["page"]]
    assert names == ["Rex", "Rob", "Ria"]
    export = reverse("incentives:plan_whatif_export", args=[version.pk, "csv"])
    lines = client.get(export, query | {"sort": "person"}).content.decode().splitlines()
    assert lines[0].endswith("Person,Live plan,Draft,Difference,Change,Currency")
    assert lines[1].startswith("Rex,733.33,866.67,133.34,0.18")


def test_a_long_one_is_a_job(draft, sign_in):
    version, period = draft
    before = counts()
    client = sign_in("sol")
    url, query = address(version, period, years=10_000)
    page = client.get(url, query)
    assert page.context["trial"].needs_job and page.context["total"] is None
    answer = client.post(url, query)
    assert answer.status_code == 302 and "?job=" in answer["Location"]
    waiting = client.get(answer["Location"])
    assert waiting.context["total"] is None and waiting.context["progress"].state == "queued"
    job = Job.objects.get(kind="whatif")
    for step in TrialWork().steps(job):
        assert TrialWork().run(job, step).outcome == {"people": 3}
    done = client.get(answer["Location"]).context["total"]
    assert (done.total.before_minor, done.total.after_minor, done.draws) == (98_333, 106_667, 10_000)
    assert counts() == before


def test_a_rep_may_not(draft, sign_in):
    version, period = draft
    assert sign_in("rex").get(*address(version, period)).status_code == 403


def test_the_api_tries_a_document_that_is_not_stored(draft, sign_in):
    version, period = draft
    before, client = counts(), sign_in("sol")
    definition = version.definition | {
        "components": [version.definition["components"][0] | {"tiers": [{"rate": "1 %"}]}]
    }
    url = reverse("api_incentives_plan_version_whatif", args=[version.pk])
    body = {"periods": [str(period.id)], "definition": definition, "budget_minor": 10_000}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["before_minor"], found["after_minor"], found["winners"], found["losers"]) == (98_333, 17_333, 0, 2)
    assert [(row["name"], row["after_minor"]) for row in found["people"]] == [
        ("Rex", 12_333),
        ("Ria", 5_000),
        ("Rob", 0),
    ]
    assert [
        (row["period_key"], row["component"], row["after_minor"]) for row in found["lines"] if row["after_minor"]
    ] == [("2026-Q3", "commission", 12_333), ("2026-Q3", "commission", 5_000)]
    assert [(one["name"], one["mean_minor"], one["chance_rate"]) for one in found["spreads"]] == [
        ("live", 98_333, 10**8),
        ("draft", 17_333, 10**8),
    ]
    assert counts() == before
    long = client.post(url, {"periods": [str(period.id)], "years": 10_000}, content_type="application/json")
    assert long.status_code == 202
    waiting = client.get(f"{url}?job={long.json()['job']}")
    assert waiting.status_code == 202 and waiting.json()["state"] == "queued"
    broken = client.post(
        url, {"periods": [str(period.id)], "definition": {"plan": "x"}}, content_type="application/json"
    )
    assert broken.status_code == 400
