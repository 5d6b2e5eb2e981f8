"""Platform staff enter one company for a while, with a reason, read only; the entry is shown to the company and audited."""

from datetime import timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from spm.identity.models import StaffEntry, User
from spm.tenancy.models import Organisation

LONGEST_MINUTES = 240


def staff_check(user: User) -> None:
    """Raise PermissionDenied unless the user is active platform staff with a second factor."""
    if not (user.is_active and user.is_staff):
        raise PermissionDenied("This is for platform staff.")
    if not is_mfa_enabled(user):
        raise PermissionDenied("Platform staff need two-step sign-in. Set it up under Account, then come back.")


def staff_entry_open(*, user: User, slug: str, reason: str, minutes: int) -> StaffEntry:
    """Enter a company for some minutes; an entry that is still open is closed first."""
    staff_check(user)
    company = Organisation.objects.filter(slug=slug).first()
    if company is None:
        raise ValidationError({"company": "There is no such company."})
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the company will read it."})
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise ValidationError({"minutes": f"An entry lasts 1 to {LONGEST_MINUTES} minutes."})
    with transaction.atomic():
        staff_entry_close(user=user)
        now = timezone.now()
        return StaffEntry.objects.create(
            user=user, organisation=company, reason=reason.strip(), ends_at=now + timedelta(minutes=minutes)
        )


def staff_entry_close(*, user: User) -> None:
    """Leave whichever company the user is in."""
    StaffEntry.objects.filter(user=user, left_at=None, ends_at__gt=timezone.now()).update(left_at=timezone.now())
