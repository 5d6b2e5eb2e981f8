"""Who may what, route by route: the table in `permission_rows`, held against the URL configuration and asked as every principal."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import transaction
from django.template import Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from planning.models import Quota
from planning.services.quotas import QuotaValue, quota_set_many
from spm.identity.entry import SESSION_KEY
from spm.identity.models import ApiToken, StaffEntry, User
from spm.people.models import Participant, Position, Title, Unit
from spm.roles.catalogue import ACTIONS, ROLE_ACTIONS
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import world
from tests.walls.permission_rows import FACTORIES, MODULES, ROWS
from tests.walls.permissions import ACME, ADMIN, API, PLAIN, PRINCIPALS, PUBLIC, Row, absent, expected
from tests.walls.routes import routes

pytestmark = pytest.mark.django_db
LOOKING = ("ada", "sol", "otto", "mara", "rex")
"""Who together may see every page of acme."""

INSIDE_ACME = (*ACME, "stan_inside", "reader", "writer")
UUID_LENGTH = 36
UNLISTED = {"api_schema", "api_docs"}
QUERIES = (("nonsense=1", "nonsense", "no such filter"), ("n%00=1", "n", "NUL character"))
"""What no API view takes in its query."""

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def clients(acme: Organisation, globex: Organisation) -> Mapping[str, Client]:
    """Give a client for each principal."""
    stan = User.objects.get(email="stan@platform.example")
    TOTP.activate(stan, "JBSWY3DPEHPK3PXP")
    StaffEntry.objects.create(user=stan, organisation=acme, reason="Test", ends_at=timezone.now() + timedelta(hours=1))
    for company, owner in ((acme, "rex"), (globex, "greta")):
        with organisation_scope(company.pk, actor=DIRECTOR):
            _world(company, owner)
    return {who: _client(who, acme) for who in PRINCIPALS}


def _world(company: Organisation, owner: str) -> None:
    """Let the owner have sold something and been paid for it."""
    actor = viewer_of_system(company, on=TODAY, name="test")
    Title.objects.get_or_create(code="manager", name="Manager")
    period = world.build(actor)
    seat = Position.objects.get(code=owner)
    quota_set_many(values=[QuotaValue(seat.pk, period.pk, world.QUOTA)], actor=actor)
    Quota.objects.update(currency="USD")
    world.deal(f"deal-of-{owner}", owner, 1_200_000)
    world.calculate(period, actor)


def _client(who: str, acme: Organisation) -> Client:
    if who in ("reader", "writer"):
        sol = User.objects.get(email="sol@acme.example")
        _, secret = ApiToken.objects.create(
            user=sol, expiry=timedelta(days=1), organisation=acme, name=who, read_only=who == "reader"
        )
        return Client(raise_request_exception=False, headers={"Authorization": f"Token {secret}"})
    client = Client(raise_request_exception=False)
    if who != "visitor":
        domain = {"gus": "globex.example", "stan": "platform.example", "stan_inside": "platform.example"}.get(
            who, "acme.example"
        )
        client.force_login(User.objects.get(email=f"{who.removesuffix('_inside')}@{domain}"), backend=BACKEND)
    if who == "stan_inside":
        session = client.session
        session[SESSION_KEY] = acme.pk
        session.save()
    return client


def address(row: Row, company: Organisation, owner: str) -> str:
    """Give the route's address with objects made in the company."""
    with organisation_scope(company.pk, actor=DIRECTOR):
        made = {part: FACTORIES[factory](owner) for part, factory in row.at.items()}
    return reverse(row.route, kwargs=made) + (f"?{row.query}" if row.query else "")


def ask(client: Client, row: Row, url: str) -> Any:
    """Give the answer, and undo what the request did."""
    kind: dict[str, Any] = {"content_type": "application/json"} if row.kind == API else {}
    data = {} if row.kind != API or row.verb == "GET" else row.body
    if row.verb == "GET":
        kind = {}
    with transaction.atomic():
        answer = getattr(client, row.verb.lower())(url, data or None, **kind)
        transaction.set_rollback(True)
    return answer


def test_every_route_and_verb_has_a_row() -> None:
    needed = {(route.name, verb) for route in routes() for verb in route.verbs}

    assert sorted(needed - {(row.route, row.verb) for row in ROWS}) == []


def test_every_row_has_a_route() -> None:
    there = {(route.name, verb) for route in routes() for verb in route.verbs}

    assert sorted({(row.route, row.verb) for row in ROWS} - there) == []


def test_every_route_has_a_name() -> None:
    assert [route.pattern for route in routes() if not route.name] == []


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render no templates: what is asked here is decided before, and drawing pages takes ten times as long."""
    monkeypatch.setattr(Template, "render", lambda self, context: "")


@pytest.mark.usefixtures("blank")
@pytest.mark.parametrize("module", MODULES)
def test_the_table(module: str, clients: Mapping[str, Client], acme: Organisation) -> None:
    cache.clear()
    wrong: dict[str, Any] = {}
    for row in MODULES[module]:
        url = address(row, acme, "rex")
        read = None
        for who in row.asked:
            answer = ask(clients[who], row, url)
            status = answer.status_code
            if status not in expected(row, who):
                wrong[f"{row} as {who}"] = f"{status} instead of {expected(row, who)}"
            elif status == 200 and read is None and row.kind == API and row.verb == "GET" and row.route not in UNLISTED:
                read = wrong[f"{row}"] = careless(clients[who], row, url, answer)
    assert {each: what for each, what in wrong.items() if what} == {}


def careless(client: Client, row: Row, url: str, plain: Any) -> list[str]:
    """Give what an API view does that none may: answer with a bare array, or leave unread what it was asked."""
    is_list = plain.headers["Content-Type"] == "application/json" and isinstance(plain.json(), list)
    found = ["a bare array"] if is_list else []
    for query, name, said in QUERIES:
        answer = ask(client, row, f"{url}{'&' if '?' in url else '?'}{query}")
        if answer.status_code != 400 or said not in str(answer.json()["where"].get(name)):
            found.append(f"{query} is {answer.status_code}")
    return found


@pytest.mark.usefixtures("blank")
@pytest.mark.parametrize("module", MODULES)
def test_objects_of_another_company_are_not_there(
    module: str, clients: Mapping[str, Client], globex: Organisation
) -> None:
    cache.clear()
    there = {}
    for row in MODULES[module]:
        if not row.is_of_somebody or row.kind == ADMIN:
            continue
        url = address(row, globex, "greta")
        for who in INSIDE_ACME:
            status = ask(clients[who], row, url).status_code
            if status not in refusals(row, who):
                there[f"{row} as {who}"] = status
    assert there == {}


def refusals(row: Row, who: str) -> tuple[int, ...]:
    """Give 404 for those who may in general, and the usual refusal for the others."""
    usual = expected(row, who)
    if who in ("reader", "writer") and row.kind != API:
        return usual
    if who in row.others.split():
        return absent(row)
    return absent(row) if set(usual) & set(row.let_in) else usual


def test_nothing_of_another_company_is_ever_shown(
    clients: Mapping[str, Client], acme: Organisation, globex: Organisation
) -> None:
    cache.clear()
    foreign = canaries(globex)
    seen, asked = {}, 0
    for row in ROWS:
        if row.verb != "GET" or row.kind in (ADMIN, PUBLIC):
            continue
        for who in LOOKING:
            body = ask(clients[who], row, address(row, acme, "rex")).getvalue().decode(errors="replace")
            asked += 1
            found = [word for word in foreign if word in body]
            if found:
                seen[f"{row} as {who}"] = found
    assert seen == {}
    assert asked > 400


def canaries(globex: Organisation) -> list[str]:
    """Give names and keys that stand in globex's rows and nowhere else."""
    with organisation_scope(globex.pk, actor=DIRECTOR):
        keys = {str(make("greta")) for name, make in FACTORIES.items() if name not in PLAIN}
        keys |= {
            str(model._base_manager.values_list("pk", flat=True).first())
            for model in (Participant, Unit, Position, Title)
        }
    return ["Globex", "globex", "Greta", "greta", *(key for key in keys if len(key) == UUID_LENGTH)]


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing/", "/nothing/", "/company/", "/account/nothing/", "/%00", "/..%2fetc"]
)
def test_unknown_addresses(sign_in: Callable[[str], Client], path: str) -> None:
    for client in (Client(), sign_in("ada")):
        assert client.get(path).status_code in (302, 400, 404)


def test_every_action_is_used_by_a_role_and_told_in_a_sentence() -> None:
    given = set().union(*ROLE_ACTIONS.values())

    assert set(ACTIONS) == given
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in ACTIONS.values())


def test_roles_have_the_least_they_need() -> None:
    writes = {action for action in ACTIONS if not action.endswith(".view") and action not in ("export", "token.edit")}
    pay = {"statement.view", "ledger.view", "run.view", "team.view"}

    assert not ROLE_ACTIONS["auditor"] & (writes | {"token.edit"})
    assert {action for action in ACTIONS if action.endswith(".view")} <= ROLE_ACTIONS["auditor"]
    assert not ROLE_ACTIONS["company_admin"] & pay
    assert ROLE_ACTIONS["company_admin"] & writes == {
        "member.edit",
        "company.edit",
        "route.edit",
        "deputy.edit",
        "key.edit",
        "hook.edit",
    }
    assert ROLE_ACTIONS["rep"] & writes == {
        "evidence.give",
        "document.answer",
        "dispute.raise",
        "quota.commit",
        "quota.answer",
        "forecast.submit",
        "dashboard.edit",
    }
    dashboards = {"dashboard.edit", "dashboard.share"}
    assert ROLE_ACTIONS["executive"] & writes == {"approval.decide", "deputy.edit", *dashboards}
    for role in ROLE_ACTIONS:
        assert ("member.edit" in ROLE_ACTIONS[role]) == (role == "company_admin")
