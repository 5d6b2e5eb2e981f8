"""A pot that those who take part share: bad input, who is not known, and how a part is told."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.prose import plan_clauses
from incentives.engine.run import Result, compute
from incentives.engine.sentences_german import GERMAN
from incentives.engine.trace import TraceNode, trace
from tests.incentives.engine.test_findings import HEAD, codes, earned, frames, plan_of

POT = {"pot": "100", "share": "EQUAL"}


def pot(**contest: Any) -> dict[str, Any]:
    return {"key": "c", "quota": "revenue", "contest": {**POT, **contest}}


@pytest.mark.parametrize(
    ("contest", "code", "where"),
    [
        ({"share": "EQUAL"}, "CONTEST_POT", "components[0].contest.pot"),
        ({"share": "EQUAL", "pot": 0}, "CONTEST_POT", "components[0].contest.pot"),
        ({"share": "PROPORTIONAL", "pot": -5}, "CONTEST_POT", "components[0].contest.pot"),
        ({"share": "HALF", "pot": 5}, "CHOICE_UNKNOWN", "components[0].contest.share"),
        ({"pot": 5}, "CONTEST_WITHOUT_PRIZES", "components[0].contest.prizes"),
        (POT | {"prizes": ["50 %"]}, "FIELD_UNUSED", "components[0].contest.prizes"),
        (POT | {"ties": "EACH"}, "FIELD_UNUSED", "components[0].contest.ties"),
        (POT | {"by": "ATTAINMENT"}, "FIELD_UNUSED", "components[0].contest.by"),
        ({"prizes": [5], "by": "ATTAINMENT"}, "QUOTA_MISSING", "components[0].contest.by"),
        ({"prizes": [5], "by": "GROWTH"}, "CHOICE_UNKNOWN", "components[0].contest.by"),
        (POT | {"minimum": "50 %"}, "QUOTA_MISSING", "components[0].contest.minimum"),
        ({"prizes": [5], "minimum": "50 %"}, "QUOTA_MISSING", "components[0].contest.minimum"),
        (POT | {"minimum": "half"}, "AMOUNT_UNREADABLE", "components[0].contest.minimum"),
    ],
    ids=str,
)
def test_a_pot_that_says_no_sense_is_named(contest: dict[str, Any], code: str, where: str) -> None:
    plan, findings = compile_plan({**HEAD, "components": [{"key": "c", "contest": contest}]})
    assert plan is None
    assert [(each.code, each.where) for each in findings] == [(code, where)]


def deals(*amounts: int) -> list[dict[str, Any]]:
    return [
        row | {"amount_minor": amount} for row, amount in zip(frames().deals.to_dict("records"), amounts, strict=True)
    ]


def test_parts_sum_to_the_pot_and_equal_remainders_go_by_key() -> None:
    assert earned(compute(frames(), [plan_of(pot())])) == {"ada": 3334, "bob": 3333, "cy": 3333}
    by_value = compute(frames(deals=deals(1, 1, 5)), [plan_of(pot(pot="0.10", share="PROPORTIONAL"))])
    assert earned(by_value) == {"ada": 2, "bob": 1, "cy": 7}


def test_nothing_and_less_than_nothing_take_no_part_in_proportion() -> None:
    result = compute(frames(deals=deals(0, -500, 7)), [plan_of(pot(share="PROPORTIONAL"))])
    assert earned(result) == {"ada": 0, "bob": 0, "cy": 10_000}
    nobody = compute(frames(deals=deals(0, -500, 0)), [plan_of(pot(share="PROPORTIONAL"))])
    assert (earned(nobody), codes(nobody)) == ({"ada": 0, "bob": 0, "cy": 0}, [])


def test_an_attainment_decides_who_takes_part_of_prizes_too() -> None:
    sold = frames(deals=deals(50_000, 49_999, 10_000))
    assert earned(compute(sold, [plan_of(pot(minimum="50 %"))])) == {"ada": 10_000, "bob": 0, "cy": 0}
    prizes = {"key": "c", "quota": "revenue", "contest": {"prizes": [9, 5, 3], "minimum": "49 %"}}
    assert earned(compute(sold, [plan_of(prizes)])) == {"ada": 900, "bob": 500, "cy": 0}


def without_quota(who: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frames().quotas.to_dict("records")  # type: ignore[union-attr]
    return [row for row in rows if row["participant_key"] != who]


def test_nobody_is_paid_of_a_pot_while_somebody_is_not_known() -> None:
    result = compute(frames(quotas=without_quota("bob")), [plan_of(pot(minimum="1 %"))])
    assert earned(result) == {}
    assert sorted(codes(result)) == ["POT_UNDECIDED", "POT_UNDECIDED", "QUOTA_MISSING"]
    mine = next(each for each in result.findings if each.code == "POT_UNDECIDED")
    assert mine.what == "ada shares a pot with bob, who can't be calculated in 2026-Q1, so no part of it is known."
    assert mine.fix == "Correct what bob lacks."
    by_amount = compute(frames(quotas=without_quota("bob")), [plan_of(pot())])
    assert earned(by_amount) == {"ada": 3334, "bob": 3333, "cy": 3333}


def rates_of(result: Result, who: str) -> TraceNode:
    tree = trace(result, who, "c", "2026-Q1")
    assert tree.check()
    return next(each for each in tree.children if each.label == "How").children[0]


def test_the_trace_names_the_pot_the_part_and_the_rest() -> None:
    equal = compute(frames(), [plan_of(pot())])
    assert [(node.label, node.words) for node in rates_of(equal, "ada").children] == [
        ("Part of the pot", "100.00 USD in equal parts for 3 who take part"),
        ("Rest of the pot", "whole units that sum to the pot: the largest remainders get one more"),
    ]
    shared = compute(frames(deals=deals(900, 450, 0)), [plan_of(pot(share="PROPORTIONAL", pot="900"))])
    node = rates_of(shared, "bob").children[0]
    assert (node.words, str(node.amount), earned(shared)["bob"]) == (
        "900.00 USD × 4.50 USD of 13.50 USD, which 2 who take part have together",
        "300",
        30_000,
    )
    assert rates_of(shared, "cy").children == ()


def test_a_multiplier_and_a_gate_come_after_the_part() -> None:
    gate = pot() | {"gates": [{"of": "c", "at_least": "20 %"}]}
    assert earned(compute(frames(deals=deals(50_000, 1, 1)), [plan_of(gate)])) == {"ada": 3334, "bob": 0, "cy": 0}


def test_a_pot_is_told_with_its_minimum_in_both_languages() -> None:
    plan = plan_of(pot(minimum="50 %"))
    english, german = (
        next(each.text for each in plan_clauses(plan, *language) if each.where == "components.c.pay")
        for language in ((), (GERMAN,))
    )
    assert english == (
        "A pot of 100.00 USD for each quarter is shared in equal parts by everybody who takes part. Only who reaches 50 % of the quota "
        "takes part. The parts sum to the pot: what the division leaves over goes in smallest units of USD to the largest remainders."
    )
    assert german.startswith(
        "Ein Topf von 100,00 USD je Quartal wird unter allen, die teilnehmen, zu gleichen Teilen geteilt. "
        "Nur wer 50 % der Quote erreicht, nimmt teil."
    )


def test_a_rank_by_attainment_is_exact_and_shares_equal_ones() -> None:
    """Bob's 6.01 of 20.00 leads Ada's 9.00 of 30.00 by a twentieth of a percent, though she sold more; Cy reached as much as Ada."""
    plan = plan_of({"key": "c", "quota": "revenue", "contest": {"prizes": ["50", "20"], "by": "ATTAINMENT"}})
    goals = [row | {"amount_minor": goal} for row, goal in zip(QUOTAS, (3000, 2000, 10), strict=True)]
    result = compute(frames(deals=deals(900, 601, 3), quotas=goals), [plan])
    assert earned(result) == {"ada": 1000, "bob": 5000, "cy": 1000}
    assert "Whoever reaches the highest percentage of the quota wins: place 1 " in told(plan)
    unset = compute(frames(deals=deals(900, 601, 3), quotas=goals[:2]), [plan])
    assert codes(unset) == ["QUOTA_MISSING"] and earned(unset) == {"ada": 2000, "bob": 5000}


QUOTAS = frames().quotas.to_dict("records")


def told(plan: Any) -> str:
    return " ".join(clause.text for clause in plan_clauses(plan))
