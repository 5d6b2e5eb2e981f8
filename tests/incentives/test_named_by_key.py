"""The API takes the keys that people know in place of ids, and says which key it does not know and which is nearest."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives.api.adjustments import BatchIn
from incentives.api.parallel import ParallelIn
from incentives.models import Adjustment, Hold, Plan, PlanAssignment, PlanVersion
from incentives.services.plans import plan_version_save
from planning.models import Period
from spm.crm.models import Opportunity
from spm.crm.row_files import ROWS
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.roles.models import Reach, Role, RoleGrant
from tests.incentives import world

pytestmark = pytest.mark.django_db
JSON = "application/json"
PLANS = "/api/v1/incentives/plans/"


@pytest.fixture
def period(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(period, sol)
    return period


def test_a_run_takes_the_key_or_the_id_of_its_period(period, sign_in):
    client, url = sign_in("sol"), "/api/v1/incentives/runs/"
    named = [client.post(url, {"period": name}, content_type=JSON) for name in ("2026-q3", str(period.pk))]
    assert [one.status_code for one in named] == [202, 202] and named[0].json()["job"] == named[1].json()["job"]
    refused = client.post(url, {"period": "2026-Q33"}, content_type=JSON)
    assert refused.status_code == 400
    assert refused.json()["where"] == {"period": ["There is no period 2026-Q33. Did you mean 2026-Q3?"]}
    assert [run["period_key"] for run in client.get(url, {"period__key": "2026-Q3"}).json()["results"]] == ["2026-Q3"]
    assert client.get(url, {"period__key": "2026-Q1"}).json()["count"] == 0


@pytest.mark.parametrize(
    ("who", "door"), [("fin", "payouts"), ("fin", "journals/exports"), ("sol", "statements/papers")]
)
def test_what_is_made_of_a_period_takes_its_key(who, door, period, sign_in):
    client, url = sign_in(who), f"/api/v1/incentives/{door}/"
    named = [client.post(url, {"period": name}, content_type=JSON) for name in ("2026-q3", str(period.pk))]
    assert named[0].status_code == named[1].status_code != 404
    words = [str(one.json().get("message", one.json().get("id"))) for one in named]
    assert words[0] == words[1] != "The request has errors."
    refused = client.post(url, {"period": "2026-Q33"}, content_type=JSON)
    assert refused.status_code == 400
    assert refused.json()["where"] == {"period": ["There is no period 2026-Q33. Did you mean 2026-Q3?"]}


@pytest.mark.parametrize(("target", "name"), [("participant", "rex"), ("title", "manager"), ("position", "rex")])
def test_an_assignment_takes_keys(target, name, period, sign_in):
    client, url = sign_in("sol"), f"{PLANS}reps-2026/assignments/"
    body = {target: name, "start": "2026-10-01", "until": "2026-11-01"}
    if target == "title":
        PlanAssignment.objects.filter(plan__code="managers-2026").delete()
    made = client.post(url, body, content_type=JSON)
    assert made.status_code == 201, made.json()
    row = PlanAssignment.objects.get(pk=made.json()["id"])
    known = getattr(row, target)
    assert (known.source_key if target == "participant" else known.code, row.plan.code) == (name, "reps-2026")
    before = PlanAssignment.objects.count()
    refused = client.post(url, body | {target: f"{name}x"}, content_type=JSON).json()
    assert refused["where"] == {target: [f"There is no {target} {name}x. Did you mean {name}?"]}
    assert client.post(url, body | {target: str(row.pk)}, content_type=JSON).status_code == 400
    assert PlanAssignment.objects.count() == before


def test_a_plan_is_found_by_key_in_the_address(period, sign_in):
    client = sign_in("sol")
    by_key, by_id = (
        client.get(f"{PLANS}{name}/versions/").json() for name in ("reps-2026", Plan.objects.get(code="reps-2026").pk)
    )
    assert by_key == by_id and by_key["count"] == 1
    unknown = client.get(f"{PLANS}reps-2025/versions/")
    assert unknown.status_code == 404
    assert unknown.json()["message"] == "There is no plan reps-2025. Did you mean reps-2026?"
    assert client.get(f"{PLANS}reps%00/versions/").status_code == 404


def test_a_key_that_two_people_have_is_refused(period, sign_in):
    rex = Participant.objects.get(source_key="rex")
    Participant.objects.create(source="payroll", source_key="rex", name="Another Rex")
    url, body = f"{PLANS}reps-2026/assignments/", {"start": "2026-10-01"}
    refused = sign_in("sol").post(url, body | {"participant": "rex"}, content_type=JSON)
    assert refused.status_code == 400 and "names several" in str(refused.json()["where"])
    assert sign_in("sol").post(url, body | {"participant": str(rex.pk)}, content_type=JSON).status_code == 201


def test_a_key_that_looks_like_an_id_is_a_key(period, sign_in):
    """Given Ria with the key that is Rex's id, then it names Ria; one of nobody's key is read as an id, in one line as in many."""
    rex, ria = (Participant.objects.get(source_key=key) for key in ("rex", "ria"))
    url = f"{PLANS}reps-2026/assignments/"
    Participant.objects.filter(pk=ria.pk).update(source_key="6F9619FF-8B86-D011-B42D-00CF4FC964FF")
    line = {"period": "2026-q3", "plan": "reps-2026", "amount_minor": 2_500, "currency": "USD"}
    line |= {"reason_code": "bonus", "reason": "Trade fair"}
    for name, meant in (("6f9619ff-8b86-d011-b42d-00cf4fc964ff", ria), (str(rex.pk), rex)):
        lines = [line | {"participant": name}]
        made = sign_in("sol").post(
            "/api/v1/incentives/adjustments/", {"title": "Fair", "lines": lines}, content_type=JSON
        )
        assert made.status_code == 201, made.json()
        assert Adjustment.objects.get(batch=made.json()["id"]).participant == meant
    Participant.objects.filter(pk=ria.pk).update(source_key=str(rex.pk))
    made = sign_in("sol").post(url, {"participant": str(rex.pk), "start": "2026-11-01"}, content_type=JSON)
    assert made.status_code == 201, made.json()
    assert PlanAssignment.objects.get(pk=made.json()["id"]).participant == ria


def test_a_trial_takes_the_key_of_the_plan_and_refuses_what_means_nothing(period, sign_in, viewer):
    plan = Plan.objects.get(code="reps-2026")
    text = world.REPS.replace("rate: 5 %", "rate: 6 %").replace("2026-01-01", "2026-07-01")
    version, _ = plan_version_save(plan_id=plan.pk, document=text, actor=viewer("sol"))
    client, url = sign_in("sol"), f"/api/v1/incentives/plan-versions/{version.pk}/whatif/"
    asked = {"periods": ["2026-Q3"], "years": 1}
    by_key, by_id = (
        client.post(url, asked | {"plan": name}, content_type=JSON).json() for name in ("reps-2026", str(plan.pk))
    )
    assert by_key == by_id and (by_key["before_minor"], by_key["after_minor"]) == (73_333, 83_333)
    for wrong, where in (({"spreads": 0}, "spreads"), ({"years": 0}, "years"), ({"plan": "reps"}, "plan")):
        refused = client.post(url, asked | wrong, content_type=JSON)
        assert refused.status_code == 400 and where in refused.json()["where"], wrong


def test_an_example_takes_keys(period, sign_in, viewer):
    live = PlanVersion.objects.get(plan__code="reps-2026")
    draft, _ = plan_version_save(
        plan_id=live.plan_id, document={**live.definition, "name": "Later"}, actor=viewer("sol")
    )
    client, url = sign_in("sol"), f"/api/v1/incentives/plan-versions/{draft.pk}/examples/"
    made = client.post(url, {"participant": "rex", "period": "2026-Q3"}, content_type=JSON)
    assert made.status_code == 200 and made.json()["definition"]["examples"]
    refused = client.post(url, {"participant": "rexx", "period": "2026-Q3"}, content_type=JSON).json()
    assert refused["where"] == {"participant": ["There is no participant rexx. Did you mean rex?"]}
    assert Period.objects.filter(key="2026-Q3").count() == 1


def test_an_adjustment_takes_keys_and_names_the_line_of_an_unknown_one(period, sign_in):
    client, url = sign_in("sol"), "/api/v1/incentives/adjustments/"
    line = {"participant": "rex", "period": "2026-q3", "plan": "reps-2026", "amount_minor": 2_500, "currency": "USD"}
    line |= {"reason_code": "bonus", "reason": "Trade fair"}
    made = client.post(url, {"title": "Fair", "lines": [line]}, content_type=JSON)
    assert made.status_code == 201, made.json()
    row = Adjustment.objects.get(batch=made.json()["id"])
    assert (row.participant.source_key, row.period_id, row.plan.code) == ("rex", period.pk, "reps-2026")
    wrong = line | {"participant": "rexx"}
    refused = client.post(url, {"title": "Fair", "lines": [line, wrong]}, content_type=JSON)
    assert refused.status_code == 400
    unknown = {"participant": ["There is no participant rexx. Did you mean rex?"]}
    assert refused.json()["where"] == {"lines": {"1": unknown}}
    assert Adjustment.objects.count() == 1


@pytest.mark.parametrize(
    ("door", "more"),
    [
        ("holds", {"starts_on": "2026-07-01", "plan": "reps-2026"}),
        ("credits", {"measure": "commission", "amount_minor": 1, "currency": "USD", "credit_on": "2026-07-01"}),
    ],
)
def test_what_is_asked_for_a_person_takes_their_key(door, more, period, sign_in):
    client, url = sign_in("sol"), f"/api/v1/incentives/{door}/"
    body = {"participant": "rex", "reason": "Looked into", **more}
    made = client.post(url, body, content_type=JSON)
    assert made.status_code == 201, made.json()
    assert made.json()["participant"] == str(Participant.objects.get(source_key="rex").pk)
    refused = client.post(url, body | {"participant": "rexx"}, content_type=JSON)
    assert refused.json()["where"] == {"participant": ["There is no participant rexx. Did you mean rex?"]}


def test_the_address_of_a_period_takes_its_key(period, sign_in):
    client, url = sign_in("fin"), "/api/v1/incentives/periods/"
    for part in ("", "accrual/", "evidence/"):
        by_key, by_id = (client.get(f"{url}{name}/{part}") for name in ("2026-q3", period.pk))
        assert by_key.status_code == 200 and by_key.json() == by_id.json(), part
    unknown = client.get(f"{url}2026-Q33/")
    assert unknown.status_code == 404
    assert unknown.json()["message"] == "There is no period 2026-Q33. Did you mean 2026-Q3?"
    began = sign_in("sol").post(f"{url}2026-Q3/close/", {"step": "calculate"}, content_type=JSON)
    assert (began.status_code, began.json()["state"]) == (200, "calculating")


def test_many_lines_cost_few_questions_and_the_nearest_keys_are_read_once(period, sign_in):
    client, url = sign_in("sol"), "/api/v1/incentives/adjustments/"
    line = {"participant": "rexx", "period": "2026-q3", "plan": "reps-2026", "amount_minor": 2_500, "currency": "USD"}
    line |= {"reason_code": "bonus", "reason": "Trade fair"}
    asked = []
    for count in (2, 3, 12):
        lines = [line | {"participant": f"rexx{number}"} for number in range(count - 1)]
        lines.append(line | {"participant": str(Participant.objects.get(source_key="rex").pk)})
        with CaptureQueriesContext(connection) as queries:
            refused = client.post(url, {"title": "Fair", "lines": lines}, content_type=JSON)
        where = refused.json()["where"]["lines"]
        assert len(where) == count - 1
        assert where["0"] == {"participant": ["There is no participant rexx0. Did you mean rex?"]}
        asked.append(len(queries))
    assert asked[1] == asked[2]
    known = [line | {"participant": each} for each in ("rex", "REX", "ria")]
    made = client.post(url, {"title": "Fair", "lines": known}, content_type=JSON)
    assert made.status_code == 201, made.json()
    keys = Adjustment.objects.order_by("line").values_list("participant__source_key", flat=True)
    assert list(keys) == ["rex", "rex", "ria"]


def test_no_more_lines_are_asked_for_at_once_than_a_file_may_have():
    lines = BatchIn().fields["lines"]
    assert lines.max_length == ROWS == 10_000


@pytest.mark.parametrize("empty", ["q", "cause"])
def test_what_is_left_empty_of_the_parallel_run_is_not_asked(empty):
    given = ParallelIn(data={empty: ""})
    assert given.is_valid() and given.validated_data[empty] == ""


@pytest.mark.parametrize(("door", "field"), [("holds", "deal"), ("credits", "opportunity")])
def test_a_deal_goes_by_its_key(door, field, period, sign_in):
    """Given a deal by key in either case or by id, then it is the one that is meant; an unknown key is named with the nearest."""
    deal, client = Opportunity.objects.get(source_key="D-1"), sign_in("sol")
    bodies = {
        "holds": {"participant": "rex", "starts_on": "2026-07-01", "reason": "Audit"},
        "credits": {
            "participant": "rex", "measure": "commission", "amount_minor": 5, "currency": "USD", "credit_on": "2026-08-01", "reason": "x",
        },
    }  # fmt: skip
    url = f"/api/v1/incentives/{door}/"
    for name in ("D-1", "d-1", str(deal.pk)):
        made = client.post(url, bodies[door] | {field: name}, content_type=JSON)
        assert (made.status_code, made.json().get(field)) == (201, str(deal.pk)), made.json()
    refused = client.post(url, bodies[door] | {field: "D-2"}, content_type=JSON)
    assert refused.status_code == 400
    assert refused.json()["where"] == {field: ["There is no deal D-2. Did you mean D-1?"]}


def test_a_key_of_two_sources_names_no_deal(period, sign_in, viewer):
    """Given a key that two sources use, then API and pages ask which deal is meant and take neither."""
    first = Opportunity.objects.get(source_key="D-1")
    Opportunity.objects.create(source="other", source_key="D-1")
    sent = {"participant": "rex", "deal": "D-1", "starts_on": "2026-07-01", "reason": "Audit"}
    asked = sign_in("sol").post("/api/v1/incentives/holds/", sent, content_type=JSON)
    assert asked.json()["where"] == {"deal": ["D-1 names several of the kind deal. Send the id."]}
    rex = Participant.objects.get(source_key="rex")
    page = sign_in("sol").post(reverse("incentives:hold_new"), sent | {"participant": rex.pk})
    said = page.context["form"].errors["deal"]
    assert said == [
        "There are several deals of the key D-1, of several sources. Write the id of the one that is meant."
    ]
    by_id = sign_in("sol").post(reverse("incentives:hold_new"), sent | {"participant": rex.pk, "deal": str(first.pk)})
    assert by_id.status_code == 302 and Hold.objects.get().deal == first


def test_who_reaches_a_part_names_its_deals_only(period, sign_in):
    """Given operations narrowed to another team, then a deal of Rex is not known to it, nor named as the nearest."""
    member = Membership.objects.get(user__email="mona@acme.example")
    RoleGrant.objects.create(
        membership=member, role=Role.SALES_OPERATIONS, reach=Reach.TEAM, during=(world.YEAR[0], None)
    )
    sent = {"participant": "rob", "deal": "D-1", "starts_on": "2026-07-01", "reason": "Audit"}
    asked = sign_in("mona").post("/api/v1/incentives/holds/", sent, content_type=JSON)
    assert asked.json()["where"] == {"deal": ["There is no deal D-1. Send a key or an id that its list gives."]}
