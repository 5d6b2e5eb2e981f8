"""Sends plan documents, keeps that they were read, accepted or declined, and reminds. Nothing of it is ever changed."""

from collections.abc import Collection
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.models import (
    AcceptancePolicy,
    DocumentEvent,
    DocumentPolicy,
    DocumentStep,
    PlanDocument,
    PlanState,
    PlanVersion,
)
from incentives.selectors.papers.acceptance import answer_of, document_rows
from incentives.selectors.papers.plan_document import blocks_digest, document_blocks, document_paper, people_on
from incentives.selectors.papers.typesetting import paper_set
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.roles.policy import Viewer, member_ids_with, require

KIND = "plan_documents"
NOTICE = "plan_document"
PART = 50
REMIND_AFTER = timedelta(days=7)


def documents_send(*, version_id: UUID, due_on: date | None, actor: Viewer) -> Job:
    """Send the document of a published version to everybody on it, by a job; who has the same already is left out."""
    require(actor, "document.send")
    version = PlanVersion.objects.select_related("plan").get(pk=version_id)
    if version.state != PlanState.PUBLISHED:
        raise ValidationError(
            f"{version.plan} version {version.number} is not published. Nothing was sent. Publish it."
        )
    arguments = {"version": str(version.pk), "due_on": due_on.isoformat() if due_on else "", "on": str(actor.on)}
    slot = f"{version.plan.code[:50]} {version.number} {timezone.localtime().isoformat()}"
    return job_enqueue(KIND, slot=slot, arguments=arguments, actor=actor)


def documents_parts(job: Job) -> list[str]:
    """Name the people of each part of a job."""
    version = PlanVersion.objects.get(pk=job.arguments["version"])
    people = people_on(version, on=date.fromisoformat(job.arguments["on"]))
    return [str(number) for number in range(-(-len(people) // PART))]


def documents_part_send(job: Job, part: int, *, actor: Viewer) -> int:
    """Send to the people of one part; gives how many documents were new."""
    version = PlanVersion.objects.select_related("plan").get(pk=job.arguments["version"])
    people = people_on(version, on=date.fromisoformat(job.arguments["on"]))[part * PART : (part + 1) * PART]
    due_on = date.fromisoformat(job.arguments["due_on"]) if job.arguments["due_on"] else None
    return sum(document_send(version=version, person=one, due_on=due_on, actor=actor) is not None for one in people)


@transaction.atomic
def document_send(
    *, version: PlanVersion, person: Participant, due_on: date | None, actor: Viewer
) -> PlanDocument | None:
    """Send a person the document of a version; None where the latest one says the same of the same version and was not declined."""
    require(actor, "document.send")
    Participant.objects.select_for_update(of=("self",)).get(pk=person.pk)
    last = PlanDocument.objects.filter(participant=person, plan=version.plan_id).order_by("-number").first()
    blocks = document_blocks(version, person, actor=actor)
    digest = blocks_digest(blocks)
    if last is not None and last.digest == digest and last.plan_version_id == version.pk and not _is_declined(last):
        return None
    number = last.number + 1 if last else 1
    content = paper_set(document_paper(version, person, blocks, last.blocks if last else None, number))
    document = PlanDocument.objects.create(
        participant=person,
        plan=version.plan,
        plan_version=version,
        number=number,
        blocks=blocks,
        digest=digest,
        content=content,
        hash=sha256(content).hexdigest(),
        due_on=due_on,
        sent_by_name=actor.name,
    )
    _tell(document, title=_title(document, last) % {"plan": version.plan.name}, slot=str(document.pk))
    return document


def _title(document: PlanDocument, last: PlanDocument | None) -> str:
    if last is None:
        return _("Your plan document is ready: %(plan)s")
    is_same = (last.digest, last.plan_version_id) == (document.digest, document.plan_version_id)
    return _("You are asked again for your answer: %(plan)s") if is_same else _("Your plan document changed: %(plan)s")


def _is_declined(document: PlanDocument) -> bool:
    """Who declined is asked again by the next sending, also by the same words: else nothing could be accepted any more."""
    answer = answer_of(document)
    return answer is not None and answer.step == DocumentStep.DECLINED


def _tell(document: PlanDocument, *, title: str, slot: str) -> None:
    member = document.participant.membership_id
    if member is not None:
        url = reverse("incentives:document_detail", args=[document.pk])
        body = _("Read it, and accept it or say why not.")
        notice_send(membership_ids=[member], kind=NOTICE, slot=slot, title=title, body=body, url=url, wants_mail=True)


def document_read(*, document: PlanDocument, actor: Viewer) -> None:
    """Keep that the person opened the document, once; nobody else's look counts."""
    if _is_own(document, actor) and not actor.is_read_only:
        values = {"hash": document.hash, "by_user_id": actor.user_id, "by_name": actor.name}
        DocumentEvent.objects.get_or_create(document=document, step=DocumentStep.READ, defaults=values)


def _is_own(document: PlanDocument, actor: Viewer) -> bool:
    return actor.participant is not None and actor.participant.pk == document.participant_id


@transaction.atomic
def document_answer(
    *, document_id: UUID, is_accepted: bool, shown_hash: str, reason: str = "", actor: Viewer
) -> DocumentEvent:
    """Keep the person's own answer to exactly the bytes that were shown; of several at once exactly one counts.

    Raises PermissionDenied for anybody else, ValidationError where it was answered or replaced, or other bytes were shown.
    """
    require(actor, "document.answer")
    document = PlanDocument.objects.select_related("participant").get(pk=document_id)
    Participant.objects.select_for_update(of=("self",)).get(pk=document.participant_id)
    if not _is_own(document, actor):
        raise PermissionDenied("A plan document is answered by the person it was sent to. Nothing was kept.")
    if answer_of(document) is not None:
        raise ValidationError("This document is answered already. Nothing was changed.")
    if PlanDocument.objects.filter(
        participant=document.participant_id, plan=document.plan_id, number__gt=document.number
    ).exists():
        raise ValidationError("A later document took the place of this one. Answer that one.")
    if shown_hash != document.hash:
        raise ValidationError("What you were shown is not this document. Open it again, and read it.")
    if not is_accepted and not reason.strip():
        raise ValidationError({"reason": "Say why you decline, so that somebody can answer."})
    step = DocumentStep.ACCEPTED if is_accepted else DocumentStep.DECLINED
    event = DocumentEvent.objects.create(
        document=document,
        step=step,
        hash=document.hash,
        reason=reason.strip(),
        by_user_id=actor.user_id,
        by_name=actor.name,
    )
    if not is_accepted:
        _tell_senders(document, actor)
    return event


def _tell_senders(document: PlanDocument, actor: Viewer) -> None:
    title = _("%(name)s declined a plan document") % {"name": document.participant.name}
    url = reverse("incentives:document_detail", args=[document.pk])
    members = member_ids_with("document.send", on=actor.on)
    notice_send(membership_ids=members, kind=NOTICE, slot=f"declined {document.pk}", title=title, url=url)


def documents_remind(*, actor: Viewer, only: Collection[UUID] = ()) -> int:
    """Remind those who have not answered: those named, or all whose document or last reminder is a week old; gives their number."""
    require(actor, "document.send")
    waiting = document_rows().filter(answer=None, is_replaced=False, participant__membership__isnull=False)
    waiting = waiting.filter(pk__in=only) if only else waiting.filter(sent_at__lt=timezone.now() - REMIND_AFTER)
    reminded = 0
    for document in waiting:
        since = timezone.now() - REMIND_AFTER
        steps = DocumentEvent.objects.filter(document=document, step=DocumentStep.REMINDED)
        if only or not steps.filter(at__gt=since).exists():
            _remind(document, steps.count() + 1, actor)
            reminded += 1
    return reminded


@transaction.atomic
def _remind(document: PlanDocument, number: int, actor: Viewer) -> None:
    DocumentEvent.objects.create(
        document=document, step=DocumentStep.REMINDED, hash=document.hash, by_user_id=actor.user_id, by_name=actor.name
    )
    title = _("Your plan document waits for your answer: %(plan)s") % {"plan": document.plan.name}
    _tell(document, title=title, slot=f"{document.pk} {number}")


def policy_choose(*, policy: str, actor: Viewer) -> None:
    """Choose what pay makes of a document that is not accepted."""
    require(actor, "document.send")
    if policy not in AcceptancePolicy.values:
        raise ValidationError({"policy": "Choose one of the three ways."})
    DocumentPolicy.objects.update_or_create(defaults={"policy": policy})
