"""The API says what it does, does what it says, and refuses in one shape."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

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


FOUND = {
    "a NUL in a query": lambda c: c.get("/api/v1/incentives/disputes/causes/", {"period": "2026\0"}),
    "the first of all days": lambda c: c.post(
        "/api/v1/planning/capacity-plans/",
        {"name": "0", "starts_on": "0001-01-01", "target_minor": 1},
        content_type="application/json",
    ),
    "months before the first year": lambda c: c.get("/api/v1/insights/pipeline/conversion/", {"on": "0001-01-05"}),
}
"""What generated calls broke once."""


@pytest.mark.parametrize("what", FOUND)
def test_what_was_a_fault_once_is_refused(sign_in: Callable[[str], Client], what: str) -> None:
    assert FOUND[what](sign_in("sol")).status_code == 400


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
