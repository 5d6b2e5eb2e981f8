"""Families of accounts: trees, sums, circles, and whom an account belongs to."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.engine.places import Level
from planning.models import AccountTerritory, Territory, TerritoryAssignment
from planning.selectors.balances import balance_asked
from planning.selectors.families import families_known, family_findings, family_list, family_tops, family_tree
from planning.selectors.maps import map_get
from planning.selectors.scores import score_frame
from planning.services.scores import score_card_save, score_card_start
from spm.crm.models import Account, AccountVersion, Opportunity, OpportunityVersion
from spm.crm.services.accounts import account_parent_set
from spm.people.models import Position
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
    found = families_known()
    tops = family_tops(viewer("sol"), found)
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
    [finding] = family_findings(viewer("sol"), families_known())
    assert finding.what in (
        "The parents run in a circle: Ursa → Vela → Ursa.",
        "The parents run in a circle: Vela → Ursa → Vela.",
    )
    tops = family_tops(viewer("sol"), families_known())
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


def test_owners_of_a_family_are_people_not_texts(family: Any, viewer: Any) -> None:
    """Given two accounts that Rex and Ria own by equal shares and one that Rex owns, then the family has two owners."""
    always = DateRange(date(2026, 1, 1), None)
    seats = {each.code: each for each in Position.objects.all()}
    for code, names, accounts in (("both", ("rex", "ria"), ("atlas", "borea")), ("one", ("rex",), ("draco",))):
        territory = Territory.objects.create(code=code, name=code)
        for name in names:
            TerritoryAssignment.objects.create(
                territory=territory, position=seats[name], share_rate=5 * 10**7, during=always
            )
        for each in accounts:
            AccountTerritory.objects.create(account=family[each], territory=territory, during=always)
    tree = family_tree(viewer("sol"), family["atlas"].pk, on=TODAY)
    assert [member.row.owner for member in tree.members] == ["2 with equal shares", "2 with equal shares", "", "Rex"]
    assert tree.owners == 2


def test_twelve_months_are_the_same_on_every_page(family: Any, viewer: Any) -> None:
    """Given a deal won on the same day a year before and one won the day before that, then family, score and map count the first alone."""
    for key, day in (("E1", date(2025, 6, 15)), ("E2", date(2025, 6, 14))):
        deal(family["eridanus"], key, "won", 9_00)
        OpportunityVersion.objects.filter(fact__source_key=key).update(close_on=day)
    key = str(family["eridanus"].pk)
    assert family_tree(viewer("sol"), family["eridanus"].pk, on=TODAY).worth.sales == 9_00
    assert score_frame("USD", TODAY, [key])["sales"].tolist() == [9_00]
    AccountVersion.objects.update(country="US", region="CA")
    [unit] = map_get(viewer("sol"), level=Level.STATE, on=TODAY).units
    assert unit.sales == 300_00 + 9_00
    frame = balance_asked(parent=None, on=TODAY, currency="USD", protect_minor=None).accounts
    assert frame.set_index("account_key")["sales"][key] == 9_00


PAGES = [("family_list", 30), ("family_detail", 30), ("account_detail", 40), ("account_scores", 30)]


@pytest.mark.parametrize(("name", "budget"), PAGES)
def test_pages_of_accounts_keep_their_query_budget(
    family: Any, viewer: Any, sign_in: Any, django_assert_max_num_queries: Any, name: str, budget: int
) -> None:
    """Given scores of both kinds by deals in force, then a page reads each thing once, whatever the number of scores."""
    sold = {"name": "Sold", "field": "sales", "scaling": "LINEAR", "weight": 1, "missing": "ZERO", "low": 0, "high": 9}
    for kind in ("POTENTIAL", "WORKLOAD"):
        score_card_save(kind=kind, factors=[sold], actor=viewer("sol"))
        score_card_start(kind=kind, actor=viewer("sol"))
    asked = {"family_list": [], "account_scores": ["potential"]}.get(name, [family["borea"].pk])
    browser = sign_in("sol")
    with django_assert_max_num_queries(budget):
        assert browser.get(reverse(f"planning:{name}", args=asked)).status_code == 200
