"""API tokens: made, shown once, revoked."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from spm.identity.models import ApiToken
from spm.roles import services
from spm.roles.services.tokens import LONGEST_DAYS, token_list
from spm.web.views import PageMixin


class TokenForm(forms.Form):
    """What a token is for."""

    name = forms.CharField(
        max_length=100, label=gettext_lazy("Name"), help_text=gettext_lazy("What uses it, such as “Payroll export”.")
    )
    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, initial=90, label=gettext_lazy("Valid for days"))
    read_only = forms.BooleanField(required=False, initial=True, label=gettext_lazy("May only read"))


class TokenListPage(PageMixin, FormView):
    """The viewer's own tokens; a new one is shown once, in the answer that made it."""

    template_name = "identity/token_list.html"
    form_class = TokenForm
    actions = {"GET": "token.edit", "POST": "token.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tokens=token_list(self.viewer), **kwargs)

    def form_valid(self, form: TokenForm) -> HttpResponse:
        try:
            token, secret = services.token_create(actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=TokenForm(), made=token, secret=secret))


class TokenRevoke(PageMixin, View):
    """Ends a token."""

    actions = {"POST": "token.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            services.token_revoke(token_id=pk, actor=self.viewer)
        except ApiToken.DoesNotExist as error:
            raise Http404 from error
        messages.success(request, _("The token was revoked; programs that use it are refused from now on."))
        return redirect("identity:token_list")
