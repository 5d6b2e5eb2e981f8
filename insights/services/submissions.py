"""Takes the numbers that people give, keeps what stood on the days they were due, and reminds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from insights.engine.rollup import CALLED
from insights.models import ForecastPolicy, ForecastSnapshot, ForecastSubmission
from insights.selectors.forecast_sheet import (
    SheetAsked,
    SheetLine,
    forecast_policy,
    forecast_sheet,
    submissions_latest,
)
from planning.selectors import period_get
from spm.core.dated import day_ends
from spm.core.money import format_amount
from spm.notices.services import notice_send
from spm.people.models import Participant
from spm.roles.policy import Viewer, member_ids_with, require, viewer_of_system, visible
from spm.tenancy.models import Organisation

NOTICE = "forecast"


@dataclass(frozen=True)
class CallWish:
    """A number to give for a person and category; None takes it back. `seen` is the number of the entry that was shown, 0 for none."""

    participant_id: UUID
    category: str
    amount_minor: int | None
    seen: int


@transaction.atomic
def forecast_submit(
    *, period_id: UUID, wishes: Sequence[CallWish], note: str = "", actor: Viewer
) -> list[ForecastSubmission]:
    """Give numbers for oneself, or over those of people below; all or none. What somebody changed meanwhile is refused with their name."""
    require(actor, "forecast.submit")
    period = period_get(period_id)
    if period.during.upper <= actor.on:
        raise ValidationError(_("%(period)s has ended: its forecasts stay as they were.") % {"period": period.key})
    people = _locked(wishes, actor)
    known = submissions_latest(period_id, people.keys())
    written, wrong = [], []
    for wish in wishes:
        person = people[wish.participant_id]
        is_override = overrides(actor, person.pk)
        place = {"period": period, "participant": person, "category": wish.category, "is_override": is_override}
        latest = known.get((person.pk, wish.category, is_override))
        if (latest.number if latest else 0) != wish.seen:
            wrong.append(_overtaken(person, latest))
        elif (latest.amount_minor if latest else None) != wish.amount_minor:
            written.append(
                ForecastSubmission(
                    **place,
                    number=wish.seen + 1,
                    amount_minor=wish.amount_minor,
                    currency=actor.organisation.currency,
                    note=note[:500],
                    by_name=actor.name,
                )
            )
    if wrong:
        raise ValidationError(wrong)
    return ForecastSubmission.objects.bulk_create(written)


def overrides(actor: Viewer, participant_id: UUID) -> bool:
    """Tell whether a number of the actor's is a word over the person's own."""
    return actor.participant is None or actor.participant.pk != participant_id


def _locked(wishes: Sequence[CallWish], actor: Viewer) -> dict[UUID, Participant]:
    """The people of the wishes, locked in a fixed order, so that two who give numbers for them take turns."""
    bad = [wish for wish in wishes if wish.category not in CALLED or (wish.amount_minor or 0) < 0]
    if bad:
        raise ValidationError(_("A number is for commit or best case, and is not below 0."))
    asked = {wish.participant_id for wish in wishes}
    rows = visible(actor.acting("forecast.submit"), Participant.objects.filter(pk__in=asked), participant="pk")
    people = {one.pk: one for one in rows.select_for_update().order_by("pk")}
    if len(people) < len(asked):
        raise Participant.DoesNotExist
    return people


def _overtaken(person: Participant, latest: ForecastSubmission | None) -> str:
    if latest is None:
        return _("%(person)s: this page shows a number that is not known.") % {"person": person.name}
    amount = _("nothing") if latest.amount_minor is None else format_amount(latest.amount_minor, latest.currency)
    return _(
        "%(person)s: %(by)s changed %(category)s to %(amount)s while you looked. Look at it, then give your number."
    ) % {
        "person": person.name,
        "by": latest.by_name,
        "category": latest.get_category_display().lower(),
        "amount": amount,
    }


@transaction.atomic
def forecast_policy_set(
    *, roll_up: str, categories: dict[str, str], due_weekday: int, remind_days: int, actor: Viewer
) -> ForecastPolicy:
    """Set how the company forecasts. What was submitted and locked stays as it was."""
    require(actor, "forecast.edit")
    values = {
        "roll_up": roll_up, "categories": categories, "due_weekday": due_weekday, "remind_days": remind_days,
    }  # fmt: skip
    policy, _created = ForecastPolicy.objects.update_or_create(defaults=values)
    return policy


def due_from(day: date, policy: ForecastPolicy) -> date:
    """Give the first day from this one on at whose end forecasts are due."""
    return day + timedelta(days=(policy.due_weekday - day.weekday()) % 7)


def due_before(day: date, policy: ForecastPolicy) -> date:
    """Give the last day before this one at whose end forecasts were due."""
    return due_from(day, policy) - timedelta(days=7)


@transaction.atomic
def forecast_lock(*, organisation: Organisation, day: date, period_id: UUID) -> int:
    """Keep what stood at the end of the day for everybody, once; gives how many rows, 0 where it is kept already or nothing was known."""
    if ForecastSnapshot.objects.filter(day=day, period=period_id).exists():
        return 0
    viewer = viewer_of_system(organisation, on=day + timedelta(days=1), name="nightly")
    sheet = forecast_sheet(viewer, SheetAsked(period_get(period_id), day, day))
    if sheet.reason:
        return 0
    rows = [_kept(line, sheet.asked, organisation.currency) for line in sheet.lines]
    return len(ForecastSnapshot.objects.bulk_create(rows))


def _kept(line: SheetLine, asked: SheetAsked, currency: str) -> ForecastSnapshot:
    return ForecastSnapshot(
        day=asked.day,
        period=asked.period,
        participant_id=line.person or None,
        manager_id=line.manager,
        currency=currency,
        own=dict(line.own),
        team=dict(line.team),
        submitted={name: one.amount_minor for name, one in line.calls.items()},
        overridden={name: one.amount_minor for name, one in line.overrides.items()},
        model_minor=line.model_minor,
    )


def forecast_remind(*, organisation: Organisation, day: date, period_id: UUID) -> int:
    """Remind who has given no number since forecasts were due last, on the days that the company chose; once for each due day."""
    policy = forecast_policy()
    due = due_from(day, policy)
    if (due - day).days not in (0, policy.remind_days):
        return 0
    since = day_ends(due - timedelta(days=7), ZoneInfo(organisation.time_zone))
    given = ForecastSubmission.objects.filter(period=period_id, is_override=False, at__gte=since)
    missing = Participant.objects.filter(membership__in=member_ids_with("forecast.submit", on=day)).exclude(
        pk__in=given.values("participant")
    )
    members = [one.membership_id for one in missing.order_by("pk") if one.membership_id is not None]
    notice_send(
        membership_ids=members,
        kind=NOTICE,
        slot=f"{due.isoformat()}:{(due - day).days}",
        title=_("Your forecast of %(period)s is due on %(day)s")
        % {"period": period_get(period_id).key, "day": due.isoformat()},
        url=reverse("insights:forecast"),
        wants_mail=True,
    )
    return len(members)
