"""Where a plan can come from and go to beside the designer: the gallery, a file in, a file out, two versions compared."""

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.plans import PlanFileForm
from incentives.models import Plan, PlanVersion
from incentives.selectors.designs import clauses_compared, texts_compared
from incentives.selectors.gallery import template_list
from incentives.selectors.lifecycle import definition_for
from incentives.selectors.plans import plan_rows, version_choices, version_rows
from incentives.services.documents import PlanRefused, document_read, document_text
from incentives.views.writing import PlanWritePage, plan_file
from spm.web.views import PageMixin


class PlanGalleryPage(PageMixin, TemplateView):
    """The usual plans of the field, each with whom it is for and its curve."""

    template_name = "incentives/plan_gallery.html"
    actions = {"GET": "plan.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(templates=template_list(), form=PlanFileForm(), **kwargs)


class PlanImportPage(PageMixin, FormView):
    """Opens a plan file in the designer: as a new plan, or as the next version of the plan that has its key. Nothing is saved yet."""

    template_name = "incentives/plan_import.html"
    form_class = PlanFileForm
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def form_valid(self, form: PlanFileForm) -> HttpResponse:
        text = form.cleaned_data["file"]
        try:
            document = document_read(text)
        except PlanRefused as refusal:
            return self.render_to_response(self.get_context_data(form=form, findings=refusal.findings), status=422)
        if isinstance(document.get("plans"), list):
            form.add_error("file", _("The file holds several plans. Give each its own file."))
            return self.form_invalid(form)
        return _opened(self.request, document, plan_rows(self.viewer).filter(code=document.get("plan", "")).first())


class _ImportedPage(PlanWritePage):
    """The designer with the document of a file; it posts to where the plan is saved."""

    imported: Plan | None = None

    def plan(self) -> Plan | None:
        return self.imported

    def address(self) -> str:
        if self.imported is None:
            return reverse("incentives:plan_new")
        return reverse("incentives:plan_version_new", args=[self.imported.pk])


def _opened(request: HttpRequest, document: dict[str, Any], plan: Plan | None) -> HttpResponse:
    page = _ImportedPage(imported=plan)
    page.setup(request)
    return page.opened(document)


class PlanExport(PageMixin, View):
    """A version as a plan file."""

    actions = {"GET": "plan.view"}

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version = get_object_or_404(version_rows(self.viewer), pk=pk)
        return plan_file(
            f"{version.plan.code}-{version.number}", document_text(definition_for(self.viewer, version.definition))
        )


class PlanComparePage(PageMixin, TemplateView):
    """Two versions, of one plan or of two, clause by clause and line by line."""

    template_name = "incentives/plan_compare.html"
    actions = {"GET": "plan.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])
        choices = [one for one in version_choices(self.viewer) if one.pk != version.pk]
        before = self._before(version, choices)
        values: dict[str, Any] = {"version": version, "plan": version.plan, "choices": choices, "live": before}
        if before is not None:
            old, new = (definition_for(self.viewer, one.definition) for one in (before, version))
            lines = texts_compared(document_text(old), document_text(new))
            values |= {"changes": clauses_compared(old, new), "lines": lines}
        return super().get_context_data(**values, **kwargs)

    def _before(self, version: PlanVersion, choices: Sequence[PlanVersion]) -> PlanVersion | None:
        """The version asked for, by its number in the plan or by its key; else the one before, or the latest other one of the plan."""
        asked, own = self.request.GET.get("with", ""), [one for one in choices if one.plan_id == version.plan_id]
        chosen = (one for one in choices if asked == str(one.pk) or (one in own and asked == str(one.number)))
        earlier = (one for one in own if one.number < version.number)
        return next(chain(chosen, earlier, own), None)
