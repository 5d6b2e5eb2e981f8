"""What waits, what was decided, and the answer that a module asks for before it acts."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.roles.policy import Viewer
from spm.tenancy.models import Organisation


def approval_list(viewer: Viewer, *, is_open: bool | None = None) -> QuerySet[ApprovalRequest]:
    """Give the requests of the company, latest first; who holds `approval.view` sees them all."""
    rows = ApprovalRequest.objects.select_related("asked_by", "decided_by").order_by("-asked_at", "-pk")
    if not viewer.can("approval.view"):
        return rows.none()
    if is_open is None:
        return rows
    return rows.filter(state=ApprovalState.OPEN) if is_open else rows.exclude(state=ApprovalState.OPEN)


def approval_thread(viewer: Viewer, request: ApprovalRequest) -> list[ApprovalRequest]:
    """Give every request about the same thing, earliest first: what was asked and answered before, and since."""
    rows = approval_list(viewer).filter(kind=request.kind, key=request.key)
    return list(rows.order_by("asked_at", "pk"))


def approvals_for(viewer: Viewer) -> list[ApprovalRequest]:
    """Give the open requests that the viewer may decide, the longest waiting first."""
    if not viewer.can("approval.decide"):
        return []
    waiting = approval_list(viewer, is_open=True).order_by("asked_at", "pk")
    return [request for request in waiting if not approval_obstacle(viewer, request)]


def approval_obstacle(viewer: Viewer, request: ApprovalRequest) -> str:
    """Say why the viewer can't decide the request; nothing where they can."""
    if request.state != ApprovalState.OPEN:
        return f"It is {request.state} already."
    if not viewer.can(request.action):
        return "Your roles don't allow to decide this."
    if is_single_operator(viewer):
        return ""
    if viewer.user_id is None:
        return "A person has to decide this, not a command or a task."
    if viewer.user_id in request.barred_ids:
        return "You asked for it or wrote it, so somebody else decides."
    return ""


def approval_latest(kind: str, key: UUID) -> ApprovalRequest | None:
    """Give the latest request about a thing that was not withdrawn, or None."""
    return _standing().filter(kind=kind, key=key).order_by("-asked_at", "-pk").first()


def approval_open(kind: str, key: UUID) -> ApprovalRequest | None:
    """Give the request about a thing that waits for a decision, or None."""
    return ApprovalRequest.objects.filter(kind=kind, key=key, state=ApprovalState.OPEN).first()


def approval_given(kind: str, key: UUID, content: str) -> ApprovalRequest | None:
    """Give the approval of exactly this content; None where there is none, it was declined, or the thing has changed since."""
    latest = approval_latest(kind, key)
    is_given = latest is not None and latest.state == ApprovalState.APPROVED and latest.content == content
    return latest if is_given else None


def approval_state(kind: str, *, key: str = "pk", content: str = "") -> Subquery:
    """Give an expression: the state of the latest request about the row, null where there is none.

    With `content`, the name of the row's column that holds its digest, a request about anything else than the present content is none.
    """
    rows = _standing().filter(kind=kind, key=OuterRef(key))
    if content:
        rows = rows.filter(content=OuterRef(content))
    return Subquery(rows.order_by("-asked_at", "-pk").values("state")[:1])


def approved_keys(kind: str) -> QuerySet[ApprovalRequest, Any]:
    """Give the keys of the things of a kind that were approved, for an `__in`."""
    return ApprovalRequest.objects.filter(kind=kind, state=ApprovalState.APPROVED).values("key")


def is_single_operator(viewer: Viewer) -> bool:
    """Tell whether the company's settings say that one person may ask and approve."""
    return Organisation.objects.filter(pk=viewer.organisation.pk, is_single_operator=True).exists()


def _standing() -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.exclude(state=ApprovalState.WITHDRAWN)
