"""Pages of planning: territories and quotas."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from planning.forms import (
    AssignmentEndForm,
    AssignmentForm,
    GridForm,
    PeriodsForm,
    TerritoryForm,
    amount_of,
    plain_amount,
    stored_amount,
)
from planning.models import CalendarKind, QuotaMeasure, Territory
from planning.selectors import quota_grid, territory_detail, territory_tree
from planning.selectors.quota_letters import letters_waiting
from planning.selectors.quotas import quotas_writable
from planning.services.calendars import calendar_extend
from planning.services.files import QUOTAS, grid_rows
from planning.services.quotas import QuotaValue, Seen, quota_set_many
from planning.services.territories import (
    territories_from_units,
    territory_assign,
    territory_assignment_end,
    territory_assignment_remove,
    territory_save,
)
from spm.core.money import AmountError
from spm.roles.policy import can_for
from spm.web.downloads import table_download
from spm.web.views import PageMixin

CELL = re.compile(r"quota-[0-9a-f]{32}-[0-9a-f]{32}-\d{0,18}")
"""A cell of the quota grid: position, period, and the value that was shown, so that nobody undoes a change they did not see."""


class TerritoryListPage(PageMixin, TemplateView):
    """Every territory and who covers it on a day."""

    template_name = "planning/territory_list.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.day_asked()
        nodes = territory_tree(self.viewer, on=on)
        shown = {
            "nodes": nodes,
            "on": on,
            "uncovered": [node for node in nodes if not node.covers],
            "crowded": sum(node.is_crowded for node in nodes),
            "may_edit": self.viewer.can("territory.edit"),
        }
        return super().get_context_data(**kwargs | shown)


class TerritoriesFromUnits(PageMixin, View):
    """Makes territories from the business units."""

    actions = {"POST": "territory.edit"}

    def post(self, request: HttpRequest) -> HttpResponse:
        added = territories_from_units(actor=self.viewer)
        text = ngettext("%(count)s assignment was added.", "%(count)s assignments were added.", added) % {
            "count": added
        }
        messages.success(request, text)
        return redirect("planning:territory_list")


class TerritoryFormPage(PageMixin, FormView):
    """Creates or changes a territory."""

    template_name = "planning/territory_form.html"
    form_class = TerritoryForm
    actions = {"GET": "territory.edit", "POST": "territory.edit"}

    def get_initial(self) -> dict[str, Any]:
        territory = self._territory()
        if territory is None:
            return {}
        return {
            "name": territory.name,
            "code": territory.code,
            "parent": territory.parent_id,
            "unit": territory.unit_id,
        }

    def form_valid(self, form: TerritoryForm) -> HttpResponse:
        parent, unit = form.cleaned_data["parent"], form.cleaned_data["unit"]
        existing = self._territory()
        try:
            territory = territory_save(
                code=form.cleaned_data["code"],
                name=form.cleaned_data["name"],
                parent_id=parent.pk if parent else None,
                unit_id=unit.pk if unit else None,
                territory_id=existing.pk if existing else None,
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        return redirect("planning:territory_detail", territory.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(territory=self._territory(), **kwargs)

    def _territory(self) -> Territory | None:
        if "pk" not in self.kwargs:
            return None
        return Territory.objects.get(pk=self.kwargs["pk"])


class TerritoryPage(PageMixin, FormView):
    """One territory: who covers it, when; assign, end, remove."""

    template_name = "planning/territory_detail.html"
    form_class = AssignmentForm
    actions = {"GET": "territory.view", "POST": "territory.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        territory, covers = territory_detail(self.viewer, self.kwargs["pk"], on=self.viewer.on)
        return super().get_context_data(
            territory=territory,
            covers=covers,
            may_match=self.viewer.can("balance.view"),
            today=self.viewer.on,
            may_edit=self.viewer.can("territory.edit"),
            **kwargs,
        )

    def form_valid(self, form: AssignmentForm) -> HttpResponse:
        try:
            territory_assign(
                territory_id=self.kwargs["pk"],
                position_id=form.cleaned_data["position"].pk,
                start=form.cleaned_data["start"],
                until=form.cleaned_data["until"],
                share_rate=form.share_rate(),
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The assignment was saved."))
        return redirect("planning:territory_detail", self.kwargs["pk"])


class AssignmentEnd(PageMixin, View):
    """Ends or removes an assignment."""

    actions = {"POST": "territory.edit"}

    def post(self, request: HttpRequest, pk: UUID, assignment: UUID) -> HttpResponse:
        _, covers = territory_detail(self.viewer, pk, on=self.viewer.on)
        if assignment not in {cover.assignment.pk for cover in covers}:
            raise Http404
        try:
            self._end(request, assignment)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("planning:territory_detail", pk)

    def _end(self, request: HttpRequest, assignment: UUID) -> None:
        if request.POST.get("do") == "remove":
            territory_assignment_remove(assignment_id=assignment, actor=self.viewer)
            return
        form = AssignmentEndForm(request.POST)
        if not form.is_valid():
            raise ValidationError(_("Choose the first day that no longer counts."))
        territory_assignment_end(assignment_id=assignment, until=form.cleaned_data["until"], actor=self.viewer)


class QuotaListPage(PageMixin, TemplateView):
    """The quota grid of a year: read, and edited like a sheet by those who may."""

    template_name = "planning/quota_list.html"
    actions = {"GET": "quota.view", "POST": "quota.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = grid_choice(self.request, self.viewer.on)
        grid = quota_grid(self.viewer, kind=chosen.kind, year=chosen.year, measure=chosen.measure, query=chosen.query)
        places = {"kind": chosen.kind, "year": chosen.year}
        currency = self.viewer.organisation.currency if chosen.measure.is_money else ""
        typed, wrong, errors = kwargs.pop("typed", {}), kwargs.pop("wrong", {}), kwargs.pop("errors", [])
        by_place = {_place(name): text for name, text in typed.items()}
        may = quotas_writable(self.viewer, [row.position.pk for row in grid.rows], grid.periods)
        may_make = can_for(self.viewer, "quota.edit", None)
        table = _editable(grid, currency, by_place, may)
        labels = {_place(name): f"{row.holder}, {key}" for row, cells in table for name, _text, _cell, key in cells}
        names = [name for _row, cells in table for name, *_rest in cells]
        return super().get_context_data(
            grid=grid,
            table=table,
            wrong={name for name in names if _place(name) in wrong},
            overtaken={name for name in names if _place(name) in by_place and name not in typed},
            errors=[*errors, *(f"{labels.get(place, place)}: {message}" for place, message in wrong.items())],
            form=GridForm(initial={**places, "measure": chosen.measure, "q": chosen.query}),
            kind=chosen.kind,
            year=chosen.year,
            form_query=urlencode(places | {"measure": chosen.measure.value}),
            currency=currency,
            may_edit=bool(may) or may_make,
            may_make=may_make,
            letters=letters_waiting(self.viewer),
            periods_form=PeriodsForm(initial=places),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        cells = {name: str(text) for name, text in request.POST.items() if CELL.fullmatch(name)}
        measure = grid_choice(request, self.viewer.on).measure
        values, wrong = _typed_values(cells, self.viewer.organisation.currency if measure.is_money else "")
        try:
            if wrong:
                raise ValidationError([])
            change = quota_set_many(values=values, measure=measure, actor=self.viewer)
        except ValidationError as error:
            context = self.get_context_data(typed=cells, wrong=wrong, errors=error.messages)
            return self.render_to_response(context, status=422)
        count = change.created + change.updated + change.removed
        text = ngettext("%(n)s quota was changed.", "%(n)s quotas were changed.", count) % {"n": count}
        messages.success(request, text if count else _("No quota was changed."))
        return redirect(request.get_full_path())


class GridChoice(NamedTuple):
    """Which grid is looked at."""

    kind: str
    year: int
    measure: QuotaMeasure
    query: str


def grid_choice(request: HttpRequest, today: date) -> GridChoice:
    """Read which grid an address asks for; what it leaves out is the quarters of this year, in amounts."""
    form = GridForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    return GridChoice(
        chosen.get("kind") or CalendarKind.QUARTERLY.value,
        chosen.get("year") or today.year,
        QuotaMeasure(chosen.get("measure") or QuotaMeasure.AMOUNT),
        chosen.get("q") or "",
    )


def _typed_values(cells: dict[str, str], currency: str) -> tuple[list[QuotaValue], dict[str, str]]:
    """Give the cells that were changed, and by place what is wrong with the others."""
    values, wrong = [], {}
    for name, text in cells.items():
        _, position, period, before = name.split("-")
        seen = Seen(int(before) if before else None)
        try:
            amount = amount_of(text, currency)
            value = None if amount is None else stored_amount(amount, currency)
        except (ValueError, AmountError) as error:
            wrong[_place(name)] = str(error)
            continue
        if value != seen.value:
            values.append(QuotaValue(UUID(hex=position), UUID(hex=period), value, seen))
    return values, wrong


def _place(name: str) -> str:
    """Give the part of a cell's name that says whose quota of which period it is; the rest is the value that was shown."""
    return name.rpartition("-")[0]


def _editable(
    grid: Any, currency: str, typed: dict[str, str], may: Collection[tuple[UUID, UUID]]
) -> list[tuple[Any, list[tuple[str, str, Any, str]]]]:
    """Give the rows with their cells; a cell without a name is one that the viewer does not write."""
    rows = []
    for row in grid.rows:
        cells = []
        for cell, period in zip(row.cells, grid.periods, strict=True):
            place = f"quota-{row.position.pk.hex}-{cell.period_id.hex}"
            plain = "" if cell.value is None else plain_amount(cell.value, currency)
            is_own = (row.position.pk, cell.period_id) in may
            name = f"{place}-{'' if cell.value is None else cell.value}" if is_own else ""
            cells.append((name, typed.get(place, plain), cell, period.key))
        rows.append((row, cells))
    return rows


class PeriodsMake(PageMixin, View):
    """Makes the periods of a year."""

    actions = {"POST": "quota.edit"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PeriodsForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose a calendar and a year between 1990 and 2100."))
            return redirect("planning:quota_list")
        start, until = form.span()
        kind, cut_from = CalendarKind(form.cleaned_data["kind"]), form.cleaned_data["cut_from"]
        try:
            added = calendar_extend(kind=kind, start=start, until=until, actor=self.viewer, cut_from=cut_from)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("planning:quota_list")
        said = ngettext("%(n)s period was added.", "%(n)s periods were added.", len(added))
        messages.success(request, said % {"n": len(added)})
        return redirect(
            f"{reverse('planning:quota_list')}?kind={form.cleaned_data['kind']}&year={form.cleaned_data['year']}"
        )


class QuotaExport(PageMixin, View):
    """The quotas of the grid as a file that the import takes back: a row for each."""

    actions = {"GET": "quota.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        chosen = grid_choice(request, self.viewer.on)
        grid = quota_grid(self.viewer, kind=chosen.kind, year=chosen.year, measure=chosen.measure, query=chosen.query)
        rows = list(grid_rows(self.viewer, grid, chosen.measure))
        return table_download(rows, QUOTAS.header, name=f"quotas-{chosen.year}", form=form)
