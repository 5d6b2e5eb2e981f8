"""The deal that a text names on a page, in a file or in an answer: by its key, or by its id where several sources use the key."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from spm.core.ids import id_of
from spm.crm.models import Opportunity
from spm.crm.selectors.visibility import visible_facts
from spm.roles.models import Reach
from spm.roles.policy import Viewer


def deals_nameable(viewer: Viewer) -> QuerySet[Opportunity]:
    """Give the deals that somebody may name: any of the company for who reaches all of it, else those that they see."""
    rows = Opportunity.objects.all()
    if viewer.reach is Reach.ALL:
        return rows
    return rows.filter(pk__in=visible_facts(viewer, "opportunity", withdrawn=True).values("fact"))


def deal_of_key(text: str, viewer: Viewer) -> Opportunity:
    """Give the deal among those that the viewer may name; raises ValidationError where none is meant, or several are."""
    key = text.strip()
    rows, meant = deals_nameable(viewer), id_of(key)
    found = list(rows.filter(source_key=key)[:2]) or list(rows.filter(pk=meant) if meant else ())
    if not found:
        raise ValidationError(
            f"There is no deal {key[:60]}. Write its key as the list of deals gives it, or leave it empty."
        )
    if len(found) > 1:
        raise ValidationError(
            f"There are several deals of the key {key[:60]}, of several sources. Write the id of the one that is meant."
        )
    return found[0]
