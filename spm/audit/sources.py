"""What the seals cover: tables whose rows are never changed, and how each row is read the same way for ever.

A row is read column by column as text that no setting of the database changes. The columns of a source are never changed either: a later
column of the table gets a source of its own, beside this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.module_loading import import_string

MARK = 2
DIGEST = 16
KEY = 16


@dataclass(frozen=True)
class Source:
    """A table with its columns as SQL over the row `t`, by name.

    `place` is a number that only grows from commit to commit, `open_from` the first one that may still get rows: below it all rows are
    committed. `counted_by_cluster`: the numbers are transactions, which another database cluster counts anew.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    place: str
    open_from: str
    joined: str = ""
    counted_by_cluster: bool = False
    key: str = "uuid"

    @property
    def width(self) -> int:
        """Bytes of a row in a seal: its key, its digest, a mark for each column."""
        return KEY + DIGEST + MARK * len(self.columns)

    @property
    def line(self) -> str:
        """SQL: a row as a seal keeps it."""
        key = "uuid_send(t.id)" if self.key == "uuid" else "decode(lpad(to_hex(t.id), 32, '0'), 'hex')"
        texts = [f"coalesce(({column})::text, '')" for _, column in self.columns]
        whole = f"jsonb_build_array({', '.join(column for _, column in self.columns)})::text"
        marks = [f"substring(sha256(convert_to({text}, 'UTF8')) for {MARK})" for text in texts]
        return " || ".join([key, f"substring(sha256(convert_to({whole}, 'UTF8')) for {DIGEST})", *marks])

    @property
    def rows(self) -> str:
        """SQL: where the rows are."""
        return f'"{self.table}" t {self.joined}'


def columns(*names: str) -> tuple[tuple[str, str], ...]:
    """Give columns that are read as they are."""
    return tuple((name, f"t.{name}") for name in names)


def moment(name: str) -> tuple[str, str]:
    """Give a moment as seconds, which no time zone changes."""
    return name, f"extract(epoch from t.{name})"


def _audit(table: str, *more: str, key: str = "uuid") -> Source:
    own = ("id", "organisation_id", "actor", "user_id", "via", "table_name", "row_id", "verb", "before", "after")
    return Source(
        table=table,
        columns=(*columns(*own, "transaction_id", *more), moment("at")),
        place="t.transaction_id",
        open_from="select pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        counted_by_cluster=True,
        key=key,
    )


ENTRIES = _audit("audit_entry", "request_id")
PLATFORM_ENTRIES = _audit("audit_platformentry", key="bigint")
SOURCES: tuple[str, ...] = (
    "spm.audit.sources.ENTRIES",
    "spm.audit.sources.PLATFORM_ENTRIES",
    "incentives.selectors.chain.JOURNALS",
    "incentives.selectors.chain.LEDGER_ENTRIES",
)
"""What modules let be sealed, named by dotted path: the kernel imports none of them."""


def sources() -> Sequence[Source]:
    """Give what is sealed."""
    return [import_string(path) for path in SOURCES]
