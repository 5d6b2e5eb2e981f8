"""The page behind the link of an invitation: joining a company as a new or a known person, by the invited address only."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from spm.identity.entry import SESSION_KEY, invitation_find
from spm.identity.models import Invitation, Membership, User
from spm.roles.services.invitations import invitation_accept, token_digest
from spm.tenancy.scope import Actor

JOIN_KEY = "invitation_token"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class JoinLink(View):
    """Takes the token out of the address bar into the session."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        request.session[JOIN_KEY] = token
        return redirect("identity:join")


class NewPersonForm(forms.Form):
    """Who joins and has no account yet; the address is the invited one and can't be chosen."""

    name = forms.CharField(
        max_length=200, label=gettext_lazy("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        try:
            validate_password(values.get("password", ""), user=User(email=self.email, name=values.get("name", "")))
        except ValidationError as error:
            self.add_error("password", error)
        return values


class JoinPage(FormView):
    """Accepts an invitation. The four states: no longer open, sign in first, wrong address, welcome."""

    template_name = "identity/join.html"
    form_class = NewPersonForm
    http_method_names = ["get", "head", "post"]
    invitation: Invitation | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.invitation = invitation_find(token_digest(request.session.get(JOIN_KEY, "")))

    def state(self) -> str:
        """Name what the visitor has to do."""
        if self.invitation is None:
            return "closed"
        if isinstance(self.request.user, User):
            return "confirm" if self.request.user.email.lower() == self.invitation.email else "other"
        return "known" if User.objects.filter(email=self.invitation.email).exists() else "new"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"email": self.invitation.email if self.invitation else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(state=self.state(), invitation=self.invitation, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        state = self.state()
        if state == "new":
            return super().post(request, *args, **kwargs)
        if state == "confirm" and isinstance(request.user, User):
            return self._join(request.user)
        if state == "closed":
            return self.render_to_response(self.get_context_data(), status=410)
        raise PermissionDenied("The invitation is for another address. Sign in with the invited one.")

    def form_valid(self, form: NewPersonForm) -> HttpResponse:
        user = User.objects.create_user(
            form.email, form.cleaned_data["password"], name=form.cleaned_data["name"].strip()
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        membership = self._accept(user)
        login(self.request, user, backend=BACKEND)
        return self._welcome(membership)

    def _join(self, user: User) -> HttpResponse:
        try:
            return self._welcome(self._accept(user))
        except ValidationError:
            self.invitation = None
            return self.render_to_response(self.get_context_data(), status=410)

    def _accept(self, user: User) -> Membership:
        actor = Actor(name=str(user), user_id=user.pk, via="web")
        return invitation_accept(token=self.request.session[JOIN_KEY], user=user, actor=actor)

    def _welcome(self, membership: Membership) -> HttpResponse:
        self.request.session.pop(JOIN_KEY, None)
        self.request.session[SESSION_KEY] = membership.organisation_id
        return redirect("home")
