"""What is proposed while a formula is typed, and what its context knows."""

from __future__ import annotations

from incentives.engine.compiling import formula_context
from incentives.engine.language import Place, analyse, complete
from tests.incentives.engine.language.asking import context


def proposed(text: str, place: Place = Place.PERIOD) -> list[str]:
    return [each.text for each in complete(text, len(text), context(place))]


def test_names_and_functions_that_begin_like_the_word() -> None:
    assert proposed("ba") == ["base"]
    assert proposed("5 % * AT") == ["ATTAINMENT("]
    assert proposed("new") == ["[new-logos]"]
    assert proposed("amo", Place.CONDITION) == ["amount"]
    assert "SUM(" not in proposed("S", Place.CONDITION)


def test_the_word_at_the_cursor_is_replaced() -> None:
    found = complete("base + mea * 2", 10, context(Place.PERIOD))
    assert [(each.text, each.start, each.end, each.kind, each.type) for each in found] == [
        ("measure", 7, 10, "NAME", "money in USD")
    ]


def test_tables_and_windows_where_they_belong() -> None:
    assert proposed("TIER(b")[:1] == ["bands"]
    assert "bands" not in proposed("LOOKUP(b") and "bonuses" in proposed("LOOKUP(b")
    assert "YTD" in proposed("SUM(credit, Y") and "YTD" not in proposed("Y")
    assert "credit" in proposed("SUM(c") and "credit" not in proposed("c")


def test_nothing_inside_quotes_and_nothing_breaks() -> None:
    assert proposed("stage = 'Wo") == []
    for text in ("", "((((", ")))", "[", "[new", "💥", "x" * 5000):
        for place in Place:
            assert isinstance(proposed(text, place), list)
    assert complete("amount", -5, context()) and complete("amount", 500, context())


def test_the_context_of_a_component_while_the_plan_does_not_compile() -> None:
    document = {
        "currency": "USD",
        "tables": [{"key": "steps", "tiers": [{"rate": "5 %"}]}],
        "measures": [{"key": "logos", "measure": "COUNT", "quota": "logos"}],
        "components": [{"key": "base", "rate": "broken"}, {"key": "extra", "formula": "lo"}, {"key": "last"}],
    }
    known = formula_context(document, "extra", "formula")
    assert [each.text for each in complete("lo", 2, known)] == ["logos", "LOOKUP(", "LOWER("]
    assert analyse("base * 10 % + logos * 5 USD + measure * TIERRATE(steps, measure)", known).type == "money in USD"
    assert analyse("last", known).findings[0].code == "COMPONENT_ORDER"
    asked = formula_context(document, "extra", "where", attributes=frozenset({"stage"}))
    assert analyse("stage = 'Won'", asked).type == "yes or no"
    assert analyse("stge = 'Won'", asked).findings[0].fix == "Did you mean stage?"
    assert analyse("amount - cost", formula_context(document, "extra", "measure")).type == "money in USD"
