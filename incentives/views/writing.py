"""Pages on which a plan is written: as a form where the form knows everything that it says, else as text."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from incentives.forms.plans import Components, PlanForm, PlanTextForm, document_of, form_values
from incentives.models import Plan, PlanVersion
from incentives.selectors.plans import draft_of, plan_rows, version_list, version_rows
from incentives.services.documents import PlanRefused, document_text
from incentives.services.plans import plan_create, plan_version_save
from spm.core.findings import Finding
from spm.web.views import PageMixin

FIRST_COMPONENT = {
    "kind": "TIERS",
    "stage": "Won",
    "rate_1": "3 %",
    "until_1": "50 %",
    "until_2": "100 %",
    "rate_2": "5 %",
    "rate_3": "8 %",
}


class PlanWritePage(PageMixin, TemplateView):
    """Writes a draft. Subclasses say which document it begins with and how it is saved."""

    template_name = "incentives/plan_edit.html"
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = self.document()
        values = (
            form_values(document)
            if document
            else ({"currency": self.viewer.organisation.currency, "period": "QUARTERLY"}, [FIRST_COMPONENT])
        )
        if request.GET.get("as") == "text" or values is None:
            form = PlanTextForm(initial={"text": document_text(document) if document else ""})
            return self._page(text_form=form, is_beyond_form=values is None)
        head, components = values
        return self._page(form=PlanForm(initial=head), components=Components(initial=components, prefix="component"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "text" in request.POST:
            return self._from_text(PlanTextForm(request.POST))
        form, components = PlanForm(request.POST), Components(self._with_another(request), prefix="component")
        if request.POST.get("do") == "add":
            return self._page(form=form, components=components)
        if not form.is_valid() or not components.is_valid():
            return self._page(form=form, components=components, status=422)
        return self._save(
            document_of(form.cleaned_data, [each.cleaned_data for each in components]), form=form, components=components
        )

    def _with_another(self, request: HttpRequest) -> Mapping[str, Any]:
        """The posted fields, with one empty component more where that was asked for."""
        values = request.POST.copy()
        total = values.get("component-TOTAL_FORMS", "0")
        if request.POST.get("do") == "add" and total.isdecimal():
            values["component-TOTAL_FORMS"] = str(int(total) + 1)
        return values

    def _from_text(self, form: PlanTextForm) -> HttpResponse:
        if not form.is_valid():
            return self._page(text_form=form, status=422)
        return self._save(form.cleaned_data["text"], text_form=form)

    def _save(self, document: Mapping[str, Any] | str, **context: Any) -> HttpResponse:
        try:
            version, warnings = self.save(document)
        except PlanRefused as refusal:
            return self._page(findings=refusal.findings, status=422, **context)
        except ValidationError as error:
            where = getattr(error, "message_dict", {})
            findings = [
                Finding("REFUSED", ", ".join(name for name in where if name != "__all__"), " ".join(error.messages))
            ]
            return self._page(findings=findings, status=422, **context)
        for warning in warnings:
            messages.warning(self.request, warning.message)
        messages.success(self.request, _("The draft was saved. It pays nothing until it is published."))
        return redirect(f"{reverse('incentives:plan_detail', args=[version.plan_id])}?version={version.number}")

    def _page(self, *, status: int = 200, components: Any = None, **context: Any) -> HttpResponse:
        context = self.get_context_data(components=components, plan=self.plan(), version=self.version(), **context)
        return self.render_to_response(context, status=status)

    def document(self) -> Mapping[str, Any] | None:
        """Give the document to begin with; None for an empty plan."""
        return None

    def plan(self) -> Plan | None:
        """Give the plan that is written, None for a new one."""
        return None

    def version(self) -> PlanVersion | None:
        """Give the draft that is changed, None where a new one is made."""
        return None

    def save(self, document: Mapping[str, Any] | str) -> tuple[PlanVersion, list[Finding]]:
        """Save what was written."""
        return plan_create(document=document, actor=self.viewer)


class PlanEditPage(PlanWritePage):
    """Changes a draft."""

    def document(self) -> Mapping[str, Any]:
        return self.version().definition

    def plan(self) -> Plan:
        return self.version().plan

    def version(self) -> PlanVersion:
        return get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])

    def save(self, document: Mapping[str, Any] | str) -> tuple[PlanVersion, list[Finding]]:
        version = self.version()
        return plan_version_save(plan_id=version.plan_id, version_id=version.id, document=document, actor=self.viewer)


class PlanVersionNewPage(PlanWritePage):
    """Writes a further version of a plan, beginning with its latest."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = draft_of(self.plan().id)
        if draft is not None:
            return redirect("incentives:plan_edit", draft.pk)
        return super().get(request, *args, **kwargs)

    def document(self) -> Mapping[str, Any] | None:
        latest = version_list(self.viewer, self.plan()).first()
        return latest.definition if latest else None

    def plan(self) -> Plan:
        return get_object_or_404(plan_rows(self.viewer), pk=self.kwargs["pk"])

    def save(self, document: Mapping[str, Any] | str) -> tuple[PlanVersion, list[Finding]]:
        return plan_version_save(plan_id=self.plan().id, document=document, actor=self.viewer)
