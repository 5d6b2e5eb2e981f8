"""Who sees whose pay: a rep the own, a manager the team of the day, nobody else's, and nothing of another company."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from incentives.models import Plan, PlanVersion, Run, Statement
from incentives.selectors.attainment import attainment_get, attainment_list, period_current, team_total
from incentives.selectors.statements import statement_list
from spm.people.models import Participant
from tests.conftest import TODAY
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    sol = viewer("sol")
    found = world.build(sol)
    for key, owner, amount in (("D-1", "rex", 1_200_000), ("D-2", "ria", 300_000), ("D-3", "rob", 800_000)):
        world.deal(key, owner, amount)
    world.calculate(found, sol)
    return found


def seen(viewer, period) -> set[str]:
    return {statement.participant.name for statement in statement_list(viewer, period_id=period.id)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rex", {"Rex"}),
        ("mara", {"Mara", "Rex", "Ria"}),
        ("mona", {"Mona", "Rob"}),
        ("max", {"Max"}),
        ("sol", {"Mara", "Mona", "Max", "Rex", "Ria", "Rob"}),
        ("fin", {"Mara", "Mona", "Max", "Rex", "Ria", "Rob"}),
    ],
)
def test_statements_are_cut_to_the_reach_of_the_day(period, viewer, name, expected):
    assert seen(viewer(name).acting("statement.view"), period) == expected


def test_the_former_manager_saw_the_team_while_it_was_his(period, viewer):
    before = replace(viewer("max"), on=date(2025, 12, 31), _found={}).acting("statement.view")
    assert seen(before, period) == {"Max", "Rob"}


def _statement(name: str, period) -> Statement:
    return Statement.objects.get(participant__name=name, period=period)


def _pages(statement: Statement) -> list[str]:
    line = [statement.pk, 1]
    return [
        reverse("incentives:statement_detail", args=[statement.pk]),
        reverse("incentives:statement_line", args=line),
        reverse("incentives:statement_line_export", args=[*line, "csv"]),
        reverse("api_incentives_statement", args=[statement.pk]),
        reverse("api_incentives_statement_trace", args=line),
    ]


@pytest.mark.parametrize(
    ("name", "status"),
    [("ria", 404), ("mona", 404), ("max", 404), ("rex", 200), ("mara", 200), ("otto", 200), ("eve", 403), ("ada", 403)],
)
def test_another_persons_statement_does_not_exist(period, sign_in, name, status):
    client = sign_in(name)
    with time_machine.travel(TODAY, tick=False):
        found = {url: client.get(url).status_code for url in _pages(_statement("Rex", period))}
    assert set(found.values()) == {status}, found


def test_lists_name_nobody_out_of_reach(period, sign_in):
    client = sign_in("ria")
    for url in (
        reverse("incentives:statement_list"),
        reverse("incentives:statement_export", args=["csv"]),
        reverse("api_incentives_statements"),
    ):
        body = client.get(url).content.decode()
        assert "Rob" not in body and "Rex" not in body and "650.00" not in body, url


def test_a_rep_sees_the_own_plan_and_no_other(period, sign_in):
    own, other = (Plan.objects.get(code=code) for code in ("reps-2026", "managers-2026"))
    client = sign_in("rex")
    assert client.get(reverse("incentives:plan_detail", args=[own.pk])).status_code == 200
    assert client.get(reverse("incentives:plan_detail", args=[other.pk])).status_code == 404
    version = PlanVersion.objects.get(plan=other)
    assert client.get(reverse("api_incentives_plan_version", args=[version.pk])).status_code == 404
    assert "Managers 2026" not in client.get(reverse("incentives:plan_list")).content.decode()


@pytest.mark.parametrize("name", ["rex", "mara", "eve", "ada"])
def test_runs_and_journals_are_not_for_sellers(period, sign_in, name):
    client = sign_in(name)
    run = Run.objects.get()
    for url in (
        reverse("incentives:run_list"),
        reverse("incentives:run_detail", args=[run.pk]),
        reverse("incentives:journal_list"),
        reverse("api_incentives_runs"),
        reverse("api_incentives_journals"),
    ):
        assert client.get(url).status_code == 403, url
    assert client.post(reverse("incentives:run_start"), {"period": str(period.pk)}).status_code == 403
    assert Run.objects.count() == 1


@pytest.mark.parametrize("name", ["rex", "mara", "fin", "otto", "eve"])
def test_who_may_not_write_plans_writes_none(period, sign_in, name):
    client = sign_in(name)
    plan, version = Plan.objects.get(code="reps-2026"), PlanVersion.objects.get(plan__code="reps-2026")
    urls = [
        reverse("incentives:plan_new"),
        reverse("incentives:plan_version_new", args=[plan.pk]),
        reverse("incentives:plan_publish", args=[version.pk]),
        reverse("incentives:plan_version_end", args=[version.pk]),
        reverse("incentives:plan_assign", args=[plan.pk]),
        reverse("api_incentives_plans"),
        reverse("api_incentives_plan_versions", args=[plan.pk]),
        reverse("api_incentives_plan_version_publish", args=[version.pk]),
    ]
    before = list(PlanVersion.objects.values_list("id", "digest", "state", "during"))
    assert {client.post(url, {"text": world.REPS}).status_code for url in urls} == {403}
    assert list(PlanVersion.objects.values_list("id", "digest", "state", "during")) == before


@pytest.mark.parametrize(
    "name", ["statement_detail", "plan_detail", "run_detail", "journal_detail", "plan_edit", "plan_publish"]
)
def test_what_is_not_there_is_404(period, sign_in, name):
    client = sign_in("sol" if name != "journal_detail" else "fin")
    assert client.get(reverse(f"incentives:{name}", args=[uuid4()])).status_code == 404


def test_attainment_for_first_pages(period, viewer):
    rex = viewer("rex").acting("home.view")
    mine = attainment_get(rex, period_id=period.id, participant_id=rex.participant.id)
    assert [(one.credit_minor, one.quota_minor, one.attainment_rate, one.earned_minor) for one in mine] == [
        (1_200_000, 1_000_000, 120_000_000, 70_000)
    ]
    assert mine[0].next_tier is None and mine[0].edges == ((100_000_000, ""),)
    ria = Participant.objects.get(name="Ria")
    assert attainment_get(rex, period_id=period.id, participant_id=ria.id) == ()
    mara = viewer("mara").acting("team.view")
    team = attainment_list(mara, period_id=period.id)
    assert [one.participant_name for one in team] == ["Mara", "Rex", "Ria"]
    assert (team[2].next_tier.missing_minor, team[2].next_tier.rate) == (700_000, 10_000_000)
    assert [(one.people, one.quota_minor, one.credit_minor) for one in team_total(mara, period_id=period.id)] == [
        (3, 2_000_000, 1_500_000)
    ]
    assert period_current(rex) == period
