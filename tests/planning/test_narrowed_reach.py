"""A role narrowed below the company sees and sets quotas within its reach; tests/walls/test_narrowed_roles.py has what it is refused."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from planning.models import Calendar, CalendarKind, LetterEvent, Period, Quota, QuotaLetter
from planning.services.calendars import calendar_extend
from planning.services.quota_plans import PlanWish, quota_plan_create
from planning.services.quotas import QuotaValue, quota_set_many
from spm.identity.models import Membership
from spm.people.models import Participant, Position
from spm.roles.models import Reach, Role, RoleGrant

pytestmark = pytest.mark.django_db


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


def test_the_menu_leads_a_narrowed_role_to_nothing_that_holds_everybody(narrowed: Any, sign_in: Any) -> None:
    """Given operations narrowed to a team, then the menu has no capacity plans and no quota plans."""
    menu = sign_in("mara").get(reverse("planning:quota_list")).content.decode()
    assert reverse("planning:capacity_list") not in menu and reverse("planning:quota_plan_list") not in menu


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
    with pytest.raises(ValidationError, match="who holds it in 2026-Q1 is not within your reach"):
        quota_set_many(values=[QuotaValue(seat("rob"), quarter(), 1)], actor=viewer("mara"))
    quota_set_many(values=[QuotaValue(seat("rex"), quarter(), 150_00)], actor=viewer("mara"))
    assert list(Quota.objects.order_by("value").values_list("value", flat=True)) == [150_00, 200_00, 700_00]


def test_who_sees_a_letter_and_does_not_reach_the_person_does_not_settle_it(
    narrowed: Any, sign_in: Any, viewer: Any
) -> None:
    """Given operations that sees all and reaches one team, then a letter of Rob is read there, and answered for Rex and Ria only."""
    RoleGrant.objects.create(membership=narrowed, role=Role.AUDITOR, during=DateRange(date(2020, 1, 1), None))
    plan = quota_plan_create(wish=PlanWish("Plan", 1_000), kind="QUARTERLY", year=2026, actor=viewer("sol"))
    for name, may in (("rob", False), ("rex", True)):
        person = Participant.objects.get(source_key=name)
        letter = QuotaLetter.objects.create(plan=plan, position_id=seat(name), participant=person, values={}, total=1)
        page = sign_in("mara").get(reverse("planning:quota_letter", args=[letter.pk]))
        assert (page.status_code, page.context["may_settle"]) == (200, may)
        text, form = {"text": "Looked at"}, reverse("planning:quota_letter_settle", args=[letter.pk])
        sent = sign_in("mara").post(form, text | {"do": "answered"})
        assert sent.status_code == (302 if may else 403)
        address = f"/api/v1/planning/quota-letters/{letter.pk}/settle/"
        asked = sign_in("mara").post(address, text | {"outcome": "answered"}, content_type="application/json")
        assert asked.status_code == (201 if may else 403)
        assert LetterEvent.objects.filter(letter=letter).exists() is may
