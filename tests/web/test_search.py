"""Search finds what the viewer may open, by a piece of its name, and nothing of anybody else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spm.crm.models import Account, AccountVersion, Opportunity, OpportunityVersion, Product, ProductVersion
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from spm.web.navigation import entry_url
from spm.web.search import DEEDS, search_groups
from tests.cast import DIRECTOR


def found(viewer: Any, text: str) -> dict[str, list[str]]:
    """What is found, by group."""
    return {group.label: [item.label for item in group.items] for group in search_groups(viewer, text) or []}


def account(name: str) -> Account:
    fact = Account.objects.create(source="crm", source_key=f"A-{name}")
    AccountVersion.objects.create(fact=fact, name=name, industry="water", known_from="2026-01-01T00:00Z")
    return fact


def deal(key: str, name: str, owner: str, of: Account | None = None) -> None:
    fact = Opportunity.objects.create(source="crm", source_key=key)
    person = Participant.objects.get(source_key=owner)
    OpportunityVersion.objects.create(
        fact=fact, name=name, owner=person, account=of, stage="Proposal", status="open", known_from="2026-01-01T00:00Z"
    )


@pytest.fixture
def facts(in_acme: Organisation) -> None:
    deal("D-1", "Pump station Lyon", "rex", of=account("Kan-code"))
    deal("D-2", "Pump station Graz", "rob", of=account("Zathunicon"))
    fact = Product.objects.create(source="crm", source_key="P-1")
    ProductVersion.objects.create(fact=fact, name="GTX Pro", family="GTX", known_from="2026-01-01T00:00Z")


@pytest.mark.parametrize("text", ["", "a", "  x  ", "\0"])
def test_a_text_that_is_too_short_is_not_asked(viewer: Any, text: str) -> None:
    assert search_groups(viewer("sol"), text) is None


def test_a_text_that_nothing_is_named_like_finds_nothing(viewer: Any, facts: None) -> None:
    assert search_groups(viewer("sol"), "qqqqqq") == []


def test_people_accounts_deals_and_products_are_found_by_a_piece_of_their_name(viewer: Any, facts: None) -> None:
    sol = viewer("sol")
    assert found(sol, "rex")["People"] == ["Rex"]
    assert found(sol, "zathun")["Accounts"] == ["Zathunicon"]
    assert sorted(found(sol, "PUMP")["Deals"]) == ["Pump station Graz", "Pump station Lyon"]
    assert found(sol, "d-1")["Deals"] == ["Pump station Lyon"]
    assert found(sol, "gtx")["Products"] == ["GTX Pro"]


def test_a_deal_is_found_by_the_name_of_its_account(viewer: Any, facts: None) -> None:
    assert found(viewer("sol"), "kan-code")["Deals"] == ["Pump station Lyon"]


def test_a_slip_of_the_pen_still_finds_the_name(viewer: Any, facts: None) -> None:
    assert found(viewer("sol"), "zathunicn")["Accounts"] == ["Zathunicon"]


def test_a_rep_finds_their_own_deals_and_accounts_only(viewer: Any, facts: None) -> None:
    rex = viewer("rex")
    assert found(rex, "pump")["Deals"] == ["Pump station Lyon"]
    assert "Accounts" not in found(rex, "zathunicon")
    assert "People" not in found(rex, "rob")
    assert "Deals" not in found(rex, "d-2")


def test_a_manager_finds_the_people_below_on_the_day(viewer: Any, facts: None) -> None:
    assert found(viewer("mona"), "rob")["People"] == ["Rob"]
    assert "People" not in found(viewer("max"), "rob")


def test_who_may_not_see_facts_finds_none(viewer: Any, facts: None) -> None:
    assert not {"Deals", "Accounts", "Products"} & set(found(viewer("ada"), "pro"))


def test_another_company_is_not_there(acme: Organisation, globex: Organisation, sign_in: Any) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        deal("D-1", "Pump station Lyon", "rex", of=account("Kan-code"))
    for text in ("pump", "d-1", "kan-code", "rex@acme"):
        assert "Nothing found" in sign_in("gus@globex.example").get("/search", {"q": text}).content.decode()
    assert "Nothing found" in sign_in("sol").get("/search", {"q": "greta"}).content.decode()


def test_a_fact_that_was_withdrawn_is_not_found(viewer: Any, facts: None) -> None:
    OpportunityVersion.objects.filter(name="Pump station Lyon").update(is_withdrawn=True)
    assert found(viewer("sol"), "pump")["Deals"] == ["Pump station Graz"]


def test_pages_and_actions_are_those_that_the_viewer_may_open(viewer: Any) -> None:
    assert "Invite a member" in found(viewer("ada"), "invite")["Pages and actions"]
    assert "Pages and actions" not in found(viewer("rex"), "invite")


def test_guides_are_found_by_title_and_section(viewer: Any) -> None:
    assert "Managers" in found(viewer("rex"), "manag")["Guides"]


def test_every_action_leads_somewhere(viewer: Any) -> None:
    assert [deed.label for deed in DEEDS if not entry_url(deed)] == []


@pytest.mark.parametrize("text", ["%", "__", "'; --", "\\", "a\0b", "x" * 5000, "🙂🙂"])
def test_no_text_breaks_it(sign_in: Any, text: str) -> None:
    assert sign_in("sol").get("/search", {"q": text}).status_code == 200


def test_a_percent_sign_is_no_wildcard(viewer: Any, facts: None) -> None:
    assert "Deals" not in found(viewer("sol"), "%%")


def test_the_palette_gets_the_list_and_the_browser_a_page(sign_in: Any) -> None:
    client = sign_in("sol")
    part = client.get("/search", {"q": "rex"}, headers={"HX-Request": "true"}).content.decode()
    page = client.get("/search", {"q": "rex"}).content.decode()
    assert "<html" not in part and "Rex" in part
    assert "<html" in page and 'value="rex"' in page and "Rex" in page


def test_each_state_says_what_to_do(sign_in: Any) -> None:
    client = sign_in("sol")
    assert "at least two letters" in client.get("/search", {"q": "r"}).content.decode()
    assert "Nothing found" in client.get("/search", {"q": "qqqqqq"}).content.decode()


def test_a_visitor_is_sent_to_sign_in(client: Any, db: None) -> None:
    assert client.get("/search", {"q": "rex"}).status_code == 302


def test_the_number_of_queries_does_not_grow_with_what_is_found(viewer: Any, facts: None) -> None:
    sol = viewer("sol")
    with CaptureQueriesContext(connection) as few:
        search_groups(sol, "pump station")
    for number in range(20):
        deal(f"E-{number}", f"Pump station {number}", "rex")
    with CaptureQueriesContext(connection) as many:
        search_groups(sol, "pump station")
    assert len(many) == len(few) <= 9
