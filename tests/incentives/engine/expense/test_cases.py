"""The published cases of commission expense, each through the lowest door that has all its inputs."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from incentives.engine.expense.amortising import left
from incentives.engine.expense.policy import Contract, Policy, Span, month_first, month_number, span_of, unit_of, units
from incentives.engine.expense.rolling import Roll, RollForward
from incentives.engine.expense.words import Basis, Convention
from incentives.engine.testing import test_document as run_document
from spm.core.money import to_minor
from tests.casebook import EXPENSE_CASES

DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in EXPENSE_CASES
}
PAYING = [key for key, document in DOCUMENTS.items() if "pays" in document]
SCHEDULED = [key for key, document in DOCUMENTS.items() if "costs" in document["expense"]]
ROLLED = [key for key, document in DOCUMENTS.items() if "parts" in document["expense"]]


def test_the_published_cases_are_here():
    assert set(DOCUMENTS) == {"amortisation-coog-advance-redemption", "amortisation-issuer-direct-rollforward"}
    assert set(SCHEDULED + ROLLED) == set(DOCUMENTS)


@pytest.mark.parametrize("key", PAYING)
def test_what_was_paid(key):
    text = yaml.safe_dump(DOCUMENTS[key]["pays"])
    results = run_document(yaml.safe_load(text))
    assert len(results) == len(DOCUMENTS[key]["pays"]["examples"])
    for result in results:
        assert result.passed, f"{result.name}: {result.differences} {[each.message for each in result.findings]}"


@pytest.mark.parametrize("key", SCHEDULED)
def test_what_each_month_expenses(key):
    case = DOCUMENTS[key]["expense"]
    policy = Policy(basis=Basis(case["policy"]["basis"]), convention=Convention(case["policy"]["convention"]))
    costs = {each["name"]: each for each in case["costs"]}
    for row in case["then"]:
        cost = costs[row["name"]]
        amount = to_minor(cost["cost"], case["currency"])
        span = span_of(Contract(cost["starts"], cost["ends"]), policy)
        before, after = (_left(amount, span, policy, row["month"] - less) for less in (1, 0))
        redeemed = before - after
        paid = to_minor(cost["earns"], case["currency"]) - redeemed
        got = {"redeemed": redeemed, "paid": paid, "left": after}
        assert got == {name: to_minor(row[name], case["currency"]) for name in got}, row


def _left(amount: int, span: Span, policy: Policy, months: int) -> int:
    """What is left after so many months; the first day of a month is the close of the one before."""
    close: date = month_first(month_number(span.start) + months)
    base, until = units(span, span.start, policy.convention)
    place = unit_of(close, policy.convention)
    return int(left(np.array([amount]), np.array([base]), np.array([until]), np.array([place]))[0])


@pytest.mark.parametrize("key", ROLLED)
def test_what_stands_at_the_end(key):
    case = DOCUMENTS[key]["expense"]
    parts = {name: Roll(**values) for name, values in case["parts"].items()}
    forward = RollForward(**parts)
    for row in case["then"]:
        part = getattr(forward, row.pop("part"))
        assert {name: getattr(part, name) for name in row} == row
