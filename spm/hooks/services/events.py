"""Writes what happened, in the transaction in which it happens: what is rolled back is never told, what is kept is told."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from spm.hooks.models import KINDS, TEST, Delivery, Endpoint, Event
from spm.notices.services import absolute
from spm.roles.policy import Viewer, require


def event_emit(kind: str, *, key: UUID, path: str, **more: str) -> None:
    """Keep an event for each active endpoint that wants its kind; nothing where none does.

    `key` names the thing, `path` is where the API shows it, and `more` are further keys and words. Figures of pay have no place here: who
    may see them asks the API.
    """
    KINDS[kind]
    wanting = list(Endpoint.objects.filter(is_active=True, kinds__contains=[kind]).order_by("pk"))
    if not wanting:
        return
    _keep(kind, wanting, key=key, path=path, **more)


@transaction.atomic
def event_test(*, endpoint_id: UUID, path: str, actor: Viewer) -> Event:
    """Send an endpoint an event that tells of nothing but itself; raises ValidationError where it is off."""
    require(actor, "hook.edit")
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    if not endpoint.is_active:
        raise ValidationError("The endpoint is switched off. Switch it on first; nothing was sent.")
    return _keep(TEST, [endpoint], key=endpoint.pk, path=path, asked_by=actor.name)


def _keep(kind: str, endpoints: Sequence[Endpoint], *, key: UUID, path: str, **more: str) -> Event:
    now = timezone.now()
    content = {
        "type": kind,
        "timestamp": now.isoformat(timespec="milliseconds"),
        "data": {"id": str(key), "url": absolute(path), **more},
    }
    event = Event.objects.create(kind=kind, body=_text(content), created_at=now)
    Delivery.objects.bulk_create(Delivery(event=event, endpoint=each, next_at=now) for each in endpoints)
    return event


def _text(content: Mapping[str, object]) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True)
