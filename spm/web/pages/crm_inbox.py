"""The data-quality inbox: held rows by what they wait for, decisions about them, and warnings about facts."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView, View

from spm.core.findings import FindingError
from spm.crm.intake.reading import held_columns
from spm.crm.models import HeldRow, HeldState
from spm.crm.selectors.absences import absence_questions
from spm.crm.selectors.inbox import FILTERS, held_list, held_table
from spm.crm.selectors.quality import CHECKS, quality_summary, warning_rows
from spm.crm.services.decisions import Released, alias_accept, held_discard, held_fix, held_release, held_upload
from spm.web.downloads import table_download
from spm.web.views import PageMixin

DOWNLOAD_LIMIT = 100_000
WARNING_COLUMNS = ("Key", "Owner", "Stage", "File", "Row")


def chosen(request: HttpRequest) -> dict[str, str]:
    """Give the filters of the address that are set; an upload that is no number names nothing."""
    picked = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    if "upload" in picked:
        try:
            UUID(picked["upload"])
        except ValueError as error:
            raise Http404 from error
    return picked


class InboxPage(PageMixin, TemplateView):
    """What waits for a decision, and what is worth mending."""

    template_name = "crm/inbox.html"
    actions = {"GET": "quality.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        summary = quality_summary(self.viewer)
        warnings = [warning for warning in summary.warnings if warning.code != "SPELLING"]
        spellings = [warning for warning in summary.warnings if warning.code == "SPELLING"]
        return super().get_context_data(
            summary=summary,
            warnings=warnings,
            spellings=spellings,
            questions=absence_questions(self.viewer),
            upload_form=HeldUploadForm(),
            may_import=self.viewer.can("fact.import"),
            **kwargs,
        )


def tell(request: HttpRequest, done: Released) -> None:
    """Say what a decision did."""
    if done.released:
        text = ngettext("%(count)d row was released.", "%(count)d rows were released.", done.released)
        messages.success(request, text % {"count": done.released})
    if done.respelled:
        text = ngettext("%(count)d row was respelled.", "%(count)d rows were respelled.", done.respelled)
        messages.success(request, text % {"count": done.respelled})
    if done.still_held:
        text = ngettext("%(count)d row is still held.", "%(count)d rows are still held.", done.still_held)
        messages.warning(request, text % {"count": done.still_held})
    if not (done.released or done.respelled or done.still_held):
        messages.info(request, _("Remembered for the next import; no row waited for it."))


class AliasAccept(PageMixin, View):
    """Takes a name to mean a known one."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest) -> HttpResponse:
        given = {name: request.POST.get(name, "").strip() for name in ("kind", "source", "alias", "target_key")}
        try:
            tell(request, alias_accept(**given, actor=self.viewer))
        except FindingError as error:
            messages.error(request, error.finding.message)
        return redirect("crm:inbox")


class HeldListPage(PageMixin, TemplateView):
    """Held rows, filtered by what they wait for."""

    template_name = "crm/held_list.html"
    actions = {"GET": "quality.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        state = self.request.GET.get("state", HeldState.HELD)
        rows = held_list(
            self.viewer, chosen(self.request), state=state if state in HeldState.values else HeldState.HELD
        )
        return super().get_context_data(
            page=Paginator(rows, 50).get_page(self.request.GET.get("page")),
            chosen=chosen(self.request),
            query=self.request.GET.urlencode(),
            is_waiting=state == HeldState.HELD,
            may_import=self.viewer.can("fact.import"),
            **kwargs,
        )


class HeldDecide(PageMixin, View):
    """Releases or discards ticked rows, or all rows of a filter."""

    actions = {"POST": "fact.import"}

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            self._decide(request)
        except FindingError as error:
            messages.error(request, error.finding.message)
        query = request.GET.urlencode()
        return redirect(f"{request.path.removesuffix('decide/')}?{query}")

    def _decide(self, request: HttpRequest) -> None:
        ids = request.POST.getlist("selected") or request.POST.getlist("ids")
        if request.POST.get("all"):
            ids = [str(pk) for pk in held_list(self.viewer, chosen(request)).values_list("pk", flat=True)]
        if request.POST.get("do") == "discard":
            count = held_discard(held_ids=ids, reason=request.POST.get("reason", ""), actor=self.viewer)
            text = ngettext("%(count)d row was left out.", "%(count)d rows were left out.", count)
            messages.success(request, text % {"count": count})
        else:
            tell(request, held_release(held_ids=ids, actor=self.viewer))


class HeldFixPage(PageMixin, TemplateView):
    """One held row: every cell, the problems, and the correction."""

    template_name = "crm/held_fix.html"
    actions = {"GET": "quality.view", "POST": "fact.import"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(HeldRow.objects.select_related("upload"), pk=self.kwargs["pk"])
        return super().get_context_data(
            row=row,
            findings=[_finding(row, problem) for problem in row.problems],
            cells=[
                (name, row.values[name] or "", name in {problem["column"] for problem in row.problems})
                for name in held_columns(row)
            ],
            is_waiting=row.state == HeldState.HELD,
            may_import=self.viewer.can("fact.import"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = get_object_or_404(HeldRow.objects.select_related("upload"), pk=pk)
        names = enumerate(held_columns(row))
        given = {name: request.POST[f"cell_{place}"] for place, name in names if f"cell_{place}" in request.POST}
        try:
            done = held_fix(held_id=pk, values=given, actor=self.viewer)
        except FindingError as error:
            messages.error(request, error.finding.message)
            return redirect("crm:held_fix", pk)
        tell(request, done)
        return redirect("crm:held_fix", pk) if done.still_held else redirect("crm:inbox")


def _finding(row: HeldRow, problem: dict[str, Any]) -> dict[str, str]:
    where = f"{row.upload.file_name}, {_('row')} {row.row_number}" + (
        f", {problem['column']}" if problem["column"] else ""
    )
    return {"severity": problem["severity"].lower(), "where": where, "what": problem["reason"], "fix": problem["fix"]}


class HeldDownload(PageMixin, View):
    """Held rows as a file with reason and fix, to be corrected and uploaded again."""

    actions = {"GET": "quality.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        columns, rows = held_table(held_list(self.viewer, chosen(request))[:DOWNLOAD_LIMIT])
        return table_download(rows, columns, name="held-rows", form=form)


class HeldUploadForm(forms.Form):
    """A corrected download of held rows."""

    file = forms.FileField(
        label=gettext_lazy("Corrected file"),
        help_text=gettext_lazy(
            "The download of held rows, with its column “Held row”. Correct cells and send it back."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class HeldUpload(PageMixin, FormView):
    """Takes a corrected download back."""

    form_class = HeldUploadForm
    template_name = "crm/held_upload.html"
    actions = {"GET": "fact.import", "POST": "fact.import"}

    def form_valid(self, form: HeldUploadForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            tell(self.request, held_upload(content=file.read(), file_name=file.name, actor=self.viewer))
        except FindingError as error:
            form.add_error("file", error.finding.message)
            return self.form_invalid(form)
        return redirect("crm:inbox")


class WarningPage(PageMixin, TemplateView):
    """The facts behind a warning."""

    template_name = "crm/warning_rows.html"
    actions = {"GET": "quality.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        check = CHECKS.get(self.kwargs["code"])
        if check is None:
            raise Http404
        rows = warning_rows(self.viewer, self.kwargs["code"])
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(check=check, page=page, **kwargs)


class WarningExport(PageMixin, View):
    """The facts behind a warning as a file."""

    actions = {"GET": "quality.view"}

    def get(self, request: HttpRequest, code: str, form: str) -> HttpResponse:
        if code not in CHECKS:
            raise Http404
        rows = [
            (
                row.fact.source_key,
                row.owner.name if row.owner else "",
                row.stage,
                row.upload.file_name if row.upload else "",
                row.row_number,
            )
            for row in warning_rows(self.viewer, code)
        ]
        return table_download(rows, WARNING_COLUMNS, name=code.lower().replace("_", "-"), form=form)
