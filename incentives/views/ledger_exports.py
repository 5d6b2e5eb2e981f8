"""Pages of what the ledger hands to the general ledger: exports, their files, and how accounts are mapped."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.layout import look_initial
from incentives.forms.ledger_exports import LedgerFormatForm
from incentives.selectors.ledger_exports import (
    FIELDS,
    account_names,
    accounts_sentence,
    centres_sentence,
    export_control,
    export_csv,
    export_get,
    export_list,
    export_name,
    export_suggested,
    export_xlsx,
    exportable_periods,
    exports_of,
    ledger_format,
)
from incentives.services.ledger_exports import ledger_export_make, ledger_export_withdraw, ledger_format_set
from spm.web.downloads import controlled_download
from spm.web.views import PageMixin, id_posted

WRITERS = {"csv": export_csv, "xlsx": export_xlsx, "sha256": export_control}


class LedgerExportListPage(PageMixin, TemplateView):
    """The exports; POST makes the next one of a period."""

    template_name = "incentives/ledger_export_list.html"
    actions = {"GET": "ledger.view", "POST": "ledger.export"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer = self.viewer.acting("ledger.view")
        page = Paginator(export_list(viewer), 50).get_page(self.request.GET.get("page"))
        periods = exportable_periods(viewer)
        return super().get_context_data(
            page=page,
            exports=exports_of(page),
            periods=periods,
            suggested=export_suggested(viewer, periods),
            is_mapped=bool(ledger_format()["accounts"]),
            may_edit=self.viewer.can("ledger.export"),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        period = id_posted(request.POST.get("period", ""), _("Choose the period."))
        try:
            export = ledger_export_make(period_id=period, actor=self.viewer)
        except ValidationError as error:
            first, *rest = error.messages
            return self.render_to_response(self.get_context_data(error=first, missing=rest), status=409)
        messages.success(request, _("%(export)s was made.") % {"export": export})
        return redirect("incentives:ledger_export_detail", export.pk)


class LedgerExportPage(PageMixin, TemplateView):
    """One export with its sums by account and its lines; POST withdraws it."""

    template_name = "incentives/ledger_export_detail.html"
    actions = {"GET": "ledger.view", "POST": "ledger.export"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        exported = export_get(self.viewer.acting("ledger.view"), self.kwargs["pk"])
        return super().get_context_data(
            exported=exported,
            company=exported.in_company,
            digest=exported.digest,
            page=Paginator(exported.lines, 100).get_page(self.request.GET.get("page")),
            may_edit=self.viewer.can("ledger.export"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        export_get(self.viewer.acting("ledger.view"), pk)
        try:
            done = ledger_export_withdraw(export_id=pk, reason=request.POST.get("reason", ""), actor=self.viewer)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)
        said = _("%(export)s is withdrawn. What it held comes with the next one.") % {"export": done.export}
        messages.success(request, said)
        return redirect("incentives:ledger_export_detail", pk)


class LedgerExportFile(PageMixin, View):
    """The file of an export, as CSV or sheet, and its control totals with the hash."""

    actions = {"GET": "ledger.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        exported = export_get(self.viewer, pk)
        return controlled_download(exported, form, name=export_name(exported), writers=WRITERS)


class LedgerFormatPage(PageMixin, FormView):
    """How the ledger is mapped and how its file looks from the next export on."""

    template_name = "incentives/ledger_format.html"
    form_class = LedgerFormatForm
    actions = {"GET": "ledger.view", "POST": "ledger.export"}

    def get_initial(self) -> dict[str, Any]:
        form = ledger_format()
        return look_initial(form) | {
            "accounts": accounts_sentence(form["accounts"])
            or "".join(f"{name} = \n" for name, _label in account_names()),
            "centres": centres_sentence(form["centres"]),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            fields=FIELDS, accounts=account_names(), may_edit=self.viewer.can("ledger.export"), **kwargs
        )

    def form_valid(self, form: LedgerFormatForm) -> HttpResponse:
        try:
            ledger_format_set(actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Kept for the next export. Earlier ones stay as they are."))
        return redirect("incentives:ledger_export_list")
