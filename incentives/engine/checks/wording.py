"""Words that several checks use: a finding about a component with its example, amounts and values for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from incentives.engine.checks.asking import Stage
from incentives.engine.language.wording import decimal_text
from incentives.engine.plan import UNIT_SCALE, Measure
from incentives.engine.prose import money
from spm.core.findings import Finding, Severity


def told(
    stage: Stage,
    component: str,
    code: str,
    at: str,
    words: tuple[str, str, str],
    example: Mapping[str, object] | None,
    severity: Severity = Severity.WARNING,
) -> Finding:
    """A finding about a clause of a component: what, why and fix, with the example that shows it."""
    where = f"components.{component}.{at}" if component else at
    keys = (("plan_key", stage.plan.key), ("component_key", component))
    return Finding(code, where, *words, severity, keys if component else keys[:1], example)


def paid_text(stage: Stage, amount: int) -> str:
    """An amount of pay."""
    return money(amount, stage.plan.currency)


def value_text(stage: Stage, measure: Measure, value: int) -> str:
    """A value of a measure."""
    return money(value, stage.plan.currency) if measure.is_money else decimal_text(Fraction(value, UNIT_SCALE))
