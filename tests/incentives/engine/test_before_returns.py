"""What a component reads as if its returns had not come: told where only that can't be calculated, and bounded."""

from __future__ import annotations

from typing import Any

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text
from incentives.engine.examples import computed, read_given
from incentives.engine.nodes import TraceNode
from incentives.engine.reading import Reader
from incentives.engine.testing import test_text as run_text
from incentives.engine.trace import trace

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"


def findings(text: str) -> list[Any]:
    """What an example finds, where its figures came out."""
    (outcome,) = run_text(HEAD + text)
    assert not outcome.differences
    return list(outcome.findings)


def test_what_is_unknown_only_without_the_returns_is_told_of_the_component_that_reads_it() -> None:
    found = findings("""
measures: [{key: net, reversal_rate: CURRENT}]
components:
  - {key: part, reversal_rate: CURRENT, formula: "measure * (measure / (net - 10000))"}
  - {key: top, formula: "part * 10 %"}
examples:
  - name: half of it comes back
    given:
      period: 2026-02
      deals: [{key: sale, amount: 10000, on: 2026-02-01}, {key: back, amount: -5000, on: 2026-02-05, reverses: sale}]
    then: {components: {part: -5000}}
""")
    (told,) = [each for each in found if each.is_error]
    assert told.keys["component_key"] == "top"
    assert told.what.startswith("As if nothing had come back: The formula can't be computed for seller in 2026-02")


def test_components_that_each_take_other_returns_back_are_bounded() -> None:
    products = [f"p{number}" for number in range(9)]
    components = ["  - {key: c0, credit: {where: {product: p0}}, rate: 10 %}"]
    for number in range(1, 9):
        formula = " + ".join(f"c{earlier}" for earlier in range(number))
        components.append(f'  - {{key: c{number}, credit: {{where: {{product: p{number}}}}}, formula: "{formula}"}}')
    deals = [f"        - {{key: s{each}, amount: 1000, product: {each}, on: 2026-02-01}}" for each in products]
    deals += [
        f"        - {{key: b{each}, amount: -100, product: {each}, on: 2026-02-05, reverses: s{each}}}"
        for each in products
    ]
    lines = [
        "components:",
        *components,
        "examples:",
        "  - name: all",
        "    given:",
        "      period: 2026-02",
        "      deals:",
        *deals,
    ]
    found = findings("\n".join([*lines, "    then: {components: {c0: 90, c1: 81}}"]))
    assert {each.keys["component_key"] for each in found if each.code == "RETURNS_INTERLACED"} == {"c8"}


def test_a_trace_says_where_a_figure_is_read_before_returns() -> None:
    document, _ = read_text(HEAD + """
components:
  - {key: base, rate: 10 %}
  - {key: half, formula: "base * 50 %"}
examples:
  - name: back
    given:
      periods: [2026-01, 2026-02]
      deals: [{key: first, amount: 10000, on: 2026-01-10}, {key: back, amount: -10000, on: 2026-02-10, reverses: first}]
""")  # fmt: skip
    plan, _ = compile_plan({key: value for key, value in document.items() if key != "examples"})
    assert plan is not None
    result = computed(read_given(Reader(document["examples"][0]["given"], "given", []), [plan]))
    told = {period: _words(trace(result, "seller", "half", period, plan_key="p")) for period in ("2026-01", "2026-02")}
    assert "what base earns" in told["2026-01"]
    assert "what base earns, before returns" not in told["2026-01"]
    assert "what base earns, before returns" in told["2026-02"]


def _words(node: TraceNode) -> list[str]:
    return [node.words, *(words for child in node.children for words in _words(child))]


def test_many_components_on_all_before_them_are_read_once_each() -> None:
    """Each on all of those before it, under returns and a window: what is asked of one is not asked anew by every other."""
    lines = [
        "components:",
        "  - {key: c0, accumulation: YTD, tier_mode: WHOLE, tiers: [{until: 1500, rate: 5 %}, {rate: 10 %}]}",
    ]
    for number in range(1, 24):
        lines.append(f'  - {{key: c{number}, formula: "MAX({", ".join(f"c{each}" for each in range(number))}, 0)"}}')
    lines += [f"  - {{key: g{number}, greater_of: [{_two(number)}]}}" for number in range(30)]
    found = findings("\n".join([*lines, """
examples:
  - name: the first of two comes back
    given:
      periods: [2026-02, 2026-03]
      deals:
        - {key: a, amount: 1000, on: 2026-02-01}
        - {key: b, amount: 1000, on: 2026-03-01}
        - {key: back, amount: -1000, on: 2026-03-05, reverses: a}
    then: {components: {c0: 100, c23: 100, g29: 100}}
"""]))  # fmt: skip
    assert not [each for each in found if each.is_error]


def _two(number: int) -> str:
    return ", ".join(f"g{number - back}" if number >= back else f"c{2 + back}" for back in (1, 2))


def test_a_key_with_braces_is_told_as_it_is() -> None:
    found = findings("""
components: [{key: c, rate: 10 %}]
examples:
  - name: what it returns is not known
    given:
      period: 2026-02
      deals: [{key: "back {1}", amount: -100, on: 2026-02-05, reverses: sale}]
""".rstrip() + "\n    then: {earned: 0}\n")  # fmt: skip
    assert [each.what for each in found if each.code == "RETURN_WITHOUT_SALE"] == [
        "back {1} returns a deal that no known plan version paid to seller or its owner, so what it earned is unknown."
    ]
