"""Pages of the forecast: the sheet by hierarchy, one person's numbers and deals, what stood when it was due, how the company forecasts."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from insights.engine.rollup import CALLED, SUREST_FIRST, category_of
from insights.forms.forecasts import ForecastForm, ForecastPolicyForm, word_field
from insights.models import ForecastCategory, ForecastSubmission
from insights.selectors.forecast_sheet import (
    USUAL_WORDS,
    ForecastSheet,
    SheetLine,
    deals_in,
    deals_known,
    forecast_policy,
    forecast_sheet,
    submission_history,
    words_of,
)
from insights.selectors.snapshots import LockedLine, locked_days, locked_lines
from insights.services.submissions import CallWish, due_from, forecast_policy_set, forecast_submit, overrides
from planning.forms import amount_of, plain_amount
from spm.core.money import AmountError, to_major, to_minor
from spm.people.models import Participant
from spm.roles.policy import Viewer, require, visible
from spm.web.downloads import table_download
from spm.web.views import PageMixin

CELL = re.compile(r"(COMMIT|BEST)-([0-9a-f]{32})-(\d{1,9})")
"""A cell of the sheet: category, person, and the number of the entry that was shown, so that nobody overwrites what they did not see."""

DEALS_SHOWN = 200


class ForecastPage(PageMixin, TemplateView):
    """The forecast by hierarchy: deals by category, the numbers given, the model beside them; numbers are given in it."""

    template_name = "insights/forecast.html"
    actions = {"GET": "pipeline.view", "POST": "forecast.submit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ForecastForm(self.request.GET, today=self.viewer.on)
        asked = form.asked() if form.is_valid() else None
        if asked is None:
            return super().get_context_data(form=form, **kwargs)
        sheet = forecast_sheet(self.viewer.acting("pipeline.view"), asked)
        may_edit = sheet.is_open and asked.day == self.viewer.on and any(line.may for line in sheet.lines)
        typed = kwargs.pop("typed", {})
        return super().get_context_data(
            form=form,
            sheet=sheet,
            may_edit=may_edit,
            lines=[_drawn(line, sheet, typed, may_edit) for line in sheet.lines],
            due=due_from(self.viewer.on, sheet.policy),
            query=self.request.GET.urlencode(),
            **kwargs,
        )

    def get_template_names(self) -> list[str]:
        return ["insights/_forecast_sheet.html" if self._is_part else self.template_name]

    @property
    def _is_part(self) -> bool:
        return bool(self.request.htmx and not self.request.htmx.boosted)  # type: ignore[attr-defined]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give the numbers that were typed; what was not taken stays in its cell."""
        form = ForecastForm(request.GET, today=self.viewer.on)
        asked = form.asked() if form.is_valid() else None
        if asked is None:
            raise BadRequest(_("Name a period of the company."))
        typed = {name: str(text) for name, text in request.POST.items() if CELL.fullmatch(name)}
        try:
            wishes = typed_wishes(typed, asked.period.pk, self.viewer)
            note = request.POST.get("note", "")
            forecast_submit(period_id=asked.period.pk, wishes=wishes, note=note, actor=self.viewer)
        except ValidationError as error:
            context = self.get_context_data(errors=error.messages, typed=typed, note=request.POST.get("note", ""))
            return self.render_to_response(context, status=200 if self._is_part else 422)
        if self._is_part:
            return self.render_to_response(self.get_context_data())
        return redirect(f"{reverse('insights:forecast')}?{request.GET.urlencode()}")


def typed_wishes(typed: Mapping[str, str], period_id: UUID, viewer: Viewer) -> list[CallWish]:
    """Read the cells that say something else than the entry they showed; raises ValidationError with what is wrong."""
    wishes, wrong, currency = [], [], viewer.organisation.currency
    for name, text in typed.items():
        category, person, seen = CELL.fullmatch(name).groups()  # type: ignore[union-attr]
        try:
            amount = amount_of(text)
            wishes.append(
                CallWish(UUID(hex=person), category, None if amount is None else to_minor(amount, currency), int(seen))
            )
        except (ValueError, AmountError) as error:
            wrong.append(str(error))
    if wrong:
        raise ValidationError(wrong)
    shown = ForecastSubmission.objects.filter(
        period=period_id, participant__in={wish.participant_id for wish in wishes}
    )
    found = shown.values_list("participant", "category", "number", "is_override", "amount_minor")
    amounts = {
        (person, category, number, amount)
        for person, category, number, is_override, amount in found
        if is_override == overrides(viewer, person)
    }
    return [wish for wish in wishes if not _is_as_shown(wish, amounts)]


def _is_as_shown(wish: CallWish, amounts: set[tuple[UUID, str, int, int | None]]) -> bool:
    if wish.seen == 0:
        return wish.amount_minor is None
    return (wish.participant_id, wish.category, wish.seen, wish.amount_minor) in amounts


def _drawn(line: SheetLine, sheet: ForecastSheet, typed: Mapping[str, str], may_edit: bool) -> dict[str, Any]:
    by_place = {name.rpartition("-")[0]: text for name, text in typed.items()}
    cells = []
    for category in CALLED:
        mine = (line.calls if line.may == "own" else line.overrides).get(category)
        said = line.calls.get(category) if line.may != "own" else line.overrides.get(category)
        hex_key = UUID(line.person).hex if line.person else ""
        place = f"{category}-{hex_key}"
        shown = "" if mine is None or mine.amount_minor is None else plain_amount(mine.amount_minor, sheet.currency)
        cells.append(
            {
                "id": place,
                "name": f"{place}-{mine.number if mine else 0}",
                "text": by_place.get(place, shown),
                "is_set": bool(shown),
                "said": said if said and said.amount_minor is not None else None,
                "holds": line.in_force(category),
                "below": line.below[category],
                "is_input": may_edit and bool(line.may),
                "label": ForecastCategory(category).label,
            }
        )
    return {"line": line, "amounts": [line.counted[name] for name in SUREST_FIRST], "cells": cells}


class ForecastExport(PageMixin, View):
    """The sheet as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        wanted = ForecastForm(request.GET, today=self.viewer.on)
        asked = wanted.asked() if wanted.is_valid() else None
        if asked is None:
            raise BadRequest(" ".join(str(text) for texts in wanted.errors.values() for text in texts))
        sheet = forecast_sheet(self.viewer, asked)
        columns = ["Person", "Manager", "Level", *_NAMES, *(f"Own {name.lower()}" for name in _NAMES)]
        columns += ["Commit given", "Best case given", "Commit said", "Best case said", "Model", "Currency"]
        names = {line.person: line.name for line in sheet.lines}
        rows = [_export_row(line, sheet, names) for line in sheet.lines]
        return table_download(rows, columns, name=f"forecast-{asked.period.key}", form=form)


_NAMES = [ForecastCategory(name).label for name in SUREST_FIRST]


def _export_row(line: SheetLine, sheet: ForecastSheet, names: Mapping[str, str]) -> list[object]:
    def major(value: int | None) -> Any:
        return None if value is None else to_major(value, sheet.currency)

    def given(one: ForecastSubmission | None) -> Any:
        return None if one is None else major(one.amount_minor)

    team = [major(line.counted[name]) for name in SUREST_FIRST]
    own = [major(line.own[name]) for name in SUREST_FIRST]
    calls = [given(line.in_force(name)) for name in CALLED] + [given(line.calls.get(name)) for name in CALLED]
    person = line.name or _("Nobody in a seat")
    return [
        person,
        names.get(line.manager or "", ""),
        line.depth,
        *team,
        *own,
        *calls,
        major(line.model_minor),
        sheet.currency,
    ]


class ForecastPersonPage(PageMixin, TemplateView):
    """One person's deals of a period by category, and every number that was given for them."""

    template_name = "insights/forecast_person.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = visible(self.viewer, Participant.objects.filter(pk=self.kwargs["pk"]), participant="pk").first()
        form = ForecastForm(self.request.GET, today=self.viewer.on)
        if person is None:
            raise Http404
        asked = form.asked() if form.is_valid() else None
        if asked is None:
            return super().get_context_data(person=person, form=form, **kwargs)
        rows = deals_in(deals_known(self.viewer, asked.day).filter(owner=person), asked.period).select_related("fact")
        mapping = USUAL_WORDS | forecast_policy().categories
        deals = [
            (deal, ForecastCategory(category_of(deal.status, deal.forecast_category, deal.stage, mapping)).label)
            for deal in rows.order_by("closing_on", "fact__source_key")[:DEALS_SHOWN]
        ]
        history = submission_history(self.viewer, period_id=asked.period.pk, participant_id=person.pk)
        return super().get_context_data(
            person=person, form=form, asked=asked, deals=deals, count=rows.count(), history=history, **kwargs
        )


class ForecastLockedPage(PageMixin, TemplateView):
    """What stood on a day on which forecasts were due: it never changes, whoever moves since."""

    template_name = "insights/forecast_locked.html"
    actions = {"GET": "pipeline.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = locked_days(self.viewer)
        chosen = _chosen(self.request.GET.get("locked", ""), days)
        lines = locked_lines(self.viewer, day=chosen[0], period_key=chosen[1]) if chosen else []
        return super().get_context_data(
            days=[(f"{day.isoformat()}.{key}", day, key) for day, key in days],
            chosen=f"{chosen[0].isoformat()}.{chosen[1]}" if chosen else "",
            lines=[(line, line.in_force("COMMIT"), line.in_force("BEST")) for line in lines],
            query=self.request.GET.urlencode(),
            **kwargs,
        )


class ForecastLockedExport(PageMixin, View):
    """What stood on such a day, as a file."""

    actions = {"GET": "pipeline.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        chosen = _chosen(request.GET.get("locked", ""), locked_days(self.viewer))
        lines = locked_lines(self.viewer, day=chosen[0], period_key=chosen[1]) if chosen else []
        columns = [
            "Day",
            "Period",
            "Person",
            "Manager then",
            *_NAMES,
            "Commit said",
            "Commit given over",
            "Best case said",
        ]
        columns += ["Best case given over", "Model", "Currency"]
        return table_download([_locked_row(line) for line in lines], columns, name="forecast-locked", form=form)


def _locked_row(line: LockedLine) -> list[object]:
    row = line.row

    def major(value: int | None) -> Any:
        return None if value is None else to_major(value, row.currency)

    team = [major(row.team.get(name, 0)) for name in SUREST_FIRST]
    calls = [major(given.get(name)) for name in CALLED for given in (row.submitted, row.overridden)]
    person = line.name or _("Nobody in a seat")
    return [row.day, row.period.key, person, line.manager, *team, *calls, major(row.model_minor), row.currency]


def _chosen(text: str, days: list[tuple[Any, str]]) -> tuple[Any, str] | None:
    if not text:
        return days[0] if days else None
    found = next(((day, key) for day, key in days if f"{day.isoformat()}.{key}" == text), None)
    if found is None:
        raise Http404
    return found


class ForecastPolicyPage(PageMixin, FormView):
    """How the company forecasts: what each word of the source means, how categories add up, when forecasts are due."""

    template_name = "insights/forecast_policy.html"
    form_class = ForecastPolicyForm
    actions = {"GET": "forecast.edit", "POST": "forecast.edit"}

    def get_initial(self) -> dict[str, Any]:
        policy = forecast_policy()
        words = {word_field(word): policy.categories.get(word, "") for word in self._words}
        return {"roll_up": policy.roll_up, "due_weekday": policy.due_weekday, "remind_days": policy.remind_days} | words

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"words": self._words}

    @property
    def _words(self) -> list[str]:
        return sorted({*words_of(), *forecast_policy().categories})

    def form_valid(self, form: ForecastPolicyForm) -> HttpResponse:
        given = form.cleaned_data
        forecast_policy_set(
            roll_up=given["roll_up"],
            categories=form.categories(),
            due_weekday=given["due_weekday"],
            remind_days=given["remind_days"],
            actor=self.viewer,
        )
        messages.success(self.request, _("Forecasts are counted so from now on. What was locked stays as it was."))
        return redirect("insights:forecast")
