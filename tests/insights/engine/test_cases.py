"""The published cases of forecasting, through the engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from insights.engine.forecast import Deals, Span, record, weighted_pipeline
from spm.core.money import RATE_SCALE
from tests.casebook import FORECAST_CASES


def _error(given: Any) -> dict[str, Any]:
    found = record(list(zip(given["forecast"], given["actual"], strict=True)))
    assert found.wmape_rate is not None
    return {"mae": round(found.wmape_rate * sum(given["actual"]) / found.tests / RATE_SCALE, 2)}


def _weighted(given: Any) -> dict[str, Any]:
    """One open deal of a product of which so many of a hundred decided deals were won, each on its tenth day."""
    return {"weighted": [_one(given["amount"], won) for won in given["won_of_a_hundred"]]}


def _one(amount: int, won: int) -> int | None:
    decided = [(0, 10, "won", 1, "p")] * won + [(0, 10, "lost", 1, "p")] * (100 - won)
    columns = ["created_on", "close_on", "status", "amount_minor", "product_key"]
    deals = Deals.of(pd.DataFrame([*decided, (19, None, "open", amount, "p")], columns=columns))
    return weighted_pipeline(deals, span=Span(20, 50), day=20).amount_minor


WAYS: dict[str, Callable[[Any], dict[str, Any]]] = {"error": _error, "weighted": _weighted}


@pytest.mark.parametrize("path", FORECAST_CASES, ids=lambda path: path.stem)
def test_a_published_case(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))["forecast"]
    [way] = case.keys() & WAYS.keys()
    assert WAYS[way](case[way]) == case["then"]
