"""The table of navigation entries. A viewer sees the entries whose action the roles allow.

An entry whose URL does not exist is left out, which the deploy check `web.E001` and a test refuse, so that no
installation runs with a hole in its menu. This module decides no rights: it asks `viewer.can`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: where it stands, what it opens, which action it needs (empty: everyone of the company)."""

    section: str
    label: str
    url_name: str
    action: str
    icon: str


class Viewer(Protocol):
    """What the menu asks of a viewer."""

    @property
    def roles(self) -> Iterable[Any]:
        """Give the roles that the viewer has."""

    def can(self, action: str) -> bool:
        """Say whether the roles allow the action."""


TODAY = ""
PAY = gettext_noop("Incentives")
PLAN = gettext_noop("Planning")
INSIGHT = gettext_noop("Insights")
FACTS = gettext_noop("People and data")
ADMIN = gettext_noop("Administration")

ENTRIES: tuple[Entry, ...] = (
    Entry(TODAY, gettext_noop("Home"), "home", "", "home"),
    Entry(PAY, gettext_noop("Statements"), "incentives:statement_list", "statement.view", "statement"),
    Entry(PAY, gettext_noop("Disputes"), "incentives:dispute_list", "dispute.view", "alert"),
    Entry(PAY, gettext_noop("Plans"), "incentives:plan_list", "plan.view", "plan"),
    Entry(PAY, gettext_noop("Plan documents"), "incentives:document_list", "document.view", "file"),
    Entry(PAY, gettext_noop("Runs"), "incentives:run_list", "run.view", "run"),
    Entry(PAY, gettext_noop("Periods"), "incentives:period_list", "period.view", "calendar"),
    Entry(PAY, gettext_noop("Adjustments"), "incentives:adjustment_list", "adjustment.view", "plus"),
    Entry(PAY, gettext_noop("Opening balances"), "incentives:opening_list", "opening.view", "import"),
    Entry(PAY, gettext_noop("Holds"), "incentives:hold_list", "hold.view", "lock"),
    Entry(PAY, gettext_noop("Parallel run"), "incentives:parallel_list", "parallel.view", "table"),
    Entry(PAY, gettext_noop("Journals"), "incentives:journal_list", "ledger.view", "coins"),
    Entry(PAY, gettext_noop("Payouts"), "incentives:payout_list", "payout.view", "export"),
    Entry(PAY, gettext_noop("Commission expense"), "incentives:expense", "expense.view", "calendar"),
    Entry(PAY, gettext_noop("Manual credits"), "incentives:credit_list", "credit.view", "plus"),
    Entry(PAY, gettext_noop("Approvals"), "approvals:approval_list", "approval.view", "check"),
    Entry(INSIGHT, gettext_noop("Team"), "insights:team", "team.view", "team"),
    Entry(INSIGHT, gettext_noop("Pipeline"), "insights:pipeline", "pipeline.view", "pipeline"),
    Entry(INSIGHT, gettext_noop("Performance"), "insights:performance", "performance.view", "chart"),
    Entry(INSIGHT, gettext_noop("Dashboards"), "insights:dashboards", "performance.view", "table"),
    Entry(INSIGHT, gettext_noop("Plan effectiveness"), "insights:effectiveness", "effectiveness.view", "coins"),
    Entry(INSIGHT, gettext_noop("Pay forecast"), "insights:pay_forecast", "pay_forecast.view", "coins"),
    Entry(INSIGHT, gettext_noop("Forecast"), "insights:forecast", "pipeline.view", "chart"),
    Entry(INSIGHT, gettext_noop("Knowledge"), "insights:articles", "article.view", "help"),
    Entry(PLAN, gettext_noop("Territories"), "planning:territory_list", "territory.view", "territory"),
    Entry(PLAN, gettext_noop("Quotas"), "planning:quota_list", "quota.view", "quota"),
    Entry(PLAN, gettext_noop("Capacity"), "planning:capacity_list", "capacity.view", "team"),
    Entry(PLAN, gettext_noop("Scenarios"), "planning:scenario_list", "scenario.view", "pipeline"),
    Entry(PLAN, gettext_noop("Target pay"), "incentives:target_list", "target.view", "coins"),
    Entry(PLAN, gettext_noop("Scores"), "planning:score_list", "quota.view", "check"),
    Entry(FACTS, gettext_noop("People"), "people:participant_list", "participant.view", "people"),
    Entry(FACTS, gettext_noop("Deals"), "crm:opportunity_list", "fact.view", "table"),
    Entry(FACTS, gettext_noop("Accounts"), "crm:account_list", "fact.view", "building"),
    Entry(FACTS, gettext_noop("Currency rates"), "crm:rate_list", "rate.view", "coins"),
    Entry(FACTS, gettext_noop("Import"), "crm:upload_list", "fact.import", "import"),
    Entry(FACTS, gettext_noop("Data inbox"), "crm:inbox", "quality.view", "inbox"),
    Entry(ADMIN, gettext_noop("Jobs"), "jobs:job_list", "job.view", "job"),
    Entry(ADMIN, gettext_noop("Audit"), "audit:entry_list", "audit.view", "audit"),
    Entry(ADMIN, gettext_noop("Members"), "identity:member_list", "member.view", "members"),
    Entry(ADMIN, gettext_noop("Approval routes"), "approvals:route_list", "route.view", "check"),
    Entry(ADMIN, gettext_noop("Company"), "identity:company_edit", "company.edit", "settings"),
    Entry(ADMIN, gettext_noop("Service keys"), "identity:key_list", "key.view", "token"),
    Entry(ADMIN, gettext_noop("Webhooks"), "hooks:hook_list", "hook.view", "export"),
    Entry(ADMIN, gettext_noop("API tokens"), "identity:token_list", "token.edit", "token"),
)

ORDER: dict[str, tuple[str, ...]] = {
    "rep": (TODAY, PAY, PLAN, INSIGHT, FACTS, ADMIN),
    "manager": (TODAY, INSIGHT, PAY, PLAN, FACTS, ADMIN),
    "operations": (TODAY, FACTS, PLAN, PAY, INSIGHT, ADMIN),
    "finance": (TODAY, PAY, INSIGHT, PLAN, FACTS, ADMIN),
    "executive": (TODAY, INSIGHT, PLAN, PAY, FACTS, ADMIN),
    "auditor": (TODAY, ADMIN, PAY, PLAN, FACTS, INSIGHT),
    "admin": (TODAY, ADMIN, FACTS, PLAN, PAY, INSIGHT),
}
PERSONAS = ("operations", "finance", "manager", "executive", "auditor", "admin", "rep")
"""Whose order holds for a person of several roles: the first of these found in one of the roles' names."""


def navigation_for(viewer: Viewer, *, path: str) -> list[dict[str, Any]]:
    """Return the sections the viewer may open, in the order of the persona; the entry of `path` is current."""
    entries = [(entry, entry_url(entry)) for entry in ENTRIES if not entry.action or viewer.can(entry.action)]
    shown = [(entry, url) for entry, url in entries if url]
    current = _current([url for _, url in shown], path)
    sections = []
    for section in ORDER[persona(viewer)]:
        links = [
            {"label": gettext(entry.label), "url": url, "icon": entry.icon, "current": url == current}
            for entry, url in shown
            if entry.section == section
        ]
        if links:
            sections.append({"label": gettext(section) if section else "", "entries": links})
    return sections


def persona(viewer: Viewer) -> str:
    """Return whose order of sections the viewer gets."""
    names = " ".join(str(getattr(role, "value", role)).lower() for role in viewer.roles)
    return next((each for each in PERSONAS if each in names), "rep")


def entry_url(entry: Entry) -> str:
    """Return the address of an entry, or nothing when no URL of that name exists."""
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return ""


def _current(urls: list[str], path: str) -> str:
    """The longest address that the present path starts with; the home page only by itself."""
    matching = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(matching, key=len, default="")


@register(deploy=True)
def check_entries(**_: Any) -> list[CheckMessage]:
    """Refuse to deploy with an entry that leads nowhere."""
    return [
        Error(
            f"The navigation entry {entry.label} leads to {entry.url_name}, which no URL is named.",
            hint="Name the URL so, or correct the entry in spm/web/navigation.py.",
            id="web.E001",
        )
        for entry in ENTRIES
        if not entry_url(entry)
    ]
