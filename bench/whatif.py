"""What-if over the deals of the bench: rates, tiers and quotas priced from totals, crediting computed again, and resampled years."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.generator import SEED, compiled, document, facts, plan
from bench.report import Figure, Report, medians
from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.resampling import resample
from incentives.engine.run import compute
from incentives.engine.whatif import Way, try_plans

TOTALS_AT_MOST = 1 / 50
HELD_FROM = 1_000_000
"""With fewer deals the groups are as many, so that their part in a run is no measure."""
CREDITS_SECONDS, YEARS_SECONDS = 5.0, 10.0
YEARS = 10_000
PERIODS_OF_A_YEAR = 4


def measure_whatif(size: int) -> dict[str, Any]:
    """Measure one size in seconds; stops where a trial differs from the full calculation by a cent."""
    given, live = facts(size), plan()
    assert given.quotas is not None
    base = compute(given, [live])
    raised = given.quotas.assign(amount_minor=given.quotas["amount_minor"] * 11 // 10)
    rates, tiers = _draft(rate=1), _draft(edge=5)
    seconds, values = medians(
        {
            "full": lambda: compute(given, [live]),
            "rates": lambda: try_plans(given, base, [rates]),
            "tiers": lambda: try_plans(given, base, [tiers]),
            "quotas": lambda: try_plans(given, base, [live], quotas=raised),
            "crediting": lambda: try_plans(given, base, [_draft(share="50 %")]),
        }
    )
    for name, drafted, facts_of in (
        ("rates", rates, given),
        ("tiers", tiers, given),
        ("quotas", live, replace(given, quotas=raised)),
    ):
        if values[name].ways != {live.key: Way.TOTALS}:
            raise SystemExit(f"What-if of {name} was not priced from totals: {values[name].ways}")
        pd.testing.assert_frame_equal(values[name].earnings, compute(facts_of, [drafted]).earnings)
    return {**seconds, "years": _years_seconds(given, live)}


def measure(report: Report, size: int) -> None:
    """Report one size beside its aims."""
    seconds = measure_whatif(size)
    aim = TOTALS_AT_MOST if size >= HELD_FROM else None
    for name in ("rates", "tiers", "quotas"):
        report.add(Figure("what-if", name, size, seconds[name], "s", detail={"full_seconds": seconds["full"]}))
        share = seconds[name] / seconds["full"]
        report.add(Figure("what-if", f"{name} / full", size, share, "x", at_most=aim))
    report.add(Figure("what-if", "crediting", size, seconds["crediting"], "s", at_most=CREDITS_SECONDS))
    report.add(Figure("what-if", f"{YEARS:,} years", size, seconds["years"], "s", at_most=YEARS_SECONDS))


def _draft(*, rate: int = 0, edge: int = 0, share: str = "") -> Plan:
    """The bench's plan with rates or inner edges moved by percent points, or with another credit."""
    source: Any = document()
    component = source["components"][0]
    for number, tier in enumerate(component["tiers"]):
        tier["rate"] = f"{int(tier['rate'].split()[0]) + rate} %"
        for name in ("from", "until"):
            moved = number > 0 or name == "until"
            if name in tier and moved:
                tier[name] = f"{int(tier[name].split()[0]) + edge} %"
    if share:
        component["credit"] = {**component["credit"], "share": share}
    return compiled(source)


def _years_seconds(given: Facts, live: Plan) -> float:
    """How long the resampled repetitions of one year take, its totals being there."""
    year = replace(given, periods=given.periods.tail(PERIODS_OF_A_YEAR))
    result = compute(year, [live]).computed[0]
    seconds, _ = medians({"years": lambda: resample(result, years=YEARS, dice=np.random.default_rng(SEED))})
    return seconds["years"]
