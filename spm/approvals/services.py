"""Ask, decide, withdraw. The module whose thing it is checks the right to ask; the right to decide is the request's own."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_obstacle, is_single_operator
from spm.notices.services import notice_send
from spm.roles.policy import Viewer, member_ids_of, member_ids_with, require

SHORT = 200


@transaction.atomic
def approval_ask(
    *,
    kind: str,
    key: UUID,
    content: str,
    action: str,
    title: str,
    actor: Viewer,
    url: str = "",
    reason: str = "",
    authors: Collection[int] = (),
    totals: Sequence[Mapping[str, object]] = (),
) -> ApprovalRequest:
    """Ask for a decision on exactly this content, and tell those who may take it.

    `totals` are what the asker saw: mappings with label, amount_minor and currency. Raises ValidationError where the thing waits already.
    """
    if ApprovalRequest.objects.filter(kind=kind, key=key, state=ApprovalState.OPEN).exists():
        raise ValidationError(f"{title} waits for a decision already. Withdraw that request first, or wait for it.")
    barred = sorted({*authors, *([actor.user_id] if actor.user_id is not None else [])})
    request = ApprovalRequest.objects.create(
        kind=kind,
        key=key,
        content=content,
        action=action,
        title=title[:300],
        url=url,
        totals=list(totals),
        reason=reason.strip(),
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        barred_ids=barred,
    )
    others = member_ids_with(action, on=actor.on, without=barred)
    _tell(request, others, title=f"For your decision: {request.title}", body=request.reason, slot="asked")
    return request


@transaction.atomic
def approval_decide(*, request_id: UUID, is_approved: bool, actor: Viewer, reason: str = "") -> ApprovalRequest:
    """Approve or decline an open request; of several at once exactly one decides, the others are refused.

    Raises PermissionDenied for who asked or wrote it, and ValidationError where it is decided or a decline has no reason.
    """
    request = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    require(actor, request.action)
    if request.state != ApprovalState.OPEN:
        raise ValidationError(f"{request.title} is {request.state} already. Nothing was changed.")
    obstacle = approval_obstacle(actor, request)
    if obstacle:
        raise PermissionDenied(f"{obstacle} Nothing was decided.")
    if not is_approved and not reason.strip():
        raise ValidationError({"reason": "Say why it is declined, so that it can be mended."})
    request.state = ApprovalState.APPROVED if is_approved else ApprovalState.DECLINED
    request.decided_by_id, request.decided_by_name = actor.user_id, actor.name
    request.decided_at, request.decision = timezone.now(), reason.strip()
    request.is_single_operator = _is_own(actor, request)
    request.save()
    _answer(request)
    return request


@transaction.atomic
def approval_withdraw(*, kind: str, key: UUID) -> int:
    """Let every request about a thing fall, decided or not, because the thing has changed or is gone; gives how many fell."""
    rows = ApprovalRequest.objects.filter(kind=kind, key=key).exclude(state=ApprovalState.WITHDRAWN)
    return rows.update(state=ApprovalState.WITHDRAWN)


def alone_check(actor: Viewer) -> None:
    """Raise ValidationError where the company wants a second person."""
    if not is_single_operator(actor):
        raise ValidationError("This company wants a second person to approve. Send it for approval first.")


def _is_own(actor: Viewer, request: ApprovalRequest) -> bool:
    """Whoever decides under the policy what they asked for or wrote; a command or task is nobody else than itself."""
    return actor.user_id is None or actor.user_id in request.barred_ids


def _answer(request: ApprovalRequest) -> None:
    asker = None if request.is_single_operator else request.asked_by_id
    askers = member_ids_of([asker]) if asker is not None else []
    title = f"{request.state.capitalize()}: {request.title}"
    _tell(request, askers, title=title, body=request.decision, slot="decided")


def _tell(request: ApprovalRequest, membership_ids: Collection[int], *, title: str, body: str, slot: str) -> None:
    notice_send(
        membership_ids=membership_ids,
        kind="approval",
        slot=f"{request.pk}:{slot}",
        title=title[:SHORT],
        body=body,
        url=reverse("approvals:approval_detail", args=[request.pk]),
        wants_mail=True,
    )
