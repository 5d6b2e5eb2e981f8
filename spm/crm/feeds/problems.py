"""Why a value can't be taken as it is: the reason, the fix, and what may be kept all the same."""

from __future__ import annotations

from spm.core.findings import Severity


class ValueProblem(ValueError):
    """A cell that can't be typed. A warning carries in `kept` what to store; `proposals` are near standard values."""

    def __init__(
        self,
        reason: str,
        fix: str,
        *,
        severity: Severity = Severity.ERROR,
        kept: object = None,
        proposals: tuple[str, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason, self.fix, self.severity, self.kept, self.proposals = reason, fix, severity, kept, proposals
