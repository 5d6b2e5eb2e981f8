"""The engine alone, frames in and frames out, beside the same plan by hand in NumPy and in DuckDB."""

import numpy as np

from bench.floor import Outcome, by_duckdb, by_numpy
from bench.generator import facts, plan
from bench.report import Figure, Report, medians
from incentives.engine.contracts import Facts
from incentives.engine.run import Result, compute

AT_MOST = 2.0


def measure(report: Report, size: int) -> None:
    """Measure one size; stops when the three don't agree to the cent."""
    given, made = facts(size), plan()
    seconds, values = medians(
        {
            "engine": lambda: compute(given, [made]),
            "numpy": lambda: by_numpy(given),
            "duckdb": lambda: by_duckdb(given),
        }
    )
    sums = {outcome_of(values["engine"], given).checksum(), values["numpy"].checksum(), values["duckdb"].checksum()}
    if len(sums) != 1 or values["engine"].findings:
        raise SystemExit(f"The engine and its floors differ at {size:,} deals: {sorted(sums)}")
    for name, taken in seconds.items():
        report.add(Figure("engine", name, size, taken, "s", detail={"deals_per_second": round(size / taken)}))
    fastest = min(seconds["numpy"], seconds["duckdb"])
    report.add(Figure("engine", "engine / faster floor", size, seconds["engine"] / fastest, "x", at_most=AT_MOST))


def outcome_of(result: Result, given: Facts) -> Outcome:
    """The engine's frames as the floors give theirs."""
    keys = given.periods.sort_values("start_on")["period_key"].tolist()
    rows = {"deal": "deal_key", "participant": "participant_key", "position": "position_key", "credit": "credit_minor"}
    groups = {"participant": "participant_key", "quota": "quota_minor", "attainment": "attainment"}
    credits = {name: result.credits[column].to_numpy(np.int64) for name, column in rows.items()}
    earnings = {name: result.earnings[column].to_numpy(np.int64) for name, column in groups.items()}
    earnings["period"] = (
        result.earnings["period_key"].map({key: place for place, key in enumerate(keys)}).to_numpy(np.int64)
    )
    for columns, frame in ((credits, result.credits), (earnings, result.earnings)):
        columns["earned"] = frame["earned_minor"].to_numpy(np.int64)
    return Outcome(credits, earnings)
