"""What a plan does that its author may not want: cliffs, falling pay, pay without bound, tiers that nobody reaches, double pay.

Everything is found by asking the engine for made-up facts, so that a finding says what would be paid. Each finding carries
the example that shows it. These are warnings: the plan compiles, and a person decides.
"""

from __future__ import annotations

from incentives.engine.checks.asking import Case, Stage
from incentives.engine.checks.by_deal import check_by_deal
from incentives.engine.checks.dials import dials_of
from incentives.engine.checks.doubles import check_doubles
from incentives.engine.checks.growing import check_growth, staged
from incentives.engine.checks.judged import check_conditions, check_judged
from incentives.engine.checks.limits import check_limits, check_plan_limits, ladder
from incentives.engine.checks.lookups import check_lookup
from incentives.engine.checks.slopes import check_slopes
from incentives.engine.checks.targets import check_target
from incentives.engine.checks.unused import check_tables
from incentives.engine.plan import Plan
from spm.core.findings import Finding


def check_plan(plan: Plan, *, most: int | None = None) -> list[Finding]:
    """Warnings about a plan that compiles, in the order of its components; of `most` components where it must be quick.

    Then the limits of the whole plan and double pay are not judged either.
    """
    found: list[Finding] = []
    cases: list[Case] = []
    is_part = most is not None and len(plan.components) > most
    for component in plan.components[:most]:
        stage = staged(plan, component, measure=component.measure)
        dials = dials_of(stage, component)
        found += check_slopes(stage, component, dials)
        found += check_limits(stage, component, dials)
        found += check_lookup(stage, component)
        found += check_conditions(stage, component)
        found += check_judged(stage, component)
        found += check_by_deal(stage, component)
        found += check_target(stage, component)
        found += check_growth(stage, component)
        cases += [case for _, case in ladder(dials)]
    if is_part:
        return found
    whole = Stage.of(plan, plan.start)
    found += check_tables(plan)
    return found + check_plan_limits(whole, cases) + check_doubles(whole)
