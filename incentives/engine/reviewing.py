"""One question for a plan that compiles: what should its author know before anybody is paid by it?"""

from __future__ import annotations

from incentives.engine.checks import check_plan
from incentives.engine.gaming import find_gaming
from incentives.engine.plan import Plan
from spm.core.findings import Finding


def plan_review(plan: Plan) -> list[Finding]:
    """Warnings and notices about a plan, each with the worked example that shows it (`finding.example`).

    The example stands in the format of a plan's `examples` with the figures that come out, so that it can be added to the plan
    as it is. Errors are not found here: a plan with one does not compile.
    """
    return [*check_plan(plan), *find_gaming(plan)]
