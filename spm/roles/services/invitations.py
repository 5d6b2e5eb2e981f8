"""Invitations: an offer to one address to join the company. The token is only ever in the mail; its digest is kept."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from spm.identity.entry import invitation_find
from spm.identity.models import Invitation, Membership, User
from spm.people.models import Participant
from spm.roles.models import Role
from spm.roles.policy import Viewer, require, user_id_of
from spm.roles.services.companies import company_lock, roles_give
from spm.tenancy.scope import Actor, organisation_scope

VALID_FOR = timedelta(days=7)
OPEN = {"accepted_at": None, "withdrawn_at": None}


def invitation_create(
    *, email: str, roles: list[str], participant_id: UUID | None = None, actor: Viewer
) -> tuple[Invitation, str]:
    """Invite an address with roles; gives the invitation and its token, which is never stored.

    An older open invitation of the address is withdrawn. Raises ValidationError for an unknown role, an address that is a member
    already, or a person who has an account.
    """
    require(actor, "member.edit")
    address = email.strip().lower()
    validate_email(address)
    _roles_check(roles)
    with transaction.atomic():
        company = company_lock(actor)
        if Membership.objects.filter(organisation=company, user__email=address).exists():
            raise ValidationError({"email": f"{address} is a member already. Change the roles on the member's page."})
        if participant_id is not None and not Participant.objects.filter(pk=participant_id, membership=None).exists():
            raise ValidationError(
                {"participant": "This person has an account already, or is not there. Choose another."}
            )
        Invitation.objects.filter(organisation=company, email=address, **OPEN).update(withdrawn_at=timezone.now())
        token = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            organisation=company,
            email=address,
            roles=sorted(roles),
            participant_id=participant_id,
            digest=token_digest(token),
            invited_by_id=user_id_of(actor),
            expires_at=timezone.now() + VALID_FOR,
        )
    return invitation, token


def invitation_resend(*, invitation: Invitation, actor: Viewer) -> str:
    """Give an open invitation a new token and seven more days; the old link stops working."""
    require(actor, "member.edit")
    token = secrets.token_urlsafe(32)
    changed = _open(invitation, actor).update(digest=token_digest(token), expires_at=timezone.now() + VALID_FOR)
    _changed_check(changed)
    return token


def invitation_withdraw(*, invitation: Invitation, actor: Viewer) -> None:
    """Take an open invitation back."""
    require(actor, "member.edit")
    _changed_check(_open(invitation, actor).update(withdrawn_at=timezone.now()))


def invitation_accept(*, token: str, user: User, actor: Actor) -> Membership:
    """Make the invited user a member with the offered roles; a token works once.

    Raises ValidationError where the invitation is no longer open, PermissionDenied for another address than the invited one. Must not be
    called inside another company's scope.
    """
    with transaction.atomic():
        invitation = invitation_find(token_digest(token), for_update=True)
        if invitation is None:
            raise ValidationError("This invitation was used, withdrawn or is too old. Ask for a new one.")
        if user.email.lower() != invitation.email:
            raise PermissionDenied("The invitation is for another address.")
        membership, is_new = Membership.objects.get_or_create(user=user, organisation=invitation.organisation)
        if not is_new:
            raise ValidationError("You are a member of this company already.")
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
        with organisation_scope(invitation.organisation_id, actor=actor):
            roles_give(membership, tuple(invitation.roles))
            if invitation.participant_id is not None:
                Participant.objects.filter(pk=invitation.participant_id, membership=None).update(membership=membership)
    return membership


def token_digest(token: str) -> str:
    """Give what is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _roles_check(roles: list[str]) -> None:
    unknown = set(roles) - set(Role.values)
    if unknown or not roles:
        raise ValidationError({"roles": f"Choose at least one of the roles {', '.join(Role.labels)}."})


def _open(invitation: Invitation, actor: Viewer) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=invitation.pk, organisation_id=actor.organisation.id, **OPEN)


def _changed_check(changed: int) -> None:
    if not changed:
        raise ValidationError("This invitation was accepted or withdrawn already.")
