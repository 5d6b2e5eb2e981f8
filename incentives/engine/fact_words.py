"""What a fact of a deal is called, and where somebody completes it."""

from __future__ import annotations

from incentives.engine.conditions import DERIVED
from incentives.engine.language.values import Reason

FACT_WORDS = {
    "amount_minor": "amount",
    "cost_minor": "cost",
    "list_minor": "list price",
    "annual_value_minor": "annual value",
    "contract_value_minor": "contract value",
    "contract_months": "length of contract (contract_months)",
    "contract_kind": "kind of contract (contract_kind)",
}

OF_LINES = frozenset({"cost_minor", "list_minor", "quantity"})
OF_CONTRACTS = frozenset({"annual_value_minor", "contract_value_minor", "contract_months", "contract_kind"})


def deals_said(count: int) -> str:
    """Give a number of deals in words.

    >>> deals_said(1), deals_said(2)
    ('1 deal', '2 deals')
    """
    return f"{count} deal{'' if count == 1 else 's'}"


def fact_said(column: str) -> str:
    """Give what a column is called for a reader.

    >>> fact_said("margin_rate"), fact_said("contract_months"), fact_said("seats_minor")
    ('cost', 'length of contract (contract_months)', 'seats')
    """
    source = DERIVED.get(column, column)
    return FACT_WORDS.get(source, source.removesuffix("_minor"))


def lacking(column: str) -> Reason:
    """Give why the rate of a deal that lacks the column is not known, and how to complete the deal."""
    source, said = DERIVED.get(column, column), fact_said(column)
    where = "where the deal comes from, and import it again"
    if source in OF_LINES:
        where = "on its order lines, or in the price list"
    elif source in OF_CONTRACTS:
        where = "by importing its contract"
    apart = f"or pay deals without it by a component of their own (where: {{{column}: {{empty: true}}}})"
    fix = f"Complete the {said} {where}; {apart}."
    return Reason("FACT_EMPTY", f"it has no {said}, which decides its rate", fix)
