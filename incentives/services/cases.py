"""Fills the worked examples of a draft from real people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from incentives.models import PlanState, PlanVersion
from incentives.selectors.cases import case_of
from incentives.services.lifecycle import version_lock
from incentives.services.plans import plan_version_save
from planning.selectors import period_get
from spm.core.findings import Finding
from spm.people.models import Participant
from spm.roles.policy import Viewer, require, visible


@transaction.atomic
def plan_example_add(
    *, version_id: UUID, participant_id: UUID, period_id: UUID, actor: Viewer, name: str = ""
) -> tuple[PlanVersion, list[Finding]]:
    """Add a person's period to the draft as an example: their credited deals, their quota, and what they were paid.

    Where no run paid the person by the plan, the example expects what the draft computes on the person's facts, and a warning asks to
    confirm it. Gives the draft and its warnings: where the draft pays otherwise than was paid, the example differs and says by how
    much. Raises ValidationError where there is nothing to tell, or the person's own facts don't come to that pay.
    """
    require(actor, "plan.edit")
    require(actor, "statement.view")
    version = version_lock(version_id)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Make a new version."
        )
    person = visible(actor, Participant.objects.all(), participant="pk", action="statement.view").get(pk=participant_id)
    case, findings = case_of(version, participant_id=person.pk, period=period_get(period_id), now=timezone.now())
    if case is None:
        raise ValidationError([finding.message for finding in findings])
    case["name"] = name.strip() or case["name"]
    draft, warnings = _example_append(version, case, actor)
    return draft, [*findings, *warnings]


@transaction.atomic
def plan_case_add(*, version_id: UUID, example: Mapping[str, Any], actor: Viewer) -> tuple[PlanVersion, list[Finding]]:
    """Add a worked example to the draft that shows what a check or a search found; gives the draft and its findings.

    Raises ValidationError where the version is no draft.
    """
    require(actor, "plan.edit")
    version = version_lock(version_id)
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Make a new version."
        )
    return _example_append(version, dict(example), actor)


def _example_append(version: PlanVersion, case: dict[str, Any], actor: Viewer) -> tuple[PlanVersion, list[Finding]]:
    examples = _examples(version)
    case["name"] = _unused(str(case["name"]), {str(each.get("name")) for each in examples})
    document = {**version.definition, "examples": [*examples, case]}
    return plan_version_save(
        plan_id=version.plan_id, version_id=version.pk, document=document, actor=actor, with_errors=True
    )


def _examples(version: PlanVersion) -> list[dict[str, Any]]:
    """The examples that the draft has; a draft with errors may have something else in their place."""
    examples = version.definition.get("examples")
    if examples and not (isinstance(examples, list) and all(isinstance(each, dict) for each in examples)):
        raise ValidationError("The examples of the draft can't be read. Correct them before another is added.")
    return examples or []


def _unused(name: str, taken: set[str]) -> str:
    return next(each for each in (name, *(f"{name} ({number})" for number in range(2, 1000))) if each not in taken)
