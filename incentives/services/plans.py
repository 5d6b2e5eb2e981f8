"""Plans and their versions: a draft is edited, a published version never; what is wrong with a published one is answered by the next."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from incentives.models import Plan, PlanState, PlanVersion
from incentives.selectors.facts import digest_of
from incentives.selectors.lifecycle import example_findings
from incentives.services.documents import document_check, document_read
from incentives.services.lifecycle import approvals_fall, version_lock
from spm.core.dated import day_of
from spm.core.findings import Finding
from spm.roles.policy import Viewer, require


@transaction.atomic
def plan_create(*, document: Mapping[str, Any] | str, actor: Viewer) -> tuple[PlanVersion, list[Finding]]:
    """Create a plan from a document (fields or YAML text) with its first draft; gives the draft and its warnings.

    Raises PlanRefused where the document does not compile, ValidationError where the plan's key is taken.
    """
    require(actor, "plan.edit")
    stored, compiled, warnings = document_check(_fields(document))
    if Plan.objects.filter(code=compiled.key).exists():
        raise ValidationError(
            {"plan": f"A plan with the key {compiled.key} exists. Open it and add a version, or choose another key."}
        )
    plan = Plan.objects.create(code=compiled.key, name=compiled.name)
    return _draft_add(plan, stored, (compiled.start, compiled.end), actor), [*warnings, *example_findings(stored)]


@transaction.atomic
def plan_version_save(
    *, plan_id: UUID, document: Mapping[str, Any] | str, actor: Viewer, version_id: UUID | None = None
) -> tuple[PlanVersion, list[Finding]]:
    """Add a draft to the plan, or change the draft `version_id`; gives the draft and its warnings, examples that fail among them.

    A change takes a version back from review and from approval: those held for what it said before.

    Raises PlanRefused where the document does not compile, ValidationError where the version is not a draft.
    """
    require(actor, "plan.edit")
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    stored, compiled, warnings = document_check({**_fields(document), "plan": plan.code})
    if plan.name != compiled.name:
        plan.name = compiled.name
        plan.save(update_fields=["name"])
    warnings = [*warnings, *example_findings(stored)]
    if version_id is None:
        return _draft_add(plan, stored, (compiled.start, compiled.end), actor), warnings
    version = PlanVersion.objects.select_for_update().get(pk=version_id, plan=plan)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {plan.name} is {version.state} and stays as it is. Make a new version."
        )
    if version.digest != digest_of(stored):
        approvals_fall(version)
        version.definition, version.digest = stored, digest_of(stored)
        version.during = DateRange(day_of(compiled.start), day_of(compiled.end))
        version.author_ids = sorted({*version.author_ids, *_author(actor)})
        version.save(update_fields=["definition", "digest", "during", "author_ids"])
    return version, warnings


def _fields(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    return document_read(document) if isinstance(document, str) else document


def _author(actor: Viewer) -> list[int]:
    return [] if actor.user_id is None else [actor.user_id]


def _draft_add(plan: Plan, stored: dict[str, Any], days: tuple[int, int], actor: Viewer) -> PlanVersion:
    last = PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        definition=stored,
        digest=digest_of(stored),
        during=DateRange(day_of(days[0]), day_of(days[1])),
        author_ids=_author(actor),
    )


@transaction.atomic
def plan_draft_delete(*, version_id: UUID, actor: Viewer) -> None:
    """Delete a draft; raises ValidationError for a version that was published."""
    require(actor, "plan.edit")
    version = version_lock(version_id)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a draft can be deleted."
        )
    approvals_fall(version)
    version.delete()
