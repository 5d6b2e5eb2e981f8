"""Carries what is left payable or owed in the books of a period into later books, so that what is paid with a later payout stands where
it is paid, and books that are locked have nothing left.

Both sides are posted as one journal: nothing is earned, released or paid by it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from incentives.models import BooksState, Journal, JournalKind, LedgerAccount
from incentives.selectors.carried import Left, books_after, left_before, left_in
from incentives.services.ledger import Leg, journal_post
from spm.roles.policy import Viewer


def paid_carry(*, period: Any, places: Iterable[tuple[UUID, str]], slot: str, actor: Viewer) -> Journal | None:
    """Carry what earlier approved books have of people and currencies into those of a period that pays them, before it does."""
    return _carry(left_before(period, set(places)), period, slot, f"Paid with {period.key}", actor)


def locked_carry(*, period: Any, slot: str, actor: Viewer) -> Journal | None:
    """Carry all that a period has left into the books after it: once it is locked, they take what pays it.

    Raises ValidationError where no later period takes it, or the one that does has not begun or is in review.
    """
    left = left_in(period)
    if not left:
        return None
    books = books_after(period)
    if books is None:
        raise ValidationError(
            f"{period.key} has pay that is not paid yet or is owed, and no later period takes it. "
            f"Make the periods of the next year first. Nothing was changed."
        )
    if actor.on < books.period.during.lower:
        people = len({one.participant_id for one in left})
        raise ValidationError(
            f"{period.key} has pay of {people} {'person' if people == 1 else 'people'} that is not paid yet or is owed, and "
            f"{books.period.key}, which takes it, begins on {books.period.during.lower}. "
            f"Make a payout first, or lock {period.key} then. Nothing was changed."
        )
    if books.state == BooksState.IN_REVIEW:
        raise ValidationError(
            f"{period.key} has pay that is not paid yet or is owed, and {books.period.key}, which takes it, is in review. "
            f"Approve it or give it back first. Nothing was changed."
        )
    return _carry(left, books.period, slot, f"Not paid when {period.key} was locked", actor)


def _carry(left: Sequence[Left], into: Any, slot: str, reason: str, actor: Viewer) -> Journal | None:
    legs = [
        Leg(one.participant_id, None, "", LedgerAccount.PAYABLE, amount, one.currency, one.period_id, books)
        for one in left
        for books, amount in ((one.period_id, -one.amount_minor), (into.id, one.amount_minor))
    ]
    return journal_post(kind=JournalKind.CARRY, slot=slot, period=into, legs=legs, reason=reason, actor=actor)
