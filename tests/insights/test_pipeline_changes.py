"""What changed the pipeline between two days, from the versions of deals: page, export and API, each within reach."""

import csv
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from spm.crm.models import FactCommit, Opportunity, OpportunityVersion
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

JANUARY = datetime(2026, 1, 10, 12, tzinfo=UTC)
MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
PAGE = reverse("insights:pipeline_changes")
FILE = reverse("insights:pipeline_changes_export", args=["csv"])
API = reverse("api_insights_pipeline_changes")
DAYS = {"first": "2026-02-01", "last": "2026-03-31"}


def known(key: str, owner: str, since: datetime, until: datetime | None = None, **values: Any) -> None:
    fact, _ = Opportunity.objects.get_or_create(source="crm", source_key=key)
    own = {"name": f"Deal {key}", "status": "open", "amount_minor": 100_00, "currency": "USD"} | values
    person = Participant.objects.get(source_key=owner)
    OpportunityVersion.objects.create(fact=fact, owner=person, known_from=since, known_until=until, **own)


@pytest.fixture
def deals(acme: Organisation) -> None:
    """Rex: one won, one dearer, one new in euros. Ria: one handed over to Rex. What came in April is after both days."""
    with organisation_scope(acme.pk, actor=DIRECTOR):
        FactCommit.objects.create(known_from=JANUARY, action="commit", kind="opportunity", created=3, digest="x")
        known("won", "rex", JANUARY, MARCH)
        known("won", "rex", MARCH, status="won", amount_minor=90_00)
        known("up", "rex", JANUARY, MARCH)
        known("up", "rex", MARCH, amount_minor=130_50)
        known("over", "ria", JANUARY, MARCH, amount_minor=50_00)
        known("over", "rex", MARCH, amount_minor=50_00)
        known("euros", "rex", MARCH, currency="EUR")
        known("later", "rex", datetime(2026, 4, 1, 12, tzinfo=UTC))


def asked(client: Client, **query: str) -> dict[str, Any]:
    return dict(client.get(API, DAYS | query).json())


@pytest.mark.usefixtures("deals")
def test_everybody_gets_the_changes_of_their_own_pipeline(sign_in: Any) -> None:
    whole, rex, ria = (asked(sign_in(name)) for name in ("sol", "rex", "ria"))
    moved = [{one["name"]: (one["change"], one["by_minor"]) for one in found["deals"]} for found in (whole, rex, ria)]
    assert moved[0] == {"Deal won": ("WON", -100_00), "Deal up": ("UP", 30_50)}
    assert moved[1] == moved[0] | {"Deal over": ("ARRIVED", 50_00)}
    assert moved[2] == {"Deal over": ("LEFT", -50_00)}
    assert (whole["opening_minor"], whole["closing_minor"], whole["in_other_currencies"]) == (250_00, 180_50, 1)
    assert (ria["opening_deals"], ria["closing_deals"], ria["in_other_currencies"]) == (1, 0, 0)


@pytest.mark.usefixtures("deals")
def test_the_page_and_its_file_say_the_same(sign_in: Any) -> None:
    sol = sign_in("sol")
    page = sol.get(PAGE, DAYS).content.decode()
    rows = list(csv.DictReader(sol.get(FILE, DAYS).content.decode("utf-8-sig").splitlines()))
    assert "The open amount fell by" in page and "Deal won" in page and "1 open deal in another currency" in page
    assert [(row["Deal"], row["Change"], row["By"], row["Amount after"]) for row in rows] == [
        ("Deal won", "Won", "-100.00", "90.00"),
        ("Deal up", "Amount up", "30.50", "130.50"),
    ]


@pytest.mark.usefixtures("deals")
def test_a_day_before_anything_was_known_says_so(sign_in: Any) -> None:
    page = sign_in("sol").get(PAGE, {"first": "2025-06-01", "last": "2026-02-01"}).content.decode()
    assert "Nothing was known on the first day" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"first": "2026-03-31", "last": "2026-03-31"}, "is not before the other one"),
        ({"last": "2999-01-01"}, "has not been yet"),
        ({"first": "yesterday"}, "valid date"),
        ({"period": "1999-Q9"}, "not one of the available choices"),
    ],
)
def test_days_that_can_not_be_compared_are_named(sign_in: Any, query: dict[str, str], said: str) -> None:
    sol = sign_in("sol")
    page, file, api = (sol.get(path, DAYS | query) for path in (PAGE, FILE, API))
    assert (page.status_code, file.status_code, api.status_code) == (200, 400, 400)
    assert said in page.content.decode() and said in str(api.json())
    assert "be compared" in page.content.decode()


def test_an_empty_company_has_nothing_to_compare(sign_in: Any) -> None:
    assert "No deal is known yet" in sign_in("gus@globex.example").get(PAGE).content.decode()
