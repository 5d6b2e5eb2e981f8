"""The map of accounts: coloured by a measure or by territory, and units moved into a draft."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from planning.engine.places import Level
from planning.forms.maps import MapForm, MoveForm
from planning.selectors.maps import MapShown, MapUnit, map_get
from planning.services.maps import units_move
from spm.core.money import minor_digits, to_major
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

MOST_COLOURS = 10


class Asked(PageMixin):
    """What the address of a map asks for."""

    @cached_property
    def asked(self) -> MapForm:
        form = MapForm(self.request.GET, sees_all=deal_owners(self.viewer) is None)
        form.is_valid()
        return form

    @property
    def level(self) -> Level:
        return Level(self.asked.cleaned_data.get("level") or Level.STATE)

    @cached_property
    def shown(self) -> MapShown:
        draft = self.asked.cleaned_data.get("rules")
        return map_get(self.viewer, level=self.level, on=self.day_asked(), draft=draft)


class MapPage(Asked, TemplateView):
    """Accounts on a map, with the same as a table."""

    template_name = "planning/map.html"
    actions = {"GET": "territory.view", "POST": "territory.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, shown, may_edit = self.asked.cleaned_data, self.shown, self.viewer.can("territory.edit")
        measure = asked.get("measure") or "territory"
        if may_edit:
            kwargs.setdefault("move", MoveForm(may_plan=self.viewer.can("scenario.edit"), initial=self._initial()))
        return super().get_context_data(
            shown=shown,
            form=self.asked,
            measure=measure,
            measure_name=dict(self.asked.fields["measure"].choices)[measure],  # type: ignore[attr-defined]
            draft=asked.get("rules"),
            rows=[(unit, _held(unit, shown)) for unit in shown.units],
            map_data=_drawn(shown, measure),
            sees_money=any(unit.sales is not None for unit in shown.units),
            chosen=set(self.request.POST.getlist("unit")),
            query=self.request.GET.urlencode(),
            may_edit=may_edit,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Move the chosen units into a draft; nothing live changes."""
        form = MoveForm(request.POST, may_plan=self.viewer.can("scenario.edit"))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(move=form), status=400)
        units = request.POST.getlist("unit")
        try:
            draft = units_move(
                level=self.level,
                units=units,
                territory_id=form.cleaned_data["territory"].pk,
                actor=self.viewer,
                **form.draft(),
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.render_to_response(self.get_context_data(move=form), status=400)
        said = ngettext(
            "%(n)s place goes to %(name)s in the draft from %(day)s. Nothing is live yet.",
            "%(n)s places go to %(name)s in the draft from %(day)s. Nothing is live yet.",
            len(units),
        )
        messages.success(
            request, said % {"n": len(units), "name": form.cleaned_data["territory"].name, "day": draft.starts_on}
        )
        query = {**request.GET.dict(), "rules": str(draft.pk), "level": self.level.value}
        return redirect(f"{reverse('planning:map')}?{urlencode(query)}")

    def _initial(self) -> dict[str, Any]:
        draft = self.asked.cleaned_data.get("rules")
        into = f"rules:{draft.pk}" if draft else "new"
        return {"starts_on": self.viewer.on, "into": into}


class MapExport(Asked, View):
    """The units of the map as a file."""

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        currency = self.shown.currency
        rows = [
            (
                unit.key,
                unit.name,
                _held(unit, self.shown),
                unit.accounts,
                *(None if each is None else to_major(each, currency) for each in unit.money),
                currency,
            )
            for unit in self.shown.units
        ]
        head = ("Key", "Place", "Territories", "Accounts", "Potential", "Sales", "Pipeline", "Currency")
        return table_download(rows, head, name="map", form=form)


def _held(unit: MapUnit, shown: MapShown) -> str:
    """The territories of a unit in words; numbers stand where there are several."""
    names = [(shown.territories.get(key, _("none")), count) for key, count in unit.held]
    return names[0][0] if len(names) == 1 else ", ".join(f"{name} {count}" for name, count in names)


def _drawn(shown: MapShown, measure: str) -> dict[str, Any]:
    """What the script draws."""
    colours = _colours(shown.units, shown)
    return {
        "level": shown.level.value,
        "measure": measure,
        "isMoney": measure not in ("territory", "accounts"),
        "currency": shown.currency,
        "divisor": 10 ** minor_digits(shown.currency),
        "legend": [{"name": name, "colour": number} for name, number in colours.values()],
        "units": [
            {
                "key": unit.key,
                "name": unit.name,
                "atlas": unit.atlas,
                "held": _held(unit, shown),
                "colour": colours[unit.territory][1],
                "value": unit.accounts if measure == "territory" else getattr(unit, measure),
            }
            for unit in shown.units
        ],
        "words": {"accounts": _("Accounts"), "none": _("No account here")},
    }


def _colours(units: Sequence[MapUnit], shown: MapShown) -> dict[str, tuple[str, int]]:
    """A colour by number for each territory that leads somewhere; in the order of names, so that it stays from map to map."""
    names = sorted({(shown.territories.get(unit.territory, _("In no territory")), unit.territory) for unit in units})
    return {key: (name, n % MOST_COLOURS if key else -1) for n, (name, key) in enumerate(names)}
