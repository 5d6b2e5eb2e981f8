"""Sends what is due, company by company, so that a slow receiver of one keeps no other company waiting."""

import time

import structlog
from django.utils import timezone

from spm.celery import app
from spm.hooks.sending import Outcome, send
from spm.hooks.services.deliveries import deliveries_due, delivery_note, delivery_take
from spm.jobs.tasks import TenantTask
from spm.tenancy.scope import Actor

log = structlog.get_logger("spm.hooks")
ROUND_SECONDS = 45
ACTOR = Actor(name="Webhooks")


@app.task(base=TenantTask, bind=True)
def webhooks_relay(self: TenantTask) -> None:
    """Send each company that has something due to a worker."""
    now = timezone.now()
    for organisation, scope in self.scopes(ACTOR):
        with scope:
            is_due = deliveries_due(now).exists()
        if is_due:
            webhooks_deliver.apply_async([organisation.pk], expires=ROUND_SECONDS)


@app.task(base=TenantTask, bind=True)
def webhooks_deliver(self: TenantTask, organisation_id: int) -> int:
    """Send what is due of one company until nothing is or the round is over; no transaction is open while it sends."""
    sent, end = 0, time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end:
        at = timezone.now()
        with self.scope(organisation_id, ACTOR):
            parcel = delivery_take(at)
        if parcel is None:
            break
        outcome = Outcome(None, parcel.fault, 0) if parcel.fault else send(parcel.url, parcel.body, parcel.headers)
        with self.scope(organisation_id, ACTOR):
            delivery_note(parcel, outcome, at=at, on=timezone.now())
        log.info("webhook", delivery=str(parcel.delivery_id), status=outcome.status, fault=outcome.fault)
        sent += 1
    return sent
