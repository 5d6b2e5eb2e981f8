"""Pages of own dashboards: the list, a dashboard with its figures, putting it together, copying, removing and bringing it back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.engine.dashboards import MOST_TILES, Shows, Tile, moved
from insights.engine.kpis import KPIS
from insights.forms.dashboards import SHOWN, DashboardForm, DashboardNameForm, TileForm
from insights.models import Dashboard
from insights.selectors.dashboards import (
    DashboardShown,
    dashboard_list,
    dashboard_shown,
    dashboards_removed,
    tiles_of,
)
from insights.selectors.measure_groups import GROUP_LABELS, Group
from insights.services.dashboards import (
    DashboardWish,
    dashboard_copy,
    dashboard_remove,
    dashboard_restore,
    dashboard_save,
    wish_of,
)
from insights.views.performance import FILE_COLUMNS, file_lines, period_lines
from planning.selectors import period_list
from spm.roles.models import Role
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class DashboardListPage(PageMixin, TemplateView):
    """The dashboards that somebody made or shares, and the form for one more."""

    template_name = "insights/dashboards.html"
    actions = {"GET": "performance.view", "POST": "dashboard.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer = self.viewer
        may_edit = viewer.can("dashboard.edit")
        shown: dict[str, Any] = {
            "dashboards": [
                (one, one.membership_id == viewer.membership_id, [Role(role).label for role in one.roles])
                for one in dashboard_list(viewer)
            ],
            "may_edit": may_edit,
        }
        if may_edit:
            shown |= {"form": kwargs.pop("form", None) or DashboardNameForm(), "removed": dashboards_removed(viewer)}
        return super().get_context_data(**kwargs, **shown)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Begin a dashboard."""
        form = DashboardNameForm(request.POST)
        if form.is_valid():
            try:
                made = dashboard_save(wish=DashboardWish(form.cleaned_data["name"]), actor=self.viewer)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                return redirect("insights:dashboard_edit", made.pk)
        return self.render_to_response(self.get_context_data(form=form, **kwargs))


class ShownMixin(PageMixin):
    """Reads the dashboard and the period of the address."""

    @cached_property
    def periods(self) -> list[Any]:
        """The periods that began."""
        return list(period_list(started_by=self.viewer.on))

    @cached_property
    def shown(self) -> DashboardShown:
        """The dashboard with its figures; 404 beyond what the viewer made or shares, and for a period that does not exist."""
        dashboard = dashboard_list(self.viewer).get(pk=self.kwargs["pk"])  # type: ignore[attr-defined]
        try:
            return dashboard_shown(self.viewer, dashboard, self.request.GET.get("period", ""), self.periods)
        except KeyError as error:
            raise Http404 from error


class DashboardPage(ShownMixin, TemplateView):
    """A dashboard: its figures and charts within the viewer's reach, each down to its rows."""

    template_name = "insights/dashboard.html"
    actions = {"GET": "performance.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.shown
        own = shown.dashboard.membership_id == self.viewer.membership_id
        kept = self.request.GET.copy()
        kept.clear()
        kept["period"] = shown.window.key
        for name, key in (pair for one in shown.kept for pair in one.address):
            kept.appendlist(name, key)
        context = {
            "shown": shown,
            "dashboard": shown.dashboard,
            "window": shown.window,
            "periods": self.periods,
            "currency": self.viewer.organisation.currency,
            "query": self.request.GET.urlencode(),
            "base": kept.urlencode(),
            "may_edit": self.viewer.can("dashboard.edit"),
            "is_mine": own,
        }
        return super().get_context_data(**kwargs | context)


class DashboardExport(ShownMixin, View):
    """What a dashboard shows, as a file."""

    actions = {"GET": "performance.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        currency, rows = self.viewer.organisation.currency, []
        for one in self.shown.tiles:
            lines = period_lines if one.tile.shows is Shows.COURSE else file_lines
            rows += lines(one.table, currency)
        return table_download(rows, FILE_COLUMNS, name="dashboard", form=form)


class DashboardEditPage(PageMixin, TemplateView):
    """Puts an own dashboard together: tiles with buttons for their order, what it keeps, whom it is shared with."""

    template_name = "insights/dashboard_edit.html"
    actions = {"GET": "dashboard.edit", "POST": "dashboard.edit"}

    @cached_property
    def dashboard(self) -> Dashboard:
        """The own dashboard of the address; 404 for what somebody else made."""
        return dashboard_list(self.viewer).get(pk=self.kwargs["pk"], membership_id=self.viewer.membership_id or 0)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dashboard = self.dashboard
        tiles = tiles_of(dashboard)
        form = kwargs.pop("form", None) or DashboardForm(None, viewer=self.viewer, dashboard=dashboard)
        context = {
            "dashboard": dashboard,
            "tiles": [(place, *_tile_words(tile)) for place, tile in enumerate(tiles)],
            "last": len(tiles) - 1,
            "may_add": len(tiles) < MOST_TILES,
            "most": MOST_TILES,
            "form": form,
            "version": kwargs.pop("version", dashboard.version),
            "tile_form": kwargs.pop("tile_form", None) or TileForm(),
        }
        return super().get_context_data(**kwargs | context)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do what the button says: add, move or drop a tile, or save the rest."""
        do = request.POST.get("do", "")
        wish, forms = self._wished(do)
        seen = self._seen()
        if wish is None:
            return self.render_to_response(self.get_context_data(version=seen, **forms))
        try:
            dashboard_save(wish=wish, dashboard_id=pk, seen=seen, actor=self.viewer)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            if "version" in refusal.message_dict:
                del self.dashboard
                return self.render_to_response(self.get_context_data())
            return self.render_to_response(self.get_context_data(version=seen, **forms))
        messages.success(request, _("The dashboard is saved."))
        return redirect("insights:dashboard" if do == "save" else "insights:dashboard_edit", pk)

    def _seen(self) -> int:
        text = self.request.POST.get("version", "")
        if not _is_count(text):
            raise BadRequest(_("The version of the dashboard that was looked at is missing."))
        return int(text)

    def _wished(self, do: str) -> tuple[DashboardWish | None, dict[str, Any]]:
        """What the button asks for; None with the form that is wrong."""
        stands, tiles = wish_of(self.dashboard), tiles_of(self.dashboard)
        if do == "save":
            form = DashboardForm(self.request.POST, viewer=self.viewer, dashboard=self.dashboard)
            return (form.wish() if form.is_valid() else None), {"form": form}
        if do == "add":
            tile_form = TileForm(self.request.POST)
            added = replace(stands, tiles=(*tiles, tile_form.tile())) if tile_form.is_valid() else None
            return added, {"tile_form": tile_form}
        word, _sign, place = do.partition(":")
        if word not in ("up", "down", "drop") or not _is_count(place):
            raise BadRequest(_("There is no such button."))
        if word == "drop":
            return replace(stands, tiles=tuple(one for at, one in enumerate(tiles) if at != int(place))), {}
        return replace(stands, tiles=moved(tiles, int(place), -1 if word == "up" else 1)), {}


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def _tile_words(tile: Tile) -> tuple[str, str]:
    """What a tile is called, and how it is shown."""
    by = f" ({_(GROUP_LABELS[Group(tile.by)])})" if tile.by else ""
    return _(KPIS[tile.kpi].name), f"{SHOWN[tile.shows]}{by}"


class DashboardCopy(PageMixin, View):
    """Copies a dashboard that somebody sees as an own one."""

    actions = {"POST": "dashboard.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            made = dashboard_copy(dashboard_id=pk, actor=self.viewer)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("insights:dashboards")
        messages.success(request, _("“%(name)s” is yours now.") % {"name": made.name})
        return redirect("insights:dashboard_edit", made.pk)


class DashboardRemove(PageMixin, View):
    """Removes an own dashboard, or brings it back."""

    actions = {"POST": "dashboard.edit"}

    def post(self, request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
        if do == "restore":
            try:
                back = dashboard_restore(dashboard_id=pk, actor=self.viewer)
            except ValidationError as refusal:
                messages.error(request, " ".join(refusal.messages))
            else:
                messages.success(request, _("“%(name)s” is back.") % {"name": back.name})
        else:
            gone = dashboard_remove(dashboard_id=pk, actor=self.viewer)
            messages.success(request, _("“%(name)s” is removed. You can bring it back below.") % {"name": gone.name})
        return redirect("insights:dashboards")
