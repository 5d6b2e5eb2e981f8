"""Sums of deals and scores made of them tell nobody of deals that they don't see."""

import csv
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.urls import reverse

from planning.selectors.families import family_tree
from planning.selectors.scores import card_get, score_effects, score_list
from planning.services.scores import score_card_save, score_card_start
from spm.crm.models import Account
from spm.people.models import Participant
from spm.roles.models import Reach, Role
from spm.tenancy.scope import organisation_scope
from tests import cast
from tests.conftest import TODAY
from tests.planning.test_account_scores import SIZE, SOLD
from tests.planning.test_families import deal
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(in_acme: Any) -> Any:
    """Atlas of Rex, with open deals of Rex, Ria, Rob and nobody; below it Borea, on which Rex alone has one, and Corvus of Rob."""
    rex, ria, rob = (Participant.objects.get(source_key=name) for name in ("rex", "ria", "rob"))
    top = account("Atlas", owner=rex, employees=500)
    for number, owner in enumerate((rex, ria, rob, None)):
        deal(top, f"D{number}", "open", 10**number * 100, owner=owner)
    deal(account("Borea", owner=rex, parent=top, employees=100), "D4", "open", 50_00, owner=rex)
    account("Corvus", owner=rob, parent=top)
    return top


SEEN = [("rex", 1_00, 2), ("mara", 11_00, 2), ("sol", 1_111_00, 3)]


@pytest.mark.parametrize(("name", "pipeline", "accounts"), SEEN)
def test_sums_of_a_family_hold_the_deals_that_the_viewer_sees(
    atlas: Any, viewer: Any, sign_in: Any, name: str, pipeline: int, accounts: int
) -> None:
    """Given deals of four owners, then selector, page, list, export and API hold what a rep, a manager and operations see, and say so."""
    is_cut, whole = name != "sol", pipeline + 50_00
    tree = family_tree(viewer(name), atlas.pk, on=TODAY)
    assert (len(tree.members), tree.members[0].deals.open_pipeline) == (accounts, pipeline)
    assert (tree.worth.open_pipeline, tree.worth.all_deals) == (whole, not is_cut)
    browser, said = sign_in(name), f"{whole // 100:,}.00"
    for page in (reverse("planning:family_detail", args=[atlas.pk]), reverse("planning:family_list")):
        text = browser.get(page).content.decode()
        assert said in text and ("deals of people whose deals you see" in text) is is_cut
    text = browser.get(reverse("planning:family_export", args=[atlas.pk, "csv"])).content.decode()
    [row] = [each for each in csv.DictReader(StringIO(text)) if each["Account"] == "Atlas"]
    assert row["Open pipeline, deals within reach" if is_cut else "Open pipeline"] == f"{pipeline / 100:.2f}"
    one = browser.get(f"/api/v1/planning/families/{atlas.pk}/").json()
    [listed] = browser.get("/api/v1/planning/families/").json()["results"]
    assert one["members"][0]["open_pipeline"] == pipeline and listed["worth"] == one["worth"]
    assert (one["worth"]["open_pipeline"], one["worth"]["all_deals"]) == (whole, not is_cut)


def test_a_family_of_another_company_is_not_found(acme: Any, globex: Any, sign_in: Any) -> None:
    """Given an account of acme, then nobody of globex finds its page, its family, the export or the API."""
    with organisation_scope(acme.id, actor=cast.DIRECTOR):
        key = account("Atlas").pk
    browser = sign_in("gus@globex.example")
    pages = [reverse(f"planning:{name}", args=[key]) for name in ("family_detail", "account_detail")]
    for page in (*pages, reverse("planning:family_export", args=[key, "csv"]), f"/api/v1/planning/families/{key}/"):
        assert browser.get(page).status_code == 404


def in_force(viewer: Any, *factors: Any) -> None:
    """Factors of potential in force."""
    score_card_save(kind="POTENTIAL", factors=factors, actor=viewer("sol"))
    score_card_start(kind="POTENTIAL", actor=viewer("sol"))


OPEN = SOLD | {"field": "open_pipeline", "high": 1_000_00}


def shown(viewer: Any) -> list[tuple[str, int | None, bool]]:
    """The accounts that a viewer sees by score."""
    names = {str(each.pk): each.source_key for each in Account.objects.all()}
    return [
        (names[each.account_key], each.points, each.is_hidden) for each in score_list(viewer, card_get("POTENTIAL"))
    ]


def test_a_score_of_deals_that_the_viewer_does_not_see_is_hidden_with_its_parts(
    atlas: Any, viewer: Any, sign_in: Any
) -> None:
    """Given a score of open deals, then who sees a part of them has neither score nor parts, by list, page, export and API."""
    in_force(viewer, OPEN)
    assert shown(viewer("sol")) == [("A-Atlas", 100_00, False), ("A-Borea", 5_00, False), ("A-Corvus", 0, False)]
    for name in ("rex", "mara"):
        assert shown(viewer(name)) == [("A-Borea", 5_00, False), ("A-Atlas", None, True)]
        browser = sign_in(name)
        text = browser.get(reverse("planning:account_scores", args=["potential"])).content.decode()
        assert ">hidden<" in text and "The score of 1 account is hidden." in text and ">100<" not in text
        text = browser.get(reverse("planning:account_score_export", args=["potential", "csv"])).content.decode()
        assert [line.split(",")[1:3] for line in text.splitlines()[1:]] == [["Borea", "5.00"], ["Atlas", "hidden"]]
        text = browser.get(reverse("planning:account_detail", args=[atlas.pk])).content.decode()
        assert "Hidden: this score counts deals" in text and "1,111" not in text
        api = "/api/v1/planning/account-scores/potential/"
        assert [(each["points"], each["is_hidden"]) for each in browser.get(api).json()["results"]] == [
            (5_00, False),
            (None, True),
        ]
        assert browser.get(f"{api}{atlas.pk}/").json() == {"points": None, "is_hidden": True, "lines": []}
    assert sign_in("sol").get(f"{api}{atlas.pk}/").json()["lines"][0]["share"] == 100_00


def test_a_score_without_deals_is_shown_to_all_who_see_the_account(atlas: Any, viewer: Any) -> None:
    """Given a score by size, then a rep reads it of accounts that have deals of others too."""
    in_force(viewer, SIZE)
    assert shown(viewer("rex")) == [("A-Atlas", 50_00, False), ("A-Borea", 10_00, False)]


def test_what_a_draft_would_do_is_told_of_accounts_whose_deals_are_seen(atlas: Any, viewer: Any) -> None:
    """Given sales operations whose reach was narrowed to a team, then a draft's effects hold no account with deals of others."""
    in_force(viewer, SIZE)
    draft = score_card_save(kind="POTENTIAL", factors=[OPEN], actor=viewer("sol"))
    assert {name for _key, name, _now, _then in score_effects(viewer("sol"), draft).moves} == {"Atlas", "Borea"}
    narrow = replace(
        viewer("rex"), roles=frozenset({Role.SALES_OPERATIONS}), narrowed=((Role.SALES_OPERATIONS, Reach.TEAM),)
    )
    effects = score_effects(narrow, draft)
    assert [name for _key, name, _now, _then in effects.moves] == ["Borea"] and sum(effects.after) == 1
