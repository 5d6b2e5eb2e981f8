"""The API says what it does, does what it says, and refuses in one shape."""

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings

from spm.identity.entry import token_find
from spm.identity.models import ApiToken, Membership
from spm.roles.policy import Viewer, viewer_get
from spm.web.api import CompanyThrottle, query_known
from tests.walls.routes import api_views, routes

pytestmark = pytest.mark.django_db
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
SHAPE = {"code", "message", "fix", "where"}
ENVELOPE = {"count", "next", "previous", "results"}
UNDESCRIBED = {"api_schema", "api_docs"}


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection open although requests end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the schema as it is now."""
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", file=str(path))
    return dict(yaml.load(path.read_text(), Loader=yaml.CSafeLoader))


def test_the_committed_schema_is_true(described: dict[str, Any]) -> None:
    assert yaml.load(COMMITTED.read_text(), Loader=yaml.CSafeLoader) == described, (
        "Run `manage.py spectacular --file docs/openapi.yaml` and look at what changed."
    )


def test_what_is_served_is_what_is_committed_and_is_made_once(
    described: dict[str, Any], sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sign_in("rex").get(reverse("api_schema"))
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)
    again = sign_in("ada").get(reverse("api_schema"))
    assert first.content == again.content and yaml.load(first.content, Loader=yaml.CSafeLoader) == described
    assert first["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"


def test_every_operation_is_described(described: dict[str, Any]) -> None:
    ours = {
        (_plain(route.pattern), verb.lower())
        for route in routes()
        if route.pattern.startswith("api/") and route.name not in UNDESCRIBED
        for verb in route.verbs
    }
    told = {
        (_plain(path), verb) for path, verbs in described["paths"].items() for verb in verbs if verb != "parameters"
    }

    assert ours == told


def _plain(pattern: str) -> str:
    parts = ["*" if part.startswith(("<", "{")) else part for part in pattern.strip("/").split("/")]
    return "/".join(parts)


def test_operations_have_their_own_names_and_words(described: dict[str, Any]) -> None:
    operations = [one for verbs in described["paths"].values() for verb, one in verbs.items() if verb != "parameters"]
    names = [one["operationId"] for one in operations]

    assert len(names) == len(set(names))
    assert [one["operationId"] for one in operations if not one.get("description")] == []


def test_the_docs_page_is_served_here(sign_in: Callable[[str], Client]) -> None:
    page = sign_in("rex").get(reverse("api_docs"))
    script = sign_in("rex").get(reverse("api_docs"), {"script": ""})

    assert page.status_code == script.status_code == 200
    assert "http" not in page.content.decode().replace("https://testserver", "").replace("http://testserver", "")
    assert "<style" not in page.content.decode()
    assert "<script>" not in page.content.decode()
    assert "javascript" in script["Content-Type"]


REFUSALS: dict[str, tuple[int, Callable[[Client], Any]]] = {
    "a body that is no JSON": (
        400,
        lambda c: c.post("/api/v1/people/participants/", "{", content_type="application/json"),
    ),
    "a field that is missing": (
        400,
        lambda c: c.post("/api/v1/people/participants/", "{}", content_type="application/json"),
    ),
    "a page that is not there": (404, lambda c: c.get("/api/v1/people/participants/?page=99")),
    "a thing that is not there": (404, lambda c: c.get(f"/api/v1/jobs/{'0' * 8}-0000-7000-8000-{'0' * 12}/")),
    "an address that is not there": (404, lambda c: c.get("/api/v1/nothing/")),
    "nobody": (401, lambda c: Client().get("/api/v1/company/me/")),
    "a right that is missing": (403, lambda c: c.get("/api/v1/incentives/journals/")),
    "a verb that is not there": (405, lambda c: c.delete("/api/v1/company/me/")),
    "a type that is not read": (
        415,
        lambda c: c.post("/api/v1/people/participants/", "<a/>", content_type="application/xml"),
    ),
    "a wrong token": (401, lambda c: Client().get("/api/v1/company/me/", headers={"Authorization": "Token x"})),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_have_one_shape(sign_in: Callable[[str], Client], what: str) -> None:
    status, ask = REFUSALS[what]

    response = ask(sign_in("sol"))

    assert response.status_code == status
    assert response["Content-Type"].startswith("application/json")
    body = response.json()
    assert set(body) == SHAPE
    assert body["code"]
    assert body["message"].endswith((".", "!", "?"))
    assert body["fix"]


def test_too_many_requests_say_when_to_come_back(
    sign_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompanyThrottle, "rate", "3/minute", raising=False)
    rex, gus = sign_in("rex"), sign_in("gus@globex.example")

    statuses = [rex.get("/api/v1/company/me/").status_code for _ in range(4)]
    refused = rex.get("/api/v1/company/me/")

    assert statuses == [200, 200, 200, 429]
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert set(refused.json()) == SHAPE
    assert gus.get("/api/v1/company/me/").status_code == 200


def test_pages_are_bounded(sign_in: Callable[[str], Client]) -> None:
    sol = sign_in("sol")

    assert len(sol.get("/api/v1/people/participants/?page_size=2").json()["results"]) == 2
    assert sol.get("/api/v1/people/participants/?page_size=100000").status_code == 200
    assert sol.get("/api/v1/people/participants/?page_size=-1&page=0").status_code in (200, 404)


NAMES = ("sol", "rex", "ada", "fin")
SHARES = 8
"""Deep: so many tests share the operations out."""

REFUSED_ENOUGH = 20
"""Rights are asked before anything is read: whoever was refused an operation so many times is refused it whatever comes."""


def _headers(name: str) -> dict[str, str]:
    member = Membership.objects.get(user__email=f"{name}@acme.example")
    _, secret = ApiToken.objects.create(
        user=member.user, expiry=timedelta(days=1), organisation=member.organisation, name="fuzz", read_only=False
    )
    return {"Authorization": f"Token {secret}", "Host": "testserver"}


FOUND = {
    "a NUL in a query": lambda c: c.get("/api/v1/incentives/disputes/causes/", {"period": "2026\0"}),
    "the first of all days": lambda c: c.post(
        "/api/v1/planning/capacity-plans/",
        {"name": "0", "starts_on": "0001-01-01", "target_minor": 1},
        content_type="application/json",
    ),
}
"""What generated calls broke once."""


@pytest.mark.parametrize("what", FOUND)
def test_what_was_a_fault_once_is_refused(sign_in: Callable[[str], Client], what: str) -> None:
    assert FOUND[what](sign_in("sol")).status_code == 400


@dataclass
class Asked:
    """What was answered to whom, and the faults by operation; what a call does is undone by going back to a savepoint."""

    site: WSGIHandler
    people: dict[str, dict[str, str]]
    before: str = field(default_factory=transaction.savepoint)
    answers: Counter[int] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def everybody(self, case: Any) -> None:
        """Ask one thing by each token; nothing of it stays."""
        operation = f"{case.method} {case.path}"
        for name, headers in self.people.items():
            if self.refused[operation, name] < REFUSED_ENOUGH:
                status = case.call(session=None, headers=headers, app=self.site).status_code
                transaction.set_rollback(False)
                transaction.savepoint_rollback(self.before)
                self.answers[status] += 1
                self.refused[operation, name] += status == 403
                if status >= 500:
                    self.faults[operation] = f"{status} to {name} for {case.as_curl_command()[:300]}"


def _fuzz(described: dict[str, Any], names: tuple[str, ...], examples: int, share: slice) -> dict[str, str]:
    """Ask operations with generated input, each of it by everybody's token that may write; give the faults by operation."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(described, default=str)))
    # One site for all: each new one connects its receivers again, and every later request is slower.
    asked = Asked(WSGIHandler(), {name: _headers(name) for name in names})
    for found in list(schema.get_all_operations())[share]:

        @given(case=found.ok().as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            asked.everybody(case)

        ask()
    assert not asked.answers[401], "The token was not taken."
    assert asked.answers[200] > 20, asked.answers
    return asked.faults


@pytest.fixture
def bare(settings: Any) -> None:
    """Leave out what stands before our own code and is none of it; the test with few inputs goes through all."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each.startswith("spm.")]


@pytest.fixture
def unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody ask uncounted, and find each token and who it stands for once: nothing that a call does stays."""
    viewers: dict[int, Viewer] = {}

    def viewer_once(membership: Membership, **more: Any) -> Viewer:
        if membership.pk not in viewers:
            viewers[membership.pk] = viewer_get(membership, **more)
        return replace(viewers[membership.pk], request_id=more["request_id"])

    monkeypatch.setattr(CompanyThrottle, "allow_request", lambda *_: True)
    monkeypatch.setattr("spm.web.telemetry.metrics.request_count", lambda **_: None)
    monkeypatch.setattr("spm.web.middleware.token_find", functools.cache(token_find))
    monkeypatch.setattr("spm.web.middleware.viewer_get", viewer_once)


@pytest.mark.usefixtures("one_connection", "unbounded")
def test_no_input_is_a_fault(described: dict[str, Any]) -> None:
    assert _fuzz(described, ("sol", "rex"), 6, slice(None)) == {}


@pytest.mark.deep
@pytest.mark.usefixtures("one_connection", "unbounded", "bare")
@pytest.mark.parametrize("share", range(SHARES))
def test_no_input_is_a_fault_however_long_one_tries(described: dict[str, Any], share: int) -> None:
    assert _fuzz(described, NAMES, 200, slice(share, None, SHARES)) == {}


def test_what_a_query_may_hold_is_what_is_described(described: dict[str, Any]) -> None:
    told: dict[str, set[str]] = {}
    for path, verbs in described["paths"].items():
        queries = [one["name"] for verb in verbs.values() for one in verb.get("parameters", ()) if one["in"] == "query"]
        told[_plain(path)] = set(queries)
    read = {_plain(pattern): query_known(view()) for pattern, view in api_views() if _plain(pattern) in told}
    assert {path: names for path, names in told.items() if read[path] != names} == {}, read


def test_every_list_answers_in_pages(described: dict[str, Any]) -> None:
    answers = {
        path: verbs["get"]["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        for path, verbs in described["paths"].items()
        if "get" in verbs
    }
    bare = [path for path, schema in answers.items() if schema.get("type") == "array"]
    forms = {one["$ref"].rsplit("/", 1)[-1] for one in answers.values() if "$ref" in one}
    pages = {name: set(described["components"]["schemas"][name]["properties"]) for name in forms}
    torn = [name for name, fields in pages.items() if "results" in fields and fields != ENVELOPE]
    assert (bare, torn) == ([], [])
    assert sum(fields == ENVELOPE for fields in pages.values()) > 60
