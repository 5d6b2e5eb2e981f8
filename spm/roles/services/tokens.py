"""API tokens of a member: for one company, expiring, shown once, hashed at rest."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils import timezone

from spm.identity.models import ApiToken, User
from spm.roles.policy import Viewer, require, user_id_of

LONGEST_DAYS = 365
MOST_TOKENS = 20


def token_list(viewer: Viewer) -> QuerySet[ApiToken]:
    """Give the viewer's own tokens for this company, newest first, with `last_used_at`; service keys are the company's, not theirs."""
    own = ApiToken.objects.filter(user_id=viewer.user_id, organisation=viewer.organisation, rights=None)
    return own.annotate(last_used_at=F("use__last_used_at")).order_by("-created")


def token_create(*, name: str, read_only: bool, days: int, actor: Viewer) -> tuple[ApiToken, str]:
    """Make a token that may do what its owner may, or only read; gives it with its secret, which is never stored."""
    require(actor, "token.edit")
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError({"days": f"A token is valid for 1 to {LONGEST_DAYS} days."})
    if token_list(actor).filter(expiry__gt=timezone.now()).count() >= MOST_TOKENS:
        raise ValidationError(f"You have {MOST_TOKENS} tokens already. Revoke one that is not used any more.")
    token, secret = ApiToken.objects.create(
        user=User.objects.get(pk=user_id_of(actor)),
        expiry=timedelta(days=days),
        organisation=actor.organisation,
        name=name.strip(),
        read_only=read_only,
    )
    return token, secret


def token_revoke(*, token_id: UUID, actor: Viewer) -> None:
    """End one of the viewer's own tokens; raises ApiToken.DoesNotExist for another's."""
    require(actor, "token.edit")
    token_list(actor).get(pk=token_id).delete()
