"""Finance asks what is owed, and finds the journal that says so."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_from_what_is_owed_to_the_journal(visitor: Any) -> None:
    """Given a calculated quarter, then the first page, and the statements name the same amount, and a journal posted it."""
    finance = visitor("finance")
    finance.sees("What do we owe for 2026-Q4?")
    owed = finance.figure("Payable")
    finance.page.get_by_role("main").get_by_role("link", name=owed, exact=True).last.click()
    finance.page.wait_for_url("**/statements/**")
    assert finance.figure("Payable") == owed
    finance.page.get_by_role("complementary").get_by_role("link", name="Journals").click()
    finance.page.wait_for_url("**/journals/")
    finance.page.locator("tbody tr").filter(has_text="Earned: 2026-Q4").first.get_by_role("link").click()
    finance.page.wait_for_url("**/journals/*-*/**")
    finance.sees("As posted", "2026-Q4", "Amounts of a journal sum to zero in each currency.")
