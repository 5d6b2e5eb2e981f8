"""Disputes as people see them: always with a viewer, always cut to the viewer's reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from incentives.models import (
    LIVE,
    Adjustment,
    Dispute,
    DisputeEvent,
    DisputePolicy,
    DisputeState,
    LineSection,
    ManualCredit,
    Statement,
)
from incentives.selectors.adjustments import adjustment_list
from incentives.selectors.credits import credit_list
from incentives.selectors.facts import digest_of
from spm.identity.models import Membership
from spm.roles.policy import Viewer, can_for, member_ids_for, member_ids_with, visible

USUAL_DAYS = 5


@dataclass(frozen=True)
class DisputedLine:
    """A line of a statement as a dispute takes it: `key` is the same in every version of the statement."""

    section: str
    place: int
    key: str
    label: str
    plan_id: UUID | None
    component: str
    earned_minor: int


@dataclass(frozen=True)
class DisputeFilter:
    """Which disputes: by state (`live`: not closed), assignee (`me`, `nobody` or a user), days since it was raised, and words."""

    state: str = ""
    assignee: str = ""
    reason: str = ""
    is_overdue: bool = False
    older_than: int | None = None
    query: str = ""


def days_to_answer() -> int:
    """Give how many days the company takes to answer."""
    found = DisputePolicy.objects.first()
    return found.days_to_answer if found else USUAL_DAYS


def disputed_line(statement: Statement, section: str, place: int) -> DisputedLine | None:
    """Give the line at a place of a section of a statement; None where there is none."""
    return next((one for one in disputed_lines(statement) if (one.section, one.place) == (section, place)), None)


def disputed_lines(statement: Statement) -> list[DisputedLine]:
    """Give every line of a statement that can be disputed."""
    return [
        _line(section, place, line)
        for section in LineSection.values
        for place, line in enumerate(statement.content.get(section, []), start=1)
    ]


def _line(section: str, place: int, line: dict[str, Any]) -> DisputedLine:
    plan, component = line.get("plan"), line["component"]
    if section == LineSection.OTHERS:
        label, earned, parts = line["reason"], line["earned_minor"], [line["kind"], line["reason"], component]
    elif section == LineSection.PRIOR:
        label, earned = f"{line['component_name']} · {line['earned_in_key']}", line["difference_minor"]
        parts = [plan, component, line["earned_in"]]
    else:
        label, earned, parts = (
            f"{line['component_name']} · {line['plan_name']}",
            line["earned_minor"],
            [plan, component],
        )
    key = digest_of([section, *parts])
    return DisputedLine(section, place, key, label[:300], UUID(plan) if plan else None, component, earned)


def dispute_rows(on: date) -> QuerySet[Any]:
    """Give all disputes with whether they wait longer than promised on a day; for services."""
    late = When(state=DisputeState.OPEN, due_on__lt=on, then=Value(True))
    rows = Dispute.objects.select_related("participant", "period", "statement", "plan")
    return rows.annotate(is_overdue=Case(late, default=Value(False), output_field=BooleanField()))


def dispute_list(viewer: Viewer, asked: DisputeFilter | None = None) -> QuerySet[Any]:
    """Give the disputes within reach, those that wait first, by the day on which they are due."""
    asked = asked or DisputeFilter()
    rows = visible(viewer, dispute_rows(viewer.on))
    if asked.state:
        rows = rows.filter(state__in=LIVE if asked.state == "live" else [asked.state])
    if asked.assignee == "nobody":
        rows = rows.filter(assignee=None)
    elif asked.assignee:
        rows = rows.filter(assignee=viewer.user_id if asked.assignee == "me" else asked.assignee)
    if asked.reason:
        rows = rows.filter(Q(cause=asked.reason) | Q(cause="", reason=asked.reason))
    if asked.is_overdue:
        rows = rows.filter(is_overdue=True)
    if asked.older_than is not None:
        rows = rows.filter(raised_on__lt=viewer.on - timedelta(days=asked.older_than))
    if asked.query:
        rows = rows.filter(Q(participant__name__icontains=asked.query) | Q(label__icontains=asked.query))
    waits = Case(When(state=DisputeState.OPEN, then=0), When(state=DisputeState.ANSWERED, then=1), default=2)
    return rows.annotate(waits=waits).order_by("waits", "due_on", "-number")


def age_days(dispute: Dispute, on: date) -> int:
    """Give how many days it took to close a dispute, or how many it has waited by a day."""
    return ((dispute.closed_on or on) - dispute.raised_on).days


def dispute_events(dispute: Dispute) -> QuerySet[DisputeEvent]:
    """Give what happened with a dispute that the viewer was given, earliest first, without the files themselves."""
    rows = DisputeEvent.objects.filter(dispute=dispute).select_related("adjustment", "credit", "deal")
    return rows.defer("content").order_by("at", "pk")


def dispute_file(viewer: Viewer, dispute_id: UUID, event_id: UUID) -> DisputeEvent | None:
    """Give the step of a dispute within reach that holds a file; None where there is none."""
    reached = visible(viewer, Dispute.objects.filter(pk=dispute_id))
    return DisputeEvent.objects.filter(dispute__in=reached, pk=event_id).exclude(file_name="").first()


def is_of_raiser(viewer: Viewer, dispute: Dispute) -> bool:
    """Tell whether the viewer raised the dispute or is paid by what it is about: both may not answer it."""
    is_paid = viewer.participant is not None and viewer.participant.pk == dispute.participant_id
    return is_paid or (viewer.user_id is not None and viewer.user_id == dispute.raised_by_id)


def may_answer(viewer: Viewer, dispute: Dispute) -> bool:
    """Tell whether the viewer may answer and decide the dispute."""
    return can_for(viewer, "dispute.answer", dispute.participant_id) and not is_of_raiser(viewer, dispute)


def is_raising_side(viewer: Viewer, dispute: Dispute) -> bool:
    """Tell whether the viewer may add to, withdraw and reopen a dispute: who raised it, who is paid, and the managers above."""
    if not viewer.can("dispute.raise"):
        return False
    reached = visible(viewer, Dispute.objects.filter(pk=dispute.pk), action="dispute.raise")
    return is_of_raiser(viewer, dispute) or reached.exists()


def dispute_open_of(statement: Statement, line: DisputedLine) -> Dispute | None:
    """Give the dispute of a line that is not closed."""
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    return Dispute.objects.filter(**same, line_key=line.key, state__in=LIVE).first()


@dataclass(frozen=True)
class Flag:
    """What a statement says of the dispute of one of its lines."""

    section: str
    place: int
    dispute: Dispute


def statement_flags(viewer: Viewer, statement: Statement) -> list[Flag]:
    """Give the latest dispute of each line of a statement that the viewer was given, where it has one."""
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    rows = visible(viewer, Dispute.objects.filter(**same)).order_by("number") if viewer.can("dispute.view") else []
    latest = {one.line_key: one for one in rows}
    if not latest:
        return []
    lines = disputed_lines(statement)
    return [Flag(one.section, one.place, latest[one.key]) for one in lines if one.key in latest]


def statements_in_dispute(viewer: Viewer, statements: Iterable[Statement]) -> set[tuple[UUID, UUID, str]]:
    """Give the person, period and currency of those statements of which a line is in dispute."""
    if not viewer.can("dispute.view"):
        return set()
    people = {one.participant_id for one in statements}
    rows = visible(viewer, Dispute.objects.filter(state__in=LIVE, participant__in=people))
    return set(rows.values_list("participant_id", "period_id", "currency"))


def answerers(on: date, *, about: Dispute | None = None) -> dict[int, str]:
    """Give the users who may answer disputes on a day, or that one, by name: neither who raised it nor who is paid."""
    right = "dispute.answer"
    keys = member_ids_for(right, about.participant_id, on=on) if about else member_ids_with(right, on=on)
    rows = Membership.objects.filter(pk__in=keys).select_related("user")
    barred = {about.participant.membership_id} if about else set()
    raiser = about.raised_by_id if about else None
    found = {one.user_id: str(one.user) for one in rows if one.pk not in barred and one.user_id != raiser}
    return dict(sorted(found.items(), key=lambda each: (each[1], each[0])))


@dataclass(frozen=True)
class Since:
    """What a later statement says of a disputed line: its own line then and now, or an adjustment of the period."""

    statement: Statement
    section: str
    place: int
    before_minor: int
    after_minor: int

    @property
    def difference_minor(self) -> int:
        """Give by how much the line moved."""
        return self.after_minor - self.before_minor


def dispute_since(viewer: Viewer, dispute: Dispute) -> list[Since]:
    """Give how the disputed line moved after it was disputed: in the latest version, and as an adjustment of a later period."""
    rows = visible(viewer, Statement.objects.filter(participant=dispute.participant_id, currency=dispute.currency))
    rows = rows.select_related("period").order_by("period_id", "-number").distinct("period_id")
    found = []
    for one in sorted(rows, key=lambda row: row.period.during.lower):
        is_same = one.period_id == dispute.period_id
        if one.issued_at <= dispute.raised_at or (is_same and one.number <= dispute.statement.number):
            continue
        found += [each for each in _moved(one, dispute) if each.difference_minor]
    return found


def _moved(statement: Statement, dispute: Dispute) -> list[Since]:
    if statement.period_id == dispute.period_id:
        lines = [one for one in disputed_lines(statement) if one.key == dispute.line_key]
        return [Since(statement, one.section, one.place, dispute.earned_minor, one.earned_minor) for one in lines]
    prior = [
        (place, line, _line(LineSection.PRIOR, place, line).key)
        for place, line in enumerate(statement.content.get("prior", []), start=1)
    ]
    own = [LineSection.PRIOR.value, str(dispute.plan_id), dispute.component, str(dispute.period_id)]
    wanted = dispute.line_key if dispute.section == LineSection.PRIOR else digest_of(own)
    return [
        Since(statement, LineSection.PRIOR, place, line["before_minor"], line["after_minor"])
        for place, line, key in prior
        if key == wanted
    ]


def adjustments_for(viewer: Viewer, dispute: Dispute) -> QuerySet[Adjustment]:
    """Give the adjustments that may be named as what mends a dispute: those of its person."""
    if not viewer.can("adjustment.view"):
        return Adjustment.objects.none()
    return adjustment_list(viewer.acting("adjustment.view")).filter(participant=dispute.participant_id)


def credits_for(viewer: Viewer, dispute: Dispute) -> QuerySet[ManualCredit]:
    """Give the manual credits that may be named as what mends a dispute: those of its person."""
    if not viewer.can("credit.view"):
        return ManualCredit.objects.none()
    return credit_list(viewer.acting("credit.view")).filter(participant=dispute.participant_id)


def fixes_posted(viewer: Viewer, events: Iterable[DisputeEvent]) -> dict[UUID, bool]:
    """Tell of each adjustment that mends a dispute whether it is posted, by its batch."""
    batches = {one.adjustment_id for one in events if one.adjustment_id}
    return (
        {}
        if not batches
        else dict(
            adjustment_list(viewer.acting("dispute.view"))
            .filter(batch__in=batches)
            .values_list("batch_id", "is_posted")
        )
    )


def disputes_overdue(on: date) -> QuerySet[Any]:
    """Give the disputes that wait for an answer longer than promised."""
    return dispute_rows(on).filter(is_overdue=True).order_by("due_on", "number")
