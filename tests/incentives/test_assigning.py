"""Putting people on plans: page, API and command do the same, and never leave two plans of one person open."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incentives.models import BooksState, PeriodStep, PlanAssignment
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish
from incentives.services.plans import plan_create
from planning.models import Period
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def plans(viewer):
    """Three published plans that pay alike; Rex is on the first from January by name."""
    sol, found = viewer("sol"), {}
    world.build(sol)
    for name in ("Hunters", "Farmers", "Scouts"):
        text = world.REPS.replace("reps-2026", name.lower()).replace("Reps 2026", name)
        found[name] = plan_publish(version_id=plan_create(document=text, actor=sol)[0].pk, actor=sol).plan
    rex = Participant.objects.get(source_key="rex")
    whom = {"target": "participant", "target_id": rex.pk, "actor": sol}
    plan_assign(plan_id=found["Hunters"].pk, start=date(2026, 1, 1), **whom)
    return found


def rex_is_on() -> list[tuple[str, date, date | None]]:
    rows = PlanAssignment.objects.filter(participant__source_key="rex").order_by("during").select_related("plan")
    return [(one.plan.name, one.during.lower, one.during.upper) for one in rows]


def put(client, plan: str, start: str, until: str | None = None):
    body = {"participant": "rex", "start": start, "until": until}
    return client.post(f"/api/v1/incentives/plans/{plan}/assignments/", body, content_type=JSON)


def test_the_api_moves_as_the_page_does_and_says_what_it_ended_and_which_closed_periods_it_touches(
    plans, sign_in, viewer
):
    second = Period.objects.get(key="2026-Q2")
    states = {"from_state": BooksState.OPEN, "to_state": BooksState.LOCKED}
    PeriodStep.objects.create(period=second, number=1, by_name="Sol", at=timezone.now(), **states)
    made = put(sign_in("sol"), "farmers", "2026-05-01")
    assert made.status_code == 201
    hunters = str(plans["Hunters"].pk)
    assert made.json()["ended"] == [
        {"plan": hunters, "plan_name": "Hunters", "start": "2026-01-01", "until": "2026-05-01"}
    ]
    assert made.json()["closed_periods"] == ["2026-Q2"]
    assert rex_is_on() == [("Hunters", date(2026, 1, 1), date(2026, 5, 1)), ("Farmers", date(2026, 5, 1), None)]
    world.deal("D-1", "rex", 100_000, on=date(2026, 7, 31))
    period = Period.objects.get(key="2026-Q3")
    world.calculate(period, viewer("sol"))
    assert world.earned(period)["Rex"] == 5_000


def test_an_earlier_move_after_a_later_one_says_its_last_day_and_both_hold(plans, sign_in):
    client = sign_in("sol")
    assert put(client, "farmers", "2026-07-01").status_code == 201
    before = rex_is_on()
    refused = put(client, "scouts", "2026-04-01")
    assert refused.status_code == 400 and rex_is_on() == before
    assert (
        "Rex is on Farmers from 2026-07-01 until further notice already. Two plans at once pay nothing. "
        "Give 2026-07-01 as the end (until)"
    ) in str(refused.json())
    assert put(client, "scouts", "2026-04-01", "2026-07-01").json()["ended"][0]["plan_name"] == "Hunters"
    assert rex_is_on() == [
        ("Hunters", date(2026, 1, 1), date(2026, 4, 1)),
        ("Scouts", date(2026, 4, 1), date(2026, 7, 1)),
        ("Farmers", date(2026, 7, 1), None),
    ]


def test_some_days_of_another_plan_in_the_midst_of_one_are_refused(plans, sign_in, viewer):
    before = rex_is_on()
    refused = put(sign_in("sol"), "farmers", "2026-04-01", "2026-07-01")
    assert refused.status_code == 400 and rex_is_on() == before
    assert "Leave the end (until) out for a move on 2026-04-01" in str(refused.json())
    whom = {"target": "participant", "target_id": Participant.objects.get(source_key="rex").pk, "actor": viewer("sol")}
    with pytest.raises(ValidationError, match="Rex is on Hunters from 2026-01-01 until further notice already"):
        plan_assign(plan_id=plans["Farmers"].pk, start=date(2026, 4, 1), until=date(2026, 7, 1), **whom)


def test_a_move_on_the_first_day_takes_the_place_of_the_other(plans, sign_in):
    assert put(sign_in("sol"), "farmers", "2026-01-01").json()["ended"][0]["until"] == "2026-01-01"
    assert rex_is_on() == [("Farmers", date(2026, 1, 1), None)]
