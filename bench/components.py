"""A plan of ten components with gates and caps against a plan of one: what a further component costs."""

from typing import Any

from bench.generator import compiled, document, facts
from bench.report import Figure, Report, medians
from incentives.engine.run import compute

COUNT = 10
FORMULA = "IF(ATTAINMENT() >= 100 %, MIN(measure * 6 %, 90000), MAX(0, measure) * 4 %)"
AT_MOST = 1.1
"""Cost of a component among ten, as a share of that of one alone."""


def many(count: int) -> dict[str, Any]:
    """Give the plan of the bench with so many components, each gated by the first and capped; every second is paid by a formula."""
    source = document()
    first = source["components"][0]  # type: ignore[index]
    paid = {name: value for name, value in first.items() if name != "tiers"}
    others = [
        {
            **(paid | {"formula": FORMULA} if number % 2 else first),
            "key": f"commission-{number}",
            "name": f"Commission {number}",
            "gates": [{"of": "commission", "at_least": f"{20 + number} %"}],
            "cap": {"period": 100_000 + number},
        }
        for number in range(1, count)
    ]
    return {**source, "components": [first, *others]}


def measure(report: Report, size: int) -> None:
    """Measure one size."""
    given = facts(size)
    plans = {count: compiled(many(count)) for count in (1, COUNT)}
    seconds, values = medians({str(count): lambda plan=plan: compute(given, [plan]) for count, plan in plans.items()})
    rows = {count: len(values[str(count)].credits) for count in plans}
    if rows[COUNT] != COUNT * rows[1] or values[str(COUNT)].findings:
        raise SystemExit("The plan of ten components credited otherwise.")
    each = (seconds[str(COUNT)] / COUNT) / seconds["1"]
    report.add(Figure("components", f"one component among {COUNT}", size, seconds[str(COUNT)] / COUNT, "s"))
    report.add(Figure("components", "a component among ten / one alone", size, each, "x", at_most=AT_MOST))
