"""Tables of a plan that no formula asks."""

from __future__ import annotations

from collections.abc import Iterator

from incentives.engine.language.context import Table
from incentives.engine.language.tree import Formula
from incentives.engine.plan import Condition, Measure, Plan
from spm.core.findings import Finding, Severity


def check_tables(plan: Plan) -> list[Finding]:
    """Notices of the tables that nothing asks: they change no pay."""
    asked = {
        node.value.key for formula in _formulas(plan) for node in formula.tree.walk() if isinstance(node.value, Table)
    }
    return [_unused(plan, table) for table in plan.tables if table.key not in asked]


def _unused(plan: Plan, table: Table) -> Finding:
    what = f"No formula asks the table {table.key}."
    fix = f"Ask it in a formula, {table.function}({table.key}, …), or remove it."
    about = (("plan_key", plan.key),)
    return Finding(
        "TABLE_UNUSED", f"tables.{table.key}", what, "What it says changes no pay.", fix, Severity.NOTICE, about
    )


def _formulas(plan: Plan) -> Iterator[Formula]:
    for measure in (*plan.measures, *(component.measure for component in plan.components)):
        yield from _of_measure(measure)
    for component in plan.components:
        if component.pay.formula is not None:
            yield component.pay.formula
        rows = component.pay.lookup.rows if component.pay.lookup is not None else ()
        yield from _of_conditions(condition for row in rows for condition in row.where)


def _of_measure(measure: Measure) -> Iterator[Formula]:
    if measure.formula is not None:
        yield measure.formula
    yield from _of_conditions(condition for rule in measure.credit for condition in rule.where)


def _of_conditions(conditions: Iterator[Condition]) -> Iterator[Formula]:
    yield from (condition.formula for condition in conditions if condition.formula is not None)
