"""Service keys: rights of their own and never more, their own name in the audit, never the second person's word."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from spm.approvals.models import ApprovalRequest
from spm.approvals.services import approval_ask, approval_decide
from spm.audit.models import Entry
from spm.identity.entry import token_find
from spm.identity.models import ApiToken, Membership, TokenUse
from spm.jobs.models import Job
from spm.jobs.runner import _actor_of
from spm.jobs.services import job_enqueue
from spm.people.models import Participant
from spm.roles import services
from spm.roles.catalogue import ACTIONS, FOR_PEOPLE
from spm.roles.policy import can, viewer_get, viewer_of_service
from spm.tenancy.scope import Actor, organisation_scope
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
ME = "/api/v1/company/me/"
PEOPLE = "/api/v1/people/participants/"
MACHINE_RIGHTS = sorted(set(ACTIONS) - FOR_PEOPLE)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    """Let the clock stand on the day of the viewers: keys end by it."""
    with time_machine.travel(datetime.combine(TODAY, time(9), UTC)):
        yield


def ask(secret: str, url: str = ME, method: str = "get", **kwargs: Any) -> Any:
    return getattr(Client(), method)(url, headers={"Authorization": f"Token {secret}"}, **kwargs)


def make(viewer: Any, *rights: str, name: str = "Payroll export", who: str = "ada", days: int = 30) -> str:
    actor = viewer(who)
    return services.key_create(name=name, rights=rights, last_on=actor.on + timedelta(days=days), actor=actor)[1]


def seen_as(secret: str) -> Any:
    return viewer_of_service(token_find(secret), on=TODAY)


def test_the_page_shows_a_key_once_and_keeps_a_digest(sign_in: Callable[[str], Client]) -> None:
    ada = sign_in("ada")
    values = {"name": "Nightly feed", "last_on": timezone.localdate() + timedelta(days=30), "note": "Ask Fin."}
    page = ada.post(reverse("identity:key_new"), values | {"reads": ["payout.view"], "writes": ["payout.edit"]})
    secret = page.context["secret"]

    assert secret.encode() in page.content
    assert secret not in str(ApiToken.objects.values())
    listed = ada.get(reverse("identity:key_list")).content.decode()
    assert secret not in listed
    assert all(text in listed for text in ("Nightly feed", "Ask Fin.", ACTIONS["payout.edit"], "never"))
    assert "<code>payout.edit</code>" in listed
    assert "<code>payout.edit</code>" in ada.get(reverse("identity:key_new")).content.decode()
    key = ApiToken.objects.get()
    assert key.rights == ["payout.edit", "payout.view"]
    zone = ZoneInfo(key.organisation.time_zone)
    assert key.expiry == datetime.combine(values["last_on"] + timedelta(days=1), time(), zone), (
        "the end of the day, to the moment"
    )
    assert b"Nightly feed" not in ada.get(reverse("identity:token_list")).content


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "reads": ["fact.view"]},
        {"name": "x"},
        {"name": "x", "writes": ["approval.decide"]},
        {"name": "x", "reads_all": "on", "writes": ["fact.import"]},
        {"name": "x", "reads": ["fact.view"], "last_on": "2020-01-01"},
        {"name": "x", "reads": ["fact.view"], "last_on": "2099-01-01"},
    ],
)
def test_the_page_says_what_is_wrong(sign_in: Callable[[str], Client], wrong: dict[str, Any]) -> None:
    values = {"last_on": timezone.localdate()} | wrong
    page = sign_in("ada").post(reverse("identity:key_new"), values)

    assert page.status_code == 200
    assert page.context["form"].errors
    assert not ApiToken.objects.exists()


def test_reading_everything_writes_nothing(sign_in: Callable[[str], Client]) -> None:
    values = {"name": "Warehouse", "last_on": timezone.localdate(), "reads_all": "on"}
    secret = sign_in("ada").post(reverse("identity:key_new"), values).context["secret"]
    viewer = seen_as(secret)

    assert {right for right in ACTIONS if can(viewer, right)} == {
        right for right in ACTIONS if right.endswith(".view") or right == "export"
    }
    assert ask(secret).json()["read_only"] is True
    assert ask(secret, PEOPLE, "post", data={"name": "Ines"}).status_code == 403


@pytest.mark.parametrize("right", sorted(FOR_PEOPLE))
def test_what_needs_a_person_is_refused_when_a_key_is_made_and_when_it_is_used(viewer: Any, right: str) -> None:
    with pytest.raises(ValidationError, match="Only a person"):
        make(viewer, right)
    assert not ApiToken.objects.exists()
    secret = make(viewer, "fact.view")
    ApiToken.objects.update(rights=["fact.view", right])
    assert not can(seen_as(secret), right)


def test_every_approving_right_needs_a_person() -> None:
    deciding = {name for name in ACTIONS if name.endswith((".approve", ".decide", ".answer"))}
    assert deciding <= FOR_PEOPLE
    assert {"member.edit", "key.edit", "token.edit", "route.edit", "deputy.edit", "company.edit"} <= FOR_PEOPLE


def _api_views() -> list[tuple[str, dict[str, str]]]:
    """Give every address of the API without parts, with the rights that its view declares."""
    found = []

    def walk(patterns: list[Any], before: str) -> None:
        for one in patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, path)
            elif isinstance(one, URLPattern) and path.startswith("api/v1/") and "<" not in path:
                view = getattr(one.callback, "view_class", getattr(one.callback, "cls", None))
                found.append((f"/{path}", getattr(view, "actions", {})))

    walk(get_resolver().url_patterns, "")
    return found


def test_a_key_opens_what_it_names_and_nothing_else(viewer: Any) -> None:
    """Each address of the API is asked with a key of everything but its right, and reading ones with a key of its right alone."""
    secret, wrong, asked = make(viewer, "fact.view"), {}, 0
    views = [(url, verb, right) for url, actions in _api_views() for verb, right in sorted(actions.items())]
    for url, verb, right in views:
        if right == "home.view":
            continue
        cache.clear()
        ApiToken.objects.update(rights=[each for each in MACHINE_RIGHTS if each != right])
        body = {} if verb == "GET" else {"data": "{}", "content_type": "application/json"}
        status = ask(secret, url, verb.lower(), **body).status_code
        if status != 403:
            wrong[f"{verb} {url} without {right}"] = status
        if verb == "GET" and right not in FOR_PEOPLE:
            ApiToken.objects.update(rights=[right])
            status = ask(secret, url).status_code
            if status not in (200, 400):
                wrong[f"{verb} {url} with {right} alone"] = status
        asked += 1
    assert wrong == {}
    assert asked > 40


def test_a_key_sees_the_company_for_its_right_and_nothing_beside(viewer: Any) -> None:
    secret = make(viewer, "participant.view")

    assert ask(secret, PEOPLE).json()["count"] == Participant.objects.count()
    assert ask(secret, "/api/v1/incentives/statements/").status_code == 403
    assert ask(secret).json()["actions"] == ["home.view", "participant.view"]
    assert ask(secret).json()["roles"] == []


def test_the_audit_names_the_machine(viewer: Any, in_acme: None) -> None:
    secret = make(viewer, "participant.view", "participant.edit")
    made = ask(secret, PEOPLE, "post", data={"name": "Ines Keller"}, content_type="application/json")

    assert made.status_code == 201
    entry = Entry.objects.get(table_name="people_participant", row_id=made.json()["id"])
    assert (entry.actor, entry.via) == ("service: Payroll export", "service")


def test_who_made_the_key_does_not_decide_what_it_asked_for(viewer: Any, in_acme: None, acme: Any) -> None:
    acme.is_single_operator = False
    acme.save()
    for role in ("finance", "sales_operations"):
        services.role_grant(
            membership=Membership.objects.get(user__email="ada@acme.example"),
            role=role,
            starts_on=TODAY,
            actor=viewer("ada"),
        )
    machine = seen_as(make(viewer, "adjustment.edit"))
    key = Participant.objects.values_list("pk", flat=True)[0]
    request = approval_ask(
        kind="adjustment",
        key=key,
        content="a" * 64,
        action="adjustment.approve",
        title="Bonus",
        authors=[],
        actor=machine,
    )

    with pytest.raises(PermissionDenied):
        approval_decide(request_id=request.pk, is_approved=True, actor=viewer("ada"))
    assert ApprovalRequest.objects.get().state == "open"
    assert ApprovalRequest.objects.get().asked_by_name == "service: Payroll export"


def test_a_key_expires_at_the_end_of_its_last_day(viewer: Any) -> None:
    secret = make(viewer, "fact.view", days=0)
    end = ApiToken.objects.get().expiry

    with time_machine.travel(end - timedelta(seconds=1)):
        assert ask(secret).status_code == 200
    with time_machine.travel(end + timedelta(seconds=1)):
        assert ask(secret).status_code == 401


def test_a_key_is_revoked_by_any_admin_by_api(viewer: Any, sign_in: Callable[[str], Client]) -> None:
    secret = make(viewer, "fact.view")
    key = ApiToken.objects.get()

    assert sign_in("sol").delete(reverse("api_company_key", args=[key.pk])).status_code == 403
    assert ask(secret).status_code == 200
    assert sign_in("ada").delete(reverse("api_company_key", args=[key.pk])).status_code == 204
    assert ask(secret).status_code == 401


def test_a_key_of_another_company_is_not_there(sign_in: Callable[[str], Client], globex: Any) -> None:
    membership = Membership.objects.select_related("user", "organisation").get(user__email="gus@globex.example")
    with organisation_scope(globex.pk, actor=Actor(name="test")):
        gus = viewer_get(membership, on=TODAY, via="test")
        key, secret = services.key_create(name="Theirs", rights=["participant.view"], last_on=gus.on, actor=gus)
    ada = sign_in("ada")

    assert ada.delete(reverse("api_company_key", args=[key.pk])).status_code == 404
    assert ada.post(reverse("identity:key_revoke", args=[key.pk])).status_code == 404
    assert b"Theirs" not in ada.get(reverse("identity:key_list")).content
    assert ask(secret).json()["organisation"]["slug"] == "globex"
    assert {one["name"] for one in ask(secret, PEOPLE).json()["results"]} == {"Greta"}


def test_a_key_ends_with_the_membership_of_who_made_it(viewer: Any) -> None:
    secret = make(viewer, "fact.view")
    Membership.objects.filter(user__email="ada@acme.example").update(is_active=False)

    answer = ask(secret)
    assert answer.status_code == 401
    assert "Who made the key" in answer.json()["message"]


def test_a_name_is_one_machine(viewer: Any) -> None:
    make(viewer, "fact.view", name="Export")
    with pytest.raises(ValidationError, match="this name"):
        make(viewer, "fact.view", name="export ")
    assert ApiToken.objects.count() == 1


def test_use_is_noted_to_the_hour(viewer: Any, sign_in: Callable[[str], Client]) -> None:
    secret = make(viewer, "fact.view")
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        ask(secret)
    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        ask(secret)
    assert TokenUse.objects.get().last_used_at == start
    with time_machine.travel(start + timedelta(minutes=61), tick=False):
        ask(secret)
    assert TokenUse.objects.get().last_used_at == start + timedelta(minutes=61)
    shown = sign_in("ada").get(reverse("api_company_keys")).json()["results"][0]
    assert shown["name"] == "Payroll export" and shown["last_used_at"] and "digest" not in shown


def test_a_person_makes_a_key_through_the_api_and_a_key_never_does(
    sign_in: Callable[[str], Client], viewer: Any
) -> None:
    values = {"name": "Feed", "rights": ["run.start", "job.view"], "last_on": (TODAY + timedelta(days=9)).isoformat()}
    send = {"data": json.dumps(values), "content_type": "application/json"}
    made = sign_in("ada").post("/api/v1/company/keys/", **send)
    assert made.status_code == 201 and made.json()["key"]["rights"] == ["job.view", "run.start"]
    secret = made.json()["secret"]
    assert ask(secret).json()["name"] == "service: Feed"
    assert secret not in sign_in("ada").get("/api/v1/company/keys/").content.decode()
    again = sign_in("ada").post("/api/v1/company/keys/", **send)
    assert again.status_code == 400 and ApiToken.objects.count() == 1
    ApiToken.objects.update(rights=["run.start", "key.edit"])
    assert ask(secret, "/api/v1/company/keys/", "post", **send).status_code == 403
    assert ApiToken.objects.count() == 1


def test_what_a_job_of_a_key_does_is_audited_under_the_keys_name_beside_its_maker(viewer: Any) -> None:
    key, ada = seen_as(make(viewer, "job.start", "run.start")), viewer("ada")
    job = job_enqueue("nightly", slot="of a key", arguments={"on": TODAY.isoformat()}, actor=key)
    assert (job.requested_as, job.requested_by_id) == ("service: Payroll export", ada.user_id)
    actor = _actor_of(Job.objects.get(pk=job.pk))
    assert (actor.name, actor.user_id) == (f"service: Payroll export ({ada.name})", ada.user_id)
    own = job_enqueue("nightly", slot="of a person", arguments={"on": TODAY.isoformat()}, actor=viewer("sol"))
    assert _actor_of(Job.objects.get(pk=own.pk)).name == viewer("sol").name
