"""Disputes: raised from a line of a statement, talked about, withdrawn and reopened by those who doubt.

Every step takes the lock of its dispute, so that of two at once the second sees what the first did. No figure leaves by mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from incentives.models import (
    Dispute,
    DisputeEvent,
    DisputePolicy,
    DisputeReason,
    DisputeState,
    DisputeStep,
    Statement,
)
from incentives.selectors.disputes import (
    DisputedLine,
    days_to_answer,
    dispute_open_of,
    disputed_line,
    disputes_overdue,
    is_raising_side,
)
from spm.hooks.services.events import event_emit
from spm.notices.models import Notice
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.roles.policy import Viewer, member_ids_for, member_ids_of, require, require_for, visible

NOTICE = "dispute"
LONGEST = 5_000
LARGEST_FILE = 2 * 1024 * 1024
LARGEST = 10**15


@dataclass(frozen=True)
class Said:
    """What somebody says and shows: a text, and a file where there is one."""

    text: str
    file_name: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Doubt:
    """What is doubted of a line: why, what it should have come to (minor units) and which deal it is about, where that is known."""

    reason: str
    claimed_minor: int | None = None
    deal: str = ""


@transaction.atomic
def dispute_raise(*, statement_id: UUID, section: str, place: int, doubt: Doubt, said: Said, actor: Viewer) -> Dispute:
    """Raise a dispute about a line of a statement within reach; of one line one dispute is open at a time.

    Raises Statement.DoesNotExist out of reach, ValidationError where the line is disputed already; it names that dispute.
    """
    require(actor, "dispute.raise")
    rows = visible(actor, Statement.objects.select_related("participant"), action="dispute.raise")
    statement = rows.get(pk=statement_id)
    line = disputed_line(statement, section, place)
    if line is None:
        raise ValidationError({"place": "The statement has no such line. Choose one that it shows."})
    _check_doubt(doubt)
    said_check(said)
    _number_lock()
    _check_newest(statement)
    _check_free(statement, line)
    dispute = _create(statement, line, doubt, actor)
    event_add(dispute, DisputeStep.RAISED, said, actor)
    outside_tell("dispute.opened", dispute)
    title = _("%(dispute)s was raised") % {"dispute": dispute}
    tell(dispute, _answering(dispute, actor.on), title=title, slot="raised", actor=actor)
    return dispute


def _create(statement: Statement, line: DisputedLine, doubt: Doubt, actor: Viewer) -> Dispute:
    return Dispute.objects.create(
        number=(Dispute.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        participant=statement.participant,
        period_id=statement.period_id,
        statement=statement,
        section=line.section,
        place=line.place,
        line_key=line.key,
        label=line.label,
        plan_id=line.plan_id,
        component=line.component,
        currency=statement.currency,
        earned_minor=line.earned_minor,
        claimed_minor=doubt.claimed_minor,
        deal=doubt.deal.strip(),
        reason=doubt.reason,
        raised_by_id=actor.user_id,
        raised_by_name=actor.name,
        raised_on=actor.on,
        due_on=due_from(actor.on),
    )


def _check_doubt(doubt: Doubt) -> None:
    if doubt.reason not in DisputeReason.values:
        raise ValidationError({"reason": f"It may be: {', '.join(DisputeReason.values)}."})
    if doubt.claimed_minor is not None and abs(doubt.claimed_minor) > LARGEST:
        raise ValidationError({"claimed": "This is more than any pay. Write what the line should come to."})
    if len(doubt.deal) > 200:
        raise ValidationError({"deal": "The key of a deal has up to 200 characters."})


def _check_newest(statement: Statement) -> None:
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    newer = Statement.objects.filter(**same, number__gt=statement.number).order_by("-number").first()
    if newer is not None:
        raise ValidationError(
            f"Version {newer.number} took the place of this statement. Read its line, and dispute that one if it is still wrong."
        )


def _check_free(statement: Statement, line: DisputedLine) -> None:
    other = dispute_open_of(statement, line)
    if other is not None:
        address = reverse("incentives:dispute_detail", args=[other.pk])
        raise ValidationError({"place": f"{other} about this line is open already: {address}. Add to it."})


@transaction.atomic
def dispute_say(*, dispute_id: UUID, said: Said, actor: Viewer) -> DisputeEvent:
    """Add to an open dispute on the side of who raised it; what was answered waits for the company again."""
    dispute = dispute_locked(dispute_id, actor)
    _check_side(dispute, actor)
    _check_live(dispute)
    said_check(said)
    if dispute.state == DisputeState.ANSWERED:
        dispute.state, dispute.due_on = DisputeState.OPEN, due_from(actor.on)
        dispute.save()
    event = event_add(dispute, DisputeStep.SAID, said, actor)
    title = _("%(name)s added to %(dispute)s") % {"name": actor.name, "dispute": dispute}
    tell(dispute, _answering(dispute, actor.on), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_withdraw(*, dispute_id: UUID, said: Said, actor: Viewer) -> DisputeEvent:
    """Take back an open dispute; raises ValidationError where it is closed."""
    dispute = dispute_locked(dispute_id, actor)
    _check_side(dispute, actor)
    _check_live(dispute)
    said_check(said)
    dispute.state, dispute.closed_on = DisputeState.WITHDRAWN, actor.on
    dispute.save()
    event = event_add(dispute, DisputeStep.WITHDRAWN, said, actor)
    title = _("%(dispute)s was withdrawn") % {"dispute": dispute}
    tell(dispute, _answering(dispute, actor.on), title=title, slot=str(event.pk), actor=actor)
    return event


@transaction.atomic
def dispute_reopen(*, dispute_id: UUID, said: Said, actor: Viewer) -> DisputeEvent:
    """Open a closed dispute again, with a new day to answer by; raises ValidationError where another of its line is open."""
    dispute = dispute_locked(dispute_id, actor)
    _check_side(dispute, actor)
    if dispute.is_live:
        raise ValidationError("This dispute is open. Nothing was changed.")
    said_check(said)
    _number_lock()
    same = {"participant": dispute.participant_id, "period": dispute.period_id, "currency": dispute.currency}
    other = Dispute.objects.filter(**same, line_key=dispute.line_key, state__in=("open", "answered")).first()
    if other is not None:
        raise ValidationError(f"{other} about this line is open already. Add to it.")
    dispute.state, dispute.closed_on, dispute.cause = DisputeState.OPEN, None, ""
    dispute.round, dispute.due_on = dispute.round + 1, due_from(actor.on)
    dispute.save()
    event = event_add(dispute, DisputeStep.REOPENED, said, actor)
    title = _("%(dispute)s was reopened") % {"dispute": dispute}
    tell(dispute, _answering(dispute, actor.on), title=title, slot=str(event.pk), actor=actor)
    return event


def days_choose(*, days: int, actor: Viewer) -> None:
    """Choose how many days the company takes to answer; it holds for what is raised or added from now on."""
    require_for(actor, "dispute.answer", None)
    if not 1 <= days <= 90:
        raise ValidationError({"days_to_answer": "An answer takes between 1 and 90 days. Choose a number of days."})
    DisputePolicy.objects.update_or_create(defaults={"days_to_answer": days})


def disputes_remind(*, on: date) -> int:
    """Tell who answers of each dispute that waits longer than promised, once per due day; gives how many are new."""
    told = 0
    for dispute in disputes_overdue(on):
        slot = f"{dispute.pk} overdue {dispute.due_on}"
        if Notice.objects.filter(kind=NOTICE, slot=slot).exists():
            continue
        title = _("%(dispute)s waits longer than promised") % {"dispute": dispute}
        tell(dispute, _answering(dispute, on), title=title, slot=slot.partition(" ")[2])
        told += 1
    return told


def due_from(day: date) -> date:
    """Give the day by which what is asked on a day is answered."""
    return day + timedelta(days=days_to_answer())


def dispute_locked(dispute_id: UUID, actor: Viewer) -> Dispute:
    """Give a dispute that the actor sees, and let nobody else change it meanwhile; raises Dispute.DoesNotExist out of reach."""
    reached = visible(actor, Dispute.objects.all(), action="dispute.view").get(pk=dispute_id)
    return Dispute.objects.select_for_update(of=("self",)).select_related("participant", "statement").get(pk=reached.pk)


def said_check(said: Said, *, needs_text: bool = True) -> None:
    """Raise ValidationError where nothing is said, or more than is taken."""
    if needs_text and not said.text.strip():
        raise ValidationError({"text": "Say it in words, so that the other side can answer."})
    if len(said.text) > LONGEST:
        raise ValidationError(
            {"text": f"The text has {len(said.text)} characters, up to {LONGEST} are kept. Shorten it."}
        )
    if "\0" in said.text or "\0" in said.file_name:
        raise ValidationError({"text": "It holds the NUL character, which no text has."})
    if len(said.file_name) > 200:
        raise ValidationError({"file": "The name of the file has more than 200 characters. Shorten it."})
    if said.file_name and not said.content:
        raise ValidationError({"file": "The file is empty. Choose another."})
    if said.content and not said.file_name:
        raise ValidationError({"file": "Name the file, with its ending."})
    if len(said.content) > LARGEST_FILE:
        raise ValidationError({"file": "The file has more than 2 MB. Choose a smaller one."})


def event_add(dispute: Dispute, step: DisputeStep, said: Said, actor: Viewer, **more: object) -> DisputeEvent:
    """Keep a step of a dispute."""
    return DisputeEvent.objects.create(
        dispute=dispute,
        round=dispute.round,
        step=step,
        text=said.text.strip(),
        file_name=said.file_name,
        content=said.content,
        by_user_id=actor.user_id,
        by_name=actor.name,
        **more,
    )


def outside_tell(kind: str, dispute: Dispute) -> None:
    """Let other systems know of a dispute."""
    path = reverse("api_incentives_dispute", args=[dispute.pk])
    event_emit(kind, key=dispute.pk, path=path, state=dispute.state)


def tell(dispute: Dispute, members: Iterable[int], *, title: str, slot: str, actor: Viewer | None = None) -> None:
    """Leave a notice for members but the actor. It names the dispute and no figure."""
    mine = actor.membership_id if actor is not None else None
    notice_send(
        membership_ids=sorted({each for each in members if each != mine}),
        kind=NOTICE,
        slot=f"{dispute.pk} {slot}",
        title=title,
        body=_("Open it to read and to answer."),
        url=reverse("incentives:dispute_detail", args=[dispute.pk]),
        wants_mail=True,
    )


def doubting(dispute: Dispute) -> list[int]:
    """Give the memberships of who raised a dispute and of who is paid."""
    raised = member_ids_of([dispute.raised_by_id]) if dispute.raised_by_id else []
    paid = Participant.objects.filter(pk=dispute.participant_id, membership__isnull=False)
    return sorted({*raised, *paid.values_list("membership_id", flat=True)})


def _answering(dispute: Dispute, on: date) -> list[int]:
    """The memberships of who answers: the assignee while they may, else everybody who may."""
    able = member_ids_for("dispute.answer", dispute.participant_id, on=on)
    assigned = member_ids_of([dispute.assignee_id]) if dispute.assignee_id else []
    return [key for key in assigned if key in able] or able


def _check_side(dispute: Dispute, actor: Viewer) -> None:
    require(actor, "dispute.raise")
    if not is_raising_side(actor, dispute):
        raise PermissionDenied(
            "This is for who raised the dispute, who is paid, and the managers above. Nothing was changed."
        )


def _check_live(dispute: Dispute) -> None:
    if not dispute.is_live:
        raise ValidationError(f"{dispute} is {dispute.get_state_display().lower()}. Reopen it, and say why.")


def _number_lock() -> None:
    """Let one new dispute of the company wait for another, so that numbers have no gap and a line is disputed once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('dispute:' || current_setting('app.organisation_id'), 0))"
        )
