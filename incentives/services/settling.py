"""Settles a pay period: what should wait, be held, be clawed back, advanced and recovered at its end, minus what its books have.

Only differences are posted, one journal of each kind; settling again posts nothing. What an event releases later is posted into the
books of the period of the event.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from incentives.engine.awaiting import Group, Standing, Waiting, stand, waits
from incentives.engine.plan import Plan
from incentives.models import JournalKind, LedgerAccount
from incentives.selectors.converting import pays_in_currencies
from incentives.selectors.hand_holding import holds_approved
from incentives.selectors.settling import (
    Posted,
    books_until,
    even_of,
    moment_of,
    parts_earned,
    plans_settled,
    standing_of,
)
from incentives.services.converting import books_finish
from incentives.services.drawing import draws_due
from incentives.services.ledger import Leg, journal_post, ledger_lock
from spm.crm.selectors.facts import facts_moment
from spm.roles.policy import Viewer, require

REASONS = {
    JournalKind.RELEASE: "Released",
    JournalKind.CLAWBACK: "Taken back by returns",
    JournalKind.HOLD: "Held back",
    JournalKind.DRAW: "Draws advanced",
    JournalKind.RECOVER: "Draws recovered",
    JournalKind.WRITE_OFF: "Forfeited or forgiven",
}
"""The journals of a settlement, in their order."""


@dataclass
class Settlement:
    """What settling did: whose books changed; what waits and why, by participant and currency."""

    people: set[str] = field(default_factory=set)
    waiting: dict[tuple[str, str], list[Waiting]] = field(default_factory=dict)


@transaction.atomic(savepoint=False)
def period_settle(*, period: Any, actor: Viewer, people: Sequence[str] | None = None, run: Any = None) -> Settlement:
    """Bring the books of a pay period that takes entries to what its plans say at its end; `people` None is everybody."""
    require(actor, "run.start")
    ledger_lock()
    books, plans = books_until(period), plans_settled(period)
    waiting = sorted(key for key, plan in plans.items() if waits(plan))
    posted = even_of(run, waiting, people) | standing_of(books, waiting, people)
    standing = _standing(period, books, plans, waiting, posted, people)
    legs = [each for group in sorted(posted) for each in _legs(group, posted[group], standing)]
    done = Settlement()
    _post(period, legs, actor, run, done)
    versions = {group.plan: one.version for group, one in sorted(posted.items())}
    _post(period, draws_due(period, books, plans, versions, people), actor, run, done)
    done.people |= books_finish(period=period, actor=actor, people=people, run=run)
    for detail in standing.details:
        done.waiting.setdefault((detail.group.participant, detail.group.currency), []).append(detail)
    return done


def settles_by_itself(period: Any) -> bool:
    """True when pay is held by hand or converted, or a plan holds it back or grants a draw: then books change by days, rates and events
    without a new run."""
    if holds_approved().exists() or pays_in_currencies():
        return True
    plans = plans_settled(period).values()
    return any(waits(plan) or plan.draw is not None for plan in plans)


def _standing(
    period: Any,
    books: Sequence[Any],
    plans: Mapping[str, Plan],
    waiting: Sequence[str],
    posted: Mapping[Group, Posted],
    people: Sequence[str] | None,
) -> Standing:
    """What should wait, be held and be forfeited at the end of the period."""
    asked = {group: one for group, one in posted.items() if group.plan in waiting}
    if not asked:
        return Standing()
    found, monies = parts_earned({group.earned_in for group in asked}, waiting, people, facts_moment())
    moment = moment_of(period, books, asked)
    return stand(plans, {group: one.earned for group, one in asked.items()}, found, monies, moment)


_STEPS = (
    (JournalKind.RELEASE, LedgerAccount.PAYABLE.value, LedgerAccount.EARNED.value),
    (JournalKind.CLAWBACK, LedgerAccount.PAYABLE.value, LedgerAccount.EARNED.value),
    (JournalKind.HOLD, LedgerAccount.HELD.value, LedgerAccount.PAYABLE.value),
    (JournalKind.WRITE_OFF, LedgerAccount.WRITTEN_OFF.value, LedgerAccount.EARNED.value),
    (JournalKind.WRITE_OFF, LedgerAccount.WRITTEN_OFF.value, LedgerAccount.HELD.value),
)
"""How a group is brought to what should stand: the journal, the account that takes, the one that gives."""


def _legs(group: Group, posted: Posted, standing: Standing) -> Iterable[tuple[JournalKind, Leg]]:
    """The entries that bring a group to what should stand."""
    waiting, forfeited, held, dropped, taken = (
        one.get(group, 0)
        for one in (standing.waiting, standing.forfeited, standing.held, standing.dropped, standing.taken)
    )
    lost, clawed = forfeited - (posted.forfeited - posted.dropped), taken - posted.clawed
    free, back = posted.waiting - lost - waiting, dropped - posted.dropped
    amounts = (free - clawed, clawed, held - posted.held + back, lost, back)
    for (kind, into, out_of), amount in zip(_STEPS, amounts, strict=True):
        if amount:
            who, _, component, currency, earned_in = group
            yield kind, Leg(who, posted.version, component, into, amount, currency, earned_in)
            yield kind, Leg(who, posted.version, component, out_of, -amount, currency, earned_in)


def _post(period: Any, entries: Iterable[tuple[JournalKind, Leg]], actor: Viewer, run: Any, done: Settlement) -> None:
    """One journal of each kind, in the series of the books."""
    legs: dict[JournalKind, list[Leg]] = defaultdict(list)
    for kind, leg in entries:
        legs[kind].append(leg)
        done.people.add(str(leg.participant_id))
    for kind, word in REASONS.items():
        if legs[kind]:
            journal_post(
                kind=kind,
                slot=f"settle:{period.id}:",
                period=period,
                legs=legs[kind],
                reason=f"{word}: {period.key}, difference to what was posted",
                actor=actor,
                run=run,
            )
