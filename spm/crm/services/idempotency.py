"""Answers a repeated request of the API with the answer it got the first time."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from spm.crm.models import IdempotentRequest
from spm.crm.services.findings import refuse
from spm.roles.policy import Viewer, require

KEY_REUSED = "KEY_REUSED"


@transaction.atomic
def answer_once(
    *, key: str, path: str, body: bytes, action: str, actor: Viewer, answer: Callable[[], tuple[int, Any]]
) -> tuple[int, Any, bool]:
    """Give (status, answer, is repeated). The same key of the same sender with another body raises FindingError KEY_REUSED; requests
    with one key wait."""
    require(actor, action)
    digest, path = sha256(body).hexdigest(), f"{actor.key_id or actor.user_id} {path}"
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, current_setting('app.organisation_id')::bigint))",
            [f"{path} {key}"],
        )
    known = IdempotentRequest.objects.filter(key=key, path=path).first()
    if known is None:
        status, given = answer()
        IdempotentRequest.objects.create(key=key, path=path, digest=digest, status=status, answer=given)
        return status, given, False
    if known.digest != digest:
        what = f"The Idempotency-Key “{key}” was used for another request."
        raise refuse(KEY_REUSED, "Idempotency-Key", what, "Send a new key with a new request.")
    return known.status, known.answer, True
