"""Pages of members: their roles and days, invitations, suspension."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from spm.identity.models import Invitation, Membership
from spm.people.models import Participant
from spm.roles import services
from spm.roles.models import Reach, Role, RoleGrant
from spm.roles.selectors import (
    grant_list,
    invitation_list,
    invitation_rows,
    member_list,
    membership_rows,
    staff_entry_list,
)
from spm.web.views import PageMixin


def invitation_mail(request: HttpRequest, invitation: Invitation, token: str) -> None:
    """Send the link once the invitation is committed."""
    context = {
        "company": invitation.organisation,
        "inviter": str(request.user),
        "url": request.build_absolute_uri(reverse("identity:join_link", args=[token])),
        "until": invitation.expires_at,
    }
    message = get_adapter(request).render_mail("identity/mail/invitation", invitation.email, context)
    transaction.on_commit(message.send)


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=gettext_lazy("Email"))
    roles = forms.MultipleChoiceField(
        choices=Role.choices, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Roles")
    )
    participant = forms.ModelChoiceField(
        Participant.objects.none(),
        required=False,
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Whose pay and deals this account shows."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].queryset = Participant.objects.filter(membership=None).order_by("name")  # type: ignore[attr-defined]


class GrantForm(forms.Form):
    """A role and its days."""

    role = forms.ChoiceField(choices=Role.choices, label=gettext_lazy("Role"))
    starts_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("First day"))
    until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
        label=gettext_lazy("Until before"),
        help_text=gettext_lazy("Empty: no end."),
    )
    reach = forms.TypedChoiceField(
        choices=[("", gettext_lazy("As far as the role reaches")), *Reach.choices],
        coerce=int,
        empty_value=None,
        required=False,
        label=gettext_lazy("Sees at most"),
    )


class MemberListPage(PageMixin, TemplateView):
    """Who may sign in, who is invited, and which platform staff were here."""

    template_name = "identity/member_list.html"
    actions = {"GET": "member.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            members=member_list(self.viewer),
            invitations=invitation_list(self.viewer),
            entries=staff_entry_list(self.viewer),
            may_edit=self.viewer.can("member.edit"),
            **kwargs,
        )


class MemberInvitePage(PageMixin, FormView):
    """Invites an address."""

    template_name = "identity/member_invite.html"
    form_class = InvitationForm
    actions = {"GET": "member.edit", "POST": "member.edit"}

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        values = form.cleaned_data
        person = values["participant"]
        try:
            invitation, token = services.invitation_create(
                email=values["email"],
                roles=values["roles"],
                participant_id=person.pk if person else None,
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        invitation_mail(self.request, invitation, token)
        messages.success(
            self.request, _("%(email)s was invited. The link works for seven days.") % {"email": invitation.email}
        )
        return redirect("identity:member_list")


class InvitationResend(PageMixin, View):
    """Sends a new link and ends the old one."""

    actions = {"POST": "member.edit"}

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        invitation = get_object_or_404(invitation_rows(self.viewer), public_id=public_id)
        token = services.invitation_resend(invitation=invitation, actor=self.viewer)
        invitation_mail(request, invitation, token)
        messages.success(request, _("A new link was sent to %(email)s.") % {"email": invitation.email})
        return redirect("identity:member_list")


class InvitationWithdraw(PageMixin, View):
    """Takes an invitation back."""

    actions = {"POST": "member.edit"}

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        invitation = get_object_or_404(invitation_rows(self.viewer), public_id=public_id)
        services.invitation_withdraw(invitation=invitation, actor=self.viewer)
        messages.success(request, _("The invitation of %(email)s was withdrawn.") % {"email": invitation.email})
        return redirect("identity:member_list")


class MemberPage(PageMixin, FormView):
    """One member: roles by day, suspension."""

    template_name = "identity/member_detail.html"
    form_class = GrantForm
    actions = {"GET": "member.view", "POST": "member.edit"}

    def _membership(self) -> Membership:
        return get_object_or_404(membership_rows(self.viewer), public_id=self.kwargs["public_id"])

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        membership = self._membership()
        return super().get_context_data(
            member=membership,
            person=Participant.objects.filter(membership=membership).first(),
            grants=grant_list(self.viewer, membership),
            is_self=membership.pk == self.viewer.membership_id,
            may_edit=self.viewer.can("member.edit"),
            **kwargs,
        )

    def form_valid(self, form: GrantForm) -> HttpResponse:
        membership = self._membership()
        try:
            grant = services.role_grant(membership=membership, actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("%(name)s has the role %(role)s.") % {"name": membership.user, "role": Role(grant.role).label},
        )
        return redirect("identity:member_detail", membership.public_id)


class _MemberChange(PageMixin, View):
    """A change of one member that may be refused with a sentence."""

    actions = {"POST": "member.edit"}

    def post(self, request: HttpRequest, public_id: UUID, **kwargs: Any) -> HttpResponse:
        membership = get_object_or_404(membership_rows(self.viewer), public_id=public_id)
        try:
            messages.success(request, self.change(membership, **kwargs))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("identity:member_detail", membership.public_id)

    def change(self, membership: Membership, **kwargs: Any) -> str:
        """Make the change and say what was done."""
        raise NotImplementedError


class MemberSuspend(_MemberChange):
    """Shuts a member out."""

    def change(self, membership: Membership, **kwargs: Any) -> str:
        services.member_suspend(membership=membership, actor=self.viewer)
        return _("%(name)s can't sign in to this company any more; tokens stopped working too.") % {
            "name": membership.user
        }


class MemberRestore(_MemberChange):
    """Lets a member in again."""

    def change(self, membership: Membership, **kwargs: Any) -> str:
        services.member_restore(membership=membership, actor=self.viewer)
        return _("%(name)s can sign in again.") % {"name": membership.user}


class RoleEnd(_MemberChange):
    """Takes a role away with the next request."""

    def change(self, membership: Membership, **kwargs: Any) -> str:
        grant = get_object_or_404(RoleGrant, pk=kwargs["grant"], membership=membership)
        services.role_revoke(grant=grant, ends_on=self.viewer.on, actor=self.viewer)
        return _("%(name)s no longer has the role %(role)s.") % {
            "name": membership.user,
            "role": Role(grant.role).label,
        }
