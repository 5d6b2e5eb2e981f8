"""What an approver of a plan version is shown: what it says, what it changes, what it costs, what the checks and its examples say.

All of it is what was kept with the request, so that a decided request shows what was decided on.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.backends.postgresql.psycopg_any import DateRange
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from incentives.engine.placing import findings_placed
from incentives.models import PlanVersion, ReviewPart, Shown
from incentives.selectors.designs import clauses_compared, texts_compared
from incentives.selectors.example_words import examples_told
from incentives.selectors.lifecycle import EXAMPLES, definition_for, examples_run
from incentives.selectors.plans import assignment_list, version_rows, version_view
from incentives.selectors.reviews import cost_periods, review_failures, review_job, review_parts, text_content
from incentives.selectors.trials import YEARS
from incentives.services.documents import document_review, document_review_here, document_text
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.jobs.selectors import job_progress
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer


def version_subject(viewer: Viewer, asked: ApprovalRequest) -> SafeString:
    """Draw the version that a request is about; nothing for who may not see the plan, or where it is gone."""
    if not viewer.can("plan.view"):
        return SafeString("")
    seer = viewer.acting("plan.view")
    version = version_rows(seer).filter(pk=asked.key).first()
    if version is None:
        return SafeString("")
    parts = review_parts(asked)
    kept = parts.get(Shown.TEXT)
    content = {
        **version_context(
            seer, version, kept.content if kept else text_content(version), is_open=asked.state == ApprovalState.OPEN
        ),
        **_figures(seer, version, asked, parts),
        "is_changed": version.digest != asked.content,
        "is_kept": kept is not None,
    }
    return mark_safe(render_to_string("incentives/_version_review.html", content))  # noqa: S308 - a template's own output


def version_context(viewer: Viewer, version: PlanVersion, text: Mapping[str, Any], *, is_open: bool) -> dict[str, Any]:
    """Give everything that is said about a version, as its text was when it was asked for; of a decided one nothing of today's deals."""
    definition = definition_for(viewer, text["definition"])
    findings = document_review_here(viewer, definition) if is_open else document_review(definition)
    written_at = text["written_at"]
    as_asked = PlanVersion(
        pk=version.pk, plan=version.plan, number=version.number, definition=text["definition"], during=version.during
    )
    return {
        "version": version,
        "plan": version.plan,
        "view": version_view(as_asked),
        "findings": findings_placed(findings, definition),
        **_examples(viewer, text, definition),
        "assigned": [{**one, "during": _during(one)} for one in _within_reach(viewer, version, text["assigned"])],
        "writers": text["writers"],
        "written_at": None if written_at is None else datetime.fromisoformat(written_at),
        **_compared(viewer, text),
    }


def _examples(viewer: Viewer, text: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """The worked examples with their facts and figures beside those of the version before, or how many the viewer may not read."""
    live, kept = text["before"], text["definition"].get(EXAMPLES)
    before = None if live is None else definition_for(viewer, live["definition"])
    is_hidden = EXAMPLES not in definition and isinstance(kept, list)
    return {
        "told": examples_told(before, definition, examples_run(definition)),
        "hidden_examples": len(kept) if is_hidden and isinstance(kept, list) else 0,
        "plan_currency": text["definition"].get("currency", ""),
    }


def _within_reach(viewer: Viewer, version: PlanVersion, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The assignments of people whom the viewer sees; all of them, ended ones too, for who sees everybody."""
    if viewer.reach is Reach.ALL:
        return kept
    seen = {str(key) for key in assignment_list(viewer, version.plan).values_list("pk", flat=True)}
    return [one for one in kept if one["id"] in seen]


def _during(one: Mapping[str, Any]) -> DateRange:
    until = one["until"]
    return DateRange(date.fromisoformat(one["from"]), None if until is None else date.fromisoformat(until))


def _compared(viewer: Viewer, text: Mapping[str, Any]) -> dict[str, Any]:
    """How the version differs from the published one before it."""
    live = text["before"]
    if live is None:
        return {"live": None}
    before, after = (definition_for(viewer, one["definition"]) for one in (live, text))
    lines = texts_compared(document_text(before), document_text(after))
    return {"live": live, "changes": clauses_compared(before, after), "lines": lines}


def _figures(
    viewer: Viewer, version: PlanVersion, asked: ApprovalRequest, parts: Mapping[str, ReviewPart]
) -> dict[str, Any]:
    """What was computed with the request, or how far that is; the cost is for whoever may try the version."""
    is_open, job = asked.state == ApprovalState.OPEN, review_job(asked)
    is_coming = is_open and len(parts) < len(Shown) and job is not None and job.state in ("queued", "running")
    periods = cost_periods(version, on=viewer.on) if viewer.can("whatif.view") else []
    return {
        "cost": _cost(parts.get(Shown.COST)) if viewer.can("whatif.view") else None,
        "may_cost": viewer.can("whatif.view"),
        "gaming": parts.get(Shown.GAMING),
        "failures": review_failures(asked, job),
        "progress": job_progress(job, now=timezone.now()) if is_coming and job else None,
        "asked": asked,
        "is_open": is_open,
        "whatif_url": _whatif_url(version, periods) if periods else "",
    }


def _cost(part: ReviewPart | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {**part.content, "made_at": part.made_at}


def _whatif_url(version: PlanVersion, periods: list[Any]) -> str:
    """The what-if over the same periods, per person and as things stand today."""
    asked = [("period", one.pk) for one in periods]
    fixed = {"plan": version.plan_id, "pipeline": "NONE", "quota": 100, "years": YEARS[0], "seed": 1}
    address = reverse("incentives:plan_whatif", args=[version.pk])
    return f"{address}?{urlencode([*asked, *fixed.items()])}"
