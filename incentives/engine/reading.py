"""Reads the fields of a plan document one by one; what can't be read becomes a finding that names the clause.

The reader never raises over content and never guesses: a field is either exactly what the plan language says or a finding
with its path ("components[2].tiers[3].rate"), the reason and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from incentives.engine.language.context import Table
from incentives.engine.typed import begins_with_0, is_thousands, number_fix, rate_read
from spm.core.dated import day_number
from spm.core.findings import Finding, FindingError, Severity
from spm.core.money import (
    CURRENCY_SIGNS,
    RATE_SCALE,
    SIGNS,
    AmountError,
    Rate,
    format_amount,
    minor_digits,
    parse_amount,
)

Choice = TypeVar("Choice", bound=StrEnum)
Kept = TypeVar("Kept")
SYNONYMS = {
    "ANNUAL": ("YEARLY",), "RETROACTIVE": ("WHOLE",), "FLAT": ("WHOLE",), "SLAB": ("WHOLE",), "STEP": ("MARGINAL",),
    "GRADUATED": ("MARGINAL",), "PROGRESSIVE": ("MARGINAL",), "INCREMENTAL": ("MARGINAL",), "CUMULATIVE": ("MARGINAL", "YTD"),
    "LINEAR": ("INTERPOLATED",), "REVENUE": ("AMOUNT",), "SALES": ("AMOUNT",), "PROFIT": ("MARGIN",), "QUANTITY": ("UNITS",),
    "DEALS": ("COUNT",), "SPLIT": ("DIRECT",), "TEAM": ("ROLLUP",), "MANAGER": ("ROLLUP",), "LAST_YEAR": ("PRIOR_YEAR",),
    "YEAR_BEFORE": ("PRIOR_YEAR",), "PREVIOUS": ("PRIOR",),
}  # fmt: skip
"""What the trade calls a choice of the plan language, for the fix of a finding."""
FIELD_SYNONYMS = {
    "to": ("until",), "up_to": ("until",), "upto": ("until",), "end": ("until",), "start": ("from",), "percent": ("rate",),
    "commission": ("rate",), "percentage": ("rate",), "type": ("kind",), "min": ("floor", "at_least"), "max": ("cap", "at_most"),
    "where": ("credit",),
    "minimum": ("floor",), "maximum": ("cap",), "month": ("period",), "condition": ("where",), "if": ("where",), "filter": ("where",),
    "id": ("key",), "accelerators": ("tiers",), "accelerator": ("tiers",), "decelerator": ("tiers",),
    "spiff": ("bonus",), "bonus": ("amount",),
    "goal": ("quota",), "date": ("on",), "value": ("amount",), "payout": ("pays",),
    "expected": ("then",), "facts": ("given",), "total": ("earned",), "credits": ("credit",),
}  # fmt: skip
"""By what people write for a field of the plan language."""
NOBODY = "Nobody is calculated by this plan until it is corrected."
READ_AS = "read_as"
"""Names what a finding's text is read as in a plan that was kept before it was refused."""


PERCENT_FIX = "Write the amount, such as 1000; a percentage is a rate."
AT_QUOTA = (
    "Write the amount, such as 1000. To stop at a percentage of quota, let a tier end there and the last one pay 0 %; at a percentage of "
    "the target, let the curve end there."
)
OF_CREDIT = (
    "Write the amount, such as 1000. For a part of the quota: per: DEAL, formula: MIN(credit, QUOTA() * 50 %) * 5 %."
)
"""Where somebody caps what one deal credits by a percentage."""
OF_TEAM = (
    "Write the amount, such as 1000. For a percentage of what a team sells: rate, and "
    "credit: [{kind: DIRECT}, {kind: ROLLOVER, relation: team}]."
)
"""Where somebody shares a pot that is a percentage."""
PERCENT_FIXES = {**dict.fromkeys(("cap", "floor", "deal", "period", "year"), AT_QUOTA), "pot": OF_TEAM}
"""By field of an amount: what somebody who wrote a percentage there may want."""


WRITTEN = {
    "clawback": "clawback: {within: 90 days}",
    "credit": "credit: {where: {stage: Won}}",
    "draw": "draw: {kind: RECOVERABLE_GUARANTEE, amount: 2000}",
    "holdback": "holdback: {share: 10 %, after: 6 months}",
    "leavers": "leavers: {pays: PAID}",
    "contest": "contest: {prizes: [500, 300]}",
    "release": "release: {parts: [{share: 40 %}, {share: 60 %, when: CASH_PRO_RATA}]}",
}
"""By field that is a set of fields: how one is written."""


@dataclass(slots=True)
class Reader:
    """One mapping of the document, its path, and the findings so far (shared by all readers of a document)."""

    document: Mapping[str, object]
    path: str
    findings: list[Finding]
    read: set[str] = field(default_factory=set)
    tables: Mapping[str, Table] = field(default_factory=dict)
    """The tables of the plan, for the formulas in this mapping."""

    def find(
        self,
        code: str,
        what: str,
        fix: str,
        *,
        at: str = "",
        why: str = NOBODY,
        severity: Severity = Severity.ERROR,
        read_as: str = "",
    ) -> None:
        """Adds a finding at a field of this mapping; `read_as` is what a plan that is kept goes on being read as."""
        where = f"{self.path}.{at}" if at and self.path else at or self.path or "plan"
        about = ((READ_AS, read_as),) if read_as else ()
        self.findings.append(Finding(code, where, what, why, fix, severity, about))

    def has(self, name: str) -> bool:
        """True when the field is given and not empty."""
        return self.document.get(name) is not None

    def value(self, name: str) -> object:
        """The raw value of a field, None when it is not given."""
        self.read.add(name)
        return self.document.get(name)

    def text(self, name: str, *, default: str | None = None) -> str:
        """A text; without a default the field is required."""
        value = self.value(name)
        if value is None and default is not None:
            return default
        if value is None:
            self.find("FIELD_MISSING", f"The field {name} is missing.", f"Add {name}.", at=name)
            return ""
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
        self.find("FIELD_UNREADABLE", f"{name} is {value!r}, not a text.", f"Give {name} as text.", at=name)
        return ""

    def choice(self, name: str, options: type[Choice], default: Choice) -> Choice:
        """One word of an enum; an unknown word is a finding that names the nearest one."""
        value = self.value(name)
        if value is None:
            return default
        word = str(value).strip().upper()
        if word in options.__members__.values():
            return options(word)
        meant = next((each for each in SYNONYMS.get(word, ()) if each in options.__members__.values()), None)
        alike = [str(option) for option in options if option.startswith(word[:4])]
        found = extractOne(word, alike) or extractOne(word, [str(option) for option in options], score_cutoff=55)
        near = meant or (found or [None])[0]
        fix = f"Write {near}." if near else f"Write one of {', '.join(options)}."
        self.find("CHOICE_UNKNOWN", f"{name} is “{value}”, which is not one of {', '.join(options)}.", fix, at=name)
        return default

    def rate(self, name: str, *, default: Fraction | None = None) -> Fraction | None:
        """A rate or share, exact."""
        value = self.value(name)
        if value is None:
            return default
        exact = exact_number(value)
        if exact is not None and (
            abs(exact) >= 2 or (exact == 1 and name == "rate" and "multipliers" not in self.path)
        ):
            what = f"{name} is {exact:f} without a % sign, which is {exact * 100:f} %."
            fix = f"Write {exact:f} % if that is meant, else {exact * 100:f} %."
            self.find("RATE_WITHOUT_PERCENT", what, fix, at=name, why="", severity=Severity.WARNING)
        try:
            rate = rate_read(value) if exact is None else Rate.parse(exact)
        except AmountError as error:
            kept = _kept(Rate.parse, str(value)) if exact is None else None
            read_as = "" if kept is None else str(kept)
            self.find("RATE_UNREADABLE", f"{name}: {error.finding.what}", error.finding.fix, at=name, read_as=read_as)
            return default if kept is None else Fraction(kept.scaled, RATE_SCALE)
        return Fraction(rate.scaled, RATE_SCALE)

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self.value(name)
        words = {"true": True, "yes": True, "false": False, "no": False}
        if value is None:
            return default
        if str(value).lower() in words:
            return words[str(value).lower()]
        self.find("FIELD_UNREADABLE", f"{name} is {value!r}, not yes or no.", "Write yes or no.", at=name)
        return default

    def day(self, name: str, *, default: int | None = None) -> int:
        """A day as a day number."""
        value = self.value(name)
        if value is None and default is not None:
            return default
        try:
            return day_number(value if isinstance(value, date) else date.fromisoformat(str(value)))
        except ValueError:
            self.find("DAY_UNREADABLE", f"{name} is {value!r}, not a day.", "Write it like 2026-01-31.", at=name)
            return 0

    def money(self, name: str, currency: str) -> int | None:
        """An amount in minor units of the currency, None when it is not given or can't be read."""
        value = self.value(name)
        if value is None or self._is_cut(name, value):
            return None
        if str(value).rstrip().endswith("%"):
            what = f"{name} is {value}, a percentage, and an amount of {currency} is expected."
            self.find(
                "UNIT_ERROR",
                what,
                OF_CREDIT if ".credit" in self.path else PERCENT_FIXES.get(name, PERCENT_FIX),
                at=name,
            )
            return None
        try:
            exact, own = exact_number(value), CURRENCY_SIGNS.get(currency)
            if own and set(str(value)) & set(CURRENCY_SIGNS.values()) - {own}:
                self.find(
                    "CURRENCY_OTHER", f"{name} is {value}, and the plan is in {currency}.", "Convert it.", at=name
                )
                return None
            if exact is None or _can_be_thousands(exact, currency):
                return parse_amount(str(value), currency)
            return parse_amount(f"{exact:f}" if exact != exact.to_integral() else f"{exact:.0f}", currency)
        except FindingError as error:
            kept = _kept(lambda text: parse_amount(text.translate(_WITHOUT_SIGNS), currency), str(value))
            read_as = "" if kept is None else f"{format_amount(kept, currency)} {currency}"
            self.find(error.finding.code, f"{name}: {error.finding.what}", error.finding.fix, at=name, read_as=read_as)
            return kept

    def number(self, name: str) -> Decimal | None:
        """A number without a unit, None when it is not given or can't be read."""
        value = self.value(name)
        if value is None or self._is_cut(name, value):
            return None
        number = exact_number(value)
        if number is not None and is_thousands(f"{value}"):
            what = f"{name} is {value}, which can be {number:.0f} or {number * 1000:.0f}."
            self.find("NUMBER_UNREADABLE", what, number_fix(value), at=name, read_as=f"{number:.0f}")
            return number
        try:
            number = Decimal(str(value)) if number is None else number
        except ArithmeticError:
            number = None
        if number is None or not number.is_finite():
            self.find("NUMBER_UNREADABLE", f"{name} is {value!r}, not a number.", number_fix(value), at=name)
            return None
        return number

    def _is_cut(self, name: str, value: object) -> bool:
        """Finds what a comma inside brackets leaves of 1,000."""
        if begins_with_0(value):
            what = f"{name} is {value}, which begins with 0: inside [ ] a comma begins a new entry."
            self.find("NUMBER_CUT", what, "Write the number before it without the comma, such as 1000.", at=name)
        return begins_with_0(value)

    def children(self, name: str) -> list[Reader]:
        """The mappings in a list field."""
        value = self.value(name)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str):
            self.find(
                "FIELD_UNREADABLE",
                f"{name} is not a list.",
                f"Write {name} as a list, one entry per line with “- ”.",
                at=name,
            )
            return []
        return [self._child(entry, f"{name}[{index}]") for index, entry in enumerate(value)]

    def child(self, name: str) -> Reader | None:
        """The mapping in a field, None when it is not given."""
        value = self.value(name)
        return None if value is None else self._child(value, name)

    def _child(self, value: object, name: str) -> Reader:
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(value, Mapping):
            return Reader(value, path, self.findings, tables=self.tables)
        self.find(
            "FIELD_UNREADABLE",
            f"{name} is {'a list' if isinstance(value, list) else repr(value)}, not a set of fields.",
            f"Write for example {WRITTEN[name]}." if name in WRITTEN else "Write it as “name: value” lines.",
            at=name,
        )
        return Reader({}, path, self.findings, tables=self.tables)

    def finish(self, *known: str) -> None:
        """Finds the fields that nobody asked for: a misspelt field must not be ignored."""
        for name in self.document:
            if name in self.read or name in known:
                continue
            here = sorted(self.read | set(known))
            meant = [each for each in FIELD_SYNONYMS.get(str(name).lower(), ()) if each in here]
            near = meant or extractOne(str(name), here, scorer=ratio, score_cutoff=60)
            fix = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(here)}."
            if self.document[name] is None:
                fix = self._joined(str(name)) or (
                    "A comma inside { } or [ ] begins a new field: put a text or number that has one in quotes. " + fix
                )
            self.find("FIELD_UNKNOWN", f"The field {name} is not part of the plan language here.", fix, at=str(name))

    def _joined(self, name: str) -> str:
        """What to write where the field is what follows the comma of the number before it."""
        names = [str(each) for each in self.document]
        before = names[names.index(name) - 1] if names.index(name) else ""
        value = str(self.document.get(before, ""))
        if not re.fullmatch(r"\d{3}(\.\d+)?", name) or not re.fullmatch(r"\d{1,3}", value):
            return ""
        return f"A comma inside {{ }} or [ ] begins a new field: write {before}: {value}{name}."


def _kept(read: Callable[[str], Kept], text: str) -> Kept | None:
    """What a text is read as that is refused where it is written; None where it never could be read."""
    try:
        return read(text)
    except AmountError:
        return None


_WITHOUT_SIGNS = str.maketrans("", "", "".join(SIGNS))
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")


def exact_number(value: object) -> Decimal | None:
    """A number of the document as a Decimal. YAML floats are read through their shortest text, which is what was written; a plain
    number may also stand as text, because documents are stored with every value as text.

    >>> exact_number("2.50"), exact_number("2,500"), exact_number(True)
    (Decimal('2.50'), None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Decimal(value.strip()) if _PLAIN_NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float):
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    return None


def _can_be_thousands(number: Decimal, currency: str) -> bool:
    """10.000 stands for ten thousand in half of the world; it is refused where the currency has no three decimals."""
    return number.as_tuple().exponent == -3 and 1 <= abs(number) < 1000 and minor_digits(currency) != 3


def smallest_unit(currency: str) -> int:
    """Minor units in one major unit."""
    return int(10 ** minor_digits(currency))
