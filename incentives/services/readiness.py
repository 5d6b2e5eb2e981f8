"""What the plan language knows and a run can't feed yet: such a plan is refused when it is written, never calculated wrongly.

The engine computes more than the product keeps facts for. Each rule here goes when the facts arrive.
"""

from collections.abc import Iterator

from incentives.engine.asking import asked_of
from incentives.engine.plan import Component, CreditKind, Measure, Plan
from incentives.selectors.deals import fact_column
from spm.core.findings import Finding
from spm.crm.deal_columns import COLUMNS

QUOTA_MEASURE = "amount"
"""The measure of quotas that amounts of credit are held against."""


def unready(plan: Plan) -> list[Finding]:
    """Give what the plan asks of facts that runs don't read; nothing for a plan that can be run."""
    found = [finding for measure in plan.measures for finding in _measure(measure)]
    for component in plan.components:
        found += [finding for finding in _component(component) if finding not in found]
    found += _columns(plan)
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
    if measure.quota is not None and measure.quota != QUOTA_MEASURE:
        what = f"{measure.key} is held against the quota of {measure.quota}, but it counts {QUOTA_MEASURE}."
        yield _finding(f"{where}.quota", what, f"Write quota: {QUOTA_MEASURE}.", code="QUOTA_MEASURE")
    for rule in measure.credit:
        if rule.kind == CreditKind.ROLLOVER:
            what = f"{rule.key} credits by ROLLOVER, and its relations are not kept yet."
            yield _finding(f"{where}.credit.kind", what, "Use DIRECT, OVERLAY or ROLLUP.")


def _columns(plan: Plan) -> Iterator[Finding]:
    for name in sorted(asked_of([plan]).columns):
        if fact_column(name) is None:
            known = ", ".join(sorted(each.removesuffix("_key") for each in COLUMNS))
            what = f"The plan asks for {name} of a deal, which is not known of deals."
            yield _finding("columns", what, f"Use one of {known}.", code="FACT_UNKNOWN")


def _finding(where: str, what: str, fix: str, *, code: str = "NOT_READ_YET") -> Finding:
    return Finding(code, where, what, "Its figures would be wrong, so the plan is not taken.", fix)
