"""The public CRM set as facts, people, quotas and plans of acme: what `README.md` beside its files says a plan on it must pay."""

import csv
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from spm.people.models import Position, Title
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

FILES = ("sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv")
SINCE = date(2016, 10, 1)
NIGHT = date(2018, 1, 2)
QUOTA_MINOR = 9_000_000

REPS_PLAN = """
plan: crm-2017
name: Account executives 2017
currency: USD
from: 2017-01-01
until: 2018-01-01
period: QUARTERLY
components:
  - key: commission
    name: Commission on won deals
    credit: {kind: DIRECT, where: {stage: Won}}
    quota: amount
    tiers:
      - {from: 0 %, until: 50 %, rate: 3 %}
      - {from: 50 %, until: 100 %, rate: 5 %}
      - {from: 100 %, until: 125 %, rate: 8 %}
      - {from: 125 %, rate: 10 %}
"""

MANAGERS_PLAN = """
plan: managers-2017
name: Sales managers 2017
currency: USD
from: 2017-01-01
until: 2018-01-01
period: QUARTERLY
components:
  - key: override
    name: Override on the team's credit
    credit: {kind: ROLLUP, levels: DIRECT_REPORTS, duplicates: SUM, where: {stage: Won}}
    rate: 0.5 %
"""


def folder() -> Path:
    """Give the folder of the set, or skip visibly; in CI its absence is a failure."""
    shared = Path(os.environ.get("SPM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    found = shared / "data" / "crm"
    if not (found / "sales_pipeline.csv").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"The CRM set is not at {found}: set SPM_SHARED to compare payouts."
        )
    return found


def rows(name: str) -> Iterator[dict[str, str]]:
    """Give the rows of a file of the set."""
    with (folder() / name).open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def expected(name: str, person: str, amount: str) -> dict[tuple[str, str], int]:
    """Give the expected amounts in cents by (person, quarter)."""
    return {(row[person], row["quarter"]): int(Decimal(row[amount]) * 100) for row in rows(name)}


def imported() -> None:
    """Import the four files with the command, in one go."""
    files = [folder() / name for name in FILES]
    call_command(
        "import_facts", *files, organisation="acme", currency="USD", valid_from=SINCE, commit=True, stdout=StringIO()
    )


def posted(client: Client, name: str, *keys: object, body: object) -> dict[str, Any]:
    """POST to an endpoint and give its answer; a refusal fails the test with its message."""
    answer = client.post(reverse(name, args=keys), body, content_type="application/json")
    assert answer.status_code < 300, answer.content.decode()[:2000]
    return answer.json()


def prepared(client: Client) -> None:
    """Decide the alias, make the periods, set the quotas, write, publish and assign both plans: through pages and API."""
    posted(
        client, "api_crm_aliases", body={"kind": "product", "source": "crm", "alias": "GTXPro", "target_key": "GTX Pro"}
    )
    client.post(reverse("planning:periods_make"), {"kind": "QUARTERLY", "year": 2017})
    with organisation_scope(Organisation.objects.get(slug="acme").id, actor=DIRECTOR):
        agents = [
            str(seat)
            for seat in Position.objects.filter(
                name__in={row["sales_agent"] for row in rows("sales_teams.csv")}
            ).values_list("id", flat=True)
        ]
        titles = {title: str(Title.objects.get(code=title).id) for title in ("rep", "manager")}
    periods = [
        row["id"]
        for row in client.get(reverse("api_planning_periods"), {"calendar__kind": "QUARTERLY"}).json()["results"]
        if "2017" in row["key"]
    ]
    assert (len(agents), len(periods)) == (35, 4)
    quotas = [{"position": seat, "period": period, "value": QUOTA_MINOR} for seat in agents for period in periods]
    posted(client, "api_planning_quotas", body={"currency": "USD", "quotas": quotas})
    for text, title in ((REPS_PLAN, "rep"), (MANAGERS_PLAN, "manager")):
        draft = posted(client, "api_incentives_plans", body={"document": text})
        posted(client, "api_incentives_plan_version_publish", draft["id"], body={})
        days = {"start": "2017-01-01", "until": "2018-01-01"}
        posted(client, "api_incentives_plan_assignments", draft["plan"], body={"title": titles[title], **days})


def statements(client: Client) -> dict[tuple[str, str], int]:
    """Give what every statement says, in cents by (person, quarter), page by page through the API."""
    found: dict[tuple[str, str], int] = {}
    url = reverse("api_incentives_statements")
    while url:
        answer = client.get(url).json()
        found |= {(row["participant_name"], row["period_key"]): row["earned_minor"] for row in answer["results"]}
        url = answer["next"]
    return found
