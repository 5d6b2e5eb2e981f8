"""What one step of a long piece of work leaves behind. Here, so that the facts' and the modules' work can say it alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spm.core.findings import Finding


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """Findings to show, plain values for the job's outcome, and steps that became known only now.

    `outcome` holds values that JSON knows; whole numbers of equal names are added up over the steps, anything else is
    replaced by the later one. `steps` are done next, in this order, before what was planned already.
    """

    findings: tuple[Finding, ...] = ()
    outcome: Mapping[str, object] = field(default_factory=dict)
    steps: tuple[str, ...] = ()


def outcome_merge(before: Mapping[str, object], step: Mapping[str, object]) -> dict[str, object]:
    """Add a step's outcome to the outcome so far.

    >>> outcome_merge({"rows": 2, "period": "2026-01"}, {"rows": 3, "period": "2026-02"})
    {'rows': 5, 'period': '2026-02'}
    """
    merged = dict(before)
    for name, value in step.items():
        old = merged.get(name)
        merged[name] = old + value if _counts(old) and _counts(value) else value  # type: ignore[operator]
    return merged


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
