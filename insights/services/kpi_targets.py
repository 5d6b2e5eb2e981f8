"""Sets and removes targets of figures, and tells whom it concerns when one is missed."""

from collections.abc import Sequence
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
from insights.selectors.kpi_targets import Stand, TargetLine, kpi_targets_seen, target_whose, targets_by_window
from insights.selectors.pay_forecasts import leaders_within
from insights.selectors.performance import OWN
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.people.selectors import employed_until
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, require, require_for, viewer_get, viewer_of_system, visible
from spm.tenancy.models import Organisation
from spm.web.templatetags.figures import measured_text

ACTION, NOTICE = "alert.edit", "kpi"
DIGITS = 9
"""So many more digits than usual tell any two figures apart."""


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
    """Set a target, in the place of the one of the same figure for the same people that is missed the same way.

    Raises Participant.DoesNotExist beyond reach, and ValidationError for a number below 0 where the figure is no difference, for a team
    beyond reach, or for one's own target that somebody else set.
    """
    require(actor, ACTION)
    if wish.number < 0 and not (wish.kpi.is_own or wish.kpi.is_signed):
        below = _("A target of %(figure)s can't be below 0. Give 0 or more.") % {"figure": _(wish.kpi.name)}
        raise ValidationError({"number": below})
    if wish.participant_id is None:
        require_for(actor, ACTION, None)
        if wish.has_team:
            no_team = _("The company has no team: choose a person, or leave the team out.")
            raise ValidationError({"has_team": no_team})
    else:
        person = _within(actor, wish.participant_id)
        looking = actor.acting(ACTION)
        if wish.has_team and looking.reach is not Reach.ALL and person.pk not in leaders_within(looking):
            beyond = _("A target of %(name)s's team needs a role that reaches it.") % {"name": person.name}
            raise ValidationError({"has_team": beyond})
    own = wish.kpi.key == OWN
    same: dict[str, Any] = {
        "kpi": wish.kpi.key,
        "formula": wish.kpi.formula if own else "",
        "participant_id": wish.participant_id,
        "has_team": wish.has_team,
        "missed_when": wish.missed_when,
    }
    _refuse_own(KpiTarget.objects.select_for_update().filter(**same).first(), actor)
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
    """Remove a target within reach; raises KpiTarget.DoesNotExist, and ValidationError for one's own that somebody else set."""
    require(actor, ACTION)
    target = kpi_targets_seen(actor, ACTION).select_for_update().get(pk=target_id)
    _refuse_own(target, actor)
    target.delete()


def _refuse_own(target: KpiTarget | None, actor: Viewer) -> None:
    """What others expect of somebody warns of them: it is not theirs to silence."""
    if target is None or target.membership_id == actor.membership_id:
        return
    if target.participant_id is not None and actor.participant and target.participant_id == actor.participant.pk:
        theirs = _("%(name)s set this target of your own: ask them to change or remove it.") % {"name": target.by_name}
        raise ValidationError({"participant": theirs})


@transaction.atomic
def kpi_targets_tell(*, organisation: Organisation, day: date) -> int:
    """Tell who set a target and whose it is that it is missed, once for each period; gives how many are.

    Of the people who had left by the end of the period nothing is told.
    """
    targets = list(KpiTarget.objects.select_related("participant").order_by("pk"))
    judged = targets_by_window(viewer_of_system(organisation, on=day, name="nightly"), targets)
    missed = _of_people_there([one for lines in judged for one in lines if one.stands is Stand.MISSED], day)
    slots = {_slot(line): line for line in missed}
    told = set(Notice.objects.filter(kind=NOTICE, slot__in=slots).values_list("slot", flat=True))
    due = {slot: line for slot, line in slots.items() if slot not in told}
    seen = _seen([line.target for line in due.values()], day)
    for slot, line in due.items():
        notice_send(
            membership_ids=[one for one in sorted(_concerned(line.target)) if line.target.pk in seen.get(one, ())],
            kind=NOTICE,
            slot=slot,
            title=_words(line, organisation.currency),
            url=reverse("insights:kpi_targets"),
            wants_mail=True,
        )
    return len(missed)


def _of_people_there(lines: Sequence[TargetLine], day: date) -> list[TargetLine]:
    """The lines of the company, and of people who were employed on the last day that is judged."""
    until: Any = employed_until({line.target.participant_id for line in lines if line.target.participant_id})
    return [line for line in lines if until.get(line.target.participant_id, date.max) > min(day, line.window.last_on)]


def _slot(line: TargetLine) -> str:
    """A target that is set anew is another one."""
    target = line.target
    return f"{target.pk}:{target.set_on}:{target.number}:{line.window.key}"


def _concerned(target: KpiTarget) -> set[int]:
    """Whoever set it, and the person."""
    members = (target.membership_id, target.participant.membership_id if target.participant else None)
    return {one for one in members if one is not None}


def _seen(targets: Sequence[KpiTarget], day: date) -> dict[int, set[UUID]]:
    """Which of the targets the members whom they concern still see."""
    members: Any = Membership.objects.select_related("user", "organisation").filter(
        pk__in={one for target in targets for one in _concerned(target)}, is_active=True, user__is_active=True
    )
    found = {}
    for member in members:
        viewer = viewer_get(member, on=day, via="task")
        if viewer.can("performance.view"):
            mine = kpi_targets_seen(viewer).filter(pk__in=[one.pk for one in targets])
            found[member.pk] = set(mine.values_list("pk", flat=True))
    return found


def _words(line: TargetLine, currency: str) -> str:
    value, target = _apart(line.value.number or 0, line.target.number, line.kpi.unit, currency)
    return _("%(figure)s of %(whose)s in %(period)s: %(value)s is %(when)s the target of %(target)s") % {
        "figure": line.target.name,
        "whose": target_whose(line.target),
        "period": line.window.key,
        "value": value,
        "when": line.target.get_missed_when_display(),
        "target": target,
    }


def _apart(number: int, target: int, unit: str, currency: str) -> tuple[str, str]:
    """Two figures that differ as texts that do: with more digits where they would look equal."""
    for more in range(DIGITS):
        value, meant = (
            f"{'-' if each < 0 else ''}{measured_text(abs(each), unit, currency, more=more)}"
            for each in (number, target)
        )
        if value != meant:
            break
    return value, meant
