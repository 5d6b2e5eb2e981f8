"""Pages of capacity plans: what heads can carry against the target, and whom to hire when."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from planning.forms.capacity import CapacityEditForm, CapacityHireForm, CapacityPlanForm, CapacityRoleForm, TweakForm
from planning.models import CapacityPlan, CapacityRole
from planning.selectors.capacity import (
    SEED,
    Figures,
    capacity_figures,
    capacity_plan_list,
    capacity_role_list,
)
from planning.selectors.staffing import capacity_hire_list
from planning.services.capacity import (
    capacity_hire_set,
    capacity_plan_change,
    capacity_plan_create,
    capacity_plan_discard,
    capacity_role_remove,
    capacity_role_set,
)
from spm.core.money import to_major
from spm.people.models import Title
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.templatetags.figures import month_text
from spm.web.views import PageMixin

FACTORS = {
    "quota": (gettext_lazy("Quota of a full head"), gettext_lazy("10% less"), gettext_lazy("10% more")),
    "attainment": (gettext_lazy("Attainment"), gettext_lazy("10% less"), gettext_lazy("10% more")),
    "attrition": (gettext_lazy("Who leaves"), gettext_lazy("10% less"), gettext_lazy("10% more")),
    "availability": (gettext_lazy("Time there"), gettext_lazy("10% less"), gettext_lazy("10% more")),
    "ramp_months": (gettext_lazy("Ramp"), gettext_lazy("a month shorter"), gettext_lazy("a month longer")),
    "hire_months": (gettext_lazy("Hires"), gettext_lazy("a month earlier"), gettext_lazy("a month later")),
}


class CapacityListPage(PageMixin, FormView):
    """The capacity plans; begins one."""

    template_name = "planning/capacity_list.html"
    form_class = CapacityPlanForm
    actions = {"GET": "capacity.view", "POST": "capacity.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "currency": self.viewer.organisation.currency}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on.replace(year=self.viewer.on.year + 1, month=1, day=1)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = self.viewer.can("capacity.edit")
        return super().get_context_data(plans=capacity_plan_list(), may_edit=may_edit, **kwargs)

    def form_valid(self, form: CapacityPlanForm) -> HttpResponse:
        wanted = form.cleaned_data
        try:
            plan = capacity_plan_create(
                name=wanted["name"], starts_on=wanted["starts_on"], target_minor=wanted["target"], actor=self.viewer
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:capacity_plan", plan.pk)


class OfPlan(PageMixin):
    """A page about one capacity plan."""

    kwargs: dict[str, Any]

    @cached_property
    def plan(self) -> CapacityPlan:
        """Give the plan of the address; raises CapacityPlan.DoesNotExist."""
        return CapacityPlan.objects.get(pk=self.kwargs["pk"])

    def saved(self, form: Any, save: Any) -> HttpResponse:
        """Save by a service and go back to the plan; what it refuses stands above the form."""
        try:
            save()
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)  # type: ignore[attr-defined]
        messages.success(self.request, _("Saved."))
        return redirect("planning:capacity_plan", self.plan.pk)


class CapacityPage(OfPlan, FormView):
    """One plan: the quota that can be carried by month against the target, what each factor does, and the hiring plan."""

    template_name = "planning/capacity_plan.html"
    form_class = CapacityHireForm
    actions = {"GET": "capacity.view", "POST": "capacity.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        titles = Title.objects.filter(pk__in=capacity_role_list(self.plan).values("title")).order_by("name")
        return {**super().get_form_kwargs(), "starts_on": self.plan.starts_on, "titles": titles}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.plan.version}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") != "discard":
            return super().post(request, *args, **kwargs)
        seen = request.POST.get("seen", "")
        try:
            capacity_plan_discard(plan_id=self.plan.pk, version=int(seen) if seen.isdecimal() else 0, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("planning:capacity_plan", self.plan.pk)
        messages.success(request, _("The plan is gone."))
        return redirect("planning:capacity_list")

    def form_valid(self, form: CapacityHireForm) -> HttpResponse:
        wanted = form.cleaned_data
        return self.saved(
            form,
            lambda: capacity_hire_set(
                plan_id=self.plan.pk,
                version=wanted["version"],
                title_id=wanted["title"].pk,
                unit_id=wanted["unit"].pk if wanted["unit"] else None,
                starts_on=wanted["month"],
                heads=wanted["heads"],
                actor=self.viewer,
            ),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = TweakForm(self.request.GET)
        figures = capacity_figures(self.plan, on=self.viewer.on, tweak=asked.tweak() if asked.is_valid() else None)
        return super().get_context_data(
            plan=self.plan,
            asked=asked,
            is_tried=any(asked.cleaned_data.values()) if asked.is_valid() else False,
            figures=figures,
            reached=None if not figures.is_whole else round((figures.spread.reached or 0) * 10**8),
            roles=list(zip(figures.bases, figures.roles, strict=True)),
            all_heads=sum(each.heads + each.hires for each in figures.bases),
            chart=_chart(figures),
            effects=_effects(figures),
            seed=SEED,
            hires=capacity_hire_list(self.plan),
            may_edit=self.viewer.can("capacity.edit"),
            **kwargs,
        )


class CapacityEdit(OfPlan, FormView):
    """Changes name, target, season and the calls of the workload method."""

    template_name = "planning/capacity_form.html"
    form_class = CapacityEditForm
    actions = {"GET": "capacity.edit", "POST": "capacity.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "currency": self.plan.currency}

    def get_initial(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "name": plan.name,
            "starts_on": plan.starts_on,
            "target": to_major(plan.target_minor, plan.currency),
            "season": ", ".join(str(each) for each in plan.season),
            "calls": "\n".join(f"{name}: {calls}" for name, calls in plan.calls.items()),
            "calls_per_head": plan.calls_per_head,
            "version": plan.version,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(plan=self.plan, **kwargs)

    def form_valid(self, form: CapacityEditForm) -> HttpResponse:
        wanted = dict(form.cleaned_data)
        version, wanted["target_minor"] = wanted.pop("version"), wanted.pop("target")
        return self.saved(
            form,
            lambda: capacity_plan_change(plan_id=self.plan.pk, version=version, values=wanted, actor=self.viewer),
        )


class CapacityRolePage(OfPlan, FormView):
    """Sets what one full head of a title carries, or takes the role out of the plan."""

    template_name = "planning/capacity_form.html"
    form_class = CapacityRoleForm
    actions = {"GET": "capacity.edit", "POST": "capacity.edit"}

    @cached_property
    def role(self) -> CapacityRole | None:
        """Give the role of the address; None for a new one."""
        if "title" not in self.kwargs:
            return None
        return capacity_role_list(self.plan).get(title=self.kwargs["title"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "currency": self.plan.currency}

    def get_initial(self) -> dict[str, Any]:
        role, initial = self.role, {"version": self.plan.version}
        if role is None:
            return initial
        rates = {
            name: to_percent(getattr(role, f"{name}_rate")) for name in ("attainment", "attrition", "availability")
        }
        quota = to_major(role.quota_minor, self.plan.currency)
        return initial | {"title": role.title_id, "quota": quota, "ramp": ", ".join(map(str, role.ramp)), **rates}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") != "remove" or self.role is None:
            return super().post(request, *args, **kwargs)
        capacity_role_remove(
            plan_id=self.plan.pk, version=self.plan.version, title_id=self.role.title_id, actor=self.viewer
        )
        return redirect("planning:capacity_plan", self.plan.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(plan=self.plan, role=self.role, is_role=True, **kwargs)

    def form_valid(self, form: CapacityRoleForm) -> HttpResponse:
        return self.saved(
            form,
            lambda: capacity_role_set(
                plan_id=self.plan.pk,
                version=form.cleaned_data["version"],
                title_id=form.cleaned_data["title"].pk,
                values=form.values(),
                actor=self.viewer,
            ),
        )


class CapacityExport(OfPlan, View):
    """The months of a plan as a file."""

    actions = {"GET": "capacity.view"}

    def get(self, request: HttpRequest, pk: Any, form: str) -> HttpResponse:
        require(self.viewer, "export")
        asked = TweakForm(request.GET)
        figures = capacity_figures(self.plan, on=self.viewer.on, tweak=asked.tweak() if asked.is_valid() else None)
        names = [role.name for role in figures.roles]
        rows = [
            (
                line.month.isoformat(),
                *(None if role.values is None else self._major(role.values[number]) for role in figures.roles),
                *(self._major(value) for value in (line.carried, line.low, line.high, line.target, line.gap)),
            )
            for number, line in enumerate(figures.lines)
        ]
        columns = ("Month", *names, "Can be carried", "P10", "P90", "Target", "Missing")
        return table_download(rows, columns, name="capacity", form=form)

    def _major(self, value: int) -> Any:
        return to_major(value, self.plan.currency)


def to_percent(rate: int | None) -> str:
    """Give a rate at scale 10**8 as the percent that a field shows; nothing for none."""
    return "" if rate is None else f"{rate / 10**6:g}"


def _chart(figures: Figures) -> dict[str, Any]:
    lines = figures.lines
    return {
        "categories": [month_text(line.month) for line in lines],
        "series": [
            {"name": _("Can be carried"), "values": [line.carried for line in lines]},
            {"name": _("Target"), "values": [line.target for line in lines]},
            {"name": _("9 of 10 trials above"), "role": "low", "values": [line.low for line in lines]},
            {"name": _("9 of 10 trials below"), "role": "high", "values": [line.high for line in lines]},
        ],
        "unit": "money",
        "currency": figures.plan.currency,
        "labels": {"category": _("Month")},
    }


def _effects(figures: Figures) -> list[dict[str, Any]]:
    """Rows of the factors: name and, for less and more of it, its words and the range in whole minor units."""
    if not figures.is_whole:
        return []
    found = []
    for effect in figures.effects:
        name, less, more = FACTORS[effect.factor]
        sides = [
            (word, *(round(value) for value in (spread.p10, spread.p50, spread.p90)))
            for word, spread in ((less, effect.less), (more, effect.more))
        ]
        found.append({"name": name, "sides": sides})
    return found
