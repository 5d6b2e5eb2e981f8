"""A role narrowed below the company neither reads nor writes what holds everybody: balances, quota sheets, capacity, scenarios."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.models import Calendar, CalendarKind, Period, Quota
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.identity.models import Membership
from spm.people.models import Position
from spm.roles.catalogue import WHOLE_COMPANY
from spm.roles.models import Reach, Role, RoleGrant
from tests.walls.permission_rows import FACTORIES, ROWS
from tests.walls.permissions import API, Row
from tests.walls.routes import routes

pytestmark = pytest.mark.django_db
RIGHTS = {(one.name, verb): right for one in routes() for verb, right in one.rights.items()}
WHOLE = [row for row in ROWS if RIGHTS.get((row.route, row.verb)) in WHOLE_COMPANY]
AREAS = ("balance", "quota_plan", "sheet_file", "capacity", "hire_file", "scenario")
SAID = "Ask your company admin for a role that reaches the whole company."


@pytest.fixture
def narrowed(in_acme: Any, viewer: Any) -> Any:
    """Give Mara sales operations, narrowed to her team; Rex, Ria and Rob have quotas of 100, 200 and 700 in the first quarter."""
    member = Membership.objects.get(user__email="mara@acme.example")
    RoleGrant.objects.create(
        membership=member, role=Role.SALES_OPERATIONS, reach=Reach.TEAM, during=DateRange(date(2020, 1, 1), None)
    )
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=date(2027, 1, 1), actor=viewer("sol"))
    quota_set_many(
        values=[QuotaValue(seat(name), quarter(), value * 100) for name, value in QUOTAS], actor=viewer("sol")
    )
    return member


QUOTAS = (("rex", 100), ("ria", 200), ("rob", 700))


def seat(name: str) -> Any:
    """Give the key of a person's seat."""
    return Position.objects.get(code=name).pk


def quarter() -> Any:
    """Give the key of the first quarter."""
    return Period.objects.get(calendar=Calendar.objects.get(), key="2026-Q1").pk


def test_what_holds_everybody_is_of_every_area() -> None:
    """Given the permission table, then pages, files and API views of each area declare a right over the whole company."""
    for area in AREAS:
        of_area = [row for row in WHOLE if area in row.route]
        assert {row.kind == API for row in of_area} == {True, False}
        assert {row.verb == "GET" for row in of_area} == {True, False}


def test_a_narrowed_role_is_refused_on_page_file_and_api(narrowed: Any, sign_in: Any) -> None:
    """Given operations narrowed to a team, then every page, file and API view that holds everybody refuses with the way out."""
    wrong, mara, sol = {}, sign_in("mara"), sign_in("sol")
    for row in WHOLE:
        url = address(row)
        kind = {} if row.kind != API or row.verb == "GET" else {"content_type": "application/json"}
        answer = getattr(mara, row.verb.lower())(url, **kind)
        if answer.status_code != 403 or SAID not in answer.content.decode():
            wrong[str(row)] = answer.status_code
        if row.verb == "GET" and "sol" in row.may.split():
            assert sol.get(url).status_code == 200
    assert wrong == {}
    menu = mara.get(reverse("planning:quota_list")).content.decode()
    assert reverse("planning:capacity_list") not in menu and reverse("planning:quota_plan_list") not in menu


def address(row: Row) -> str:
    """Give the address of a row with objects made here."""
    return reverse(row.route, kwargs={part: FACTORIES[name]("rex") for part, name in row.at.items()})


def test_a_narrowed_role_sees_and_sets_quotas_within_its_reach(narrowed: Any, sign_in: Any, viewer: Any) -> None:
    """Given operations narrowed to a team, then grid, file and API hold the team's quotas alone, and no other can be set."""
    browser = sign_in("mara")
    page = browser.get(reverse("planning:quota_list"), {"kind": "QUARTERLY", "year": 2026})
    assert [row.cells[0].value for row in page.context["grid"].rows if row.total] == [100_00, 200_00]
    assert "rob" not in page.content.decode().casefold()
    file = browser.get(reverse("planning:quota_file_download", args=["rows", "csv"])).content.decode()
    assert ("100.00" in file, "700.00" in file) == (True, False)
    rows = browser.get("/api/v1/planning/quotas/").json()["results"]
    assert sorted(row["value"] for row in rows) == [100_00, 200_00]
    with pytest.raises(ValidationError, match="not known in this company or not within your reach"):
        quota_set_many(values=[QuotaValue(seat("rob"), quarter(), 1)], actor=viewer("mara"))
    quota_set_many(values=[QuotaValue(seat("rex"), quarter(), 150_00)], actor=viewer("mara"))
    assert list(Quota.objects.order_by("value").values_list("value", flat=True)) == [150_00, 200_00, 700_00]
