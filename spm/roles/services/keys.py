"""Service keys: tokens of machines, for one company, with rights of their own; expiring, shown once, hashed at rest."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from spm.identity.models import ApiToken, User
from spm.roles.catalogue import ACTIONS, FOR_PEOPLE
from spm.roles.policy import Viewer, only_reads, require, user_id_of
from spm.roles.selectors import key_list
from spm.roles.services.tokens import LONGEST_DAYS

MOST_KEYS = 50


def key_create(
    *, name: str, rights: Collection[str], last_on: date, note: str = "", actor: Viewer
) -> tuple[ApiToken, str]:
    """Make a key that may what `rights` name, until the end of `last_on`; gives it with its secret, which is never stored.

    Raises ValidationError for a right that needs a person, no right, a name that another key has, or a last day out of bounds.
    """
    require(actor, "key.edit")
    ends_at = _end(last_on, actor)
    if key_list(actor).filter(expiry__gt=timezone.now()).count() >= MOST_KEYS:
        raise ValidationError(
            f"The company has {MOST_KEYS} service keys already. Revoke one that is not used any more."
        )
    try:
        with transaction.atomic():
            key, secret = ApiToken.objects.create(
                user=User.objects.get(pk=user_id_of(actor)),
                expiry=ends_at - timezone.now(),
                organisation=actor.organisation,
                name=" ".join(name.split()),
                rights=_checked(rights),
                read_only=all(only_reads(each) for each in rights),
                note=note.strip(),
            )
            key.expiry = ends_at  # What is made takes a duration, which is counted from a moment later
            key.save(update_fields=["expiry"])
            return key, secret
    except IntegrityError as error:
        if "service_key_name_once" not in str(error):
            raise
        raise ValidationError(
            {"name": "Another service key has this name. The audit would not tell them apart; choose another."}
        ) from error


def key_revoke(*, key_id: UUID, actor: Viewer) -> None:
    """End a key of the company with the next request; raises ApiToken.DoesNotExist where there is none."""
    require(actor, "key.edit")
    key_list(actor).get(pk=key_id).delete()


def _checked(rights: Collection[str]) -> list[str]:
    if not rights:
        raise ValidationError({"rights": "Choose at least one right: a key that may nothing opens nothing."})
    unknown = sorted(set(rights) - ACTIONS.keys())
    if unknown:
        raise ValidationError({"rights": f"There is no right {', '.join(unknown)}."})
    for_people = sorted(set(rights) & FOR_PEOPLE)
    if for_people:
        raise ValidationError({"rights": f"Only a person may do this: {' '.join(ACTIONS[one] for one in for_people)}"})
    return sorted(set(rights))


def _end(last_on: date, actor: Viewer) -> datetime:
    if not actor.on <= last_on <= actor.on + timedelta(days=LONGEST_DAYS):
        raise ValidationError({"last_on": f"A key is valid until today at least and for {LONGEST_DAYS} days at most."})
    return datetime.combine(last_on + timedelta(days=1), time(), ZoneInfo(actor.organisation.time_zone))
