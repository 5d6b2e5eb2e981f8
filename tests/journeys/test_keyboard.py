"""The main job without a mouse."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_from_sign_in_to_the_why_of_a_line_by_keys_alone(visitor: Any) -> None:
    """Given a keyboard and nothing else, when the rep signs in, then the why of a line is twenty steps away."""
    rep = visitor()
    rep.goes("/account/login/")
    keys = rep.page.keyboard
    rep.tabs_to("Email")
    keys.type("rep@demo.example")
    rep.tabs_to("Password")
    keys.type(rep.site.password)
    keys.press("Enter")
    rep.sees("Your pay in 2026-Q4")
    keys.press("Tab")
    assert rep.focused == "Skip to content"
    keys.press("Enter")
    rep.tabs_to("Open the statement")
    keys.press("Enter")
    rep.sees("How it was earned")
    rep.tabs_to("Commission on won deals")
    keys.press("Enter")
    rep.sees("Deals behind")
    rep.tabs_to("Export")
    keys.press("Enter")
    rep.sees("What is shown, as CSV")
    keys.press("Escape")
    assert rep.focused == "Export"
    rep.tabs_to("D-")
    keys.press("Enter")
    rep.page.wait_for_url("**/deals/**")
    rep.tabs_to("As received: opportunities.csv")
    keys.press("Enter")
    rep.page.locator("details.more[open]").first.wait_for()


def test_the_palette_finds_people_deals_and_deeds(visitor: Any) -> None:
    """Given any page, when Ctrl K is pressed, then typing, arrows and Enter lead to what was looked for."""
    operations = visitor("operations")
    keys = operations.page.keyboard
    keys.press("Control+k")
    keys.type("Finn Jen")
    operations.page.locator("#palette_results").get_by_role("link", name="Finn Jensen").first.wait_for()
    keys.press("Escape")
    assert not operations.page.locator("#palette").is_visible()
    keys.press("Control+k")
    keys.press("Control+a")
    keys.type("New plan")
    operations.page.locator("#palette_results").get_by_role("link", name="New plan").wait_for()
    keys.press("ArrowDown")
    keys.press("Enter")
    operations.page.wait_for_url("**/incentives/plans/new/")
    operations.page.get_by_role("main").focus()
    keys.press("?")
    operations.page.locator("#shortcuts").wait_for()
