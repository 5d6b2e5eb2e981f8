"""What an approver of a plan version is shown: what it says, what it changes, what it costs, what the checks and its examples say."""

from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from incentives.engine.placing import findings_placed
from incentives.models import PlanVersion
from incentives.selectors.designs import clauses_compared, texts_compared
from incentives.selectors.lifecycle import definition_for, examples_run, last_written, writers
from incentives.selectors.plans import assignment_list, version_before, version_rows, version_view
from incentives.selectors.trials import YEARS, trial_periods
from incentives.services.documents import document_review, document_text
from spm.approvals.models import ApprovalRequest
from spm.roles.policy import Viewer

RECENT = 4
"""Periods over which the cost is shown, the latest that have begun."""


def version_subject(viewer: Viewer, asked: ApprovalRequest) -> SafeString:
    """Draw the version that a request is about; nothing for who may not see the plan, or where it is gone."""
    if not viewer.can("plan.view"):
        return SafeString("")
    seer = viewer.acting("plan.view")
    version = version_rows(seer).filter(pk=asked.key).first()
    if version is None:
        return SafeString("")
    content = {**version_context(seer, version), "is_changed": version.digest != asked.content}
    return mark_safe(render_to_string("incentives/_version_review.html", content))  # noqa: S308 - a template's own output


def version_context(viewer: Viewer, version: PlanVersion) -> dict[str, Any]:
    """Give everything that is said about a version to whoever decides about it."""
    definition = definition_for(viewer, version.definition)
    written_by, written_at = last_written(version)
    return {
        "version": version,
        "plan": version.plan,
        "view": version_view(version),
        "findings": findings_placed(document_review(definition), definition),
        "examples": examples_run(definition),
        "assignments": assignment_list(viewer, version.plan).filter(during__overlap=version.during),
        "writers": writers(version) or [written_by],
        "written_at": written_at,
        **_cost(viewer, version),
        **_compared(viewer, version),
    }


def _compared(viewer: Viewer, version: PlanVersion) -> dict[str, Any]:
    """How the version differs from the published one before it."""
    live = version_before(viewer, version)
    if live is None:
        return {"live": None}
    before, after = (definition_for(viewer, one.definition) for one in (live, version))
    lines = texts_compared(document_text(before), document_text(after))
    return {"live": live, "changes": clauses_compared(before, after), "lines": lines}


def _cost(viewer: Viewer, version: PlanVersion) -> dict[str, Any]:
    """The latest periods that have begun, and the what-if of the version over them; nothing for who may not try."""
    begun = [one for one in trial_periods(version, now_on=viewer.on) if one.during.lower <= viewer.on][:RECENT]
    if not begun or not viewer.can("whatif.view"):
        return {}
    asked = [("period", one.pk) for one in begun]
    fixed = {"plan": version.plan_id, "pipeline": "NONE", "quota": 100, "years": YEARS[0], "seed": 1}
    address = reverse("incentives:plan_whatif", args=[version.pk])
    names = ", ".join(one.key for one in reversed(begun))
    return {"cost_url": f"{address}?{urlencode([*asked, *fixed.items()])}", "cost_periods": names}
