"""Files of a few thousand rows that people keep beside the facts: quotas, terms of pay, scores, relations, assignments.

A file is taken whole or not at all: each wrong row is a finding, and with one finding nothing is written. A row says everything about
its entry; days that no row names keep what they had; the same file again changes nothing. What a row means is said by its `RowFile`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import ngettext

from spm.core.findings import Finding
from spm.crm.exports import Cell
from spm.crm.feeds.reading import FeedError, open_table
from spm.crm.feeds.sheets import Sheet
from spm.crm.feeds.values import ValueProblem, ValueType, parse
from spm.people.models import Timeline
from spm.people.services import timeline_set
from spm.roles.policy import Viewer, require

ROWS = 10_000
NOTHING = "Nothing of the file was taken."
Values = Mapping[str, Any]


class Change(StrEnum):
    """What a row came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumn:
    """A column; `sample` is what the template shows, `default` what a blank cell means."""

    name: str
    help: str
    sample: str = ""
    type: ValueType = ValueType.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None


@dataclass(frozen=True, slots=True)
class Meant:
    """What a row means: whose entry it is, its days where it is dated, and how it is written."""

    whose: Hashable
    write: Callable[[], Change]
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """What each row means, and what is done with all of them once every one was written: one approval for a file, say.

    `finish` is given the digest of the file and may give warnings, which keep nothing back. `is_taken` asks by it whether the file was
    taken before: then no row is looked at again.
    """

    meaning: Callable[[Values], Meant]
    finish: Callable[[str], Sequence[Finding] | None]
    is_taken: Callable[[str], bool] = lambda _: False

    def __call__(self, values: Values) -> Meant:
        """Give what a row means."""
        return self.meaning(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """A kind of file: `open` reads what names mean, once, and gives what each row means; `rows` gives what is known in the same shape."""

    name: str
    title: str
    purpose: str
    action: str
    columns: tuple[RowColumn, ...]
    open: Callable[[Viewer], Callable[[Values], Meant]]
    rows: Callable[[Viewer], Iterable[Sequence[Cell]]]

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def template(self) -> list[list[str]]:
        """One row that shows how each column is written."""
        return [[column.sample for column in self.columns]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file came to; with findings nothing was written, warnings keep nothing back."""

    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def total(self) -> int:
        """The number of rows that were good."""
        return sum(self.counts.values())


class _Refused(Exception):
    """Rolls back what was written."""


def rows_take(
    kind: RowFile,
    source: bytes | Path,
    filename: str,
    *,
    actor: Viewer,
    is_check: bool = False,
    given: Values | None = None,
) -> Taken:
    """Take a file, or tell with `is_check` what taking it would do. `given` stands where a cell is blank."""
    require(actor, kind.action)
    try:
        rows, findings = _read(kind, source, filename, actor, given or {})
    except FeedError as error:
        return Taken(findings=(error.finding,))
    counts: Counter[str] = Counter()
    warnings: tuple[Finding, ...] = ()
    digest = sha256(source if isinstance(source, bytes) else source.read_bytes()).hexdigest()
    try:
        with transaction.atomic():
            meaning = kind.open(actor)
            if isinstance(meaning, Whole) and not findings and meaning.is_taken(digest):
                return Taken({str(one): len(rows) if one == Change.UNCHANGED else 0 for one in Change})
            meant, wrong = _meant(meaning, rows, filename)
            findings += wrong or _conflicts(meant, filename)
            if not findings:
                findings += _write(meant, filename, counts)
            if not findings and meant and isinstance(meaning, Whole):
                refused, warnings = _finish(meaning, filename, digest)
                findings += refused
            if findings or is_check:
                raise _Refused
    except _Refused:
        pass
    return Taken({} if findings else {str(one): counts[one] for one in Change}, tuple(findings), warnings)


def _read(
    kind: RowFile, source: bytes | Path, filename: str, actor: Viewer, given: Values
) -> tuple[list[tuple[int, dict[str, Any]]], list[Finding]]:
    sheets = open_table(source, filename)
    if len(sheets) > 1:
        names = ", ".join(sheet.name for sheet in sheets)
        return [], [Finding("SHEETS", filename, f"It has several sheets: {names}.", NOTHING, "Keep one of them.")]
    findings = list(_columns(kind, sheets[0], filename))
    if findings:
        return [], findings
    rows: list[tuple[int, dict[str, Any]]] = []
    for row in sheets[0].rows:
        if len(rows) == ROWS:
            fix = "Split it into smaller files."
            return [], [Finding("ROWS", filename, f"It has more than {ROWS:,} rows.", NOTHING, fix)]
        if row.problem:
            findings.append(row.problem)
            continue
        cells = dict(zip([name.casefold() for name in sheets[0].header], row.values, strict=False))
        values, wrong = _values(kind, cells, actor, given)
        findings += [_finding(filename, row.number, code, what, fix) for code, what, fix in wrong]
        if not wrong:
            rows.append((row.number, values))
    return rows, findings


def _columns(kind: RowFile, sheet: Sheet, filename: str) -> Iterator[Finding]:
    header = [name.casefold() for name in sheet.header]
    there = ", ".join(kind.header)
    for name in sheet.header:
        if name.casefold() not in kind.header:
            fix = f"Rename or delete it. The columns are {there}."
            yield Finding("COLUMN_UNKNOWN", filename, f"There is no column “{name}” here.", NOTHING, fix)
    for column in kind.columns:
        if column.required and column.name not in header:
            fix = f"Add it. The columns are {there}."
            yield Finding("COLUMN_MISSING", filename, f"The column “{column.name}” is missing.", NOTHING, fix)


def _values(
    kind: RowFile, cells: Mapping[str, str | None], actor: Viewer, given: Values
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The values of a row, and what is wrong: code, what, fix. An amount is read in the row's currency, else the company's."""
    values: dict[str, Any] = {}
    wrong = []
    for column in sorted(kind.columns, key=lambda one: one.type != ValueType.CURRENCY):
        currency = values.get("currency") or actor.organisation.currency
        try:
            value = parse(cells.get(column.name), column.type, currency=currency, choices=column.choices)
        except ValueProblem as problem:
            wrong.append(("VALUE_UNREADABLE", f"{column.name}: {problem.reason}", problem.fix))
            continue
        values[column.name] = given.get(column.name, column.default) if value is None else value
        if column.required and values[column.name] is None:
            wrong.append(("VALUE_MISSING", f"“{column.name}” is blank.", "Fill it in."))
    return values, wrong


def _finish(whole: Whole, filename: str, digest: str) -> tuple[list[Finding], tuple[Finding, ...]]:
    """What the whole file is refused for, and what it is warned of."""
    try:
        return [], tuple(whole.finish(digest) or ())
    except (ValidationError, PermissionDenied) as error:
        texts = error.messages if isinstance(error, ValidationError) else [str(error)]
        return [Finding("FILE_REFUSED", filename, text, NOTHING) for text in texts], ()


def _meant(
    meaning: Callable[[Values], Meant], rows: Iterable[tuple[int, dict[str, Any]]], filename: str
) -> tuple[list[tuple[int, Meant]], list[Finding]]:
    found: list[tuple[int, Meant]] = []
    findings: list[Finding] = []
    for number, values in rows:
        try:
            found.append((number, meaning(values)))
        except (ValidationError, PermissionDenied) as error:
            findings += _refused(filename, number, error)
    found.sort(key=lambda one: (one[1].start or date.min, one[0]))
    return found, findings


def _conflicts(meant: Iterable[tuple[int, Meant]], filename: str) -> list[Finding]:
    """Two rows of one entry: the second would undo the first."""
    before: dict[Hashable, tuple[int, Meant]] = {}
    findings = []
    for number, one in meant:
        first = before.get(one.whose)
        if first is not None and (one.start is None or first[1].start == one.start or _reaches(first[1], one)):
            what = f"Row {first[0]} is about the same entry" + (
                "." if one.start is None else ", on some of the same days."
            )
            findings.append(
                _finding(filename, number, "ROWS_CONFLICT", what, "Keep one of them, or correct their days.")
            )
        before[one.whose] = (number, one)
    return findings


def _reaches(first: Meant, second: Meant) -> bool:
    return first.until is not None and second.start is not None and first.until > second.start


def _write(meant: Iterable[tuple[int, Meant]], filename: str, counts: Counter[str]) -> list[Finding]:
    findings = []
    for number, one in meant:
        try:
            counts[one.write()] += 1
        except (ValidationError, PermissionDenied) as error:
            findings += _refused(filename, number, error)
    return findings


def lines_from_file(count: int) -> str:
    """Name what a file asks to be approved as a whole."""
    return ngettext("%(n)s line from a file", "%(n)s lines from a file", count) % {"n": count}


def _refused(filename: str, number: int, error: ValidationError | PermissionDenied) -> list[Finding]:
    texts = error.messages if isinstance(error, ValidationError) else [str(error)]
    return [_finding(filename, number, "ROW_REFUSED", text, "") for text in texts]


def _finding(filename: str, number: int, code: str, what: str, fix: str) -> Finding:
    return Finding(code, f"{filename}, row {number}", what, NOTHING, fix, about=(("row", number),))


def timeline_put(
    rows: type[Timeline], *, key: Mapping[str, Any], values: Mapping[str, Any], start: date, until: date | None
) -> Change:
    """Let the entry that begins on a day be what a row says, its end included; other entries give way on the days of the row."""
    if until is not None and until <= start:
        raise ValidationError("The end lies before the first day. Choose an end after the start.")
    mine = rows._default_manager.select_for_update().filter(**key)
    same = mine.filter(during__startswith=start).first()
    later = mine.filter(during__startswith__gt=start).order_by("during").first()
    days = DateRange(start, until or (later.during.lower if later else None))
    if same is None:
        timeline_set(rows, key=dict(key), values=dict(values), start=start, until=until)
        return Change.CREATED
    if same.during == days and all(getattr(same, name) == value for name, value in values.items()):
        return Change.UNCHANGED
    same.delete()
    timeline_set(rows, key=dict(key), values=dict(values), start=start, until=until)
    return Change.UPDATED


FROM = RowColumn(name="from", help="The first day.", sample="2026-01-01", type=ValueType.DATE, required=True)
UNTIL = RowColumn(
    name="until", help="The first day after it; blank while it lasts.", sample="2027-01-01", type=ValueType.DATE
)
PERSON = RowColumn(name="person", help="Name, e-mail, employee number or key.", sample="Rex Roe")
POSITION = RowColumn(name="position", help="Name or code; of person and position exactly one is filled in.")
CURRENCY = RowColumn(name="currency", help="Blank: the company's.", sample="USD", type=ValueType.CURRENCY)
