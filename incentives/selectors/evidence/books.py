"""The journals of a period with every leg, and the seals that hold a digest of each."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from django.db.models import Min

from incentives.selectors.chain import JOURNALS, LEDGER_ENTRIES
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.writing import ROWS, PackFile, csv_pieces, lines_pieces
from spm.audit.models import Seal

JOURNAL = (
    "id", "organisation_id", "number", "kind", "slot", "run_id", "period_id", "reason", "actor", "previous_hash", "hash", "posted_at",
)  # fmt: skip
ENTRY = (
    "id", "organisation_id", "journal_id", "participant_id", "period_id", "earned_in_id", "plan_version_id", "component", "account",
    "amount_minor", "currency",
)  # fmt: skip
"""The columns that are sealed, in the order in which they are: the script makes the digest of each row from them. The day of a payment is
sealed by the hash of its journal."""


def journal_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give the journals and their legs, both in the order of the journals."""
    heads = (*JOURNAL, "paid_on")
    yield "ledger/journals.csv", csv_pieces(heads, bounds.journals.values_list(*heads).iterator(ROWS))
    yield "ledger/entries.csv", csv_pieces(ENTRY, bounds.entries.values_list(*ENTRY).iterator(ROWS))


def seal_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give every seal of the company from the first that holds one of these journals to the last, whole, so that each can be hashed anew.

    What was sealed before is not needed: a row is proved by the seal that holds it and by those that follow, up to the last hash.
    """
    seals = Seal.objects.filter(number__range=(_first_seal(bounds), bounds.seal)).order_by("number")
    yield "seals.jsonl", lines_pieces(map(_seal, seals.iterator(20)))


def _first_seal(bounds: Bounds) -> int:
    first = bounds.journals.order_by().aggregate(first=Min("number"))["first"]
    if first is None:
        return bounds.seal
    holds = Seal.objects.filter(source__in=(JOURNALS.table, LEDGER_ENTRIES.table), until__gt=first)
    return min(holds.values_list("number", flat=True), default=bounds.seal)


def _seal(seal: Seal) -> dict[str, Any]:
    head = ("number", "source", "until", "cluster", "count", "sealed_by", "previous_hash", "hash")
    told = {name: getattr(seal, name) for name in head}
    return told | {"sealed_at": seal.sealed_at.isoformat(), "rows": b64encode(bytes(seal.rows)).decode()}
