"""The map of accounts: what lies where, and units moved into drafts, never at once."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from planning.engine.places import Level
from planning.models import AccountTerritory, RuleSet, RuleSetState, Scenario, ScenarioChange, Territory
from planning.selectors.maps import map_get
from planning.selectors.rules import rule_set_preview
from planning.services.maps import units_move
from planning.services.rules import rule_set_draft, rule_set_start
from spm.crm.models import Opportunity, OpportunityVersion
from spm.people.models import Participant
from tests.planning.test_rules import YEAR, account, save, where

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture
def market(viewer: Any) -> dict[str, Any]:
    """Accounts in two states, one county, abroad and nowhere; all belong inside since January."""
    west, inside = (Territory.objects.create(code=code, name=code.title()) for code in ("west", "inside"))
    account(
        "la", country="US", region="California", county="Los Angeles County", annual_revenue_minor=500, currency="USD"
    )
    account("sj", country="United States", region="CA", annual_revenue_minor=300, currency="EUR")
    account("ny", country="usa", region="New York", annual_revenue_minor=200, currency="USD")
    account("lost", country="US")
    account("fr", country="France")
    account("nowhere")
    draft = rule_set_draft(starts_on=YEAR, actor=viewer("sol"))
    save(draft, inside, viewer("sol"), "All", [])
    rule_set_start(rule_set_id=draft.id, actor=viewer("sol"))
    return {"west": west, "inside": inside}


def shown(viewer: Any, level: Level, **more: Any) -> dict[str, tuple[int, int, Any]]:
    """Accounts, potential and territories by unit."""
    found = map_get(viewer, level=level, on=JULY, **more)
    return {unit.key: (unit.accounts, unit.potential, dict(unit.held)) for unit in found.units}


def test_units_sum_what_lies_in_them_and_what_lies_nowhere_is_said(market: Any, viewer: Any) -> None:
    """Given places in several spellings, then each account is in one unit or counted as not on the map, with what is missing."""
    sol, inside = viewer("sol"), str(market["inside"].pk)
    assert shown(sol, Level.STATE) == {"CA": (2, 500, {inside: 2}), "NY": (1, 200, {inside: 1})}
    assert shown(sol, Level.COUNTY) == {"CA:los angeles": (1, 500, {inside: 1})}
    assert shown(sol, Level.COUNTRY) == {"US": (4, 700, {inside: 4}), "FR": (1, 0, {inside: 1})}
    said = {each.code: dict(each.about).get("count") for each in map_get(sol, level=Level.COUNTY, on=JULY).findings}
    assert said == {
        "COUNTRY_UNKNOWN": 1,
        "STATE_UNKNOWN": 1,
        "OUTSIDE_MAP": 1,
        "COUNTY_UNKNOWN": 2,
        "CURRENCY_LEFT_OUT": None,
    }


def test_moving_a_unit_writes_a_rule_into_a_draft_and_nothing_live(market: Any, viewer: Any) -> None:
    """Given California moved west in a new draft, then the draft gives both of its accounts west, and today stays until it is in force."""
    sol, before = viewer("sol"), where(JULY)
    later = date(sol.on.year + 1, 1, 1)
    draft = units_move(level=Level.STATE, units=["CA"], territory_id=market["west"].pk, starts_on=later, actor=sol)
    assert where(JULY) == before and draft.state == RuleSetState.DRAFT
    west, inside = str(market["west"].pk), str(market["inside"].pk)
    assert shown(sol, Level.STATE, draft=draft) == {"CA": (2, 500, {west: 2}), "NY": (1, 200, {inside: 1})}
    units_move(level=Level.STATE, units=["NY"], territory_id=market["west"].pk, rule_set_id=draft.pk, actor=sol)
    assert [(each.rule.name, each.won) for each in rule_set_preview(draft).lines] == [("Map: West", 3), ("All", 3)]
    rule_set_start(rule_set_id=draft.pk, actor=sol)
    assert where(JULY) == before
    assert sorted(key for key, code in where(later).items() if code == "west") == ["A-la", "A-ny", "A-sj"]
    with pytest.raises(ValidationError, match="in force"):
        units_move(level=Level.STATE, units=["NY"], territory_id=market["inside"].pk, rule_set_id=draft.pk, actor=sol)
    with pytest.raises(ValidationError, match="No account lies in TX"):
        units_move(level=Level.STATE, units=["TX"], territory_id=market["west"].pk, starts_on=later, actor=sol)


def test_a_unit_moves_in_a_scenario_too(market: Any, viewer: Any) -> None:
    """Given a scenario, when a county moves in it, then the scenario has a draft of rules of its own and the live rules stay."""
    sol = viewer("sol")
    scenario = Scenario.objects.create(name="West", starts_on=date(sol.on.year + 1, 1, 1), written_by_name="Sol")
    draft = units_move(
        level=Level.COUNTY, units=["CA:los angeles"], territory_id=market["west"].pk, scenario_id=scenario.pk, actor=sol
    )
    assert ScenarioChange.objects.get(scenario=scenario).values == {"rule_set": str(draft.pk)}
    assert [(each.rule.name, each.won) for each in rule_set_preview(draft).lines] == [("Map: West", 1), ("All", 5)]


def test_the_page_shows_the_map_and_its_table_and_moves_what_is_chosen(market: Any, sign_in: Any) -> None:
    """Given the map of states, when California is chosen and moved, then the page leads to the draft and shows it as it would be."""
    browser, page = sign_in("sol"), reverse("planning:map")
    text = browser.get(page).content.decode()
    assert 'value="CA"' in text and "New York" in text and "no state that the map knows" in text
    wanted = {"unit": ["CA"], "territory": market["west"].pk, "into": "new"}
    refused = browser.post(page, wanted)
    assert refused.status_code == 400 and "from which day" in refused.content.decode() and RuleSet.objects.count() == 1
    moved = browser.post(page, {**wanted, "starts_on": "2031-01-01"})
    draft = RuleSet.objects.get(starts_on="2031-01-01")
    assert f"rules={draft.pk}" in moved.url and not AccountTerritory.objects.filter(territory=market["west"]).exists()
    assert "West" in browser.get(moved.url).content.decode()
    export = browser.get(reverse("planning:map_export", args=["csv"])).content.decode().splitlines()
    assert export[1:] == ["CA,California,Inside,2,5.00,0.00,0.00,USD", "NY,New York,Inside,1,2.00,0.00,0.00,USD"]


def test_the_api_gives_units_and_moves_them(market: Any, sign_in: Any) -> None:
    """Given the API, then it gives the units of a level, refuses a move without a draft, and moves into one."""
    api = sign_in("sol")
    found = api.get("/api/v1/planning/map/?level=COUNTRY").json()
    assert [(unit["key"], unit["accounts"]) for unit in found["units"]] == [("US", 4), ("FR", 1)]
    body = {"level": "COUNTRY", "units": ["FR"], "territory": str(market["west"].pk)}
    send = {"content_type": "application/json"}
    assert api.post("/api/v1/planning/map/moves/", json.dumps(body), **send).status_code == 400
    made = api.post("/api/v1/planning/map/moves/", json.dumps(body | {"starts_on": "2031-01-01"}), **send)
    assert made.status_code == 201 and made.json()["state"] == "DRAFT"
    preview = api.get(f"/api/v1/planning/map/?level=COUNTRY&rule_set={made.json()['id']}").json()
    assert preview["units"][1]["territories"] == [{"territory": str(market["west"].pk), "accounts": 1}]


def test_who_sees_some_accounts_sees_no_sum_of_others_deals(market: Any, viewer: Any) -> None:
    """Given an account of a rep with a colleague's deal on it, then the rep's map has that account and neither sales nor pipeline."""
    rex = Participant.objects.get(source_key="rex")
    mine = account("mine", country="US", region="NY", owner=rex, annual_revenue_minor=7, currency="USD")
    deal = Opportunity.objects.create(source="crm", source_key="D-1")
    other = Participant.objects.get(source_key="rob")
    OpportunityVersion.objects.create(
        fact=deal,
        name="D",
        account=mine,
        owner=other,
        status="open",
        amount_minor=900,
        currency="USD",
        known_from="2026-01-01T00:00Z",
    )
    whole = {unit.key: unit.pipeline for unit in map_get(viewer("sol"), level=Level.STATE, on=JULY).units}
    assert whole == {"CA": 0, "NY": 900}
    [unit] = map_get(viewer("rex"), level=Level.STATE, on=JULY).units
    assert (unit.accounts, unit.potential, unit.sales, unit.pipeline) == (1, 7, None, None)
