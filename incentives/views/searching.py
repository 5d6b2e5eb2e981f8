"""The page of the search for gaming of one version."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from incentives.forms.designer.reading import FormUnreadable, example_read
from incentives.models import PlanState, PlanVersion
from incentives.selectors.plans import version_rows
from incentives.selectors.searching import SearchPart, search_all, search_part
from incentives.services.cases import plan_case_add
from incentives.views.lifecycle import version_url
from spm.web.views import PageMixin


class PlanSearchPage(PageMixin, TemplateView):
    """Searches a version for gaming, a component with each request, and takes what it shows into the draft's examples."""

    template_name = "incentives/plan_search.html"
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self._version()
        kwargs = {"part": SearchPart((), 0, len(version.definition.get("components") or "?"), ""), **kwargs}
        return super().get_context_data(
            version=version, plan=version.plan, back=version_url(version), **part_context(kwargs.pop("part")), **kwargs
        ) | self._more(version)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        version, do = self._version(), request.POST.get("do", "")
        if do == "example":
            return self._example(version)
        if do == "all":
            return self.render_to_response(self.get_context_data(part=search_all(version.definition)))
        part = part_asked(request, version.definition)
        return render(request, "incentives/_search.html", part_context(part) | self._more(version))

    def _example(self, version: PlanVersion) -> HttpResponse:
        try:
            example = example_read(self.request.POST.get("example", ""))
            plan_case_add(version_id=version.pk, example=example, actor=self.viewer)
        except FormUnreadable as error:
            return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
        else:
            messages.success(self.request, _("The example was added. It runs at each save."))
        return redirect(version_url(version))

    def _more(self, version: PlanVersion) -> dict[str, Any]:
        return {"address": self.request.path, "version_form": version.state == PlanState.DRAFT}

    def _version(self) -> PlanVersion:
        return get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])


def part_asked(request: HttpRequest, document: Any) -> SearchPart:
    """Give the part of the search that a request asks for."""
    at = request.POST.get("at", "")
    return search_part(
        document, at=int(at) if at.isdecimal() and len(at) < 6 else 0, known=request.POST.get("known", "")
    )


def part_context(part: SearchPart) -> dict[str, Any]:
    """Give what the template of a part needs: the part, and what the next request says."""
    return {"part": part, "next": json.dumps({"do": "search", "at": str(part.done), "known": part.known})}
