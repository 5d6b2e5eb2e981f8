"""The nightly part that seals what was written since the last night, and verifies what is new, once a week every seal."""

from datetime import date

from spm.audit.seals import NIGHT_SECONDS, seals_check, seals_extend
from spm.core.findings import Finding
from spm.core.steps import StepOutcome
from spm.tenancy.models import Organisation


class SealPart:
    """Sealing again seals nothing twice."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name the two steps."""
        return ["seal", "verify"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Seal, or verify."""
        if step == "seal":
            return StepOutcome(outcome={"rows sealed": seals_extend(by="Nightly job")})
        check = seals_check(by="Nightly job", seconds=NIGHT_SECONDS)
        return StepOutcome(findings=tuple(_finding(check.fault)), outcome={"sealed rows verified": check.rows})


def _finding(fault: str) -> list[Finding]:
    if not fault:
        return []
    why = "Somebody changed the database past the product. Figures that rest on this row can't be trusted."
    return [Finding("SEAL_BROKEN", "seals", fault, why, "Restore the last good backup beside it and compare.")]
