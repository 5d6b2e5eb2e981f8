"""Quota letters: who was told what, what they said, and where each letter stands."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from planning.models import LetterEvent, LetterStep, QuotaLetter
from spm.roles.policy import Viewer, visible

OPEN = "open"
"""Neither accepted nor asked to be changed yet."""


def letter_list(viewer: Viewer) -> QuerySet[QuotaLetter]:
    """Give the letters within reach, latest first, each with `standing`: the last step but an answer, null for none."""
    steps = LetterEvent.objects.filter(letter=OuterRef("pk")).exclude(step=LetterStep.ANSWERED).order_by("-at", "-pk")
    rows = QuotaLetter.objects.annotate(standing=Subquery(steps.values("step")[:1]))
    return (
        visible(viewer, rows, participant="participant")
        .select_related("plan", "position", "participant")
        .order_by("-sent_at", "participant__name", "pk")
    )


def letters_waiting(viewer: Viewer) -> list[QuotaLetter]:
    """Give the viewer's own letters that are not accepted yet."""
    if viewer.participant is None:
        return []
    rows = letter_list(viewer).filter(participant=viewer.participant)
    return [letter for letter in rows if letter_standing(letter) != LetterStep.ACCEPTED]


@dataclass(frozen=True)
class LetterCount:
    """How many letters stand where."""

    accepted: int
    asked: int
    waiting: int


def letter_count(letters: list[QuotaLetter]) -> LetterCount:
    """Count letters by where they stand; an answered wish waits for acceptance again."""
    standing = [getattr(one, "standing", None) for one in letters]
    accepted, asked = standing.count(LetterStep.ACCEPTED), standing.count(LetterStep.CHANGE_ASKED)
    return LetterCount(accepted, asked, len(letters) - accepted - asked)


def letter_events(letter: QuotaLetter) -> list[LetterEvent]:
    """Give what was said about a letter, oldest first."""
    return list(LetterEvent.objects.filter(letter=letter).order_by("at", "pk"))


def letter_standing(letter: QuotaLetter) -> str:
    """Give where a letter stands: its last step but an answer."""
    steps = [event.step for event in letter_events(letter) if event.step != LetterStep.ANSWERED]
    return steps[-1] if steps else OPEN
