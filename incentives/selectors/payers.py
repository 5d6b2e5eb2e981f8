"""Who may pay a period: nobody who closed or approved it, unless the company's policy lets one person do both."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from incentives.models import BooksState, PeriodStep
from spm.approvals.routing import Member, members_on
from spm.approvals.selectors import approval_people, is_single_operator
from spm.roles.policy import Viewer

CLOSING = (BooksState.CALCULATING, BooksState.IN_REVIEW, BooksState.APPROVED)


def payers_barred(periods: Iterable[Any]) -> dict[UUID, set[int | None]]:
    """Give of each period who closed or approved it since it was last opened."""
    found: dict[UUID, set[int | None]] = {period.pk: set() for period in periods}
    opened: set[UUID] = set()
    steps = []
    for step in PeriodStep.objects.filter(period__in=found).select_related("approval").order_by("period", "-number"):
        opened |= {step.period_id} if step.to_state == BooksState.OPEN else set()
        if step.to_state in CLOSING and step.period_id not in opened:
            steps.append(step)
    people = approval_people({step.approval for step in steps if step.approval is not None})
    for step in steps:
        found[step.period_id] |= {step.by_id, *(people[step.approval_id] if step.approval_id else ())}
    return found


def is_paying_alone(viewer: Viewer, period: Any) -> bool:
    """Tell whether the viewer would pay what they closed or approved themselves."""
    return viewer.user_id is None or viewer.user_id in payers_barred([period])[period.pk]


def payer_obstacles(viewer: Viewer, periods: Iterable[Any], action: str) -> dict[UUID, str]:
    """Say of each period why the viewer, who has the right to the action, may not pay it, and who may; empty where they may."""
    barred = payers_barred(periods)
    if is_single_operator(viewer):
        return dict.fromkeys(barred, "")
    members = _holders(viewer, action)
    keys = {period.pk: period.key for period in periods}
    return {
        key: _obstacle(keys[key], [each.name for each in members if each.user_id not in people])
        if viewer.user_id is None or viewer.user_id in people
        else ""
        for key, people in barred.items()
    }


def payers_after(viewer: Viewer, period: Any, action: str) -> list[str] | None:
    """Name who could pay a period once the viewer has approved it; None where the policy lets one person do both."""
    if is_single_operator(viewer):
        return None
    barred = {*payers_barred([period])[period.pk], viewer.user_id}
    return [each.name for each in _holders(viewer, action) if each.user_id not in barred]


def _holders(viewer: Viewer, action: str) -> list[Member]:
    return [each for each in members_on(viewer.on) if each.can(action)]


def _obstacle(period_key: str, others: list[str]) -> str:
    words = _("Who closed or approved %(period)s does not pay it: those duties are kept apart.") % {
        "period": period_key
    }
    if others:
        return f"{words} {_('Who can: %(names)s.') % {'names': ', '.join(others)}}"
    none = _("Nobody else has the right today: give it to a third person, or choose the single-operator policy.")
    return f"{words} {none}"


def payer_obstacle(viewer: Viewer, period: Any, action: str) -> str:
    """Say the same of one period."""
    return payer_obstacles(viewer, [period], action)[period.pk]
