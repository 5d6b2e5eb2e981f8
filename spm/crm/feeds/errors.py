"""The error of a file that can't be read: one finding, in one sentence each what, why and how to repair it."""

from __future__ import annotations

from spm.core.findings import Finding, FindingError, Severity

NOTHING_IMPORTED = "Nothing was imported."


class FeedError(FindingError):
    """A file, or a sheet of it, that can't be read. `.finding` says which, why and what to do."""


def feed_error(code: str, where: str, what: str, fix: str, why: str = NOTHING_IMPORTED) -> FeedError:
    """The error for one finding about a file."""
    return FeedError(Finding(code=code, where=where, what=what, why=why, fix=fix))


def warning(code: str, where: str, what: str, fix: str, why: str = "") -> Finding:
    """A finding that does not stop the reading."""
    return Finding(code=code, where=where, what=what, why=why, fix=fix, severity=Severity.WARNING)
