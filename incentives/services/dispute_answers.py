"""Answers to disputes: who takes them, what is answered and decided, and what mends them. Never by who raised it or is paid."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.models import (
    Adjustment,
    AdjustmentBatch,
    AdjustmentReason,
    Dispute,
    DisputeEvent,
    DisputeFix,
    DisputeReason,
    DisputeState,
    DisputeStep,
    ManualCredit,
)
from incentives.selectors.adjustments import versions_adjusted
from incentives.selectors.deal_keys import deal_of_key
from incentives.selectors.disputes import answerers, is_of_raiser
from incentives.services.adjustments import AdjustmentWish, adjustments_ask
from incentives.services.disputes import Said, dispute_locked, doubting, event_add, outside_tell, said_check, tell
from spm.crm.models import Opportunity
from spm.roles.policy import Viewer, member_ids_of, require, require_for


@dataclass(frozen=True)
class Fix:
    """What mends an accepted dispute: a new adjustment (`amount_minor`) or one that is there, a manual credit, a deal at its source."""

    kind: str
    amount_minor: int | None = None
    batch_id: UUID | None = None
    credit_id: UUID | None = None
    deal: str = ""


@transaction.atomic
def dispute_assign(*, dispute_id: UUID, user_id: int | None, actor: Viewer) -> DisputeEvent:
    """Give a dispute to somebody who may answer it, or to nobody; raises ValidationError for anybody else."""
    dispute = _opened(dispute_id, actor)
    names = answerers(actor.on, about=dispute)
    if user_id is not None and user_id == dispute.raised_by_id:
        raise ValidationError({"assignee": "Who raised a dispute doesn't answer it. Choose somebody else."})
    if user_id is not None and user_id not in names:
        raise ValidationError({"assignee": "This person can't answer it. Choose one of those that are offered."})
    dispute.assignee_id, dispute.assignee_name = user_id, names[user_id] if user_id is not None else ""
    dispute.save()
    event = event_add(dispute, DisputeStep.ASSIGNED, Said(dispute.assignee_name), actor)
    if user_id is not None:
        title = _("%(dispute)s was given to you") % {"dispute": dispute}
        tell(dispute, member_ids_of([user_id]), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_answer(*, dispute_id: UUID, said: Said, actor: Viewer) -> DisputeEvent:
    """Answer an open dispute, which then waits for who raised it; who answers first takes it, where nobody has it."""
    dispute = _opened(dispute_id, actor)
    said_check(said)
    _take(dispute, actor)
    dispute.state = DisputeState.ANSWERED
    dispute.save()
    event = event_add(dispute, DisputeStep.ANSWERED, said, actor)
    title = _("%(dispute)s was answered") % {"dispute": dispute}
    tell(dispute, doubting(dispute), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_accept(*, dispute_id: UUID, cause: str, said: Said, fix: Fix, actor: Viewer) -> DisputeEvent:
    """Accept a dispute: it was right, for this cause, and this mends it. Of two decisions at once exactly one counts."""
    dispute = _opened(dispute_id, actor)
    _check_decision(cause, said)
    event = _close(dispute, DisputeStep.ACCEPTED, cause, said, actor, **_fix_values(dispute, fix, said, actor))
    title = _("%(dispute)s was accepted") % {"dispute": dispute}
    tell(dispute, doubting(dispute), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_reject(*, dispute_id: UUID, cause: str, said: Said, actor: Viewer) -> DisputeEvent:
    """Reject a dispute with the reason in words."""
    dispute = _opened(dispute_id, actor)
    _check_decision(cause, said)
    event = _close(dispute, DisputeStep.REJECTED, cause, said, actor)
    title = _("%(dispute)s was rejected") % {"dispute": dispute}
    tell(dispute, doubting(dispute), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_mend(*, dispute_id: UUID, said: Said, fix: Fix, actor: Viewer) -> DisputeEvent:
    """Name what mends an accepted dispute later than its decision."""
    dispute = _answerable(dispute_id, actor)
    if dispute.state != DisputeState.ACCEPTED:
        raise ValidationError(f"{dispute} is {dispute.get_state_display().lower()}. Only what was accepted is mended.")
    said_check(said)
    event = event_add(dispute, DisputeStep.MENDED, said, actor, **_fix_values(dispute, fix, said, actor))
    title = _("What mends %(dispute)s was named") % {"dispute": dispute}
    tell(dispute, doubting(dispute), title=title, slot=str(event.pk), actor=actor)
    return event


def _answerable(dispute_id: UUID, actor: Viewer) -> Dispute:
    require(actor, "dispute.answer")
    dispute = dispute_locked(dispute_id, actor)
    require_for(actor, "dispute.answer", dispute.participant_id)
    if is_of_raiser(actor, dispute):
        raise PermissionDenied("Who raised a dispute, or is paid by it, doesn't answer it. Nothing was changed.")
    return dispute


def _opened(dispute_id: UUID, actor: Viewer) -> Dispute:
    dispute = _answerable(dispute_id, actor)
    if not dispute.is_live:
        raise ValidationError(f"{dispute} is {dispute.get_state_display().lower()} already. Nothing was changed.")
    return dispute


def _take(dispute: Dispute, actor: Viewer) -> None:
    if dispute.assignee_id is None:
        dispute.assignee_id, dispute.assignee_name = actor.user_id, actor.name if actor.user_id else ""


def _check_decision(cause: str, said: Said) -> None:
    if cause not in DisputeReason.values:
        raise ValidationError({"cause": f"It may be: {', '.join(DisputeReason.values)}."})
    said_check(said)


def _close(dispute: Dispute, step: DisputeStep, cause: str, said: Said, actor: Viewer, **fix: object) -> DisputeEvent:
    _take(dispute, actor)
    dispute.state, dispute.cause, dispute.closed_on = step.value, cause, actor.on
    dispute.save()
    outside_tell("dispute.decided", dispute)
    return event_add(dispute, step, said, actor, cause=cause, **fix)


def _fix_values(dispute: Dispute, fix: Fix, said: Said, actor: Viewer) -> dict[str, object]:
    if fix.kind == DisputeFix.ADJUSTMENT:
        batch = _asked(dispute, fix.amount_minor, said, actor) if fix.amount_minor is not None else _batch(dispute, fix)
        return {"fix": fix.kind, "adjustment": batch}
    if fix.kind == DisputeFix.CREDIT:
        mine = ManualCredit.objects.filter(participant=dispute.participant_id)
        credit = mine.filter(pk=fix.credit_id).first() if fix.credit_id is not None else None
        if credit is None:
            raise ValidationError({"credit": "Choose a manual credit of the person."})
        return {"fix": fix.kind, "credit": credit}
    if fix.kind == DisputeFix.SOURCE:
        return {"fix": fix.kind, "deal": _deal(fix.deal, actor)}
    if fix.kind != DisputeFix.NOTHING:
        raise ValidationError({"fix": f"It may be: {', '.join(DisputeFix.values)}."})
    return {"fix": fix.kind}


def _deal(key: str, actor: Viewer) -> Opportunity | None:
    """The deal that was corrected at its source; without a key the words say what was."""
    if not key.strip():
        return None
    try:
        return deal_of_key(key, actor.acting("dispute.answer"))
    except ValidationError as error:
        raise ValidationError({"deal": error.messages}) from error


def _batch(dispute: Dispute, fix: Fix) -> AdjustmentBatch:
    found = Adjustment.objects.filter(batch=fix.batch_id, participant=dispute.participant_id).select_related("batch")
    one = found.first()
    if one is None:
        raise ValidationError({"adjustment": "Write an amount to ask for, or choose an adjustment of the person."})
    return one.batch


def _asked(dispute: Dispute, amount_minor: int, said: Said, actor: Viewer) -> AdjustmentBatch:
    """Ask for the adjustment that the dispute leads to; it counts once somebody else has approved it."""
    known = versions_adjusted(dispute.plan_id, dispute.period.during) if dispute.plan_id else {}
    wish = AdjustmentWish(
        participant_id=dispute.participant_id,
        period_id=dispute.period_id,
        amount_minor=amount_minor,
        currency=dispute.currency,
        reason_code=AdjustmentReason.DISPUTE,
        reason=f"{dispute}: {' '.join(said.text.split())}"[:1000],
        plan_id=dispute.plan_id,
        component=dispute.component if dispute.component in known else "",
    )
    return adjustments_ask(wishes=[wish], title=f"{dispute} of {dispute.participant.name}", actor=actor)
