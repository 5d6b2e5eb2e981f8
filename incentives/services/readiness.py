"""What a plan asks that the product can't answer: such a plan is refused when it is written, never calculated wrongly."""

from collections.abc import Iterator
from dataclasses import replace

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from incentives.engine.asking import asked_of
from incentives.engine.language.meant import OWNER_FIX, OWNERS, name_fix
from incentives.engine.plan import Measure, Plan
from incentives.selectors.deals import OF_OWNER, fact_column
from planning.selectors import quota_measures
from spm.core.findings import Finding
from spm.crm.deal_columns import COLUMNS
from spm.crm.selectors.attributes import deal_attributes


def unready(plan: Plan) -> list[Finding]:
    """Give what the plan asks of facts that are not known; nothing for a plan that can be run."""
    measures = {measure.key: measure for measure in (*plan.measures, *(one.measure for one in plan.components))}
    found = [finding for measure in measures.values() for finding in _measure(measure)]
    found += _columns(plan)
    return found


def _measure(measure: Measure) -> Iterator[Finding]:
    fitting = [name for name, is_money in quota_measures().items() if is_money == measure.is_money]
    if measure.quota is not None and measure.quota not in fitting:
        what = f"{measure.key} counts {measure.kind}; the quota of {measure.quota} does not fit it."
        where = f"components.{measure.key}.quota"
        yield _finding(where, what, f"Write quota: {' or '.join(fitting)}.", code="QUOTA_MEASURE")


def _columns(plan: Plan) -> Iterator[Finding]:
    unknown = sorted(name for name in asked_of([plan]).columns if fact_column(name) is None or name in OWNERS)
    own = deal_attributes() if unknown else {}
    for name in (each for each in unknown if each not in own or fact_column(each) is not None):
        known = sorted({*own, *(each.removesuffix("_key") for each in COLUMNS.keys() | OF_OWNER)})
        near = extractOne(name, known, scorer=ratio, score_cutoff=70)
        meant = name_fix(name, own) or (f"Did you mean {near[0]}?" if near else "")
        what = f"The plan asks for {name} of a deal, which is not known of deals."
        fix = f"{meant} Or map a column of the deals to {name} first." if meant else f"Use one of {', '.join(known)}."
        if name in OWNERS:
            what, fix = f"The plan asks whose a deal is ({name}).", OWNER_FIX
        yield _finding(_place(plan, name), what, fix, code="FACT_UNKNOWN")


def _place(plan: Plan, column: str) -> str:
    """The first component that asks for a column of deals."""
    alone = ((each, replace(plan, components=(each,), measures=(each.measure,))) for each in plan.components)
    return next((f"components.{each.key}" for each, part in alone if column in asked_of([part]).columns), "columns")


def _finding(where: str, what: str, fix: str, *, code: str) -> Finding:
    return Finding(code, where, what, "Its figures would be wrong, so the plan is not taken.", fix)
