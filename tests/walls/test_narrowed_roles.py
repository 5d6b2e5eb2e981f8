"""A role narrowed below the company opens nothing that holds figures of everybody, or is written for everybody, by page, file or API."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from spm.identity.models import Membership
from spm.roles.catalogue import ROLE_ACTIONS, WHOLE_COMPANY
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.policy import member_ids_with
from tests.walls.permission_rows import FACTORIES, ROWS
from tests.walls.permissions import API, PLAIN, Row
from tests.walls.routes import routes

pytestmark = pytest.mark.django_db
RIGHTS = {(one.name, verb): right for one in routes() for verb, right in one.rights.items()}
SAID = "Ask your company admin for a role that reaches the whole company."
GIVING = (Role.SALES_OPERATIONS, Role.FINANCE)
NOBODYS = UUID(int=1)
AREAS = (
    "balance",
    "quota_plan",
    "sheet_file",
    "capacity",
    "hire_file",
    "scenario",
    "payout",
    "expense",
    "ledger_export",
    "papers",
    "period_evidence",
)
READ = ("accrual", "journal", "period_detail", "evidence_zip", "papers_zip")
WRITTEN = ("territory_edit", "rule_set", "period_pay", "period_close")


@pytest.fixture
def narrowed(in_acme: Any) -> Membership:
    """Give Mara what sales operations and finance may, narrowed to her team."""
    member = Membership.objects.get(user__email="mara@acme.example")
    for role in GIVING:
        RoleGrant.objects.create(
            membership=member, role=role, reach=Reach.TEAM, during=DateRange(date(2020, 1, 1), None)
        )
    return member


def address(row: Row) -> str:
    """Give the address of a row with objects that need not exist: who lacks the right is refused before anything is looked up."""
    parts = {part: FACTORIES[name]("rex") if name in PLAIN else NOBODYS for part, name in row.at.items()}
    return reverse(row.route, kwargs=parts) + (f"?{row.query}" if row.query else "")


def test_what_holds_everybody_is_of_every_area() -> None:
    """Given the permission table, then pages, files and API views of each area declare a right over the whole company."""
    whole = [row for row in ROWS if RIGHTS.get((row.route, row.verb)) in WHOLE_COMPANY]
    for area in AREAS:
        of_area = [row for row in whole if area in row.route]
        assert {row.kind == API for row in of_area} == {True, False}, area
        assert {row.verb == "GET" for row in of_area} == {True, False}, area
    for area in READ:
        assert any(area in row.route and row.verb == "GET" for row in whole), area
    for area in WRITTEN:
        assert any(area in row.route and row.verb != "GET" for row in whole), area


@pytest.mark.parametrize("right", sorted(WHOLE_COMPANY))
def test_a_narrowed_role_is_refused_on_page_file_and_api(right: str, narrowed: Membership, sign_in: Any) -> None:
    """Given operations and finance narrowed to a team, then whatever the right opens refuses with the way out, and no notice goes there."""
    rows = [row for row in ROWS if RIGHTS.get((row.route, row.verb)) == right]
    assert rows
    assert any(right in ROLE_ACTIONS[role] for role in GIVING)
    wrong, mara = {}, sign_in("mara")
    for row in rows:
        kind = {} if row.kind != API or row.verb == "GET" else {"content_type": "application/json"}
        answer = getattr(mara, row.verb.lower())(address(row), **kind)
        if answer.status_code != 403 or SAID not in answer.content.decode():
            wrong[str(row)] = answer.status_code
    assert wrong == {}
    assert narrowed.pk not in member_ids_with(right, on=date(2026, 5, 1))
