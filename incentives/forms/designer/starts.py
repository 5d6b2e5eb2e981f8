"""What a new entry or another way to pay begins with: figures that compile, so that a card is never born broken."""

from __future__ import annotations

from typing import Any

QUOTA = "amount"

EMPTY_FORMULA = "amount > 0"
"""What a condition begins with that is written as a formula."""

FIRST_TIERS = [{"until": "50 %", "rate": "3 %"}, {"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]
"""The tiers of the one component that an empty plan begins with."""

WAY_STARTS: dict[str, dict[str, Any]] = {
    "rate": {"rate": "5 %"},
    "amount_each": {"measure": "COUNT", "amount_each": "100"},
    "tiers": {"quota": QUOTA, "tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]},
    "curve": {
        "quota": QUOTA,
        "target": "10000",
        "curve": [{"at": "50 %", "pays": "0 %"}, {"at": "100 %", "pays": "100 %"}, {"at": "150 %", "pays": "200 %"}],
    },
    "lookup": {"lookup": [{"where": {"product": "A"}, "rate": "5 %"}, {"rate": "3 %"}]},
    "matrix": {
        "per": "DEAL",
        "matrix": {
            "rows": {"column": "amount", "edges": ["10000"]},
            "columns": {"column": "amount", "edges": ["50000"]},
            "rates": [["3 %", "4 %"], ["4 %", "5 %"]],
        },
    },
    "bonus": {"bonus": "1000"},
    "objectives": {
        "target": "2000",
        "objectives": [
            {"key": "first", "name": "First objective", "weight": "60 %"},
            {"key": "second", "name": "Second objective", "weight": "40 %"},
        ],
    },
    "contest": {"contest": {"prizes": ["1000", "500", "250"], "minimum": "1000", "ties": "SHARE"}},
    "greater_of": {"greater_of": []},
    "formula": {"formula": "measure * 5 %"},
}
"""By way to pay: the fields of the component that are not given yet."""

SHARED_POT: dict[str, Any] = {"pot": "10000", "share": "EQUAL"}
"""What a shared pot begins with."""

ENTRIES: dict[str, Any] = {
    "components": {"name": "New component", "rate": "5 %"},
    "measures": {"key": "measure", "name": "New measure", "measure": "COUNT"},
    "credit": {"kind": "DIRECT"},
    "multipliers": {"of": "", "tiers": [{"until": "100 %", "rate": "100 %"}, {"rate": "120 %"}]},
    "kickers": {"of": "", "at_least": "100 %", "amount": "1000"},
    "gates": {"of": "", "at_least": "100 %"},
    "lookup": {"where": {}, "rate": "3 %"},
    "objectives": {"key": "objective", "name": "", "weight": "0 %"},
    "parts": {"share": "0 %", "when": "CASH_FULL"},
    "prizes": "100",
    "edges": "",
    "greater_of": "",
    "tables": {"key": "table", "tiers": [{"until": "10000", "rate": "3 %"}, {"rate": "5 %"}]},
}
"""By list: the entry that is added."""


def empty_document(*, currency: str, year: int) -> dict[str, Any]:
    """Give what a plan begins with that is written from nothing: one component on tiers."""
    first = {
        "name": "Commission",
        "credit": {"kind": "DIRECT", "where": {"stage": "Won"}},
        "quota": QUOTA,
        "tiers": FIRST_TIERS,
    }
    head = {"name": f"New plan {year}", "currency": currency, "from": f"{year}-01-01", "until": f"{year + 1}-01-01"}
    return {**head, "period": "QUARTERLY", "components": [first]}
