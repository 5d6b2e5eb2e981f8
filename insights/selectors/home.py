"""What each persona sees first. One question per persona; every figure leads to its why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from incentives.selectors.attainment import Attainment, attainment_get, period_current, team_total
from incentives.selectors.runs import run_list
from insights.selectors.freshness import freshness
from insights.selectors.pipeline import forecast_latest, open_deals, pipeline_view
from insights.selectors.team import team_rows
from spm.crm.selectors.quality import quality_summary
from spm.jobs.models import Job
from spm.roles.models import Role
from spm.roles.policy import Viewer

CLOSING_SOON = 8


@dataclass(frozen=True)
class Section:
    """A part of the first page: the template that shows it and what it shows."""

    template: str
    content: dict[str, Any]


def home_sections(viewer: Viewer) -> list[Section]:
    """Give the parts of the first page for all roles of the viewer, each part once, the most pressing first."""
    parts: list[Callable[[Viewer], Section | None]] = []
    for role, wanted in _PARTS.items():
        if role in viewer.roles:
            parts += [part for part in wanted if part not in parts]
    return [section for part in parts if (section := part(viewer)) is not None]


def _own_pay(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    mine: tuple[Attainment, ...] = ()
    if viewer.participant is not None and period is not None:
        mine = attainment_get(viewer, period_id=period.pk, participant_id=viewer.participant.pk)
    return Section("insights/_own_pay.html", {"mine": mine, "period": period, "participant": viewer.participant})


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
        {"period": period, "rows": rows, "behind": [row for row in rows if row.is_behind]},
    )


def _tonight(viewer: Viewer) -> Section | None:
    jobs = Job.objects.filter(kind="nightly").order_by("-queued_at")[:1]
    content = {
        "quality": quality_summary(viewer),
        "freshness": freshness(viewer),
        "runs": run_list(viewer)[:5],
        "nightly": jobs.first(),
    }
    return Section("insights/_tonight.html", content)


def _owed(viewer: Viewer) -> Section | None:
    period = period_current(viewer)
    totals = team_total(viewer, period_id=period.pk) if period else []
    return Section("insights/_owed.html", {"period": period, "totals": totals})


def _number(viewer: Viewer) -> Section | None:
    forecasts = forecast_latest(viewer)
    return Section("insights/_forecast_summary.html", {"forecasts": forecasts, "pipeline": pipeline_view(viewer)})


def _company(viewer: Viewer) -> Section | None:
    return Section("insights/_company.html", {})


_PARTS: dict[str, tuple[Callable[[Viewer], Section | None], ...]] = {
    Role.REP: (_own_pay, _own_deals),
    Role.MANAGER: (_team, _number, _own_pay),
    Role.SALES_OPERATIONS: (_tonight,),
    Role.FINANCE: (_owed,),
    Role.EXECUTIVE: (_number, _team),
    Role.AUDITOR: (_owed,),
    Role.COMPANY_ADMIN: (_company,),
}
