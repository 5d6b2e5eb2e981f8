"""Deputies answer by the rights of whom they stand for; what waits is brought to mind and passed up; conflicts are found."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from spm.approvals.conflicts import APART, conflict_list
from spm.approvals.models import KINDS, ApprovalStep, Deputy
from spm.approvals.routes import RouteWish, deputy_end, deputy_name, reminders_set, route_set
from spm.approvals.selectors import approval_list
from spm.approvals.services import approval_decide
from spm.approvals.tasks import ReminderPart
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.tenancy.models import Organisation
from tests.approvals.conftest import ask
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 12, 1)


def name(viewer, person, deputy, *, by="", **more):
    values = {"starts_on": TODAY, "until": UNTIL, "actor": viewer(by or person)}
    return deputy_name(person_id=viewer(person).user_id, deputy_id=viewer(deputy).user_id, **{**values, **more})


def decide(request, actor, **more):
    return approval_decide(request_id=request.pk, is_approved=True, actor=actor, **more)


def test_a_deputy_answers_for_somebody_and_the_record_names_both(two_people, viewer):
    request = ask(viewer("sol"), 1_000)
    with pytest.raises(PermissionDenied, match="needs the right to"):
        decide(request, viewer("mona"))
    name(viewer, "fin", "mona")
    assert [row.pk for row in approval_list(viewer("mona"))] == [request.pk]
    decide(request, viewer("mona"))
    step = ApprovalStep.objects.get(request=request)
    assert (step.decided_by_name, step.decided_for_name, step.is_approved) == ("Mona", "Fin", True)


def test_a_deputy_of_who_asked_or_wrote_answers_nothing_for_them(two_people, viewer):
    name(viewer, "fin", "mona")
    asked, written = ask(viewer("fin")), ask(viewer("sol"), authors=[viewer("fin").user_id])
    for request in (asked, written):
        with pytest.raises(PermissionDenied, match="answer for somebody who asked for it or wrote it"):
            decide(request, viewer("mona"))
        with pytest.raises(IntegrityError, match="approval_step_never_barred"), transaction.atomic():
            ApprovalStep.objects.filter(request=request).update(
                decided_by=viewer("mona").user_id, decided_for=viewer("fin").user_id, decided_at=timezone.now()
            )
    assert not ApprovalStep.objects.exclude(decided_at=None).exists()


def test_who_asked_decides_nothing_as_a_deputy_of_the_approver(two_people, viewer):
    name(viewer, "fin", "mara")
    own = ask(viewer("mara"))
    with pytest.raises(PermissionDenied, match="You asked for it or wrote it"):
        decide(own, viewer("mara"))


def test_a_deputyship_is_bounded_by_days_and_rights_and_passes_nothing_on(two_people, viewer):
    request = ask(viewer("sol"))
    name(viewer, "fin", "mona", starts_on=TODAY + timedelta(days=1))
    name(viewer, "fin", "max", actions=["score.approve"])
    name(viewer, "mona", "eve")
    for other in ("mona", "max", "eve"):
        with pytest.raises(PermissionDenied, match="needs the right to"):
            decide(request, viewer(other))
    row = name(viewer, "fin", "mara")
    deputy_end(deputy_id=row.pk, until=TODAY, actor=viewer("fin"))
    with pytest.raises(PermissionDenied, match="needs the right to"):
        decide(request, viewer("mara"))


def test_a_deputy_of_somebody_who_lost_the_right_has_it_no_more(two_people, viewer):
    request = ask(viewer("sol"))
    name(viewer, "fin", "mona")
    Membership.objects.filter(user__email="fin@acme.example").update(is_active=False)
    with pytest.raises(PermissionDenied, match="needs the right to"):
        decide(request, viewer("mona"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"deputy": "rex"}, "may decide requests"),
        ({"person": "otto", "by": "ada"}, "may decide requests"),
        ({"deputy": "fin"}, "own deputy"),
        ({"until": TODAY}, "not after"),
        ({"actions": ["lunch"]}, "decided by lunch"),
    ],
)
def test_a_deputy_who_can_not_be_is_refused(two_people, viewer, values, words):
    with pytest.raises(ValidationError, match=words):
        name(viewer, **{"person": "fin", "deputy": "mona", **values})
    assert not Deputy.objects.exists()


def test_deputies_of_others_are_named_and_ended_by_who_may_set_routes(two_people, viewer, sign_in):
    with pytest.raises(PermissionDenied, match="needs the right to"):
        name(viewer, "fin", "mona", by="sol")
    row = name(viewer, "fin", "mona", by="ada")
    with pytest.raises(PermissionDenied, match="needs the right to"):
        deputy_end(deputy_id=row.pk, until=TODAY, actor=viewer("mona"))
    with pytest.raises(ValidationError, match="already"):
        name(viewer, "fin", "mona")
    client = sign_in("mara")
    body = {"deputy": viewer("eve").user_id, "starts_on": "2026-11-02", "until": "2026-11-09"}
    made = client.post("/api/v1/approvals/deputies/", body, content_type="application/json")
    assert (made.status_code, made.json()["person_name"], made.json()["deputy_name"]) == (201, "Mara", "Eve")
    assert [each["deputy_name"] for each in client.get("/api/v1/approvals/deputies/").json()["results"]] == ["Eve"]
    form = {"person": viewer("fin").user_id, "deputy": viewer("mara").user_id, "starts_on": "2026-11-02"}
    refused = client.post("/approvals/deputies/", {**form, "until": "2026-11-09"})
    assert refused.status_code == 200 and Deputy.objects.count() == 2
    assert sign_in("ada").post("/approvals/deputies/", {**form, "until": "2026-11-09"}).status_code == 302
    assert Deputy.objects.count() == 3


def test_what_waits_is_brought_to_mind_once_a_day_and_passed_up(two_people, viewer, acme):
    reminders_set(remind_after_days=3, escalate_after_days=7, actor=viewer("ada"))
    wish = RouteWish(kind="manual_credit", name="x", starts_on=TODAY, steps=[{"basis": "role", "role": "manager"}])
    route_set(wish=wish, actor=viewer("ada"))
    with time_machine.travel(datetime(2026, 11, 9, 23, 30, tzinfo=UTC)):  # the company's day is the 10th already
        request = ask(viewer("sol"), 123_456)
    asked = date(2026, 11, 10)
    part = ReminderPart()

    def night(days):
        outcome = part.run(acme, asked + timedelta(days=days), "approvals").outcome
        return outcome["reminded"], outcome["passed up"]

    assert [night(days) for days in (2, 3, 3, 5, 6)] == [(0, 0), (1, 0), (0, 0), (0, 0), (1, 0)]
    told = Notice.objects.filter(slot__contains="reminder")
    assert told.count() == 6 and {one.body for one in told} == {
        "It has waited for 3 days.",
        "It has waited for 6 days.",
    }
    assert night(7) == (0, 0)
    assert "Nobody stands above" in ApprovalStep.objects.get(request=request).note
    decide(request, viewer("mara"))
    assert part.steps(acme, asked) == [] and night(30) == (0, 0)


def test_passing_up_names_the_next_in_the_reporting_line(two_people, viewer, acme):
    wish = RouteWish(kind="manual_credit", name="x", starts_on=TODAY, steps=[{"basis": "line", "level": 1}])
    route_set(wish=wish, actor=viewer("ada"))
    request = ask(viewer("sol"))
    ApprovalStep.objects.filter(request=request).update(asked_ids=[viewer("rex").user_id])
    day = acme.day_of(request.asked_at) + timedelta(days=7)
    assert ReminderPart().run(acme, day, "approvals").outcome["passed up"] == 1
    step = ApprovalStep.objects.get(request=request)
    assert step.asked_ids == sorted([viewer("rex").user_id, viewer("mara").user_id])
    assert Notice.objects.filter(title="Passed up to you: Credit").count() == 1
    assert decide(request, viewer("mara")).state == "approved"


def test_reminders_can_be_switched_off(two_people, viewer, acme):
    reminders_set(remind_after_days=0, escalate_after_days=0, actor=viewer("ada"))
    request = ask(viewer("sol"))
    outcome = ReminderPart().run(acme, request.asked_at.date() + timedelta(days=300), "approvals").outcome
    assert outcome == {"reminded": 0, "passed up": 0}
    with pytest.raises(ValidationError, match="up to 365"):
        reminders_set(remind_after_days=400, escalate_after_days=0, actor=viewer("ada"))


@time_machine.travel(datetime(2026, 11, 2, 12, tzinfo=UTC))
def test_the_report_names_rights_together_own_work_and_single_operators(viewer, in_acme, sign_in):
    alone = ask(viewer("fin"), title="Alone")
    decide(alone, viewer("fin"))
    Organisation.objects.filter(pk=in_acme.pk).update(is_single_operator=False)
    tomorrow = TODAY + timedelta(days=1)
    name(viewer, "sol", "fin", starts_on=TODAY - timedelta(days=1), until=tomorrow)
    joined, clean = ask(viewer("sol"), title="Joined"), ask(viewer("mara"), title="Clean")
    decide(joined, viewer("fin"))
    decide(clean, viewer("fin"))
    found = conflict_list(viewer("otto"), start=TODAY, until=tomorrow)
    assert [(each.kind, each.person, each.what) for each in found if each.at] == [
        ("single operator", "Fin", "Alone"),
        ("own or deputy's work", "Fin", "Joined"),
    ]
    held = {(each.person, each.what) for each in found if each.at is None}
    assert ("Sol", "plan.edit + plan.approve") in held and ("Fin", "credit.edit + credit.approve") in held
    assert not any(person in ("Rex", "Ada", "Otto") for person, _what in held)
    client = sign_in("otto")
    query = f"?start={TODAY}&until={tomorrow}"
    assert "Joined" in client.get(f"/approvals/conflicts/{query}").content.decode()
    assert "Joined" in client.get(f"/approvals/conflicts/csv/{query}").content.decode()
    assert client.get(f"/approvals/conflicts/xlsx/{query}").content[:2] == b"PK"
    listed = client.get(f"/api/v1/approvals/conflicts/{query}").json()["results"]
    assert len(listed) == len(found) and client.get("/api/v1/approvals/conflicts/?start=x").status_code == 400


def test_the_report_tells_the_days_of_the_company(viewer, in_acme, sign_in):
    """Given a decision in the evening of the 9th in Los Angeles, the 10th in UTC, then the report and its file say the 9th."""
    Organisation.objects.filter(pk=in_acme.pk).update(time_zone="America/Los_Angeles")
    alone = ask(viewer("fin"), title="Alone")
    with time_machine.travel(datetime(2026, 11, 10, 2, tzinfo=UTC)):
        decide(alone, viewer("fin"))
    file = sign_in("otto").get("/approvals/conflicts/csv/?start=2026-11-09&until=2026-11-10").content.decode()
    [row] = [line for line in file.splitlines() if "Alone" in line]
    assert row.endswith("2026-11-09")


def test_whoever_asks_and_approves_the_same_is_in_the_report():
    """Two people agree to reopen a period by one right, so nothing is apart there."""
    assert {right for _, right in KINDS.values()} - {"period.reopen"} <= {approves for _, approves in APART}
