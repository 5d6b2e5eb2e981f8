"""Forms of own dashboards: what they are called, keep and are shared with, and a tile more."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.engine.dashboards import BY, Shows, Tile
from insights.models import Dashboard, Mails
from insights.selectors.measure_groups import GROUP_LABELS, Group, Kept, group_choices, kept_names
from insights.selectors.performance import kpi_list
from insights.services.dashboards import NAME_LENGTH, SHARED_WITH, DashboardWish, wish_of
from planning.selectors import period_list
from spm.people.models import Participant
from spm.roles.models import Role
from spm.roles.policy import Viewer, visible

KEPT_IN_FORM = (Group.UNIT, Group.PRODUCT, Group.SEGMENT)
"""The groups that the page keeps to; sellers are those of a team."""
SHOWN = {
    Shows.FIGURE: gettext_lazy("as a number"),
    Shows.COURSE: gettext_lazy("over the last periods"),
    Shows.GROUPS: gettext_lazy("by group"),
}


class DashboardNameForm(forms.Form):
    """A dashboard to begin."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)


class DashboardForm(DashboardNameForm):
    """What a dashboard is called, keeps, is shared with, and when it is sent."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("Person, with everybody below"), required=False)
    unit = forms.MultipleChoiceField(label=gettext_lazy("Units"), required=False)
    product = forms.MultipleChoiceField(label=gettext_lazy("Products"), required=False)
    segment = forms.MultipleChoiceField(label=gettext_lazy("Segments"), required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Shared with"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each of them sees the figures of their own reach."),
    )  # fmt: skip
    mails = forms.ChoiceField(
        label=gettext_lazy("Sent by mail"), choices=Mails.choices,
        help_text=gettext_lazy("A link without figures, to you and to whom it is shared with."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, viewer: Viewer, dashboard: Dashboard) -> None:
        stored = dict(dashboard.kept)
        own = {name: getattr(dashboard, name) for name in ("name", "period", "roles", "mails")}
        super().__init__(data, initial=own | stored)
        self.dashboard = dashboard
        looking = viewer.acting("performance.view")
        periods = [one.key for one in period_list(started_by=viewer.on)]
        gone = [dashboard.period] if dashboard.period and dashboard.period not in periods else []
        may_share = viewer.can("dashboard.share")
        roles = [role for role in SHARED_WITH if may_share or role in dashboard.roles]
        self._choices("period", [("", _("The current one")), *((key, key) for key in (*gone, *periods))])
        self._choices("roles", [(role, Role(role).label) for role in roles])
        for group in KEPT_IN_FORM:
            kept = Kept(group, tuple(stored.get(group.value, ())))
            self._choices(group.value, _with_kept(looking, group_choices(viewer, group), kept))
        if not roles:
            del self.fields["roles"]
        seen = visible(looking, Participant.objects.order_by("name", "pk"), participant="pk")
        people = [
            ("", _("Everybody within the viewer's reach")),
            *((str(pk), name) for pk, name in seen.values_list("pk", "name")),
        ]
        team = stored.get("team", "")
        self._choices("team", _with_kept(looking, people, Kept(Group.SELLER, (team,), team)))

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def wish(self) -> DashboardWish:
        """Give what is asked, with the tiles as they are; only of a valid form."""
        given, stands = self.cleaned_data, wish_of(self.dashboard)
        others = [(name, keys) for name, keys in stands.kept if name not in list(KEPT_IN_FORM)]
        kept = [(group.value, tuple(given[group.value])) for group in KEPT_IN_FORM]
        return replace(
            stands,
            name=given["name"],
            kept=(*kept, *others),
            team=given["team"],
            period=given["period"],
            roles=tuple(given.get("roles", ())),
            mails=given["mails"],
        )


def _with_kept(viewer: Viewer, choices: list[tuple[str, str]], kept: Kept) -> list[tuple[str, str]]:
    """Choices with what is kept already and is none of them any more, so that saving the rest does not drop it."""
    known = {key for key, _name in choices}
    names = zip(kept.keys, kept_names(viewer, kept, _("no longer known here")), strict=True)
    return [*choices, *((key, name) for key, name in names if key not in known)]


class TileForm(forms.Form):
    """A tile more: which figure, how it is shown."""

    kpi = forms.ChoiceField(label=gettext_lazy("Figure"))
    shows = forms.ChoiceField(label=gettext_lazy("Shown"), choices=list(SHOWN.items()))
    by = forms.ChoiceField(
        label=gettext_lazy("By"), required=False, choices=[(name, GROUP_LABELS[Group(name)]) for name in BY]
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["kpi"].choices = [(one.key, _(one.name)) for one in kpi_list()]  # type: ignore[attr-defined]

    def tile(self) -> Tile:
        """Give the tile; the group counts only where it is shown by group."""
        given = self.cleaned_data
        shows = Shows(given["shows"])
        return Tile(given["kpi"], shows, (given["by"] or BY[0]) if shows is Shows.GROUPS else "")
