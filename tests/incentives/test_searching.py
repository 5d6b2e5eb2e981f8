"""The search for gaming on pages and by API, and what it shows as an example of the plan."""

import json

import pytest
from django.urls import reverse

from incentives.engine.compiling import compile_plan
from incentives.engine.gaming import find_gaming
from incentives.engine.testing import test_document
from incentives.selectors.searching import search_all, search_part
from incentives.services.plans import plan_create
from tests.incentives.designing import fields_of

PLAN = {
    "plan": "reps",
    "name": "Reps",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "QUARTERLY",
    "components": [
        {
            "key": "deals",
            "name": "By deal",
            "per": "DEAL",
            "tiers": [{"until": "10000", "rate": "5 %"}, {"rate": "10 %"}],
            "tier_mode": "WHOLE",
        },
        {"key": "flat", "name": "Flat", "rate": "2 %"},
    ],
}


def test_the_parts_find_what_the_whole_search_finds():
    plan = compile_plan(PLAN)[0]
    whole = {(each.code, each.where) for each in find_gaming(plan)}
    part = search_all(PLAN)
    assert whole and {(each.finding.code, each.finding.where) for each in part.found} == whole
    assert (part.done, part.of, part.is_last, part.total) == (2, 2, True, len(whole))
    assert {each.where for each in part.found if "deals" in each.finding.where} == {"By deal, tiers"}
    first = search_part(PLAN, at=0)
    assert search_part(PLAN, at=0, known=first.known).found == ()


FORMULA = "contract_value_minor >= 2 * annual_value_minor and amount > 0"
SPIFF = {"key": "spiff", "name": "Spiff", "amount_each": 50, "measure": "COUNT", "credit": {"where": FORMULA}}


def test_a_component_that_was_not_searched_is_named_with_its_reason(in_acme, sign_in):
    document = {**PLAN, "components": [PLAN["components"][0], SPIFF]}
    part = search_all(document)
    ways = [each for each in part.found if each.finding.code.startswith("GAMING_")]
    (left,) = [each for each in part.found if each not in ways]
    assert (
        left.finding.what.startswith("Spiff was not searched: its condition is a formula")
        and left.where == "Spiff, credit"
    )
    assert (part.searched, part.unsearched, part.total) == (1, 1, len(ways)) and ways
    asked = {"document": json.dumps(document), "do": "search", "at": "1", "known": search_part(document, at=0).known}
    page = sign_in("sol").post(reverse("incentives:plan_new"), asked, headers={"HX-Request": "true"}).content.decode()
    assert "Spiff was not searched" in page and "1 component was searched. 1 was not, as its notice says." in page
    alone = search_all({**PLAN, "components": [SPIFF]})
    assert (alone.searched, alone.unsearched, alone.total) == (0, 1, 0)
    large = search_all({**PLAN, "components": [{**SPIFF, "credit": {"where": "amount > 20000"}}]})
    assert large.searched == 1 and all(each.finding.code.startswith("GAMING_") for each in large.found)
    never = search_all(
        {**PLAN, "components": [{**SPIFF, "credit": {"where": {"amount": {"above": 900, "below": 300}}}}]}
    )
    assert "its condition asks for others" in never.found[0].finding.what and never.searched == 0


@pytest.mark.parametrize(("at", "known"), [(7, ""), (0, "{"), (0, '[["a"], 1, [1, 2]]'), (1, "null")])
def test_odd_questions_are_answered(at, known):
    assert search_part(PLAN, at=at, known=known).refused == ""
    assert "components" in search_part({**PLAN, "components": "x"}, at=at, known=known).refused


def test_the_designer_searches_part_by_part_and_takes_the_example(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    fields = fields_of(client.get(address).content.decode()) | {"document": json.dumps(PLAN)}
    asked = {"document": json.dumps(PLAN), "do": "search", "at": "0", "known": ""}
    first = client.post(address, asked, headers={"HX-Request": "true"}).content.decode()
    assert "1 of 2 components searched…" in first and "Add this as an example" in first and "<html" not in first
    last = client.post(address, asked | {"at": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "2 components were searched." in last and "hx-trigger" not in last
    example = search_part(PLAN, at=0).found[0].example
    page = client.post(address, {"document": json.dumps(PLAN), "do": f"case {example}"}).content.decode()
    kept = json.loads(fields_of(page)["document"])
    assert [each["name"] for each in kept["examples"]] == [json.loads(example)["name"]]
    assert all(each.passed for each in test_document(kept))
    again = client.post(address, {"document": json.dumps(kept), "do": f"case {example}"}).content.decode()
    assert len({each["name"] for each in json.loads(fields_of(again)["document"])["examples"]}) == 2
    for odd in ("case {", "case []", "case " + json.dumps({"x": 1})):
        assert client.post(address, fields | {"do": odd}).status_code == 400


def test_the_page_of_a_version_searches_and_adds_to_a_draft_only(viewer, sign_in):
    version, _ = plan_create(document=PLAN, actor=viewer("sol"))
    client, address = sign_in("sol"), reverse("incentives:plan_search", args=[version.pk])
    assert "0 of 2 components searched…" in client.get(address).content.decode()
    page = client.post(address, {"do": "all"}).content.decode()
    assert "2 components were searched." in page and "Add this as an example" in page
    example = search_part(PLAN, at=0).found[0].example
    added = client.post(address, {"do": "example", "example": example}, follow=True).content.decode()
    assert "The example was added" in added
    version.refresh_from_db()
    assert len(version.definition["examples"]) == 1
    assert client.post(address, {"do": "example", "example": "["}).status_code == 400
    type(version).objects.filter(pk=version.pk).update(state="published")
    assert "Add this as an example" not in client.post(address, {"do": "all"}).content.decode()
    client.post(address, {"do": "example", "example": example})
    version.refresh_from_db()
    assert len(version.definition["examples"]) == 1


def test_the_api_searches_and_takes_an_example(viewer, sign_in):
    client = sign_in("sol")
    asked = json.dumps({"document": PLAN, "search": True})
    found = client.post("/api/v1/incentives/plan-reviews/", asked, content_type="application/json").json()["findings"]
    gaming = [each for each in found if each["code"].startswith("GAMING_")]
    assert gaming and gaming[0]["example"]["name"]
    version, _ = plan_create(document=PLAN, actor=viewer("sol"))
    address = f"/api/v1/incentives/plan-versions/{version.pk}/examples/"
    for odd in ({}, {"example": {}}, {"example": []}, {"example": gaming[0]["example"], "period": str(version.pk)}):
        assert client.post(address, json.dumps(odd), content_type="application/json").status_code == 400
    sent = json.dumps({"example": gaming[0]["example"]})
    assert client.post(address, sent, content_type="application/json").status_code == 200
    version.refresh_from_db()
    assert [each["name"] for each in version.definition["examples"]] == [gaming[0]["example"]["name"]]
