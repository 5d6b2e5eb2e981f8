"""Pages of account families: top accounts with what they are worth, each as a tree, and whom an account belongs to."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from planning.forms.accounts import FamilyFilter, ParentForm
from planning.selectors.families import (
    FamilyTree,
    families_known,
    family_findings,
    family_list,
    family_tops,
    family_tree,
)
from spm.core.money import to_major
from spm.crm.selectors.lists import account_list
from spm.crm.services.accounts import account_parent_set
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

FIRST = ("Depth", "Key", "Account", "Territory", "Owner", "Annual revenue")


class FamilyListPage(PageMixin, TemplateView):
    """Top accounts that have subsidiaries."""

    template_name = "planning/family_list.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = FamilyFilter(self.request.GET)
        form.is_valid()
        found = families_known()
        tops = family_tops(self.viewer, found, form.cleaned_data.get("q", ""))
        page = Paginator(tops, 50).get_page(self.request.GET.get("page"))
        page.object_list = family_list(self.viewer, page.object_list, found, on=self.viewer.on)
        findings = family_findings(self.viewer, found)
        return super().get_context_data(
            page=page, form=form, findings=findings, currency=self.viewer.organisation.currency, **kwargs
        )


class FamilyPage(PageMixin, TemplateView):
    """The family of an account as a tree."""

    template_name = "planning/family_detail.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.day_asked()
        tree = family_tree(self.viewer, self.kwargs["pk"], on=on)
        return super().get_context_data(tree=tree, on=on, currency=self.viewer.organisation.currency, **kwargs)


class FamilyExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, pk: Any, form: str) -> HttpResponse:
        require(self.viewer, "export")
        tree = family_tree(self.viewer, pk, on=self.day_asked())
        rows = _rows(tree, self.viewer.organisation.currency)
        return table_download(rows, _columns(tree), name="account-family", form=form)


class AccountParent(PageMixin, View):
    """Lets an account belong to another one, or to nobody."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        reach = account_list(self.viewer.acting("fact.view"))
        account, form = reach.get(fact=pk), ParentForm(request.POST)
        form.is_valid()
        key = form.cleaned_data.get("parent", "").strip()
        found = list(reach.filter(fact__source_key=key).values_list("fact", flat=True)[:2]) if key else []
        if key and len(found) != 1:
            said = _("“%(key)s” is the key of no account, or of several. Nothing was changed: give another key.")
            messages.error(request, said % {"key": key})
            return redirect("planning:account_detail", pk)
        try:
            account_parent_set(account_id=account.fact_id, parent_id=found[0] if found else None, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, _("Nothing was changed: %(why)s") % {"why": " ".join(error.messages)})
            return redirect("planning:account_detail", pk)
        messages.success(request, _("Whom the account belongs to was changed."))
        return redirect("planning:family_detail", pk)


def _columns(tree: FamilyTree) -> tuple[str, ...]:
    whose = "" if tree.worth.all_deals else ", deals within reach"
    deals = ("Won in 12 months", "Open pipeline", "Currency", "Deals in other currencies")
    return (*FIRST, *(name if name == "Currency" else f"{name}{whose}" for name in deals))


def _rows(tree: FamilyTree, currency: str) -> list[tuple[Any, ...]]:
    return [
        (
            member.depth,
            member.row.version.fact.source_key,
            member.row.version.name,
            member.row.territory,
            member.row.owner,
            None if member.revenue is None else to_major(member.revenue, currency),
            to_major(member.deals.sales, currency),
            to_major(member.deals.open_pipeline, currency),
            currency,
            member.deals.foreign,
        )
        for member in tree.members
    ]
