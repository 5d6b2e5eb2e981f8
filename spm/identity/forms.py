"""Forms of the account pages."""

from collections.abc import Callable
from typing import Any, ClassVar
from zoneinfo import available_timezones

from allauth.account.forms import SignupForm
from babel.core import get_global
from babel.numbers import get_currency_name
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from spm.identity.models import User
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor

COMMON_CURRENCIES = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "JPY",
    "CAD",
    "AUD",
    "INR",
    "CNY",
    "BRL",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "SGD",
)


def currency_choices() -> list[tuple[str, str]]:
    """Give the currencies in use, the common ones first."""
    used = {
        code
        for rows in get_global("territory_currencies").values()
        for code, _, until, tender in rows
        if tender and not until
    }
    codes = [*COMMON_CURRENCIES, *sorted(used - set(COMMON_CURRENCIES))]
    return [(code, f"{code} – {get_currency_name(code, locale='en_US')}") for code in codes]


def zone_choices() -> list[tuple[str, str]]:
    """Give the IANA time zones of places, and UTC."""
    zones = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right"))
    )
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]


class CompanyFields(forms.Form):
    """What is asked about a new company."""

    company = forms.CharField(
        max_length=200, label=_("Company"), widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    currency = forms.ChoiceField(
        choices=currency_choices,
        initial="USD",
        label=_("Currency"),
        help_text=_("Pay is kept in it; it can't be changed later."),
    )
    time_zone = forms.ChoiceField(
        choices=zone_choices,
        initial="UTC",
        label=_("Time zone"),
        help_text=_("Days begin and the nightly run starts by it."),
    )


class CompanySignupForm(SignupForm, CompanyFields):
    """Sign-up: a person and their company, both or neither.

    What founds a company writes rows of a company and so stands above this app: `spm.roles.apps` puts it into `found` at start.
    """

    found: ClassVar[Callable[..., Organisation]]

    name = forms.CharField(max_length=200, label=_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1", "password2", "company", "currency", "time_zone"]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Take as long for an address that has an account as for a new one."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Name the person and found the company, in the transaction of the sign-up."""
        user.name = self.cleaned_data["name"].strip()
        user.save(update_fields=["name"])
        CompanySignupForm.found(
            founder=user, actor=Actor(name=str(user), user_id=user.pk, via="web"), **self.company_values()
        )

    def company_values(self) -> dict[str, Any]:
        """Give what the form says about the company."""
        values = self.cleaned_data
        return {"name": values["company"], "currency": values["currency"], "time_zone": values["time_zone"]}
