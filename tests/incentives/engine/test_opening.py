"""What is brought from a former system: a year that was begun elsewhere earns from the cut-over on what it would have earned here."""

from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import Facts
from incentives.engine.run import compute
from incentives.engine.trace import trace
from spm.core.periods import Calendar, CalendarKind, periods_frame

YEAR = (date(2026, 1, 1), date(2027, 1, 1))
CUT = date(2026, 6, 1)
MONTHS = Calendar(CalendarKind.MONTHLY).periods(*YEAR)
PEOPLE = ("al", "bo", "cy")
TIERS = [
    {"from": "0 %", "until": "60 %", "rate": "3 %"},
    {"from": "60 %", "until": "110 %", "rate": "7 %"},
    {"from": "110 %", "rate": "11 %"},
]
PAYS = {
    "marginal": {"accumulation": "YTD", "quota": "amount", "tiers": TIERS},
    "whole": {"accumulation": "YTD", "quota": "amount", "tiers": TIERS, "tier_mode": "WHOLE"},
    "against the year": {"accumulation": "YTD", "quota": "amount", "goal": "WHOLE_WINDOW", "tiers": TIERS},
    "whole against the year": {
        "accumulation": "YTD", "quota": "amount", "goal": "WHOLE_WINDOW", "tiers": TIERS, "tier_mode": "WHOLE",
    },
    "by the quarter": {"accumulation": "QTD", "quota": "amount", "tiers": TIERS},
    "share of a target": {"accumulation": "YTD", "quota": "amount", "target": "variable", "rate": "100 %"},
    "flat with a cap of the year": {"rate": "5 %", "cap": {"year": 900}},
    "tiers with cap and floor of the year": {
        "accumulation": "YTD", "quota": "amount", "goal": "WHOLE_WINDOW", "tiers": TIERS, "cap": {"year": 900}, "floor": {"year": 700},
    },
    "tiers of amounts": {
        "accumulation": "YTD",
        "tiers": [{"until": 8000, "rate": "2 %"}, {"rate": "6 %"}],
    },
}  # fmt: skip


def plan(component, start, **more):
    document = {
        "plan": "reps", "currency": "USD", "from": start.isoformat(), "until": "2027-01-01", "period": "MONTHLY",
        "components": [{"key": "variable", **component}], **more,
    }  # fmt: skip
    compiled, findings = compile_plan(document)
    assert compiled is not None, findings
    return compiled


def world(seed):
    """Deals of a year; quotas and targets of each month."""
    random = Random(seed)
    deals = [
        (
            f"d{number}",
            random.choice(PEOPLE),
            random.randrange(1, 4_000_00),
            "USD",
            YEAR[0] + timedelta(random.randrange(365)),
        )
        for number in range(80)
    ]
    quotas = [(who, one.key, random.randrange(500_00, 2_000_00)) for who in PEOPLE for one in MONTHS]
    return deals, quotas


def result(own, deals, quotas, openings=()):
    seats = pd.DataFrame(
        [(who, f"seat {who}", *YEAR) for who in PEOPLE],
        columns=["participant_key", "position_key", "from_on", "until_on"],
    )
    targets = pd.DataFrame(
        [(who, "variable", 1_000_00, "period", "USD", *YEAR) for who in PEOPLE],
        columns=["participant_key", "name", "amount_minor", "per", "currency", "from_on", "until_on"],
    )
    facts = Facts(
        deals=pd.DataFrame(deals, columns=["deal_key", "owner_key", "amount_minor", "currency", "credit_on"]),
        positions=seats,
        assignments=seats.drop(columns="position_key").assign(plan_key="reps"),
        periods=periods_frame(MONTHS),
        quotas=pd.DataFrame(quotas, columns=["participant_key", "period_key", "amount_minor"]).assign(measure="amount"),
        targets=targets,
        openings=pd.DataFrame(openings, columns=COLUMNS) if openings else None,
    )
    return compute(facts, [own])


COLUMNS = [
    "participant_key", "component", "from_on", "brought_credit", "brought_quota", "brought_target", "brought_paid", "plan_key",
]  # fmt: skip


def since(found):
    rows = found.earnings
    keys = {one.key for one in MONTHS if one.start >= CUT}
    return {
        (row.participant_key, row.component_key, row.period_key): (row.earned_minor, row.quota_minor, row.attainment)
        for row in rows.itertuples()
        if row.period_key in keys
    }


def before(rows, name, who):
    """The sum of a year, or of its second quarter up to the cut-over."""
    return sum(
        value for owner, on, value in rows if owner == who and (name != "by the quarter" or on >= date(2026, 4, 1))
    )


def brought(name, whole, deals, quotas):
    start = {one.key: one.start for one in MONTHS}
    credits = [(who, on, amount) for _, who, amount, _, on in deals if on < CUT]
    goals = [(who, start[key], amount) for who, key, amount in quotas if start[key] < CUT]
    earned = [
        (row.participant_key, start[row.period_key], row.earned_minor)
        for row in whole.earnings.itertuples()
        if start[row.period_key] < CUT
    ]
    accumulates = "accumulation" in PAYS[name]
    return [
        (
            who, "variable", CUT,
            before(credits, name, who) if accumulates else 0,
            before(goals, name, who) if "quota" in PAYS[name] else 0,
            1_000_00 * 5 if "target" in PAYS[name] else 0,
            sum(amount for owner, _, amount in earned if owner == who),
            "reps",
        )
        for who in PEOPLE
    ]  # fmt: skip


@pytest.mark.parametrize("name", PAYS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_that_was_begun_elsewhere_goes_on_to_the_cent(name, seed):
    """The plan begins at the cut-over, with quotas and deals from there on only, and with what was brought."""
    deals, quotas = world(seed)
    whole = result(plan(PAYS[name], YEAR[0]), deals, quotas)
    opened = brought(name, whole, deals, quotas)
    start = {one.key: one.start for one in MONTHS}
    late = [one for one in deals if one[4] >= CUT], [one for one in quotas if start[one[1]] >= CUT]
    assert since(whole) and since(result(plan(PAYS[name], CUT), *late, opened)) == since(whole)
    assert since(result(plan(PAYS[name], YEAR[0]), *late, opened)) == since(whole)


@pytest.mark.parametrize("name", ["marginal", "flat with a cap of the year", "tiers with cap and floor of the year"])
def test_without_what_is_brought_it_would_be_another_pay(name):
    deals, quotas = world(1)
    whole = result(plan(PAYS[name], YEAR[0]), deals, quotas)
    late = [one for one in deals if one[4] >= CUT]
    assert since(result(plan(PAYS[name], CUT), late, quotas)) != since(whole)


def test_a_cap_of_the_whole_plan_knows_what_was_paid():
    deals, quotas = world(2)
    limit = {"cap": {"year": 800}}
    whole = result(plan({"rate": "5 %"}, YEAR[0], **limit), deals, quotas)
    start = {one.key: one.start for one in MONTHS}
    paid = {who: 0 for who in PEOPLE}
    for row in whole.earnings.itertuples():
        if start[row.period_key] < CUT:
            paid[row.participant_key] += row.earned_minor
    assert max(paid.values()) > 0
    for component in ("variable", "=plan"):
        opened = [(who, component, CUT, 0, 0, 0, paid[who], "reps") for who in PEOPLE]
        late = [one for one in deals if one[4] >= CUT]
        assert since(result(plan({"rate": "5 %"}, CUT, **limit), late, quotas, opened)) == since(whole)


def test_what_was_brought_does_not_reach_into_the_next_window():
    """Credits of the second quarter say nothing of the third: the tiers begin anew."""
    deals, quotas = world(3)
    own = plan(PAYS["by the quarter"], CUT)
    opened = [("al", "variable", CUT, 9_000_00, 1_000_00, 0, 0, "reps")]
    with_it, without = since(result(own, deals, quotas, opened)), since(result(own, deals, quotas))
    changed = {key for key in with_it if with_it[key] != without[key]}
    assert changed == {("al", "variable", "2026-06")}


@pytest.mark.parametrize(
    ("component", "entry", "code"),
    [
        (PAYS["marginal"], (1_000_00, 0, 0), "OPENING_INCOMPLETE"),
        (PAYS["share of a target"], (1_000_00, 500_00, 0), "OPENING_INCOMPLETE"),
        ({"accumulation": "YTD", "formula": "measure * 3 %"}, (1_000_00, 0, 0), "OPENING_FORMULA"),
    ],
)
def test_what_can_not_go_on_is_a_finding_of_that_person_alone(component, entry, code):
    deals, quotas = world(1)
    found = result(plan(component, CUT), deals, quotas, [("al", "variable", CUT, *entry, 0, "reps")])
    assert {(one.code, one.keys["participant_key"]) for one in found.findings if one.is_error} == {(code, "al")}
    assert {row.participant_key for row in found.earnings.itertuples()} == {"bo", "cy"}


def test_the_why_says_what_was_brought():
    deals, quotas = world(1)
    opened = [("al", "variable", CUT, 5_000_00, 4_000_00, 0, 310_00, "reps")]
    found = result(plan(PAYS["tiers with cap and floor of the year"], CUT), deals, quotas, opened)
    tree = trace(found, "al", "variable", "2026-07")
    [node] = [each for each in tree.children if each.label == "Brought forward"]
    assert node.words == (
        "5,000.00 USD of a quota of 4,000.00 USD credited before the cut-over; tiers go on from there; "
        "310.00 USD paid before in the year; limits of the year count it"
    )
    assert not [each for each in trace(found, "bo", "variable", "2026-07").children if each.label == "Brought forward"]
