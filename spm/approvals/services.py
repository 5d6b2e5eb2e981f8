"""Ask, decide, withdraw. The module whose thing it is checks the right to ask; the right to decide is the request's own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from spm.approvals.following import follow_do, follow_undo, follows_lock
from spm.approvals.models import ApprovalRequest, ApprovalState, ApprovalStep
from spm.approvals.routing import Line, answering, route_for, step_opened, steps_of
from spm.approvals.selectors import Desk, approval_list, desk_of, is_single_operator, steps_list
from spm.hooks.services.events import event_emit
from spm.notices.services import notice_send, notices_take_back
from spm.roles.policy import Viewer, member_ids_of, require, require_own

SHORT = 200
NOTICE = "approval"


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
    about_id: UUID | None = None,
    lines: Sequence[Line] | None = None,
) -> ApprovalRequest:
    """Ask for a decision on exactly this content, by the route that holds today, and tell those who may take the first step.

    `totals` are what the asker saw: mappings with label, amount_minor and currency. Routes by amount look at `lines`, or at the totals
    where none are given. `about_id` is the person concerned. Raises ValidationError where the thing waits already.
    """
    waiting = ApprovalRequest.objects.filter(kind=kind, key=key, state=ApprovalState.OPEN).first()
    if waiting is not None:
        raise ValidationError(
            f"{title} waits for a decision already, asked for by {waiting.asked_by_name}. Who may decides it under Approvals, "
            "or who asked withdraws it; once declined or withdrawn it can be asked for anew."
        )
    barred = sorted({*authors, *([actor.user_id] if actor.user_id is not None else [])})
    amounts = lines_of(totals) if lines is None else lines
    route = route_for(kind, amounts, asked_by_roles=actor.roles, on=actor.on)
    request = ApprovalRequest.objects.create(
        kind=kind,
        key=key,
        content=content,
        action=action,
        title=title[:300],
        url=url,
        totals=list(totals),
        reason=reason.strip(),
        about_id=about_id,
        route=route,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        barred_ids=barred,
    )
    steps = [
        ApprovalStep(request=request, number=number, barred_ids=barred, **given)
        for number, given in enumerate(steps_of(route), start=1)
    ]
    ApprovalStep.objects.bulk_create(steps)
    _open(request, steps[0], on=actor.on)
    return request


def lines_of(totals: Sequence[Mapping[str, object]]) -> list[Line]:
    """Give the amounts that stand in totals."""
    return [Line(int(str(total["amount_minor"])), str(total["currency"])) for total in totals]


@transaction.atomic
def approval_decide(
    *, request_id: UUID, is_approved: bool, actor: Viewer, reason: str = "", step: int | None = None
) -> ApprovalRequest:
    """Answer the step whose turn it is; of several at once exactly one does, the others are refused.

    The request is approved with its last step and declined with any. `step` is the number that was shown: another one by now is refused.
    What follows the approval is done with it (`following`); its `findings` say what to know about that.
    Raises PermissionDenied for who asked, wrote it or answered before, and ValidationError where it is decided, a decline has no reason,
    or what follows can't be done.
    """
    if is_approved:
        follows_lock(ApprovalRequest.objects.filter(pk=request_id).values_list("kind", flat=True))
    request = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.state != ApprovalState.OPEN:
        require(actor, "approval.decide")
        raise ValidationError(f"{request.title} is {request.state} already. Nothing was changed.")
    desk, steps = desk_of(actor), steps_list([request])[request.pk]
    obstacle = desk.obstacle(request, steps)
    if obstacle:
        raise PermissionDenied(f"{obstacle} Nothing was decided.")
    current = next(each for each in steps if each.decided_at is None)
    if step is not None and step != current.number:
        raise ValidationError(f"Step {step} of {request.title} is answered already. Nothing was changed.")
    if not is_approved and not reason.strip():
        raise ValidationError({"reason": "Say why it is declined, so that it can be mended."})
    _answer_step(request, current, desk, is_approved=is_approved, reason=reason.strip())
    following = next((each for each in steps if each.number > current.number), None)
    if is_approved and following is not None:
        _open(request, following, on=actor.on)
        return request
    request.state = ApprovalState.APPROVED if is_approved else ApprovalState.DECLINED
    request.decided_by_id, request.decided_by_name = actor.user_id, actor.name
    request.decided_at, request.decision = current.decided_at, reason.strip()
    request.is_single_operator = any(each.is_single_operator for each in steps)
    request.save()
    request.findings = follow_do(request, actor) if is_approved else ()
    _answer(request)
    path = reverse("api_approval", args=[request.pk])
    event_emit(
        "approval.decided", key=request.pk, path=path, kind_of=request.kind, thing=str(request.key), state=request.state
    )
    return request


@dataclass(frozen=True)
class Answered:
    """What became of one request of several: decided, moved on to its next step, or refused with the reason."""

    request: ApprovalRequest
    refusal: str = ""


def approvals_decide(
    *, chosen: Mapping[UUID, int], is_approved: bool, actor: Viewer, reason: str = ""
) -> list[Answered]:
    """Answer several requests, each by itself and exactly once; `chosen` maps their keys to the step that was shown.

    What can't be decided is named with its reason and doesn't keep the others back. Raises ObjectDoesNotExist for what is out of sight.
    """
    require(actor, "approval.decide")
    rows = {row.pk: row for row in approval_list(actor).filter(pk__in=chosen)}
    if len(rows) != len(chosen):
        raise ApprovalRequest.DoesNotExist
    if is_approved:
        follows_lock(row.kind for row in rows.values())
    found = []
    for key in sorted(chosen):
        try:
            decided = approval_decide(
                request_id=key, is_approved=is_approved, actor=actor, reason=reason, step=chosen[key]
            )
            found.append(Answered(decided))
        except ValidationError as error:
            found.append(Answered(rows[key], " ".join(error.messages)))
        except PermissionDenied as error:
            found.append(Answered(rows[key], str(error)))
    return found


@transaction.atomic
def approval_decide_alone(*, request_id: UUID, actor: Viewer, reason: str = "") -> ApprovalRequest:
    """Approve every step that is left, under the single-operator policy; each says so. Raises what `approval_decide` raises."""
    alone_check(actor)
    request = approval_decide(request_id=request_id, is_approved=True, reason=reason, actor=actor)
    while request.state == ApprovalState.OPEN:
        request = approval_decide(request_id=request_id, is_approved=True, reason=reason, actor=actor)
    return request


@transaction.atomic
def approval_take_back(*, request_id: UUID, reason: str, actor: Viewer) -> ApprovalRequest:
    """Withdraw what the actor asked for and nobody decided yet; the thing is then where it was before, and the notices are taken back.

    Raises PermissionDenied for anybody else, and ValidationError where it is decided by now or no reason is given.
    """
    follows_lock(ApprovalRequest.objects.filter(pk=request_id).values_list("kind", flat=True))
    request = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    require_own(actor, "approval.withdraw", request.asked_by_id)
    if request.state != ApprovalState.OPEN:
        raise ValidationError(f"{request.title} is {request.state} already. Nothing was changed.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is withdrawn; who was asked reads it."})
    request.state, request.decision = ApprovalState.WITHDRAWN, reason.strip()
    request.save()
    follow_undo(request, actor)
    told = notices_take_back(kind=NOTICE, slot=f"{request.pk}:")
    tell(request, told, title=f"Withdrawn: {request.title}", body=request.decision, slot="withdrawn")
    return request


@transaction.atomic
def approval_withdraw(*, kind: str, key: UUID) -> int:
    """Let every request about a thing fall, decided or not, because the thing has changed or is gone; gives how many fell."""
    rows = ApprovalRequest.objects.filter(kind=kind, key=key).exclude(state=ApprovalState.WITHDRAWN)
    for waiting in rows.filter(state=ApprovalState.OPEN).values_list("pk", flat=True):
        notices_take_back(kind=NOTICE, slot=f"{waiting}:")
    return rows.update(state=ApprovalState.WITHDRAWN)


def alone_check(actor: Viewer) -> None:
    """Raise ValidationError where the company wants a second person."""
    if not is_single_operator(actor):
        raise ValidationError("This company wants a second person to approve. Send it for approval first.")


def _answer_step(request: ApprovalRequest, step: ApprovalStep, desk: Desk, *, is_approved: bool, reason: str) -> None:
    actor, person = desk.viewer, desk.answers_for(request, step)
    step.is_approved, step.decision, step.decided_at = is_approved, reason, timezone.now()
    step.decided_by_id, step.decided_by_name = actor.user_id, actor.name
    step.decided_for_id, step.decided_for_name = (person.user_id, person.name) if person is not None else (None, "")
    step.is_single_operator = _is_own(actor, step)
    step.save()


def _is_own(actor: Viewer, step: ApprovalStep) -> bool:
    """Whoever answers under the policy what they asked for, wrote, or answered before; a command or task is nobody else than itself."""
    if actor.user_id is None or actor.user_id in step.barred_ids:
        return True
    return ApprovalStep.objects.filter(request=step.request_id, decided_by=actor.user_id).exists()


def _open(request: ApprovalRequest, step: ApprovalStep, *, on: date) -> None:
    """Let the turn of a step come, and tell those who may answer it."""
    step_opened(step, request.about_id, on=on).opened_at = timezone.now()
    step.save()
    others = [each.membership_id for each in answering(step, request, on=on)]
    slot = "asked" if step.number == 1 else f"asked:{step.number}"
    tell(request, others, title=f"For your decision: {request.title}", body=request.reason, slot=slot)


def _answer(request: ApprovalRequest) -> None:
    asker = None if request.is_single_operator else request.asked_by_id
    askers = member_ids_of([asker]) if asker is not None else []
    title = f"{request.state.capitalize()}: {request.title}"
    tell(request, askers, title=title, body=request.decision, slot="decided")


def tell(request: ApprovalRequest, membership_ids: Collection[int], *, title: str, body: str, slot: str) -> None:
    """Leave a notice about a request, once per slot; its mail carries no figures."""
    notice_send(
        membership_ids=membership_ids,
        kind=NOTICE,
        slot=f"{request.pk}:{slot}",
        title=title[:SHORT],
        body=body,
        url=reverse("approvals:approval_detail", args=[request.pk]),
        wants_mail=True,
    )
