"""Quota letters: who was told what, what they said, and where each letter stands."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from planning.models import LetterEvent, LetterStep, QuotaLetter, QuotaPlanState, QuotaSeat
from spm.roles.policy import Viewer, visible

OPEN = "open"
"""Neither accepted nor asked to be changed yet."""
REMIND_DAYS = 3
"""How many days before its day an answer is due to be reminded of."""
LATE_DAYS = 30
"""How many days after its day a late answer is still waited for."""


def letter_list(viewer: Viewer) -> QuerySet[QuotaLetter]:
    """Give the letters within reach, latest first, each with `standing`: the last step but an answer, null for none."""
    steps = LetterEvent.objects.filter(letter=OuterRef("pk")).exclude(step=LetterStep.ANSWERED).order_by("-at", "-pk")
    rows = QuotaLetter.objects.annotate(standing=Subquery(steps.values("step")[:1]))
    return (
        visible(viewer, rows, participant="participant")
        .select_related("plan", "position", "participant")
        .order_by("-sent_at", "participant__name", "pk")
    )


def letters_in_force(viewer: Viewer) -> QuerySet[QuotaLetter]:
    """Give the letters within reach whose quotas no plan that was published later for the same position has replaced."""
    later = QuotaSeat.objects.filter(
        position=OuterRef("position"),
        plan__calendar=OuterRef("plan__calendar"),
        plan__year=OuterRef("plan__year"),
        plan__measure=OuterRef("plan__measure"),
        plan__state=QuotaPlanState.PUBLISHED,
        plan__published_at__gt=OuterRef("plan__published_at"),
    )
    return letter_list(viewer).filter(~Exists(later))


def letters_due(viewer: Viewer, *, on: date) -> QuerySet[QuotaLetter]:
    """Give the letters in force that somebody is to be reminded of on the day: neither accepted nor waiting for an answer to a wish."""
    days = (on - timedelta(days=LATE_DAYS), on + timedelta(days=REMIND_DAYS))
    answered = Q(standing__in=[LetterStep.ACCEPTED, LetterStep.CHANGE_ASKED])
    return letters_in_force(viewer).filter(Q(standing=None) | ~answered, due_on__range=days)


def letters_waiting(viewer: Viewer) -> list[QuotaLetter]:
    """Give the viewer's own letters in force that are not accepted yet."""
    if viewer.participant is None:
        return []
    own = letters_in_force(viewer).filter(participant=viewer.participant)
    return list(own.filter(Q(standing=None) | ~Q(standing=LetterStep.ACCEPTED)))


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
