"""The chain of seals: each holds a digest of every row that was committed since the one before, and the hash of that one.

Writers wait for nothing: rows are sealed afterwards, whole statements at a time. Who changes, deletes or slips in a sealed row, even as the
owner of the database, breaks a seal; who makes the seals anew gets another last hash than the one that was noted elsewhere.
Rows younger than the last seal are not covered yet. Source: trust.md, tamper evidence.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from spm.audit.models import Seal, SealCheck
from spm.audit.sources import DIGEST, KEY, MARK, Source, sources

GENESIS = "0" * 64
ROWS_PER_SEAL = 5_000
NIGHT_SECONDS = 120.0
"""So long a night verifies; what is left of a very long chain is verified the next night."""
WHOLE_AFTER = timedelta(days=6, hours=12)
"""So long after a look from the first seal on a night begins another, so that it is once a week though nights start early or late."""
FRESH = timedelta(days=1)
"""Seals as young as this are looked at in every night, also while a long look at all of them goes on."""


@dataclass(frozen=True)
class SealFault:
    """The first row that is not as it was sealed: its table, its key, what differs."""

    table: str
    row_id: str
    problem: str

    @property
    def what(self) -> str:
        """Say it in one sentence."""
        return f"{self.table}, row {self.row_id}: {self.problem}"


@dataclass(frozen=True)
class Verification:
    """What was looked at, the first fault, and whether the end of the chain was reached."""

    seals: int
    rows: int
    fault: SealFault | None
    is_complete: bool = True


@transaction.atomic
def seals_extend(*, by: str) -> int:
    """Seal every row that was committed since the last seal; gives their number. Two at once wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('seals'), current_setting('app.organisation_id')::bigint::int)"
        )
    return sum(_source_seal(source, by) for source in sources())


def seal_hash(seal: Seal) -> str:
    """Give the sha256 over the seal before it, its head and its rows."""
    head = {
        "previous": seal.previous_hash,
        "number": seal.number,
        "source": seal.source,
        "until": seal.until,
        "cluster": seal.cluster,
        "count": seal.count,
        "sealed_at": seal.sealed_at.isoformat(),
        "sealed_by": seal.sealed_by,
    }
    return sha256(json.dumps(head, sort_keys=True).encode() + b"\n" + bytes(seal.rows)).hexdigest()


def seals_verify() -> SealFault | None:
    """Give the first row of the company that is not as it was sealed, or None when every seal holds."""
    return verification_make().fault


def seals_check(*, by: str, seconds: float | None = None) -> SealCheck:
    """Verify what a night has to, and keep when that was and what was found.

    That is what was sealed in the last day and since the last seal that was proven; once a week, and after a fault, every seal from the
    first on, in as many nights as it takes. A change in a fresh seal is told in the night after it, in an old one within the week.
    """
    now = timezone.now()
    young = Seal.objects.filter(sealed_at__gt=now - FRESH).order_by("number").values_list("number", flat=True).first()
    first = _first(now, young)
    found = verification_make(first=first, seconds=seconds)
    is_missed = young is not None and not found.is_complete and found.fault is None
    fault = verification_make(first=max(young or 1, first + found.seals)).fault if is_missed else found.fault
    return SealCheck.objects.create(
        checked_at=now,
        checked_by=by,
        first=first,
        seals=found.seals,
        rows=found.rows,
        is_complete=found.is_complete,
        fault=fault.what if fault else "",
    )


def _first(now: datetime, young: int | None) -> int:
    """The seal that a night begins with; `young` is the first of the last day."""
    last = SealCheck.objects.order_by("-checked_at").first()
    whole = SealCheck.objects.filter(first=1).order_by("-checked_at").first()
    if last is None or whole is None or last.fault:
        return 1
    if last.is_complete and whole.checked_at <= now - WHOLE_AFTER:
        return 1
    following: int = last.first + last.seals
    return min(following, young or following) if last.is_complete else following


def verification_make(*, first: int = 1, seconds: float | None = None) -> Verification:
    """Compute sealed rows again in the order of the seals, from one of them to the first that differs, the end, or the end of the time."""
    known = {source.table: source for source in sources()}
    before = Seal.objects.filter(number=first - 1).first()
    previous, seals, rows = before.hash if before else GENESIS, 0, 0
    until = None if seconds is None else time.monotonic() + seconds
    for number, seal in enumerate(Seal.objects.filter(number__gte=first).order_by("number").iterator(20), start=first):
        fault = _link_fault(seal, number, previous) or _rows_fault(seal, known[seal.source])
        seals, rows, previous = seals + 1, rows + seal.count, seal.hash
        if fault:
            return Verification(seals, rows, fault)
        if until is not None and time.monotonic() > until:
            return Verification(seals, rows, None, is_complete=False)
    return Verification(seals, rows, next(_added(known), None))


def _source_seal(source: Source, by: str) -> int:
    own = Seal.objects.filter(source=source.table).order_by("-number").first()
    cluster, until = _now(source)
    moved = source.counted_by_cluster and Seal.objects.filter(source=source.table).exclude(cluster=cluster).exists()
    after = own.until if own and (own.cluster == cluster or not source.counted_by_cluster) else 0
    kept = _sealed_keys(source) if moved else frozenset()
    window = f"{source.place} >= %s" if moved and not after else f"{source.place} >= %s and {source.place} < {until}"
    query = f"select {source.line} from {source.rows} where {window} order by {source.place}, t.id"
    sealed = 0
    for lines in _pages(query, [after]):
        fresh = [line for line in lines if line[:KEY] not in kept]
        if fresh:
            _seal_add(source, cluster, until, fresh, by)
        sealed += len(fresh)
    return sealed


def _now(source: Source) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"select system_identifier::text, ({source.open_from}) from pg_control_system()")
        cluster, until = cursor.fetchone()
    return cluster, until


def _pages(query: str, values: list[int]) -> Iterator[list[bytes]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(ROWS_PER_SEAL):
            yield [bytes(line) for (line,) in rows]


def _seal_add(source: Source, cluster: str, until: int, lines: list[bytes], by: str) -> None:
    last = Seal.objects.order_by("-number").only("number", "hash").first()
    seal = Seal(
        number=last.number + 1 if last else 1,
        source=source.table,
        cluster=cluster,
        until=until,
        count=len(lines),
        rows=b"".join(lines),
        previous_hash=last.hash if last else GENESIS,
        sealed_at=timezone.now(),
        sealed_by=by,
    )
    seal.hash = seal_hash(seal)
    seal.save(force_insert=True)


def _sealed_keys(source: Source) -> frozenset[bytes]:
    seals = Seal.objects.filter(source=source.table).order_by("number").iterator(chunk_size=20)
    return frozenset(line[:KEY] for seal in seals for line in _lines(seal, source))


def _lines(seal: Seal, source: Source) -> list[bytes]:
    rows = bytes(seal.rows)
    return [rows[start : start + source.width] for start in range(0, len(rows), source.width)]


def _link_fault(seal: Seal, number: int, previous: str) -> SealFault | None:
    if seal.number != number:
        return SealFault("audit_seal", str(number), f"Seal {number} is missing.")
    if seal.previous_hash != previous:
        return SealFault("audit_seal", str(seal.pk), f"Seal {number} does not follow the seal before it.")
    if seal_hash(seal) != seal.hash:
        return SealFault("audit_seal", str(seal.pk), f"Seal {number} is not what was written.")
    return None


def _rows_fault(seal: Seal, source: Source) -> SealFault | None:
    """The first row of the seal that differs, in the order in which they were sealed."""
    wanted = _lines(seal, source)
    keys = [_key(line, source) for line in wanted]
    with connection.cursor() as cursor:
        cursor.execute(f"select {source.line} from {source.rows} where t.id = any(%s::{source.key}[])", [keys])
        there = {bytes(line)[:KEY]: bytes(line) for (line,) in cursor.fetchall()}
    for line, key in zip(wanted, keys, strict=True):
        now = there.get(line[:KEY])
        if now != line:
            problem = "is missing" if now is None else f"{_differing(line, now, source)} changed"
            said = f"{problem} since seal {seal.number} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC."
            return SealFault(source.table, key, said)
    return None


def _key(line: bytes, source: Source) -> str:
    number = UUID(bytes=line[:KEY])
    return str(number) if source.key == "uuid" else str(number.int)


def _differing(line: bytes, now: bytes, source: Source) -> str:
    start = KEY + DIGEST
    names = [name for name, _ in source.columns]
    pairs = [(name, slice(start + MARK * place, start + MARK * (place + 1))) for place, name in enumerate(names)]
    return ", ".join(name for name, part in pairs if line[part] != now[part]) or "a value"


def _added(known: dict[str, Source]) -> Iterator[SealFault]:
    """Rows below the last seal that no seal holds: put in afterwards. Counting is enough where each sealed row was just found."""
    for source in known.values():
        own = Seal.objects.filter(source=source.table)
        last = own.order_by("-number").first()
        cluster, _ = _now(source)
        if last is None or (source.counted_by_cluster and last.cluster != cluster):
            continue
        moved = source.counted_by_cluster and own.exclude(cluster=cluster).exists()
        if moved or _count_below(source, last.until) != sum(own.values_list("count", flat=True)):
            sealed = _sealed_keys(source)
            query = f"select {source.line} from {source.rows} where {source.place} < %s order by {source.place}, t.id"
            for line in (each for page in _pages(query, [last.until]) for each in page):
                if line[:KEY] not in sealed:
                    said = "was put in among rows that were sealed before."
                    yield SealFault(source.table, _key(line, source), said)


def _count_below(source: Source, until: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {source.rows} where {source.place} < %s", [until])
        return int(cursor.fetchone()[0])
