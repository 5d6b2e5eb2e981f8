"""How the bench measures and what it prints: medians, ratios with their aims, and whether each was met."""

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """One measured figure: a value with its unit, and the aim it is held against (`at_most` or `at_least`)."""

    section: str
    what: str
    deals: int
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Tell whether the aim was met; None for a figure without one."""
        if self.at_most is None and self.at_least is None:
            return None
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def line(self) -> str:
        """Say the figure in one line."""
        aim = (
            ""
            if self.met is None
            else f"aim at most {self.at_most:g}"
            if self.at_most is not None
            else f"aim at least {self.at_least:g}"
        )
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"{self.section:<12} {self.deals:>10,} {self.what:<58} {self.value:>12,.3f} {self.unit:<9} {aim:<18} {verdict}"


@dataclass
class Report:
    """The figures of one call of the bench, printed as they come."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Keep and print a figure."""
        self.figures.append(figure)
        print(figure.line(), flush=True)

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        rows = [asdict(figure) | {"met": figure.met} for figure in self.figures]
        path.write_text(json.dumps(rows, indent=2) + "\n")


def medians(works: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> tuple[dict[str, float], dict[str, Any]]:
    """Do each work in turn, as many rounds as asked, and give the median seconds and the last value of each.

    Turns, not blocks: what else the machine does then touches all of them alike, so that the ratios hold.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    values: dict[str, Any] = {}
    for _ in range(rounds):
        for name, work in works.items():
            values.pop(name, None)
            start = time.perf_counter()
            values[name] = work()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}, values


def peak_forget() -> None:
    """Let the peak memory of this process count from now on (Linux, proc(5), clear_refs), not from a section measured before."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> int:
    """Give the peak memory of this process since `peak_forget`, with what it held then."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:"))


def percentile(seconds: Sequence[float], share: float) -> float:
    """Give the value that this share of the measurements does not exceed."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))]
