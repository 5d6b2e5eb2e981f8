"""The steps of a period's books: calculate, review, approve, pay, lock; and back, with a reason.

Who asks that a period is right, who approves it and who pays it are three people (`spm.approvals`), or one where the company says so.
What is approved is the digest of the books and statements; a period whose books have moved since is approved anew.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from incentives.models import (
    BooksState,
    JournalKind,
    LedgerAccount,
    PeriodStep,
    Run,
    RunState,
)
from incentives.selectors.facts import digest_of
from incentives.selectors.payers import is_paying_alone, payer_obstacle
from incentives.selectors.periods import (
    APPROVED,
    KIND,
    REOPENING,
    Books,
    books_digest,
    books_get,
    books_sums,
    books_totals,
    is_paid_elsewhere,
    locked_until,
    payable_of,
    payout_waiting,
)
from incentives.services.carrying import locked_carry, paid_carry
from incentives.services.holds import holds_apply
from incentives.services.ledger import Leg, journal_post, ledger_lock
from incentives.services.statements import statements_final_renew
from planning.selectors import period_get
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_given, approval_open
from spm.approvals.services import approval_ask, approval_decide, approval_withdraw
from spm.hooks.services.events import event_emit
from spm.roles.policy import Viewer, require


@transaction.atomic
def period_calculate(*, period_id: UUID, actor: Viewer) -> PeriodStep:
    """Begin to close a period: its figures still move. Raises ValidationError where it has not begun."""
    require(actor, "period.close")
    books = _at(period_id, BooksState.OPEN)
    _begun(books, actor)
    if is_paid_elsewhere(books.period):
        raise ValidationError(f"What {books.period.key} earns is paid by the periods of another calendar. Close those.")
    return _step(books, BooksState.CALCULATING, actor)


@transaction.atomic
def period_review(*, period_id: UUID, actor: Viewer) -> PeriodStep:
    """Shut the books and ask somebody else to approve exactly what stands in them.

    Raises ValidationError where the period has not begun, or its latest run failed or was not posted: the books would not be what was
    calculated.
    """
    require(actor, "period.close")
    books = _at(period_id, BooksState.CALCULATING)
    _begun(books, actor)
    latest = Run.objects.filter(period_id=period_id).order_by("-facts_known_at").first()
    if latest is not None and latest.state != RunState.POSTED:
        raise ValidationError(
            f"The latest run of {books.period.key} is {latest.state}, so the books are not what it found. Calculate and post it first."
        )
    holds_apply(period=books.period, actor=actor)
    statements_final_renew(books.period)
    content, totals = books_digest(period_id), _shown(period_id)
    request = approval_ask(
        kind=KIND,
        key=period_id,
        content=content,
        action="period.approve",
        title=f"Close {books.period.key}",
        url=reverse("incentives:period_detail", args=[period_id]),
        reason=f"The books of {books.period.key} as they stand.",
        authors=_closers(books),
        totals=totals,
        actor=actor,
    )
    return _step(books, BooksState.IN_REVIEW, actor, totals=totals, content=content, approval=request)


@transaction.atomic
def period_return(*, period_id: UUID, reason: str, actor: Viewer) -> PeriodStep:
    """Give a period in review back, so that its figures can be mended; what was asked or approved falls."""
    require(actor, "period.close" if actor.can("period.close") else "period.approve")
    books = _at(period_id, BooksState.IN_REVIEW)
    _reasoned(reason)
    approval_withdraw(kind=KIND, key=period_id)
    return _step(books, BooksState.CALCULATING, actor, reason=reason)


def period_withdrawn(request: ApprovalRequest, actor: Viewer) -> None:
    """Let the figures of a period whose review was withdrawn move again."""
    _step(_at(request.key, BooksState.IN_REVIEW), BooksState.CALCULATING, actor, reason=request.decision)


@transaction.atomic
def period_approve(*, period_id: UUID, actor: Viewer, reason: str = "") -> PeriodStep | None:
    """Approve a period in review, or take the step where it was approved elsewhere; None while further approvals are missing.

    Raises PermissionDenied for who closed it, ValidationError where the books are not what was asked for.
    """
    require(actor, "period.approve")
    books = _at(period_id, BooksState.IN_REVIEW)
    _begun(books, actor)
    content = books_digest(period_id)
    waiting = approval_open(KIND, period_id)
    if waiting is not None:
        if waiting.content != content:
            raise ValidationError(
                f"What stands in {books.period.key} is not what was asked for. Give it back and review it again."
            )
        approval_decide(request_id=waiting.pk, is_approved=True, actor=actor, reason=reason)
    given = approval_given(KIND, period_id, content)
    if given is None:
        if waiting is None:
            raise ValidationError(
                f"{books.period.key} was declined, or its books have moved since. Give it back and review it again."
            )
        return None
    totals = _shown(period_id)
    return _step(books, BooksState.APPROVED, actor, reason=reason, totals=totals, content=content, approval=given)


@transaction.atomic
def period_pay(*, period_id: UUID, reference: str, actor: Viewer, paid_on: date | None = None) -> PeriodStep:
    """Say that what is payable up to the period has been paid, under which reference, and when; only what is not posted as paid yet is.

    Raises PermissionDenied for who closed or approved it, ValidationError for a day on which it can't have been paid.
    """
    require(actor, "period.pay")
    books = _at(period_id, BooksState.APPROVED)
    if not reference.strip():
        raise ValidationError({"reason": "Name the payroll batch or bank file that paid it."})
    is_alone = payer_check(books.period, actor, "period.pay")
    paid_on_check(books.period, paid_on, actor)
    _payout_check()
    paid = [each for each in payable_of(books.period) if not each.held]
    slot = f"period:{period_id}:{_number(books)}"
    places = {(each.participant_id, each.currency) for each in paid}
    paid_carry(period=books.period, places=places, slot=slot, actor=actor)
    legs = [
        Leg(each.participant_id, None, "", account, amount, each.currency)
        for each in paid
        for account, amount in ((LedgerAccount.PAYABLE, -each.amount_minor), (LedgerAccount.PAID, each.amount_minor))
    ]
    journal_post(
        kind=JournalKind.PAY,
        slot=slot,
        period=books.period,
        legs=legs,
        reason=f"Paid: {reference.strip()}"[:300],
        actor=actor,
        paid_on=paid_on,
    )
    totals = _shown(period_id)
    return _step(books, BooksState.PAID, actor, reason=reference, totals=totals, is_single_operator=is_alone)


@transaction.atomic
def period_lock(*, period_id: UUID, actor: Viewer) -> PeriodStep:
    """Lock a paid period: from now on the database refuses every entry in its books. What it has left is carried into later ones."""
    require(actor, "period.close")
    books = _at(period_id, BooksState.PAID)
    locked_carry(period=books.period, slot=f"locked:{period_id}:{_number(books)}", actor=actor)
    return _step(books, BooksState.LOCKED, actor, totals=_shown(period_id), content=books_digest(period_id))


@transaction.atomic
def period_reopen_ask(*, period_id: UUID, reason: str, actor: Viewer) -> ApprovalRequest:
    """Ask somebody else to open the books of an approved, paid or locked period again."""
    require(actor, "period.reopen")
    books = _at(period_id, *APPROVED)
    _reasoned(reason)
    return approval_ask(
        kind=REOPENING,
        key=period_id,
        content=_reopening(books),
        action="period.reopen",
        title=f"Reopen {books.period.key}",
        url=reverse("incentives:period_detail", args=[period_id]),
        reason=reason,
        totals=_shown(period_id),
        actor=actor,
    )


@transaction.atomic
def period_reopen(*, period_id: UUID, actor: Viewer) -> PeriodStep | None:
    """Open the books again as the second person, or take the step where it was approved elsewhere; None while approvals are missing."""
    require(actor, "period.reopen")
    books = _at(period_id, *APPROVED)
    waiting = approval_open(REOPENING, period_id)
    if waiting is not None:
        approval_decide(request_id=waiting.pk, is_approved=True, actor=actor)
    given = approval_given(REOPENING, period_id, _reopening(books))
    if given is None:
        if waiting is None:
            raise ValidationError(f"Nobody asked to reopen {books.period.key} as it stands. Ask first, with a reason.")
        return None
    approval_withdraw(kind=KIND, key=period_id)
    return _step(books, BooksState.OPEN, actor, reason=given.reason, totals=_shown(period_id), approval=given)


def _at(period_id: UUID, *states: BooksState) -> Books:
    """The books, kept from moving until the end of the transaction; they must stand in one of the states."""
    ledger_lock()
    books = books_get(period_get(period_id))
    if books.state not in states:
        raise ValidationError(
            f"{books.period.key} is {books.state.label.lower()}, so this step is not its next. Nothing was changed."
        )
    return books


def _begun(books: Books, actor: Viewer) -> None:
    """Nothing is earned yet in a period that has not begun: its books are not shut."""
    first = books.period.during.lower
    if actor.on < first:
        raise ValidationError(
            f"{books.period.key} begins on {first}. It is not closed, reviewed or approved before. Nothing was changed."
        )


def _step(books: Books, to_state: BooksState, actor: Viewer, *, reason: str = "", **shown: Any) -> PeriodStep:
    step = PeriodStep.objects.create(
        period=books.period,
        number=_number(books),
        from_state=books.state,
        to_state=to_state,
        reason=reason.strip(),
        by_id=actor.user_id,
        by_name=actor.name,
        at=timezone.now(),
        **shown,
    )
    step_tell(step)
    return step


def step_tell(step: PeriodStep) -> None:
    """Let other systems know of a step; with the review the statements of the period are frozen."""
    key, name = step.period_id, step.period.key
    path = reverse("api_incentives_period", args=[key])
    event_emit("period.changed", key=key, path=path, period=name, before=step.from_state, after=step.to_state)
    if step.to_state == BooksState.IN_REVIEW:
        listed = f"{reverse('api_incentives_statements')}?period={key}"
        event_emit("statement.frozen", key=key, path=listed, period=name)


def _number(books: Books) -> int:
    return books.step.number + 1 if books.step is not None else 1


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why; the reason stays in the history of the period."})


def _reopening(books: Books) -> str:
    return digest_of([str(books.period.pk), _number(books)])


def _shown(period_id: UUID) -> list[dict[str, object]]:
    """What stands in the books, as a person is shown it when they decide."""
    return [
        {"label": label, "amount_minor": amount, "currency": one.currency}
        for one in books_sums(books_totals(period_id))
        for label, amount in (("Earned", one.earned_minor), ("Payable", one.payable_minor), ("Paid", one.paid_minor))
        if amount or label == "Earned"
    ]


def _closers(books: Books) -> list[int]:
    """Who took the steps that lead to this review: since the period was last opened."""
    found: list[int] = []
    for step in PeriodStep.objects.filter(period=books.period).order_by("-number"):
        if step.to_state == BooksState.OPEN:
            break
        has_closed = step.from_state == BooksState.OPEN or step.to_state == BooksState.IN_REVIEW
        if step.by_id is not None and has_closed:
            found.append(step.by_id)
    return found


def _payout_check() -> None:
    """What waits for payroll's answer is confirmed there: to post it here as well would say that it was paid twice."""
    waiting = payout_waiting()
    if waiting is not None:
        raise ValidationError(f"{waiting} waits for payroll's answer. Confirm or reject its lines there.")


def payer_check(period: Any, actor: Viewer, action: str) -> bool:
    """Refuse who closed or approved the period since it was last opened; tells whether the policy let one person do both."""
    obstacle = payer_obstacle(actor, period, action)
    if obstacle:
        raise PermissionDenied(f"{obstacle} Nothing was changed.")
    return is_paying_alone(actor, period)


def paid_on_check(period: Any, paid_on: date | None, actor: Viewer) -> None:
    """Refuse a day on which what the period owes can't have been paid; None and today are the day of the posting.

    It may lie before the approval: books that are brought in late were paid before. What was owed when locked books ended stays as it was.
    """
    if paid_on is None or paid_on == actor.on:
        return
    if paid_on > actor.on:
        raise ValidationError({"paid_on": f"{paid_on} is still to come. Say what was paid once it was."})
    last, locked = period.during.upper - timedelta(days=1), locked_until()
    if paid_on < last:
        raise ValidationError(
            {"paid_on": f"{period.key} ends on {last}. Nothing of it was paid before; choose that day or a later one."}
        )
    if locked is not None and paid_on < locked:
        raise ValidationError(
            {
                "paid_on": f"Books that ended before {locked} are locked, and what was owed at their end stands. "
                "Choose that day or a later one, or reopen them."
            }
        )
