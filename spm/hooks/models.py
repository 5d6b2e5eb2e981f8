"""What other systems are told: where to, what happened, and every attempt to say so. Never with figures of pay."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel

KINDS: dict[str, str] = {
    "run.completed": "A run of a period ended.",
    "period.changed": "The books of a period took a step.",
    "statement.frozen": "The books of a period were shut for review: its statements stay as they are.",
    "payout.exported": "What an approved period owes was handed to payroll.",
    "payout.confirmed": "Payroll's answer came in, for all lines of a payout or some.",
    "dispute.opened": "Somebody disputed a line of a statement.",
    "dispute.decided": "A dispute was accepted or rejected.",
    "approval.decided": "A request for approval was approved or declined.",
}
"""Every kind of event with its sentence."""
TEST = "endpoint.test"
"""The kind of the event that somebody sends to try an endpoint; it is not subscribed to."""


class Endpoint(TenantModel):
    """An address of another system, and the kinds of events that it wants. `off_reason` says why nothing is sent to it now.

    One that was deleted is never told anything again; what was sent to it stays, and so does who it was.
    """

    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=30))
    note = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=300, blank=True)
    made_by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "url"], condition=Q(deleted_at=None), name="hook_endpoint_url_once"
            ),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(is_active=False), name="hook_endpoint_deleted_off"),
            models.CheckConstraint(condition=~Q(kinds=[]), name="hook_endpoint_has_kinds"),
        ]

    def __str__(self) -> str:
        return self.url


class EndpointSecret(TenantModel):
    """A secret that signs what goes to an endpoint, encrypted. The one without `valid_until` is shown as the present one."""

    endpoint = TenantForeignKey(Endpoint)
    secret = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "endpoint"], condition=Q(valid_until=None), name="hook_secret_one_present"
            )
        ]


class Event(TenantModel):
    """Something that happened, written together with it. `body` is sent as it is, byte by byte, with every attempt."""

    append_only = True
    unaudited = "It tells of a change that is audited itself, and is never changed."

    kind = models.CharField(max_length=30)
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-created_at"], name="hook_event_at")]


class DeliveryState(models.TextChoices):
    """Where the telling of one event to one endpoint stands."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"


class Delivery(TenantModel):
    """One event for one endpoint: when it is next tried, and how often it was since it was last asked for by hand."""

    unaudited = "A state of sending; each attempt is a row of its own that is never changed."

    event = TenantForeignKey(Event)
    endpoint = TenantForeignKey(Endpoint)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    replayed_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "event", "endpoint"], name="hook_delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "next_at"], condition=Q(state="waiting"), name="hook_delivery_due"),
            models.Index(fields=["organisation_id", "endpoint", "-id"], name="hook_delivery_of_endpoint"),
        ]


class Attempt(TenantModel):
    """One try: the answer's status, or why there was none, and how long it took."""

    append_only = True
    unaudited = "A record of sending, never changed."

    delivery = TenantForeignKey(Delivery)
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "delivery", "-at"], name="hook_attempt_at")]
