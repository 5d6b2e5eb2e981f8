"""Manual adjustments: asked for singly or from a file, approved by somebody else, posted as a journal, reversed by a further one only.

An adjustment of a period whose books are shut stands in those of the next open one, and still says what it was for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse

from incentives.models import (
    Adjustment,
    AdjustmentBatch,
    AdjustmentReason,
    JournalKind,
    LedgerAccount,
    Plan,
)
from incentives.selectors.adjustments import (
    KIND,
    batch_totals,
    batches_to_post,
    file_counts,
    version_posted,
    versions_adjusted,
)
from incentives.selectors.facts import digest_of
from incentives.selectors.periods import books_for
from incentives.services.converting import books_finish
from incentives.services.ledger import Leg, journal_post, ledger_lock
from incentives.services.posting import no_books
from incentives.services.statements import run_of_books, statements_reissue
from planning.selectors import period_list
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_latest, approval_open, things_live
from spm.approvals.services import approval_ask, approval_decide
from spm.core.findings import Finding
from spm.core.money import format_amount
from spm.people.models import Participant
from spm.roles.policy import Viewer, require, require_for, visible

LARGEST = 10**15
Versions = Callable[[UUID, Any], dict[str, UUID]]
"""`versions_adjusted`, asked once for each plan and period."""


@dataclass(frozen=True)
class AdjustmentWish:
    """What is asked for: an amount for a person, for a period, of a plan and component or of none, and why."""

    participant_id: UUID
    period_id: UUID
    amount_minor: int
    currency: str
    reason_code: str
    reason: str
    plan_id: UUID | None = None
    component: str = ""
    reverses_id: UUID | None = None


@transaction.atomic
def adjustments_ask(
    *, wishes: Sequence[AdjustmentWish], title: str, actor: Viewer, digest: str = ""
) -> AdjustmentBatch:
    """Ask for adjustments that are approved and posted together; the approver is shown what they come to. `digest` is that of their file.

    Raises ValidationError where one names nobody within reach, no period, no component of its plan, no amount or no reason.
    """
    require(actor, "adjustment.edit")
    if not wishes:
        raise ValidationError("There is nothing to adjust.")
    people = _people(wishes, actor)
    periods = period_list().in_bulk({wish.period_id for wish in wishes})
    plans = Plan.objects.in_bulk({wish.plan_id for wish in wishes if wish.plan_id is not None})
    versions = cache(versions_adjusted)
    for wish in wishes:
        _check(wish, people, periods)
        if wish.reverses_id is None:
            _check_component(wish, plans, periods[wish.period_id], versions)
    _number_lock()
    batch = AdjustmentBatch.objects.create(
        number=(AdjustmentBatch.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        title=title[:200],
        digest=digest,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
    )
    Adjustment.objects.bulk_create(
        Adjustment(batch=batch, line=line, **(vars(wish) | {"reason": wish.reason.strip()}))
        for line, wish in enumerate(wishes, start=1)
    )
    _ask(batch, wishes, people, actor)
    return batch


@transaction.atomic
def adjustment_reverse(*, adjustment_id: UUID, reason: str, actor: Viewer) -> AdjustmentBatch:
    """Ask for the opposite of an approved adjustment; raises ValidationError where it counts nowhere or is reversed already."""
    _number_lock()
    one = Adjustment.objects.select_related("batch").get(pk=adjustment_id)
    require_for(actor, "adjustment.edit", one.participant_id)
    if one.reverses_id is not None:
        raise ValidationError(f"{one.batch} is a reversal itself. Ask for the adjustment again to have it back.")
    given = approval_latest(KIND, one.batch_id)
    if given is None or given.state != ApprovalState.APPROVED:
        raise ValidationError(f"{one.batch} was not approved, so it counts nowhere and needs no reversal.")
    for other in things_live(KIND, Adjustment.objects.filter(reverses=one).select_related("batch"), key="batch_id"):
        raise ValidationError(f"{other.batch} reverses it already.")
    wish = AdjustmentWish(
        participant_id=one.participant_id,
        period_id=one.period_id,
        amount_minor=-one.amount_minor,
        currency=one.currency,
        reason_code=AdjustmentReason.REVERSAL,
        reason=reason,
        plan_id=one.plan_id,
        component=one.component,
        reverses_id=one.pk,
    )
    return adjustments_ask(wishes=[wish], title=f"Reversal of line {one.line} of {one.batch}", actor=actor)


def adjustments_taken(digest: str) -> bool:
    """Tell whether the adjustments of a file wait or count; another sending of it waits for this one."""
    _number_lock()
    return file_counts(digest)


@transaction.atomic
def adjustments_approve(*, batch_id: UUID, actor: Viewer, reason: str = "") -> list[Finding]:
    """Approve a batch, with which it is posted; gives what to know about that. Raises ValidationError where no books take it."""
    require(actor, "adjustment.approve")
    waiting = approval_open(KIND, batch_id)
    if waiting is None:
        raise ValidationError("Nothing waits for a decision here.")
    return list(approval_decide(request_id=waiting.pk, is_approved=True, actor=actor, reason=reason).findings)


def adjustments_approved(request: ApprovalRequest, actor: Viewer) -> list[Finding]:
    """Post a batch with its approval; raises ValidationError where no books take it."""
    ledger_lock()
    findings = _post(AdjustmentBatch.objects.get(pk=request.key), actor)
    if findings:
        raise ValidationError([each.message for each in findings])
    return []


@transaction.atomic
def adjustments_post(*, actor: Viewer) -> list[Finding]:
    """Post the batches that earlier releases approved only, one journal per period that takes it; gives what has no open books."""
    ledger_lock()
    findings: list[Finding] = []
    for batch in batches_to_post():
        findings += _post(batch, actor)
    return findings


def _post(batch: AdjustmentBatch, actor: Viewer) -> list[Finding]:
    rows = list(Adjustment.objects.filter(batch=batch).select_related("period__calendar", "reverses").order_by("line"))
    periods = {row.period_id: row.period for row in rows}
    taking = {key: books_for(period, actor.on) for key, period in periods.items()}
    places: dict[UUID, tuple[Any, list[Adjustment]]] = {}
    for row in rows:
        books = taking[row.period_id]
        if books is None:
            return [no_books(row.period)]
        places.setdefault(books.id, (books, []))[1].append(row)
    versions = cache(versions_adjusted)
    for books, some in places.values():
        legs = [leg for row in some for leg in _legs(row, _version(row, versions))]
        journal_post(
            kind=JournalKind.ADJUST,
            slot=f"adjustment:{batch.pk}:{books.key}",
            period=books,
            legs=legs,
            reason=f"{batch}: {batch.title}"[:300],
            actor=actor,
        )
        people = {str(row.participant_id) for row in some}
        books_finish(period=books, actor=actor, people=sorted(people))
        statements_reissue(period=books, run=run_of_books(books), people=people)
    return []


def _legs(row: Adjustment, version: UUID | None) -> tuple[Leg, Leg]:
    first, second = (
        Leg(row.participant_id, version, row.component, account, amount, row.currency, row.period_id)
        for account, amount in ((LedgerAccount.PAYABLE, row.amount_minor), (LedgerAccount.EXPENSE, -row.amount_minor))
    )
    return first, second


def _version(row: Adjustment, versions: Versions) -> UUID | None:
    """The version under which an adjustment stands: of a reversal the one of what it reverses, wherever that was posted."""
    if row.plan_id is None:
        return None
    posted = version_posted(row.reverses) if row.reverses is not None else ()
    known = versions(row.plan_id, row.period.during)
    return posted[0] if posted else known.get(row.component, known.get(""))


def _people(wishes: Sequence[AdjustmentWish], actor: Viewer) -> dict[UUID, Participant]:
    rows = visible(actor, Participant.objects.all(), participant="pk", action="adjustment.edit")
    found = rows.filter(pk__in={wish.participant_id for wish in wishes}).select_related("membership")
    return {one.pk: one for one in found}


def _check(wish: AdjustmentWish, people: dict[UUID, Participant], periods: Mapping[UUID, Any]) -> None:
    if wish.participant_id not in people:
        raise ValidationError({"participant": "This person is not known. Choose somebody of the company."})
    if wish.period_id not in periods:
        raise ValidationError({"period": "This period is not known. Choose one of a calendar of the company."})
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why; the reason stands on the statement."})
    if wish.reason_code not in AdjustmentReason.values:
        raise ValidationError({"reason_code": f"It may be: {', '.join(AdjustmentReason.values)}."})
    if wish.amount_minor == 0 or abs(wish.amount_minor) > LARGEST:
        raise ValidationError({"amount": "The amount is 0 or larger than any pay. Write what is to be adjusted."})
    if len(wish.currency) != 3 or not wish.currency.isupper():
        raise ValidationError({"currency": "Write the currency as three letters, such as USD."})


def _check_component(wish: AdjustmentWish, plans: Mapping[UUID, Plan], period: Any, versions: Versions) -> None:
    if wish.plan_id is None:
        if wish.component:
            raise ValidationError({"component": "A component belongs to a plan. Name the plan, or leave both out."})
        return
    plan = plans.get(wish.plan_id)
    if plan is None:
        raise ValidationError({"plan": "This plan is not known. Choose one of the company, or none."})
    known = versions(plan.pk, period.during)
    if not known:
        raise ValidationError({"plan": f"{plan} was never published, so it paid nobody. Publish it, or name none."})
    if wish.component not in known:
        names = ", ".join(key for key in known if key)
        raise ValidationError({"component": f"{plan} has no component {wish.component}. It has: {names}."})


def _ask(
    batch: AdjustmentBatch, wishes: Sequence[AdjustmentWish], people: dict[UUID, Participant], actor: Viewer
) -> None:
    totals = batch_totals(Adjustment.objects.filter(batch=batch))
    if len(wishes) == 1:
        wish = wishes[0]
        amount = f"{format_amount(wish.amount_minor, wish.currency)} {wish.currency}"
        title = f"{batch}: {amount} for {people[wish.participant_id].name}"
    else:
        of = "1 person" if len(people) == 1 else f"{len(people)} people"
        title = f"{batch}: {len(wishes)} lines of {of}, {batch.title}"
    authors = [one.membership.user_id for one in people.values() if one.membership is not None]
    approval_ask(
        kind=KIND,
        key=batch.pk,
        content=digest_of([str(batch.pk), [[str(value) for value in vars(wish).values()] for wish in wishes]]),
        action="adjustment.approve",
        title=title,
        url=reverse("incentives:adjustment_batch", args=[batch.pk]),
        reason=wishes[0].reason if len(wishes) == 1 else batch.title,
        authors=authors,
        totals=[
            {"label": "Adjustments", "amount_minor": one["amount_minor"], "currency": one["currency"]} for one in totals
        ],
        actor=actor,
    )


def _number_lock() -> None:
    """Let one new batch of the company wait for another, so that numbers have no gap and one adjustment is reversed once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('adjustment:' || current_setting('app.organisation_id'), 0))"
        )
