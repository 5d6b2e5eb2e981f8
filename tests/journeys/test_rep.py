"""A rep checks the pay: from the first page to the one deal behind a figure, at a desk and on a phone."""

import os
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.browser


def test_from_what_i_earned_to_the_deal_it_comes_from(visitor: Any) -> None:
    """Given a quarter that runs, when the rep follows the earned amount, then one deal explains a part of it."""
    rep = visitor("rep")
    assert rep.heading == "Hello, Finn Jensen"
    rep.sees("Your pay in 2026-Q4", "more to the next tier, which pays 10%", "Your open deals")
    if os.environ.get("SPM_SCREENSHOTS"):
        rep.page.mouse.move(0, 0)
        rep.page.screenshot(path=ROOT / "docs" / "images" / "home.png")
    earned = rep.figure("Earned")
    rep.follows("Open the statement")
    assert rep.heading == "My statement of 2026-Q4"
    assert rep.figure("Earned") == earned
    rep.sees("Unchanged since issued")
    rep.follows("Commission on won deals", exact=True)
    assert rep.heading.startswith("Why $")
    rep.sees("Deals behind")
    deal = rep.page.get_by_role("link", name="D-").first
    name = deal.inner_text()
    deal.click()
    rep.page.wait_for_url("**/deals/**")
    rep.sees(name, "Won", "As received: opportunities.csv")


def test_others_are_out_of_reach(visitor: Any) -> None:
    """Given a rep, then the menu names no page of the others' pay, and lists show the own rows only."""
    rep = visitor("rep")
    menu = rep.page.get_by_role("complementary").get_by_role("link").all_inner_texts()
    assert {"Team", "Runs", "Journals", "Audit", "Members", "Import"} & set(menu) == set()
    rep.goes("/incentives/statements/")
    assert rep.heading == "My statements"
    rep.goes("/people/")
    assert rep.page.locator("tbody tr").count() == 1


def test_the_whole_way_on_a_phone(visitor: Any) -> None:
    """Given a window of 360 pixels, then nothing has to be scrolled sideways on the way to a deal."""
    rep = visitor("rep", width=360, theme="dark")
    rep.presses("Open navigation")
    rep.page.get_by_role("complementary").get_by_role("link", name="Statements").click()
    rep.page.wait_for_url("**/statements/")
    rep.follows("2026-Q3")
    rep.follows("Commission on won deals")
    rep.sees("Deals behind")
    for path in ("/planning/quotas/", "/insights/pipeline/", "/import/opportunities/", "/notices/"):
        rep.goes(path)
    rep.page.wait_for_timeout(300)
