"""Pages of quota plans: the sheet that several people edit, its settings, one seat, and what to look at before publishing."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from planning.forms import amount_of, plain_amount, stored_amount
from planning.forms.quota_plans import QuotaPlanForm, QuotaPlanStartForm
from planning.models import POINTS, QuotaMethod, QuotaPlan, QuotaPlanState
from planning.selectors.quota_plans import PlanSheet, SheetRow, plan_sheet, quota_plan_list
from planning.services.quota_plans import (
    WEIGHT,
    YEAR,
    PlanWish,
    SheetValue,
    quota_plan_change,
    quota_plan_create,
    quota_plan_discard,
    quota_plan_set,
    quota_plan_undo,
)
from planning.services.quota_publishing import quota_plan_revise
from planning.services.quota_seats import commitments_take, reliefs_find
from planning.services.quotas import Seen
from spm.core.money import AmountError, to_major
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

CELL = re.compile(r"(year|weight)-([0-9a-f]{32})-(-?\d{0,18})|cell-([0-9a-f]{32})-([0-9a-f]{32})-(-?\d{0,18})")
"""A cell of the sheet: what it is, whose it is, and the value that was shown, so that nobody undoes a change they did not see."""


class QuotaPlanListPage(PageMixin, TemplateView):
    """The quota plans."""

    template_name = "planning/quota_plan_list.html"
    actions = {"GET": "cascade.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            plans=list(quota_plan_list()), may_edit=self.viewer.can("cascade.edit"), **kwargs
        )


class QuotaPlanStartPage(PageMixin, FormView):
    """Begins a quota plan."""

    template_name = "planning/quota_plan_form.html"
    form_class = QuotaPlanStartForm
    actions = {"GET": "cascade.edit", "POST": "cascade.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"year": self.viewer.on.year + 1}

    def get_form_kwargs(self) -> dict[str, Any]:
        measure = self.request.POST.get("measure", "amount")
        is_money = measure not in ("units", "count", "distinct")
        return super().get_form_kwargs() | {"currency": self.viewer.organisation.currency if is_money else ""}

    def form_valid(self, form: QuotaPlanStartForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            plan = quota_plan_create(
                wish=_wish(given),
                kind=given["kind"],
                year=given["year"],
                measure=given["measure"],
                top_id=given["top"].pk if given["top"] else None,
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:quota_plan", plan.pk)


class QuotaPlanSettingsPage(PageMixin, FormView):
    """Changes the target of a draft, or how it is shared."""

    template_name = "planning/quota_plan_form.html"
    form_class = QuotaPlanForm
    actions = {"GET": "cascade.edit", "POST": "cascade.edit"}

    def get_initial(self) -> dict[str, Any]:
        plan = self._plan()
        return {
            "name": plan.name,
            "total": plain_amount(plan.total, plan.currency),
            "method": plan.method,
            "season": plan.season,
            "season_weights": ", ".join(str(each) for each in plan.season_weights),
            "paddings": ", ".join(f"{each / 10**6:g}" for each in plan.paddings),
            "guardrail": f"{plan.guardrail_rate / 10**6:g}",
            "growth": "" if plan.growth_rate is None else f"{plan.growth_rate / 10**6:g}",
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"currency": self._plan().currency}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(plan=self._plan(), **kwargs)

    def form_valid(self, form: QuotaPlanForm) -> HttpResponse:
        try:
            quota_plan_change(plan_id=self._plan().pk, wish=_wish(form.cleaned_data), actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:quota_plan", self._plan().pk)

    def _plan(self) -> QuotaPlan:
        return QuotaPlan.objects.get(pk=self.kwargs["pk"])


class QuotaPlanPage(PageMixin, TemplateView):
    """The sheet of a plan; a draft is edited in it, each change shared at once."""

    template_name = "planning/quota_plan.html"
    actions = {"GET": "cascade.view", "POST": "cascade.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = QuotaPlan.objects.select_related("calendar").get(pk=self.kwargs["pk"])
        may_edit = self.viewer.can("cascade.edit") and plan.state == QuotaPlanState.DRAFT
        return super().get_context_data(**sheet_context(plan, may_edit, kwargs.pop("typed", {})), **kwargs)

    def get_template_names(self) -> list[str]:
        return ["planning/_quota_sheet.html" if self._is_part else self.template_name]

    @property
    def _is_part(self) -> bool:
        return bool(self.request.htmx and not self.request.htmx.boosted)  # type: ignore[attr-defined]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Set what was typed, or take back, take over, find joiners, throw away, revise."""
        plan = QuotaPlan.objects.get(pk=pk)
        typed = {name: str(text) for name, text in request.POST.items() if CELL.fullmatch(name)}
        try:
            where = self._done(request.POST.get("do", "set"), plan, typed, request.POST.get("why", ""))
        except ValidationError as error:
            context = self.get_context_data(errors=error.messages, typed=typed)
            return self.render_to_response(context, status=200 if self._is_part else 422)
        if self._is_part:
            return self.render_to_response(self.get_context_data())
        return where

    def _done(self, asked: str, plan: QuotaPlan, typed: Mapping[str, str], why: str) -> HttpResponse:
        pk, actor = plan.pk, self.viewer
        if asked == "set":
            quota_plan_set(plan_id=pk, values=typed_values(typed, plan.currency), why=why[:500], actor=actor)
        elif asked == "undo":
            quota_plan_undo(plan_id=pk, actor=actor)
        elif asked == "take":
            commitments_take(plan_id=pk, actor=actor)
        elif asked == "find":
            reliefs_find(plan_id=pk, actor=actor)
        elif asked == "revise":
            return redirect("planning:quota_plan", quota_plan_revise(plan_id=pk, actor=actor).pk)
        elif asked == "discard":
            quota_plan_discard(plan_id=pk, actor=actor)
            messages.success(self.request, _("The draft was thrown away. Its history is kept."))
        else:
            raise BadRequest(_("Say what to do: set, undo, take, find, revise or discard."))
        return redirect("planning:quota_plan", pk)


class QuotaPlanExport(PageMixin, View):
    """The sheet of a plan as a file."""

    actions = {"GET": "cascade.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        plan = QuotaPlan.objects.select_related("calendar").get(pk=pk)
        sheet = plan_sheet(plan)
        keys = [period.key for period in sheet.periods]
        columns = ["Position", "Holder", "Weight", "Year", *keys, "Carried", "Commitment", "Currency", "Weight in"]
        rows = [_export_row(row, plan) for row in sheet.rows]
        return table_download(rows, columns, name=f"quota-plan-{plan.year}", form=form)


def sheet_context(plan: QuotaPlan, may_edit: bool, typed: Mapping[str, str]) -> dict[str, Any]:
    """Give what the sheet shows; what was typed and not taken stays in its cell."""
    sheet = plan_sheet(plan)
    by_place = {name.rpartition("-")[0]: text for name, text in typed.items()}
    return {
        "plan": plan,
        "sheet": sheet,
        "table": [_drawn(row, sheet, by_place) for row in sheet.rows],
        "has_weights": plan.method == QuotaMethod.CUSTOM,
        "may_edit": may_edit,
    }


def typed_values(typed: Mapping[str, str], currency: str) -> list[SheetValue]:
    """Read the cells that were changed; raises ValidationError with what is wrong with the others."""
    values, wrong = [], []
    for name, text in typed.items():
        found = CELL.fullmatch(name)
        if found is None:
            continue
        what, seat, seen, cell_seat, period, cell_seen = found.groups()
        shown = seen if what else cell_seen
        before = int(shown) if shown else None
        try:
            unit = "" if what == WEIGHT else currency
            amount = amount_of(text, unit)
            value = None if amount is None else stored_amount(amount, unit)
        except (ValueError, AmountError) as error:
            wrong.append(str(error))
            continue
        if value != before:
            place = UUID(hex=seat or cell_seat)
            values.append(
                SheetValue(place, value, UUID(hex=period) if period else None, what or YEAR, seen=Seen(before))
            )
    if wrong:
        raise ValidationError(wrong)
    return values


def _drawn(row: SheetRow, sheet: PlanSheet, typed: Mapping[str, str]) -> dict[str, Any]:
    seat, currency = row.seat, sheet.plan.currency
    year = f"year-{seat.pk.hex}"
    weight = f"weight-{seat.pk.hex}"
    cells = []
    for period, one in zip(sheet.periods, row.cells, strict=True):
        place = f"cell-{seat.pk.hex}-{period.pk.hex}"
        text = typed.get(place, plain_amount(one.cell.value, currency))
        cells.append({"id": place, "name": f"{place}-{one.cell.value}", "text": text, "cell": one, "key": period.key})
    return {
        "row": row,
        "cells": cells,
        "year": {
            "id": year,
            "name": f"{year}-{seat.value}",
            "text": typed.get(year, plain_amount(seat.value, currency)),
        },
        "weight": {
            "id": weight,
            "name": f"{weight}-{seat.custom}",
            "text": typed.get(weight, plain_amount(seat.custom, "")),
        },
        "is_beyond": row.is_beyond(sheet.plan.guardrail_rate),
    }


def _export_row(row: SheetRow, plan: QuotaPlan) -> list[Any]:
    def major(value: int | None) -> Any:
        return value if value is None or not plan.currency else to_major(value, plan.currency)

    cells = [major(one.cell.value) for one in row.cells]
    seat = row.seat
    totals = [major(row.carried), major(seat.commitment), plan.currency]
    return [seat.position.name, row.holder, _weight(row, plan), major(seat.value), *cells, *totals, plan.weight_unit]


def _weight(row: SheetRow, plan: QuotaPlan) -> Any:
    if plan.weight_unit == POINTS:
        return Decimal(row.weight).scaleb(-2)
    return to_major(row.weight, plan.weight_unit) if plan.weight_unit else row.weight


def _wish(given: Mapping[str, Any]) -> PlanWish:
    return PlanWish(
        given["name"],
        given["total"] or 0,
        given["method"],
        given["season"],
        given["season_weights"],
        given["paddings"],
        int(given["guardrail"] * 10**6),
        None if given["growth"] is None else int(given["growth"] * 10**6),
    )
