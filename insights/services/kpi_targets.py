"""Sets and removes targets of figures, and tells whom it concerns when one is missed."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from insights.engine.kpis import Kpi
from insights.models import KpiTarget
from insights.selectors.kpi_targets import Stand, TargetLine, kpi_targets_seen, target_whose, targets_judged
from insights.selectors.performance import OWN
from spm.identity.models import Membership
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, require, require_for, viewer_get, viewer_of_system, visible
from spm.tenancy.models import Organisation
from spm.web.templatetags.figures import measured_text

ACTION, NOTICE = "alert.edit", "kpi"


@dataclass(frozen=True)
class TargetWish:
    """A target to set: of which figure, for whom (None: the company), when it is missed, at which number as figures are stored."""

    kpi: Kpi
    name: str
    participant_id: UUID | None
    has_team: bool
    missed_when: str
    number: int


@transaction.atomic
def kpi_target_set(*, wish: TargetWish, actor: Viewer) -> KpiTarget:
    """Set a target, in the place of the one of the same figure for the same people; raises Participant.DoesNotExist beyond reach."""
    require(actor, ACTION)
    if wish.participant_id is None:
        require_for(actor, ACTION, None)
        if wish.has_team:
            raise ValidationError(_("The company has no team: choose a person, or leave the team out."))
    else:
        person = _within(actor, wish.participant_id)
        if wish.has_team and actor.acting(ACTION).reach < Reach.TEAM:
            raise ValidationError(
                _("A target of %(name)s's team needs a role that reaches it.") % {"name": person.name}
            )
    own = wish.kpi.key == OWN
    same: dict[str, Any] = {
        "kpi": wish.kpi.key,
        "formula": wish.kpi.formula if own else "",
        "participant_id": wish.participant_id,
        "has_team": wish.has_team,
        "missed_when": wish.missed_when,
    }
    target, _created = KpiTarget.objects.update_or_create(
        **same,
        defaults={
            "name": wish.name or wish.kpi.name,
            "unit": wish.kpi.unit if own else "",
            "number": wish.number,
            "set_on": actor.on,
            "membership_id": actor.membership_id,
            "by_name": actor.name,
        },
    )
    return target


def _within(actor: Viewer, participant_id: UUID) -> Participant:
    return visible(actor.acting(ACTION), Participant.objects.filter(pk=participant_id), participant="pk").get()


@transaction.atomic
def kpi_target_remove(*, target_id: UUID, actor: Viewer) -> None:
    """Remove a target within reach; raises KpiTarget.DoesNotExist."""
    require(actor, ACTION)
    target = kpi_targets_seen(actor).select_for_update().get(pk=target_id)
    require_for(actor, ACTION, target.participant_id)
    target.delete()


@transaction.atomic
def kpi_targets_tell(*, organisation: Organisation, day: date) -> int:
    """Tell who set a target and whose it is that it is missed, once for each period; gives how many are."""
    targets = list(KpiTarget.objects.select_related("participant").order_by("pk"))
    lines = targets_judged(viewer_of_system(organisation, on=day, name="nightly"), targets)
    missed = [line for line in lines if line.stands is Stand.MISSED]
    for line in missed:
        notice_send(
            membership_ids=_told(line.target, day),
            kind=NOTICE,
            slot=f"{line.target.pk}:{line.window.key}",
            title=_words(line, organisation.currency),
            url=reverse("insights:kpi_targets"),
            wants_mail=True,
        )
    return len(missed)


def _told(target: KpiTarget, day: date) -> list[int]:
    """Whoever set it, where they still see it, and the person."""
    members: Any = Membership.objects.select_related("user", "organisation").filter(
        is_active=True, user__is_active=True
    )
    asked = {target.membership_id, target.participant.membership_id if target.participant else None} - {None}
    seeing = []
    for member in members.filter(pk__in=asked).order_by("pk"):
        viewer = viewer_get(member, on=day, via="task")
        if viewer.can("performance.view") and kpi_targets_seen(viewer).filter(pk=target.pk).exists():
            seeing.append(member.pk)
    return seeing


def _words(line: TargetLine, currency: str) -> str:
    number = line.value.number or 0
    value, meant = (measured_text(each, line.kpi.unit, currency) for each in (abs(number), abs(line.target.number)))
    return _("%(figure)s of %(whose)s in %(period)s: %(value)s is %(when)s the target of %(target)s") % {
        "figure": line.target.name,
        "whose": target_whose(line.target),
        "period": line.window.key,
        "value": f"-{value}" if number < 0 else value,
        "when": line.target.get_missed_when_display(),
        "target": f"-{meant}" if line.target.number < 0 else meant,
    }
