"""The way of a plan version: reviewed, approved by somebody else, published, ended. Nothing is published that was not approved as it is."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from incentives.engine.placing import findings_placed
from incentives.models import Plan, PlanState, PlanVersion
from incentives.selectors.lifecycle import RATES, VERSION, absurd_findings, publication_obstacles
from incentives.selectors.replacing import versions_sharing
from incentives.services.documents import document_check
from incentives.services.reviews import review_complete, review_start, review_text_keep
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_given, approval_open
from spm.approvals.services import alone_check, approval_ask, approval_decide_alone, approval_withdraw
from spm.core.findings import Finding
from spm.roles.policy import Viewer, require


@transaction.atomic
def plan_submit(*, version_id: UUID, actor: Viewer, reason: str = "") -> PlanVersion:
    """Send a draft to whoever may approve plans; rates over 1,000 % are asked for beside it.

    Raises ValidationError where it could not be published either: it has errors, or an example fails.
    """
    require(actor, "plan.edit")
    version = version_lock(version_id)
    _draft_check(version, "sent for review")
    _obstacle_check(version)
    if approval_given(VERSION, version.pk, version.digest) is not None:
        raise ValidationError(f"Version {version.number} of {version.plan.name} is approved already. Publish it.")
    review_start(version, _ask(version, VERSION, _title(version), reason, actor), actor=actor)
    absurd = absurd_findings(version)
    if absurd and approval_given(RATES, version.pk, version.digest) is None:
        _ask(version, RATES, f"Rates over 1,000 %: {_title(version)}", _words(absurd), actor)
    return version


@transaction.atomic
def plan_withdraw(*, version_id: UUID, actor: Viewer) -> PlanVersion:
    """Take a version back from review, or give up its approval: it is a draft like before."""
    require(actor, "plan.edit")
    version = version_lock(version_id)
    _draft_check(version, "taken back")
    if not approvals_fall(version):
        raise ValidationError(f"Version {version.number} of {version.plan.name} is a draft already.")
    return version


@transaction.atomic
def plan_publish(
    *, version_id: UUID, actor: Viewer, accept: str = "", figures: bool = False, replaces: bool = False
) -> PlanVersion:
    """Publish a version that was approved: from the next run on it pays.

    Where it `replaces` published versions whose days it shares, they end on its first day, or are retired where they have no day before it.

    Under the company's single-operator policy the actor approves a draft with the same step, and the record says so; one that is in review
    is approved by deciding its request. `accept` is then why rates over 1,000 % are right. Its text is kept with that approval, and with
    `figures` what it costs and how it could be gamed, computed now. Raises ValidationError naming what is missing, or the published
    version whose days it would share.
    """
    require(actor, "plan.publish")
    version = version_lock(version_id)
    _draft_check(version, "published")
    _obstacle_check(version)
    document_check(version.definition)
    if not replaces:
        _overlap_check(version)
    _approval_check(version, actor, accept, figures)
    for other in versions_sharing(version):
        _end(PlanVersion.objects.select_for_update().get(pk=other.pk), version.during.lower)
    version.state, version.published_at, version.published_by_id = PlanState.PUBLISHED, timezone.now(), actor.user_id
    version.save(update_fields=["state", "published_at", "published_by"])
    return version


@transaction.atomic
def plan_version_end(*, version_id: UUID, until: date, actor: Viewer) -> PlanVersion:
    """End a published version before its time, so that another may follow; `until` is the first day on which it pays no more.

    An end on or before its first day retires it: it pays nothing, and the next run takes back what it paid.
    """
    require(actor, "plan.publish")
    version = version_lock(version_id)
    if version.state != PlanState.PUBLISHED:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a published version can be ended."
        )
    if until >= version.during.upper:
        raise ValidationError(
            {"until": f"The version ends before {version.during.upper} already. Choose an earlier day."}
        )
    _end(version, until)
    return version


def _end(version: PlanVersion, until: date) -> None:
    if until <= version.during.lower:
        version.state = PlanState.RETIRED
    else:
        version.during = DateRange(version.during.lower, until)
    version.save(update_fields=["state", "during"])


def version_lock(version_id: UUID) -> PlanVersion:
    """Give the version with its plan locked first, so that two changes of one plan wait for each other."""
    plan_id = PlanVersion.objects.values_list("plan_id", flat=True).get(pk=version_id)
    Plan.objects.select_for_update().get(pk=plan_id)
    return PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version_id)


def review_withdrawn(request: ApprovalRequest, actor: Viewer) -> None:
    """Let what was asked for together fall together: the version is a draft like before."""
    approvals_fall(PlanVersion.objects.get(pk=request.key))


def approvals_fall(version: PlanVersion) -> int:
    """Let what was asked and answered about the version fall, because it changes or goes; gives how much fell."""
    return sum(approval_withdraw(kind=kind, key=version.pk) for kind in (VERSION, RATES))


def _draft_check(version: PlanVersion, what: str) -> None:
    if version.state != PlanState.DRAFT:
        raise ValidationError(
            f"Version {version.number} of {version.plan.name} is {version.state}. Only a draft can be {what}."
        )


def _obstacle_check(version: PlanVersion) -> None:
    obstacles = publication_obstacles(version)
    if obstacles:
        raise ValidationError([finding.message for finding in findings_placed(obstacles, version.definition)])


def _overlap_check(version: PlanVersion) -> None:
    other = next(iter(versions_sharing(version)), None)
    if other is not None:
        raise ValidationError(
            f"Version {other.number} of {version.plan.name} already pays from {other.during.lower} until {other.during.upper}, days that "
            f"version {version.number} shares. Nothing was published. Let version {version.number} replace it from "
            f"{max(other.during.lower, version.during.lower)} on (`replaces`), or change the days of the draft."
        )


def _approval_check(version: PlanVersion, actor: Viewer, accept: str, figures: bool) -> None:
    """What is not approved yet is approved by the actor where the policy lets one person do it; else it is refused."""
    if approval_given(VERSION, version.pk, version.digest) is None:
        asked = _asked_alone(version, VERSION, _title(version), "", actor)
        review_text_keep(version, asked)
        if figures:
            review_complete(version, asked, now=timezone.now())
        approval_decide_alone(request_id=asked.pk, actor=actor)
    absurd = absurd_findings(version)
    if absurd and approval_given(RATES, version.pk, version.digest) is None:
        alone_check(actor)
        if not accept.strip():
            raise ValidationError(
                {"accept": [*(finding.message for finding in absurd), "Say why this is right, or correct it."]}
            )
        asked = _asked_alone(version, RATES, f"Rates over 1,000 %: {_title(version)}", accept, actor)
        approval_decide_alone(request_id=asked.pk, reason=accept, actor=actor)


def _asked_alone(version: PlanVersion, kind: str, title: str, reason: str, actor: Viewer) -> ApprovalRequest:
    """The request that the actor asks and decides in one step; a request that waits is decided where it shows what it is about."""
    alone_check(actor)
    if approval_open(kind, version.pk) is not None:
        raise ValidationError(
            f"{title} waits for its approval. Nothing was published. Decide its request under Approvals, or take the version back."
        )
    return _ask(version, kind, title, reason, actor)


def _ask(version: PlanVersion, kind: str, title: str, reason: str, actor: Viewer) -> ApprovalRequest:
    return approval_ask(
        kind=kind,
        key=version.pk,
        content=version.digest,
        action="plan.approve",
        title=title,
        url=f"{reverse('incentives:plan_detail', args=[version.plan_id])}?version={version.number}",
        reason=reason,
        authors=version.author_ids,
        actor=actor,
    )


def _title(version: PlanVersion) -> str:
    return f"{version.plan.name}, version {version.number}"


def _words(findings: list[Finding]) -> str:
    return " ".join(finding.what for finding in findings)
