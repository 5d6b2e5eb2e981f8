"""Scenarios: changes beside an untouched live plan, stale rows and edits, approval by somebody else, publication at once, undo."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from planning.models import (
    AccountTerritory,
    CalendarKind,
    Period,
    Quota,
    QuotaMeasure,
    RuleSet,
    RuleSetState,
    Scenario,
    ScenarioChange,
    Territory,
    TerritoryAssignment,
)
from planning.selectors.scenarios import change_rows, compared
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from planning.services.rules import rule_place, rule_save, rule_set_draft, rule_set_start
from planning.services.scenarios import (
    scenario_ask,
    scenario_cover,
    scenario_create,
    scenario_publish,
    scenario_quota,
    scenario_rebase,
    scenario_rules,
    scenario_undo,
)
from planning.services.territories import territory_assign
from spm.approvals.selectors import approval_open
from spm.approvals.services import approval_decide
from spm.people.models import Position
from spm.tenancy.models import Organisation
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db
DAY = date(2027, 1, 1)
WHOLE = 10**8


@pytest.fixture
def market(in_acme: Any, viewer: Any) -> dict[str, Any]:
    """West is covered by Rex, East by Rob; one rule gives every account to the West; Rex has a quota in the first quarter of 2027."""
    Organisation.objects.filter(pk=in_acme.pk).update(is_single_operator=False)
    sol = viewer("sol")
    seats = {code: Position.objects.get(code=code).pk for code in ("rex", "ria", "rob")}
    lands = {code: Territory.objects.create(code=code, name=code.title()).pk for code in ("west", "east")}
    for land, seat in (("west", "rex"), ("east", "rob")):
        territory_assign(territory_id=lands[land], position_id=seats[seat], start=date(2026, 1, 1), actor=sol)
    draft = rule_set_draft(starts_on=date(2026, 1, 1), actor=sol)
    rule_save(rule_set_id=draft.pk, name="All", territory_id=lands["west"], conditions=[], actor=sol)
    accounts = [account("Aquila", country="US"), account("Borea", country="FR")]
    rule_set_start(rule_set_id=draft.pk, actor=sol)
    calendar_extend(kind=CalendarKind.QUARTERLY, start=DAY, until=date(2028, 1, 1), actor=sol)
    period = Period.objects.get(key="2027-Q1").pk
    quota_set_many(values=[QuotaValue(seats["rex"], period, 100_00)], actor=sol)
    return {**seats, **lands, "period": period, "accounts": accounts}


def cover(
    scenario: Scenario, market: Any, actor: Any, *, share: int | None, version: int = 0, seat: str = "ria"
) -> Any:
    return scenario_cover(
        scenario_id=scenario.pk,
        territory_id=market["west"],
        position_id=market[seat],
        share_rate=share,
        version=version,
        actor=actor,
    )


def quota(scenario: Scenario, market: Any, actor: Any, value: int | None, version: int = 0) -> Any:
    return scenario_quota(
        scenario_id=scenario.pk,
        position_id=market["rex"],
        period_id=market["period"],
        value=value,
        version=version,
        actor=actor,
    )


def split_west(market: Any, actor: Any) -> Scenario:
    """A scenario that halves the West between Rex and Ria, halves Rex's quota, and gives France to the East."""
    scenario = scenario_create(name="Split", starts_on=DAY, actor=actor)
    cover(scenario, market, actor, share=WHOLE // 2)
    cover(scenario, market, actor, share=WHOLE // 2, seat="rex")
    quota(scenario, market, actor, 50_00)
    draft = scenario_rules(scenario_id=scenario.pk, actor=actor)
    asked = [{"field": "country", "test": "IS", "values": ["FR"]}]
    rule = rule_save(rule_set_id=draft.pk, name="France", territory_id=market["east"], conditions=asked, actor=actor)
    rule_place(rule_set_id=draft.pk, rule_id=rule.pk, place=1, actor=actor)
    return scenario


def live(market: Any, on: date) -> dict[str, Any]:
    """What crediting and attainment would read on a day."""
    held = TerritoryAssignment.objects.filter(during__contains=on, territory=market["west"])
    places = AccountTerritory.objects.filter(during__contains=on).order_by("account__source_key")
    return {
        "west": dict(held.values_list("position__code", "share_rate")),
        "places": list(places.values_list("territory__code", flat=True)),
        "quota": Quota.objects.get(position=market["rex"], period=market["period"]).value,
    }


def approve(scenario: Scenario, viewer: Any) -> None:
    request = scenario_ask(scenario_id=scenario.pk, actor=viewer("sol"))
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))


BEFORE = {"west": {"rex": WHOLE}, "places": ["west", "west"], "quota": 100_00}
AFTER = {"west": {"rex": WHOLE // 2, "ria": WHOLE // 2}, "places": ["west", "east"], "quota": 50_00}


def test_a_scenario_is_compared_approved_published_at_once_and_undone(market: Any, viewer: Any) -> None:
    """Given a scenario, then live stays until a second person approved it; published it holds from its day; its undo brings all back."""
    sol, fin = viewer("sol"), viewer("fin")
    scenario = split_west(market, sol)
    assert live(market, DAY) == BEFORE
    was, now = (column.measures for column in compared(sol, [scenario]))
    assert (was.moved, now.moved, was.accounts, now.unowned, now.double) == (0, 2, 2, 0, 0)
    assert (was.quota, now.quota) == (100_00, 50_00) and now.work.variation < was.work.variation
    with pytest.raises(ValidationError, match="not approved"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    request = scenario_ask(scenario_id=scenario.pk, actor=sol)
    with pytest.raises(PermissionDenied):
        approval_decide(request_id=request.pk, is_approved=True, actor=sol)
    approval_decide(request_id=request.pk, is_approved=True, actor=fin)
    with pytest.raises(PermissionDenied):
        scenario_publish(scenario_id=scenario.pk, actor=fin)
    assert live(market, DAY) == BEFORE
    scenario_publish(scenario_id=scenario.pk, actor=sol)
    assert live(market, DAY) == AFTER and live(market, date(2026, 12, 31)) == BEFORE | {"quota": 50_00}
    with pytest.raises(ValidationError, match="doesn't change"):
        cover(scenario, market, sol, share=WHOLE)
    back = scenario_undo(scenario_id=scenario.pk, starts_on=date(2027, 2, 1), actor=sol)
    assert back.restores == scenario and [row.after for row in change_rows(back)][0] == "no cover"
    approve(back, viewer)
    scenario_publish(scenario_id=back.pk, actor=sol)
    assert live(market, date(2027, 2, 1)) == BEFORE
    assert live(market, date(2027, 1, 31)) == AFTER | {"quota": 100_00}


def test_whatever_changes_after_the_approval_needs_a_new_one(market: Any, viewer: Any) -> None:
    """Given an approved scenario, when a row or a rule of its draft changes, then it is not published and live stays."""
    sol = viewer("sol")
    scenario = split_west(market, sol)
    approve(scenario, viewer)
    draft = RuleSet.objects.get(state=RuleSetState.DRAFT)
    rule_save(rule_set_id=draft.pk, name="Rest", territory_id=market["east"], conditions=[], actor=sol)
    with pytest.raises(ValidationError, match="not approved as it is now"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    approve(scenario, viewer)
    quota(scenario, market, sol, 60_00, version=1)
    with pytest.raises(ValidationError, match="not approved as it is now"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    assert live(market, DAY) == BEFORE


def test_a_stale_edit_and_a_stale_base_are_refused_by_name_and_rebased(market: Any, viewer: Any) -> None:
    """Given two people on one row and a live plan that moves, then the second edit and the publication name what changed; rebase mends."""
    sol = viewer("sol")
    scenario = scenario_create(name="Split", starts_on=DAY, actor=sol)
    change = quota(scenario, market, sol, 50_00)
    quota(scenario, market, sol, 55_00, version=change.version)
    with pytest.raises(
        ValidationError, match=r"Rep Rex: 2027-Q1, Amount was changed by Sol to .*55\.00.* since you looked"
    ):
        quota(scenario, market, sol, 60_00, version=change.version)
    with pytest.raises(ValidationError, match="changed by Sol"):
        quota(scenario, market, sol, 60_00)
    assert ScenarioChange.objects.get().values["value"] == 55_00
    approve(scenario, viewer)
    quota_set_many(values=[QuotaValue(market["rex"], market["period"], 120_00)], actor=sol)
    with pytest.raises(ValidationError, match=r"was .*100\.00.* live when it was changed here, and is .*120\.00"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    assert [row.is_stale for row in change_rows(scenario)] == [True]
    assert scenario_rebase(scenario_id=scenario.pk, actor=sol) == 1
    with pytest.raises(ValidationError, match="not approved"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    approve(scenario, viewer)
    scenario_publish(scenario_id=scenario.pk, actor=sol)
    assert live(market, DAY)["quota"] == 55_00


def test_a_publication_that_fails_in_its_last_step_leaves_nothing(market: Any, viewer: Any) -> None:
    """Given rules that begin on the same day by somebody else, when the scenario is published, then neither cover nor quota changes."""
    sol = viewer("sol")
    scenario = split_west(market, sol)
    approve(scenario, viewer)
    other = rule_set_draft(starts_on=DAY, actor=sol)
    rule_set_start(rule_set_id=other.pk, actor=sol)
    ScenarioChange.objects.filter(kind="RULES").update(before={"rule_set": str(other.pk)})
    scenario_rebase(scenario_id=scenario.pk, actor=sol)
    approve(scenario, viewer)
    with pytest.raises(ValidationError, match="in force already"):
        scenario_publish(scenario_id=scenario.pk, actor=sol)
    assert live(market, DAY) == BEFORE and Scenario.objects.get(pk=scenario.pk).published_at is None


def test_a_day_in_the_past_and_a_scenario_without_changes_are_refused(market: Any, viewer: Any) -> None:
    """Given a past day, a taken name or no change, then each is refused."""
    sol = viewer("sol")
    with pytest.raises(ValidationError, match="history"):
        scenario_create(name="Old", starts_on=date(2020, 1, 1), actor=sol)
    scenario = scenario_create(name="Split", starts_on=DAY, actor=sol)
    with pytest.raises(ValidationError, match="no other one"):
        scenario_create(name="Split", starts_on=DAY, actor=sol)
    with pytest.raises(ValidationError, match="changes nothing"):
        scenario_ask(scenario_id=scenario.pk, actor=sol)
    with pytest.raises(ValidationError, match="nothing to undo"):
        scenario_undo(scenario_id=scenario.pk, starts_on=DAY, actor=sol)
    with pytest.raises(PermissionDenied):
        cover(scenario, market, viewer("mara"), share=WHOLE)


def test_pages_and_api_go_the_whole_way(market: Any, viewer: Any, sign_in: Any) -> None:
    """Given a scenario on the pages, then cover and quota are changed, compared, exported, approved, published by API and undone."""
    browser = sign_in("sol")
    browser.post(reverse("planning:scenario_list"), {"name": "Split", "starts_on": "2027-01-01"})
    scenario = Scenario.objects.get()
    page = reverse("planning:scenario", args=[scenario.pk])
    cover_page = reverse("planning:scenario_cover", args=[scenario.pk])
    assert (
        browser.post(
            cover_page, {"territory": market["west"], "position": market["ria"], "share": "50", "version": 0}
        ).url
        == page
    )
    names = {"position": market["rex"], "period": market["period"], "measure": QuotaMeasure.AMOUNT}
    quota_page = reverse("planning:scenario_quota", args=[scenario.pk])
    assert browser.post(quota_page, {**names, "value": "40", "version": 0}).url == page
    assert "since you looked" in browser.post(quota_page, {**names, "value": "41", "version": 0}).content.decode()
    assert 'value="40.00"' in browser.get(quota_page, names).content.decode()
    text = browser.get(page).content.decode()
    assert "West: Rep Ria" in text and "50%" in text and "Accounts covered over 100%" in text
    chosen = {"scenario": [str(scenario.pk)]}
    assert "Accounts covered over 100%" in browser.get(reverse("planning:scenario_compare"), chosen).content.decode()
    sheet = browser.get(reverse("planning:scenario_compare_export", args=["csv"]), chosen).content.decode()
    assert [row.split(",")[0].strip("\ufeff") for row in sheet.splitlines()] == ["plan", "Live", "Split"]
    path = f"/api/v1/planning/scenarios/{scenario.pk}/"
    story = browser.get(path).json()
    measures = story["columns"][1]["measures"]
    assert (measures["accounts_double"], measures["territories_over_100_percent"], story["approval"]) == (2, 1, "")
    assert browser.post(page, {"do": "publish"}).status_code == 422
    assert browser.post(page, {"do": "ask"}).status_code == 302
    request = approval_open("scenario", scenario.pk)
    assert request is not None
    approval_decide(request_id=request.pk, is_approved=True, actor=viewer("fin"))

    def post(where: str, body: Any = None) -> Any:
        return browser.post(f"{path}{where}/", body or {}, content_type="application/json")

    assert post("publish").json()["state"] == "PUBLISHED"
    assert live(market, DAY)["west"] == {"rex": WHOLE, "ria": WHOLE // 2}
    change = {
        "kind": "QUOTA",
        "version": 1,
        "position": str(market["rex"]),
        "period": str(market["period"]),
        "value": 1,
    }
    assert post("changes", change).status_code == 400
    undo = post("undo", {"starts_on": "2027-03-01"})
    assert undo.status_code == 201 and undo.json()["restores"] == str(scenario.pk)
    path = f"/api/v1/planning/scenarios/{undo.json()['id']}/"
    assert post("changes", change | {"remove": True}).status_code == 204 and post("rebase").json() == {"stale": 0}
    assert browser.delete(path).status_code == 204
