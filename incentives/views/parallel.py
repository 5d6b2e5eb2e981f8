"""Pages of the parallel run: the periods with results of a former system, and one of them beside ours."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from incentives.forms.parallel import ParallelFilterForm
from incentives.models import FormerUpload
from incentives.selectors.parallel import (
    Compared,
    parallel_causes,
    parallel_rows,
    parallel_sums,
    upload_latest,
    upload_list,
)
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = ("Person", "Plan", "Component", "Currency", "There", "Here", "Difference", "Cause", "Detail")


class ParallelListPage(PageMixin, TemplateView):
    """The files of results that were uploaded."""

    template_name = "incentives/parallel_list.html"
    actions = {"GET": "parallel.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(upload_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("parallel.edit"), **kwargs)


class OfPeriod(PageMixin):
    """The upload of a period and its filtered rows."""

    actions = {"GET": "parallel.view"}

    def upload(self) -> FormerUpload:
        """Give the upload that counts; 404 where the period has none within reach."""
        latest = upload_latest(self.kwargs["pk"])  # type: ignore[attr-defined]
        if latest is None or not upload_list(self.viewer).filter(pk=latest.pk).exists():
            raise Http404
        return latest


class ParallelPage(OfPeriod, TemplateView):
    """Results there and here, with the cause of each difference."""

    template_name = "incentives/parallel_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        upload = self.upload()
        form = ParallelFilterForm(self.request.GET)
        every = parallel_rows(self.viewer, upload, within=form.cents)
        rows = form.kept(every)
        return super().get_context_data(
            upload=upload,
            period=upload.period,
            form=form,
            has_filter=form.has_filter,
            page=Paginator(rows, 50).get_page(self.request.GET.get("page")),
            sums=parallel_sums(rows),
            causes=parallel_causes(every),
            may_edit=self.viewer.can("parallel.edit"),
            **kwargs,
        )


class ParallelExport(OfPeriod, View):
    """The same as a file."""

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        upload, chosen = self.upload(), ParallelFilterForm(request.GET)
        rows = chosen.kept(parallel_rows(self.viewer, upload, within=chosen.cents))
        name = f"parallel-{upload.period.key}"
        return table_download([_row(row) for row in rows], COLUMNS, name=name, form=form)


def _row(row: Compared) -> tuple[Any, ...]:
    there, here = (None if each is None else to_major(each, row.currency) for each in (row.there_minor, row.here_minor))
    difference = to_major(row.difference_minor, row.currency)
    component = row.component_name or _("Total")
    return (row.name, row.plan_name, component, row.currency, there, here, difference, row.label, row.detail)
