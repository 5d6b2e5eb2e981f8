"""Turns rows of text into typed values by a mapping, with every problem named by its column.

A record with an error is held; one with warnings only is not. References stay text: finding what they name is intake's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from spm.core.findings import Severity
from spm.crm.feeds.attributes import attribute_field
from spm.crm.feeds.catalogue import KINDS
from spm.crm.feeds.fields import Field
from spm.crm.feeds.mapping import EVERYTHING_ELSE, Mapping
from spm.crm.feeds.matching import propose_spelling
from spm.crm.feeds.sheets import Row
from spm.crm.feeds.values import Value, ValueProblem, ValueType, parse

KEY_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell: `column` and `value` as received, `proposals` near standard values."""

    code: str
    field: str
    column: str
    value: str
    reason: str
    fix: str
    severity: Severity = Severity.ERROR
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One row read: `values` by field (only fields that the mapping fills), `received` by header."""

    number: int
    key: str
    values: dict[str, Value | None]
    received: dict[str, str | None]
    problems: tuple[Problem, ...] = ()

    @property
    def held(self) -> bool:
        """True when the row can't be accepted as it is."""
        return any(problem.severity == Severity.ERROR for problem in self.problems)


class RecordReader:
    """Reads the rows of one sheet by one mapping."""

    def __init__(self, mapping: Mapping, header: Sequence[str]) -> None:
        self._mapping, self._header, self._kind = mapping, list(header), KINDS[mapping.kind]
        places = {column: place for place, column in enumerate(self._header)}
        self._fields = [
            (each, places.get(mapping.columns.get(each.name, "")))
            for each in self._kind.fields
            if mapping.names(each.name)
        ]
        self._fields += [
            (attribute_field(name, each), places.get(each.column)) for name, each in mapping.attributes.items()
        ]
        self._fields.sort(key=lambda pair: pair[0].type != ValueType.CURRENCY)
        self._values = {
            name: {received.strip().casefold(): wanted for received, wanted in pairs.items()}
            for name, pairs in mapping.values.items()
        }

    def read(self, row: Row) -> Record:
        """The record of a row; problems are in it, never raised."""
        values: dict[str, Value | None] = {}
        problems: list[Problem] = []
        if row.problem:
            problems.append(Problem(row.problem.code, "", "", "", row.problem.what, row.problem.fix))
        for each, place in self._fields:
            self._read_field(each, self._received(each, place, row), values, problems)
        for each in self._kind.fields:
            if (
                each.name != "key"
                and values.get(each.name) is None
                and not any(problem.field == each.name for problem in problems)
            ):
                problems.extend(self._missing(each, values))
        key = self._key(values, problems)
        received = dict(zip(self._header, row.values, strict=False))
        received |= {f"column {place + 1}": row.values[place] for place in range(len(self._header), len(row.values))}
        return Record(row.number, key, values, received, tuple(problems))

    def _received(self, each: Field, place: int | None, row: Row) -> str | None:
        text = row.values[place] if place is not None else self._mapping.constants.get(each.name)
        if place is not None and (text is None or not text.strip()):
            text = self._mapping.constants.get(each.name, text)
        return self._wanted(each.name, text)

    def _wanted(self, name: str, text: str | None) -> str | None:
        """What the mapping puts in the place of a received value."""
        pairs = self._values.get(name)
        if not pairs or text is None or not text.strip():
            return text
        return pairs.get(text.strip().casefold(), pairs.get(EVERYTHING_ELSE, text))

    def _read_field(
        self, each: Field, text: str | None, values: dict[str, Value | None], problems: list[Problem]
    ) -> None:
        currency = values.get(each.currency_from) if each.currency_from else None
        try:
            value = parse(
                text,
                each.type,
                self._mapping.format,
                currency=str(currency) if currency else None,
                choices=each.choices,
            )
            values[each.name] = value
            if value is not None:
                _refuse_bounds(each, value)
                problems.extend(self._near_standard(each, value))
        except ValueProblem as problem:
            values[each.name] = problem.kept  # type: ignore[assignment]
            code = "VALUE_UNKNOWN" if each.type in (ValueType.CHOICE, ValueType.COUNTRY) else "VALUE_UNREADABLE"
            problems.append(self._problem(code, each, text, problem))

    def _near_standard(self, each: Field, value: Value) -> list[Problem]:
        """A warning for a text that looks like a misspelling of a standard name."""
        if each.vocabulary is None or each.type == ValueType.COUNTRY:
            return []
        near = tuple(name for name, _ in propose_spelling(str(value), each.vocabulary))
        if not near:
            return []
        reason = f"“{value}” is near to the standard name “{near[0]}”."
        warned = ValueProblem(reason, f"Map it to {near[0]}, or keep it.", severity=Severity.WARNING, proposals=near)
        return [self._problem("VALUE_UNKNOWN", each, str(value), warned)]

    def _problem(self, code: str, each: Field, text: str | None, problem: ValueProblem) -> Problem:
        column = self._mapping.columns.get(each.name, each.label)
        if each.name in self._mapping.attributes:
            column = self._mapping.attributes[each.name].column
        return Problem(
            code, each.name, column, text or "", problem.reason, problem.fix, problem.severity, problem.proposals
        )

    def _missing(self, each: Field, values: dict[str, Value | None]) -> list[Problem]:
        column = self._mapping.columns.get(each.name, each.label)
        if each.required:
            reason = f"“{column}” is blank; every {self._kind.label.lower()} needs it."
            return [Problem("VALUE_MISSING", each.name, column, "", reason, "Fill it in.")]
        for other, wanted in each.required_when:
            if values.get(other) == wanted:
                reason = f"“{column}” is blank; {self._kind.plural.lower()} with {other} {wanted} need it."
                return [Problem("VALUE_MISSING", each.name, column, "", reason, f"Fill it in, or correct the {other}.")]
        if each.wanted:
            return [
                Problem(
                    "VALUE_WANTED", each.name, column, "", each.wanted, "Fill it in at the source.", Severity.WARNING
                )
            ]
        return []

    def _key(self, values: dict[str, Value | None], problems: list[Problem]) -> str:
        """The source key: its own column's, or made from the natural key."""
        own = values.get("key")
        parts = [own] if own is not None else [values.get(name) for name in self._kind.natural_key]
        if parts and all(part is not None for part in parts):
            key = " / ".join(part.isoformat() if isinstance(part, date) else str(part) for part in parts)
            if len(key) <= KEY_LIMIT:
                return key
        if not any(problem.field in ("key", *self._kind.natural_key) for problem in problems):
            column = self._mapping.columns.get("key", "Key")
            problems.append(
                Problem(
                    "KEY_MISSING",
                    "key",
                    column,
                    "",
                    f"“{column}” is blank or too long to tell the row apart.",
                    "Fill it in.",
                )
            )
        return ""


def read_record(mapping: Mapping, header: Sequence[str], row: Row) -> Record:
    """One row read by a mapping; for many rows keep a RecordReader."""
    return RecordReader(mapping, header).read(row)


def _refuse_bounds(each: Field, value: Value) -> None:
    if isinstance(value, str) and len(value) > each.max_length:
        raise ValueProblem(
            f"The value has {len(value):,} characters; “{each.label}” takes {each.max_length}.", "Shorten it."
        )
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return
    if each.bounds and not each.bounds[0] <= value <= each.bounds[1]:
        low, high = (_shown(each, bound) for bound in each.bounds)
        raise ValueProblem(f"“{each.label}” is not between {low} and {high}.", "Correct the value.")
    if each.places is not None and isinstance(value, Decimal) and round(value, each.places) != value:
        raise ValueProblem(f"“{each.label}” has more than {each.places} decimals.", "Round it at its source.")


def _shown(each: Field, bound: Decimal) -> str:
    return f"{bound * 100:f} %" if each.type == ValueType.PERCENT else f"{bound:,f}"
