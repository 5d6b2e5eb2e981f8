"""Price and discount: recomputed by hand, within reach, the same on page, file and API, down to the rows of each figure."""

import csv
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from insights.engine.dashboards import Shows, Tile
from insights.services.dashboards import DashboardWish, dashboard_save
from planning.models import Calendar, Period
from spm.crm.models import (
    OpportunityVersion,
    Order,
    OrderLine,
    OrderLineVersion,
    OrderVersion,
    Product,
    ProductVersion,
)
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.insights.test_performance import deal, made

Q3 = {"period": "2026-Q3"}


@pytest.fixture
def company(acme: Organisation) -> None:
    """Rex sells four meters of 100.00 at 0, 5, 20 and 30 % off, Ria a kit of 200.00 for 210.00 and one thing without a list price.

    Of Rex's deals, 12 of 20 at 8 % off are won, 2 of 10 at 20 % off, and all 3 without a discount.
    """
    with organisation_scope(acme.pk, actor=DIRECTOR):
        calendar = Calendar.objects.create(name="Quarters", kind="QUARTERLY")
        Period.objects.create(calendar=calendar, key="2026-Q3", during=(date(2026, 7, 1), date(2026, 10, 1)))
        meter, kit, odd = (made(Product, ProductVersion, name, name=name) for name in ("Meter", "Kit", "Odd"))
        own = (("rex", meter, 100_00, (100_00, 95_00, 80_00, 70_00)), ("ria", kit, 200_00, (210_00,)))
        for owner, product, price, nets in (*own, ("ria", odd, None, (50_00,))):
            person = Participant.objects.get(source_key=owner)
            key = f"{owner}-{product.source_key}"
            order = made(Order, OrderVersion, key, owner=person, ordered_on="2026-08-05", currency="USD")
            for place, net in enumerate(nets):
                sold = {"order": order, "product": product, "quantity": 1, "list_price_minor": price}
                made(OrderLine, OrderLineVersion, f"{key}-{place}", **sold, net_amount_minor=net)
        for off, won, lost in ((8, 12, 8), (20, 2, 8), (0, 3, 0)):
            for number in range(won + lost):
                status, stated = "won" if number < won else "lost", {"discount_rate": off * 10**6}
                deal(f"{off}-{number}", "rex", status, 100, "2026-07-01", "2026-08-01", attributes=stated)


def asked(client: Any, **query: str) -> dict[str, Any]:
    return dict(client.get(reverse("api_insights_discounts"), Q3 | query).json())


@pytest.mark.usefixtures("company")
def test_price_leakage_and_distribution_are_those_of_the_order_lines(sign_in: Any) -> None:
    sol = sign_in("sol")
    found = asked(sol)
    # List 4 x 100.00 + 200.00, net 345.00 + 210.00: 555 / 600.
    total = found["total"]
    assert (total["lines"], total["left_out"], total["list_minor"], total["net_minor"]) == (5, 1, 600_00, 555_00)
    assert [total[name]["number"] for name in ("realisation", "depth", "leakage")] == [92_500_000, 7_500_000, 45_00]
    assert (total["over"], total["over_rate"]) == (1, 20_000_000)
    groups = {one["name"]: (one["lines"], one["realisation"]["number"], one["over"]) for one in found["groups"]}
    assert groups == {"Kit": (1, 105_000_000, 0), "Meter": (4, 86_250_000, 1), "Odd": (0, None, 0)}
    lines = [(one["name"], one["lines"], one["leakage_minor"]) for one in found["bands"] if one["lines"]]
    assert lines == [
        ("Above the list price", 1, -10_00),
        ("No discount", 1, 0),
        ("Up to 5 %", 1, 5_00),
        ("Over 15 to 20 %", 1, 20_00),
        ("Over 20 to 30 %", 1, 30_00),
    ]
    assert asked(sol, over="15")["total"]["over"] == 2
    kept = asked(sol, only_product=found["groups"][0]["key"])
    assert (kept["total"]["lines"], kept["total"]["realisation"]["number"]) == (1, 105_000_000)
    assert asked(sol, by="segment")["groups"][0]["name"] == "No segment"


@pytest.mark.usefixtures("company")
def test_each_band_leads_to_its_rows_by_the_figures_of_the_catalogue(sign_in: Any) -> None:
    sol = sign_in("sol")
    rows = {
        (kpi, of): sol.get(reverse("api_insights_kpi_rows", args=[kpi]), Q3 | {"by": "discount", "of": of}).json()[
            "results"
        ]
        for kpi, of in (("discount_depth", "30"), ("discount_depth", ""), ("win_rate", "20"), ("leakage", "none"))
    }
    assert [row["adds"]["net_amount"] for row in rows["discount_depth", "30"]] == [70_00]
    assert [row["adds"]["net_amount"] for row in rows["discount_depth", ""]] == [None]
    assert sum(row["adds"]["won_deals"] for row in rows["win_rate", "20"]) == 2 and len(rows["win_rate", "20"]) == 10
    assert len(rows["leakage", "none"]) == 1
    page = unescape(sol.get(reverse("insights:kpi", args=["win_rate"]), Q3 | {"by": "discount"}).content.decode())
    assert page.index("Over 5 to 10 %") < page.index("Over 15 to 20 %") and "60%" in page
    only = {"only_discount": "30", "only_seller": "not-an-id"}
    page = unescape(sol.get(reverse("insights:kpi", args=["leakage"]), Q3 | only).content.decode())
    assert "Seller: something that is not known here; Discount: Over 20 to 30 %" in page


@pytest.mark.usefixtures("company")
def test_the_win_rate_by_depth_has_its_interval_and_small_groups_none(sign_in: Any) -> None:
    found = asked(sign_in("sol"))
    ended = {one["band"]: one for one in found["bands"] if one["won"] + one["lost"]}
    rates = {band: [one[name] for name in ("won", "lost", "win_rate")] for band, one in ended.items()}
    assert rates == {"none": [3, 0, None], "10": [12, 8, 60_000_000], "20": [2, 8, 20_000_000]}
    assert [round(ended["10"][end], -4) for end in ("low_rate", "high_rate")] == [38_660_000, 78_120_000]
    assert (ended["none"]["low_rate"], found["direction"], found["untold"]) == (None, -1, "")


@pytest.mark.usefixtures("company")
def test_rates_are_not_told_where_the_discounts_of_lost_deals_are_not_known(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        OpportunityVersion.objects.filter(status="lost").update(attributes={})
    sol = sign_in("sol")
    found = asked(sol)
    assert found["untold"].startswith("The discount is known of 17 of 17 won and of 0 of 16 lost deals.")
    assert {one["win_rate"] for one in found["bands"]} == {None} and found["unknown_lost"] == 16
    page = unescape(sol.get(reverse("insights:discounts"), Q3).content.decode())
    assert "Rates of these alone would mislead" in page and "This is no cause" not in page


@pytest.mark.usefixtures("company")
def test_win_rates_by_depth_are_judged_alike_as_table_tile_and_of_a_depth_alone(viewer: Any, sign_in: Any) -> None:
    sol, win = sign_in("sol"), reverse("api_insights_kpi", args=["win_rate"])
    made = dashboard_save(
        wish=DashboardWish("Depths", (Tile("win_rate", Shows.GROUPS, "discount"),), period="2026-Q3"),
        actor=viewer("sol"),
    )
    tile = sol.get(reverse("api_insights_dashboard", args=[made.pk])).json()["tiles"][0]
    for table in (sol.get(win, Q3 | {"by": "discount"}).json(), tile):
        values = {one["key"]: one["value"] for one in table["lines"]}
        assert {key: one["number"] for key, one in values.items()} == {"none": None, "10": 60_000_000, "20": 20_000_000}
        assert (
            values["none"]["reason"]
            == "Fewer than 10 decided deals are too few to tell a win rate by depth of discount."
        )
    for depth, rate in (("20", 20_000_000), ("none", None)):
        assert sol.get(win, Q3 | {"only_discount": depth}).json()["total"]["value"]["number"] == rate
    own = {"formula": "won_deals / lost_deals", "by": "discount"}
    lines = sol.get(reverse("api_insights_kpi", args=["own"]), Q3 | own).json()["lines"]
    assert [one["value"]["number"] is None for one in lines] == [True, False, False]
    counted = {"formula": "won_deals + lost_deals", "by": "discount"}
    lines = sol.get(reverse("api_insights_kpi", args=["own"]), Q3 | counted).json()["lines"]
    assert {one["key"]: one["value"]["number"] for one in lines} == {
        "none": 300_000_000, "10": 2_000_000_000, "20": 1_000_000_000,
    }  # fmt: skip


@pytest.mark.usefixtures("company")
def test_no_table_tells_rates_by_depth_where_discounts_of_lost_deals_are_not_known(
    sign_in: Any, acme: Organisation
) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        OpportunityVersion.objects.filter(status="lost").update(attributes={})
    sol, win = sign_in("sol"), reverse("api_insights_kpi", args=["win_rate"])
    by_depth = sol.get(win, Q3 | {"by": "discount"}).json()
    assert {one["value"]["number"] for one in by_depth["lines"]} == {None}
    assert by_depth["lines"][0]["value"]["reason"].startswith(
        "The discount is known of 17 of 17 won and of 0 of 16 lost"
    )
    assert {one["number"] for line in by_depth["lines"] for one in line["course"]} == {None}
    assert by_depth["total"]["value"]["number"] == 51_515_152
    only = sol.get(win, Q3 | {"only_discount": "10"}).json()
    assert {one["value"]["number"] for one in (only["total"], *only["lines"])} == {None}
    assert asked(sol, only_discount="10")["untold"].startswith("The discount is known of 17 of 17 won")


@pytest.mark.usefixtures("company")
def test_a_deal_without_a_stated_discount_has_that_of_its_order_lines(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        rex, product = Participant.objects.get(source_key="rex"), Product.objects.get(source_key="Meter")
        own = deal("sold", "rex", "won", 100, "2026-07-01", "2026-08-01")
        order = made(Order, OrderVersion, "sold", owner=rex, opportunity=own, ordered_on="2026-08-05", currency="USD")
        sold = {"order": order, "product": product, "quantity": 2, "list_price_minor": 100_00}
        made(OrderLine, OrderLineVersion, "sold-1", **sold, net_amount_minor=130_00)
    found = asked(sign_in("sol"))
    assert [(one["won"], one["lines"]) for one in found["bands"] if one["band"] == "40"] == [(1, 1)]


@pytest.mark.usefixtures("company")
def test_everybody_sees_the_discounts_within_their_reach(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    found = {name: asked(sign_in(name), by="seller") for name in ("rex", "ria", "mara", "mona")}
    assert {name: one["total"]["lines"] for name, one in found.items()} == {"rex": 4, "ria": 1, "mara": 5, "mona": 0}
    assert len(found["rex"]["groups"]) == 1
    mona, mara = sign_in("mona"), sign_in("mara")
    assert (
        "No order line of the period has a list price." in mona.get(reverse("insights:discounts"), Q3).content.decode()
    )
    with django_assert_max_num_queries(24):
        page = unescape(mara.get(reverse("insights:discounts"), Q3).content.decode())
    assert "92.5" in page and "Too few deals to say" in page and "This is no cause" in page
    file = mara.get(reverse("insights:discounts_export", args=["csv"]), Q3).content.decode("utf-8-sig")
    rows = {(row["By"], row["Name"]): row for row in csv.DictReader(file.splitlines())}
    assert rows["", "All within reach"]["Given away"] == "45.00"
    assert (rows["discount", "Over 5 to 10 %"]["Win rate"], rows["product", "Meter"]["Order lines"]) == ("0.6", "4")
    for wrong in ({"by": "discount"}, {"by": "mood"}, {"over": "7"}, {"period": "1999-Q1"}):
        assert mara.get(reverse("insights:discounts"), Q3 | wrong).status_code == 404
        assert mara.get(reverse("api_insights_discounts"), Q3 | wrong).status_code == 404


def test_an_empty_company_has_reasons_instead_of_figures(sign_in: Any) -> None:
    page = unescape(sign_in("gus@globex.example").get(reverse("insights:discounts")).content.decode())
    assert "No order line is known by the end of the period." in page
    assert "No deal was won or lost in the period." in page
