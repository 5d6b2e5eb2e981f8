"""KPIs of performance: recomputed by hand from a few facts, within reach, the same on page, file and API, down to rows that add up."""

import csv
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from incentives.models import Run, Statement
from planning.models import Calendar, Period, RuleSet, TerritoryRule
from spm.crm.models import (
    Account,
    AccountVersion,
    Activity,
    ActivityVersion,
    Contract,
    ContractVersion,
    Opportunity,
    OpportunityVersion,
    Order,
    OrderLine,
    OrderLineVersion,
    OrderVersion,
    Product,
    ProductVersion,
)
from spm.people.models import Employment, Participant, PositionUnit
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
Q3 = {"period": "2026-Q3"}


def made(model: Any, version: Any, key: str, **values: Any) -> Any:
    fact = model.objects.create(source="crm", source_key=key)
    version.objects.create(fact=fact, known_from=KNOWN, **values)
    return fact


def deal(
    key: str, owner: str, status: str, amount: int | None, start: str | None, end: str | None, **values: Any
) -> Any:
    own = {"name": f"Deal {key}", "currency": "USD", "created_on": start, "close_on": end} | values
    person = Participant.objects.get(source_key=owner)
    return made(Opportunity, OpportunityVersion, key, owner=person, status=status, amount_minor=amount, **own)


def contract(key: str, owner: Any, end: str, value: int) -> Any:
    worth = {"annual_value_minor": value, "currency": "USD"}
    return made(Contract, ContractVersion, key, owner=owner, starts_on="2025-08-01", ends_on=end, **worth)


@pytest.fixture
def company(acme: Organisation) -> None:
    """Rex wins 100.00 after 10 days and 300.00 after 30, one in euros, and loses one; Ria loses one; Rob wins 50.00 in the quarter before.

    Order line: 2 × 100.00 list, sold for 150.00, cost 90.00.
    """
    with organisation_scope(acme.pk, actor=DIRECTOR):
        calendar = Calendar.objects.get_or_create(kind="QUARTERLY", defaults={"name": "Quarters"})[0]
        for key, start, until in (("2026-Q2", "2026-04-01", "2026-07-01"), ("2026-Q3", "2026-07-01", "2026-10-01")):
            if not Period.objects.filter(key=key).exists():
                Period.objects.create(
                    calendar=calendar, key=key, during=(date.fromisoformat(start), date.fromisoformat(until))
                )
        account = made(Account, AccountVersion, "A", name="A", segment="Enterprise")
        meter = made(Product, ProductVersion, "M", name="Meter", list_price_minor=80_00, currency="USD")
        deal("1", "rex", "won", 100_00, "2026-07-01", "2026-07-11", account=account, product=meter)
        deal("2", "rex", "won", 300_00, "2026-07-01", "2026-07-31")
        deal("3", "rex", "won", 70_00, None, "2026-08-01", currency="EUR")
        deal("4", "rex", "lost", None, "2026-07-01", "2026-09-30")
        deal("5", "ria", "lost", 10_00, "2026-07-01", "2026-08-30", account=account)
        deal("6", "rob", "won", 50_00, "2026-05-01", "2026-06-10")
        deal("7", "rex", "open", 90_00, "2026-09-30", None)
        rex = Participant.objects.get(source_key="rex")
        order = made(Order, OrderVersion, "O", owner=rex, ordered_on="2026-08-05", currency="USD")
        prices = {"list_price_minor": 100_00, "net_amount_minor": 150_00, "cost_amount_minor": 90_00}
        made(OrderLine, OrderLineVersion, "L", order=order, product=meter, quantity=2, **prices)
        made(Activity, ActivityVersion, "C", owner=rex, kind="call", happened_on="2026-08-01")
        old = contract("K1", rex, "2026-08-01", 60_00)
        made(Contract, ContractVersion, "K2", owner=rex, starts_on="2026-08-01", ends_on="2027-08-01", renews=old)
        contract("K3", rex, "2026-08-02", 40_00)


def asked(client: Any, kpi: str, **query: str) -> dict[str, Any]:
    return dict(client.get(reverse("api_insights_kpi", args=[kpi]), Q3 | query).json())


EXPECTED = {
    "won_amount": 400_00,
    "win_rate": 60_000_000,  # 3 / 5
    "average_sale": 200_00,  # 400 / 2: the deal in euros is left out
    "sales_cycle": 20_00000000,  # (10 + 30) / 2
    "velocity": 6_00,  # 1 open x 0.6 x 200.00 / 20
    "price_realisation": 75_000_000,  # 150 / 200
    "discount_depth": 25_000_000,
    "margin": 40_000_000,  # (150 - 90) / 150
    "deal_to_list": 125_000_000,  # 100 / 80
    "activities": 1_00000000,
    "retention": 50_000_000,  # K1 of K1, K3
    "value_retention": 60_000_000,  # 60 / 100
}


@pytest.mark.usefixtures("company")
def test_every_kpi_equals_what_the_facts_come_to_by_hand(sign_in: Any) -> None:
    sol = sign_in("sol")
    assert {key: asked(sol, key)["total"]["value"]["number"] for key in EXPECTED} == EXPECTED


@pytest.mark.usefixtures("company")
def test_figures_are_told_by_seller_product_and_segment(sign_in: Any) -> None:
    sol = sign_in("sol")
    by = {
        group: {line["name"]: line["value"]["number"] for line in asked(sol, "win_rate", by=group)["lines"]}
        for group in ("seller", "product", "segment", "unit")
    }
    assert sorted(value for value in by["seller"].values() if value is not None) == [0, 75_000_000]
    assert (by["product"]["Meter"], by["segment"]["Enterprise"]) == (100_000_000, 50_000_000)
    assert 60_000_000 in by["unit"].values()


@pytest.mark.usefixtures("company")
def test_ramp_is_unknown_for_people_employed_before_the_first_deal(sign_in: Any, acme: Organisation) -> None:
    """The first won deal known is Rob's of 2026-06-10. Rex came in 2016: his first deal in the data is not his first."""
    sol = sign_in("sol")
    assert asked(sol, "ramp_time")["total"]["value"] == {
        "number": None,
        "reason": "Whoever won first in the period was employed before the first won deal that is known.",
    }
    with organisation_scope(acme.pk, actor=DIRECTOR):
        new = Participant.objects.create(source_key="new", name="New")
        Employment.objects.create(participant=new, during=(date(2026, 6, 20), None))
        deal("9", "new", "won", 10_00, "2026-07-01", "2026-07-20")
    # 2026-06-20 to 2026-07-20: 30 days, of New alone.
    found = asked(sol, "ramp_time")["total"]
    assert (found["value"]["number"], found["sums"], found["left_out"]) == (
        30 * 10**8,
        {"ramp_days": 30, "ramped_sellers": 1},
        1,
    )


@pytest.mark.usefixtures("company")
def test_segments_are_those_of_the_rules_where_there_are_any(sign_in: Any, acme: Organisation) -> None:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        rules = RuleSet.objects.create(
            purpose="SEGMENT", starts_on=date(2026, 1, 1), state="IN_FORCE", written_by_name="Sol"
        )
        called_a = [{"field": "name", "test": "IS", "values": ["A"]}]
        TerritoryRule.objects.create(rule_set=rules, place=1, name="Key", segment="Key accounts", conditions=called_a)
    sol, by_segment = sign_in("sol"), {"by": "segment"}
    lines = {line["name"]: line["sums"] for line in asked(sol, "win_rate", **by_segment)["lines"]}
    assert lines["Key accounts"] == {"won_deals": 1, "lost_deals": 1} and "Enterprise" not in lines
    rows = sol.get(reverse("api_insights_kpi_rows", args=["win_rate"]), Q3 | by_segment | {"of": "Key accounts"})
    assert sorted(row["key"] for row in rows.json()["results"]) == ["1", "5"]
    others = sol.get(reverse("api_insights_kpi_rows", args=["win_rate"]), Q3 | by_segment | {"of": ""}).json()
    assert sorted(row["key"] for row in others["results"]) == ["2", "3", "4"]


@pytest.mark.usefixtures("company")
def test_a_past_period_says_the_day_up_to_which_it_counts(sign_in: Any) -> None:
    sol = sign_in("sol")
    assert asked(sol, "win_rate")["as_of"] == "2026-09-30"
    page = unescape(sol.get(reverse("insights:performance"), Q3).content.decode())
    assert "those of the period's latest statements" in page and "Since the last run" not in page


@pytest.mark.usefixtures("company")
def test_rows_of_a_unit_are_those_of_its_members(sign_in: Any, acme: Organisation) -> None:
    sol, by_unit = sign_in("sol"), {"by": "unit"}
    lines = asked(sol, "win_rate", **by_unit)["lines"]
    rows = {
        line["key"]: sol.get(reverse("api_insights_kpi_rows", args=["win_rate"]), Q3 | by_unit | {"of": line["key"]})
        for line in lines
    }
    for line in lines:
        found = rows[line["key"]].json()["results"]
        assert {key: sum(row["adds"][key] for row in found) for key in line["sums"]} == line["sums"]
    filled = next(line for line in lines if line["sums"]["won_deals"])
    page = sol.get(reverse("insights:kpi", args=["win_rate"]), Q3 | by_unit | {"of": filled["key"]}).content.decode()
    assert "Deal 2" in page and f"of={filled['key']}" in page
    with organisation_scope(acme.pk, actor=DIRECTOR):
        PositionUnit.objects.filter(position__code="rex").delete()
    without = sol.get(reverse("api_insights_kpi_rows", args=["win_rate"]), Q3 | by_unit | {"of": ""}).json()["results"]
    assert sorted(row["key"] for row in without) == ["1", "2", "3", "4"]
    states(acme, "rex", "ria")
    quotas = sol.get(reverse("api_insights_kpi_rows", args=["attainment"]), Q3 | by_unit | {"of": ""}).json()["results"]
    assert [row["adds"]["quota_amount"] for row in quotas] == [None]


def states(acme: Organisation, *names: str) -> None:
    """Statements of 2026-Q3 without a quota, each with a credit of 50.00."""
    line = {
        "credit_minor": 50_00,
        "quota_value": None,
        "attainment_rate": None,
        "component": "base",
        "plan_name": "Plan",
    }
    with organisation_scope(acme.pk, actor=DIRECTOR):
        period = Period.objects.get(key="2026-Q3")
        run = Run.objects.create(period=period, facts_known_at=KNOWN, code_version="test")
        for name in names:
            Statement.objects.create(
                run=run, period=period, participant=Participant.objects.get(source_key=name), number=1, currency="USD",
                credit_minor=50_00, earned_minor=1, payable_minor=1, content={"lines": [line]}, hash="x", issued_at=KNOWN,
            )  # fmt: skip


@pytest.mark.usefixtures("company")
def test_a_statement_without_a_quota_is_said_to_lack_it(sign_in: Any, acme: Organisation) -> None:
    states(acme, "rex")
    lacks = {"number": None, "reason": "No quota for 2026-Q3 in the company's currency."}
    mara = asked(sign_in("mara"), "attainment")
    assert (mara["total"]["value"], [line["value"] for line in mara["lines"]]) == (lacks, [lacks])
    assert asked(sign_in("ria"), "pace")["total"]["value"]["reason"].startswith("Nobody within your reach")
    page = sign_in("rex").get(reverse("insights:performance"), Q3).content.decode()
    assert "No quota for 2026-Q3" in page


@pytest.mark.usefixtures("company")
def test_rows_add_up_to_the_figure_on_api_page_and_file(sign_in: Any) -> None:
    sol = sign_in("sol")
    sums = asked(sol, "average_sale")["total"]["sums"]
    rows = sol.get(reverse("api_insights_kpi_rows", args=["average_sale"]), Q3).json()["results"]
    assert (
        {key: sum(row["adds"][key] or 0 for row in rows) for key in sums}
        == sums
        == {"won_amount": 400_00, "valued_deals": 2}
    )
    assert [row["adds"]["won_amount"] for row in rows if row["key"] == "3"] == [None]
    page = sol.get(reverse("insights:kpi", args=["average_sale"]), Q3 | {"rows": "all"}).content.decode()
    assert "Deal 2" in page and "200" in page and "1 row says nothing about one of its measures" in page
    file = sol.get(reverse("insights:kpi_rows", args=["average_sale", "csv"]), Q3).content.decode("utf-8-sig")
    assert sorted(row["won_amount"] for row in csv.DictReader(file.splitlines())) == [
        "",
        "0.00",
        "0.00",
        "100.00",
        "300.00",
    ]


@pytest.mark.usefixtures("company")
def test_everybody_sees_what_is_within_their_reach(sign_in: Any) -> None:
    found = {name: asked(sign_in(name), "win_rate") for name in ("rex", "ria", "mara", "mona")}
    assert {name: table["total"]["value"]["number"] for name, table in found.items()} == {
        "rex": 75_000_000,
        "ria": 0,
        "mara": 60_000_000,
        "mona": None,
    }
    assert found["mona"]["total"]["value"]["reason"] == "No deal was won or lost in the period."
    mine = found["rex"]["lines"][0]["key"]
    other = next(line["key"] for line in found["mara"]["lines"] if line["key"] != mine)
    assert sign_in("rex").get(reverse("insights:kpi", args=["win_rate"]), Q3 | {"of": other}).status_code == 404
    assert (
        sign_in("rex").get(reverse("api_insights_kpi_rows", args=["win_rate"]), Q3 | {"of": other}).json()["results"]
        == []
    )


@pytest.mark.usefixtures("company")
def test_what_is_not_known_is_unknown_with_a_reason_and_never_0(sign_in: Any, in_acme: Organisation) -> None:
    sol = sign_in("sol")
    before = sol.get(reverse("api_insights_kpi", args=["activities"]), {"period": "2026-Q2"}).json()["total"]["value"]
    assert before == {"number": None, "reason": "No activity is known by the end of the period."}
    quota = asked(sol, "attainment")["total"]["value"]
    assert quota == {"number": None, "reason": "Nobody within your reach has a statement of the period."}
    by_product = asked(sol, "attainment", by="product")["total"]["value"]
    assert by_product["reason"] == "Quotas are of people, not of products."
    product = str(Product.objects.get(source_key="M", source="crm").pk)
    for kpi, kept, reason in (
        ("activities", {"only_product": product}, "Activities name no product"),
        ("activities", {"only_discount": "none"}, "Activities have no discount"),
        ("retention", {"only_discount": "none"}, "Contracts have no discount"),
        ("attainment", {"only_discount": "none"}, "Quotas are of people, not of depths of discounts."),
    ):
        value = asked(sol, kpi, **kept)["total"]["value"]
        assert value["number"] is None and value["reason"].startswith(reason)
    assert asked(sol, "activities", only_product="")["total"]["value"]["number"] == 1_00000000


@pytest.mark.usefixtures("company")
def test_the_pages_and_files_stand(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    mara = sign_in("mara")
    with django_assert_max_num_queries(19):
        page = mara.get(reverse("insights:performance"), Q3)
    assert page.status_code == 200 and "60%" in page.content.decode()
    file = mara.get(reverse("insights:performance_export", args=["csv"]), Q3).content.decode("utf-8-sig")
    rows = list(csv.DictReader(file.splitlines()))
    whole = {row["KPI"]: row["Value"] for row in rows if row["By"] == ""}
    assert (whole["Win rate"], whole["Average sale"], whole["Attainment"]) == ("0.6", "200.00", "")
    assert mara.get(reverse("insights:performance"), {"period": "1999-Q1"}).status_code == 404
    assert mara.get(reverse("insights:kpi", args=["nothing"])).status_code == 404
    assert mara.get(reverse("insights:kpi", args=["win_rate"]), {"by": "mood"}).status_code == 404


def test_an_empty_company_has_reasons_instead_of_figures(sign_in: Any) -> None:
    page = sign_in("gus@globex.example").get(reverse("insights:performance")).content.decode()
    assert "No deal is known that closed by the end of the period." in page


OWN = {"kpi": "own"}


@pytest.mark.usefixtures("company")
def test_a_formula_of_ones_own_is_told_like_any_other_figure(sign_in: Any) -> None:
    mara = sign_in("mara")
    asked_for = {"formula": "won_amount / (won_deals + lost_deals)"}
    found = asked(mara, "own", **asked_for)
    # 400.00 over 5 deals; Rex has 400.00 over 4, Ria 0 over 1.
    assert (found["total"]["value"]["number"], found["kpi"]["unit"]) == (80_00, "MONEY")
    assert sorted(line["value"]["number"] for line in found["lines"]) == [0, 100_00]
    page = mara.get(reverse("insights:kpi", kwargs=OWN), Q3 | asked_for).content.decode()
    assert "$80" in page and "won_amount / (won_deals + lost_deals)" in page
    file = mara.get(reverse("insights:kpi_export", args=["own", "csv"]), Q3 | asked_for).content.decode("utf-8-sig")
    assert next(csv.DictReader(file.splitlines()))["Value"] == "80.00"
    as_rate = asked(mara, "own", formula="activities / won_deals", unit="RATE")
    assert as_rate["total"]["value"]["number"] == 33_333_333


@pytest.mark.usefixtures("company")
def test_a_formula_that_divides_by_zero_is_unknown_with_a_sentence(sign_in: Any) -> None:
    found = asked(sign_in("ria"), "own", formula="won_amount / won_deals")["total"]["value"]
    assert found == {"number": None, "reason": "won_deals is 0, and nothing can be divided by it."}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            {"formula": "won_amount + won_deals"},
            "formula, line 1, column 1: won_deals is a count and can't be added to an amount in USD. The figure is "
            "unknown until it is corrected. Divide one by the other to relate them, such as won_amount / won_deals.",
        ),
        (
            {"formula": "1 + cycle_days / (won_deals - cycle_days)"},
            "line 1, column 19: won_deals is deals and cycle_days is days",
        ),
        ({"formula": "earned_minor"}, "earned_minor is not known here"),
        ({"formula": "2 + 3"}, "The formula names no measure."),
        (
            {"formula": "won_amount", "unit": "RATE"},
            "unit: The formula gives an amount in USD, which can't be read as rate.",
        ),
        ({"formula": ""}, "This field is required."),
    ],
)
def test_a_formula_that_is_wrong_is_refused_with_its_place(sign_in: Any, query: dict[str, str], said: str) -> None:
    sol = sign_in("sol")
    page, file, api = (
        sol.get(reverse(route, kwargs=OWN | at), query)
        for route, at in (("insights:kpi", {}), ("insights:kpi_export", {"form": "csv"}), ("api_insights_kpi", {}))
    )
    assert (page.status_code, file.status_code, api.status_code) == (200, 400, 400)
    assert said in unescape(page.content.decode()) and said in str(api.json())
