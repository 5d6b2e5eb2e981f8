"""Each check finds what it is for, says where and by how much, shows it by an example that comes out, and is silent otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from incentives.engine.checks import check_plan
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import read_text, write_text
from incentives.engine.testing import check_text, test_document
from incentives.selectors.curves import curve_notes
from spm.core.findings import Finding

CASES_FOLDER = Path(__file__).resolve().parents[2] / "cases"
HEAD: dict[str, Any] = {
    "plan": "p",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "MONTHLY",
}
LINEAR = {"key": "c", "rate": "5 %"}
STEPS = [{"until": "50 %", "rate": "0 %"}, {"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]


def found_in(*components: dict[str, Any], **head: Any) -> tuple[dict[str, Any], list[Finding]]:
    document = HEAD | head | {"components": list(components)}
    plan, findings = compile_plan(document)
    assert plan is not None, findings
    return document, check_plan(plan)


def shown(document: dict[str, Any], finding: Finding) -> dict[str, Any]:
    """The figures of the finding's example, after the example has come out as it says, from its own file."""
    assert finding.example is not None, finding
    text = write_text({**document, "examples": [finding.example]})
    again, _ = read_text(text)
    assert again is not None
    (result,) = test_document(again)
    assert result.passed, (result.differences, [each.message for each in result.findings])
    then: Any = finding.example["then"]
    return dict(then["people"])


CASES: list[tuple[list[dict[str, Any]], str, str, list[str]]] = [
    (
        [{"key": "c", "tier_mode": "WHOLE", "tiers": [{"until": 10000, "rate": "1 %"}, {"rate": "2 %"}]}],
        "CLIFF",
        "components.c.tiers",
        ["10,000.00 USD", "raises", "100.01 USD"],
    ),
    (
        [{"key": "c", "tier_mode": "WHOLE", "tiers": [{"until": 10000, "rate": "2 %"}, {"rate": "1 %"}]}],
        "CLIFF",
        "components.c.tiers",
        ["10,000.00 USD", "lowers", "99.98 USD"],
    ),
    (
        [{"key": "c", "quota": "q", "rate": "10 %", "threshold": "50 %"}],
        "CLIFF",
        "components.c.gates[0]",
        ["50,000.00 USD", "raises", "5,000.00 USD", "with a quota of 100,000.00 USD"],
    ),
    (
        [LINEAR | {"kickers": [{"of": "n", "at_least": 5, "amount": 900}]}, {"key": "n", "measure": "COUNT", "amount_each": 1}],
        "CLIFF",
        "components.c.kickers[0]",
        ["Reaching 5 of n raises", "950.00 USD"],
    ),
    (
        [{"key": "n", "measure": "COUNT", "quota": "q", "amount_each": 20, "gates": [{"of": "n", "at_least": "95 %"}]}],
        "CLIFF",
        "components.n.gates[0]",
        ["Reaching 10 of what counts raises the pay of a period by 200.00 USD (with a quota of 10)"],
    ),
    (
        [LINEAR | {"credit": {"where": {"amount": {"at_least": 2000}}}}],
        "CLIFF",
        "components.c.credit",
        ["2,000.00 USD", "raises", "100.00 USD"],
    ),
    (
        [{"key": "c", "tiers": [{"until": 10000, "rate": "5 %"}, {"rate": "-2 %"}]}],
        "PAY_FALLS",
        "components.c.pay",
        ["more sales pay less", "0.02 USD"],
    ),
    (
        [{"key": "c", "tiers": [{"until": 10000, "rate": "5 %"}, {"rate": "150 %"}]}],
        "PAY_EXCEEDS_SALES",
        "components.c.pay",
        ["1.50 USD", "more than what is sold"],
    ),
    ([{"key": "c", "bonus": 500, "cap": 400}], "CAP_ALWAYS_BINDS", "components.c.cap.period", ["400.00", "500.00"]),
    (
        [{"key": "c", "quota": "q", "rate": "1 %", "cap": 20000}],
        "CAP_NEVER_BINDS",
        "components.c.cap.period",
        ["20,000.00 USD", "even 1,000,000.00 USD pays 10,000.00 USD"],
    ),
    (
        [{"key": "c", "lookup": [{"amount": 50}], "cap": {"deal": 60}}],
        "CAP_NEVER_BINDS",
        "components.c.cap.deal",
        ["60.00 USD", "pays 50.00 USD"],
    ),
    (
        [LINEAR | {"gates": [{"of": "n", "at_least": 1}]}, {"key": "n", "measure": "COUNT", "amount_each": 1,
          "credit": {"where": {"amount": {"at_least": 500, "below": 300}}}}],
        "GATE_UNREACHABLE",
        "components.c.gates[0]",
        ["nothing is ever paid"],
    ),
    ([LINEAR | {"gates": [{"of": "c", "at_least": 0}]}], "GATE_ALWAYS_MET", "components.c.gates[0]", ["always met"]),
    (
        [LINEAR | {"credit": {"where": {"product": {"is": "A", "not": "A"}}}}],
        "CREDIT_UNREACHABLE",
        "components.c.credit",
        ["contradict"],
    ),
    (
        [{"key": "c", "quota": "q", "tier_mode": "WHOLE", "threshold": "60 %",
          "tiers": [{"until": "50 %", "rate": "3 %"}, {"rate": "5 %"}]}],
        "TIER_UNREACHABLE",
        "components.c.tiers[0]",
        ["Tier 1 never changes the pay"],
    ),
    (
        [{"key": "c", "per": "DEAL", "credit": {"cap": 5000}, "tiers": [{"until": 8000, "rate": "5 %"}, {"rate": "9 %"}]}],
        "TIER_UNREACHABLE",
        "components.c.tiers[1]",
        ["Tier 2 never changes the pay"],
    ),
    (
        [{"key": "c", "lookup": [{"where": {"product": ["A", "B"]}, "rate": "5 %"}, {"where": {"product": "B"}, "rate": "9 %"},
                                 {"rate": "1 %"}]}],
        "LOOKUP_UNREACHABLE",
        "components.c.lookup[1]",
        ["already fits row 1"],
    ),
    (
        [{"key": "c", "lookup": [{"where": {"amount": {"below": 1000}}, "rate": "5 %"},
                                 {"where": {"amount": {"at_least": 1000}}, "rate": "9 %"}, {"rate": "1 %"}]}],
        "LOOKUP_UNREACHABLE",
        "components.c.lookup[2]",
        ["already fits row 1 and row 2"],
    ),
    (
        [{"key": "c", "lookup": [{"where": {"discount": {"above": "30 %", "below": "20 %"}}, "rate": "5 %"}, {"rate": "1 %"}]}],
        "LOOKUP_CONTRADICTS",
        "components.c.lookup[0]",
        ["contradict each other"],
    ),
    (
        [{"key": "c", "lookup": [{"where": {"product": "A"}, "rate": "5 %"}]}],
        "LOOKUP_GAP",
        "components.c.lookup",
        ["fits no row and earns nothing"],
    ),
    (
        [{"key": "c", "lookup": [{"where": {"product": "A"}, "rate": "5 %"}, {"where": {"region": "EU"}, "rate": "9 %"},
                                 {"rate": "1 %"}]}],
        "LOOKUP_OVERLAP",
        "components.c.lookup[1]",
        ["product A", "region EU", "row 1 pays it"],
    ),
    (
        [LINEAR, {"key": "spiff", "credit": {"where": {"product": "A"}}, "rate": "2 %"}],
        "DOUBLE_PAY",
        "components.spiff.credit",
        ["spiff pays the same deals as c", "paid twice", "6,000.00 USD and 2,400.00 USD"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("components", "code", "where", "words"), CASES, ids=lambda value: str(value)[:40])
def test_a_check_finds_it_and_shows_it(
    components: list[dict[str, Any]], code: str, where: str, words: list[str]
) -> None:
    document, findings = found_in(*components)
    (finding,) = [each for each in findings if (each.code, each.where) == (code, where)][:1]
    assert all(word in finding.what for word in words), finding.what
    assert finding.why and finding.fix
    shown(document, finding)


@pytest.mark.parametrize(
    "components",
    [
        [LINEAR],
        [{"key": "c", "quota": "q", "tiers": STEPS}],
        [{"key": "c", "quota": "q", "tiers": STEPS, "cap": 9000}],
        [{"key": "c", "measure": "COUNT", "amount_each": 50}],
        [{"key": "c", "measure": "UNITS", "tiers": [{"until": 10, "amount_each": 5}, {"amount_each": 6}]}],
        [{"key": "c", "quota": "q", "target": 5000, "tiers": [{"until": "100 %", "rate": "100 %"}, {"rate": "150 %"}]}],
        [{"key": "c", "bonus": 500}],
        [{"key": "c", "credit": {"where": {"product": "A"}}, "rate": "5 %"},
         {"key": "d", "credit": {"where": {"product": "B"}}, "rate": "6 %"}],
        [{"key": "c", "credit": {"kind": "ROLLUP", "levels": "SUBTREE"}, "rate": "1 %"}],
        [{"key": "c", "credit": {"kind": "ROLLOVER", "relation": "mentor"}, "rate": "1 %"}],
        [{"key": "c", "credit": {"kind": "OVERLAY", "date": "BOOKED"}, "measure": "MARGIN", "rate": "1 %"}],
        [{"key": "c", "measure": "COUNT", "contest": {"prizes": [500, 300]}}],
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_plain_plan_has_no_finding(components: list[dict[str, Any]]) -> None:
    assert [each.message for each in found_in(*components)[1]] == []


def test_the_two_ends_of_a_cliff_stand_in_one_example() -> None:
    tiers = [{"until": 10000, "rate": "1 %"}, {"rate": "2 %"}]
    document, findings = found_in({"key": "c", "tier_mode": "WHOLE", "tiers": tiers})
    assert [each.code for each in findings] == ["CLIFF"]
    assert shown(document, findings[0]) == {"one step less": {"c": "99.99"}, "one step more": {"c": 200}}


MARGINAL = {"tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]}
WHOLE = MARGINAL | {"tier_mode": "WHOLE"}
KICKER = {"kickers": [{"of": "c", "at_least": "100 %", "amount": 2000}]}
GATE = {"gates": [{"of": "c", "at_least": "100 %"}]}
TIMES = {"multipliers": [{"of": "c", "tiers": [{"until": "100 %", "rate": "100 %"}, {"rate": "150 %"}]}]}


@pytest.mark.parametrize(
    ("fields", "clauses"),
    [
        (MARGINAL | KICKER, ["kickers[0]"]),
        (MARGINAL | GATE, ["gates[0]"]),
        (MARGINAL | TIMES, ["multipliers[0]"]),
        (WHOLE, ["tiers"]),
        (WHOLE | {"kickers": [{"of": "c", "at_least": "100 %", "amount": 100}]}, ["tiers"]),
        (WHOLE | KICKER, ["tiers"]),
        (WHOLE | {"kickers": [{"of": "c", "at_least": "100 %", "amount": 9000}]}, ["kickers[0]"]),
        ({"tiers": [{"until": 100001, "rate": "5 %"}, {"rate": "8 %"}]} | KICKER, ["kickers[0]"]),
        ({"formula": "IF(measure >= QUOTA(), 6, 5) / 100 * measure * 0 + measure * 5 %"} | KICKER, ["kickers[0]"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_cliff_is_told_of_the_clause_that_jumps_where_several_share_its_edge(
    fields: dict[str, Any], clauses: list[str]
) -> None:
    document, findings = found_in({"key": "c", "quota": "q", **fields})
    cliffs = [each for each in findings if each.code == "CLIFF"]
    assert [each.where.removeprefix("components.c.") for each in cliffs] == clauses
    shown(document, cliffs[0])


@pytest.mark.parametrize("mode", ["MARGINAL", "WHOLE"])
def test_of_amounts_no_marginal_tiers_are_advised(mode: str) -> None:
    tiers = [{"until": 10000, "amount": 0}, {"amount": 1000}]
    _, findings = found_in({"key": "c", "tier_mode": mode, "tiers": tiers})
    (cliff,) = [each for each in findings if each.code == "CLIFF"]
    assert cliff.fix.startswith("Pay by a rate or amount_each in place of amounts, or INTERPOLATED tiers")
    assert not [each.fix for each in findings if "MARGINAL" in each.fix]


@pytest.mark.parametrize(
    ("fields", "edge"),
    [
        ({"accumulation": "YTD", "goal": "WHOLE_WINDOW", "rate": "5 %"}, "1,200,000.00 USD"),
        ({"accumulation": "CONTRACT", "goal": "WHOLE_WINDOW", "rate": "5 %"}, "1,200,000.00 USD"),
        ({"accumulation": "QTD", "goal": "WHOLE_WINDOW", "rate": "5 %"}, "300,000.00 USD"),
        ({"accumulation": "YTD", "rate": "5 %"}, "100,000.00 USD"),
        ({"accumulation": "YTD", "goal": "WHOLE_WINDOW", "measure": "COUNT", "amount_each": 20}, "120"),
    ],
)
def test_a_gate_on_the_goal_of_a_whole_window_is_reached(fields: dict[str, Any], edge: str) -> None:
    gate = {"gates": [{"of": "c", "at_least": "100 %"}]}
    document, findings = found_in({"key": "c", "quota": "q", **gate, **fields})
    (finding,) = findings
    assert (finding.code, finding.where) == ("CLIFF", "components.c.gates[0]")
    assert f" {edge} of what counts" in finding.what and f"(with a quota of {edge})" in finding.what
    less, more = shown(document, finding).values()
    assert less == {"c": 0} and more != less


def test_what_takes_more_deals_than_are_tried_is_not_called_unreachable() -> None:
    gate = {"gates": [{"of": "c", "at_least": "200 %"}]}
    tiers = [{"until": "250 %", "amount_each": 20}, {"amount_each": 30}]
    count = {
        "key": "c",
        "quota": "q",
        "measure": "COUNT",
        "accumulation": "YTD",
        "goal": "WHOLE_WINDOW",
        "tiers": tiers,
    }
    assert [each.message for each in found_in(count | gate)[1] if each.code != "CLIFF"] == []


@pytest.mark.parametrize(("year", "codes"), [(59_999, []), (60_000, ["CAP_NEVER_BINDS"])])
def test_a_cap_of_the_year_is_held_against_all_its_periods(year: int, codes: list[str]) -> None:
    _, findings = found_in(LINEAR | {"cap": {"period": 5000, "year": year}}, period="MONTHLY")
    assert [each.code for each in findings if each.where.endswith("cap.year")] == codes


def test_a_cap_of_the_plan_that_nothing_reaches_is_named() -> None:
    document, findings = found_in({"key": "c", "bonus": 500}, cap=600)
    assert [(each.code, each.where) for each in findings] == [("CAP_NEVER_BINDS", "cap")]
    assert shown(document, findings[0]) == {"seller": {"c": 500}}


def test_double_pay_is_what_the_one_deal_adds_to_the_deals_that_reach_the_kicker() -> None:
    kicker = {"rate": "2 %", "kickers": [{"of": "n", "at_least": 2, "amount": 11100}]}
    document, findings = found_in(
        {"key": "c", **kicker},
        {"key": "d", "rate": "6 %"},
        {"key": "n", "measure": "COUNT", "amount_each": 0, "paid": False},
    )
    finding = next(each for each in findings if each.code == "DOUBLE_PAY")
    assert finding.what == (
        "d pays the same deals as c, for example the deal “paid twice”: 2,400.00 USD and 7,200.00 USD."
    )
    paid = shown(document, finding)
    # 12 deals of 1,000 for n: 2 % is 240, 6 % is 720; with the kicker 11,340; the deal of 120,000 adds 2,400 and 7,200
    assert paid == {"seller": {"c": 13740, "d": 7920}, "without that deal": {"c": 11340, "d": 720}}


def test_the_same_plan_gives_the_same_findings() -> None:
    twice = [found_in({"key": "c", "tier_mode": "WHOLE", "tiers": STEPS, "quota": "q"})[1] for _ in range(2)]
    assert twice[0] == twice[1]
    assert [each.example for each in twice[0]] == [each.example for each in twice[1]]


def test_tiers_of_a_quota_that_single_capped_deals_are_read_against_are_named() -> None:
    tiers = [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]
    head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}
    for fields, found in (
        ({"per": "DEAL", "cap": {"deal": 1000}}, ["components.c.per"]),
        ({"per": "DEAL"}, []),
        ({"credit": {"cap": 1000}}, []),
    ):
        plan, findings = compile_plan({**head, "components": [{"key": "c", "quota": "q", "tiers": tiers, **fields}]})
        assert plan is not None, findings
        warned = [each for each in check_plan(plan) if each.code == "TIERS_BY_DEAL"]
        assert [each.where for each in warned] == found
        assert all("use the credit cap of one deal" in each.fix for each in warned)
        assert any("single deal" in note for note in curve_notes(plan, plan.components[0])) == ("per" in fields)


@pytest.mark.parametrize(
    ("accumulation", "said"),
    [
        ("QTD", "64,000.00 USD in each of 3 months are 192,000.00 USD a quarter"),
        ("YTD", "64,000.00 USD in each of 12 months are 768,000.00 USD a fiscal year"),
        ("CONTRACT", "64,000.00 USD in each of 12 months are 768,000.00 USD in the whole plan"),
    ],
)
def test_a_target_of_each_period_that_a_window_sums_is_told_in_figures(accumulation: str, said: str) -> None:
    component = {"key": "c", "quota": "q", "rate": "100 %", "target": 64000, "accumulation": accumulation}
    document, findings = found_in(component)
    (finding,) = [each for each in findings if each.code == "TARGET_SUMMED"]
    assert finding.where == "components.c.target" and said in finding.what
    assert shown(document, finding) == {"seller": {"c": 768000 if accumulation != "QTD" else 192000}}


@pytest.mark.parametrize("fields", [{"target": "pay"}, {"accumulation": "PERIOD"}])
def test_a_target_that_is_entered_or_of_one_period_is_no_finding(fields: dict[str, Any]) -> None:
    component = {"key": "c", "quota": "q", "rate": "100 %", "target": 64000, "accumulation": "YTD", **fields}
    assert "TARGET_SUMMED" not in [each.code for each in found_in(component)[1]]


def test_a_manager_who_must_sell_too_is_not_called_unreachable_by_the_sales_of_others() -> None:
    text = (
        "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nmeasures: [{key: own}]\n"
        "components:\n"
        "  - {key: c, rate: 5 %, credit: {kind: ROLLUP}, gates: [{of: own, at_least: 500}]}\n"
        "  - {key: personal, of: own, rate: 1 %}\n"
    )
    assert [each.code for each in check_text(text) if each.code == "GATE_UNREACHABLE"] == []


@pytest.mark.parametrize(
    ("test", "start"),
    [("measure > 1000", "Above 1,000.00 USD"), ("measure >= 1000", "Reaching 1,000.00 USD"), ("measure > 999.50", "Above 999.50 USD")],
)  # fmt: skip
def test_a_cliff_says_whether_it_lies_at_its_edge_or_above_it(test: str, start: str) -> None:
    document, findings = found_in({"key": "c", "formula": f"IF({test}, 500, 0)"})
    (cliff,) = [each for each in findings if each.code == "CLIFF"]
    assert cliff.what.startswith(f"{start} of what counts, one more USD raises the pay of a period by 500.00 USD")
    assert shown(document, cliff) == {"one step less": {"c": 0}, "one step more": {"c": 500}}


def test_a_cap_of_the_year_below_the_pay_of_one_period_hides_no_tier_of_a_quota() -> None:
    """Which quota people have is not known: with a smaller one the tiers pay long before the cap of the year."""
    text = CASES_FOLDER.joinpath("two-weeks.yaml").read_text(encoding="utf-8")
    assert [each.code for each in check_text(text) if each.code != "GAMING_SHIFT"] == []


def test_a_cap_of_the_year_still_hides_a_tier_of_amounts() -> None:
    tiers = [{"until": 100000, "rate": "5 %"}, {"rate": "8 %"}]
    _, findings = found_in({"key": "c", "accumulation": "YTD", "tiers": tiers, "cap": {"year": 2500}})
    assert ("TIER_UNREACHABLE", "components.c.tiers[1]") in [(each.code, each.where) for each in findings]


@pytest.mark.parametrize(
    ("cap", "code", "words"),
    [
        (1000, "CAP_ALWAYS_BINDS", "The cap of the plan of 1,000.00 USD for a year always binds"),
        (7000, "", ""),  # the fourth quarter reaches it
        (9000, "CAP_NEVER_BINDS", "The cap of the plan of 9,000.00 USD for a year never binds"),
    ],
)
def test_a_cap_of_the_year_of_the_whole_plan_is_judged_too(cap: int, code: str, words: str) -> None:
    text = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: QUARTERLY\n"
    found = [
        each
        for each in check_text(f"{text}cap: {{year: {cap}}}\ncomponents: [{{key: c, bonus: 2000}}]\n")
        if each.code.startswith("CAP_")
    ]
    assert [each.code for each in found] == ([code] if code else [])
    assert not code or found[0].what.startswith(words)


@pytest.mark.parametrize("span", ["period", "year"])
def test_a_first_tier_that_a_cap_cuts_below_its_middle_still_pays(span: str) -> None:
    """10 % of 10,000 reach the cap of 1,000: the first tier decides up to there, the second one never."""
    component = {"key": "c", "tiers": [{"until": 100000, "rate": "10 %"}, {"rate": "15 %"}], "cap": {span: 1000}}
    found = [each.where for each in found_in(component)[1] if each.code == "TIER_UNREACHABLE"]
    assert found == ["components.c.tiers[1]"]
