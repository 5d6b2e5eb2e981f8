"""Writes facts in sets: identities, versions, held rows, and the log of moments. One lock per company orders all changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from spm.crm.intake.sorting import Accepted, Hold, Sorted
from spm.crm.kinds import FactKind
from spm.crm.models import FactCommit, HeldRow, Upload

LOCK = "hashtext('facts'), current_setting('app.organisation_id')::bigint::int"


def moment_take() -> datetime:
    """Lock the company's facts until the transaction ends, and give the moment at which the change is known.

    Later than any moment before, also when the clock was turned back. Whoever asks `facts_moment` waits for the lock, so that
    what is known at a moment never changes afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({LOCK})")
        cursor.execute(
            "select greatest(clock_timestamp(), (select max(known_from) + interval '1 microsecond' from crm_factcommit))"
        )
        return cursor.fetchone()[0]


@dataclass
class FactWriter:
    """Writes the chunks of one change of facts at one moment; `finish` logs it."""

    kind: FactKind
    source: str
    upload_id: Any
    moment: datetime
    created: int = 0
    updated: int = 0
    withdrawn: int = 0
    _digest: Any = field(default_factory=sha256)

    def write(self, chunk: Sorted) -> None:
        """Write the created and updated facts of a chunk."""
        accepted = chunk.created + chunk.updated
        self.created += len(chunk.created)
        self.updated += len(chunk.updated)
        self.versions_replace(accepted)

    def versions_replace(self, accepted: Sequence[Accepted]) -> None:
        """End the versions that were known and add the new ones."""
        if not accepted:
            return
        new = [each for each in accepted if each.is_new_fact]
        rows_insert(
            self.kind.fact_table, {"id": "uuid", "source": "varchar", "source_key": "varchar"}, self._identities(new)
        )
        self.versions_end([each.version_id for each in accepted if each.version_id])
        columns = {
            "fact_id": "uuid",
            "known_from": "timestamptz",
            "is_withdrawn": "boolean",
            "upload_id": "uuid",
            "row_number": "integer",
        }
        columns |= {each.name: each.sql_type for each in self.kind.columns}
        rows = [(each.fact_id, self.moment, False, self.upload_id, each.number, *each.after) for each in accepted]
        rows_insert(self.kind.version_table, columns, rows)
        for each in accepted:
            self._digest.update(repr((each.key, each.after)).encode())

    def versions_end(self, ids: Sequence[str]) -> None:
        """End versions at the moment."""
        if not ids:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                f"update {self.kind.version_table} set known_until = %s where id = any(%s::uuid[])",
                [self.moment, list(ids)],
            )

    def note(self, *parts: object) -> None:
        """Take something else that changed into the digest."""
        self._digest.update(repr(parts).encode())

    def finish(self, action: str) -> FactCommit | None:
        """Log the moment, chained to the one before; nothing where nothing changed. What reads it afterwards is planned with statistics."""
        changed = self.created + self.updated + self.withdrawn
        tables = [self.kind.fact_table, self.kind.version_table]
        if changed:
            transaction.on_commit(lambda: statistics_renew(changed, tables), robust=True)
        return moment_log(
            action,
            self.kind.name,
            self.moment,
            upload_id=self.upload_id,
            counts=(self.created, self.updated, self.withdrawn),
            content=self._digest.hexdigest(),
        )

    def _identities(self, new: Sequence[Accepted]) -> list[tuple[Any, ...]]:
        return [(each.fact_id, self.source, each.key) for each in new]


def statistics_renew(changed: int, tables: Sequence[str]) -> None:
    """Renew the planner's statistics of those of the tables of which the changed rows are a tenth or more."""
    with connection.cursor() as cursor:
        cursor.execute("select spm_statistics(%s, variadic %s)", [changed, list(tables)])


def versions_copy(kind: FactKind, ids: Sequence[str], moment: datetime, changes: dict[str, Any] | None = None) -> int:
    """Add copies of versions, known from the moment on, with some columns changed; upload and row stay those of the original."""
    if not ids:
        return 0
    changes = changes or {}
    names = ["fact_id", "is_withdrawn", "upload_id", "row_number", *kind.column_names]
    picked = ", ".join(f"%({name})s::{_type_of(kind, name)}" if name in changes else name for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {kind.version_table} (known_from, {', '.join(names)}) "
            f"select %(moment)s, {picked} from {kind.version_table} where id = any(%(ids)s::uuid[])",
            {"moment": moment, "ids": list(ids), **changes},
        )
        return int(cursor.rowcount)


def _type_of(kind: FactKind, name: str) -> str:
    return "boolean" if name == "is_withdrawn" else next(each.sql_type for each in kind.columns if each.name == name)


def moment_log(
    action: str, kind: str, moment: datetime, *, upload_id: Any, counts: tuple[int, int, int], content: str
) -> FactCommit | None:
    """Log a moment at which facts changed; nothing where no count is above zero."""
    if not any(counts):
        return None
    before = FactCommit.objects.order_by("-known_from").values_list("digest", flat=True).first() or ""
    digest = sha256("\n".join([before, action, kind, str(counts), content]).encode()).hexdigest()
    created, updated, withdrawn = counts
    return FactCommit.objects.create(
        known_from=moment,
        action=action,
        kind=kind,
        upload_id=upload_id,
        created=created,
        updated=updated,
        withdrawn=withdrawn,
        digest=digest,
    )


def rows_insert(table: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows in one statement: one array per column. The company comes from the scope by default."""
    if not rows:
        return
    arrays = [list(values) for values in zip(*rows, strict=True)]
    names = ", ".join(f'"{name}"' for name in columns)
    casts = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {table} ({names}) select * from unnest({casts})", arrays)


def held_insert(upload: Upload, held: Iterable[Hold]) -> None:
    """Keep held rows with where, what, why and how to fix it."""
    HeldRow.objects.bulk_create([held_row(upload, each) for each in held], batch_size=2000)


def held_row(upload: Upload, hold: Hold) -> HeldRow:
    """Give the row to keep for a hold."""
    first = hold.problems[0]
    return HeldRow(
        upload=upload,
        kind=upload.kind,
        sheet=upload.sheet,
        row_number=hold.number,
        key=hold.key[:200],
        values=hold.received,
        column=first.column,
        value=first.value,
        code=first.code,
        reason=first.reason,
        fix=first.fix,
        problems=[problem_plain(problem) for problem in hold.problems],
        proposal_kind=hold.proposal_kind,
        proposal_key=hold.proposal_key,
    )


def problem_plain(problem: Any) -> dict[str, Any]:
    """Give a problem as plain values, for keeping and for the API."""
    names = ("code", "column", "value", "reason", "fix")
    return {name: getattr(problem, name) for name in names} | {
        "severity": str(problem.severity),
        "proposals": list(problem.proposals),
    }
