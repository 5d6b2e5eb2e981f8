"""Who gets in: members, invitations, joining, tokens, company, staff; the audit; account and admin pages; the API's own pages."""

from datetime import timedelta

from django.utils import timezone

from spm.identity.models import ApiToken, Invitation, Membership
from spm.roles.models import RoleGrant
from spm.tenancy.keys import uuid7
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from tests.walls.permissions import ACCOUNT, ADMIN, ANY_USER, API, EVERYONE, PUBLIC, STAFF, Row

SEE_MEMBERS = "ada sol otto"
SEE_KEYS = "ada sol fin otto"
SEE_AUDIT = "ada sol fin otto"
TOKEN_OWNERS = "ada sol fin eve mara mona max rex ria rob"


def _membership(owner: str) -> Membership:
    return Membership.objects.get(user__email__startswith=f"{owner}@")


def _invitation() -> Invitation:
    company = Organisation.objects.get(pk=current_organisation_id())
    admin = Membership.objects.filter(organisation=company).first()
    assert admin is not None
    values = {"roles": ["rep"], "invited_by": admin.user, "expires_at": timezone.now() + timedelta(days=1)}
    return Invitation.objects.get_or_create(
        organisation=company, email="invited@new.example", digest=str(company.pk), defaults=values
    )[0]


def _token(owner: str) -> ApiToken:
    membership = _membership(owner)
    token, _ = ApiToken.objects.create(
        user=membership.user, expiry=timedelta(days=1), organisation=membership.organisation, name="x"
    )
    return token


def _key(owner: str) -> ApiToken:
    """A service key of the owner's company, made by the owner."""
    membership = _membership(owner)
    key, _ = ApiToken.objects.create(
        user=membership.user,
        expiry=timedelta(days=1),
        organisation=membership.organisation,
        name=uuid7().hex,
        rights=["fact.view"],
    )
    return key


FACTORIES = {
    "membership": lambda owner: _membership(owner).public_id,
    "grant": lambda owner: RoleGrant.objects.get(membership=_membership(owner), role="rep").pk,
    "invitation": lambda owner: _invitation().public_id,
    "service key": lambda owner: _key(owner).pk,
    "token": lambda owner: _token(owner).pk,
    "user": lambda owner: _membership(owner).user_id,
    "text": lambda owner: "x",
    "csv": lambda owner: "csv",
    "app": lambda owner: "identity",
    "number": lambda owner: 1,
}
MEMBER = {"public_id": "membership"}
INVITED = {"public_id": "invitation"}

ROWS = [
    Row(route="identity:member_list", may=SEE_MEMBERS),
    Row(route="identity:member_detail", at=MEMBER, may=SEE_MEMBERS),
    Row(route="identity:member_detail", verb="POST", at=MEMBER, may="ada"),
    Row(route="identity:member_invite", may="ada"),
    Row(route="identity:member_invite", verb="POST", may="ada"),
    Row(route="identity:member_suspend", verb="POST", at=MEMBER, may="ada"),
    Row(route="identity:member_restore", verb="POST", at=MEMBER, may="ada"),
    Row(route="identity:role_end", verb="POST", at=MEMBER | {"grant": "grant"}, may="ada"),
    Row(route="identity:invitation_resend", verb="POST", at=INVITED, may="ada"),
    Row(route="identity:invitation_withdraw", verb="POST", at=INVITED, may="ada"),
    Row(route="identity:company_edit", may="ada"),
    Row(route="identity:company_edit", verb="POST", may="ada"),
    Row(route="identity:token_list", may=TOKEN_OWNERS),
    Row(route="identity:token_list", verb="POST", may=TOKEN_OWNERS),
    Row(
        route="identity:token_revoke",
        verb="POST",
        at={"pk": "token"},
        may="rex",
        hidden=TOKEN_OWNERS.replace("rex ", ""),
    ),
    Row(route="identity:key_list", may=SEE_KEYS),
    Row(route="identity:key_new", may="ada"),
    Row(route="identity:key_new", verb="POST", may="ada"),
    Row(route="identity:key_revoke", verb="POST", at={"pk": "service key"}, may="ada"),
    Row(route="identity:company_none", kind=ANY_USER),
    Row(route="identity:company_none", verb="POST", kind=ANY_USER),
    Row(route="identity:company_switch", verb="POST", kind=ANY_USER, done=(403,)),
    Row(route="identity:staff_entry", kind=STAFF),
    Row(route="identity:staff_entry", verb="POST", kind=STAFF, done=(302,)),
    Row(route="identity:staff_leave", verb="POST", kind=ANY_USER),
    Row(route="identity:join", kind=PUBLIC),
    Row(route="identity:join", verb="POST", kind=PUBLIC, done=(410,)),
    Row(route="identity:join_link", at={"token": "text"}, kind=PUBLIC),
    Row(route="api_company_me", kind=API, may=EVERYONE),
    Row(route="api_company_members", kind=API, may=SEE_MEMBERS),
    Row(route="api_company_keys", kind=API, may=SEE_KEYS),
    Row(route="api_company_keys", verb="POST", kind=API, may="ada"),
    Row(route="api_company_key", verb="DELETE", at={"pk": "service key"}, kind=API, may="ada"),
    Row(route="audit:entry_list", may=SEE_AUDIT),
    Row(route="audit:entry_export", at={"form": "csv"}, may=SEE_AUDIT),
    Row(route="audit:seal_list", may=SEE_AUDIT),
    Row(route="api_audit_entries", kind=API, may=SEE_AUDIT),
    Row(route="api_audit_seals", kind=API, may=SEE_AUDIT),
    Row(route="api_schema", kind=API, may=EVERYONE),
    Row(route="api_docs", kind=API, may=EVERYONE),
]
FREE = ("account_login", "account_signup", "account_reset_password")
ROWS += [
    Row(route=name, kind=PUBLIC)
    for name in (*FREE, "account_email_verification_sent", "mfa_login_webauthn", "account_inactive")
]
ROWS += [
    Row(route=name, kind=PUBLIC) for name in ("account_reset_password_done", "account_reset_password_from_key_done")
]
ROWS += [Row(route=name, verb="POST", kind=PUBLIC) for name in FREE]
ROWS += [Row(route="account_email_verification_sent", verb="POST", kind=PUBLIC, done=(405,))]
ROWS += [Row(route="mfa_login_webauthn", verb="POST", kind=PUBLIC, done=(200, 302, 400, 429))]
ROWS += [
    Row(route=name, verb=verb, at={"key": "text"} | parts, kind=PUBLIC, done=(200, 302, 404))
    for name, parts in (("account_confirm_email", {}), ("account_reset_password_from_key", {"uidb36": "text"}))
    for verb in ("GET", "POST")
]
OWN_ACCOUNT = (
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "account_confirm_login_code",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "usersessions_list",
)
READ_ACCOUNT = ("mfa_index", "mfa_list_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes")
ROWS += [Row(route=name, verb=verb, kind=ACCOUNT) for name in OWN_ACCOUNT for verb in ("GET", "POST")]
ROWS += [Row(route=name, kind=ACCOUNT) for name in READ_ACCOUNT]
ROWS += [
    Row(route=name, verb=verb, at={"pk": "number"}, kind=ACCOUNT)
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn")
    for verb in ("GET", "POST")
]
ROWS += [Row(route="account_logout", verb=verb, kind=ACCOUNT) for verb in ("GET", "POST")]
TABLES = ("identity_user", "identity_staffentry", "tenancy_organisation", "audit_platformentry")
IN_ADMIN = [
    ("index", {}),
    ("login", {}),
    ("logout", {}),
    ("password_change", {}),
    ("password_change_done", {}),
    ("autocomplete", {}),
    ("jsi18n", {}),
]
IN_ADMIN += [(f"{table}_{page}", {}) for table in TABLES for page in ("changelist", "add")]
IN_ADMIN += [(f"{table}_{page}", {"object_id": "user"}) for table in TABLES for page in ("change", "delete", "history")]
IN_ADMIN += [("app_list", {"app_label": "app"}), ("view_on_site", {"content_type_id": "number", "object_id": "number"})]
ROWS += [
    Row(route=f"admin:{name}", verb=verb, at=parts, kind=ADMIN) for name, parts in IN_ADMIN for verb in ("GET", "POST")
]
