"""Whitespace of accounts: what a family has not bought, beside similar accounts, for who sees what was bought."""

from typing import Any

import pytest
from django.urls import reverse

from planning.selectors.whitespace import whitespace_get
from spm.crm.models import Account, Order, OrderLine, OrderLineVersion, OrderVersion, Product, ProductVersion
from spm.people.models import Participant
from tests.conftest import TODAY
from tests.planning.test_families import MOMENT, deal
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db


def made_product(name: str, family: str) -> Product:
    """A product known now."""
    fact = Product.objects.create(source="crm", source_key=name)
    ProductVersion.objects.create(fact=fact, name=name, family=family, known_from=MOMENT)
    return fact


def order(customer: Account, key: str, product: Product, quantity: int, owner: Participant | None = None) -> None:
    """An order of one line, or one that gives it back."""
    fact = Order.objects.create(source="crm", source_key=key)
    OrderVersion.objects.create(fact=fact, account=customer, owner=owner, ordered_on=TODAY, known_from=MOMENT)
    line = OrderLine.objects.create(source="crm", source_key=f"{key}/1")
    OrderLineVersion.objects.create(fact=line, order=fact, product=product, quantity=quantity, known_from=MOMENT)


@pytest.fixture
def market(in_acme: Any) -> dict[str, Any]:
    """Atlas above Borea, both of Rex; three others of the segment, one of Rex and two of Rob; one of another segment."""
    rex, rob = (Participant.objects.get(source_key=name) for name in ("rex", "rob"))
    found: dict[str, Any] = {}
    for name in ("Cloud", "Desk", "Edge", "Fleet"):
        found[name] = made_product(name, "Ware")
    found["atlas"] = account("Atlas", segment="Large", owner=rex)
    found["borea"] = account("Borea", segment="Small", owner=rex, parent=found["atlas"])
    deal(found["borea"], "D1", "won", 1, product=found["Cloud"], owner=rex)
    deal(found["atlas"], "D2", "open", 1, product=found["Desk"], owner=rex)
    order(found["atlas"], "O1", found["Edge"], 2, rex)
    order(found["atlas"], "O2", found["Edge"], -2, rex)
    for name, owner, products in (("one", rex, "Desk"), ("two", rob, "Desk Edge"), ("three", rob, "")):
        similar = account(name, segment="Large", owner=owner)
        for product in products.split():
            order(similar, f"{name}-{product}", found[product], 1, owner)
    order(account("other", segment="Small", owner=rob), "O3", found["Fleet"], 1, rob)
    return found


def gaps(viewer: Any, key: Any) -> list[tuple[str, int, int, int | None]]:
    found = whitespace_get(viewer, key, on=TODAY)
    return [(gap.product.name, gap.bought, gap.similar, gap.share_rate) for gap in found.gaps]


def test_what_a_family_has_not_bought_stands_beside_what_its_segment_bought(market: Any, viewer: Any) -> None:
    """Given a product of the subsidiary, one given back and one in an open deal, then three are not bought, with their shares of three."""
    third = 10**8 // 3
    assert gaps(viewer("sol"), market["atlas"].pk) == [
        ("Desk", 2, 3, 2 * 10**8 // 3),
        ("Edge", 1, 3, third),
        ("Fleet", 0, 3, 0),
    ]
    assert whitespace_get(viewer("sol"), market["atlas"].pk, on=TODAY).bought == 1
    lone = account("lone")
    assert {gap[1:] for gap in gaps(viewer("sol"), lone.pk)} == {(0, 0, None)}


def test_a_rep_compares_with_what_the_rep_sees_and_reads_nothing_of_others(
    market: Any, viewer: Any, sign_in: Any
) -> None:
    """Given similar accounts of Rob, then Rex compares with his own; once Rob sells to the family, it is hidden from Rex everywhere."""
    atlas = market["atlas"].pk
    assert gaps(viewer("rex"), atlas) == [("Desk", 1, 1, 10**8), ("Edge", 0, 1, 0), ("Fleet", 0, 1, 0)]
    order(market["borea"], "O4", market["Fleet"], 1, Participant.objects.get(source_key="rob"))
    found = whitespace_get(viewer("rex"), atlas, on=TODAY)
    assert (found.is_hidden, found.gaps, found.bought) == (True, (), 0)
    assert [gap[0] for gap in gaps(viewer("sol"), atlas)] == ["Desk", "Edge"]
    browser = sign_in("rex")
    text = browser.get(reverse("planning:whitespace", args=[atlas])).content.decode()
    assert "people whose deals you don" in text and "Desk" not in text
    export = browser.get(reverse("planning:whitespace_export", args=[atlas, "csv"])).content.decode()
    assert len(export.splitlines()) == 1
    assert browser.get(f"/api/v1/planning/accounts/{atlas}/whitespace/").json() == {
        "segment": "Large",
        "similar": 0,
        "bought": 0,
        "is_hidden": True,
        "gaps": [],
    }


def test_page_export_and_api_say_the_same(market: Any, sign_in: Any, django_assert_max_num_queries: Any) -> None:
    """Given whitespace of three products, then page, export and API have them, and the account's page leads there."""
    atlas, browser = market["atlas"].pk, sign_in("sol")
    page = reverse("planning:whitespace", args=[atlas])
    assert page in browser.get(reverse("planning:account_detail", args=[atlas])).content.decode()
    with django_assert_max_num_queries(25):
        text = browser.get(page).content.decode()
    assert "Desk" in text and "66.7" in text and "Cloud" not in text
    lines = browser.get(reverse("planning:whitespace_export", args=[atlas, "csv"])).content.decode().splitlines()
    assert lines[2] == "Edge,Edge,Ware,Large,3,1,33.333333 %"
    api = browser.get(f"/api/v1/planning/accounts/{atlas}/whitespace/").json()
    assert (api["similar"], [(each["name"], each["bought"]) for each in api["gaps"]]) == (
        3,
        [("Desk", 2), ("Edge", 1), ("Fleet", 0)],
    )
