"""Addresses of the company, its members, joining, tokens and platform staff."""

from django.urls import path

from spm.web.pages.identity import companies, joining, keys, members, staff, tokens

app_name = "identity"
urlpatterns = [
    path("none/", companies.CompanyNonePage.as_view(), name="company_none"),
    path("switch/", companies.CompanySwitch.as_view(), name="company_switch"),
    path("settings/", companies.CompanyEditPage.as_view(), name="company_edit"),
    path("members/", members.MemberListPage.as_view(), name="member_list"),
    path("members/invite/", members.MemberInvitePage.as_view(), name="member_invite"),
    path("members/<uuid:public_id>/", members.MemberPage.as_view(), name="member_detail"),
    path("members/<uuid:public_id>/suspend/", members.MemberSuspend.as_view(), name="member_suspend"),
    path("members/<uuid:public_id>/restore/", members.MemberRestore.as_view(), name="member_restore"),
    path("members/<uuid:public_id>/roles/<uuid:grant>/end/", members.RoleEnd.as_view(), name="role_end"),
    path("invitations/<uuid:public_id>/resend/", members.InvitationResend.as_view(), name="invitation_resend"),
    path("invitations/<uuid:public_id>/withdraw/", members.InvitationWithdraw.as_view(), name="invitation_withdraw"),
    path("join/", joining.JoinPage.as_view(), name="join"),
    path("join/<str:token>/", joining.JoinLink.as_view(), name="join_link"),
    path("tokens/", tokens.TokenListPage.as_view(), name="token_list"),
    path("tokens/<uuid:pk>/revoke/", tokens.TokenRevoke.as_view(), name="token_revoke"),
    path("keys/", keys.KeyListPage.as_view(), name="key_list"),
    path("keys/new/", keys.KeyNewPage.as_view(), name="key_new"),
    path("keys/<uuid:pk>/revoke/", keys.KeyRevoke.as_view(), name="key_revoke"),
    path("staff/", staff.StaffEntryPage.as_view(), name="staff_entry"),
    path("staff/leave/", staff.StaffLeave.as_view(), name="staff_leave"),
]
