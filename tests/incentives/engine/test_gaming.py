"""The search for gaming finds a move where there is one, with a gain that its example recomputes, and none where there is none."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text, write_text
from incentives.engine.gaming import KINDS, UNSEARCHED, component_gaming, find_gaming, search_gaming
from incentives.engine.testing import test_document
from spm.core.findings import Finding
from spm.core.money import parse_amount
from tests.incentives.engine.generated import generated

HEAD: dict[str, Any] = {
    "plan": "p",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "MONTHLY",
}
ACCELERATED = [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]
WHOLE = {"tier_mode": "WHOLE", "tiers": [{"until": 10000, "rate": "1 %"}, {"rate": "2 %"}]}
REGRESSIVE = {"tier_mode": "WHOLE", "tiers": [{"until": 10000, "rate": "2 %"}, {"rate": "1 %"}]}


def games(*components: dict[str, Any], **head: Any) -> tuple[dict[str, Any], list[Finding]]:
    document = HEAD | head | {"components": list(components)}
    plan, findings = compile_plan(document)
    assert plan is not None, findings
    return document, find_gaming(plan)


def recomputed(document: dict[str, Any], finding: Finding) -> tuple[int, int]:
    """Cents before and after, of the example as it stands in the file, after it has come out."""
    again, _ = read_text(write_text({**document, "examples": [finding.example]}))
    assert again is not None
    (result,) = test_document(again)
    assert result.passed, (result.differences, [each.message for each in result.findings])
    example: Any = finding.example
    sums = {"before": 0, "after": 0}
    for person, parts in example["then"]["people"].items():
        sums[person.rpartition(" ")[2]] += sum(parse_amount(str(each), document["currency"]) for each in parts.values())
    return sums["before"], sums["after"]


def assert_gains(document: dict[str, Any], finding: Finding) -> None:
    before, after = recomputed(document, finding)
    assert after - before == finding.keys["gain_minor"] > 100  # type: ignore[operator]
    assert (before, after) == (finding.keys["before_minor"], finding.keys["after_minor"])
    assert finding.what and finding.why and finding.fix


@pytest.mark.parametrize(
    ("component", "kind", "where"),
    [
        ({"per": "DEAL", **WHOLE}, "JOIN", "components.c.tiers"),
        ({"per": "DEAL", **REGRESSIVE}, "SPLIT", "components.c.tiers"),
        ({"lookup": [{"amount": 50}]}, "SPLIT", "components.c.lookup"),
        ({"measure": "COUNT", "amount_each": 20}, "SPLIT", "components.c.measure"),
        ({"rate": "5 %", "per": "DEAL", "cap": {"deal": 100}}, "SPLIT", "components.c.cap"),
        ({"rate": "5 %", "per": "DEAL", "floor": {"deal": 100}}, "SPLIT", "components.c.floor"),
        ({"rate": "5 %", "credit": {"cap": 5000}, "kickers": [{"at_least": 8000, "amount": 50}]}, "SPLIT", "components.c.credit"),
        ({"quota": "q", "tiers": ACCELERATED}, "PERIOD", "components.c.tiers"),
        ({"rate": "5 %", "cap": 1000}, "PERIOD", "components.c.cap"),
        ({"rate": "5 %", "floor": 400}, "PERIOD", "components.c.floor"),
        ({"rate": "5 %", "kickers": [{"of": "c", "at_least": 9000, "amount": 300}]}, "PERIOD", "components.c.kickers[0]"),
        ({"quota": "q", "rate": "5 %", "threshold": "60 %"}, "PERIOD", "components.c.gates[0]"),
        ({"quota": "q", "tiers": ACCELERATED}, "SHIFT", "components.c.tiers"),
        ({"rate": "5 %", "cap": 1000}, "SHIFT", "components.c.cap"),
        (REGRESSIVE, "DISCOUNT", "components.c.tiers"),
        ({"tiers": [{"until": 10000, "rate": "5 %"}, {"rate": "-5 %"}]}, "DISCOUNT", "components.c.tiers"),
        ({"quota": "q", "tiers": ACCELERATED}, "REBOOK", "components.c.reversal_rate"),
    ],
)  # fmt: skip
def test_a_move_that_pays_more_is_found(component: dict[str, Any], kind: str, where: str) -> None:
    document, findings = games({"key": "c", **component})
    named = {(each.code, each.where): each for each in findings}
    assert (f"GAMING_{kind}", where) in named, list(named)
    for finding in findings:
        assert_gains(document, finding)


def test_the_advice_about_returns_never_switches_a_clawback_off() -> None:
    component = {"key": "c", "quota": "q", "tiers": ACCELERATED}
    for clawback, named in (
        ({}, False),
        ({"clawback": {"instalments": 3}}, False),
        ({"clawback": {"within": "90 days"}}, True),
    ):
        (finding,) = [each for each in games({**component, **clawback})[1] if each.code == "GAMING_REBOOK"]
        assert ("hold for returns at the original rate only" in finding.fix) == named, finding.fix


def test_a_clawback_of_the_plan_that_no_return_of_a_component_reads_is_told() -> None:
    plan = {
        "plan": "p",
        "currency": "USD",
        "from": "2026-01-01",
        "until": "2027-01-01",
        "clawback": {"within": "90 days"},
    }
    current, original = {"key": "c", "rate": "1 %", "reversal_rate": "CURRENT"}, {"key": "o", "rate": "1 %"}
    for components, severity in (([current], "ERROR"), ([current, original], "WARNING")):
        (finding,) = [
            each for each in compile_plan({**plan, "components": components})[1] if each.code == "CLAWBACK_UNREAD"
        ]
        assert (finding.where, finding.severity, "of c:" in finding.what) == ("clawback", severity, True)


LOGOS = {"key": "n", "measure": "COUNT", "credit": {"where": {"type": "new"}}}
LARGE = {"key": "n", "measure": "COUNT", "credit": {"where": {"amount": {"at_least": 20000}}}}
THREE = {"kickers": [{"of": "n", "at_least": 3, "amount": 2500}]}
MARGIN = {"key": "m", "measure": "MARGIN"}
NEW = {"key": "m", "credit": {"where": {"product": "N"}}}


@pytest.mark.parametrize(
    ("measure", "component", "kinds", "gain"),
    [
        (LOGOS, THREE, {"SPLIT"}, 250_000),
        (LARGE, THREE, {"SPLIT"}, 250_000),
        (LOGOS, {"kickers": [{"of": "n", "at_least": 30, "amount": 2500}]}, {"SPLIT"}, 250_000),
        (LOGOS | {"quota": "n"}, {"gates": [{"of": "n", "at_least": "95 %"}]}, {"SPLIT"}, None),
        (MARGIN, {"gates": [{"of": "m", "at_least": 30000}]}, {"PERIOD", "SHIFT"}, 240_000),
        (NEW, {"gates": [{"of": "m", "at_least": 30000}]}, {"PERIOD", "SHIFT"}, 240_000),
        (MARGIN | {"quota": "m"}, {"gates": [{"of": "m", "at_least": "80 %"}]}, {"PERIOD", "SHIFT"}, 640_000),
    ],
)
def test_a_move_around_the_edge_of_another_measure_is_found(
    measure: dict[str, Any], component: dict[str, Any], kinds: set[str], gain: int | None
) -> None:
    document, findings = games({"key": "c", "rate": "8 %", **component}, measures=[measure])
    named = {each.code.removeprefix("GAMING_"): each for each in findings}
    assert kinds <= set(named)
    for kind in kinds:
        assert_gains(document, named[kind])
        assert named[kind].where in ("components.c.kickers[0]", "components.c.gates[0]")
        assert gain is None or named[kind].keys["gain_minor"] == gain


def test_splitting_does_not_raise_what_is_told_apart_by_a_name() -> None:
    customers = {"key": "n", "measure": {"kind": "DISTINCT", "column": "customer"}}
    assert games({"key": "c", "rate": "8 %", **THREE}, measures=[customers])[1] == []


@pytest.mark.parametrize(
    ("component", "kind"),
    [
        ({"quota": "q", "accumulation": "YTD", "goal": "WHOLE_WINDOW", "tiers": ACCELERATED}, "PERIOD"),
        ({"quota": "q", "tiers": ACCELERATED}, "SPLIT"),
        ({"quota": "q", "tiers": ACCELERATED}, "JOIN"),
        ({"quota": "q", "tiers": ACCELERATED}, "DISCOUNT"),
        ({"quota": "q", "reversal_rate": "CURRENT", "reverse_attainment": True, "tiers": ACCELERATED}, "SPLIT"),
        ({"rate": "5 %", "cap": 1000}, "SPLIT"),
        (WHOLE, "DISCOUNT"),
        ({"measure": "COUNT", "amount_each": 20}, "REBOOK"),
        ({"measure": "UNITS", "amount_each": 20}, "SPLIT"),
    ],
)
def test_a_move_that_does_not_pay_more_is_not_named(component: dict[str, Any], kind: str) -> None:
    assert f"GAMING_{kind}" not in {each.code for each in games({"key": "c", **component})[1]}


@pytest.mark.parametrize(
    "components",
    [
        [{"key": "c", "rate": "5 %"}],
        [{"key": "c", "rate": "5 %", "per": "DEAL"}],
        [{"key": "c", "quota": "q", "target": 5000, "rate": "100 %"}],
        [{"key": "c", "measure": "MARGIN", "rate": "20 %"}],
        [{"key": "c", "measure": {"kind": "COLUMN", "column": "arr_minor"}, "rate": "2 %"}],
        [{"key": "c", "measure": {"kind": "COLUMN", "column": "arr_minor"}, "rate": "2 %", "reversal_rate": "CURRENT"}],
        [{"key": "c", "measure": "COUNT", "amount_each": 20, "credit": {"where": {"margin": {"at_least": 5000}}}}],
        [{"key": "c", "measure": "UNITS", "amount_each": "0.25"}],
        [{"key": "c", "rate": "5 %", "credit": {"share": "40 %"}}],
        [{"key": "base", "bonus": 2000}, {"key": "c", "rate": "5 %"}],
        [{"key": "c", "rate": "5 %", "credit": {"kind": "ROLLUP"}}],
        [{"key": "c", "rate": "5 %", "credit": {"where": {"product": "A"}}}],
        [{"key": "c", "rate": "5 %"}, {"key": "race", "measure": "COUNT", "contest": {"prizes": [500, 300]}}],
        [{"key": "c", "lookup": [{"where": {"product": "A"}, "rate": "5 %"}, {"rate": "3 %"}]}],
    ],
    ids=lambda value: str(value)[:70],
)
def test_a_linear_plan_has_no_finding(components: list[dict[str, Any]]) -> None:
    assert [each.message for each in games(*components)[1]] == []


def test_the_smallest_example_says_the_gain_the_clause_and_the_remedy() -> None:
    document, findings = games({"key": "c", "rate": "5 %", "kickers": [{"of": "c", "at_least": 9000, "amount": 300}]})
    finding = next(each for each in findings if each.code == "GAMING_PERIOD")
    assert finding.where == "components.c.kickers[0]"
    assert finding.what == (
        "Moving deals over the end of a period pays 300.00 USD more: with 9,000.00 USD sold, 750.00 USD instead of 450.00 USD."
    )
    assert finding.fix == "Spread the kicker over several steps, or ask it of the year."
    assert recomputed(document, finding) == (45_000, 75_000)


def test_every_kind_of_move_is_known_and_the_search_is_the_same_twice() -> None:
    components = [{"key": "c", "quota": "q", "tiers": ACCELERATED}, {"key": "d", "per": "DEAL", **WHOLE}]
    first, second = games(*components)[1], games(*components)[1]
    assert first == second
    assert [each.example for each in first] == [each.example for each in second]
    assert {each.code.removeprefix("GAMING_") for each in first} <= set(KINDS)


def test_a_plan_of_ten_components_is_searched_in_bounded_time() -> None:
    components = [
        {"key": f"c{number}", "quota": f"q{number}", "tiers": ACCELERATED, "cap": 50_000 + number}
        for number in range(10)
    ]
    start = process_time()
    assert games(*components)[1]
    assert process_time() - start < 60


rates = st.integers(1, 2000).map(lambda value: f"{value / 100:.2f} %")
tiers = st.tuples(rates, rates).map(lambda both: [{"until": 10000, "rate": both[0]}, {"rate": both[1]}])


def test_a_plan_searched_at_once_finds_what_its_components_do_one_by_one() -> None:
    steps = {"kickers": [{"of": "n", "at_least": 5, "amount": 100}], "threshold": "30 %"}
    own = [{"key": f"c{number}", "quota": "q", "credit": {"where": {"product": f"P{number}"}}} for number in range(3)]
    components = [
        {**own[0], "tiers": ACCELERATED, "cap": 50_000},
        {**own[1], "tiers": ACCELERATED, **steps},
        {**own[2], "tiers": ACCELERATED, "from": "2026-04-01"},
        {"key": "d", "per": "DEAL", "cap": 2000, **WHOLE},
        {"key": "race", "measure": "COUNT", "contest": {"prizes": [500, 300]}},
    ]
    plan, findings = compile_plan(HEAD | {"measures": [{"key": "n", "measure": "COUNT"}], "components": components})
    assert plan is not None, findings
    one_by_one: list[Finding] = []
    for component in plan.components:
        one_by_one += component_gaming(plan, component, known=[(each.code, each.where) for each in one_by_one])
    assert [each.where for each in one_by_one if each.code == UNSEARCHED] == ["components.race.contest"]
    assert len({each.where for each in one_by_one}) > 4
    assert search_gaming(plan) == one_by_one


@generated
@given(
    tiers,
    st.sampled_from(["MARGINAL", "WHOLE"]),
    st.sampled_from(["PERIOD", "DEAL"]),
    st.sampled_from([{}, {"cap": 900}]),
)
def test_every_finding_recomputes_to_its_gain(
    steps: list[dict[str, str]], mode: str, per: str, more: dict[str, int]
) -> None:
    document, findings = games({"key": "c", "tier_mode": mode, "per": per, "tiers": steps, **more})
    for finding in findings:
        assert_gains(document, finding)
