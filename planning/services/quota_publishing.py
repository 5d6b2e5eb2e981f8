"""Publishes quota plans: approved by a second person, then written as quotas in one transaction. Revisions follow what is published."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from planning.models import Quota, QuotaCell, QuotaEdit, QuotaMeasure, QuotaPlan, QuotaPlanState, QuotaRelief, QuotaSeat
from planning.selectors.closing import closed_periods
from planning.selectors.quota_plans import PlanSheet, plan_digest, plan_sheet
from planning.selectors.quota_reviews import growth_beyond
from planning.services.quota_names import name_problem
from planning.services.quota_plans import KIND, edit_keep, plan_draft, plan_shared
from planning.services.quotas import QuotaChange, QuotaValue, quota_set_many
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_given, approval_open
from spm.approvals.services import alone_check, approval_ask, approval_decide_alone
from spm.roles.policy import Viewer, require


@transaction.atomic
def quota_plan_ask(*, plan_id: UUID, reason: str, actor: Viewer) -> ApprovalRequest:
    """Ask a second person to approve exactly these quotas; nobody who changed the draft may. Raises ValidationError with what is wrong."""
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    return _ask(_sound(plan), reason, actor)


@transaction.atomic
def quota_plan_publish(*, plan_id: UUID, actor: Viewer) -> QuotaChange:
    """Write the quotas of an approved draft, all or nothing, and keep each with what it was.

    Raises ValidationError without an approval of exactly this, for a closed period, and where another plan was published since.
    """
    require(actor, "cascade.edit")
    plan = plan_draft(plan_id)
    sheet = _sound(plan)
    _stale_check(plan)
    if approval_given(KIND, plan.pk, plan_digest(plan)) is None:
        alone_check(actor)
        asked = approval_open(KIND, plan.pk) or _ask(sheet, "", actor)
        approval_decide_alone(request_id=asked.pk, actor=actor)
    cells = list(QuotaCell.objects.filter(seat__plan=plan).select_related("seat", "period"))
    before = {
        (quota.position_id, quota.period_id): quota.value
        for quota in Quota.objects.filter(period__in={one.period_id for one in cells}, measure=plan.measure)
    }
    change = quota_set_many(
        values=[QuotaValue(one.seat.position_id, one.period_id, one.carried) for one in cells],
        measure=QuotaMeasure(plan.measure),
        currency=plan.currency,
        actor=actor,
    )
    plan.state, plan.published_at, plan.published_by_name = QuotaPlanState.PUBLISHED, timezone.now(), actor.name
    plan.save(update_fields=["state", "published_at", "published_by_name"])
    edit_keep(plan, what="Published", why="", changes=[_written(one, before) for one in cells], actor=actor)
    return change


@transaction.atomic
def quota_plan_revise(*, plan_id: UUID, actor: Viewer) -> QuotaPlan:
    """Begin a draft that follows a published plan, with all that was set; quotas of closed periods are set as they were published."""
    require(actor, "cascade.edit")
    plan = QuotaPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    if plan.state != QuotaPlanState.PUBLISHED:
        raise ValidationError(f"{plan.name} is not published. Change it as it is.")
    if problem := name_problem(plan.name, plan):
        raise ValidationError(f"{problem} Nothing was begun.")
    seats = list(QuotaSeat.objects.filter(plan=plan))
    cells = list(QuotaCell.objects.filter(seat__plan=plan))
    reliefs = list(QuotaRelief.objects.filter(seat__plan=plan))
    closed = closed_periods({cell.period_id for cell in cells})
    draft = _copied(plan, revises=plan, state=QuotaPlanState.DRAFT, written_by_name=actor.name)
    draft.published_by_name, draft.published_at = "", None
    draft.save(force_insert=True)
    new = {seat.pk: _copied(seat, plan=draft, parent=None) for seat in seats}
    QuotaSeat.objects.bulk_create(new.values())
    for seat in seats:
        new[seat.pk].parent = new[seat.parent_id] if seat.parent_id else None
    QuotaSeat.objects.bulk_update(new.values(), ["parent"])
    QuotaCell.objects.bulk_create(
        _copied(cell, seat=new[cell.seat_id], manual=cell.value if cell.period_id in closed else cell.manual)
        for cell in cells
    )
    QuotaRelief.objects.bulk_create(_copied(one, seat=new[one.seat_id]) for one in reliefs)
    plan_shared(draft, what="Revision begun", why="", inputs=[], actor=actor)
    return draft


def _copied(row: Any, **changed: Any) -> Any:
    """A new row like another, but for its key and what is changed."""
    model = type(row)
    names = [one.attname for one in model._meta.concrete_fields if one.attname not in ("id", "organisation_id")]
    found = model(**{name: getattr(row, name) for name in names})
    for name, value in changed.items():
        setattr(found, name, value)
    return found


def _sound(plan: QuotaPlan) -> PlanSheet:
    """The sheet of a plan without a finding."""
    sheet = plan_sheet(plan)
    if sheet.findings:
        raise ValidationError([one.message for one in sheet.findings])
    return sheet


def _stale_check(plan: QuotaPlan) -> None:
    others = QuotaPlan.objects.filter(
        calendar=plan.calendar_id, year=plan.year, measure=plan.measure, state=QuotaPlanState.PUBLISHED
    )
    others = others.exclude(pk=plan.revises_id) if plan.revises_id else others
    begun = QuotaEdit.objects.filter(plan=plan).order_by("number").values_list("at", flat=True).first()
    later = others.filter(published_at__gt=begun).first() if begun else None
    if later is not None:
        raise ValidationError(
            f"{later.name} was published after this draft was begun, and its quotas would be overwritten unseen. "
            "Begin a revision of it, and take over what you changed."
        )


def _growth_check(sheet: PlanSheet, reason: str) -> None:
    plan = sheet.plan
    if plan.growth_rate is not None and not reason.strip() and (beyond := growth_beyond(sheet)):
        more = f" and {len(beyond) - 5} more" if len(beyond) > 5 else ""
        raise ValidationError(
            f"Quotas of {', '.join(beyond[:5])}{more} differ by more than {plan.growth_rate / 10**6:g} % from the year before. "
            "Nothing was asked. Change them, or send the plan for approval with the reason."
        )


def _ask(sheet: PlanSheet, reason: str, actor: Viewer) -> ApprovalRequest:
    plan = sheet.plan
    _growth_check(sheet, reason)
    edits = QuotaEdit.objects.filter(plan=plan, by_user__isnull=False)
    totals = [{"label": "Target", "amount_minor": plan.total, "currency": plan.currency}] if plan.currency else []
    return approval_ask(
        kind=KIND,
        key=plan.pk,
        content=plan_digest(plan),
        action="quota.approve",
        title=f"Quota plan {plan.name}, {plan.year}",
        url=reverse("planning:quota_plan_review", args=[plan.pk]),
        reason=reason,
        authors=sorted(set(edits.values_list("by_user_id", flat=True))),
        totals=totals,
        actor=actor,
    )


def _written(cell: QuotaCell, before: dict[tuple[UUID, UUID], int]) -> dict[str, Any]:
    old = before.get((cell.seat.position_id, cell.period_id))
    return {"seat": str(cell.seat_id), "period": cell.period.key, "field": "quota", "old": old, "new": cell.carried}
