"""Service keys: what machines may, made, shown once, revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from spm.roles import services
from spm.roles.catalogue import ACTIONS, FOR_PEOPLE
from spm.roles.policy import only_reads
from spm.roles.selectors import key_list
from spm.web.views import PageMixin


def _said(right: str) -> SafeString:
    """Give a right in words and with the code by which the API names it."""
    return format_html("{} <code>{}</code>", ACTIONS[right], right)


READS = [(name, _said(name)) for name in ACTIONS if only_reads(name) and name != "home.view"]
WRITES = [(name, _said(name)) for name in ACTIONS if not only_reads(name) and name not in FOR_PEOPLE]
USUAL_DAYS = 90


class KeyForm(forms.Form):
    """What a machine is, what it may, and until when."""

    name = forms.CharField(
        max_length=100,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("The machine, such as “Payroll export”. The audit names it so."),
    )
    last_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("At most 365 days ahead."),
    )
    note = forms.CharField(
        max_length=500,
        required=False,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Who runs it, and whom to ask."),
    )
    reads_all = forms.BooleanField(required=False, label=gettext_lazy("May read everything, and write nothing"))
    reads = forms.MultipleChoiceField(
        choices=READS, required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("May read")
    )
    writes = forms.MultipleChoiceField(
        choices=WRITES, required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("May write")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a choice that contradicts itself."""
        values = super().clean() or {}
        if values.get("reads_all") and values.get("writes"):
            self.add_error("reads_all", _("It can't write nothing and write. Choose one of the two."))
        return values

    def rights(self) -> list[str]:
        """Give the rights that were chosen."""
        if self.cleaned_data["reads_all"]:
            return [name for name, _text in READS]
        return [*self.cleaned_data["reads"], *self.cleaned_data["writes"]]


class KeyListPage(PageMixin, TemplateView):
    """The company's service keys, and when each was last used."""

    template_name = "identity/key_list.html"
    actions = {"GET": "key.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keys = list(key_list(self.viewer))
        for key in keys:
            key.sentences = [_said(right) for right in key.rights or () if right in ACTIONS]
        return super().get_context_data(keys=keys, may_edit=self.viewer.can("key.edit"), **kwargs)


class KeyNewPage(PageMixin, FormView):
    """Makes a key; it is shown once, in the answer that made it."""

    template_name = "identity/key_new.html"
    form_class = KeyForm
    actions = {"GET": "key.edit", "POST": "key.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"last_on": self.viewer.on + timedelta(days=USUAL_DAYS)}

    def form_valid(self, form: KeyForm) -> HttpResponse:
        values = {name: form.cleaned_data[name] for name in ("name", "last_on", "note")}
        try:
            key, secret = services.key_create(rights=form.rights(), actor=self.viewer, **values)
        except ValidationError as error:
            _place(form, error)
            return self.form_invalid(form)
        return self.render_to_response({"made": key, "secret": secret, "view": self})


class KeyRevoke(PageMixin, View):
    """Ends a key."""

    actions = {"POST": "key.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        services.key_revoke(key_id=pk, actor=self.viewer)
        messages.success(request, _("The key was revoked; the machine that uses it is refused from now on."))
        return redirect("identity:key_list")


def _place(form: KeyForm, error: ValidationError) -> None:
    """Put what a service says where the form has a field for it."""
    for name, texts in (error.message_dict if hasattr(error, "error_dict") else {"": error.messages}).items():
        form.add_error({"rights": "reads"}.get(name, name) or None, texts)
