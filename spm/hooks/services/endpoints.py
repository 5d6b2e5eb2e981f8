"""Makes endpoints, changes them and their secrets, switches them on and off, deletes them. A secret is shown once."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from spm.hooks.models import KINDS, Endpoint, EndpointSecret
from spm.hooks.sending import RefusedError, address_check
from spm.hooks.signing import SECRET_BYTES, secret_of
from spm.identity.secrets import encrypt
from spm.roles.policy import Viewer, require

PURPOSE = "spm.hooks.secret"
BOTH_FOR = timedelta(days=1)
MOST_ENDPOINTS = 20


@transaction.atomic
def endpoint_create(*, url: str, kinds: Collection[str], note: str = "", actor: Viewer) -> tuple[Endpoint, str]:
    """Make an endpoint; gives it with the secret that receivers check signatures with.

    Raises ValidationError for an address that is not HTTPS to a public host, unknown kinds, or an address that is there already.
    """
    require(actor, "hook.edit")
    _check(url, kinds)
    if Endpoint.objects.filter(deleted_at=None).count() >= MOST_ENDPOINTS:
        raise ValidationError(f"The company has {MOST_ENDPOINTS} endpoints already. Use one of them for more kinds.")
    endpoint = Endpoint(url=url, kinds=sorted(set(kinds)), note=note.strip(), made_by_name=actor.name)
    _save(endpoint)
    return endpoint, _secret_new(endpoint)


@transaction.atomic
def endpoint_change(*, endpoint_id: UUID, url: str, kinds: Collection[str], note: str = "", actor: Viewer) -> Endpoint:
    """Change where an endpoint is and what it wants; what waits goes to the new address, signed with the same secret.

    Raises ValidationError as `endpoint_create` does, and for one that was deleted.
    """
    require(actor, "hook.edit")
    endpoint = _there(endpoint_id)
    _check(url, kinds)
    endpoint.url, endpoint.kinds, endpoint.note = url, sorted(set(kinds)), note.strip()
    _save(endpoint)
    return endpoint


@transaction.atomic
def endpoint_delete(*, endpoint_id: UUID, actor: Viewer) -> Endpoint:
    """End an endpoint for good: nothing is sent there again, its secrets go, and what was sent stays to be read."""
    require(actor, "hook.edit")
    endpoint = _there(endpoint_id)
    endpoint.is_active, endpoint.deleted_at = False, timezone.now()
    endpoint.off_reason = f"Deleted by {actor.name}."
    endpoint.save()
    EndpointSecret.objects.filter(endpoint=endpoint).delete()
    return endpoint


def _there(endpoint_id: UUID) -> Endpoint:
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    if endpoint.deleted_at is not None:
        raise ValidationError("The endpoint was deleted. Make a new one; nothing was changed.")
    return endpoint


def _check(url: str, kinds: Collection[str]) -> None:
    try:
        address_check(url)
    except RefusedError as error:
        raise ValidationError({"url": str(error)}) from error
    if not kinds or set(kinds) - KINDS.keys():
        raise ValidationError({"kinds": f"Choose at least one of: {', '.join(KINDS)}."})


def _save(endpoint: Endpoint) -> None:
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError as error:
        if "hook_endpoint_url_once" not in str(error):
            raise
        raise ValidationError({"url": "This address is there already."}) from error


@transaction.atomic
def secret_rotate(*, endpoint_id: UUID, actor: Viewer) -> tuple[Endpoint, str]:
    """Give an endpoint another secret; for a day messages are signed with both, so that the receiver can change over."""
    require(actor, "hook.edit")
    endpoint = _there(endpoint_id)
    now = timezone.now()
    rows = EndpointSecret.objects.filter(endpoint=endpoint)
    rows.filter(valid_until__gt=now).update(valid_until=now)
    rows.filter(valid_until=None).update(valid_until=now + BOTH_FOR)
    return endpoint, _secret_new(endpoint)


@transaction.atomic
def endpoint_switch(*, endpoint_id: UUID, is_active: bool, actor: Viewer) -> Endpoint:
    """Switch an endpoint on or off; what waits for it then goes on, and what happens while it is off is not told."""
    require(actor, "hook.edit")
    endpoint = _there(endpoint_id)
    endpoint.is_active = is_active
    endpoint.off_reason = "" if is_active else f"Switched off by {actor.name}."
    endpoint.save()
    return endpoint


def _secret_new(endpoint: Endpoint) -> str:
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    EndpointSecret.objects.create(endpoint=endpoint, secret=encrypt(secret, purpose=PURPOSE), created_at=timezone.now())
    return secret
