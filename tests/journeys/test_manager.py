"""A manager sees who is behind, and opens that person's statement."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_from_who_is_behind_to_the_why(visitor: Any) -> None:
    """Given a team, when the manager opens the furthest behind, then the statement says what was earned and why."""
    manager = visitor("manager")
    manager.sees("Who needs you today", "people are more than 15 points behind the pace of today.")
    first = manager.page.locator("tbody tr").first
    assert "Behind" in first.inner_text()
    name = first.get_by_role("link").first.inner_text()
    manager.follows("Whole team")
    assert manager.heading == "Team"
    table = manager.page.get_by_role("table", name="Team", exact=True)
    assert table.locator("tbody tr").first.get_by_role("link").first.inner_text() == name
    table.get_by_role("link", name="Earned").click()
    manager.page.wait_for_url("**sort=**")
    manager.follows(name)
    assert manager.heading == f"{name}, 2026-Q4"
    manager.page.get_by_role("link", name="Why", exact=True).first.click()
    manager.sees("Deals behind")


@pytest.mark.deep
def test_only_the_own_subtree(visitor: Any) -> None:
    """Given three regional managers, then one sees the own seven people and nobody else."""
    manager = visitor("manager")
    manager.goes("/incentives/statements/")
    rows = manager.page.locator("tbody tr").all()
    # who is paid in another currency than is earned has a statement in each
    stated = {row.get_by_role("link").first.inner_text() for row in rows}
    manager.goes("/people/")
    people = {row.get_by_role("link").first.inner_text() for row in manager.page.locator("tbody tr").all()}
    assert stated == people and len(people) == 7
