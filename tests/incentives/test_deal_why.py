"""A figure is followed down to the rows of the files: the deal, its lines, contract and cost, each with its cells as received."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import Statement
from incentives.selectors.why import credits_of, earning_of
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from tests.crm.support import import_text
from tests.incentives import world
from tests.incentives.test_facts import ACCOUNTS, CONTRACTS, DEALS, HEAD, LINES, ORDERS, PRODUCTS

pytestmark = pytest.mark.django_db

MARGIN = HEAD + "components:\n  - {key: m, name: Margin, measure: MARGIN, rate: 10 %}\n"
AMOUNT = HEAD + "components:\n  - {key: a, name: Amount, rate: 10 %}\n"


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def calculated(sol, plan: str) -> Statement:
    """Import every kind of fact, calculate the first quarter and give Rex's statement."""
    files = {"accounts": ACCOUNTS, "products": PRODUCTS, "opportunities": DEALS, "orders": ORDERS, "lines": LINES}
    for name, text in (files | {"contracts": CONTRACTS}).items():
        has_money = name in ("products", "lines")
        import_text(text, f"{name}.csv", sol, **({"currency": "USD"} if has_money else {}))
    quarters = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, plan)
    world.calculate(quarters[0], sol)
    return Statement.objects.get(participant__name="Rex")


def address(statement: Statement, key: str, route: str = "incentives:statement_deal") -> str:
    line = world.lines(statement)[0]
    earning = earning_of(statement, line)
    row = next(one.row_id for one in credits_of(earning) if one.source_key == key)
    return reverse(route, args=[statement.pk, line.place, row])


def text_of(page) -> str:
    return " ".join(unescape(strip_tags(page.content.decode().replace("<", " <"))).replace("\xa0", " ").split())


def test_a_deal_is_followed_to_its_lines_contract_and_cost_and_to_the_cells_of_their_files(sol, sign_in):
    statement = calculated(sol, MARGIN)
    # 900.00 - 300.00 - 10 x 5.00 = 550.00 of margin
    shown = text_of(sign_in("rex").get(address(statement, "D-1")))
    assert "Amount $900.00" in shown and "Cost $350.00" in shown and "Credit $550.00" in shown
    for said in ("Order line L-1", "Order line L-2", "Contract C-1", "Order O-1", "Product A", "Account NORTH"):
        assert said in shown, said
    assert "As received: lines.csv, row 2" in shown and "cost_amount 300.00" in shown
    assert "As received: contracts.csv, row 2" in shown and "annual_value 450.00" in shown
    assert "As received: opportunities.csv, row 2 opportunity_id D-1 account NORTH" in shown
    assert "See it in" not in shown
    page = sign_in("sol").get(address(statement, "D-1")).content.decode()
    link = next(part.split('"')[0] for part in page.split('href="')[1:] if "row=2#row" in part)
    upload = text_of(sign_in("sol").get(link.split("#")[0]))
    assert "Row 2, as received opportunity_id D-1" in upload


def test_cost_is_not_told_where_nobody_is_paid_by_it(sol, sign_in):
    statement = calculated(sol, AMOUNT)
    shown = text_of(sign_in("rex").get(address(statement, "D-1")))
    assert "Order line L-1" in shown and "net_amount 400.00" in shown
    assert "cost" not in shown.lower() and "60.00" not in shown
    assert "cost_amount 300.00" in text_of(sign_in("sol").get(address(statement, "D-1")))


def test_columns_that_the_import_did_not_take_are_for_those_who_import(sol, sign_in):
    text = "remark," + DEALS.replace("\nD-", "\nsecret,D-").strip() + "\n"
    statement = calculated(sol, AMOUNT)
    import_text(text.replace("900.00", "901.00"), "again.csv", sol)
    world.calculate(statement.period, sol)
    latest = Statement.objects.filter(participant__name="Rex").latest("number")
    assert "again.csv, row 2" in text_of(sign_in("rex").get(address(latest, "D-1")))
    assert "secret" not in text_of(sign_in("rex").get(address(latest, "D-1")))
    assert "remark secret" in text_of(sign_in("sol").get(address(latest, "D-1")))
    before = text_of(sign_in("sol").get(address(statement, "D-1")))
    assert "opportunities.csv, row 2" in before and "again.csv" not in before


def test_the_api_gives_the_same_and_a_row_of_another_line_is_not_found(sol, sign_in):
    statement = calculated(sol, MARGIN)
    url = address(statement, "D-1", "api_incentives_statement_deal")
    found = sign_in("rex").get(url).json()
    read = {one["name"]: one["value"] for one in found["read"]}
    assert (found["credit_minor"], found["earned_minor"], read["Cost"], read["Owner"]) == (
        55_000,
        5_500,
        "35000",
        "Rex",
    )
    line = next(one for one in found["sources"] if one["source_key"] == "L-1")
    assert (line["file_name"], line["row_number"]) == ("lines.csv", 2)
    assert {"column": "cost_amount", "text": "300.00"} in line["cells"]
    ria = Statement.objects.get(participant__name="Ria")
    other = address(ria, "D-3").rsplit("/", 2)[1]
    assert sign_in("rex").get(url.rsplit("/", 2)[0] + f"/{other}/").status_code == 404
