"""Forms of the account pages."""

from allauth.account.forms import SignupForm
from django import forms


class CompanySignupForm(SignupForm):
    """Sign-up: a person and their company."""

    company = forms.CharField(max_length=200, label="Company")
