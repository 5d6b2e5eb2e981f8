"""Pages of the company itself: the first one, switching, settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from spm.identity.entry import SESSION_KEY
from spm.identity.forms import CompanyFields, zone_choices
from spm.identity.models import User
from spm.roles import services
from spm.tenancy.scope import Actor
from spm.web.views import PageMixin, SignedInMixin

LOCALES = [
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("de-DE", "Deutsch (Deutschland)"),
]
MONTHS = [
    (1, gettext_lazy("January")),
    (2, gettext_lazy("February")),
    (3, gettext_lazy("March")),
    (4, gettext_lazy("April")),
]
MONTHS += [(5, gettext_lazy("May")), (6, gettext_lazy("June")), (7, gettext_lazy("July")), (8, gettext_lazy("August"))]
MONTHS += [
    (9, gettext_lazy("September")),
    (10, gettext_lazy("October")),
    (11, gettext_lazy("November")),
    (12, gettext_lazy("December")),
]


class CompanyNonePage(SignedInMixin, FormView):
    """Where somebody without a company lands: start one, or wait for an invitation."""

    template_name = "identity/company_none.html"
    form_class = CompanyFields

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("home") if _company_there(request) else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("home") if _company_there(request) else super().post(request, *args, **kwargs)

    def form_valid(self, form: CompanyFields) -> HttpResponse:
        user, values = signed_in(self.request), form.cleaned_data
        company = services.company_create(
            name=values["company"],
            founder=user,
            currency=values["currency"],
            time_zone=values["time_zone"],
            actor=Actor(name=str(user), user_id=user.pk, via="web"),
        )
        self.request.session[SESSION_KEY] = company.id
        return redirect("home")


class CompanySwitch(SignedInMixin, View):
    """Chooses another of the person's companies."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        slug = request.POST.get("organisation", "")
        viewer = getattr(request, "viewer", None)
        chosen = [one for one in (viewer.organisations if viewer else ()) if one.slug == slug]
        if not chosen:
            raise PermissionDenied("You are not a member of this company.")
        request.session[SESSION_KEY] = chosen[0].id
        return redirect("home")


class CompanyForm(forms.Form):
    """The settings that may change."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    time_zone = forms.ChoiceField(
        choices=zone_choices,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Days begin and the nightly run starts by it."),
    )
    locale = forms.ChoiceField(
        choices=LOCALES, label=gettext_lazy("Formats"), help_text=gettext_lazy("How numbers and days are written.")
    )
    fiscal_year_starts_month = forms.TypedChoiceField(
        choices=MONTHS,
        coerce=int,
        label=gettext_lazy("Fiscal year starts in"),
        help_text=gettext_lazy("For calendars made from now on."),
    )
    is_single_operator = forms.BooleanField(
        required=False,
        label=gettext_lazy("One person may approve what they wrote or asked for"),
        help_text=gettext_lazy(
            "For a company with a single operator. Each such approval says so, and changes of this setting are in the audit. "
            "Turn it off once a second member may approve."
        ),
    )


class CompanyEditPage(PageMixin, FormView):
    """The company's settings."""

    template_name = "identity/company_edit.html"
    form_class = CompanyForm
    success_url = reverse_lazy("identity:company_edit")
    actions = {"GET": "company.edit", "POST": "company.edit"}

    def get_initial(self) -> dict[str, Any]:
        company = self.viewer.organisation
        return {name: getattr(company, name) for name in CompanyForm.base_fields}

    def form_valid(self, form: CompanyForm) -> HttpResponse:
        try:
            services.company_edit(actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The settings were saved."))
        return super().form_valid(form)


def signed_in(request: HttpRequest) -> User:
    """Give the user of a page that asks for sign-in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("This needs a sign-in.")
    return request.user


def _company_there(request: HttpRequest) -> bool:
    return getattr(request, "viewer", None) is not None
