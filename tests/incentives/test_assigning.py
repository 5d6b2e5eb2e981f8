"""Putting people on plans: page, API, file and command do the same, and never leave two plans of one person open."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incentives.models import BooksState, PeriodStep, Plan, PlanAssignment
from incentives.services.assignments import plan_assign
from incentives.services.files import ASSIGNMENTS
from incentives.services.lifecycle import plan_publish
from incentives.services.plans import plan_create
from planning.models import Period
from spm.crm.exports import write_csv
from spm.crm.row_files import rows_take
from spm.people.models import Participant, Title
from tests.incentives import world

pytestmark = pytest.mark.django_db
JSON = "application/json"
MOVE = (("hunters", "2026-01-01"), ("farmers", "2026-05-01"))


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


def taken(actor, *rows: tuple[str, str, str], who: str = "rex", **more):
    """Take a file of (plan, from, until) for one person."""
    content = write_csv([[plan, who, start, until] for plan, start, until in rows], ["plan", "person", "from", "until"])
    return rows_take(ASSIGNMENTS, content, "plans.csv", actor=actor, **more)


def test_a_file_moves_as_the_page_does_and_is_taken_again_unchanged(plans, viewer):
    sol = viewer("sol")
    move = [("hunters", "2026-01-01", ""), ("farmers", "2026-05-01", "")]
    assert (taken(sol, *move, is_check=True).total, rex_is_on()) == (2, [("Hunters", date(2026, 1, 1), None)])
    assert dict(taken(sol, *move).counts) == {"created": 1, "updated": 0, "unchanged": 1}
    both = [("Hunters", date(2026, 1, 1), date(2026, 5, 1)), ("Farmers", date(2026, 5, 1), None)]
    assert rex_is_on() == both
    assert taken(sol, *move).counts["unchanged"] == 2 and rex_is_on() == both
    PlanAssignment.objects.filter(plan=plans["Hunters"]).update(during=DateRange(date(2026, 1, 1), None))
    assert taken(sol, move[1]).counts["updated"] == 1 and rex_is_on() == both
    world.deal("D-1", "rex", 100_000, on=date(2026, 7, 31))
    period = Period.objects.get(key="2026-Q3")
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 5_000


def test_rows_of_a_file_that_leave_open_what_is_meant_are_refused_with_the_days_to_send(plans, viewer):
    sol = viewer("sol")
    assert not taken(sol, ("farmers", "2026-07-01", "")).findings
    before = rex_is_on()
    refused = taken(sol, ("scouts", "2026-04-01", ""))
    assert [(one.code, one.where) for one in refused.findings] == [("ROW_REFUSED", "plans.csv, row 2")]
    assert (
        "Rex is on Farmers from 2026-07-01 until further notice already. Two plans at once pay nothing. "
        "Give 2026-07-01 as the end (until)"
    ) in refused.findings[0].what
    assert "Give 2026-07-01 as the end" in taken(sol, ("hunters", "2026-01-01", "2026-09-01")).findings[0].what
    inside = taken(sol, ("scouts", "2026-02-01", "2026-03-01"))
    assert "Leave the end (until) out for a move on 2026-02-01" in inside.findings[0].what
    twice = taken(sol, ("scouts", "2026-01-01", ""), ("farmers", "2026-01-01", ""))
    assert [(one.code, one.where) for one in twice.findings] == [("ROWS_CONFLICT", "plans.csv, row 3")]
    assert "before the first day" in taken(sol, ("scouts", "2026-04-01", "2026-03-01")).findings[0].what
    assert rex_is_on() == before
    assert dict(taken(sol, ("scouts", "2026-04-01", "2026-07-01")).counts)["created"] == 1
    assert [plan for plan, _, _ in rex_is_on()] == ["Hunters", "Scouts", "Farmers"]


def test_a_file_of_many_people_asks_once_who_is_on_which_plan(plans, viewer):
    sol = viewer("sol")
    Participant.objects.bulk_create(
        Participant(source="hr", source_key=f"p{number}", name=f"Person {number}") for number in range(40)
    )

    def file(count):
        rows = [[plan, f"p{number}", day, ""] for number in range(count) for plan, day in MOVE]
        return write_csv(rows, ["plan", "person", "from", "until"])

    def asked(count):
        with CaptureQueriesContext(connection) as queries:
            assert rows_take(ASSIGNMENTS, file(count), "plans.csv", actor=sol, is_check=True).total == 2 * count
        return len(queries)

    # for each person two assignments made, the first of them ended
    assert asked(40) - asked(20) == 3 * 20


@pytest.mark.parametrize("until", ["2025-12-01", "2026-05-01"])
def test_an_end_before_the_start_is_refused_by_page_and_api(plans, sign_in, until):
    client, before = sign_in("sol"), rex_is_on()
    refused = put(client, "farmers", "2026-05-01", until)
    assert refused.status_code == 400 and "The end lies before the first day" in str(refused.json())
    rex = Participant.objects.get(source_key="rex").pk
    for do in ("preview", "assign"):
        form = {"participant": rex, "start": "2026-05-01", "until": until, "do": do}
        page = client.post(reverse("incentives:plan_assign", args=[plans["Farmers"].pk]), form)
        assert "The end lies before the first day" in page.content.decode()
    assert rex_is_on() == before


def test_the_preview_says_what_ends_also_where_no_plan_pays_any_more(plans, sign_in):
    made = put(sign_in("sol"), "farmers", "2027-05-01")
    assert [one["plan_name"] for one in made.json()["ended"]] == ["Hunters"]
    assert rex_is_on()[0] == ("Hunters", date(2026, 1, 1), date(2027, 5, 1))


def test_the_command_says_that_nothing_was_stored_where_somebody_stands_in_the_way(plans, viewer, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(world.REPS.replace("reps-2026", "callers").replace("Reps 2026", "Callers"), encoding="utf-8")
    rep = Title.objects.get(code="rep")
    whom = {"target": "title", "target_id": rep.pk, "actor": viewer("sol")}
    PlanAssignment.objects.filter(title=rep).delete()
    plan_assign(plan_id=plans["Farmers"].pk, start=date(2026, 7, 1), **whom)
    titles = ["--title", "manager", "--title", "rep"]
    with pytest.raises(CommandError) as refused:
        call_command("import_plan", str(file), "--organisation", "acme", "--publish", *titles)
    assert str(refused.value).startswith("Nothing was stored: ")
    assert not Plan.objects.filter(code="callers").exists()


def test_the_preview_names_the_plan_that_pays_until_the_day_before(plans, sign_in, viewer):
    client, sol = sign_in("sol"), viewer("sol")
    text = world.REPS.replace("reps-2026", "next").replace("Reps 2026", "Next")
    text = text.replace("from: 2026-01-01", "from: 2027-01-01").replace("until: 2027-01-01", "until: 2028-01-01")
    plan = plan_publish(version_id=plan_create(document=text, actor=sol)[0].pk, actor=sol).plan
    page = reverse("incentives:plan_assign", args=[plan.pk])
    rex = Participant.objects.get(source_key="rex").pk
    for start in ("2027-01-01", "2026-12-01"):
        seen = client.post(page, {"participant": rex, "start": start, "do": "preview"}).content.decode()
        assert "Hunters, until the day before" in seen and "no plan" not in seen, start


def test_the_three_ways_to_say_who_are_not_called_optional(plans, sign_in):
    page = sign_in("sol").get(reverse("incentives:plan_assign", args=[plans["Farmers"].pk])).content.decode()
    assert "Choose exactly one of title, position and person." in page
    assert page.count("field-optional") == 1  # the last day
