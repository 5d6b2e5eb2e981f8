"""Families of accounts: trees, sums, circles, and whom an account belongs to."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from planning.selectors.families import family_findings, family_list, family_tops, family_tree
from spm.crm.models import Account, AccountVersion, Opportunity, OpportunityVersion
from spm.crm.services.accounts import account_parent_set
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 15)


def deal(customer: Account, key: str, status: str, amount: int, currency: str = "USD", **fields: Any) -> None:
    """A deal closed in May, or open."""
    fact = Opportunity.objects.create(source="crm", source_key=key)
    day = date(2026, 5, 1) if status == "won" else None
    OpportunityVersion.objects.create(
        fact=fact,
        account=customer,
        status=status,
        amount_minor=amount,
        currency=currency,
        close_on=day,
        known_from=MOMENT,
        **fields,
    )


MOMENT = "2026-01-01T00:00Z"


@pytest.fixture
def family(in_acme: Any) -> dict[str, Account]:
    """Atlas above Borea and Corvus, Corvus above Draco; Eridanus stands alone."""
    atlas = account("Atlas", annual_revenue_minor=1_000_00, currency="USD")
    borea = account("Borea", parent=atlas, annual_revenue_minor=200_00, currency="USD")
    corvus = account("Corvus", parent=atlas)
    draco = account("Draco", parent=corvus, annual_revenue_minor=50_00, currency="EUR")
    deal(borea, "D1", "won", 300_00)
    deal(draco, "D2", "open", 40_00)
    deal(draco, "D3", "open", 7_00, "EUR")
    return {"atlas": atlas, "borea": borea, "corvus": corvus, "draco": draco, "eridanus": account("Eridanus")}


def test_a_family_is_a_tree_with_sums_of_what_is_known(family: Any, viewer: Any) -> None:
    """Given a family of four, then its tree stands in order, sums hold what is in dollars, and the rest is counted apart."""
    tree = family_tree(viewer("sol"), family["draco"].pk, on=TODAY)
    assert [(member.row.version.name, member.depth, member.revenue) for member in tree.members] == [
        ("Atlas", 0, 1_000_00),
        ("Borea", 1, 200_00),
        ("Corvus", 1, None),
        ("Draco", 2, None),
    ]
    worth = tree.worth
    assert (worth.revenue, worth.unknown, worth.sales, worth.open_pipeline, worth.foreign) == (
        1_200_00,
        2,
        300_00,
        40_00,
        1,
    )
    tops, found = family_tops(viewer("sol"))
    [row] = family_list(viewer("sol"), tops, found, on=TODAY)
    assert (row.top.name, row.worth) == ("Atlas", worth)
    alone = family_tree(viewer("sol"), family["eridanus"].pk, on=TODAY)
    assert (len(alone.members), alone.hidden) == (1, 0)


def test_a_parent_that_closes_a_circle_is_refused_with_the_chain(family: Any, viewer: Any) -> None:
    """Given Draco below Corvus below Atlas, when Atlas is to belong to Draco, then the chain is said and nothing changes."""
    before = list(AccountVersion.objects.order_by("pk").values())
    with pytest.raises(ValidationError, match="A-Atlas → A-Draco → A-Corvus → A-Atlas"):
        account_parent_set(account_id=family["atlas"].pk, parent_id=family["draco"].pk, actor=viewer("sol"))
    with pytest.raises(ValidationError, match="loops: A-Atlas"):
        account_parent_set(account_id=family["atlas"].pk, parent_id=family["atlas"].pk, actor=viewer("sol"))
    assert list(AccountVersion.objects.order_by("pk").values()) == before


def test_a_parent_is_set_and_taken_away_and_the_rest_of_the_account_stays(family: Any, viewer: Any) -> None:
    """Given Eridanus alone, when it is to belong to Borea and then to nobody, then its own fields stay as they were."""
    borea, eridanus = family["borea"], family["eridanus"]
    account_parent_set(account_id=borea.pk, parent_id=eridanus.pk, actor=viewer("sol"))
    now = AccountVersion.objects.get(fact=borea, known_until=None)
    assert (now.parent_id, now.annual_revenue_minor, now.currency) == (eridanus.pk, 200_00, "USD")
    account_parent_set(account_id=borea.pk, parent_id=None, actor=viewer("sol"))
    assert AccountVersion.objects.get(fact=borea, known_until=None).parent_id is None


def test_a_circle_that_is_known_already_is_a_finding_and_in_no_family(family: Any, viewer: Any) -> None:
    """Given two accounts that came to belong to each other, then the finding names the chain and both are in no family."""
    one = account("Ursa")
    other = account("Vela", parent=one)
    AccountVersion.objects.filter(fact=one).update(parent=other)
    [finding] = family_findings(viewer("sol"))
    assert finding.what in (
        "The parents run in a circle: Ursa → Vela → Ursa.",
        "The parents run in a circle: Vela → Ursa → Vela.",
    )
    tops, _found = family_tops(viewer("sol"))
    assert [top.name for top in tops] == ["Atlas"]


def test_pages_and_api_show_a_family_and_change_a_parent(family: Any, sign_in: Any) -> None:
    """Given a family, then the list, the tree, the export and the API say the same, and a wrong parent changes nothing."""
    browser = sign_in("sol")
    assert "Atlas" in browser.get(reverse("planning:family_list")).content.decode()
    page = browser.get(reverse("planning:family_detail", args=[family["corvus"].pk])).content.decode()
    assert "Family of Atlas" in page and "2 accounts state no annual revenue in USD." in page
    lines = (
        browser.get(reverse("planning:family_export", args=[family["atlas"].pk, "csv"])).content.decode().splitlines()
    )
    assert lines[2] == "1,A-Borea,Borea,,,200.00,300.00,0.00,USD,0"
    api = "/api/v1/planning/families/"
    assert browser.get(api).json()["results"][0]["worth"]["revenue"] == 1_200_00
    assert [each["depth"] for each in browser.get(f"{api}{family['atlas'].pk}/").json()["members"]] == [0, 1, 1, 2]
    door = reverse("planning:account_parent", args=[family["atlas"].pk])
    said = browser.post(door, {"parent": "A-Draco"}, follow=True).content.decode()
    assert "Nothing was changed" in said and "A-Draco → A-Corvus" in said
    refused = browser.put(
        f"/api/v1/planning/accounts/{family['atlas'].pk}/parent/",
        {"parent": str(family["draco"].pk)},
        content_type="application/json",
    )
    assert refused.status_code == 400 and "A-Corvus" in refused.content.decode()
    browser.post(reverse("planning:account_parent", args=[family["eridanus"].pk]), {"parent": "A-Atlas"})
    assert AccountVersion.objects.get(fact=family["eridanus"], known_until=None).parent_id == family["atlas"].pk
