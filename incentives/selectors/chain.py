"""The hash chain of the ledger: what each journal's hash is made of, and whether the chain still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from incentives.models import Journal, LedgerEntry
from incentives.selectors.facts import canonical
from spm.audit.sources import Source, columns, moment

GENESIS = "0" * 64
_HEAD = (
    "id",
    "organisation_id",
    "number",
    "kind",
    "slot",
    "run_id",
    "period_id",
    "reason",
    "actor",
    "previous_hash",
    "hash",
)
_LEG = ("id", "organisation_id", "journal_id", "participant_id", "period_id", "earned_in_id", "plan_version_id")
_LAST = "select coalesce(max(number), 0) + 1 from incentives_journal"
JOURNALS = Source(
    table="incentives_journal", columns=(*columns(*_HEAD), moment("posted_at")), place="t.number", open_from=_LAST
)
LEDGER_ENTRIES = Source(
    table="incentives_ledgerentry",
    columns=columns(*_LEG, "component", "account", "amount_minor", "currency"),
    place="j.number",
    open_from=_LAST,
    joined="join incentives_journal j on j.organisation_id = t.organisation_id and j.id = t.journal_id",
)
"""What is sealed of the ledger: journals are numbered one after the other behind a lock, so none comes late below the last."""


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

    The period in which a leg was earned is named where it is another one, and the day of a payment where it is not that of its posting,
    so that journals from before they were kept prove as they did. The seals hold that day by the hash of its journal.
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
    if journal.paid_on is not None:
        head["paid_on"] = journal.paid_on.isoformat()
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
