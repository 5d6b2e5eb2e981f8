"""Where one person holds what should be apart, and which decisions nobody else took. It finds; it forbids nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from spm.approvals.models import ApprovalStep, Deputy
from spm.approvals.routing import Member, members_on
from spm.roles.catalogue import ACTIONS
from spm.roles.policy import Viewer, require

APART: tuple[tuple[str, str], ...] = (
    ("plan.edit", "plan.approve"),
    ("cascade.edit", "quota.approve"),
    ("scenario.edit", "scenario.approve"),
    ("credit.edit", "credit.approve"),
    ("score.edit", "score.approve"),
    ("adjustment.edit", "adjustment.approve"),
    ("opening.edit", "opening.approve"),
    ("period.close", "period.approve"),
    ("period.approve", "payout.edit"),
    ("adjustment.approve", "payout.edit"),
    ("opening.approve", "payout.edit"),
    ("hold.edit", "hold.approve"),
    ("hold.approve", "payout.edit"),
    ("credit.approve", "payout.edit"),
    ("plan.approve", "payout.edit"),
    ("route.edit", "approval.decide"),
    ("member.edit", "approval.decide"),
)
"""Rights that one person should not hold together: to write and to approve, to approve and to pay, to decide and to say who decides."""

COLUMNS = ("finding", "person", "what", "detail", "on")


@dataclass(frozen=True)
class Conflict:
    """One finding: its kind, whom it is about, what was found, and the day of a decision."""

    kind: str
    person: str
    what: str
    detail: str
    at: datetime | None = None

    def row(self) -> tuple[object, ...]:
        """Give the finding as a row of an export."""
        on = "" if self.at is None else timezone.localdate(self.at).isoformat()
        return (self.kind, self.person, self.what, self.detail, on)


Alone = Callable[[date, date], Iterable[tuple[str, str, str, datetime]]]
"""Gives what one person did alone from a day on and before another under the company's policy: person, what, detail, when."""

_ALONE: list[Alone] = []


def alone_told_by(source: Alone) -> None:
    """Let a module tell what one person did alone that is no answer to a request, such as confirming a payment they approved."""
    if source not in _ALONE:
        _ALONE.append(source)


HELD, OWN, ALONE = "rights together", "own or deputy's work", "single operator"


def conflict_list(viewer: Viewer, *, start: date, until: date) -> list[Conflict]:
    """Give every finding: rights as they are today, decisions of the days from `start` on and before `until`."""
    require(viewer, "conflict.view")
    steps = ApprovalStep.objects.filter(decided_at__date__gte=start, decided_at__date__lt=until)
    steps = steps.select_related("request").order_by("decided_at", "pk")
    others = (Conflict(ALONE, *each) for source in _ALONE for each in source(start, until))
    decided = sorted([*_decisions(steps), *others], key=lambda one: one.at.isoformat() if one.at else "")
    return [*_held(members_on(viewer.on)), *decided]


def _held(members: list[Member]) -> Iterator[Conflict]:
    for member in members:
        for first, second in APART:
            if member.can(first) and member.can(second):
                yield Conflict(HELD, member.name, f"{first} + {second}", f"{ACTIONS[first]} {ACTIONS[second]}")


def _decisions(steps: QuerySet[ApprovalStep]) -> Iterator[Conflict]:
    deputies = list(Deputy.objects.order_by("pk"))
    for step in steps:
        title, at = step.request.title, step.decided_at
        if step.is_single_operator:
            detail = "The company's policy let one person ask or write, and decide."
            yield Conflict(ALONE, step.decided_by_name, title, detail, at)
        for row in deputies:
            if (
                _between(row, step)
                and at is not None
                and row.during.lower <= timezone.localdate(at) < (row.during.upper or date.max)
            ):
                detail = f"{row.deputy_name} was deputy of {row.person_name}; one of them asked or wrote it."
                yield Conflict(OWN, step.decided_by_name, title, detail, at)


def _between(row: Deputy, step: ApprovalStep) -> bool:
    """Tell whether the deputyship joins who decided with who asked or wrote."""
    pair = {row.person_id, row.deputy_id}
    others = pair - {step.decided_by_id}
    return step.decided_by_id in pair and bool(others & set(step.barred_ids))
