"""A request is decided once, by somebody else, about exactly what was shown; everybody concerned is told, and the audit keeps it."""

import threading
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from spm.approvals.models import ApprovalRequest, ApprovalState, ApprovalStep
from spm.approvals.selectors import approval_given, approval_latest, approval_list
from spm.approvals.services import approval_ask, approval_decide, approval_withdraw
from spm.audit.models import Entry
from spm.identity.models import Membership, User
from spm.notices.models import Notice
from spm.roles.policy import viewer_get, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY

KEY = UUID(int=7)


def two_people(acme):
    """Let acme want a second person."""
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)


def ask(actor, **more):
    values = {"kind": "test", "key": KEY, "content": "a", "action": "plan.approve", "title": "Raise the rate"}
    return approval_ask(**{**values, "actor": actor, "reason": "New market", **more})


@pytest.fixture
def sol(viewer, acme):
    two_people(acme)
    return viewer("sol")


@pytest.mark.django_db
def test_another_person_approves_and_the_asker_is_told(sol, viewer):
    request = ask(sol, totals=[{"label": "Pay", "amount_minor": 1_000, "currency": "USD"}])
    assert [row.title for row in approval_list(viewer("fin"), is_open=True)] == ["Raise the rate"]
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"), reason="Fine")
    given = approval_given("test", KEY, "a")
    assert (given.state, given.decided_by_name, given.decision, given.is_single_operator) == (
        "approved",
        "Fin",
        "Fine",
        False,
    )
    told = Notice.objects.filter(kind="approval").order_by("created_at")
    assert [(str(one.membership.user), one.title) for one in told] == [
        ("Fin", "For your decision: Raise the rate"),
        ("Sol", "Approved: Raise the rate"),
    ]
    states = Entry.objects.filter(table_name="approvals_approvalrequest").order_by("at").values_list("after__state")
    assert [state for (state,) in states] == ["open", "approved"]


@pytest.mark.django_db
def test_nobody_decides_their_own(sol, viewer):
    own = ask(sol)
    with pytest.raises(PermissionDenied, match="You asked for it or wrote it"):
        approval_decide(request_id=own.pk, is_approved=True, actor=sol)
    fin = viewer("fin")
    written = ask(sol, key=uuid4(), authors=[fin.user_id])
    with pytest.raises(PermissionDenied, match="You asked for it or wrote it"):
        approval_decide(request_id=written.pk, is_approved=True, actor=fin)
    with pytest.raises(PermissionDenied, match="A person has to decide"):
        approval_decide(
            request_id=own.pk, is_approved=True, actor=viewer_of_system(sol.organisation, on=TODAY, name="x")
        )
    with pytest.raises(PermissionDenied, match="needs the right to"):
        approval_decide(request_id=own.pk, is_approved=True, actor=viewer("mara"))
    assert set(ApprovalRequest.objects.values_list("state", flat=True)) == {ApprovalState.OPEN}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sol", "fin"])
def test_the_database_refuses_the_own_decision_too(sol, viewer, who):
    request = ask(sol, authors=[viewer("fin").user_id])
    with pytest.raises(IntegrityError, match="approval_never"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=request.pk).update(
            state="approved", decided_by=viewer(who).user_id, decided_at=request.asked_at
        )


@pytest.mark.django_db
def test_a_single_operator_decides_alone_and_the_record_says_so(viewer):
    sol = viewer("sol")
    request = ask(sol)
    decided = approval_decide(request_id=request.pk, is_approved=True, actor=sol)
    assert decided.is_single_operator and approval_given("test", KEY, "a") == decided
    other = ask(sol, key=uuid4())
    assert not approval_decide(request_id=other.pk, is_approved=True, actor=viewer("fin")).is_single_operator


@pytest.mark.django_db
@pytest.mark.parametrize("is_single", [True, False])
def test_the_inbox_says_the_policy_that_holds(acme, sign_in, is_single):
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=is_single)
    page = sign_in("sol").get("/approvals/").content.decode()
    assert ("lets one person decide" in page, "Nobody decides" in page) == (is_single, not is_single)


@pytest.mark.django_db
def test_an_approval_holds_for_exactly_its_content(sol, viewer):
    request = ask(sol)
    with pytest.raises(
        ValidationError, match="waits for a decision already, asked for by Sol. Who may decides it under Approvals"
    ) as refused:
        ask(viewer("fin"))
    assert "once declined or withdrawn it can be asked for anew" in str(refused.value)
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))
    assert approval_given("test", KEY, "b") is None
    with pytest.raises(ValidationError, match="is approved already"):
        approval_decide(request_id=request.pk, is_approved=False, actor=viewer("fin"), reason="No")
    assert approval_withdraw(kind="test", key=KEY) == 1
    assert approval_latest("test", KEY) is None


@pytest.mark.django_db
def test_a_decline_says_why(sol, viewer):
    request = ask(sol)
    with pytest.raises(ValidationError, match="Say why"):
        approval_decide(request_id=request.pk, is_approved=False, actor=viewer("fin"))
    approval_decide(request_id=request.pk, is_approved=False, actor=viewer("fin"), reason="Too high")
    assert approval_given("test", KEY, "a") is None and approval_latest("test", KEY).decision == "Too high"


@pytest.mark.django_db
def test_the_inbox_decides_and_leads_back(sol, viewer, sign_in):
    request = ask(sol, url="/incentives/plans/")
    mine, client = sign_in("sol"), sign_in("fin")
    assert "You asked for it or wrote it" in mine.get(f"/approvals/{request.pk}/").content.decode()
    assert mine.post(f"/approvals/{request.pk}/", {"do": "approve"}).status_code == 403
    assert "Raise the rate" in client.get("/approvals/").content.decode()
    refused = client.post(f"/approvals/{request.pk}/", {"do": "decline"})
    assert refused.status_code == 409 and "Say why" in refused.content.decode()
    assert client.post(f"/approvals/{request.pk}/", {"do": "approve"})["Location"] == "/incentives/plans/"
    assert "Raise the rate" not in client.get("/approvals/").content.decode()
    assert "Raise the rate" in client.get("/approvals/?show=decided").content.decode()


@pytest.mark.django_db
def test_the_api_decides_once(sol, viewer, sign_in):
    request = ask(sol)
    client = sign_in("fin")
    listed = client.get("/api/v1/approvals/?state=open").json()["results"]
    assert [(row["title"], row["asked_by_name"]) for row in listed] == [("Raise the rate", "Sol")]
    url = f"/api/v1/approvals/{request.pk}/decision/"
    answer = client.post(url, {"is_approved": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    again = client.post(url, {"is_approved": False, "reason": "No"}, content_type="application/json")
    assert again.status_code == 400 and "approved already" in str(again.json())
    found = {state: client.get(f"/api/v1/approvals/?state={state}").json()["count"] for state in ("open", "decided")}
    assert found == {"open": 0, "decided": 1}


def raced(acme, actor, request, number, gate, answers):
    """Answer from a connection of its own, with nineteen others at once."""
    try:
        gate.wait(300)
        with organisation_scope(acme.pk, actor=actor):
            approval_decide(request_id=request.pk, is_approved=number % 2 == 0, actor=actor, reason=f"by {number}")
            answers.append(number)
    except ValidationError:
        answers.append(None)
    finally:
        connection.close()


def race(acme, actor, request):
    """Let twenty answer at once; gives the numbers of those that did."""
    gate, answers = threading.Barrier(20), []
    threads = [
        threading.Thread(target=raced, args=(acme, actor, request, number, gate, answers)) for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(answers) == 20
    return [number for number in answers if number is not None]


def people_of(acme):
    """Give Sol and Fin, in a company that wants a second person."""
    people = {}
    with organisation_scope(acme.pk, actor=DIRECTOR):
        two_people(acme)
        for name in ("sol", "fin"):
            member = Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")
            people[name] = viewer_get(member, on=TODAY, via="test")
    return people


def test_of_twenty_at_once_exactly_one_decides(committed_db):
    acme = Organisation.objects.get(slug="acme")
    people = people_of(acme)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        request = ask(people["sol"])
    won = race(acme, people["fin"], request)
    assert len(won) == 1
    with organisation_scope(acme.pk, actor=DIRECTOR):
        decided = ApprovalRequest.objects.get()
        assert decided.decision == f"by {won[0]}"
        assert decided.state == ("approved" if won[0] % 2 == 0 else "declined")
        told = Notice.objects.filter(kind="approval", slot__endswith="decided")
        assert [one.membership.user_id for one in told] == [people["sol"].user_id]
        updates = Entry.objects.filter(table_name="approvals_approvalrequest", verb="update").count()
        assert updates == 1
    with organisation_scope(Organisation.objects.get(slug="globex").pk, actor=DIRECTOR):
        assert not ApprovalRequest.objects.exists()
    assert User.objects.filter(email="fin@acme.example").exists()


@pytest.mark.deep
def test_of_twenty_at_once_exactly_one_decides_fifty_times(committed_db):
    acme = Organisation.objects.get(slug="acme")
    people = people_of(acme)
    for _round in range(50):
        with organisation_scope(acme.pk, actor=DIRECTOR):
            request = ask(people["sol"], key=uuid4())
        won = race(acme, people["fin"], request)
        assert len(won) == 1
        with organisation_scope(acme.pk, actor=DIRECTOR):
            assert [step.decision for step in ApprovalStep.objects.filter(request=request)] == [f"by {won[0]}"]
