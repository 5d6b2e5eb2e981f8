"""Somebody tries the product: from nothing to a company with people in it."""

from typing import Any

import pytest

from tests import cast

pytestmark = pytest.mark.browser

TEAM = "sales_agent,manager,regional_office\nUte Unger,Vera Voss,North\nWim Wolf,Vera Voss,South\n"


def test_from_an_empty_company_to_the_first_people(visitor: Any, worker: None) -> None:
    """Given an address, when a company is created and its team's file imported, then its people are there."""
    founder = visitor()
    founder.goes("/account/signup/")
    founder.page.get_by_label("Your name").fill("Lena Lake")
    founder.page.get_by_label("Email").fill("lena@lakeside.example")
    founder.page.get_by_label("Company").first.fill("Lakeside Pumps")
    founder.page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    founder.page.get_by_label("Password (again)").fill(cast.PASSWORD)
    founder.presses("Create company")
    founder.sees("Hello, Lena Lake")
    founder.goes("/people/").sees("No people yet")
    founder.imports("sales_teams.csv", TEAM, starts_on="2026-01-01")
    founder.goes("/people/").sees("Ute Unger", "Vera Voss", "Wim Wolf")
