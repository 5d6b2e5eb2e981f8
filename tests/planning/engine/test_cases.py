"""The published cases of quotas, capacity and territories, through the engine."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from planning.engine.capacity import Group, Role, capacity, workload_heads
from planning.engine.cascade import Node, by_period, cascade
from planning.engine.evenness import evenness
from planning.engine.prorating import ProrateBy, month_in_role, participation, prorated, ramp_share
from spm.core.money import to_major, to_minor
from spm.core.periods import Calendar, CalendarKind
from tests.casebook import PLANNING_CASES


def _cascade(given: Any) -> dict[str, Any]:
    total = to_minor(given["target"], given["currency"])
    found = cascade(total, [Node(f"{number:03d}") for number in range(given["sellers"])])
    values = [part.value for part in found.parts.values()]
    assert sum(values) == total and not found.findings
    each = sorted({float(to_major(value, given["currency"])) for value in values})
    return {"each": each, "in_millions": round(each[0] / 1_000_000, 1)}


def _proration(given: Any) -> dict[str, Any]:
    quarters = Calendar(CalendarKind.QUARTERLY).year(given["year"])
    values = by_period(given["annual"], given["quarters"])
    shares = [participation(each, given["start"], None, ProrateBy(given["by"])) for each in quarters]
    found = [prorated(value, share) for value, share in zip(values, shares, strict=True)]
    return {"quarters": found, "total": sum(found)}


def _ramp(given: Any) -> dict[str, Any]:
    shares = [Fraction(each) for each in given["shares"]]
    months = [given["since"].replace(month=number) for number in range(1, given["months"] + 1)]
    steps = [month_in_role(given["since"], month) for month in months]
    return {"months": [prorated(given["quota"], ramp_share(shares, step)) for step in steps]}


def _workload(given: Any) -> dict[str, Any]:
    classes = {name: (accounts, calls) for name, (accounts, calls) in given["classes"].items()}
    calls, heads = workload_heads(classes, given["calls_per_head"])
    return {"calls": calls, "heads": heads}


def _capacity(given: Any) -> dict[str, Any]:
    role = Role("AE", (given["quota"],), attainment=given["attainment"], availability=given["ramp"])
    return {"capacity": pytest.approx(float(capacity([role], [Group("AE", given["heads"])], 1).sum()))}


def _evenness(given: Any) -> dict[str, Any]:
    return {"rosenbluth": pytest.approx(evenness(given).rosenbluth, abs=5e-16)}


WAYS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "cascade": _cascade,
    "proration": _proration,
    "ramp": _ramp,
    "workload": _workload,
    "capacity": _capacity,
    "evenness": _evenness,
}


@pytest.mark.parametrize("path", PLANNING_CASES, ids=lambda path: path.stem)
def test_the_published_result_comes_out(path: Path) -> None:
    """Given a published example, then its figures come out as printed."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))["planning"]
    [kind] = given.keys() & WAYS.keys()
    assert WAYS[kind](given[kind]) == given["then"]
