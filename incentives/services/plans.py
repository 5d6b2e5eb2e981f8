"""Plans and their versions: a draft is edited, a published version never; what is wrong with a published one is answered by the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from incentives.models import Plan, PlanState, PlanVersion
from incentives.selectors.facts import digest_of
from incentives.selectors.lifecycle import example_findings, last_written
from incentives.services.documents import UNNAMED, DraftHead, PlanRefused, document_drafted, document_read
from incentives.services.lifecycle import approvals_fall, version_lock
from spm.core.findings import Finding, errors
from spm.roles.policy import Viewer, require


class DraftConflict(Exception):
    """Somebody else saved the draft since it was opened; says who and when, where that is known."""

    def __init__(self, version: PlanVersion, who: str, at: datetime | None) -> None:
        super().__init__(
            f"{who or 'Somebody else'} saved version {version.number} of {version.plan.name} after it was opened here. "
            "Nothing was saved. Read theirs, then save yours over it or give yours up."
        )
        self.version, self.who, self.at = version, who, at


@transaction.atomic
def plan_create(
    *, document: Mapping[str, Any] | str, actor: Viewer, with_errors: bool = False
) -> tuple[PlanVersion, list[Finding]]:
    """Create a plan from a document (fields or YAML text) with its first draft; gives the draft and its findings.

    Raises PlanRefused where the document does not compile, unless a draft `with_errors` is wanted; ValidationError where the plan's key
    is taken.
    """
    require(actor, "plan.edit")
    stored, head, findings = _drafted(_fields(document), actor, with_errors=with_errors)
    if Plan.objects.filter(code=head.key).exists():
        raise ValidationError(
            {"plan": f"A plan with the key {head.key} exists. Open it and add a version, or choose another key."}
        )
    plan = Plan.objects.create(code=head.key, name=head.name)
    return _draft_add(plan, stored, head, actor), [*findings, *example_findings(stored)]


@transaction.atomic
def plan_version_save(
    *,
    plan_id: UUID,
    document: Mapping[str, Any] | str,
    actor: Viewer,
    version_id: UUID | None = None,
    with_errors: bool = False,
    expected: str | None = None,
) -> tuple[PlanVersion, list[Finding]]:
    """Add a draft to the plan, or change the draft `version_id`; gives the draft and its findings, examples that fail among them.

    A change takes a version back from review and from approval: those held for what it said before. `expected` is the digest of what was
    changed: where the draft says something else by now, nothing is saved.

    Raises PlanRefused where the document does not compile, unless a draft `with_errors` is wanted; DraftConflict where somebody else saved
    meanwhile; ValidationError where the version is not a draft.
    """
    require(actor, "plan.edit")
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    stored, head, findings = _drafted({**_fields(document), "plan": plan.code}, actor, with_errors=with_errors)
    findings = [*findings, *example_findings(stored)]
    if version_id is None:
        _renamed(plan, head.name)
        return _draft_add(plan, stored, head, actor), findings
    version = PlanVersion.objects.select_for_update().get(pk=version_id, plan=plan)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {plan.name} is {version.state} and stays as it is. Make a new version."
        )
    if version.digest != digest_of(stored):
        if expected is not None and version.digest != expected:
            raise DraftConflict(version, *last_written(version))
        _renamed(plan, head.name)
        approvals_fall(version)
        version.definition, version.digest = stored, digest_of(stored)
        version.during = DateRange(head.start, head.end)
        version.author_ids = sorted({*version.author_ids, *_author(actor)})
        version.save(update_fields=["definition", "digest", "during", "author_ids"])
    return version, findings


def _drafted(
    document: Mapping[str, Any], actor: Viewer, *, with_errors: bool
) -> tuple[dict[str, Any], DraftHead, list[Finding]]:
    """The document as stored, refused with its errors where none may be saved."""
    stored, head, findings = document_drafted(document, on=actor.on)
    if errors(findings) and not with_errors:
        raise PlanRefused(errors(findings))
    return stored, head, findings


def _renamed(plan: Plan, name: str) -> None:
    if name not in (plan.name, UNNAMED):
        plan.name = name
        plan.save(update_fields=["name"])


def _fields(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    return document_read(document) if isinstance(document, str) else document


def _author(actor: Viewer) -> list[int]:
    return [] if actor.user_id is None else [actor.user_id]


def _draft_add(plan: Plan, stored: dict[str, Any], head: DraftHead, actor: Viewer) -> PlanVersion:
    last = PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        definition=stored,
        digest=digest_of(stored),
        during=DateRange(head.start, head.end),
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
