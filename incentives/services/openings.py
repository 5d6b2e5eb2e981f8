"""Opening balances: asked for with a file, approved by another, posted as a journal against company clearing, taken back by a further one.

They stand in the books of the first period that is paid here, so that it pays what was payable and recovers what was owed. They are no
earning: company expense is not touched. Once a period of the calendar is closed, nothing is brought in or taken back any more.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import ngettext

from incentives.models import (
    Journal,
    JournalKind,
    LedgerAccount,
    OpeningBalance,
    OpeningBatch,
    PlanState,
    PlanVersion,
)
from incentives.selectors.brought import KIND, READ, SLOT
from incentives.selectors.facts import digest_of
from incentives.selectors.openings import (
    AMOUNTS,
    opening_obstacle,
    opening_totals,
    openings_live,
    openings_to_post,
    reaches_batch,
)
from incentives.selectors.periods import books_for
from incentives.selectors.settling import PLAN_DRAW
from incentives.services.converting import books_finish
from incentives.services.ledger import Leg, journal_post, ledger_lock
from incentives.services.opening_checks import OpeningWish, counted_once, opening_check
from incentives.services.posting import no_books
from incentives.services.statements import run_of_books, statements_reissue
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_latest, approval_open, things_live
from spm.approvals.services import approval_ask, approval_decide
from spm.core.findings import Finding
from spm.roles.policy import Viewer, require, require_for, visible


@transaction.atomic
def openings_ask(*, wishes: Sequence[OpeningWish], title: str, digest: str, actor: Viewer) -> OpeningBatch:
    """Ask for balances that are approved and posted together; raises ValidationError where one of them can't be brought in."""
    require(actor, "opening.edit")
    if not wishes:
        raise ValidationError("There is nothing to bring in.")
    _number_lock()
    for wish in wishes:
        opening_check(wish, actor=actor)
    if len({wish.period_id for wish in wishes}) > 1:
        raise ValidationError("The rows name several periods. Make one file for each cut-over.")
    batch = _batch(title, digest, actor)
    counted_once(wishes)
    OpeningBalance.objects.bulk_create(
        OpeningBalance(batch=batch, line=line, **vars(wish)) for line, wish in enumerate(wishes, start=1)
    )
    _ask(batch, title, actor)
    return batch


@transaction.atomic
def opening_reverse(*, batch_id: UUID, reason: str, actor: Viewer) -> OpeningBatch:
    """Ask to take a whole batch back: the same balances with the opposite sign, approved like any other.

    Raises ValidationError where it was not approved, is taken back already, a period was closed since, or a hold of it was released.
    """
    require(actor, "opening.edit")
    _number_lock()
    batch = OpeningBatch.objects.get(pk=batch_id)
    rows = list(OpeningBalance.objects.filter(batch=batch).select_related("period").order_by("line"))
    if not reaches_batch(actor, batch):
        require_for(actor, "opening.edit", None)
    _reversal_check(batch, rows, reason)
    back = _batch(reason.strip(), batch.digest, actor, reverses=batch)
    same = ("line", "participant_id", "period_id", "plan_id", "component", "currency", "held_reason")
    OpeningBalance.objects.bulk_create(
        OpeningBalance(
            batch=back,
            **{name: getattr(row, name) for name in same},
            **{name: -getattr(row, name) for name in (*AMOUNTS, *READ)},
        )
        for row in rows
    )
    _ask(back, f"takes back {batch}: {reason.strip()}", actor)
    return back


@transaction.atomic
def openings_approve(*, batch_id: UUID, actor: Viewer, reason: str = "") -> list[Finding]:
    """Approve a batch, with which it is posted; gives what to know about that. Raises ValidationError where its books are shut."""
    require(actor, "opening.approve")
    waiting = approval_open(KIND, batch_id)
    if waiting is None:
        raise ValidationError("Nothing waits for a decision here.")
    return list(approval_decide(request_id=waiting.pk, is_approved=True, actor=actor, reason=reason).findings)


def openings_approved(request: ApprovalRequest, actor: Viewer) -> list[Finding]:
    """Post a batch with its approval; raises ValidationError where its books are shut."""
    ledger_lock()
    findings = list(_post(OpeningBatch.objects.get(pk=request.key), actor))
    if findings:
        raise ValidationError([each.message for each in findings])
    return []


@transaction.atomic
def openings_post(*, actor: Viewer) -> list[Finding]:
    """Post the batches that earlier releases approved only; gives those whose period was closed in the meantime."""
    ledger_lock()
    return [finding for batch in openings_to_post() for finding in _post(batch, actor)]


@transaction.atomic
def opening_release(*, balance_id: UUID, reason: str, actor: Viewer) -> Journal:
    """Release what was held when it was brought in, into the earliest open books.

    Raises OpeningBalance.DoesNotExist for one that is not seen, ValidationError where nothing is held of it.
    """
    ledger_lock()
    rows = OpeningBalance.objects.select_related("batch", "period__calendar", "participant__membership")
    row = visible(actor, rows, action="opening.view").get(pk=balance_id)
    require_for(actor, "opening.approve", row.participant_id)
    _release_check(row, reason, actor)
    books = books_for(row.period, actor.on)
    if books is None:
        raise ValidationError(no_books(row.period).message)
    legs = [
        Leg(row.participant_id, None, row.component, account, amount, row.currency, row.period_id)
        for account, amount in ((LedgerAccount.PAYABLE, row.held_minor), (LedgerAccount.HELD, -row.held_minor))
    ]
    words = f"Released, brought in as held ({row.held_reason}): {reason.strip()}"
    journal = journal_post(
        kind=JournalKind.RELEASE, slot=f"{SLOT}{row.pk}", period=books, legs=legs, reason=words[:300], actor=actor
    )
    assert journal is not None
    books_finish(period=books, actor=actor, people=[str(row.participant_id)])
    statements_reissue(period=books, run=run_of_books(books), people={str(row.participant_id)})
    return journal


def _reversal_check(batch: OpeningBatch, rows: Sequence[OpeningBalance], reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say why it is taken back.")
    given = approval_latest(KIND, batch.pk)
    if given is None or given.state != ApprovalState.APPROVED:
        raise ValidationError(f"{batch} was not approved, so it counts nowhere and needs no reversal.")
    if batch.reverses_id is not None:
        raise ValidationError(f"{batch} takes others back. Bring the balances in anew instead.")
    for other in things_live(KIND, OpeningBatch.objects.filter(reverses=batch)):
        raise ValidationError(f"{other} takes it back already.")
    if obstacle := opening_obstacle(rows[0].period):
        raise ValidationError(obstacle)
    slots = [f"{SLOT}{row.pk}" for row in rows]
    if Journal.objects.filter(kind=JournalKind.RELEASE, slot__in=slots).exists():
        raise ValidationError(f"A hold of {batch} was released. Ask for an adjustment instead.")


def _release_check(row: OpeningBalance, reason: str, actor: Viewer) -> None:
    if not reason.strip():
        raise ValidationError("Say why it is released; the reason stands on the statement.")
    if not Journal.objects.filter(kind=JournalKind.OPENING, slot=f"{SLOT}{row.batch_id}").exists():
        raise ValidationError(f"{row.batch} is not posted. There is nothing to release.")
    if not openings_live().filter(pk=row.pk, held_minor__gt=0).exists():
        raise ValidationError("Nothing is held of this balance. There is nothing to release.")
    if Journal.objects.filter(kind=JournalKind.RELEASE, slot=f"{SLOT}{row.pk}").exists():
        raise ValidationError("It was released already.")
    mine = row.participant.membership
    if mine is not None and mine.user_id == actor.user_id:
        raise ValidationError("Nobody releases the own pay. Ask somebody else.")


def _post(batch: OpeningBatch, actor: Viewer) -> Iterator[Finding]:
    rows = list(OpeningBalance.objects.filter(batch=batch).select_related("period__calendar").order_by("line"))
    period, legs = rows[0].period, [leg for row in rows for leg in _legs(row)]
    if not legs:
        return
    if obstacle := opening_obstacle(period):
        yield Finding("OPENING_TOO_LATE", str(batch), obstacle, "Nothing of it was posted.", "Ask for an adjustment.")
        return
    journal_post(
        kind=JournalKind.OPENING,
        slot=f"{SLOT}{batch.pk}",
        period=period,
        legs=legs,
        reason=f"{batch}: {batch.title}"[:300],
        actor=actor,
    )
    people = sorted({str(row.participant_id) for row in rows})
    books_finish(period=period, actor=actor, people=people)
    statements_reissue(period=period, run=run_of_books(period), people=people)


def _legs(row: OpeningBalance) -> Iterator[Leg]:
    """Each balance against company clearing. Draws stand under their plan, which recovers them; the rest under none, so that no plan's
    release or hold moves it."""
    version = None
    if row.draw_minor and row.plan_id is not None:
        versions = PlanVersion.objects.filter(
            plan_id=row.plan_id, state=PlanState.PUBLISHED, during__contains=row.period.during.lower
        )
        version = versions.order_by("-number").values_list("pk", flat=True).first()
    steps = (
        (None, row.component, LedgerAccount.PAYABLE, row.payable_minor),
        (None, row.component, LedgerAccount.HELD, row.held_minor),
        (version, PLAN_DRAW, LedgerAccount.DRAW, -row.draw_minor),
    )
    for of, component, account, amount in steps:
        if amount:
            yield Leg(row.participant_id, of, component, account, amount, row.currency)
            yield Leg(row.participant_id, of, component, LedgerAccount.CLEARING, -amount, row.currency)


def _batch(title: str, digest: str, actor: Viewer, reverses: OpeningBatch | None = None) -> OpeningBatch:
    return OpeningBatch.objects.create(
        number=(OpeningBatch.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        title=title[:200],
        digest=digest,
        reverses=reverses,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
    )


def _ask(batch: OpeningBatch, title: str, actor: Viewer) -> None:
    rows = OpeningBalance.objects.filter(batch=batch).select_related("participant__membership").order_by("line")
    members = [row.participant.membership for row in rows]
    counted = ngettext("%(n)s line", "%(n)s lines", len(members)) % {"n": len(members)}
    approval_ask(
        kind=KIND,
        key=batch.pk,
        content=digest_of(
            [str(batch.pk), batch.digest, [[getattr(row, name) for name in (*AMOUNTS, *READ)] for row in rows]]
        ),
        action="opening.approve",
        title=f"{batch}: {counted}, {title}",
        url=reverse("incentives:opening_batch", args=[batch.pk]),
        reason=title,
        authors=[one.user_id for one in members if one is not None],
        totals=opening_totals(rows),
        actor=actor,
    )


def _number_lock() -> None:
    """Let one new batch of the company wait for another, so that numbers have no gap and nothing is brought in twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('opening:' || current_setting('app.organisation_id'), 0))"
        )
