"""Pages and API of people and planning: reached, cut to reach, changed by those who may."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from spm.people.models import Participant, Position, PositionUnit, Unit
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(acme: Organisation) -> dict[str, Any]:
    with organisation_scope(acme.id, actor=DIRECTOR):
        return {person.source_key: person.pk for person in Participant.objects.all()}


def test_people_are_listed_within_reach(sign_in: Any) -> None:
    names = {}
    for who in ("rex", "mara", "sol"):
        page = sign_in(who).get(reverse("people:participant_list"))
        assert page.status_code == 200
        names[who] = [person.name for person in page.context["page"]]
    assert names == {
        "rex": ["Rex"],
        "mara": ["Mara", "Rex", "Ria"],
        "sol": ["Mara", "Max", "Mona", "Rex", "Ria", "Rob"],
    }


def test_a_person_out_of_reach_or_of_another_company_is_not_found(
    sign_in: Any, ids: dict[str, Any], globex: Organisation
) -> None:
    with organisation_scope(globex.id, actor=DIRECTOR):
        greta = Participant.objects.get().pk
    assert sign_in("mara").get(reverse("people:participant_detail", args=[ids["rex"]])).status_code == 200
    assert sign_in("rex").get(reverse("people:participant_detail", args=[ids["ria"]])).status_code == 404
    assert sign_in("sol").get(reverse("people:participant_detail", args=[greta])).status_code == 404


def test_sales_operations_moves_a_person_from_a_day_on(sign_in: Any, ids: dict[str, Any], acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        east = Unit.objects.get(code="east").pk
    answer = sign_in("sol").post(
        reverse("people:participant_detail", args=[ids["rex"]]), {"start": "2026-12-01", "unit": east}
    )
    assert answer.status_code == 302
    with organisation_scope(acme.id, actor=DIRECTOR):
        seat = Position.objects.get(code="rex")
        assert PositionUnit.objects.get(position=seat, during__contains=date(2026, 12, 1)).unit_id == east


def test_a_loop_is_told_on_the_page(sign_in: Any, ids: dict[str, Any], acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        rex = Position.objects.get(code="rex").pk
    page = sign_in("sol").post(
        reverse("people:participant_detail", args=[ids["mara"]]), {"start": "2026-12-01", "manager": rex}
    )
    assert page.status_code == 200
    assert b"would loop" in page.content


def test_the_export_holds_what_is_seen(sign_in: Any) -> None:
    text = sign_in("mara").get(reverse("people:participant_export", args=["csv"])).content.decode("utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()] == ["Name", "Mara", "Rex", "Ria"]


def test_pages_of_planning_answer(sign_in: Any) -> None:
    sol = sign_in("sol")
    assert sol.get(reverse("planning:territory_list")).status_code == 200
    assert sol.post(reverse("planning:territories_from_units")).status_code == 302
    assert b"West" in sol.get(reverse("planning:territory_list")).content
    assert sol.get(reverse("planning:quota_list")).status_code == 200
    assert sol.post(reverse("planning:periods_make"), {"kind": "QUARTERLY", "year": 2026}).status_code == 302
    page = sol.get(reverse("planning:quota_list"), {"year": 2026})
    name = page.context["table"][0][1][0][0]
    assert sol.post(reverse("planning:quota_list") + "?year=2026", {name: "90,000"}).status_code == 302
    assert sol.get(reverse("planning:quota_list"), {"year": 2026}).context["grid"].total == 9_000_000
    wrong = sol.post(reverse("planning:quota_list") + "?year=2026", {name: "many"})
    assert wrong.status_code == 422
    assert b"is not an amount" in wrong.content


def test_the_api_answers_within_reach(sign_in: Any, ids: dict[str, Any]) -> None:
    answer = sign_in("mara").get("/api/v1/people/participants/").json()
    assert [row["name"] for row in answer["results"]] == ["Mara", "Rex", "Ria"]
    assert sign_in("rex").get(f"/api/v1/people/participants/{ids['ria']}/timeline/").status_code == 404
    assert (
        sign_in("rex")
        .post("/api/v1/planning/territories/", {"code": "a", "name": "A"}, content_type="application/json")
        .status_code
        == 403
    )
    bad = sign_in("mara").get("/api/v1/people/participants/?on=yesterday")
    assert bad.status_code == 400
    assert bad.json()["code"] == "invalid"
