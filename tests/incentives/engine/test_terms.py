"""Target pay, ramp and leave: what they make of quotas and targets, to the cent, on every kind of change within a period."""

from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import compute
from incentives.engine.terms import ramp_stretches
from spm.core.dated import day_of
from spm.core.money import RATE_SCALE, round_half_away
from spm.core.periods import Calendar, CalendarKind, periods_frame

YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def plan(period="QUARTERLY", proration="DAYS", target="variable"):
    document = {
        "plan": "reps",
        "currency": "USD",
        "from": "2019-01-01",
        "until": "2030-01-01",
        "period": period,
        "proration": proration,
        "components": [{"key": "variable", "quota": "amount", "target": target, "rate": "100 %"}],
    }
    compiled, findings = compile_plan(document)
    assert compiled is not None, findings
    return compiled


def rows(names, values):
    return pd.DataFrame(values, columns=names) if values else None


def result(own, *, held=None, quotas=None, targets=(), ramps=(), leaves=(), year=YEAR, sold=()):
    """What the person `al` on the seats of `held` (seat, from, until) comes to in the periods of the year."""
    periods = Calendar(CalendarKind(own.period)).periods(*year)
    held = held or [("a", year[0], year[1])]
    quotas = quotas if quotas is not None else [("a", None, period.key, 9_000_00) for period in periods]
    seats = pd.DataFrame(held, columns=["position_key", "from_on", "until_on"]).assign(participant_key="al")
    facts = Facts(
        deals=pd.DataFrame(
            sold or [("d", "al", 0, "USD", year[0])],
            columns=["deal_key", "owner_key", "amount_minor", "currency", "credit_on"],
        ),
        positions=seats,
        assignments=seats.drop(columns="position_key").assign(plan_key="reps").drop_duplicates(),
        periods=periods_frame(periods),
        quotas=pd.DataFrame(quotas, columns=["position_key", "participant_key", "period_key", "amount_minor"]).assign(
            measure="amount"
        ),
        targets=rows(
            ["participant_key", "position_key", "name", "amount_minor", "from_on", "until_on"],
            [(who, seat, "variable", amount, start, end) for who, seat, amount, start, end in targets],
        ),
        ramps=rows(["participant_key", "position_key", "share", "from_on", "until_on"], list(ramps)),
        leaves=rows(["participant_key", "relieves_quota", "relieves_target", "from_on", "until_on"], list(leaves)),
    )
    if facts.targets is not None:
        facts.targets["currency"] = "USD"
    return compute(facts, [own])


def quotas_in(own, **more):
    """The quota of each period that is known, in cents."""
    targets = more.pop("targets", [("al", None, 1, *more.get("year", YEAR))])
    frame = result(own, targets=targets, **more).earnings
    return {row["period_key"]: int(row["quota_minor"]) for row in frame.to_dict("records")}


def ramped(start, shares, who="al", seat=None):
    return [(who, seat, share, day_of(begin), day_of(end)) for begin, end, share in ramp_stretches(start, shares)]


def test_published_a_joiner_on_the_first_of_march_carries_a_third_of_the_quarter():
    """quota-quickbase-proration: 6,667 + 20,000 + 20,000 + 40,000 = 86,667 in whole dollars."""
    year = (date(2019, 1, 1), date(2020, 1, 1))
    keys = [period.key for period in Calendar(CalendarKind.QUARTERLY).periods(*year)]
    weights = dict(zip(keys, (20, 20, 20, 40), strict=True))
    found = quotas_in(
        plan(proration="MONTHS"),
        year=year,
        held=[("a", date(2019, 3, 1), year[1])],
        quotas=[("a", None, key, 100_000_00 * weight // 100) for key, weight in weights.items()],
    )
    assert [round_half_away(found[key], 100) for key in keys] == [6_667, 20_000, 20_000, 40_000]
    assert round_half_away(sum(found.values()), 100) == 86_667


def test_published_a_ramp_by_month_of_service():
    """quota-salescookie-ramp: 10,000, 20,000, 30,000, then the full 45,000."""
    shares = [round_half_away(part * RATE_SCALE, 9) for part in (2, 4, 6)]
    quotas = [("a", None, f"2026-{month:02d}", 45_000_00) for month in range(1, 13)]
    found = quotas_in(plan("MONTHLY"), quotas=quotas, ramps=ramped(YEAR[0], shares))
    assert [found[f"2026-{month:02d}"] for month in (1, 2, 3, 4)] == [10_000_00, 20_000_00, 30_000_00, 45_000_00]


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        # April to June has 91 days; 13 of them away
        ((date(2026, 4, 10), date(2026, 4, 23)), 9_000_00 * 78 // 91 + 1),
        ((date(2026, 4, 1), date(2026, 7, 1)), 0),
        ((date(2026, 3, 20), date(2026, 4, 1)), 9_000_00),
    ],
)
def test_a_leave_relieves_the_quota_by_its_days(leave, expected):
    exact = round_half_away(
        9_000_00 * (91 - max(0, (min(leave[1], date(2026, 7, 1)) - max(leave[0], date(2026, 4, 1))).days)), 91
    )
    found = quotas_in(plan(), leaves=[("al", 1, 0, *leave)])
    assert found.get("2026-Q2", 0) == exact and abs(exact - expected) <= 1


def test_a_leave_may_count_as_stated():
    assert quotas_in(plan(), leaves=[("al", 0, 0, date(2026, 4, 1), date(2026, 6, 1))])["2026-Q2"] == 9_000_00


def test_a_quota_of_the_person_is_ramped_and_relieved_like_that_of_the_seat():
    own = [(None, "al", "2026-Q1", 9_000_00)]
    ramps = [("al", None, 50_000_000, date(2026, 1, 1), date(2026, 2, 1))]
    # 31 of 90 days at half
    wanted = round_half_away(9_000_00 * (31 + 2 * 59), 180)
    assert quotas_in(plan(), quotas=own, ramps=ramps) == {"2026-Q1": wanted}
    assert quotas_in(plan(), ramps=[(None, "a", *ramps[0][2:])])["2026-Q1"] == wanted


def test_the_persons_ramp_beats_that_of_the_seat_day_by_day():
    ramps = [
        (None, "a", 0, date(2026, 1, 1), date(2026, 4, 1)),
        ("al", None, RATE_SCALE, date(2026, 1, 1), date(2026, 2, 1)),
    ]
    assert quotas_in(plan(), ramps=ramps)["2026-Q1"] == round_half_away(9_000_00 * 31, 90)


def earned(own, **more):
    """What the target pays in each period: at 100 % of quota everybody earns the target."""
    frame = result(own, **more).earnings
    quota = {row["period_key"]: int(row["quota_minor"]) for row in frame.to_dict("records")}
    starts = {
        period.key: period.end - timedelta(days=1) for period in Calendar(CalendarKind(own.period)).periods(*YEAR)
    }
    sold = [(key, "al", amount, "USD", starts[key]) for key, amount in quota.items() if amount]
    again = result(own, **more, sold=sold).earnings
    return {row["period_key"]: int(row["earned_minor"]) for row in again.to_dict("records")}


def test_a_target_of_the_year_pays_an_equal_part_each_period():
    target = [("al", None, 40_000_00, *YEAR)]
    assert earned(plan(), targets=target) == {f"2026-Q{number}": 10_000_00 for number in range(1, 5)}


@pytest.mark.parametrize(("kind", "parts"), [("SEMI_MONTHLY", 24), ("BIWEEKLY", 26)])
def test_a_target_of_the_year_pays_its_part_of_half_months_and_two_weeks(kind, parts):
    own, target = plan(period=kind), [("al", None, 31_200_00, *YEAR)]
    paid = earned(own, targets=target)
    assert len(paid) in (24, 27) and paid[list(paid)[3]] == 31_200_00 // parts


def test_published_a_target_of_75_000_from_the_first_of_june():
    """T5: 75,000 × 214 / 365 = 43,973 and 800,000 × 214 / 365 = 469,041, in whole dollars."""
    start = (date(2026, 6, 1), YEAR[1])
    more = {"held": [("a", *start)], "quotas": [("a", None, "2026", 800_000_00)]}
    found = result(plan("YEARLY"), targets=[("al", None, 75_000_00, *YEAR)], **more).earnings.iloc[0]
    assert round_half_away(int(found["quota_minor"]), 100) == 469_041
    assert earned(plan("YEARLY"), targets=[("al", None, 75_000_00, *YEAR)], **more)["2026"] == round_half_away(
        75_000_00 * 214, 365
    )


def test_a_raise_within_a_quarter_pays_each_day_by_its_own_target():
    # 45 of 91 days at 40,000, 46 at 60,000
    middle = date(2026, 5, 16)
    targets = [("al", None, 40_000_00, YEAR[0], middle), ("al", None, 60_000_00, middle, YEAR[1])]
    wanted = Fraction(40_000_00 * 45 + 60_000_00 * 46, 91 * 4)
    assert earned(plan(), targets=targets)["2026-Q2"] == round_half_away(wanted.numerator, wanted.denominator)


def test_a_leave_may_relieve_the_target():
    target = [("al", None, 40_000_00, *YEAR)]
    leave = (date(2026, 4, 1), date(2026, 5, 1))
    assert earned(plan(), targets=target, leaves=[("al", 0, 1, *leave)])["2026-Q2"] == round_half_away(
        10_000_00 * 61, 91
    )
    assert earned(plan(), targets=target, leaves=[("al", 1, 0, *leave)])["2026-Q2"] == 10_000_00


def test_a_move_takes_the_target_of_each_seat_and_the_own_one_beats_both():
    middle = date(2026, 5, 16)
    held = [("a", YEAR[0], middle), ("b", middle, YEAR[1])]
    quotas = [(seat, None, f"2026-Q{number}", 9_000_00) for seat in "ab" for number in range(1, 5)]
    seats = [(None, "a", 40_000_00, *YEAR), (None, "b", 60_000_00, *YEAR)]
    wanted = Fraction(40_000_00 * 45 + 60_000_00 * 46, 91 * 4)
    found = earned(plan(), held=held, quotas=quotas, targets=seats)
    assert found["2026-Q2"] == round_half_away(wanted.numerator, wanted.denominator)
    assert found["2026-Q1"] == 10_000_00 and found["2026-Q3"] == 15_000_00
    own = [*seats, ("al", None, 20_000_00, *YEAR)]
    assert earned(plan(), held=held, quotas=quotas, targets=own)["2026-Q2"] == 5_000_00


def test_who_has_no_target_is_a_finding():
    found = result(plan(), targets=[("bo", None, 40_000_00, *YEAR)])
    assert {finding.code for finding in found.findings} == {"TARGET_MISSING"} and not len(found.earnings)


def test_two_targets_on_one_day_stop_everything():
    twice = [("al", None, 1, *YEAR), ("al", None, 2, date(2026, 6, 1), YEAR[1])]
    found = result(plan(), targets=twice)
    assert [finding.code for finding in found.findings] == ["TERMS_OVERLAP"] and not len(found.earnings)


DAY = st.integers(0, 364).map(lambda number: YEAR[0] + timedelta(days=number))
SPANS = st.lists(DAY, min_size=2, max_size=2, unique=True).map(sorted)


@settings(deadline=None, max_examples=15)
@given(join=DAY, away=SPANS, month=DAY, shares=st.lists(st.integers(0, RATE_SCALE), min_size=1, max_size=4))
def test_quotas_equal_the_sum_over_days(join, away, month, shares):
    """A reference that asks each day by itself: in the plan, not relieved, at the share of its month in role."""
    found = quotas_in(plan(), held=[("a", join, YEAR[1])], ramps=ramped(month, shares), leaves=[("al", 1, 0, *away)])
    stretches = ramp_stretches(month, shares)
    for period in Calendar(CalendarKind.QUARTERLY).periods(*YEAR):
        total, length = Fraction(0), (period.end - period.start).days
        for number in range(length):
            day = period.start + timedelta(days=number)
            if day < join or away[0] <= day < away[1]:
                continue
            total += next(
                (Fraction(share, RATE_SCALE) for begin, end, share in stretches if day_of(begin) <= day < day_of(end)),
                Fraction(1),
            )
        wanted = total * 9_000_00 / length
        if period.end > join:
            assert found.get(period.key, 0) == round_half_away(wanted.numerator, wanted.denominator)
