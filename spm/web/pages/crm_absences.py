"""The page of what a full list lacks: each record with what is known of it, answered one by one or together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from spm.core.findings import FindingError
from spm.core.ids import id_of
from spm.core.money import to_major
from spm.crm.feeds.schemas import KINDS
from spm.crm.models import AbsentState, Upload
from spm.crm.selectors.absences import absent_known, absent_list
from spm.crm.selectors.inbox import upload_list
from spm.crm.services.absences import absences_answer
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = ("Key", "Name", "Owner", "Day", "Amount", "Currency", "Answer", "Answered by", "Reason")


def _upload(page: Any) -> Upload:
    found: Upload = get_object_or_404(upload_list(page.viewer), pk=page.kwargs["pk"], is_full_list=True)
    return found


class AbsentListPage(PageMixin, TemplateView):
    """What an import asks about; POST answers for the ticked records, or for all that wait."""

    template_name = "crm/absent_list.html"
    actions = {"GET": "quality.view", "POST": "absence.answer"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        upload = _upload(self)
        rows = absent_list(self.viewer, upload_id=upload.pk)
        waiting = rows.filter(state=AbsentState.OPEN).count()
        page = Paginator(rows.order_by("decided_at", "key", "pk"), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            upload=upload,
            kind=KINDS.get(upload.kind),
            page=page,
            known=absent_known(page.object_list),
            waiting=waiting,
            may_answer=bool(waiting) and self.viewer.can("absence.answer"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        upload = _upload(self)
        ids = request.POST.getlist("selected") or request.POST.getlist("ids")
        typed = request.POST.get("reason", "")
        try:
            count = absences_answer(
                actor=self.viewer,
                is_gone=request.POST.get("do") == "gone",
                reason=typed,
                ids=[one.pk for one in absent_list(self.viewer, upload_id=upload.pk).filter(pk__in=_keys(ids))],
                upload_id=upload.pk if request.POST.get("all") else None,
            )
        except FindingError as error:
            return self.render_to_response(self.get_context_data(error=error.finding.message, typed=typed), status=422)
        text = ngettext("%(count)d record was answered.", "%(count)d records were answered.", count)
        messages.success(request, text % {"count": count})
        return redirect("crm:absent_list", pk)


def _keys(ids: list[str]) -> list[UUID]:
    """The ids that are ids; others name nothing."""
    return [key for each in ids if (key := id_of(each)) is not None]


class AbsentExport(PageMixin, View):
    """What an import asks about as a file, with every answer."""

    actions = {"GET": "quality.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        upload = _upload(self)
        rows = (
            (
                each.record.key,
                each.record.label,
                each.owner,
                each.day,
                None if each.amount_minor is None or not each.currency else to_major(each.amount_minor, each.currency),
                each.currency,
                _(each.record.get_state_display()),
                str(each.record.decided_by or ""),
                each.record.reason,
            )
            for each in absent_known(absent_list(self.viewer, upload_id=upload.pk))
        )
        return table_download(rows, COLUMNS, name="absent-records", form=form)
