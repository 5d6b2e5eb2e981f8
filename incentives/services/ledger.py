"""Writes journals: every leg of a journal in one statement that sums to 0, chained by hash to the company's journal before it.

Nothing is ever updated: what was wrong is answered by a further journal. What a journal says is decided by its caller.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from incentives.models import Journal, JournalKind, LedgerAccount, LedgerEntry
from incentives.selectors.chain import GENESIS, Row, rows_hash
from spm.roles.policy import Viewer
from spm.tenancy.copying import insert_columns

ACCOUNTS = {account: account for account in LedgerAccount.values}
"""Accounts as plain text."""


class Leg(NamedTuple):
    """One entry to be: whose, of which plan version and component (if any), on which account, how much; earned in the journal's period
    unless `earned_in` names another, and in the books of that period unless `period_id` names others."""

    participant_id: UUID | str
    plan_version_id: UUID | str | None
    component: str
    account: str
    amount_minor: int
    currency: str
    earned_in: UUID | str | None = None
    period_id: UUID | str | None = None


@transaction.atomic
def journal_post(
    *,
    kind: JournalKind,
    slot: str,
    period: Any,
    legs: Sequence[Leg],
    reason: str,
    actor: Viewer,
    run: Any = None,
    paid_on: date | None = None,
) -> Journal | None:
    """Post one journal, once per kind and slot: a second call gives the first journal. Without legs nothing is posted and None is given.

    A slot that ends with a colon is a series, which every call continues by the number of its journal: the same books are settled many
    times. Raises IntegrityError from the database when the legs of a currency don't sum to 0.
    """
    ledger_lock()
    is_series = slot.endswith(":")
    existing = None if is_series else Journal.objects.filter(kind=kind, slot=slot).first()
    if existing is not None or not legs:
        return existing
    rows = _rows(legs, str(period.id))
    last = Journal.objects.order_by("-number").values_list("number", "hash").first() or (0, GENESIS)
    number, previous = last[0] + 1, last[1]
    journal = Journal(
        number=number,
        kind=kind,
        slot=f"{slot}{number}" if is_series else slot,
        run=run,
        period=period,
        reason=reason,
        posted_at=timezone.now(),
        paid_on=paid_on,
        actor=actor.name,
        previous_hash=previous,
    )
    journal.hash = rows_hash(journal, rows)
    journal.save(force_insert=True)
    _insert(journal, rows)
    return journal


def _rows(legs: Sequence[Leg], period_id: str) -> list[Row]:
    """The legs as they are hashed and written, in order: keys and accounts as plain text."""
    return sorted(
        (
            str(participant),
            str(books or period_id),
            str(version or ""),
            component,
            ACCOUNTS[account],
            amount,
            currency,
            str(earned_in or period_id),
        )
        for participant, version, component, account, amount, currency, earned_in, books in legs
    )


def ledger_lock() -> None:
    """Let one posting of the company wait for another, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('ledger'), current_setting('app.organisation_id')::bigint::int)"
        )


def _insert(journal: Journal, rows: Sequence[Row]) -> None:
    """Insert all legs in one statement, whatever their number, so that the balance is checked over the whole journal."""
    participant, period, version, component, account, amount, currency, earned_in = zip(*rows, strict=True)
    insert_columns(
        LedgerEntry._meta.db_table,
        {
            "journal_id": ("uuid", [str(journal.id)] * len(rows)),
            "participant_id": ("uuid", participant),
            "period_id": ("uuid", period),
            "earned_in_id": ("uuid", earned_in),
            "plan_version_id": ("uuid", [each or None for each in version]),
            "component": ("text", component),
            "account": ("text", account),
            "amount_minor": ("bigint", amount),
            "currency": ("text", currency),
        },
    )
