"""Who asked withdraws what waits, with a reason; what it was about is where it was before, whatever it is."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from incentives.models import PlanVersion
from incentives.selectors.adjustments import batch_list
from incentives.selectors.credits import credit_list
from incentives.selectors.holds import hold_list
from incentives.selectors.openings import opening_list, openings_live
from incentives.selectors.periods import books_get
from incentives.services import periods as steps
from incentives.services.adjustments import AdjustmentWish, adjustments_ask
from incentives.services.credits import CreditWish, credit_ask
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.services.lifecycle import plan_submit
from incentives.services.opening_checks import OpeningWish
from incentives.services.openings import openings_ask
from incentives.services.plans import plan_create
from planning.models import QuotaPlan, Scenario, Territory
from planning.services.goals import score_enter
from planning.services.quota_plans import PlanWish, quota_plan_create
from planning.services.quota_publishing import quota_plan_ask
from planning.services.scenarios import scenario_ask, scenario_cover, scenario_create
from spm.approvals.models import KINDS, ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_latest, approval_open
from spm.approvals.services import approval_decide, approval_take_back
from spm.audit.models import Entry
from spm.notices.models import Notice
from spm.people.models import Participant, Position
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.approvals.conftest import ask
from tests.approvals.test_approvals import people_of
from tests.cast import DIRECTOR
from tests.incentives import world
from tests.incentives.test_lifecycle import ABSURD
from tests.planning.test_scenarios import WHOLE


@pytest.mark.django_db
def test_only_who_asked_withdraws_and_only_what_waits(two_people, viewer):
    sol, fin = viewer("sol"), viewer("fin")
    request = ask(sol)
    for other in (fin, viewer("mara"), viewer("ada")):
        with pytest.raises(PermissionDenied):
            approval_take_back(request_id=request.pk, reason="Wrong deal", actor=other)
    with pytest.raises(ValidationError, match="Say why"):
        approval_take_back(request_id=request.pk, reason=" ", actor=sol)
    assert ApprovalRequest.objects.get().state == ApprovalState.OPEN
    approval_decide(request_id=request.pk, is_approved=True, actor=fin)
    with pytest.raises(ValidationError, match="approved already"):
        approval_take_back(request_id=request.pk, reason="Wrong deal", actor=sol)
    assert ApprovalRequest.objects.get().state == ApprovalState.APPROVED


@pytest.mark.django_db
def test_notices_are_taken_back_and_who_read_one_is_told(two_people, viewer):
    sol = viewer("sol")
    first, second = ask(sol), ask(sol)
    assert Notice.objects.filter(title="For your decision: Credit").count() == 2
    Notice.objects.filter(slot__startswith=str(second.pk)).update(read_at=first.asked_at)
    for request in (first, second):
        approval_take_back(request_id=request.pk, reason="Wrong deal", actor=sol)
    told = Notice.objects.order_by("created_at").values_list("slot", "title", "body")
    assert list(told) == [
        (f"{second.pk}:asked", "For your decision: Credit", ""),
        (f"{second.pk}:withdrawn", "Withdrawn: Credit", "Wrong deal"),
    ]
    entry = Entry.objects.filter(table_name="approvals_approvalrequest", row_id=str(first.pk)).latest("at")
    assert (entry.after["state"], entry.after["decision"]) == ("withdrawn", "Wrong deal")


@pytest.mark.django_db
def test_the_page_and_the_api_withdraw(two_people, viewer, sign_in):
    sol, client = viewer("sol"), sign_in("sol")
    first, second = ask(sol), ask(sol)
    page = f"/approvals/{first.pk}/"
    assert "Withdraw the request" in client.get(page).content.decode()
    assert "Withdraw the request" not in sign_in("fin").get(page).content.decode()
    client = sign_in("sol")
    assert client.post(f"{page}withdraw/", {"reason": ""}).status_code == 409
    assert "Wrong deal" in client.post(f"{page}withdraw/", {"reason": "Wrong deal"}, follow=True).content.decode()
    url = f"/api/v1/approvals/{second.pk}/withdrawal/"
    assert client.post(url, {"reason": "Twice"}, "application/json").json()["state"] == "withdrawn"
    assert client.post(url, {"reason": "Twice"}, "application/json").status_code in (400, 409, 422)


@pytest.fixture
def company(viewer, acme):
    """Give Sol, Fin, the third quarter and Rex, in a company that wants a second person."""
    sol = viewer("sol")
    period = world.build(sol)
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)
    return sol, viewer("fin"), period, Participant.objects.get(source_key="rex").pk


def drafts(sol, period, rex):
    """What is written first and then asked for: by kind what asks, and what tells where it stands."""
    draft, _ = plan_create(document=ABSURD.replace("reps-2026", "draft"), actor=sol)
    quotas = quota_plan_create(wish=PlanWish("Quotas", 1_000_000), kind="QUARTERLY", year=2026, actor=sol)
    scenario = scenario_create(name="Split", starts_on=date(2026, 12, 1), actor=sol)
    seat, west = Position.objects.get(code="rex").pk, Territory.objects.create(code="west", name="West").pk
    covered = {"position_id": seat, "territory_id": west, "share_rate": WHOLE, "version": 0}
    scenario_cover(scenario_id=scenario.pk, actor=sol, **covered)
    score = {"objective": "course", "score_rate": 80_000_000, "evidence": "The list."}
    version = lambda: PlanVersion.objects.get(pk=draft.pk).state  # noqa: E731
    submit = lambda: plan_submit(version_id=draft.pk, actor=sol)  # noqa: E731
    return {
        "plan_version": (submit, version),
        "plan_rates": (submit, version),
        "quota_plan": (
            lambda: quota_plan_ask(plan_id=quotas.pk, reason="New", actor=sol),
            lambda: QuotaPlan.objects.get(pk=quotas.pk).state,
        ),
        "scenario": (
            lambda: scenario_ask(scenario_id=scenario.pk, actor=sol),
            lambda: Scenario.objects.get(pk=scenario.pk).state,
        ),
        "score": (lambda: score_enter(participant_id=rex, period_id=period.pk, actor=sol, **score), lambda: "scored"),
        "period": (lambda: steps.period_review(period_id=period.pk, actor=sol), lambda: books_get(period).state),
        "period reopening": (
            lambda: steps.period_reopen_ask(period_id=period.pk, reason="Late", actor=sol),
            lambda: books_get(period).state,
        ),
    }


def wishes(sol, period, rex, held):
    """What is only a request: by kind what asks, and what tells how the latest stands."""
    credit = CreditWish(rex, "commission", 200_000, "USD", date(2026, 8, 5), "By phone")
    adjustment = AdjustmentWish(rex, period.pk, 500, "USD", "bonus", "Fair")
    hold = HoldWish(participant_id=rex, plan_id=None, component="", starts_on=date(2026, 7, 1), reason="Looked into")
    balance = OpeningWish(participant_id=rex, period_id=period.pk, currency="USD", payable_minor=700)
    return {
        "manual_credit": (lambda: credit_ask(wish=credit, actor=sol), lambda: credit_list(sol).latest("number").state),
        "adjustment": (
            lambda: adjustments_ask(wishes=[adjustment], title="Fair", actor=sol),
            lambda: batch_list(sol)[0].state,
        ),
        "opening": (
            lambda: openings_ask(wishes=[balance], title="Cut-over", digest="", actor=sol),
            lambda: opening_list(sol)[0].state,
        ),
        "hold": (lambda: hold_ask(wish=hold, actor=sol), lambda: hold_list(sol).latest("number").state),
        "hold_release": (
            lambda: hold_release_ask(hold_id=held.pk, reason="Right", actor=sol),
            lambda: hold_list(sol).get(pk=held.pk).state,
        ),
    }


@pytest.mark.django_db
def test_every_kind_is_where_it_was_before_and_can_be_asked_for_anew(company):
    sol, fin, period, rex = company
    held = hold_ask(wish=HoldWish(rex, None, "", date(2026, 7, 1), "Looked into"), actor=sol)
    hold_approve(hold_id=held.pk, actor=fin)
    steps.period_calculate(period_id=period.pk, actor=sol)
    written, wished = drafts(sol, period, rex), wishes(sol, period, rex, held)
    assert set(written) | set(wished) == set(KINDS)
    before = {kind: where() for kind, (_asks, where) in written.items()} | {"hold_release": "approved"}
    before["period reopening"] = "approved"
    for kind, (asks, where) in (wished | written).items():
        for reason in ("Wrong", "Wrong again"):
            if kind == "period reopening" and reason == "Wrong":
                steps.period_review(period_id=period.pk, actor=sol)
                steps.period_approve(period_id=period.pk, actor=fin)
            asks()
            request = ApprovalRequest.objects.get(kind=kind, state="open")
            approval_take_back(request_id=request.pk, reason=reason, actor=sol)
            assert (kind, where()) == (kind, before.get(kind, "withdrawn"))
            assert approval_open(kind, request.key) is None and approval_latest(kind, request.key) is None
    assert not ApprovalRequest.objects.filter(state="open").exists() and not openings_live().exists()


@pytest.mark.django_db
def test_the_api_says_that_reopening_waits_and_for_which_request(company, sign_in):
    """The approved books stay as they are until another agrees: 202 and the request, not 200 as if they were open."""
    sol, fin, period, _rex = company
    steps.period_calculate(period_id=period.pk, actor=sol)
    steps.period_review(period_id=period.pk, actor=sol)
    steps.period_approve(period_id=period.pk, actor=fin)
    url = f"/api/v1/incentives/periods/{period.key}/reopen/"
    answer = sign_in("sol").post(url, {"reason": "The split was wrong"}, "application/json")
    request, told = ApprovalRequest.objects.get(kind="period reopening"), answer.json()
    assert (answer.status_code, told["state"], len(told["waiting"])) == (202, "approved", 1)
    expected = {"id": str(request.pk), "kind": "period reopening", "asked_by_name": sol.name, "reason": request.reason}
    assert expected.items() <= told["waiting"][0].items()
    agreed = sign_in("fin").post(url, {}, "application/json")
    assert (agreed.status_code, agreed.json()["state"], agreed.json()["waiting"]) == (200, "open", [])


def at_once(acme, actor, gate, does, done):
    """Do it from a connection of its own, with another at once."""
    try:
        gate.wait(300)
        with organisation_scope(acme.pk, actor=actor):
            done.append(does(actor).state)
    except ValidationError:
        done.append("")
    finally:
        connection.close()


def test_of_an_approval_and_a_withdrawal_at_once_one_counts(committed_db):
    acme = Organisation.objects.get(slug="acme")
    people = people_of(acme)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        request = ask(people["sol"])
    gate, done = threading.Barrier(2), []
    both = (
        (people["fin"], lambda fin: approval_decide(request_id=request.pk, is_approved=True, actor=fin)),
        (people["sol"], lambda sol: approval_take_back(request_id=request.pk, reason="Wrong", actor=sol)),
    )
    threads = [threading.Thread(target=at_once, args=(acme, who, gate, does, done)) for who, does in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert sorted(done) == ["", ApprovalRequest.objects.get().state]
        assert Entry.objects.filter(table_name="approvals_approvalrequest", verb="update").count() == 1
