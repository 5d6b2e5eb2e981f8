"""The deal that a text names on a page, in a file or in an answer: by its key, or by its id where several sources use the key."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from spm.crm.models import Opportunity


def deal_of_key(text: str) -> Opportunity:
    """Give the deal; raises ValidationError where none is meant, or several are."""
    key = text.strip()
    found = list(Opportunity.objects.filter(source_key=key)[:2]) or list(_of_id(key))
    if not found:
        raise ValidationError(
            f"There is no deal {key[:60]}. Write its key as the list of deals gives it, or leave it empty."
        )
    if len(found) > 1:
        raise ValidationError(
            f"There are several deals of the key {key[:60]}, of several sources. Write the id of the one that is meant."
        )
    return found[0]


def _of_id(text: str) -> QuerySet[Opportunity]:
    try:
        return Opportunity.objects.filter(pk=UUID(text))
    except ValueError:
        return Opportunity.objects.none()
