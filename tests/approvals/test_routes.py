"""Routes choose who answers by amount, role and reporting line; nobody answers twice, nor what they asked for or wrote."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.selectors import adjustments, lifecycle, periods
from incentives.selectors import credits as credit_selectors
from planning.services import goals
from spm.approvals.models import KINDS, ApprovalRequest, ApprovalStep
from spm.approvals.routes import RouteWish, route_end, route_set
from spm.approvals.routing import Line
from spm.approvals.selectors import approval_given, approval_list, route_asked
from spm.approvals.services import approval_decide, approval_decide_alone, approvals_decide
from spm.notices.models import Notice
from spm.people.models import PositionHolding, ReportingLine
from spm.roles.catalogue import ACTIONS
from spm.tenancy.models import Organisation
from tests.approvals.conftest import ask, person

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)
RIGHT = {"basis": "right"}
MANAGER, ABOVE = {"basis": "line", "level": 1}, {"basis": "line", "level": 2}
FINANCE = {"basis": "role", "role": "finance"}


def route(viewer, steps, **more):
    values = {"kind": "manual_credit", "name": "Large credits", "starts_on": START, "steps": steps}
    return route_set(wish=RouteWish(**{**values, **more}), actor=viewer("ada"))


def limits(**amounts):
    return [{"currency": currency, "from_minor": minor} for currency, minor in amounts.items()]


def labels(request):
    return [str(step) for step in ApprovalStep.objects.filter(request=request).order_by("number")]


def test_without_a_route_one_person_with_the_right_decides(two_people, viewer):
    request = ask(viewer("sol"), 1_000)
    assert (request.route, labels(request)) == (None, ["Whoever holds the right"])
    assert approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin")).state == "approved"


def test_every_kind_that_asks_has_its_name_and_right():
    asking = {lifecycle.VERSION, lifecycle.RATES, credit_selectors.KIND, goals.SCORE}
    asking |= {adjustments.KIND, periods.KIND, periods.REOPENING}
    assert asking <= set(KINDS)
    assert {action for _label, action in KINDS.values()} <= set(ACTIONS)


@pytest.mark.parametrize(
    ("measure", "lines", "takes"),
    [
        ("largest", [(9_999, "USD"), (9_999, "USD")], False),
        ("largest", [(-10_000, "USD")], True),
        ("total", [(9_999, "USD"), (1, "USD")], True),
        ("total", [(9_999, "USD"), (-9_999, "USD")], True),
        ("total", [(9_999, "USD"), (8_999, "EUR")], False),
        ("largest", [(9_000, "EUR")], True),
        ("largest", [(1, "CHF")], True),
        ("largest", [], False),
    ],
)
def test_amounts_choose_the_route(two_people, viewer, measure, lines, takes):
    route(viewer, [MANAGER], measure=measure, limits=limits(USD=10_000, EUR=9_000))
    request = ask(viewer("sol"), lines=[Line(*line) for line in lines])
    assert (request.route is not None) is takes


def test_the_first_route_by_place_that_holds_today_is_taken(two_people, viewer):
    ended = route(viewer, [FINANCE], name="Old", until=date(2026, 6, 1))
    route(viewer, [RIGHT], name="Later", starts_on=date(2027, 1, 1))
    route(viewer, [MANAGER, FINANCE], name="Sales operations", position=2, asked_by_role="sales_operations")
    route(viewer, [FINANCE], name="Everybody", position=3)
    assert ask(viewer("sol")).route.name == "Sales operations"
    with pytest.raises(ValidationError, match="asked by it already"):
        route_end(route_id=ApprovalRequest.objects.get().route_id, until=START, actor=viewer("ada"))
    assert ask(viewer("fin")).route.name == "Everybody"
    with pytest.raises(ValidationError, match="has this place"):
        route(viewer, [RIGHT], name="Twice", position=3)
    with pytest.raises(ValidationError, match="ends before"):
        route_end(route_id=ended.pk, until=date(2026, 7, 1), actor=viewer("ada"))
    with pytest.raises(PermissionDenied, match="needs the right to"):
        route_set(
            wish=RouteWish(kind="score", name="x", starts_on=START, steps=[RIGHT]),
            actor=viewer("sol"),
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "lunch"}, "no such kind"),
        ({"steps": []}, "1 to 9 steps"),
        ({"steps": [{"basis": "line", "level": 0}]}, "level from 1"),
        ({"steps": [{"basis": "role", "role": "rep"}]}, "decides nothing"),
        ({"steps": [{"basis": "luck"}]}, "who answers"),
        ({"limits": limits(USD=0)}, "above 0"),
        ({"until": START}, "not after"),
        ({"name": " "}, "a name"),
    ],
)
def test_a_route_that_can_not_work_is_refused_by_name(two_people, viewer, change, words):
    with pytest.raises(ValidationError, match=words):
        route(viewer, **{"steps": [RIGHT], **change})


def test_steps_are_answered_in_order_each_by_another(two_people, viewer):
    route(viewer, [MANAGER, {"basis": "role", "role": "finance"}])
    request = ask(viewer("sol"), 5_000)
    assert labels(request) == ["Manager", "Finance"]
    with pytest.raises(PermissionDenied, match="somebody else to answer now: manager"):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    with pytest.raises(PermissionDenied, match="somebody else to answer now"):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("mona"))
    assert approval_decide(request_id=request.pk, is_approved=True, actor=viewer("mara"), step=1).state == "open"
    assert approval_given("manual_credit", request.key, "a") is None
    with pytest.raises(ValidationError, match="Step 1 of Credit is answered already"):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"), step=1)
    assert approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"), step=2).state == "approved"
    assert approval_given("manual_credit", request.key, "a").decided_by_name == "Fin"
    told = Notice.objects.filter(kind="approval").order_by("created_at", "pk")
    assert [(str(one.membership.user), one.title) for one in told] == [
        ("Mara", "For your decision: Credit"),
        ("Fin", "For your decision: Credit"),
        ("Sol", "Approved: Credit"),
    ]


def test_one_person_answers_one_step_only(two_people, viewer):
    route(viewer, [RIGHT, FINANCE])
    request = ask(viewer("sol"))
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    with pytest.raises(PermissionDenied, match="answered an earlier step"):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    with pytest.raises(IntegrityError, match="approval_step_each_another"), transaction.atomic():
        ApprovalStep.objects.filter(request=request, number=2).update(
            decided_by=viewer("fin").user_id, decided_at=request.asked_at
        )
    assert ApprovalRequest.objects.get().state == "open"


def test_a_decline_at_any_step_ends_it(two_people, viewer):
    route(viewer, [MANAGER, FINANCE])
    request = ask(viewer("sol"))
    with pytest.raises(ValidationError, match="Say why"):
        approval_decide(request_id=request.pk, is_approved=False, actor=viewer("mara"))
    assert (
        approval_decide(request_id=request.pk, is_approved=False, actor=viewer("mara"), reason="No").state == "declined"
    )
    with pytest.raises(ValidationError, match="declined already"):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))


def test_the_line_passes_over_who_is_barred_vacant_or_has_no_account(two_people, viewer):
    mona = PositionHolding.objects.get(participant=person("mona")).position
    mara = PositionHolding.objects.get(participant=person("mara")).position
    ReportingLine.objects.create(position=mara, manager=mona, during=DateRange(START, None))
    route(viewer, [MANAGER])
    request = ask(viewer("sol"), authors=[viewer("mara").user_id])
    step = ApprovalStep.objects.get(request=request)
    assert (step.asked_ids, step.note) == (
        [viewer("mona").user_id],
        "Passed up to Mona: nobody below could decide it.",
    )
    assert approval_decide(request_id=request.pk, is_approved=True, actor=viewer("mona")).state == "approved"


def test_where_nobody_stands_above_the_right_decides_and_the_step_says_so(two_people, viewer):
    route(viewer, [ABOVE])
    request = ask(viewer("sol"))
    step = ApprovalStep.objects.get(request=request)
    assert (step.basis, step.note[:41]) == ("right", "Nobody stands there in the reporting line")
    assert approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin")).state == "approved"


def test_the_line_is_that_of_the_day_on_which_the_turn_comes(two_people, viewer):
    route(viewer, [FINANCE, MANAGER])
    request = ask(viewer("sol"))
    rex = PositionHolding.objects.get(participant=person("rex")).position
    mona = PositionHolding.objects.get(participant=person("mona")).position
    line = ReportingLine.objects.get(position=rex)
    line.during = DateRange(line.during.lower, date(2026, 10, 1))
    line.save()
    ReportingLine.objects.create(position=rex, manager=mona, during=DateRange(date(2026, 10, 1), None))
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    assert ApprovalStep.objects.get(request=request, number=2).asked_ids == [viewer("mona").user_id]


def test_managers_see_what_names_them_and_nothing_else(two_people, viewer, sign_in):
    route(viewer, [MANAGER])
    mine, other = ask(viewer("sol")), ask(viewer("sol"), about_id=person("rob").pk)
    assert [row.pk for row in approval_list(viewer("mara"))] == [mine.pk]
    assert approval_list(viewer("rex")).count() == 0 and approval_list(viewer("fin")).count() == 2
    mara = sign_in("mara")
    assert mara.get(f"/approvals/{other.pk}/").status_code == 404
    assert mara.post(f"/approvals/{other.pk}/", {"do": "approve"}).status_code == 404
    assert mara.post(f"/approvals/{mine.pk}/", {"do": "approve", "step": "1"}).status_code == 302
    assert list(ApprovalRequest.objects.order_by("asked_at").values_list("state", flat=True)) == ["approved", "open"]


def test_the_preview_names_who_would_have_to_approve(two_people, viewer, sign_in):
    route(viewer, [MANAGER, FINANCE], limits=limits(USD=10_000))
    large = route_asked(viewer("sol"), "manual_credit", [Line(10_000, "USD")], person("rex"))
    assert [(step.label, step.names) for step in large.steps] == [("Manager", ["Mara"]), ("Finance", ["Fin"])]
    small = route_asked(viewer("sol"), "manual_credit", [Line(9_999, "USD")], person("rex"))
    assert small.route is None and [step.names for step in small.steps] == [["Fin"]]
    page = sign_in("sol").get(
        f"/approvals/routes/?kind=manual_credit&amount=100.00&currency=USD&participant={person('rex').pk}"
    )
    assert "Route: Large credits" in page.content.decode() and "Mara" in page.content.decode()
    answer = sign_in("sol").get(
        f"/api/v1/approvals/routes/preview/?kind=manual_credit&amount_minor=10000&currency=USD&participant={person('rex').pk}"
    )
    assert [step["names"] for step in answer.json()["steps"]] == [["Mara"], ["Fin"]]


def test_several_are_decided_together_each_once_and_the_rest_is_named(two_people, viewer):
    sol, fin = viewer("sol"), viewer("fin")
    first, second, own = ask(sol, 1_000), ask(sol, 2_500, "EUR"), ask(fin, 7)
    approval_decide(request_id=second.pk, is_approved=False, reason="No", actor=fin)
    answered = approvals_decide(chosen={each.pk: 1 for each in (first, second, own)}, is_approved=True, actor=fin)
    assert [(each.request.pk == first.pk, each.refusal[:30]) for each in answered] == [
        (True, ""),
        (False, "Credit is declined already. No"),
        (False, "You asked for it or wrote it, "),
    ]
    assert {row.pk: row.state for row in ApprovalRequest.objects.all()} == {
        first.pk: "approved",
        second.pk: "declined",
        own.pk: "open",
    }


def test_the_page_shows_totals_by_currency_before_it_decides(two_people, viewer, sign_in):
    asked = [ask(viewer("sol"), amount, currency) for amount, currency in ((1_000, "USD"), (250, "USD"), (99, "EUR"))]
    client, marks = sign_in("fin"), [f"{each.pk}:1" for each in asked]
    assert all(mark in client.get("/approvals/").content.decode() for mark in marks)
    shown = client.post("/approvals/bulk/", {"selected": marks}).content.decode()
    assert "12.50" in shown and "0.99" in shown and ApprovalRequest.objects.filter(state="open").count() == 3
    refused = client.post("/approvals/bulk/", {"selected": marks, "do": "decline"})
    assert refused.status_code == 409 and ApprovalRequest.objects.filter(state="open").count() == 3
    done = client.post("/approvals/bulk/", {"selected": marks, "do": "approve", "reason": "Fine"}).content.decode()
    assert "3 requests were answered" in done and ApprovalRequest.objects.filter(state="approved").count() == 3
    again = client.post("/approvals/bulk/", {"selected": marks, "do": "decline", "reason": "No"}).content.decode()
    assert "approved already" in again and ApprovalRequest.objects.filter(state="approved").count() == 3


def test_each_amount_says_what_it_is_and_in_which_currency(two_people, viewer, sign_in):
    """On Home, in the list, on the request and where several are decided; amounts of two kinds are never one sum."""
    paid = [{"label": label, "amount_minor": 500, "currency": "EUR"} for label in ("Earned", "Payable")]
    asked = [ask(viewer("sol"), 1_000), ask(viewer("sol"), totals=paid)]
    client = sign_in("fin")
    pages = [client.get(url) for url in ("/", "/approvals/")]
    pages.append(client.post("/approvals/bulk/", {"selected": [f"{each.pk}:1" for each in asked]}))
    for page in pages:
        shown = page.content.decode()
        assert all(said in shown for said in ("Credit, USD", "Earned, EUR", "Payable, EUR")) and "€10.00" not in shown
    assert "Payable, EUR" in client.get(f"/approvals/{asked[1].pk}/").content.decode()


def test_a_token_decides_nothing_that_its_owner_may_not(two_people, viewer, sign_in):
    own = ask(viewer("fin"))
    client = sign_in("fin")
    url = f"/api/v1/approvals/{own.pk}/decision/"
    assert client.post(url, {"is_approved": True}, content_type="application/json").status_code == 403
    body = {"is_approved": True, "requests": [{"id": str(own.pk)}]}
    several = client.post("/api/v1/approvals/decisions/", body, content_type="application/json")
    assert several.json() == [
        {
            "id": str(own.pk),
            "state": "open",
            "refusal": "You asked for it or wrote it, so somebody else decides. Nothing was decided.",
        }
    ]


def test_a_single_operator_answers_every_step_and_each_says_so(viewer, in_acme):
    route(viewer, [RIGHT, FINANCE])
    fin = viewer("fin")
    request = ask(fin)
    decided = approval_decide_alone(request_id=request.pk, actor=fin)
    assert decided.state == "approved" and decided.is_single_operator
    assert list(ApprovalStep.objects.values_list("is_single_operator", flat=True)) == [True, True]
    other = ask(fin)
    Organisation.objects.filter(pk=in_acme.pk).update(is_single_operator=False)
    with pytest.raises(ValidationError, match="second person"):
        approval_decide_alone(request_id=other.pk, actor=fin)


def test_a_route_is_set_and_ended_on_the_page_and_by_api(two_people, viewer, sign_in):
    ada = sign_in("ada")
    form = {
        "kind": "plan_version",
        "name": "Plans",
        "position": "1",
        "amounts": "",
        "measure": "largest",
        "starts_on": "2026-11-01",
        "step_1": "role:executive",
        "step_2": "right",
    }
    assert ada.post("/approvals/routes/new/", form).status_code == 302
    wrong = ada.post("/approvals/routes/new/", {**form, "position": "2", "amounts": "much"})
    assert wrong.status_code == 200 and "begin with a currency" in wrong.content.decode()
    listed = ada.get("/api/v1/approvals/routes/").json()["results"]
    assert [(row["name"], [step["role"] for step in row["steps"]]) for row in listed] == [("Plans", ["executive", ""])]
    url = f"/api/v1/approvals/routes/{listed[0]['id']}/end/"
    assert ada.post(url, {"until": "2026-12-01"}, content_type="application/json").json()["until"] == "2026-12-01"
    body = {"kind": "score", "name": "Scores", "steps": [{"basis": "line", "level": 1}], "starts_on": "2026-11-01"}
    made = ada.post("/api/v1/approvals/routes/", body, content_type="application/json")
    assert (made.status_code, made.json()["steps"]) == (201, [{"basis": "line", "role": "", "level": 1}])
