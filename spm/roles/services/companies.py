"""A company begins and changes."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from spm.core.money import is_currency
from spm.identity.models import Membership, User
from spm.roles.models import Role, RoleGrant
from spm.roles.policy import Viewer, member_ids_with, require
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope

FOUNDER_ROLES = (Role.COMPANY_ADMIN, Role.SALES_OPERATIONS)
SLUG_LENGTH = 50
SUFFIX_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def company_create(
    *,
    name: str,
    founder: User,
    currency: str = "USD",
    time_zone: str = "UTC",
    locale: str = "en-US",
    slug: str = "",
    actor: Actor,
) -> Organisation:
    """Create a company whose founder is company admin and sales operations from today on.

    Without a slug one is made from the name and four random letters, so that it tells nothing about other companies. Raises
    ValidationError for an unknown currency or time zone. Must not be called inside another company's scope.
    """
    if not is_currency(currency):
        raise ValidationError({"currency": f"{currency} is not a currency. Use an ISO 4217 code such as EUR."})
    with transaction.atomic():
        company = Organisation(
            slug=slug or _slug(name), name=name.strip(), currency=currency, time_zone=time_zone, locale=locale
        )
        company.full_clean()
        company.save()
        membership = Membership.objects.create(user=founder, organisation=company)
        with organisation_scope(company.id, actor=actor):
            roles_give(membership, FOUNDER_ROLES)
    return company


def company_edit(
    *, name: str, time_zone: str, locale: str, fiscal_year_starts_month: int, is_single_operator: bool, actor: Viewer
) -> Organisation:
    """Change the company's settings. The currency is chosen once: past pay is stored in it.

    Raises ValidationError where a second person is wanted and nobody could be it.
    """
    require(actor, "company.edit")
    with transaction.atomic():
        company = company_lock(actor)
        if company.is_single_operator and not is_single_operator:
            _second_person_check(actor)
        company.is_single_operator = is_single_operator
        company.name, company.time_zone, company.locale = name.strip(), time_zone, locale
        company.fiscal_year_starts_month = fiscal_year_starts_month
        company.full_clean()
        company.save()
    return company


def _second_person_check(actor: Viewer) -> None:
    approvers = member_ids_with("plan.approve", on=actor.on)
    if len(approvers) < 2:
        raise ValidationError(
            {
                "is_single_operator": "Fewer than two members may approve plans, so nothing could be approved any more. "
                "Give a second member the role of sales operations or finance first."
            }
        )


def company_lock(actor: Viewer) -> Organisation:
    """Lock the viewer's company, so that changes of its members happen one after the other."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.id)


def roles_give(membership: Membership, roles: tuple[str, ...]) -> None:
    """Grant roles without an end from the company's today; inside the company's scope."""
    today = membership.organisation.day_of(timezone.now())
    for role in roles:
        RoleGrant.objects.create(membership=membership, role=role, during=DateRange(today, None))


def _slug(name: str) -> str:
    readable = slugify(name)[:SLUG_LENGTH].strip("-") or "company"
    return f"{readable}-{get_random_string(4, SUFFIX_ALPHABET)}"
