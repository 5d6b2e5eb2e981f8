"""What each persona sees first. One question per persona; every figure leads to its why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from incentives.selectors.attainment import Attainment, TeamTotal, attainment_get, period_current, team_total
from incentives.selectors.disputes import DisputeFilter, dispute_list
from incentives.selectors.ledger import journal_list, standings
from incentives.selectors.payments import payments_rejected
from incentives.selectors.period_checks import books_waiting
from incentives.selectors.periods import Books, books_list, books_sums
from incentives.selectors.runs import run_list
from insights.selectors.pay import pay_chart, pay_history
from insights.selectors.pay_forecasts import pay_forecast_own
from insights.selectors.pipeline import forecast_latest, open_deals, own_unit, pipeline_view
from insights.selectors.setup import setup_steps
from insights.selectors.team import team_rows
from spm.approvals.selectors import approvals_for
from spm.audit.selectors import EntryFilter, entry_list, table_names
from spm.core.money import RATE_SCALE
from spm.crm.selectors.absences import absence_questions
from spm.crm.selectors.quality import quality_summary
from spm.jobs.models import Job
from spm.roles.catalogue import TABLE_ACTIONS
from spm.roles.models import Role
from spm.roles.policy import Viewer

CLOSING_SOON = 8
PRESSING = 8
LATEST = 6


@dataclass(frozen=True)
class Section:
    """A part of the first page: the template that shows it and what it shows."""

    template: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Number:
    """The number of a period in one currency: credit and quota of the people who have one, and what is open."""

    total: TeamTotal
    open_minor: int

    @property
    def attainment_rate(self) -> int:
        """Give credit ÷ quota at scale 10**8."""
        return self.total.credit_minor * RATE_SCALE // self.total.quota_minor

    @property
    def gap_minor(self) -> int:
        """Give the credit still missing to the quota."""
        return max(0, self.total.quota_minor - self.total.credit_minor)

    @property
    def coverage_rate(self) -> int | None:
        """Give open pipeline ÷ gap at scale 10**8; None where nothing is missing. Source: domain.md C8."""
        return self.open_minor * RATE_SCALE // self.gap_minor if self.gap_minor else None

    @property
    def cost_rate(self) -> int | None:
        """Give what was earned ÷ credit at scale 10**8; None where nothing was credited."""
        return self.total.earned_minor * RATE_SCALE // self.total.credit_minor if self.total.credit_minor else None


def home_sections(viewer: Viewer) -> list[Section]:
    """Give the parts of the first page for all roles of the viewer, each part once, the most pressing first."""
    parts: list[Callable[[Viewer], Section | None]] = []
    for role, wanted in _PARTS.items():
        if role in viewer.roles:
            parts += [part for part in wanted if part not in parts]
    return [section for part in parts if (section := part(viewer)) is not None]


def _decisions(viewer: Viewer) -> Section | None:
    waiting = approvals_for(viewer)
    return (
        Section("insights/_decisions.html", {"waiting": waiting[:LATEST], "count": len(waiting)}) if waiting else None
    )


def _questions(viewer: Viewer) -> Section | None:
    lists = absence_questions(viewer) if viewer.can("absence.answer") else []
    content: dict[str, Any] = {"lists": lists[:LATEST], "more": max(0, len(lists) - LATEST)}
    if viewer.can("dispute.answer"):
        waiting = dispute_list(viewer, DisputeFilter(state="open"))
        content["disputes"], content["late"] = waiting.count(), waiting.filter(is_overdue=True).count()
    return Section("insights/_questions.html", content) if lists or content.get("disputes") else None


def _own_pay(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    mine: tuple[Attainment, ...] = ()
    if viewer.participant is not None and period is not None:
        mine = attainment_get(viewer, period_id=period.pk, participant_id=viewer.participant.pk)
    person = viewer.participant
    rejected = payments_rejected(person.pk) if person is not None else []
    standing = standings(person.pk) if person is not None else []
    content = {"mine": mine, "period": period, "participant": person, "rejected": rejected, "standing": standing}
    content["expected"] = pay_forecast_own(viewer) if viewer.can("pay_forecast.view") else []
    return Section("insights/_own_pay.html", content)


def _own_deals(viewer: Viewer) -> Section | None:
    if viewer.participant is None:
        return None
    deals = open_deals(viewer).filter(owner=viewer.participant)
    soonest = deals.order_by("expected_close_on", "fact__source_key")[:CLOSING_SOON]
    return Section("insights/_own_deals.html", {"deals": soonest, "count": deals.count()})


def _team(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    rows = team_rows(viewer, period_id=period.pk) if period else []
    return Section(
        "insights/_team_summary.html",
        {
            "rows": [row for row in rows if row.attainment.attainment_rate is not None][:PRESSING] or rows[:PRESSING],
            "behind": sum(row.is_behind for row in rows),
            "may_open": viewer.can("statement.view"),
        },
    )


def _setup(viewer: Viewer) -> Section | None:
    steps = setup_steps(viewer)
    return Section("insights/_setup.html", {"steps": steps}) if steps else None


def _tonight(viewer: Viewer) -> Section | None:
    steps = setup_steps(viewer)
    if steps and not steps[0].is_done:
        return None
    jobs = Job.objects.filter(kind="nightly").order_by("-queued_at")[:1]
    content = {
        "quality": quality_summary(viewer),
        "runs": run_list(viewer)[:5],
        "nightly": jobs.first(),
    }
    return Section("insights/_tonight.html", content)


def _owed(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    history = pay_history(viewer)
    books = books_list(viewer) if viewer.can("period.view") else []
    content = {
        "period": period,
        "totals": team_total(viewer, period_id=period.pk) if period else [],
        "chart": pay_chart(history) if len(history) > 1 else None,
        "journals": journal_list(viewer)[:LATEST] if viewer.can("ledger.view") else [],
        "standing": [
            (total, _payable_in(books, total.currency))
            for total in books_sums(each for one in books for each in one.totals)
        ],
        "waiting": books_waiting(books, viewer.on),
    }
    return Section("insights/_owed.html", content)


def _payable_in(books: Sequence[Books], currency: str) -> list[tuple[str, int]]:
    """Which periods, earliest first, hold what is payable in a currency (minor units)."""
    held = [(one.period.key, each) for one in reversed(books) for each in one.totals if each.currency == currency]
    return [(key, each.payable_minor) for key, each in held if each.payable_minor]


def _number(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    totals = team_total(viewer, period_id=period.pk) if period else []
    pipeline = pipeline_view(viewer)
    numbers = [Number(total, pipeline.totals.get(total.currency, 0)) for total in totals if total.quota_minor]
    unit = own_unit(viewer)
    forecasts = forecast_latest(viewer, unit_id=unit.pk if unit else None)
    content = {"period": period, "numbers": numbers, "forecasts": forecasts, "unit": unit}
    return Section("insights/_number.html", content)


def _watched(viewer: Viewer) -> Section | None:
    apps = [label for label, action in TABLE_ACTIONS.items() if viewer.can(action)]
    wanted = EntryFilter(zone=ZoneInfo(viewer.organisation.time_zone))
    names = table_names()
    by_people = entry_list(wanted, app_labels=apps).filter(user_id__isnull=False)
    rows = [(row, names.get(row.table_name, row.table_name)) for row in by_people[:LATEST]]
    return Section("insights/_watched.html", {"rows": rows, "runs": run_list(viewer)[:LATEST]})


def _company(viewer: Viewer) -> Section | None:
    return Section("insights/_company.html", {})


_PARTS: dict[str, tuple[Callable[[Viewer], Section | None], ...]] = {
    Role.REP: (_own_pay, _own_deals),
    Role.MANAGER: (_decisions, _team, _number, _own_pay),
    Role.SALES_OPERATIONS: (_decisions, _questions, _setup, _tonight),
    Role.FINANCE: (_decisions, _questions, _owed),
    Role.EXECUTIVE: (_decisions, _number, _team),
    Role.AUDITOR: (_owed, _watched),
    Role.COMPANY_ADMIN: (_company,),
}
