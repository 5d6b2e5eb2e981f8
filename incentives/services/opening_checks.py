"""What opening balances may say: whose they are, of which period, plan and component; what can't go on here is refused with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from incentives.engine.carrying import carrying_obstacle
from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan as PlanTerms
from incentives.engine.settlement import RECOVERABLE
from incentives.models import Plan, PlanState, PlanVersion
from incentives.selectors.brought import READ
from incentives.selectors.openings import AMOUNTS, opening_obstacle, openings_live
from incentives.selectors.periods import is_paid_elsewhere
from planning.selectors import period_list
from spm.people.models import Participant
from spm.roles.policy import Viewer, visible

LARGEST = 10**15


@dataclass(frozen=True)
class OpeningWish:
    """What one person brings into a period, of a plan and component or of none."""

    participant_id: UUID
    period_id: UUID
    currency: str
    plan_id: UUID | None = None
    component: str = ""
    payable_minor: int = 0
    held_minor: int = 0
    held_reason: str = ""
    draw_minor: int = 0
    paid_minor: int = 0
    credit_value: int = 0
    quota_value: int = 0
    target_minor: int = 0


def opening_check(wish: OpeningWish, *, actor: Viewer) -> None:
    """Raise ValidationError, or PermissionDenied, where a balance can't be brought in, with what to do."""
    people = visible(actor, Participant.objects.all(), participant="pk", action="opening.edit")
    if not people.filter(pk=wish.participant_id).exists():
        raise ValidationError("This person is not known. Choose somebody of the company.")
    period = period_list().filter(pk=wish.period_id).first()
    if period is None:
        raise ValidationError("This period is not known. Choose one of a calendar of the company.")
    if is_paid_elsewhere(period):
        raise ValidationError(f"What {period.key} earns is paid by the periods of another calendar. Name one of those.")
    if obstacle := opening_obstacle(period):
        raise ValidationError(obstacle)
    _amounts_check(wish)
    _plan_check(wish, period)
    same = {"participant_id": wish.participant_id, "plan_id": wish.plan_id, "component": wish.component}
    before = openings_live().filter(**same, currency=wish.currency).select_related("batch").first()
    if before is not None:
        raise ValidationError(
            f"{before.batch} brings the same entry already. Take that one back first, or leave this row out."
        )


def counted_once(wishes: Sequence[OpeningWish]) -> None:
    """Components that share a measure count the same credits: only one of them may bring these in for a person."""
    seen: dict[tuple[UUID, str], str] = {}
    terms: dict[UUID, dict[str, str]] = {}
    for wish in wishes:
        if wish.plan_id is None or not (wish.credit_value or wish.quota_value):
            continue
        if wish.plan_id not in terms:
            start = period_list().get(pk=wish.period_id).during.lower
            found = terms_on(wish.plan_id, start)
            terms[wish.plan_id] = {each.key: each.measure.key for each in found.components} if found is not None else {}
        key = (wish.participant_id, f"{wish.plan_id} {terms[wish.plan_id][wish.component]}")
        other = seen.setdefault(key, wish.component)
        if other != wish.component:
            raise ValidationError(
                f"{other} and {wish.component} count the same credits. Write credits and quota with one of them."
            )


def _amounts_check(wish: OpeningWish) -> None:
    amounts = [getattr(wish, name) for name in (*AMOUNTS, *READ)]
    if not any(amounts):
        raise ValidationError("The row brings nothing in: all its amounts are blank or 0.")
    if max(map(abs, amounts)) > LARGEST:
        raise ValidationError("An amount is larger than any pay. Write what is brought in.")
    if wish.held_minor < 0 or wish.draw_minor < 0:
        raise ValidationError(
            "What is held and what is owed of a draw are not below 0. Write what a person owes otherwise as payable below 0."
        )
    if wish.held_minor and not wish.held_reason.strip():
        raise ValidationError("Say why the amount is held; the reason stands on the statement.")


def _plan_check(wish: OpeningWish, period: Any) -> None:
    if wish.plan_id is None:
        if wish.component or wish.draw_minor or any(getattr(wish, name) for name in READ):
            raise ValidationError("Components, draws and credits belong to a plan. Name the plan, or leave them blank.")
        return
    plan = Plan.objects.get(pk=wish.plan_id)
    compiled = terms_on(wish.plan_id, period.during.lower)
    if compiled is None:
        raise ValidationError(
            f"{plan} has no version that holds on {period.during.lower}. Publish one, or name another plan."
        )
    _component_check(wish, compiled, plan)
    if wish.draw_minor and (compiled.draw is None or compiled.draw.kind not in RECOVERABLE):
        raise ValidationError(f"{plan} grants no draw that is recovered. Nothing would recover what is owed.")
    if wish.draw_minor and compiled.currency != wish.currency:
        raise ValidationError(f"Draws of {plan} are in {compiled.currency}. Write what is owed in that.")


def terms_on(plan_id: UUID, day: date) -> PlanTerms | None:
    """Give the plan as the published version of a day says it; None without one."""
    rows = PlanVersion.objects.filter(plan_id=plan_id, state=PlanState.PUBLISHED, during__contains=day)
    version = rows.order_by("-number").first()
    return None if version is None else compile_plan(version.definition)[0]


def _component_check(wish: OpeningWish, compiled: PlanTerms, plan: Plan) -> None:
    component = next((each for each in compiled.components if each.key == wish.component), None)
    if wish.component and component is None:
        known = ", ".join(each.key for each in compiled.components)
        raise ValidationError(f"{plan} has no component {wish.component}. It has: {known}.")
    if (wish.paid_minor or any(getattr(wish, name) for name in READ)) and compiled.currency != wish.currency:
        raise ValidationError(f"{plan} pays in {compiled.currency}. Write what was credited and paid in that.")
    if not any(getattr(wish, name) for name in READ):
        return
    if component is None:
        raise ValidationError("Credits, quota and target are of a component. Name it, or leave them blank.")
    obstacle = carrying_obstacle(component, credit=wish.credit_value, quota=wish.quota_value, target=wish.target_minor)
    if obstacle:
        raise ValidationError(obstacle)
    shared = [each.key for each in compiled.components if each.measure.key == component.measure.key]
    others = openings_live().filter(participant_id=wish.participant_id, plan=plan, component__in=shared)
    if (wish.credit_value or wish.quota_value) and others.exclude(credit_value=0, quota_value=0).exists():
        raise ValidationError(
            f"{' and '.join(shared)} count the same credits. Write credits and quota with one of them."
        )
