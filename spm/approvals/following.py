"""What follows an approval: said once by the module whose thing it is, done wherever it is decided, together or not at all."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from spm.approvals.models import ApprovalRequest
from spm.core.findings import Finding
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Follow:
    """`do` acts on what was approved, gives what to know about it, and raises ValidationError where it can't: then nothing is decided.

    `lock` is what `do` and `undo` wait for; it is taken before the request itself, as everywhere else, so that no two wait for each other.
    `undo` brings the thing back to where it stood before it was asked for, where that is more than that nothing waits any more.
    `beyond` is said for what is about several people: it gives the keys of the things that are about anybody else than these.
    """

    do: Callable[[ApprovalRequest, Viewer], Iterable[Finding]] | None
    lock: Callable[[], None] | None
    beyond: Callable[[Collection[UUID]], QuerySet[Any]] | None = None
    undo: Callable[[ApprovalRequest, Viewer], None] | None = None


_FOLLOWS: dict[str, Follow] = {}


def approval_followed_by(kind: str, follow: Follow) -> None:
    """Let something follow every approval of a kind."""
    _FOLLOWS[kind] = follow


def follows_lock(kinds: Iterable[str]) -> None:
    """Wait for what the approvals of these kinds write."""
    for lock in {_FOLLOWS[kind].lock for kind in kinds if kind in _FOLLOWS}:
        if lock is not None:
            lock()


def follow_do(request: ApprovalRequest, actor: Viewer) -> tuple[Finding, ...]:
    """Do what follows the approval of a request; gives what to know about it."""
    follow = _FOLLOWS.get(request.kind)
    return () if follow is None or follow.do is None else tuple(follow.do(request, actor))


def follow_undo(request: ApprovalRequest, actor: Viewer) -> None:
    """Bring what a withdrawn request was about back to where it stood before."""
    follow = _FOLLOWS.get(request.kind)
    if follow is not None and follow.undo is not None:
        follow.undo(request, actor)


def about_only(people: Collection[UUID]) -> Q:
    """Keep the requests that are about nobody else than these people; one of which nothing is said is about everybody."""
    found = Q(about__in=people)
    for kind, follow in sorted(_FOLLOWS.items()):
        if follow.beyond is not None:
            found |= Q(kind=kind, about=None) & ~Q(key__in=follow.beyond(people))
    return found
