"""What the plan language knows and a run can't feed yet: such a plan is refused when it is written, never calculated wrongly.

The engine computes more than the product keeps facts for. Each rule here goes when the facts arrive.
"""

from collections.abc import Iterator

from incentives.engine.plan import Component, CreditKind, Measure, MeasureKind, Plan
from incentives.engine.words import CreditDate
from spm.core.findings import Finding
from spm.crm.deal_frames import ATTRIBUTES

QUOTA_MEASURE = "amount"
"""The measure of quotas that amounts of credit are held against."""

KEPT_KINDS = (CreditKind.DIRECT, CreditKind.ROLLUP)
KEPT_DATES = (CreditDate.CREDITED, CreditDate.CLOSED)


def unready(plan: Plan) -> list[Finding]:
    """Give what the plan asks of facts that runs don't read; nothing for a plan that can be run."""
    found = [finding for measure in plan.measures for finding in _measure(measure)]
    for component in plan.components:
        found += [finding for finding in _component(component) if finding not in found]
    if plan.draw is not None:
        found.append(_finding("draw", "The plan grants a draw, and draws are not settled yet.", "Leave the draw out."))
    return found


def _component(component: Component) -> Iterator[Finding]:
    where = f"components.{component.key}"
    yield from _measure(component.measure)
    if component.pay.target_name:
        what = f"{component.key} takes its target from the facts, and personal targets are not kept yet."
        yield _finding(f"{where}.target", what, "Write the amount of the target.")
    if component.pay.objectives:
        yield _finding(
            f"{where}.objectives", f"{component.key} pays by scores, and scores are not kept yet.", "Leave it out."
        )


def _measure(measure: Measure) -> Iterator[Finding]:
    where = f"components.{measure.key}"
    if measure.kind != MeasureKind.AMOUNT:
        what = f"{measure.key} counts {measure.kind}, and runs read the amounts of deals only."
        yield _finding(f"{where}.measure", what, "Count AMOUNT.")
    if measure.quota is not None and measure.quota != QUOTA_MEASURE:
        what = f"{measure.key} is held against the quota of {measure.quota}, but it counts {QUOTA_MEASURE}."
        yield _finding(f"{where}.quota", what, f"Write quota: {QUOTA_MEASURE}.", code="QUOTA_MEASURE")
    for rule in measure.credit:
        yield from _rule(where, rule.key, rule.kind, rule.credit_date)
        unknown = sorted({name for condition in rule.where for name in condition.columns} - set(ATTRIBUTES))
        for column in unknown:
            what = f"{measure.key} asks for {column} of a deal, which is not known of deals."
            yield _finding(f"{where}.credit.where", what, f"Use one of {', '.join(ATTRIBUTES)}.", code="FACT_UNKNOWN")


def _rule(where: str, key: str, kind: CreditKind, day: CreditDate) -> Iterator[Finding]:
    if kind not in KEPT_KINDS:
        yield _finding(
            f"{where}.credit.kind",
            f"{key} credits by {kind}, and its shares are not kept yet.",
            "Use DIRECT or ROLLUP.",
        )
    if day not in KEPT_DATES:
        yield _finding(
            f"{where}.credit.date", f"{key} credits deals when {day}, and that day is not read yet.", "Use CLOSED."
        )


def _finding(where: str, what: str, fix: str, *, code: str = "NOT_READ_YET") -> Finding:
    return Finding(code, where, what, "Its figures would be wrong, so the plan is not taken.", fix)
