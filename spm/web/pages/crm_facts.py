"""Pages of facts: deals, accounts and products within reach, each with the history of what was known."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from spm.core.money import RATE_SCALE
from spm.crm.models import OpportunityStatus, SplitKind
from spm.crm.selectors.absences import absence_of
from spm.crm.selectors.fact_exports import fact_table
from spm.crm.selectors.lists import (
    account_list,
    attributes_shown,
    fact_history,
    fact_rows,
    opportunity_list,
    product_list,
    split_list,
)
from spm.crm.services.splits import Share, split_set
from spm.people.models import Participant
from spm.web.downloads import table_download
from spm.web.views import PageMixin

DAY = forms.DateInput(attrs={"type": "date"})


class DealFilter(forms.Form):
    """Which deals to show."""

    q = forms.CharField(required=False, label=gettext_lazy("Deal, account or owner"))
    status = forms.ChoiceField(
        required=False, label=gettext_lazy("Status"), choices=[("", gettext_lazy("All")), *OpportunityStatus.choices]
    )
    stage = forms.CharField(required=False, label=gettext_lazy("Stage"))
    product = forms.CharField(required=False, label=gettext_lazy("Product"))
    closed_from = forms.DateField(required=False, label=gettext_lazy("Closed from"), widget=DAY)
    closed_until = forms.DateField(required=False, label=gettext_lazy("Closed before"), widget=DAY)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the deals that fit; a filter that can't be read keeps none of its own."""
        given = (
            self.cleaned_data
            if self.is_valid()
            else {name: value for name, value in self.cleaned_data.items() if name not in self.errors}
        )
        if text := given.get("q"):
            rows = rows.filter(
                Q(fact__source_key__icontains=text) | Q(account_name__icontains=text) | Q(owner__name__icontains=text)
            )
        for name, lookup in (
            ("status", "status"),
            ("stage", "stage__iexact"),
            ("product", "product_name__icontains"),
            ("closed_from", "close_on__gte"),
            ("closed_until", "close_on__lt"),
        ):
            if given.get(name):
                rows = rows.filter(**{lookup: given[name]})
        return rows


class NameFilter(forms.Form):
    """A part of the name."""

    q = forms.CharField(required=False, label=gettext_lazy("Name"))

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what has the text in name or key."""
        text = self.cleaned_data.get("q") if self.is_valid() else ""
        return rows.filter(Q(name__icontains=text) | Q(fact__source_key__icontains=text)) if text else rows


class FactListPage(PageMixin, TemplateView):
    """A list of facts within reach: filter, sort, pages, export."""

    actions = {"GET": "fact.view"}
    kind = ""
    filter_class: type[Any] = NameFilter
    sorts: dict[str, str] = {"name": "name"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.filter_class(self.request.GET)
        rows = form.narrow(LISTS[self.kind](self.viewer))
        page = Paginator(self._ordered(rows), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            form=form,
            query=self.request.GET.urlencode(),
            may_import=self.viewer.can("fact.import"),
            **kwargs,
        )

    def _ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        sort = self.request.GET.get("sort", "")
        column = self.sorts.get(sort.lstrip("-"), next(iter(self.sorts.values())))
        return rows.order_by(f"-{column}" if sort.startswith("-") else column, "fact_id")


LISTS = {"opportunity": opportunity_list, "account": account_list, "product": product_list}
NARROWING: dict[str, type[Any]] = {"opportunity": DealFilter, "account": NameFilter, "product": NameFilter}


class OpportunityListPage(FactListPage):
    """Deals."""

    template_name = "crm/opportunity_list.html"
    kind = "opportunity"
    filter_class = DealFilter
    sorts = {
        "deal": "fact__source_key",
        "account": "account_name",
        "product": "product_name",
        "owner": "owner__name",
        "stage": "stage",
        "amount": "amount_minor",
        "closed": "close_on",
    }


class AccountListPage(FactListPage):
    """Accounts."""

    template_name = "crm/account_list.html"
    kind = "account"
    sorts = {"name": "name", "industry": "industry", "country": "country", "revenue": "annual_revenue_minor"}


class ProductListPage(FactListPage):
    """Products."""

    template_name = "crm/product_list.html"
    kind = "product"
    sorts = {"name": "name", "family": "family", "price": "list_price_minor"}


class FactPage(PageMixin, TemplateView):
    """One fact: what is known now, where it came from, and every version before."""

    actions = {"GET": "fact.view"}
    kind = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fact = get_object_or_404(fact_rows(self.viewer, self.kind), fact_id=self.kwargs["pk"])
        history = fact_history(self.viewer, self.kind, self.kwargs["pk"])
        return super().get_context_data(
            row=fact,
            history=history,
            absence=absence_of(self.kind, self.kwargs["pk"]),
            may_see_uploads=self.viewer.can("quality.view"),
            **self.more(fact),
            **kwargs,
        )

    def more(self, fact: Any) -> dict[str, Any]:
        """Give what the page of a kind shows besides."""
        return {}


class OpportunityPage(FactPage):
    """A deal and its shares; POST sets all shares at once."""

    template_name = "crm/opportunity_detail.html"
    kind = "opportunity"
    actions = {"GET": "fact.view", "POST": "fact.import"}

    def more(self, fact: Any) -> dict[str, Any]:
        shares = split_list(self.viewer, fact.fact_id)
        may_edit = self.viewer.can("fact.import")
        typed = self.kwargs.get("typed") or [
            (str(one.participant_id), one.kind, f"{one.share_rate / (RATE_SCALE // 100):g}") for one in shares
        ]
        people = Participant.objects.order_by("name").values_list("id", "name") if may_edit else ()
        return {
            "attributes": attributes_shown(fact),
            "shares": shares,
            "may_edit": may_edit,
            "people": [(str(key), name) for key, name in people],
            "share_rows": [*typed, *[("", SplitKind.REVENUE.value, "")] * max(2, 5 - len(typed))],
            "errors": self.kwargs.get("errors", ()),
        }

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        get_object_or_404(fact_rows(self.viewer, self.kind), fact_id=pk)
        columns = (request.POST.getlist(name) for name in ("participant", "kind", "share"))
        typed = [row for row in zip(*columns, strict=False) if row[0] or row[2].strip()]
        try:
            split_set(opportunity_id=pk, shares=[_share(*row) for row in typed], actor=self.viewer)
        except ValidationError as error:
            self.kwargs |= {"typed": typed, "errors": error.messages}
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, _("The shares were saved."))
        return redirect("crm:opportunity_detail", pk)


def _share(participant: str, kind: str, share: str) -> Share:
    try:
        exact = Decimal(share.replace("%", "").replace(",", ".").strip()) * (RATE_SCALE // 100)
        return Share(UUID(participant), kind, int(exact) if exact == exact.to_integral_value() else -1)
    except (ArithmeticError, ValueError) as error:
        raise ValidationError(_("Each share names a person and a percentage, such as 50.")) from error


class AccountPage(FactPage):
    """An account with its deals within reach."""

    template_name = "crm/account_detail.html"
    kind = "account"

    def more(self, fact: Any) -> dict[str, Any]:
        deals = opportunity_list(self.viewer).filter(account_id=fact.fact_id).order_by("-close_on", "fact__source_key")
        return {"deals": Paginator(deals, 25).get_page(self.request.GET.get("page"))}


class ProductPage(FactPage):
    """A product."""

    template_name = "crm/product_detail.html"
    kind = "product"


class FactExport(PageMixin, View):
    """A list as a file: what the filter shows, in columns that an import takes back unchanged."""

    actions = {"GET": "export"}

    def get(self, request: HttpRequest, kind: str, form: str) -> HttpResponse:
        if kind not in LISTS or not self.viewer.can("fact.view"):
            raise Http404
        narrowed = NARROWING[kind](request.GET).narrow(LISTS[kind](self.viewer.acting("fact.view")))
        columns, rows = fact_table(kind, narrowed.order_by("fact__source_key", "fact__source"))
        return table_download(rows, columns, name=kind, form=form)
