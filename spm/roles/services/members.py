"""Who may sign in to the company, and with which roles. At least one active company admin always remains."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from spm.identity.models import Membership
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.policy import Viewer, require
from spm.roles.services.companies import company_lock


def role_grant(
    *,
    membership: Membership,
    role: str,
    starts_on: date,
    until: date | None = None,
    reach: int | None = None,
    actor: Viewer,
) -> RoleGrant:
    """Give a member a role on the days from `starts_on` until before `until`; `reach` narrows the role's own.

    Raises ValidationError for days in the past, an empty range, or a role that the member has on one of the days.
    """
    require(actor, "member.edit")
    if starts_on < actor.on:
        raise ValidationError({"starts_on": "A role can't be given for the past. Choose today or a later day."})
    if until is not None and until <= starts_on:
        raise ValidationError({"until": "The role would end before it starts. Choose a later last day, or none."})
    grant = RoleGrant(
        membership=_own(membership, actor),
        role=role,
        reach=reach if reach is None else Reach(reach),
        during=DateRange(starts_on, until),
    )
    grant.clean_fields()
    try:
        with transaction.atomic():
            grant.save()
    except IntegrityError as error:
        if "role_grant_once" not in str(error):
            raise
        raise ValidationError(
            {
                "role": f"{membership.user} is {Role(role).label} on one of these days already. End that first, or choose other days."
            }
        ) from error
    return grant


def role_revoke(*, grant: RoleGrant, ends_on: date, actor: Viewer) -> None:
    """End a role before `ends_on`; today takes it away with the next request. A grant that never began is removed."""
    require(actor, "member.edit")
    if ends_on < actor.on:
        raise ValidationError({"ends_on": "A role can't be taken away for the past. Choose today or a later day."})
    with transaction.atomic():
        company_lock(actor)
        grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
        until = grant.during.upper
        if until is not None and until <= ends_on:
            raise ValidationError({"ends_on": f"The role ends on {until} anyway."})
        if grant.role == Role.COMPANY_ADMIN:
            _admin_remains(actor, without_grant=grant)
        if grant.during.lower >= ends_on:
            grant.delete()
        else:
            grant.during = DateRange(grant.during.lower, ends_on)
            grant.save()


def member_suspend(*, membership: Membership, actor: Viewer) -> None:
    """Shut a member out with the next request, by page and by token; roles and history stay."""
    require(actor, "member.edit")
    if membership.pk == actor.membership_id:
        raise ValidationError("You can't suspend yourself. Ask another company admin.")
    with transaction.atomic():
        company_lock(actor)
        _admin_remains(actor, without_member=membership)
        _own(membership, actor)
        Membership.objects.filter(pk=membership.pk).update(is_active=False)


def member_restore(*, membership: Membership, actor: Viewer) -> None:
    """Let a suspended member in again."""
    require(actor, "member.edit")
    _own(membership, actor)
    Membership.objects.filter(pk=membership.pk).update(is_active=True)


def _own(membership: Membership, actor: Viewer) -> Membership:
    if membership.organisation_id != actor.organisation.id:
        raise Membership.DoesNotExist("The membership is of another company.")
    return membership


def _admin_remains(
    actor: Viewer, *, without_grant: RoleGrant | None = None, without_member: Membership | None = None
) -> None:
    """Raise ValidationError unless an active member stays company admin, today and without an end."""
    admins = RoleGrant.objects.filter(
        role=Role.COMPANY_ADMIN, during__contains=actor.on, during__upper_inf=True, membership__is_active=True
    )
    if without_grant is not None:
        admins = admins.exclude(pk=without_grant.pk)
    if without_member is not None:
        admins = admins.exclude(membership=without_member)
    if not admins.exists():
        raise ValidationError(
            "A company needs at least one company admin. Give the role to another active member first."
        )
