"""Posts holds by hand: what each should keep in the books of a pay period, minus what these have. Twice posts nothing."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from incentives.engine.hand_holding import Kept
from incentives.models import Hold, JournalKind, LedgerAccount
from incentives.selectors.hand_holding import Standing, holds_approved
from incentives.selectors.hand_posting import holds_to_post
from incentives.services.ledger import Leg, journal_post, ledger_lock
from spm.roles.policy import Viewer


@transaction.atomic(savepoint=False)
def holds_settle(*, period: Any, actor: Viewer, people: Sequence[str] | None = None, run: Any = None) -> set[str]:
    """Bring what is held by hand in books that take entries to what the approved holds say; gives whose books changed.

    It is the last step of settling, because it keeps what is left payable; whoever posts something payable later settles it again.
    """
    if not holds_approved().exists():
        return set()
    ledger_lock()
    to_post = holds_to_post(period, people)
    for hold, amounts in to_post.changes:
        _post(hold, amounts, to_post.standing, period, actor, run)
    return {group.participant for _, amounts in to_post.changes for _, group in amounts}


def _post(hold: Hold, amounts: dict[Kept, int], standing: Standing, period: Any, actor: Viewer, run: Any) -> None:
    """One journal of a hold, in its series in the books."""
    journal_post(
        kind=JournalKind.HAND_HOLD,
        slot=f"hold:{hold.pk}:{period.id}:",
        period=period,
        legs=[leg for (_, group), amount in amounts.items() for leg in _legs(group, standing.versions[group], amount)],
        reason=f"{hold}: {hold.reason}"[:300],
        actor=actor,
        run=run,
    )


def _legs(group: Any, version: str | None, amount: int) -> tuple[Leg, Leg]:
    into, out_of = LedgerAccount.HELD, LedgerAccount.PAYABLE
    return (
        Leg(group.participant, version, group.component, into, amount, group.currency, group.earned_in),
        Leg(group.participant, version, group.component, out_of, -amount, group.currency, group.earned_in),
    )
