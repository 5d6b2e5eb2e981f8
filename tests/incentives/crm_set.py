"""The public CRM set as facts, people, quotas and plans of acme: what `README.md` beside its files says a plan on it must pay."""

import csv
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incentives.services.assignments import plan_assign
from incentives.services.plans import plan_create, plan_publish
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.crm.models import Opportunity, OpportunityVersion, Product, ProductVersion
from spm.people.models import Participant, Position, PositionHolding, PositionTitle, ReportingLine, Title
from spm.roles.policy import Viewer

SINCE = date(2016, 10, 1)
YEAR = (date(2017, 1, 1), date(2018, 1, 1))
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


def people_create() -> None:
    """Create agents and managers with seats, titles and reporting lines since 2016-10-01."""
    always = DateRange(SINCE, None)
    teams = list(rows("sales_teams.csv"))
    titles = {
        code: Title.objects.get_or_create(code=code, defaults={"name": code.title()})[0] for code in ("rep", "manager")
    }
    seats = {}
    for title, names in (
        ("manager", {row["manager"] for row in teams}),
        ("rep", {row["sales_agent"] for row in teams}),
    ):
        for name in sorted(names):
            person = Participant.objects.create(source="crm", source_key=name, name=name)
            seats[name] = Position.objects.create(code=f"crm {name}", name=name)
            PositionHolding.objects.create(position=seats[name], participant=person, during=always)
            PositionTitle.objects.create(position=seats[name], title=titles[title], during=always)
    for row in teams:
        ReportingLine.objects.create(position=seats[row["sales_agent"]], manager=seats[row["manager"]], during=always)


def deals_create() -> None:
    """Create every opportunity as the import does: one version each, the alias of `GTXPro` decided."""
    now = timezone.now()
    products = {
        row["product"]: Product.objects.create(source="crm", source_key=row["product"]) for row in rows("products.csv")
    }
    ProductVersion.objects.bulk_create(
        ProductVersion(fact=fact, name=name, known_from=now) for name, fact in products.items()
    )
    products["GTXPro"] = products["GTX Pro"]
    owners = dict(Participant.objects.filter(source="crm").values_list("source_key", "id"))
    facts, versions = [], []
    for row in rows("sales_pipeline.csv"):
        fact = Opportunity(source="crm", source_key=row["opportunity_id"])
        facts.append(fact)
        versions.append(
            OpportunityVersion(
                fact=fact,
                known_from=now,
                owner_id=owners[row["sales_agent"]],
                product=products[row["product"]],
                stage=row["deal_stage"],
                status={"Won": "won", "Lost": "lost"}.get(row["deal_stage"], "open"),
                amount_minor=int(row["close_value"]) * 100 if row["close_value"] else None,
                currency="USD",
                close_on=date.fromisoformat(row["close_date"]) if row["close_date"] else None,
            )
        )
    Opportunity.objects.bulk_create(facts, batch_size=2000)
    OpportunityVersion.objects.bulk_create(versions, batch_size=2000)


def plans_create(actor: Viewer) -> None:
    """Write, publish and assign both plans, and set the quotas, as sales operations does."""
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=YEAR[0], until=YEAR[1], actor=actor)
    agents = PositionTitle.objects.filter(title__code="rep", position__code__startswith="crm ").values_list(
        "position_id", flat=True
    )
    quota_set_many(
        values=[QuotaValue(seat, period.id, QUOTA_MINOR) for seat in agents for period in periods], actor=actor
    )
    for text, title in ((REPS_PLAN, "rep"), (MANAGERS_PLAN, "manager")):
        draft, _ = plan_create(document=text, actor=actor)
        version = plan_publish(version_id=draft.id, actor=actor)
        plan_assign(
            plan_id=version.plan_id,
            target="title",
            target_id=Title.objects.get(code=title).id,
            start=YEAR[0],
            until=YEAR[1],
            actor=actor,
        )
