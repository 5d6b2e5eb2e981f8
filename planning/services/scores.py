"""Writes the factors of scores as a draft, and puts them in force."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from planning.engine.scoring import MOST_FACTORS, MOST_WEIGHT, Missing, Scaling
from planning.models import ScoreCard, ScoreKind, ScoreState
from planning.selectors.scores import FIELDS, TEXT_FIELDS
from spm.roles.policy import Viewer, require

LARGEST = 10**15
MOST_ROWS = 200


@transaction.atomic
def score_card_save(*, kind: str, factors: Sequence[Mapping[str, Any]], actor: Viewer) -> ScoreCard:
    """Write the draft of a score; raises ValidationError naming the factor that can't be computed."""
    require(actor, "territory.edit")
    if not 1 <= len(factors) <= MOST_FACTORS:
        raise ValidationError(f"A score has 1 to {MOST_FACTORS} factors. Add one, or take some away.")
    checked = [_factor(number, each) for number, each in enumerate(factors, 1)]
    names = [each["name"].casefold() for each in checked]
    if len(set(names)) != len(names):
        raise ValidationError(
            "Two factors have the same name. Give each its own, so that their shares can be told apart."
        )
    card, _is_new = ScoreCard.objects.select_for_update().update_or_create(
        kind=ScoreKind(kind),
        state=ScoreState.DRAFT,
        defaults={"factors": checked, "written_by_name": actor.name},
    )
    return card


@transaction.atomic
def score_card_start(*, kind: str, actor: Viewer) -> ScoreCard:
    """Put the draft of a score in force in the place of what was; raises ScoreCard.DoesNotExist where there is none."""
    require(actor, "territory.edit")
    draft = ScoreCard.objects.select_for_update().get(kind=kind, state=ScoreState.DRAFT)
    for card in ScoreCard.objects.select_for_update().filter(kind=kind, state=ScoreState.IN_FORCE):
        card.state = ScoreState.REPLACED
        card.save(update_fields=["state"])
    draft.state, draft.in_force_at = ScoreState.IN_FORCE, timezone.now()
    draft.save(update_fields=["state", "in_force_at"])
    return draft


@transaction.atomic
def score_card_discard(*, kind: str, actor: Viewer) -> None:
    """Throw the draft of a score away; raises ScoreCard.DoesNotExist where there is none."""
    require(actor, "territory.edit")
    ScoreCard.objects.select_for_update().get(kind=kind, state=ScoreState.DRAFT).delete()


def _factor(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A factor in its one form."""
    where, name = f"Factor {number}", str(given.get("name", "")).strip()
    field, scaling, missing = (str(given.get(key, "")) for key in ("field", "scaling", "missing"))
    if not 1 <= len(name) <= 100:
        raise ValidationError(f"{where} needs a name of at most 100 letters.")
    if field not in FIELDS:
        raise ValidationError(f"{where} asks the field “{field}”. There are: {', '.join(FIELDS)}.")
    if missing not in list(Missing):
        raise ValidationError(f"{where} says nothing of unknown values. They count: {', '.join(Missing)}.")
    fits = (Scaling.TABLE,) if field in TEXT_FIELDS else (Scaling.LINEAR, Scaling.LOG)
    if scaling not in fits:
        raise ValidationError(f"{where} can't scale {field} by “{scaling}”. It can by: {', '.join(fits)}.")
    found: dict[str, Any] = {"name": name, "field": field, "scaling": scaling, "missing": missing}
    found["weight"] = _whole(f"The weight of {where.lower()}", given.get("weight"), 1, MOST_WEIGHT)
    if scaling == Scaling.TABLE:
        return found | {"table": _table(where, given.get("table") or ())}
    least = 1 if scaling == Scaling.LOG else 0
    low, high = (_whole(f"“{end}” of {where.lower()}", given.get(end), least, LARGEST) for end in ("low", "high"))
    if low == high:
        raise ValidationError(
            f"{where} begins and ends at the same value, so nothing lies between. Change one of them."
        )
    return found | {"low": low, "high": high}


def _table(where: str, given: Sequence[Sequence[Any]]) -> list[list[Any]]:
    if not 1 <= len(given) <= MOST_ROWS:
        raise ValidationError(f"{where} needs 1 to {MOST_ROWS} texts with their points.")
    rows = [[str(text).strip(), _whole(f"The points of “{text}”", points, 0, 100)] for text, points in given]
    texts = [str(text).casefold() for text, _points in rows]
    if len(set(texts)) != len(texts) or not all(texts):
        raise ValidationError(f"{where} has an empty text, or one twice. Keep one of each.")
    return rows


def _whole(what: str, given: Any, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise ValidationError(f"{what} is a whole number from {least} to {most}; money is in minor units.")
    return given
