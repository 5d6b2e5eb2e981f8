"""The hash chain of the ledger: what each journal's hash is made of, and whether the chain still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from incentives.models import Journal, LedgerEntry
from incentives.selectors.facts import canonical

GENESIS = "0" * 64


Row = tuple[str, str, str, str, str, int, str, str]
"""A leg: participant, period, plan version or nothing, component, account, amount, currency, the period in which it was earned."""


def journal_hash(journal: Journal, entries: Sequence[LedgerEntry]) -> str:
    """Give the sha256 over the journal before it, its head and its legs, as canonical rows."""
    rows = [
        (
            str(entry.participant_id),
            str(entry.period_id),
            str(entry.plan_version_id or ""),
            entry.component,
            str(entry.account),
            entry.amount_minor,
            entry.currency,
            str(entry.earned_in_id),
        )
        for entry in entries
    ]
    return rows_hash(journal, sorted(rows))


def rows_hash(journal: Journal, rows: Sequence[Row]) -> str:
    """Give the same of legs in the order of their rows.

    The period in which a leg was earned is named where it is another one, so that journals from before it was kept prove as they did.
    """
    head = {
        "previous": journal.previous_hash,
        "number": journal.number,
        "kind": str(journal.kind),
        "slot": journal.slot,
        "run": str(journal.run_id or ""),
        "period": str(journal.period_id),
        "reason": journal.reason,
        "posted_at": journal.posted_at.isoformat(),
        "actor": journal.actor,
    }
    return sha256(canonical([head, [row if row[7] != row[1] else row[:7] for row in rows]]).encode()).hexdigest()


@dataclass(frozen=True)
class ChainFault:
    """The first journal at which the chain of the company is broken."""

    number: int
    what: str


def chain_verify() -> ChainFault | None:
    """Give the first journal of the company that is not what was posted, or None when the whole chain holds."""
    previous = GENESIS
    for number, journal in enumerate(Journal.objects.order_by("number").iterator(chunk_size=500), start=1):
        if journal.number != number:
            return ChainFault(number, f"Journal {number} is missing.")
        if journal.previous_hash != previous:
            return ChainFault(number, f"Journal {number} does not follow the journal before it.")
        if journal_hash(journal, list(LedgerEntry.objects.filter(journal=journal))) != journal.hash:
            return ChainFault(number, f"Journal {number} is not what was posted.")
        previous = journal.hash
    return None


def journal_verify(journal: Journal) -> bool:
    """Tell whether a journal is what was posted."""
    return journal_hash(journal, list(LedgerEntry.objects.filter(journal=journal))) == journal.hash
