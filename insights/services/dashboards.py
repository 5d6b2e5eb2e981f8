"""Puts together, copies, removes and brings back own dashboards, and tells who sees one that it is ready."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.engine.dashboards import Tile, tiles_wrong
from insights.models import Dashboard, Mails
from insights.selectors.dashboards import dashboard_list, dashboards_removed, tiles_of
from insights.selectors.measure_groups import Group
from insights.selectors.performance import windows_of
from spm.identity.models import Membership
from spm.notices.services import notice_send
from spm.roles.catalogue import ROLE_ACTIONS
from spm.roles.models import RoleGrant
from spm.roles.policy import Viewer, member_ids_with, require

ACTION, SHARE, NOTICE = "dashboard.edit", "dashboard.share", "dashboard"
MOST = 50
"""Dashboards that one member may have."""
MOST_KEYS = 50
"""Groups of a kind that a dashboard may keep to."""
NAME_LENGTH = 100
SHARED_WITH = tuple(role for role, actions in ROLE_ACTIONS.items() if "performance.view" in actions)
"""The roles that a dashboard may be shared with: those that see figures at all."""


@dataclass(frozen=True)
class DashboardWish:
    """What a dashboard is to be; `kept` holds keys by the name of a group, and a participant's id as `team`."""

    name: str
    tiles: tuple[Tile, ...] = ()
    kept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    team: str = ""
    period: str = ""
    roles: tuple[str, ...] = ()
    mails: str = Mails.NEVER


def wish_of(dashboard: Dashboard) -> DashboardWish:
    """Give what a dashboard is."""
    kept = dict(dashboard.kept)
    team = kept.pop("team", "")
    groups = tuple((name, tuple(keys)) for name, keys in kept.items())
    return DashboardWish(
        dashboard.name, tiles_of(dashboard), groups, team, dashboard.period, tuple(dashboard.roles), dashboard.mails
    )


@transaction.atomic
def dashboard_save(
    *, wish: DashboardWish, actor: Viewer, dashboard_id: UUID | None = None, seen: int | None = None
) -> Dashboard:
    """Make a dashboard, or change an own one that stands at the version `seen`.

    Raises Dashboard.DoesNotExist for one that is not the actor's, PermissionDenied where one that is shared would change in anything but
    fewer roles without the right to share, and ValidationError for what is wrong.
    """
    require(actor, ACTION)
    dashboard = _new(actor) if dashboard_id is None else _own(actor, dashboard_id)
    if dashboard_id is not None and seen != dashboard.version:
        raise ValidationError(
            {"version": _("The dashboard was changed meanwhile. Look at it again, then change it once more.")}
        )
    _refuse_wrong(wish, actor, dashboard.period)
    before, shared = _shows(dashboard), set(dashboard.roles)
    dashboard.name, dashboard.period, dashboard.mails = wish.name.strip(), wish.period, wish.mails
    dashboard.tiles = [{"kpi": one.kpi, "shows": one.shows.value, "by": one.by} for one in wish.tiles]
    dashboard.roles = sorted(set(wish.roles))
    dashboard.kept = {name: list(keys) for name, keys in wish.kept if keys}
    if wish.team:
        dashboard.kept["team"] = wish.team
    if set(wish.roles) - shared or (wish.roles and _shows(dashboard) != before):
        require(actor, SHARE)
    if dashboard_id is not None:
        dashboard.version += 1
    dashboard.save()
    return dashboard


def _shows(dashboard: Dashboard) -> tuple[Any, ...]:
    """What those whom it is shared with see and are sent."""
    return dashboard.name, dashboard.tiles, dashboard.kept, dashboard.period, dashboard.mails


def _new(actor: Viewer) -> Dashboard:
    if actor.membership_id is None:
        raise ValidationError({"name": _("A dashboard belongs to a member of the company: sign in as one.")})
    _refuse_more(actor.membership_id)
    return Dashboard(membership_id=actor.membership_id, by_name=actor.name)


def _refuse_more(member: int) -> None:
    """Refuse one dashboard more than a member may have; two at once wait for each other."""
    Membership.objects.select_for_update().get(pk=member)
    if Dashboard.objects.filter(membership_id=member, removed_at=None).count() >= MOST:
        raise ValidationError({"name": _("You have %(most)s dashboards already. Remove one first.") % {"most": MOST}})


def _own(actor: Viewer, dashboard_id: UUID) -> Dashboard:
    own = Dashboard.objects.filter(membership_id=actor.membership_id or 0, removed_at=None)
    return own.select_for_update().get(pk=dashboard_id)


def _refuse_wrong(wish: DashboardWish, actor: Viewer, stands: str) -> None:
    wrong: dict[str, str] = {}
    if not wish.name.strip() or len(wish.name.strip()) > NAME_LENGTH:
        wrong["name"] = _("A dashboard needs a name of at most %(most)s characters.") % {"most": NAME_LENGTH}
    if tiles := tiles_wrong(wish.tiles):
        wrong["tiles"] = _(tiles)
    if unknown := sorted(set(wish.roles) - set(SHARED_WITH)):
        wrong["roles"] = _("%(roles)s can't see figures of performance.") % {"roles": ", ".join(unknown)}
    if wish.mails not in Mails.values:
        wrong["mails"] = _("Choose one of %(ways)s.") % {"ways": ", ".join(Mails.values)}
    if any(name not in list(Group) or len(keys) > MOST_KEYS for name, keys in wish.kept):
        wrong["kept"] = _("Keep at most %(most)s of each of these: %(groups)s.") % {
            "most": MOST_KEYS,
            "groups": ", ".join(Group),
        }
    if wish.period != stands and not _has_period(actor, wish.period):
        wrong["period"] = _("There is no period %(key)s that has begun.") % {"key": wish.period}
    if wrong:
        raise ValidationError(wrong)


def _has_period(actor: Viewer, key: str) -> bool:
    try:
        windows_of(actor, key)
    except KeyError:
        return False
    return True


@transaction.atomic
def dashboard_copy(*, dashboard_id: UUID, actor: Viewer) -> Dashboard:
    """Copy a dashboard that the actor sees as an own one, not shared and not sent; raises Dashboard.DoesNotExist."""
    require(actor, ACTION)
    wish = wish_of(dashboard_list(actor).get(pk=dashboard_id))
    name = _("Copy of %(name)s") % {"name": wish.name}
    period = wish.period if _has_period(actor, wish.period) else ""
    found = DashboardWish(name[:NAME_LENGTH], wish.tiles, wish.kept, wish.team, period)
    return dashboard_save(wish=found, actor=actor)


@transaction.atomic
def dashboard_remove(*, dashboard_id: UUID, actor: Viewer) -> Dashboard:
    """Remove an own dashboard, for everybody that it is shared with too; raises Dashboard.DoesNotExist."""
    require(actor, ACTION)
    dashboard = _own(actor, dashboard_id)
    dashboard.removed_at = timezone.now()
    dashboard.save()
    return dashboard


@transaction.atomic
def dashboard_restore(*, dashboard_id: UUID, actor: Viewer) -> Dashboard:
    """Bring an own dashboard back as it was, without its roles where the actor may not share.

    Raises Dashboard.DoesNotExist, also for one that was removed too long ago, and ValidationError where there are too many.
    """
    require(actor, ACTION)
    dashboard = dashboards_removed(actor).select_for_update().get(pk=dashboard_id)
    _refuse_more(dashboard.membership_id)
    dashboard.removed_at = None
    if not actor.can(SHARE):
        dashboard.roles = []
    dashboard.save()
    return dashboard


@transaction.atomic
def dashboards_tell(*, day: date) -> int:
    """Leave a notice of each dashboard that is sent on the day for its maker and whom it is shared with; gives how many were sent.

    Nobody who may not see figures of performance on the day is told, nor whom a maker shares with who may not share any more. No notice
    holds a figure.
    """
    due = [Mails.WEEKLY] * (day.weekday() == 0) + [Mails.MONTHLY] * (day.day == 1)
    dashboards = list(Dashboard.objects.filter(mails__in=due, removed_at=None).order_by("pk"))
    members = _members(day) if dashboards else {}
    everybody = {member for of_role in members.values() for member in of_role}
    sharing = set(member_ids_with(SHARE, on=day)) if dashboards else set()
    for dashboard in dashboards:
        own = {dashboard.membership_id} & everybody
        roles = dashboard.roles if dashboard.membership_id in sharing else ()
        shared = {member for role in roles for member in members.get(role, ())}
        notice_send(
            membership_ids=sorted(own | shared),
            kind=NOTICE,
            slot=f"{dashboard.pk}:{day}",
            title=_("Dashboard: %(name)s") % {"name": dashboard.name},
            url=reverse("insights:dashboard", args=[dashboard.pk]),
            wants_mail=True,
        )
    return len(dashboards)


def _members(day: date) -> dict[str, set[int]]:
    """Who may see figures of performance on the day, by role."""
    found: dict[str, set[int]] = {}
    grants = RoleGrant.objects.filter(
        role__in=SHARED_WITH, during__contains=day, membership__is_active=True, membership__user__is_active=True
    )
    for role, member in grants.values_list("role", "membership_id"):
        found.setdefault(role, set()).add(member)
    return found
