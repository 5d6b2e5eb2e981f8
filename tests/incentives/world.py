"""A small acme with a plan: Rex and Ria sell, Mara manages them; everything through the services that people use."""

from datetime import date

from django.utils import timezone

from incentives.models import PlanVersion, Run, Statement
from incentives.selectors.lines import Line, lines_of
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish
from incentives.services.plans import plan_create
from incentives.services.posting import Posting, run_post
from incentives.services.runs import run_calculate
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaValue, quota_set_many
from spm.crm.models import Opportunity, OpportunityVersion, Split, SplitVersion
from spm.people.models import Participant, Position, Title
from spm.roles.policy import Viewer

REPS = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - key: commission
    name: Commission
    credit: {kind: DIRECT, where: {stage: Won}}
    quota: amount
    tiers:
      - {from: 0 %, until: 100 %, rate: 5 %}
      - {from: 100 %, rate: 10 %}
"""
MANAGERS = """
plan: managers-2026
name: Managers 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - key: override
    name: Override
    credit: {kind: ROLLUP, levels: DIRECT_REPORTS, where: {stage: Won}}
    rate: 1 %
"""
YEAR = (date(2026, 1, 1), date(2027, 1, 1))
QUOTA = 1_000_000


def build(actor: Viewer) -> Period:
    """Publish both plans, assign them by title, set a quota of 10,000.00 per rep and quarter; gives the third quarter."""
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=YEAR[0], until=YEAR[1], actor=actor)
    seats = Position.objects.filter(code__in=("rex", "ria", "rob")).values_list("id", flat=True)
    quota_set_many(values=[QuotaValue(seat, period.id, QUOTA) for seat in seats for period in periods], actor=actor)
    for text, title in ((REPS, "rep"), (MANAGERS, "manager")):
        publish(actor, text, title)
    return Period.objects.get(key="2026-Q3")


def quotas(periods: list[Period], value: int, actor: Viewer) -> None:
    """Give every rep's seat a quota in each period."""
    seats = Position.objects.filter(code__in=("rex", "ria", "rob")).values_list("id", flat=True)
    quota_set_many(values=[QuotaValue(seat, period.id, value) for seat in seats for period in periods], actor=actor)


def deal(key: str, owner: str, amount_minor: int, on: date = date(2026, 8, 3)) -> OpportunityVersion:
    """Let a deal be won, or change what is known of it, as an import does."""
    now = timezone.now()
    fact, _ = Opportunity.objects.get_or_create(source="test", source_key=key)
    OpportunityVersion.objects.filter(fact=fact, known_until=None).update(known_until=now)
    person = Participant.objects.get(source_key=owner)
    return OpportunityVersion.objects.create(
        fact=fact,
        known_from=now,
        owner=person,
        stage="Won",
        status="won",
        amount_minor=amount_minor,
        currency="USD",
        close_on=on,
    )


def publish(actor: Viewer, text: str, title: str = "rep", *, person: str | None = None) -> PlanVersion:
    """Publish a plan and assign it from its first day: by title, or to one person."""
    draft, _ = plan_create(document=text, actor=actor)
    version = plan_publish(version_id=draft.id, actor=actor)
    target, one = (
        ("title", Title.objects.get(code=title))
        if person is None
        else ("participant", Participant.objects.get(source_key=person))
    )
    plan_assign(plan_id=version.plan_id, target=target, target_id=one.id, start=version.during.lower, actor=actor)
    return version


def calculate(period: Period, actor: Viewer) -> tuple[Run, Posting]:
    """Calculate and post a period."""
    run, _ = run_calculate(period_id=period.id, actor=actor)
    posting = run_post(run_id=run.id, actor=actor)
    run.refresh_from_db()
    return run, posting


def earned(period: Period) -> dict[str, int]:
    """Give what the latest statements say, by name."""
    found: dict[str, int] = {}
    for statement in Statement.objects.filter(period=period).select_related("participant").order_by("number"):
        found[statement.participant.name] = statement.earned_minor
    return found


def lines(statement: Statement) -> tuple[Line, ...]:
    """Give the lines of a statement."""
    return lines_of(statement)


def split(key: str, person: str, percent: int, kind: str = "revenue") -> SplitVersion:
    """Give somebody a share of a deal, whatever the others have."""
    fact = Split.objects.create(source="test", source_key=f"{key}-{person}-{kind}")
    return SplitVersion.objects.create(
        fact=fact,
        known_from=timezone.now(),
        opportunity=Opportunity.objects.get(source_key=key),
        participant=Participant.objects.get(source_key=person),
        kind=kind,
        share_rate=percent * 10**6,
    )
