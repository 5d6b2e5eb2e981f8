"""Pages of scenarios: what is to change, how it compares, and the way to the live plan."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView, View

from planning.forms.capacity import minor
from planning.forms.scenarios import CoverForm, ScenarioForm, ScenarioQuotaForm, UndoForm
from planning.models import QuotaMeasure, Scenario, ScenarioChange
from planning.selectors.scenarios import (
    ChangeRow,
    change_rows,
    compared,
    live_values,
    scenario_list,
    scenario_standing,
)
from planning.services.scenarios import (
    scenario_ask,
    scenario_cover,
    scenario_create,
    scenario_discard,
    scenario_publish,
    scenario_quota,
    scenario_rebase,
    scenario_rules,
    scenario_take_back,
    scenario_undo,
)
from planning.views.comparing import measure_rows
from spm.core.ids import id_of
from spm.core.money import to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class ScenarioListPage(PageMixin, FormView):
    """The scenarios; begins one."""

    template_name = "planning/scenario_list.html"
    form_class = ScenarioForm
    actions = {"GET": "scenario.view", "POST": "scenario.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on.replace(year=self.viewer.on.year + 1, month=1, day=1)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = self.viewer.can("scenario.edit")
        return super().get_context_data(scenarios=scenario_list(), may_edit=may_edit, **kwargs)

    def form_valid(self, form: ScenarioForm) -> HttpResponse:
        wanted = form.cleaned_data
        try:
            scenario = scenario_create(
                name=wanted["name"],
                starts_on=wanted["starts_on"],
                note=wanted["note"],
                capacity_plan_id=wanted["capacity_plan"].pk if wanted["capacity_plan"] else None,
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:scenario", scenario.pk)


class OfScenario(PageMixin):
    """A page about one scenario."""

    kwargs: dict[str, Any]

    @cached_property
    def scenario(self) -> Scenario:
        """Give the scenario of the address; raises Scenario.DoesNotExist."""
        return Scenario.objects.select_related("capacity_plan", "restores").get(pk=self.kwargs["pk"])


class ScenarioPage(OfScenario, TemplateView):
    """One scenario: its changes, what is stale, the live plan beside it, and the steps to publication."""

    template_name = "planning/scenario.html"
    actions = {"GET": "scenario.view", "POST": "scenario.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, scenario = change_rows(self.scenario), self.scenario
        columns = compared(self.viewer, [scenario]) if scenario.published_at is None else []
        may_edit = self.viewer.can("scenario.edit") and scenario.published_at is None
        return super().get_context_data(
            scenario=scenario,
            rows=[(row, edit_url(row)) for row in rows],
            stale=[row for row in rows if row.is_stale],
            standing=scenario_standing(scenario),
            columns=columns,
            measures=measure_rows(columns, self.viewer.organisation.currency),
            undo_form=UndoForm(initial={"starts_on": self.viewer.on}),
            may_edit=may_edit,
            may_publish=may_edit and self.viewer.can("scenario.publish"),
            may_undo=self.viewer.can("scenario.edit") and scenario.published_at is not None,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        steps: dict[str, Callable[[], HttpResponse]] = {
            "ask": self._ask,
            "publish": self._publish,
            "rebase": self._rebase,
            "rules": self._rules,
            "take_back": self._take_back,
            "discard": self._discard,
            "undo": self._undo,
        }
        step = steps.get(request.POST.get("do", ""))
        try:
            if step is not None:
                return step()
            errors = [_("Nothing was asked for. Use one of the buttons.")]
        except ValidationError as error:
            errors = error.messages
        return self.render_to_response(self.get_context_data(errors=errors), status=422)

    def _ask(self) -> HttpResponse:
        scenario_ask(scenario_id=self.scenario.pk, actor=self.viewer)
        messages.success(self.request, _("It waits for somebody else to approve it."))
        return redirect("planning:scenario", self.scenario.pk)

    def _publish(self) -> HttpResponse:
        scenario_publish(scenario_id=self.scenario.pk, actor=self.viewer)
        messages.success(self.request, _("It is the live plan from its day on."))
        return redirect("planning:scenario", self.scenario.pk)

    def _rebase(self) -> HttpResponse:
        stale = scenario_rebase(scenario_id=self.scenario.pk, actor=self.viewer)
        said = ngettext("%(n)s change has a new base.", "%(n)s changes have a new base.", stale) % {"n": stale}
        messages.success(self.request, said)
        return redirect("planning:scenario", self.scenario.pk)

    def _rules(self) -> HttpResponse:
        draft = scenario_rules(scenario_id=self.scenario.pk, actor=self.viewer)
        return redirect("planning:rule_set", draft.pk)

    def _take_back(self) -> HttpResponse:
        key = id_of(self.request.POST.get("change", ""))
        change = ScenarioChange.objects.filter(scenario=self.scenario, pk=key).first() if key else None
        if change is None:
            raise ValidationError(_("Somebody has taken this change out already."))
        seen = self.request.POST.get("version", "")
        scenario_take_back(
            scenario_id=self.scenario.pk,
            change_id=change.pk,
            version=int(seen) if seen.isdecimal() else 0,
            actor=self.viewer,
        )
        return redirect("planning:scenario", self.scenario.pk)

    def _discard(self) -> HttpResponse:
        scenario_discard(scenario_id=self.scenario.pk, actor=self.viewer)
        messages.success(self.request, _("The scenario is gone. The live plan is as it was."))
        return redirect("planning:scenario_list")

    def _undo(self) -> HttpResponse:
        form = UndoForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError(_("Give the day on which it comes back."))
        undo = scenario_undo(scenario_id=self.scenario.pk, starts_on=form.cleaned_data["starts_on"], actor=self.viewer)
        return redirect("planning:scenario", undo.pk)


class ChangePage(OfScenario, FormView):
    """Adds a change of one kind, or edits it where the address names its thing."""

    template_name = "planning/scenario_form.html"
    actions = {"GET": "scenario.edit", "POST": "scenario.edit"}
    title: Any = ""
    parts: tuple[str, ...] = ()
    kind = ""

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in self.parts}
        key = ":".join(asked.values())
        change = ScenarioChange.objects.filter(scenario=self.scenario, kind=self.kind, key=key).first()
        if change is None:
            return {**asked, "version": 0}
        return {**asked, **self.shown(change.values), "version": change.version}

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        """Give what the form shows of a change's values."""
        raise NotImplementedError

    def save(self, form: Any) -> None:
        """Write the change."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.save(form)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:scenario", self.scenario.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(scenario=self.scenario, title=self.title, **kwargs)


class ScenarioCover(ChangePage):
    """Who is to cover a territory."""

    form_class = CoverForm
    title, parts, kind = gettext_lazy("Change who covers a territory"), ("territory", "position"), "COVER"

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"share": "" if values["share_rate"] is None else f"{values['share_rate'] / 10**6:g}"}

    def save(self, form: CoverForm) -> None:
        wanted = form.cleaned_data
        scenario_cover(
            scenario_id=self.scenario.pk,
            territory_id=wanted["territory"].pk,
            position_id=wanted["position"].pk,
            share_rate=form.share_rate(),
            version=wanted["version"],
            actor=self.viewer,
        )


class ScenarioQuota(ChangePage):
    """What a position is to sell."""

    form_class = ScenarioQuotaForm
    title, parts, kind = gettext_lazy("Change a quota"), ("position", "period", "measure"), "QUOTA"

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["value"] is None:
            return {"value": ""}
        return {"value": to_major(values["value"], values["currency"]) if values["currency"] else values["value"]}

    def save(self, form: ScenarioQuotaForm) -> None:
        wanted = form.cleaned_data
        measure = QuotaMeasure(wanted["measure"])
        key = f"{wanted['position'].pk}:{wanted['period'].pk}:{measure}"
        has = live_values("QUOTA", key, self.scenario.starts_on)["currency"]
        value = wanted["value"]
        if value is not None:
            if not measure.is_money and value != int(value):
                raise ValidationError(_("Write a whole number."))
            value = minor(value, has or self.viewer.organisation.currency) if measure.is_money else int(value)
        scenario_quota(
            scenario_id=self.scenario.pk,
            position_id=wanted["position"].pk,
            period_id=wanted["period"].pk,
            measure=measure,
            value=value,
            version=wanted["version"],
            actor=self.viewer,
        )


class ScenarioExport(OfScenario, View):
    """The changes of a scenario as a file."""

    actions = {"GET": "scenario.view"}

    def get(self, request: HttpRequest, pk: Any, form: str) -> HttpResponse:
        require(self.viewer, "export")
        rows = [
            (row.change.get_kind_display(), row.about, row.before, row.after, row.now, row.change.changed_by_name)
            for row in change_rows(self.scenario)
        ]
        return table_download(
            rows, ("Kind", "What", "Before", "After", "Live now", "Changed by"), name="scenario", form=form
        )


def edit_url(row: ChangeRow) -> str:
    """Give the address that edits a change; nothing for rules, whose draft has a page of its own."""
    pages = {"COVER": ScenarioCover, "QUOTA": ScenarioQuota}
    page = pages.get(row.change.kind)
    if page is None:
        return reverse("planning:rule_set", args=[row.change.values["rule_set"]])
    names = dict(zip(page.parts, row.change.key.split(":"), strict=True))
    url = reverse(f"planning:scenario_{row.change.kind.lower()}", args=[row.change.scenario_id])
    return f"{url}?{urlencode(names)}"
