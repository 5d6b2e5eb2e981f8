"""Carries what is due: takes one delivery for a while, notes what became of it, gives up in the end. It sends nothing itself.

A worker that dies between taking and noting leaves the delivery to the next one, so a message may come twice, with the same id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from spm.hooks.models import Attempt, Delivery, DeliveryState, Endpoint, EndpointSecret
from spm.hooks.sending import Outcome
from spm.hooks.services.endpoints import PURPOSE
from spm.hooks.signing import headers_of
from spm.identity.secrets import InvalidToken, decrypt
from spm.notices.services import notice_send
from spm.roles.policy import Viewer, member_ids_with, require

LEASE = timedelta(minutes=2)
WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after each failed attempt but the last. Source: Standard Webhooks, "Deliverability and reliability"."""

GONE = 410
LOCKED = "The secret was encrypted with another SECRET_KEY. Put the earlier key into SECRET_KEY_FALLBACKS, or change the secret."


@dataclass(frozen=True)
class Parcel:
    """What is to be sent, read in one transaction and sent outside of it; `fault` where it can't be."""

    delivery_id: UUID
    url: str
    body: str
    headers: dict[str, str]
    fault: str = ""


def deliveries_due(now: datetime) -> QuerySet[Delivery]:
    """Give what is to be sent by now."""
    return Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=now, endpoint__is_active=True)


@transaction.atomic
def delivery_take(now: datetime) -> Parcel | None:
    """Take the delivery that waits longest, for two minutes; None where none is due."""
    rows = deliveries_due(now).select_for_update(skip_locked=True, of=("self",)).select_related("event", "endpoint")
    delivery = rows.order_by("next_at", "pk").first()
    if delivery is None:
        return None
    Delivery.objects.filter(pk=delivery.pk).update(next_at=now + LEASE)
    body, url = delivery.event.body, delivery.endpoint.url
    try:
        secrets = _secrets(delivery.endpoint, now)
    except InvalidToken:
        return Parcel(delivery.pk, url, body, {}, LOCKED)
    message_id = f"msg_{delivery.event_id.hex}"
    headers = headers_of(secrets, message_id=message_id, timestamp=int(now.timestamp()), body=body)
    return Parcel(delivery.pk, url, body, headers)


@transaction.atomic
def delivery_note(parcel: Parcel, outcome: Outcome, *, at: datetime, on: datetime) -> Delivery:
    """Keep an attempt made `at`, and say what comes next as of `on`: nothing, another attempt, or the end with a notice."""
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=parcel.delivery_id)
    Attempt.objects.create(
        delivery=delivery, at=at, status=outcome.status, fault=outcome.fault, milliseconds=outcome.milliseconds
    )
    delivery.tries += 1
    if outcome.is_delivered:
        delivery.state = DeliveryState.DELIVERED
    elif outcome.status == GONE or delivery.tries > len(WAITS):
        delivery.state = DeliveryState.GIVEN_UP
        _switch_off(delivery, outcome, on)
    else:
        delivery.next_at = on + timedelta(seconds=WAITS[delivery.tries - 1])
    delivery.save()
    return delivery


@transaction.atomic
def delivery_replay(*, delivery_id: UUID, actor: Viewer) -> Delivery:
    """Send an event once more, with its own id, whatever became of it; raises ValidationError where its endpoint is off."""
    require(actor, "hook.edit")
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint", "event").get(pk=delivery_id)
    if not delivery.endpoint.is_active:
        raise ValidationError("The endpoint is switched off. Switch it on first; nothing was sent.")
    delivery.state, delivery.tries, delivery.replayed_by_name = DeliveryState.WAITING, 0, actor.name
    delivery.next_at = timezone.now()
    delivery.save()
    return delivery


def _switch_off(delivery: Delivery, outcome: Outcome, on: datetime) -> None:
    endpoint = delivery.endpoint
    said = f"it answered {outcome.status}" if outcome.status is not None else outcome.fault
    reason = f"After {delivery.tries} attempts at one event nothing more is sent: {said}"[:300]
    Endpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False, off_reason=reason)
    notice_send(
        membership_ids=member_ids_with("hook.edit", on=on.date()),
        kind="webhook",
        slot=f"{endpoint.pk}:{delivery.pk}:{on.date()}",
        title=f"Webhooks to {endpoint.url} were switched off"[:200],
        body=reason,
        url=reverse("hooks:hook_detail", args=[endpoint.pk]),
        wants_mail=True,
    )


def _secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    """Give the secrets that sign now, the present one first."""
    rows = EndpointSecret.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), endpoint=endpoint)
    return [decrypt(each.secret, purpose=PURPOSE) for each in rows.order_by("-created_at", "-pk")]
