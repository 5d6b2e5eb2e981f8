"""Plans and their versions: a draft is edited, a published version never; what is wrong with a published one is answered by the next."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone

from incentives.models import Plan, PlanState, PlanVersion
from incentives.selectors.facts import digest_of
from incentives.services.documents import document_check, document_read
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
    return _draft_add(plan, stored, compiled.start, compiled.end), warnings


@transaction.atomic
def plan_version_save(
    *, plan_id: UUID, document: Mapping[str, Any] | str, actor: Viewer, version_id: UUID | None = None
) -> tuple[PlanVersion, list[Finding]]:
    """Add a draft to the plan, or change the draft `version_id`; gives the draft and its warnings.

    Raises PlanRefused where the document does not compile, ValidationError where the version is not a draft.
    """
    require(actor, "plan.edit")
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    stored, compiled, warnings = document_check({**_fields(document), "plan": plan.code})
    if plan.name != compiled.name:
        plan.name = compiled.name
        plan.save(update_fields=["name"])
    if version_id is None:
        return _draft_add(plan, stored, compiled.start, compiled.end), warnings
    version = PlanVersion.objects.select_for_update().get(pk=version_id, plan=plan)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {plan.name} is {version.state} and stays as it is. Make a new version."
        )
    version.definition, version.digest = stored, digest_of(stored)
    version.during = DateRange(day_of(compiled.start), day_of(compiled.end))
    version.save(update_fields=["definition", "digest", "during"])
    return version, warnings


def _fields(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    return document_read(document) if isinstance(document, str) else document


def _draft_add(plan: Plan, stored: dict[str, Any], start: int, end: int) -> PlanVersion:
    last = PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        definition=stored,
        digest=digest_of(stored),
        during=DateRange(day_of(start), day_of(end)),
    )


@transaction.atomic
def plan_publish(*, version_id: UUID, actor: Viewer) -> PlanVersion:
    """Publish a draft: from the next run on it pays. Raises ValidationError naming the published version whose days it would share."""
    require(actor, "plan.publish")
    version = _locked(version_id)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a draft can be published."
        )
    document_check(version.definition)
    others = PlanVersion.objects.filter(plan=version.plan, state=PlanState.PUBLISHED, during__overlap=version.during)
    other = others.order_by("number").first()
    if other is not None:
        raise ValidationError(
            f"Version {other.number} of {version.plan.name} already pays from {other.during.lower} until {other.during.upper}, days that "
            f"version {version.number} shares. Nothing was published. End version {other.number} first, or change the days of the draft."
        )
    version.state, version.published_at, version.published_by_id = PlanState.PUBLISHED, timezone.now(), actor.user_id
    version.save(update_fields=["state", "published_at", "published_by"])
    return version


@transaction.atomic
def plan_version_end(*, version_id: UUID, until: date, actor: Viewer) -> PlanVersion:
    """End a published version before its time, so that another may follow; `until` is the first day on which it pays no more.

    An end on or before its first day retires it: it pays nothing, and the next run takes back what it paid.
    """
    require(actor, "plan.publish")
    version = _locked(version_id)
    if version.state != PlanState.PUBLISHED:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a published version can be ended."
        )
    if until >= version.during.upper:
        raise ValidationError(
            {"until": f"The version ends before {version.during.upper} already. Choose an earlier day."}
        )
    if until <= version.during.lower:
        version.state = PlanState.RETIRED
    else:
        version.during = DateRange(version.during.lower, until)
    version.save(update_fields=["state", "during"])
    return version


@transaction.atomic
def plan_draft_delete(*, version_id: UUID, actor: Viewer) -> None:
    """Delete a draft; raises ValidationError for a version that was published."""
    require(actor, "plan.edit")
    version = _locked(version_id)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a draft can be deleted."
        )
    version.delete()


def _locked(version_id: UUID) -> PlanVersion:
    """The version with its plan locked first, so that two changes of one plan wait for each other."""
    plan_id = PlanVersion.objects.values_list("plan_id", flat=True).get(pk=version_id)
    Plan.objects.select_for_update().get(pk=plan_id)
    return PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version_id)
