"""How the columns of one file become the fields of one kind: chosen once, remembered for the next file.

A mapping is plain data. It says nothing about rows; `records` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from spm.core.findings import Finding
from spm.crm.feeds.attributes import Attribute, attribute_findings
from spm.crm.feeds.catalogue import KINDS
from spm.crm.feeds.errors import NOTHING_IMPORTED, warning
from spm.crm.feeds.fields import Field
from spm.crm.feeds.values import Format, ValueProblem, ValueType, parse

EVERYTHING_ELSE = "*"
UNREAD = "COLUMNS_UNREAD"


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns`: field → header. `constants`: field → text for every row. `values`: field → received → wanted.

    In `values`, `*` stands for everything else. One column may fill several fields. `attributes`: name → column and type of what the
    company adds to its deals.
    """

    kind: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    format: Format = Format()
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """The mapping as plain data, to be remembered."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Dictionary[str, object]) -> Mapping:
        """The mapping that `to_dict` wrote; raises TypeError or KeyError for anything else."""
        parts = dict(plain)
        own: Dictionary[str, Dictionary[str, str]] = parts.get("attributes") or {}  # type: ignore[assignment]
        attributes = {name: Attribute(**each) for name, each in own.items()}
        read = {"format": Format(**parts.get("format") or {}), "attributes": attributes}  # type: ignore[arg-type]
        return cls(**{**parts, **read})  # type: ignore[arg-type]

    def check(self, header: Sequence[str]) -> list[Finding]:
        """What keeps the mapping from being used with a header; empty when it can be."""
        if self.kind not in KINDS:
            what = f"There is no kind of facts called “{self.kind}”."
            return [_finding("KIND_UNKNOWN", "", what, f"Choose one of {', '.join(KINDS)}.")]
        kind, names = KINDS[self.kind], {each.name for each in KINDS[self.kind].fields}
        findings = [
            _finding("FIELD_UNKNOWN", name, f"{kind.label} has no field “{name}”.", "Choose one of its fields.")
            for name in sorted({*self.columns, *self.constants, *self.values} - names)
        ]
        for name, column in self.columns.items():
            if column not in header:
                what = f"The file has no column “{column}”, which the mapping uses for “{name}”."
                findings.append(_finding("COLUMN_UNKNOWN", name, what, "Choose another column, or none."))
        findings += [finding for each in kind.fields if (finding := self._missing(each))]
        findings += attribute_findings(self.kind, self.attributes, list(header), currency=self.names("currency"))
        return findings + self._unreadable_constants()

    def unread(self, header: Sequence[str]) -> list[Finding]:
        """What is said of the columns of a header that nothing reads: one warning that names them all."""
        read = {*self.columns.values(), *(each.column for each in self.attributes.values())}
        left = [column for column in header if column and column not in read]
        if not left:
            return []
        fix = (
            "Map what is needed; on deals, plans can ask for any column by a name of its own. The others are left out."
        )
        return [warning(UNREAD, "", f"Nothing reads these columns: {', '.join(left)}.", fix)]

    def names(self, field_name: str) -> bool:
        """True when a column or a constant fills the field."""
        return field_name in self.columns or bool(self.constants.get(field_name))

    def _missing(self, each: Field) -> Finding | None:
        kind = KINDS[self.kind]
        if each.type == ValueType.AMOUNT and self.names(each.name) and not self.names(each.currency_from or ""):
            what = f"No currency is chosen for “{each.label}”."
            return _finding(
                "CURRENCY_MISSING", "currency", what, "Choose one currency for all rows, or the column that names it."
            )
        if not each.required or self.names(each.name):
            return None
        if each.name == "key" and kind.natural_key and all(self.names(name) for name in kind.natural_key):
            return None
        if each.name == "key":
            what = "No column is chosen that tells the rows apart."
            return _finding(
                "KEY_MISSING", "key", what, f"Choose the column with the number or key of each {kind.label.lower()}."
            )
        what = f"“{each.label}” is required and no column is chosen for it."
        return _finding("FIELD_MISSING", each.name, what, "Choose its column, or one value for all rows.")

    def _unreadable_constants(self) -> list[Finding]:
        findings = []
        for name, text in self.constants.items():
            each = next((each for each in KINDS[self.kind].fields if each.name == name), None)
            if each is None or each.type == ValueType.AMOUNT:
                continue
            try:
                parse(text, each.type, self.format, choices=each.choices)
            except ValueProblem as problem:
                if problem.kept is None:
                    findings.append(_finding("CONSTANT_UNREADABLE", name, problem.reason, problem.fix))
        return findings


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=code, where=where, what=what, why=NOTHING_IMPORTED, fix=fix)
