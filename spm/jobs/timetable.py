"""The timetable, in one place: which kinds of work exist, what the nightly job is made of, and when it is due.

Days and hours are those of the company's own time zone. The slot of a nightly job is its local day, and (kind, slot) is
unique in the database, so two schedulers, two ticks or an hour that comes twice in autumn start it once; where spring
skips the hour, the next one takes its place.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from spm.jobs.work import Followed, Kind, Work
from spm.tenancy.models import Organisation

ROUTING = "planning.tasks.RouteWork"

KINDS: dict[str, Kind] = {
    "nightly": Kind(gettext_noop("Nightly job"), "spm.jobs.nightly.Nightly", alone=True),
    "run": Kind(gettext_noop("Run"), "incentives.tasks.RunWork", action="run.start", alone=True),
    "whatif": Kind(gettext_noop("What-if"), "incentives.tasks.TrialWork", action="whatif.start"),
    "plan_review": Kind(gettext_noop("Figures for an approval"), "incentives.tasks.ReviewWork", action="plan.edit"),
    "expense": Kind(
        gettext_noop("Commission expense"), "incentives.tasks.ExpenseWork", action="expense.edit", alone=True
    ),
    "statement_papers": Kind(
        gettext_noop("Statements as PDF"), "incentives.tasks.PaperWork", action="paper.make", alone=True
    ),
    "evidence": Kind(gettext_noop("Evidence pack"), "incentives.tasks.EvidenceWork", action="pack.make", alone=True),
    "plan_documents": Kind(gettext_noop("Plan documents"), "incentives.tasks.DocumentWork", action="document.send"),
    "import_preview": Kind(gettext_noop("Import preview"), "spm.crm.work.Preview", action="fact.import"),
    "import_commit": Kind(gettext_noop("Import"), "spm.crm.work.Commit", "fact.import", alone=True, then=ROUTING),
    "balance": Kind(gettext_noop("Balance of territories"), "planning.tasks.BalanceWork", action="balance.edit"),
    "account_route": Kind(gettext_noop("Routing of accounts"), ROUTING, "fact.import", alone=True),
    "import_undo": Kind(
        gettext_noop("Undo of an import"), "spm.crm.work.Undo", "fact.import", alone=True, then=ROUTING
    ),
}

NIGHTLY: tuple[str, ...] = (
    "planning.tasks.RoutePart",
    "planning.tasks.ReminderPart",
    "incentives.tasks.CalculatePart",
    "incentives.tasks.ExpensePart",
    "insights.tasks.SnapshotPart",
    "insights.tasks.ForecastPart",
    "insights.tasks.PayForecastPart",
    "insights.tasks.AlertPart",
    "insights.tasks.DashboardPart",
    "incentives.tasks.ProofPart",
    "incentives.tasks.NoticePart",
    "spm.approvals.tasks.ReminderPart",
    "spm.audit.tasks.SealPart",
)

NIGHTLY_AT = time(2)


def work_of(kind: str) -> Work:
    """Make the work of a kind; raises KeyError for a kind that is not in the table."""
    work: Work = import_string(KINDS[kind].work)()
    then = KINDS[kind].then
    return Followed(work, import_string(then)()) if then else work


def nightly_due_on(organisation: Organisation, *, now: datetime) -> date | None:
    """Give the local day whose nightly job is due by now; None before two o'clock in the morning."""
    local = now.astimezone(ZoneInfo(organisation.time_zone))
    return local.date() if local.time() >= NIGHTLY_AT else None


def nightly_slot(on: date, *, again: int = 0) -> str:
    """Name the slot of a day's nightly job; a repeat by hand has a number of its own.

    >>> nightly_slot(date(2026, 11, 2)), nightly_slot(date(2026, 11, 2), again=1)
    ('2026-11-02', '2026-11-02 again 1')
    """
    return f"{on.isoformat()} again {again}" if again else on.isoformat()
