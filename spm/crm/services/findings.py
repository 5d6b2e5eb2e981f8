"""How services refuse: one finding, or every finding of a mapping."""

from collections.abc import Sequence

from spm.core.findings import Finding, FindingError


class MappingError(FindingError):
    """A mapping that can't be used; `findings` holds everything that is wrong with it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0])
        self.findings = tuple(findings)


def refuse(code: str, where: str, what: str, fix: str, *, why: str = "Nothing was changed.") -> FindingError:
    """Give the error of a refused change."""
    return FindingError(Finding(code, where, what, why, fix))
