"""Opening a book, its policies, and bringing the books up to date."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from incentives.forms.expense import BookForm, PolicyForm, policy_initial
from incentives.selectors.expense.books import components_known, policy_list
from incentives.selectors.expense.figures import open_month
from incentives.services.expense.books import Accounts, PolicyValues, book_create, expense_start, policy_set
from incentives.views.expense.base import BookPage
from spm.web.views import PageMixin


class ExpensePolicyPage(BookPage, FormView):
    """The policies of a book, dated; POST lets one hold from an open month on."""

    template_name = "incentives/expense_policy.html"
    form_class = PolicyForm
    actions = {"GET": "expense.view", "POST": "expense.edit"}
    tab = "policy"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"components": components_known()}

    def get_initial(self) -> dict[str, Any]:
        held = policy_list(self.viewer, self.book).first()
        values = policy_initial(held, components_known()) if held else {}
        return values | {"start": open_month(self.book)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book, names = self.book, components_known()
        policies = [
            (row, [(names.get((each["plan"], each["component"])), each) for each in row.components])
            for row in policy_list(self.viewer, book)
        ]
        return super().get_context_data(**self.about(book), policies=policies, **kwargs)

    def form_valid(self, form: PolicyForm) -> HttpResponse:
        values = form.cleaned_data
        try:
            policy_set(
                book_id=self.book.pk,
                policy=_policy(form),
                start=values["start"],
                reason=values["reason"],
                actor=self.viewer,
            )
        except ValidationError as error:
            _add(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The policy holds from that month on. What is closed stays as it is."))
        return redirect("incentives:expense_policy", self.book.pk)

    def form_invalid(self, form: PolicyForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ExpenseBookNewPage(PageMixin, FormView):
    """Opens a book with its first policy."""

    template_name = "incentives/expense_new.html"
    form_class = BookForm
    actions = {"GET": "expense.edit", "POST": "expense.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"components": components_known()}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on.replace(month=1, day=1)}

    def form_valid(self, form: BookForm) -> HttpResponse:
        values = form.cleaned_data
        names = ("asset", "expense", "amortisation", "impairment")
        try:
            book = book_create(
                name=values["name"],
                starts_on=values["start"],
                policy=_policy(form),
                reason=values["reason"],
                close_after_days=values["close_after_days"],
                accounts=Accounts(**{name: values[f"{name}_account"] for name in names}),
                actor=self.viewer,
            )
        except ValidationError as error:
            _add(form, error)
            return self.form_invalid(form)
        expense_start(actor=self.viewer)
        messages.success(self.request, _("The book is open. Its months up to now are being closed."))
        return redirect("incentives:expense_book", book.pk)

    def form_invalid(self, form: BookForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ExpenseUpdate(PageMixin, View):
    """Starts bringing all books up to date as a job."""

    actions = {"POST": "expense.edit"}

    def post(self, request: HttpRequest) -> HttpResponse:
        job = expense_start(actor=self.viewer)
        messages.success(request, _("The books are being brought up to date."))
        return redirect("jobs:job_detail", job.pk)


def _policy(form: PolicyForm) -> PolicyValues:
    values = form.cleaned_data
    names = ("capitalises", "uses_expedient", "basis", "benefit_months", "convention", "includes_overrides")
    more = ("capitalises_without_contract", "lapse_months", "direct_cost_rate")
    return PolicyValues(
        **{name: values[name] for name in (*names, *more)},
        new_rate=values["new_rate"] or 0,
        renewal_rate=values["renewal_rate"] or 0,
        components=form.chosen(),
    )


def _add(form: PolicyForm, error: ValidationError) -> None:
    """Show what a service refused beside its field; the month of a book is the field `start` here."""
    told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, texts in told.items():
        field = "start" if name == "starts_on" else name
        form.add_error(field if field in form.fields else None, texts)
