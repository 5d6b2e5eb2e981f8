"""Errors as values: what happened, to which thing, why it matters, what to do next.

An engine does not raise over one bad row; it returns findings beside the results of the others. A door turns them into
pages, API answers or exit codes. This module does not decide who sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding stops: an ERROR leaves its thing uncalculated, a WARNING does not, a NOTICE only tells."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTICE = "NOTICE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about something that is wrong or worth knowing.

    `where` names the place for a reader ("commission, tier 3"); `about` names the same thing by key for a program.

    >>> Finding("TIER_GAP", "commission, tier 3", "No rate between 80 % and 100 %.", "Nobody is calculated.",
    ...         "Close the gap.").message
    'commission, tier 3: No rate between 80 % and 100 %. Nobody is calculated. Close the gap.'
    """

    code: str
    where: str
    what: str
    why: str = ""
    fix: str = ""
    severity: Severity = Severity.ERROR
    about: tuple[tuple[str, object], ...] = ()
    example: Mapping[str, object] | None = field(default=None, compare=False)
    """A worked example that shows it, as plain values, ready to stand among the examples of its plan."""

    @property
    def message(self) -> str:
        """The whole finding as one text."""
        text = " ".join(part for part in (self.what, self.why, self.fix) if part)
        return f"{self.where}: {text}" if self.where else text

    @property
    def keys(self) -> dict[str, object]:
        """`about` as a dictionary."""
        return dict(self.about)

    @property
    def is_error(self) -> bool:
        """True when the thing it is about was not calculated."""
        return self.severity == Severity.ERROR

    def as_dict(self) -> dict[str, object]:
        """The finding as plain values, keys as text, for JSON."""
        return {
            "code": self.code,
            "where": self.where,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
            "severity": str(self.severity),
            "about": {name: value if isinstance(value, int | str) else str(value) for name, value in self.about},
            **({} if self.example is None else {"example": dict(self.example)}),
        }


class FindingError(ValueError):
    """A finding raised where the caller has nothing to go on with: a door parsing one value."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that leave something uncalculated."""
    return [finding for finding in findings if finding.is_error]


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without repeats, in an order that does not depend on how they were found."""
    return tuple(sorted(set(findings), key=lambda each: (each.code, each.where, each.what, str(each.about))))
