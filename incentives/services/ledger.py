"""Writes journals: every leg of a journal in one statement that sums to 0, chained by hash to the company's journal before it.

Nothing is ever updated: what was wrong is answered by a further journal. What a journal says is decided by its caller.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from incentives.models import Journal, JournalKind, LedgerEntry
from incentives.selectors.chain import GENESIS, journal_hash
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class Leg:
    """One entry to be: whose, of which plan version and component, on which account, how much."""

    participant_id: UUID
    plan_version_id: UUID
    component: str
    account: str
    amount_minor: int
    currency: str


@transaction.atomic
def journal_post(
    *, kind: JournalKind, slot: str, period: Any, legs: Sequence[Leg], reason: str, actor: Viewer, run: Any = None
) -> Journal | None:
    """Post one journal, once per kind and slot: a second call gives the first journal. Without legs nothing is posted and None is given.

    Raises IntegrityError from the database when the legs of a currency don't sum to 0.
    """
    ledger_lock()
    existing = Journal.objects.filter(kind=kind, slot=slot).first()
    if existing is not None or not legs:
        return existing
    ordered = sorted(legs, key=lambda leg: tuple(map(str, astuple(leg))))
    last = Journal.objects.order_by("-number").first()
    journal = Journal(
        number=last.number + 1 if last else 1,
        kind=kind,
        slot=slot,
        run=run,
        period=period,
        reason=reason,
        posted_at=timezone.now(),
        actor=actor.name,
        previous_hash=last.hash if last else GENESIS,
    )
    entries = [
        LedgerEntry(
            journal=journal,
            participant_id=leg.participant_id,
            period=period,
            plan_version_id=leg.plan_version_id,
            component=leg.component,
            account=leg.account,
            amount_minor=leg.amount_minor,
            currency=leg.currency,
        )
        for leg in ordered
    ]
    journal.hash = journal_hash(journal, entries)
    journal.save(force_insert=True)
    _insert(entries)
    return journal


def ledger_lock() -> None:
    """Let one posting of the company wait for another, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('ledger'), current_setting('app.organisation_id')::bigint::int)"
        )


def _insert(entries: Sequence[LedgerEntry]) -> None:
    """Insert all legs in one statement, whatever their number, so that the balance is checked over the whole journal."""
    columns = {
        "journal_id": "uuid", "participant_id": "uuid", "period_id": "uuid", "plan_version_id": "uuid", "component": "text",
        "account": "text", "amount_minor": "bigint", "currency": "text", "id": "uuid",
    }  # fmt: skip
    names = ", ".join(columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    values = [
        [str(value) if isinstance(value, UUID) else value for value in (getattr(entry, name) for entry in entries)]
        for name in columns
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {LedgerEntry._meta.db_table} ({names}) select * from unnest({arrays})", values)
