"""Sends quota letters, and keeps what people say about them. Nothing of it is ever changed."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from planning.models import LetterEvent, LetterStep, QuotaLetter, QuotaPlan, QuotaPlanState
from planning.selectors.quota_letters import letter_list, letter_standing, letters_due
from planning.selectors.quota_plans import SheetRow, holders_of, plan_sheet
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.people.selectors import managers_of
from spm.roles.policy import Viewer, member_ids_for, require, require_for

NOTICE = "quota_letter"


@transaction.atomic
def letters_send(*, plan_id: UUID, actor: Viewer, due_on: date | None = None) -> int:
    """Send everybody in a published plan their quotas; who has the letter is left out. Gives how many were new."""
    require(actor, "cascade.edit")
    plan = QuotaPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    if plan.state != QuotaPlanState.PUBLISHED:
        raise ValidationError(f"{plan.name} is not published. Nothing was sent. Publish it first.")
    sheet = plan_sheet(plan)
    holders = holders_of({row.seat.position_id for row in sheet.rows}, sheet.periods)
    known = set(QuotaLetter.objects.filter(plan=plan).values_list("position_id", "participant_id"))
    keys = [period.key for period in sheet.periods]
    letters = [
        _letter(plan, row, keys, holders[row.seat.position_id], due_on, actor)
        for row in sheet.rows
        if row.seat.position_id in holders and (row.seat.position_id, holders[row.seat.position_id].pk) not in known
    ]
    QuotaLetter.objects.bulk_create(letters)
    for letter in letters:
        title = _("Your quotas of %(year)s are ready") % {"year": plan.year}
        _tell([letter.participant.membership_id], letter, title=title, slot=str(letter.pk), wants_mail=True)
    return len(letters)


def _letter(
    plan: QuotaPlan, row: SheetRow, keys: list[str], person: Participant, due_on: date | None, actor: Viewer
) -> QuotaLetter:
    values = [[key, one.cell.carried] for key, one in zip(keys, row.cells, strict=True)]
    return QuotaLetter(
        plan=plan,
        position_id=row.seat.position_id,
        participant=person,
        values=values,
        total=row.carried,
        reliefs=[one.reason for one in row.reliefs],
        due_on=due_on,
        sent_by_name=actor.name,
    )


@transaction.atomic
def letters_remind(*, on: date, actor: Viewer) -> int:
    """Remind, by notice and mail, whose letter in force is to be answered within REMIND_DAYS, and once more when that day is past.

    A letter that is accepted, waits for an answer to a wish, is replaced, or is late by more than LATE_DAYS is left out. Gives how many
    letters are due; the same night again tells nobody twice.
    """
    require(actor, "cascade.edit")
    letters = list(letters_due(actor, on=on))
    for letter in letters:
        is_late = letter.due_on is not None and letter.due_on < on
        title = _("Your answer about your quotas of %(year)s is due on %(day)s")
        if is_late:
            title = _("Your answer about your quotas of %(year)s was due on %(day)s")
        slot = f"{letter.pk}:{'late' if is_late else 'due'}"
        said = title % {"year": letter.plan.year, "day": letter.due_on}
        _tell([letter.participant.membership_id], letter, title=said, slot=slot, wants_mail=True)
    return len(letters)


@transaction.atomic
def letter_answer(*, letter_id: UUID, is_accepted: bool, actor: Viewer, reason: str = "") -> LetterEvent:
    """Keep the person's own answer: accepted, or a change asked with its reason. Of several at once exactly one counts.

    Raises QuotaLetter.DoesNotExist for the letter of anybody else, and ValidationError where it is accepted, or a wish waits.
    """
    require(actor, "quota.answer")
    letter = _letter_locked(letter_id, actor)
    if actor.participant is None or actor.participant.pk != letter.participant_id:
        raise QuotaLetter.DoesNotExist
    standing = letter_standing(letter)
    if standing == LetterStep.ACCEPTED:
        raise ValidationError("This letter is accepted already. Nothing was changed.")
    if not is_accepted and standing == LetterStep.CHANGE_ASKED:
        raise ValidationError("A change is asked already. Wait for its answer, or accept.")
    if not is_accepted and not reason.strip():
        raise ValidationError({"reason": "Say what should change and why, so that somebody can answer."})
    event = _event(letter, LetterStep.ACCEPTED if is_accepted else LetterStep.CHANGE_ASKED, reason, actor)
    if not is_accepted:
        title = _("%(name)s asks for another quota") % {"name": letter.participant.name}
        _tell(_answering(letter, actor), letter, title=title, slot=str(event.pk))
    return event


@transaction.atomic
def letter_settle(*, letter_id: UUID, step: str, text: str, actor: Viewer) -> LetterEvent:
    """Answer what was asked about a letter within reach: say something, agree, or refuse; never about one's own letter.

    An agreed change is made in a revision of the plan, whose publication sends a new letter.
    """
    letter = _letter_locked(letter_id, actor)
    require_for(actor, "quota.settle", letter.participant_id)
    if actor.participant is not None and actor.participant.pk == letter.participant_id:
        raise PermissionDenied("Somebody else answers what you asked about your own quota. Nothing was kept.")
    if step not in (LetterStep.ANSWERED, LetterStep.CHANGE_AGREED, LetterStep.CHANGE_REFUSED):
        raise ValidationError({"step": "Choose: answer, agree or refuse."})
    if step != LetterStep.ANSWERED and letter_standing(letter) != LetterStep.CHANGE_ASKED:
        raise ValidationError("No change is asked of this letter. Nothing was kept.")
    if not text.strip():
        raise ValidationError({"text": "Say why, so that the person can follow."})
    event = _event(letter, LetterStep(step), text, actor)
    title = _("Your wish about your quotas was answered")
    _tell([letter.participant.membership_id], letter, title=title, slot=str(event.pk))
    return event


def _letter_locked(letter_id: UUID, actor: Viewer) -> QuotaLetter:
    """A letter within reach, after the person's row is locked, so that answers come one after another."""
    letter = letter_list(actor.acting("quota.view")).get(pk=letter_id)
    Participant.objects.select_for_update(of=("self",)).get(pk=letter.participant_id)
    return letter


def _event(letter: QuotaLetter, step: LetterStep, text: str, actor: Viewer) -> LetterEvent:
    return LetterEvent.objects.create(
        letter=letter, step=step, text=text.strip()[:1000], by_user_id=actor.user_id, by_name=actor.name
    )


def _answering(letter: QuotaLetter, actor: Viewer) -> list[int]:
    """The accounts of those above the person and of those who set quotas."""
    above = [one.membership_id for one in managers_of(letter.participant_id, on=actor.on)[:1]]
    setting = member_ids_for("quota.edit", letter.participant_id, on=actor.on)
    return sorted({*setting, *(one for one in above if one is not None)})


def _tell(
    members: Collection[int | None], letter: QuotaLetter, *, title: str, slot: str, wants_mail: bool = False
) -> None:
    known = [one for one in members if one is not None]
    if known:
        url = reverse("planning:quota_letter", args=[letter.pk])
        notice_send(membership_ids=known, kind=NOTICE, slot=slot, title=title, url=url, wants_mail=wants_mail)
