"""Joins, moves, plan changes, raises, ramps and leave within a quarter: figures worked out by hand, as the plan language says.

The second quarter of 2026 has 91 days. A seat's quota is 9,100.00 a quarter, target pay 36,400.00 a year: 100.00 a day each.
"""

from datetime import date

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import compute
from incentives.engine.terms import ramp_stretches
from spm.core.dated import day_of
from spm.core.money import RATE_SCALE
from spm.core.periods import Calendar, CalendarKind, periods_frame

YEAR = (date(2026, 1, 1), date(2027, 1, 1))
Q2 = (date(2026, 4, 1), date(2026, 7, 1))
MAY16 = date(2026, 5, 16)
"""45 days of the quarter lie before it, 46 begin with it."""


def plan(key="reps", *, proration="DAYS", pay="target: variable, rate: 100 %"):
    document = {
        "plan": key,
        "currency": "USD",
        "from": "2026-01-01",
        "until": "2027-01-01",
        "proration": proration,
        "components": [{"key": "variable", "quota": "amount", **dict(part.split(": ") for part in pay.split(", "))}],
    }
    compiled, findings = compile_plan(document)
    assert compiled is not None, findings
    return compiled


def frame(names, values):
    return pd.DataFrame(values, columns=names.split()) if values else None


def quarter(
    *plans,
    sold=(),
    held=(("a", None, *YEAR),),
    on=(("reps", "al", None, None, *YEAR),),
    quotas=(("a", 9_100_00), ("b", 18_200_00)),
    targets=(("al", None, 36_400_00, *YEAR),),
    ramps=(),
    leaves=(),
):
    """What `al` gets in the second quarter, in cents by plan, with the quota that was asked for."""
    periods = Calendar(CalendarKind.QUARTERLY).periods(*YEAR)
    facts = Facts(
        deals=frame(
            "deal_key owner_key amount_minor currency credit_on",
            [(f"d{number}", "al", amount, "USD", day) for number, (amount, day) in enumerate(sold)]
            or [("d", "al", 0, "USD", Q2[0])],
        ),
        positions=frame("position_key title_key from_on until_on", list(held)).assign(participant_key="al"),
        assignments=frame("plan_key participant_key position_key title_key from_on until_on", list(on)),
        periods=periods_frame(periods),
        quotas=frame(
            "position_key period_key amount_minor", [(seat, "2026-Q2", amount) for seat, amount in quotas]
        ).assign(measure="amount"),
        targets=frame(
            "participant_key position_key name amount_minor currency from_on until_on",
            [(who, seat, "variable", amount, "USD", *days) for who, seat, amount, *days in targets],
        ),
        ramps=frame("participant_key position_key share from_on until_on", list(ramps)),
        leaves=frame("participant_key relieves_quota relieves_target from_on until_on", list(leaves)),
    )
    result = compute(facts, list(plans))
    rows = result.earnings[result.earnings["period_key"] == "2026-Q2"].to_dict("records")
    return {row["plan_key"]: (int(row["quota_minor"]), int(row["earned_minor"])) for row in rows}


@pytest.mark.parametrize(
    ("proration", "joined", "quota"),
    [
        # by days 46 of 91
        ("DAYS", MAY16, 4_600_00),
        # by months: May's middle day is the 16th, so May and June of three
        ("MONTHS", MAY16, 6_066_67),
        ("MONTHS", date(2026, 5, 17), 3_033_33),
        ("NONE", MAY16, 9_100_00),
    ],
)
def test_who_joins_in_the_middle_of_a_month(proration, joined, quota):
    held = [("a", None, joined, YEAR[1])]
    # all of the quota sold: all of the target, which counts by the same part
    found = quarter(plan(proration=proration), held=held, sold=[(quota, date(2026, 6, 1))])
    assert found == {"reps": (quota, quota)}


@pytest.mark.parametrize(
    ("last_day_after", "quota"),
    [
        # April alone is held on its middle day
        (date(2026, 4, 17), 3_033_33),
        (date(2026, 5, 16), 3_033_33),
        (date(2026, 5, 17), 6_066_67),
        (date(2026, 7, 1), 9_100_00),
    ],
)
def test_who_leaves_in_the_middle_of_a_quarter_by_months(last_day_after, quota):
    found = quarter(plan(proration="MONTHS"), held=[("a", None, YEAR[0], last_day_after)], sold=[(quota, Q2[0])])
    assert found == {"reps": (quota, quota)}


def test_who_leaves_in_the_middle_of_a_quarter_by_days():
    # 45 of 91 days; 2,250.00 of 4,500.00 is half of a target of 4,500.00
    found = quarter(plan(), held=[("a", None, YEAR[0], MAY16)], sold=[(2_250_00, Q2[0])])
    assert found == {"reps": (4_500_00, 2_250_00)}


def test_a_title_of_another_plan_in_the_middle_of_a_quarter():
    # 45 days under reps at quota 4,500.00, 46 days under leads at 5 % of what is sold and quota 4,600.00
    held = [("a", "rep", YEAR[0], MAY16), ("a", "lead", MAY16, YEAR[1])]
    on = [("reps", None, None, "rep", *YEAR), ("leads", None, None, "lead", *YEAR)]
    sold = [(9_000_00, date(2026, 5, 15)), (2_000_00, MAY16)]
    found = quarter(plan(), plan("leads", pay="rate: 5 %"), held=held, on=on, sold=sold)
    # 9,000.00 is 200 % of 4,500.00: twice 4,500.00; 5 % of 2,000.00
    assert found == {"reps": (4_500_00, 9_000_00), "leads": (4_600_00, 100_00)}


@pytest.mark.parametrize(
    ("proration", "quota"),
    [
        # by days: 9,100.00 × 45 / 91 + 18,200.00 × 46 / 91
        ("DAYS", 4_500_00 + 9_200_00),
        # by months: April of the first seat, May and June of the second: 3,033.33… + 12,133.33… rounded once
        ("MONTHS", 15_166_67),
    ],
)
def test_a_move_to_a_seat_with_another_quota(proration, quota):
    held = [("a", None, YEAR[0], MAY16), ("b", None, MAY16, YEAR[1])]
    found = quarter(plan(proration=proration), held=held, sold=[(quota, Q2[0])])
    assert found == {"reps": (quota, 9_100_00)}


def test_months_of_several_seats_sum_to_the_quarter():
    """Fifteen days each, then the rest: no month is asked for twice."""
    days = [YEAR[0], date(2026, 4, 16), date(2026, 5, 1), date(2026, 5, 16), YEAR[1]]
    held = [(seat, None, *span) for seat, span in zip("abab", zip(days, days[1:], strict=False), strict=True)]
    same = [("a", 9_100_00), ("b", 9_100_00)]
    assert quarter(plan(proration="MONTHS"), held=held, quotas=same)["reps"][0] == 9_100_00


def test_a_dated_override_by_person_beats_the_seats_and_that_the_titles():
    held = [("a", "rep", *YEAR)]
    on = [
        ("title", None, None, "rep", *YEAR),
        ("seat", None, "a", None, date(2026, 5, 1), YEAR[1]),
        ("own", "al", None, None, date(2026, 6, 1), date(2026, 6, 16)),
    ]
    plans = [plan(key, pay=f"rate: {rate} %") for key, rate in (("title", 1), ("seat", 2), ("own", 3))]
    sold = [(100_00, day) for day in (date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 15), date(2026, 6, 16))]
    found = quarter(*plans, held=held, on=on, sold=sold)
    # 30 days, 31 + 15 days, 15 days of 91
    assert found == {"title": (3_000_00, 1_00), "seat": (4_600_00, 4_00), "own": (1_500_00, 3_00)}


def test_a_raise_of_target_pay_in_the_middle_of_a_quarter():
    # 45 days at 100.00 and 46 days at 150.00: 4,500.00 + 6,900.00
    targets = [("al", None, 36_400_00, YEAR[0], MAY16), ("al", None, 54_600_00, MAY16, YEAR[1])]
    assert quarter(plan(), targets=targets, sold=[(9_100_00, Q2[0])]) == {"reps": (9_100_00, 11_400_00)}


def test_a_ramp_of_three_months_at_25_50_and_75_percent():
    shares = [RATE_SCALE * part // 4 for part in (1, 2, 3)]
    ramps = [("al", None, share, day_of(begin), day_of(end)) for begin, end, share in ramp_stretches(Q2[0], shares)]
    # 30 days at 25.00, 31 at 50.00, 30 at 75.00: 750.00 + 1,550.00 + 2,250.00
    found = quarter(plan(), ramps=ramps, sold=[(4_550_00, Q2[0])])
    assert found == {"reps": (4_550_00, 9_100_00)}
    # from 16 May: 31 days at 25.00 until 15 June, then 15 at 50.00; 45 days before at 100.00
    late = [("al", None, share, day_of(begin), day_of(end)) for begin, end, share in ramp_stretches(MAY16, shares)]
    assert quarter(plan(), ramps=late)["reps"][0] == 4_500_00 + 775_00 + 750_00


def test_an_unpaid_leave_of_ten_days():
    leave = (date(2026, 5, 4), date(2026, 5, 14))
    # 81 days are left of quota and target pay: 8,100.00 each
    found = quarter(plan(), leaves=[("al", 1, 1, *leave)], sold=[(4_050_00, Q2[0])])
    assert found == {"reps": (8_100_00, 4_050_00)}
    # the quota alone: 8,100.00 sold is 100 % of it and pays the whole target
    found = quarter(plan(), leaves=[("al", 1, 0, *leave)], sold=[(8_100_00, Q2[0])])
    assert found == {"reps": (8_100_00, 9_100_00)}


def test_join_ramp_leave_and_raise_together():
    """Joined on 1 May with 50 % in the first month, away for the first ten days of June, a raise on 11 June."""
    ramps = [("al", None, RATE_SCALE // 2, date(2026, 5, 1), date(2026, 6, 1))]
    leaves = [("al", 1, 1, date(2026, 6, 1), date(2026, 6, 11))]
    raise_on = date(2026, 6, 11)
    targets = [("al", None, 36_400_00, YEAR[0], raise_on), ("al", None, 54_600_00, raise_on, YEAR[1])]
    held = [("a", None, date(2026, 5, 1), YEAR[1])]
    # quota: 31 days at 50.00 and 20 at 100.00; target: 31 days at 100.00 and 20 at 150.00
    found = quarter(plan(), held=held, ramps=ramps, leaves=leaves, targets=targets, sold=[(3_550_00, raise_on)])
    assert found == {"reps": (3_550_00, 6_100_00)}
