"""Makes endpoints, changes their secrets, switches them on and off. A secret is shown once."""

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
    try:
        address_check(url)
    except RefusedError as error:
        raise ValidationError({"url": str(error)}) from error
    unknown = sorted(set(kinds) - KINDS.keys())
    if unknown or not kinds:
        raise ValidationError({"kinds": f"Choose at least one of: {', '.join(KINDS)}."})
    if Endpoint.objects.count() >= MOST_ENDPOINTS:
        raise ValidationError(f"The company has {MOST_ENDPOINTS} endpoints already. Use one of them for more kinds.")
    try:
        with transaction.atomic():
            endpoint = Endpoint.objects.create(
                url=url, kinds=sorted(set(kinds)), note=note.strip(), made_by_name=actor.name
            )
    except IntegrityError as error:
        if "hook_endpoint_url_once" not in str(error):
            raise
        raise ValidationError({"url": "This address is there already."}) from error
    return endpoint, _secret_new(endpoint)


@transaction.atomic
def secret_rotate(*, endpoint_id: UUID, actor: Viewer) -> tuple[Endpoint, str]:
    """Give an endpoint another secret; for a day messages are signed with both, so that the receiver can change over."""
    require(actor, "hook.edit")
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    now = timezone.now()
    rows = EndpointSecret.objects.filter(endpoint=endpoint)
    rows.filter(valid_until__gt=now).update(valid_until=now)
    rows.filter(valid_until=None).update(valid_until=now + BOTH_FOR)
    return endpoint, _secret_new(endpoint)


@transaction.atomic
def endpoint_switch(*, endpoint_id: UUID, is_active: bool, actor: Viewer) -> Endpoint:
    """Switch an endpoint on or off; what waits for it then goes on, and what happens while it is off is not told."""
    require(actor, "hook.edit")
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.is_active = is_active
    endpoint.off_reason = "" if is_active else f"Switched off by {actor.name}."
    endpoint.save()
    return endpoint


def _secret_new(endpoint: Endpoint) -> str:
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    EndpointSecret.objects.create(endpoint=endpoint, secret=encrypt(secret, purpose=PURPOSE), created_at=timezone.now())
    return secret
