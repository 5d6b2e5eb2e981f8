"""The page on which platform staff enter one company for a while."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from spm.identity.entry import SESSION_KEY, staff_entry_find
from spm.identity.services import LONGEST_MINUTES, staff_check, staff_entry_close, staff_entry_open
from spm.web.pages.identity.companies import signed_in
from spm.web.views import SignedInMixin


class StaffEntryForm(forms.Form):
    """Which company, why, how long."""

    company = forms.SlugField(
        label=gettext_lazy("Company"), help_text=gettext_lazy("Its short name, as the ticket says it.")
    )
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), help_text=gettext_lazy("The company reads it.")
    )
    minutes = forms.IntegerField(min_value=1, max_value=LONGEST_MINUTES, initial=30, label=gettext_lazy("Minutes"))


class StaffOnlyMixin(SignedInMixin):
    """Lets in active platform staff with a second factor."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        if request.user.is_authenticated:
            staff_check(signed_in(request))
        return super().dispatch(request, *args, **kwargs)


@method_decorator(reauthentication_required, name="post")
class StaffEntryPage(StaffOnlyMixin, FormView):
    """Enters a company, after the second factor was shown again."""

    template_name = "identity/staff_entry.html"
    form_class = StaffEntryForm
    http_method_names = ["get", "head", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = staff_entry_find(signed_in(self.request), self.request.session.get(SESSION_KEY))
        return super().get_context_data(entry=entry, **kwargs)

    def form_valid(self, form: StaffEntryForm) -> HttpResponse:
        values = form.cleaned_data
        try:
            entry = staff_entry_open(
                user=signed_in(self.request), slug=values["company"], reason=values["reason"], minutes=values["minutes"]
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        self.request.session[SESSION_KEY] = entry.organisation_id
        messages.warning(
            self.request,
            _("You are in %(company)s, read only. The company sees that.") % {"company": entry.organisation},
        )
        return redirect("audit:entry_list")


class StaffLeave(SignedInMixin, View):
    """Leaves the company."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        staff_entry_close(user=signed_in(request))
        request.session.pop(SESSION_KEY, None)
        return redirect("identity:company_none")
