"""Holds of pay by hand as people see them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from incentives.models import Hold, HoldRelease
from incentives.selectors.hand_holding import KIND, RELEASING, Unreached, kept_by_person, payable_shut
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_obstacle, approval_open, approval_state, approved_keys
from spm.roles.policy import Viewer, visible


@dataclass(frozen=True)
class HoldDetail:
    """A hold: what was asked and answered about it, what it keeps of each person, and what waits for a decision.

    `obstacle` says why the viewer can't take it, and is empty where they can. `unreached` is what it means in books that take no entries.
    """

    hold: Any
    requests: list[ApprovalRequest]
    kept: list[tuple[Any, str, str, int]]
    waiting: ApprovalRequest | None
    obstacle: str
    unreached: list[Unreached]


def hold_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the holds within reach, latest first; `is_over` tells those whose release was approved, `is_ending` those where it waits."""
    releases = HoldRelease.objects.filter(hold=OuterRef("pk"))
    waiting = ApprovalRequest.objects.filter(kind=RELEASING, state=ApprovalState.OPEN).values("key")
    rows = Hold.objects.select_related("participant", "plan", "deal").annotate(
        state=approval_state(KIND, is_request=True),
        is_over=Exists(releases.filter(pk__in=approved_keys(RELEASING))),
        is_ending=Exists(releases.filter(pk__in=waiting)),
    )
    return visible(viewer, rows).order_by("-number")


def hold_get(viewer: Viewer, hold: Any) -> HoldDetail:
    """Give one of them with what belongs to it."""
    releases = list(HoldRelease.objects.filter(hold=hold).values_list("pk", flat=True))
    requests = ApprovalRequest.objects.filter(kind__in=(KIND, RELEASING), key__in=[hold.pk, *releases])
    waiting = approval_open(KIND, hold.pk) or next(
        filter(None, (approval_open(RELEASING, key) for key in releases)), None
    )
    return HoldDetail(
        hold=hold,
        requests=list(requests.order_by("asked_at", "pk")),
        kept=kept_by_person(hold),
        waiting=waiting,
        obstacle=approval_obstacle(viewer, waiting) if waiting is not None else "",
        unreached=[] if hold.is_over else payable_shut(hold),
    )


def holds_waiting() -> int:
    """Give the number of holds and releases that nobody has decided."""
    return ApprovalRequest.objects.filter(kind__in=(KIND, RELEASING), state=ApprovalState.OPEN).count()
