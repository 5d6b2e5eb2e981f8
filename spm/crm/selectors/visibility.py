"""Whose facts a viewer sees: those of the people within reach. An account is seen too where one of its deals is."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from spm.crm.kinds import fact_kind
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible

ACTION = "fact.view"
_OWNED = ("lead", "opportunity", "order", "contract", "activity")
_OF_ALL = ("product", "price")
_PARENTS = {
    "stage_change": ("opportunity",),
    "order_line": ("order",),
    "invoice": ("order", "contract"),
    "credit_note": ("invoice",),
    "payment": ("invoice",),
}


def visible_facts(viewer: Viewer, kind: str, *, withdrawn: bool = False) -> QuerySet[Any]:
    """Give what is known now of a kind, cut to what the viewer sees; with `withdrawn` also what was known last of withdrawn facts."""
    versions = fact_kind(kind).version._default_manager
    rows = versions.last_known() if withdrawn else versions.current()
    if kind in _OF_ALL or viewer.acting(ACTION).reach is Reach.ALL:
        return rows
    return _CUTS.get(kind, _of_parents)(viewer, kind, rows)


def deal_owners(viewer: Viewer) -> list[UUID] | None:
    """Give the people whose deals the viewer sees; None: every deal, also those of nobody. For sums of deals that a person is shown."""
    looking = viewer.acting(ACTION)
    return None if looking.reach is Reach.ALL else sorted(looking.participant_ids)


def _owned(viewer: Viewer, kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    return visible(viewer, rows, participant="owner", action=ACTION)


def _accounts(viewer: Viewer, kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    ids = viewer.acting(ACTION).participant_ids
    return rows.filter(Q(owner__in=ids) | Q(fact__in=visible_facts(viewer, "opportunity").values("account")))


def _splits(viewer: Viewer, kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    mine = Q(participant__in=viewer.acting(ACTION).participant_ids)
    return rows.filter(mine | Q(opportunity__in=visible_facts(viewer, "opportunity").values("fact")))


def _of_parents(viewer: Viewer, kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    seen = Q()
    for parent in _PARENTS[kind]:
        seen |= Q(**{f"{parent}__in": visible_facts(viewer, parent).values("fact")})
    return rows.filter(seen)


_CUTS: dict[str, Callable[[Viewer, str, QuerySet[Any]], QuerySet[Any]]] = dict.fromkeys(_OWNED, _owned) | {
    "account": _accounts,
    "split": _splits,
}
