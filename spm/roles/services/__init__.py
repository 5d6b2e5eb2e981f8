"""What changes companies, members, their roles, invitations, tokens and service keys."""

from spm.roles.services.companies import company_create, company_edit
from spm.roles.services.invitations import invitation_accept, invitation_create, invitation_resend, invitation_withdraw
from spm.roles.services.keys import key_create, key_revoke
from spm.roles.services.members import member_restore, member_suspend, role_grant, role_revoke
from spm.roles.services.tokens import token_create, token_revoke

__all__ = [
    "company_create",
    "company_edit",
    "invitation_accept",
    "invitation_create",
    "invitation_resend",
    "invitation_withdraw",
    "key_create",
    "key_revoke",
    "member_restore",
    "member_suspend",
    "role_grant",
    "role_revoke",
    "token_create",
    "token_revoke",
]
