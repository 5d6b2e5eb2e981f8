"""make bench: the engine alone at growing sizes, beside the same plan in bare NumPy, in one process so that ratios hold."""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.floor import earned_by_numpy
from bench.generator import facts, plan
from incentives.engine.run import compute

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3


def main() -> None:
    """Measure every size and print a table; `--json FILE` keeps it, `--sizes` chooses."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    print(f"{'deals':>10} {'engine s':>10} {'deals/s':>12} {'NumPy s':>10} {'ratio':>8} {'peak MiB':>9}  cents equal")
    rows = [measure(size) for size in options.sizes]
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


def measure(size: int) -> dict[str, Any]:
    """Measure one size: medians of three rounds each, peak memory of the process so far."""
    given, made = facts(size), plan()
    engine, result = _median(lambda: compute(given, [made]))
    floor, expected = _median(lambda: earned_by_numpy(given))
    earned = int(result.earnings["earned_minor"].sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    row = {
        "deals": size,
        "engine_seconds": round(engine, 4),
        "deals_per_second": round(size / engine),
        "numpy_seconds": round(floor, 4),
        "ratio": round(engine / floor, 1),
        "peak_mib": peak,
        "cents_equal": earned == expected,
    }
    cells = f"{size:>10,} {engine:>10.3f} {size / engine:>12,.0f} {floor:>10.4f} {engine / floor:>8.1f} {peak:>9,}"
    print(f"{cells}  {earned == expected}")
    return row


def _median(work: Callable[[], Any]) -> tuple[float, Any]:
    seconds, value = [], None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        value = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), value


if __name__ == "__main__":
    main()
