"""Keeps evidence, and enters scores for a second person to approve."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from planning.models import Period, Score, ScoreEvidence
from spm.approvals.selectors import approval_latest
from spm.approvals.services import approval_ask, approval_withdraw
from spm.core.money import RATE_SCALE
from spm.people.models import Participant
from spm.roles.policy import Viewer, require, visible

SCORE = "score"
LARGEST_FILE = 2 * 1024 * 1024


@transaction.atomic
def score_enter(
    *, participant_id: UUID, period_id: UUID, objective: str, score_rate: int, evidence: str, actor: Viewer
) -> Score:
    """Enter a score with its evidence, and ask a second person to approve it; a changed score is asked for anew.

    Raises PermissionDenied for a person out of reach or oneself.
    """
    require(actor, "score.edit")
    person = visible(actor, Participant.objects.all(), participant="pk", action="score.edit").filter(pk=participant_id)
    if not person or (actor.participant is not None and actor.participant.pk == participant_id):
        raise PermissionDenied("Scores are entered for others within reach. Nothing was entered.")
    period = Period.objects.filter(pk=period_id).first()
    _check_score(period, objective, score_rate, evidence)
    place = {"participant": person[0], "period": period, "objective": objective.strip()}
    values = {"score_rate": score_rate, "evidence": evidence.strip()}
    score = Score.objects.select_for_update(of=("self",)).filter(**place).first() or Score(**place)
    content = score_digest(values)
    if score.content == content and approval_latest(SCORE, score.pk) is not None:
        return score
    approval_withdraw(kind=SCORE, key=score.pk)
    score.score_rate, score.evidence, score.content = score_rate, evidence.strip(), content
    score.entered_by_name = actor.name
    score.save()
    _ask(score, actor)
    return score


def score_digest(values: Mapping[str, object]) -> str:
    """Give the digest of what a second person approves: the score and its evidence."""
    return sha256(f"{values['score_rate']} {values['evidence']}".encode()).hexdigest()


def _check_score(period: Period | None, objective: str, score_rate: int, evidence: str) -> None:
    if period is None:
        raise ValidationError({"period": "This period is not known in the company. Choose another."})
    if not objective.strip():
        raise ValidationError({"objective": "Name the objective by its key in the plan."})
    if not 0 <= score_rate <= 10 * RATE_SCALE:
        raise ValidationError({"score": "A score is between 0 % and 1,000 %. Correct it."})
    if not evidence.strip():
        raise ValidationError({"evidence": "Say what shows the score: a document, a figure, a date."})


def _ask(score: Score, actor: Viewer) -> None:
    percent = f"{score.score_rate / (RATE_SCALE // 100):g} %"
    approval_ask(
        kind=SCORE,
        key=score.pk,
        content=score.content,
        action="score.approve",
        title=f"Score of {score.participant.name}: {score.objective}, {score.period.key}, {percent}",
        url=f"{reverse('planning:score_list')}?period={score.period_id}",
        reason=score.evidence,
        about_id=score.participant_id,
        actor=actor,
    )


@dataclass(frozen=True)
class Shown:
    """What evidence shows: a text, a link, a file; at least one of them."""

    text: str = ""
    link: str = ""
    file_name: str = ""
    content: bytes = b""


@transaction.atomic
def evidence_give(
    *, participant_id: UUID, period_id: UUID, objective: str, shown: Shown, actor: Viewer
) -> ScoreEvidence:
    """Keep what somebody shows for an objective. Nothing is changed afterwards: what was wrong is answered by further evidence.

    Raises PermissionDenied for a person out of reach.
    """
    require(actor, "evidence.give")
    people = visible(actor, Participant.objects.all(), participant="pk", action="evidence.give")
    person = people.filter(pk=participant_id).first()
    if person is None:
        raise PermissionDenied("Evidence is given for oneself, or for others within reach. Nothing was kept.")
    period = Period.objects.filter(pk=period_id).first()
    if period is None:
        raise ValidationError({"period": "This period is not known in the company. Choose another."})
    if not objective.strip():
        raise ValidationError({"objective": "Name the objective by its key in the plan."})
    if not (shown.text.strip() or shown.link or shown.file_name):
        raise ValidationError("Nothing is shown yet. Write a text, give a link or choose a file.")
    if len(shown.content) > LARGEST_FILE:
        raise ValidationError({"file": "The file has more than 2 MB. Choose a smaller one, or give a link to it."})
    evidence = ScoreEvidence(
        participant=person,
        period=period,
        objective=objective.strip(),
        text=shown.text.strip(),
        link=shown.link,
        file_name=shown.file_name,
        content=shown.content,
        given_by_name=actor.name,
    )
    evidence.full_clean(exclude=["id", "organisation_id"], validate_constraints=False)
    evidence.save(force_insert=True)
    return evidence
