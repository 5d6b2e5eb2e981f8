"""Pages of targets of figures: where they stand, setting and removing them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.engine.kpis import MEASURES
from insights.forms.kpis import KpiTargetForm
from insights.models import KpiTarget
from insights.selectors.kpi_targets import kpi_target_list
from insights.services.kpi_targets import kpi_target_remove, kpi_target_set
from spm.core.money import AmountError
from spm.web.views import PageMixin


class KpiTargetPage(PageMixin, TemplateView):
    """Targets within reach, each with its figure of today, and the form for one more."""

    template_name = "insights/kpi_targets.html"
    actions = {"GET": "performance.view", "POST": "alert.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = self.viewer.can("alert.edit")
        shown: dict[str, Any] = {
            "lines": kpi_target_list(self.viewer),
            "currency": self.viewer.organisation.currency,
            "may_edit": may_edit,
        }
        if may_edit:
            form = kwargs.pop("form", None) or KpiTargetForm(None, viewer=self.viewer)
            shown |= {"form": form, "measures": list(MEASURES.values())}
        return super().get_context_data(**kwargs, **shown)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Set a target."""
        form = KpiTargetForm(request.POST, viewer=self.viewer)
        if form.is_valid():
            try:
                target = kpi_target_set(wish=form.wish(), actor=self.viewer)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            except AmountError as refusal:
                form.add_error("number", str(refusal))
            else:
                messages.success(request, _("The target of %(figure)s is set.") % {"figure": target.name})
                return redirect("insights:kpi_targets")
        return self.render_to_response(self.get_context_data(form=form, **kwargs))


class KpiTargetRemove(PageMixin, View):
    """Removes a target."""

    actions = {"POST": "alert.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            kpi_target_remove(target_id=pk, actor=self.viewer)
        except KpiTarget.DoesNotExist as error:
            raise Http404 from error
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The target is removed."))
        return redirect("insights:kpi_targets")
