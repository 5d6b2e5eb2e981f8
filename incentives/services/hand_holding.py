"""Posts holds by hand: what each should keep in the books of a pay period, minus what these have. Twice posts nothing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from incentives.engine.hand_holding import Hold as Held
from incentives.engine.hand_holding import Kept, keep
from incentives.models import Hold, Journal, JournalKind, LedgerAccount
from incentives.selectors.hand_holding import Standing, holds_approved, standing_by_hand
from incentives.selectors.held_deals import deals_pay
from incentives.services.ledger import Leg, journal_post, ledger_lock
from spm.roles.policy import Viewer


@transaction.atomic
def holds_settle(*, period: Any, actor: Viewer, people: Sequence[str] | None = None, run: Any = None) -> set[str]:
    """Bring what is held by hand in books that take entries to what the approved holds say; gives whose books changed.

    It is the last step of settling, because it keeps what is left payable; whoever posts something payable later settles it again.
    """
    holds = {str(one.pk): one for one in holds_approved()}
    if not holds:
        return set()
    ledger_lock()
    standing = standing_by_hand(period, people)
    last = period.during.upper - timedelta(days=1)
    asked = [_held(one) for one in holds.values() if one.is_over or one.starts_on <= last]
    deals = {one.deal for one in asked if one.deal and one.is_on}
    groups = standing.payable.keys() | {group for _, group in standing.before}
    pay = deals_pay(period, deals, groups, people) if deals else {}
    wanted = keep(asked, standing.payable, standing.before, pay)
    changes: dict[str, dict[Kept, int]] = defaultdict(dict)
    for kept in sorted(wanted.keys() | standing.posted.keys()):
        change = wanted.get(kept, 0) - standing.posted.get(kept, 0)
        if change:
            changes[kept[0]][kept] = change
    for key, amounts in changes.items():
        _post(holds[key], amounts, standing, period, actor, run)
    return {group.participant for amounts in changes.values() for _, group in amounts}


def _held(hold: Any) -> Held:
    return Held(
        str(hold.pk),
        str(hold.participant_id or ""),
        str(hold.plan_id or ""),
        hold.component,
        str(hold.deal_id or ""),
        is_on=not hold.is_over,
    )


def _post(hold: Hold, amounts: dict[Kept, int], standing: Standing, period: Any, actor: Viewer, run: Any) -> None:
    """One journal of a hold; its slot ends with its place in the ledger, because the same books are settled many times."""
    last = Journal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    journal_post(
        kind=JournalKind.HAND_HOLD,
        slot=f"hold:{hold.pk}:{period.id}:{last + 1}",
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
