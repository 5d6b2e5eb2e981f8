"""From earned to payable: release, holdback, clawback, draws, each as documented, and what always holds of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.engine.awaiting import Group, Moment, Part, stand
from incentives.engine.clawing import due_by_now, taken_share
from incentives.engine.compiling import compile_plan
from incentives.engine.holding import held_back
from incentives.engine.plan import Draw
from incentives.engine.plan_settling import Clawback, Holdback, Release, Span, Wait
from incentives.engine.prose import plan_clauses
from incentives.engine.releasing import Bill, DealMoney, Money, Reason, held_of_period, released
from incentives.engine.sentences import ENGLISH
from incentives.engine.sentences_german import GERMAN
from incentives.engine.settlement import Month, granted, settle_month, settle_period
from incentives.engine.words import DrawKind, Leaving, ReleaseWhen
from spm.core.money import RATE_SCALE

HEAD: dict[str, Any] = {
    "plan": "p",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "MONTHLY",
    "components": [{"key": "c", "rate": "10 %"}],
}


def only(when: ReleaseWhen, **more: Any) -> Release:
    return Release((Wait(when=when, **more),))


def deal(*bills: Bill, amount: int = 1000, currency: str = "USD") -> DealMoney:
    return DealMoney(0, amount, currency, bills)


def bill(
    amount: int, *, paid: int = 0, credited: int = 0, day: int = 1, currency: str = "USD", in_: str = "USD"
) -> Bill:
    return Bill(
        day,
        amount,
        currency,
        (Money(day, paid, in_),) if paid else (),
        (Money(day, credited, currency),) if credited else (),
    )


PRO_RATA, FULL, INVOICED = (
    only(when) for when in (ReleaseWhen.CASH_PRO_RATA, ReleaseWhen.CASH_FULL, ReleaseWhen.ON_INVOICE)
)


@pytest.mark.parametrize(
    ("release", "money", "free", "reason"),
    [
        (Release(), deal(), 200, None),
        (INVOICED, deal(), 0, Reason.NOT_INVOICED),
        (INVOICED, deal(bill(100)), 200, None),
        (INVOICED, deal(bill(100, day=9)), 0, Reason.NOT_INVOICED),
        (PRO_RATA, deal(), 0, Reason.NOT_INVOICED),
        (PRO_RATA, deal(bill(1000)), 0, Reason.NOT_PAID),
        (PRO_RATA, deal(bill(1000, paid=500)), 100, Reason.PARTLY_PAID),
        (PRO_RATA, deal(bill(1000, paid=1500)), 200, None),
        (PRO_RATA, deal(bill(500, paid=500)), 100, Reason.PARTLY_PAID),
        (PRO_RATA, deal(bill(500, paid=900), bill(500)), 100, Reason.PARTLY_PAID),
        (PRO_RATA, deal(bill(1000, paid=600, credited=400)), 200, None),
        (PRO_RATA, deal(bill(1000, credited=1000)), 0, Reason.CREDITED),
        (PRO_RATA, deal(bill(1000, paid=1000, credited=1000)), 200, None),
        (PRO_RATA, deal(bill(1190, paid=595)), 100, Reason.PARTLY_PAID),
        (PRO_RATA, deal(bill(1000, paid=500, in_="EUR")), 0, Reason.CURRENCY),
        (PRO_RATA, deal(bill(500, paid=500), bill(500, currency="EUR")), 0, Reason.CURRENCY),
        (PRO_RATA, deal(bill(800, paid=400, currency="EUR", in_="EUR")), 100, Reason.PARTLY_PAID),
        (FULL, deal(bill(1000, paid=999)), 0, Reason.PARTLY_PAID),
        (FULL, deal(bill(1000, paid=1000)), 200, None),
        (only(ReleaseWhen.SCHEDULE, after=Span(days=5)), deal(), 200, None),
        (only(ReleaseWhen.SCHEDULE, after=Span(days=6)), deal(), 0, Reason.SCHEDULED),
    ],
)
def test_what_is_released_and_why_the_rest_waits(
    release: Release, money: DealMoney, free: int, reason: Reason | None
) -> None:
    now, held = released(200, release, money, 5)
    assert (now, [each.reason for each in held]) == (free, [] if reason is None else [reason])
    assert released(-200, release, money, 5)[0] == -free


def test_a_split_waits_for_each_of_its_events() -> None:
    half = Fraction(1, 2)
    release = Release((Wait(half), Wait(half, ReleaseWhen.CASH_FULL)))
    now, held = released(101, release, deal(bill(1000)), 5)
    assert (now, held[0].amount, held[0].when) == (51, 50, ReleaseWhen.CASH_FULL)


def test_a_sale_taken_back_in_full_has_nothing_left_to_wait_for() -> None:
    assert released(1000, FULL, deal(), 5, net=0) == (1000, ())
    assert released(-1000, FULL, deal(), 5, net=0) == (-1000, ())


def test_pay_without_a_deal_waits_only_where_the_plan_says_so() -> None:
    schedule = only(ReleaseWhen.SCHEDULE, after=Span(months=1))
    assert held_of_period(500, schedule, 30, 31) == ()
    waiting = held_of_period(500, Release(schedule.waits, without_deal=True), 30, 31)
    assert [(each.amount, each.until) for each in waiting] == [(500, 58)]


SHARES = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(
    lambda parts: [Fraction(part * RATE_SCALE // sum(parts), RATE_SCALE) for part in parts]
)
BILLS = st.builds(
    lambda amount, paid, credited, day: bill(amount, paid=paid, credited=credited, day=day),
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 30),
)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    shares = draw(SHARES)
    shares[0] += 1 - sum(shares)
    whens = draw(st.lists(st.sampled_from(ReleaseWhen), min_size=len(shares), max_size=len(shares)))
    return Release(
        tuple(
            Wait(share, when, Span(days=draw(st.integers(1, 40))) if when == ReleaseWhen.SCHEDULE else Span())
            for share, when in zip(shares, whens, strict=True)
        )
    )


@given(
    st.integers(-(10**12), 10**12), releases(), st.lists(BILLS, max_size=4), st.integers(0, 10**9), st.integers(0, 60)
)
def test_released_is_within_earned_and_sums_with_what_waits(
    earned: int, release: Release, bills: list[Bill], amount: int, day: int
) -> None:
    free, held = released(earned, release, deal(*bills, amount=amount), day)
    assert free + sum(each.amount for each in held) == earned
    assert 0 <= abs(free) <= abs(earned) and free * earned >= 0
    assert released(-earned, release, deal(*bills, amount=amount), day)[0] == -free
    for other in permutations(bills):
        assert released(earned, release, deal(*other, amount=amount), day) == (free, held)


@given(st.integers(0, 10**12), releases(), BILLS, st.integers(0, 10**9), st.integers(0, 60), st.integers(0, 10**9))
def test_more_cash_and_a_later_day_never_release_less(
    earned: int, release: Release, one: Bill, more: int, day: int, amount: int
) -> None:
    richer = Bill(one.day, one.amount, one.currency, (*one.payments, Money(one.day, more, "USD")), one.credits)
    free = released(earned, release, deal(one, amount=amount), day)[0]
    assert free <= released(earned, release, deal(richer, amount=amount), day)[0]
    assert free <= released(earned, release, deal(one, amount=amount), day + 1)[0]


@pytest.mark.parametrize(
    ("holdback", "day", "held"),
    [
        (Holdback(Fraction(1, 10), until=50), 49, 20),
        (Holdback(Fraction(1, 10), until=50), 50, 0),
        (Holdback(Fraction(1, 10), after=Span(months=1)), 57, 20),
        (Holdback(Fraction(1, 10), after=Span(months=1)), 58, 0),
        (Holdback(Fraction(1, 10), event=ReleaseWhen.CASH_FULL), 99, 20),
        (None, 0, 0),
    ],
)
def test_a_holdback_ends_on_its_day_or_event(holdback: Holdback | None, day: int, held: int) -> None:
    money = deal(bill(1000, paid=500))
    assert held_back(200, holdback, period_end=30, day=day, deal=money) == held


@pytest.mark.parametrize(
    ("clawback", "days", "share"),
    [
        (None, 500, Fraction(1)),
        (Clawback(Span(days=90)), 89, Fraction(1)),
        (Clawback(Span(days=90)), 90, Fraction(0)),
        (Clawback(Span(days=90), Fraction(1, 2), pro_rata=True), 30, Fraction(1, 3)),
        (Clawback(share=Fraction(1, 4)), 9999, Fraction(1, 4)),
        (Clawback(Span(months=12), pro_rata=True), 0, Fraction(1)),
        (Clawback(Span(months=9), pro_rata=True, by_months=True), -1, Fraction(1)),
        (Clawback(Span(months=9), pro_rata=True, by_months=True), 0, Fraction(8, 9)),
        (Clawback(Span(months=9), pro_rata=True, by_months=True), 89, Fraction(6, 9)),
        (Clawback(Span(months=9), pro_rata=True, by_months=True), 90, Fraction(5, 9)),
        (Clawback(Span(months=9), Fraction(1, 2), pro_rata=True, by_months=True), 272, Fraction(0)),
    ],
)
def test_a_return_takes_back_the_share_of_its_window(clawback: Clawback | None, days: int, share: Fraction) -> None:
    assert taken_share(clawback, 0, days) == share


@given(st.integers(-(10**9), 10**9), st.integers(1, 12))
def test_instalments_sum_to_the_clawback(amount: int, count: int) -> None:
    clawback = Clawback(instalments=count)
    due = [due_by_now(amount, clawback, periods) for periods in range(count + 2)]
    assert due[0] == (0 if count > 1 else amount)
    assert due[-1] == due[-2] == amount
    assert sorted(due, key=abs) == due


def test_recovery_can_begin_later_take_a_share_and_be_prorated() -> None:
    draw = Draw(DrawKind.RECOVERABLE_GUARANTEE, 2000, recover=Fraction(1, 2))
    assert settle_period(3000, draw, owed=800).recovered == 500
    assert settle_period(3000, draw, owed=800, recovering=False).recovered == 0
    assert settle_period(500, draw, amount=granted(draw, 10, 20)).advanced == 500
    assert settle_period(-500, None, negative=True).paid == -500
    assert (settle_period(-500, None).paid, settle_period(-500, None).carried) == (0, -500)


@pytest.mark.parametrize(
    ("kind", "earned", "owed", "has_left", "expected"),
    [
        (DrawKind.RECOVERABLE, 3000, 800, False, (1000, 300, 3700, 1500)),
        (DrawKind.RECOVERABLE, 3000, 800, True, (500, 1300, 2200, 0)),
        (DrawKind.RECOVERABLE, 200, 800, True, (500, 700, 0, 600)),
        (DrawKind.RECOVERABLE, -900, 800, True, (500, 0, 0, 1300)),
        (DrawKind.RECOVERABLE_GUARANTEE, 300, 800, True, (200, 500, 0, 500)),
        (DrawKind.RECOVERABLE_GUARANTEE, 3000, 800, True, (0, 800, 2200, 0)),
    ],
)
def test_the_last_pay_settles_a_draw(
    kind: DrawKind, earned: int, owed: int, has_left: bool, expected: tuple[int, ...]
) -> None:
    """A draw of 1,000 a month, of which at most 10 % of pay is recovered, of the last month half was worked."""
    draw = Draw(kind, 1000, recover=Fraction(1, 10), recover_after=0, leaving=Leaving.SETTLED)
    made = settle_month(earned, draw, Month(3, 0, 30, 15 if has_left else 30, has_left), owed=owed)
    assert (made.advanced, made.recovered, made.paid, made.owed) == expected
    assert made.owed == owed + made.advanced - made.recovered
    later = settle_month(earned, replace(draw, recover_after=12), Month(3, 0, 30, 15, has_left=True), owed=owed)
    assert not has_left or later == made


def test_the_last_pay_may_be_negative_where_the_plan_says_so() -> None:
    draw = Draw(DrawKind.RECOVERABLE_GUARANTEE, 720, prorated=False, leaving=Leaving.SETTLED, shares=(Fraction(1),))
    made = settle_month(60, draw, Month(6, 0, 31, 31, has_left=True), owed=360, negative=True)
    assert (made.recovered, made.paid, made.owed, made.carried) == (360, -300, 0, 0)


def test_what_was_forgiven_before_leaving_is_not_settled() -> None:
    draw = Draw(DrawKind.RECOVERABLE, 1000, recover_until=0, leaving=Leaving.SETTLED)
    made = settle_month(3000, draw, Month(3, 0, 30, 0, has_left=True), owed=800)
    assert (made.recovered, made.forgiven, made.owed) == (0, 800, 0)


SAID = [
    ({"release": "CASH_FULL"}, "paid in full"),
    ({"release": {"when": "SCHEDULE", "after": "3 months", "without_deal": "yes"}}, "3 months after"),
    ({"release": {"parts": [{"share": "40 %"}, {"share": "60 %", "when": "CASH_PRO_RATA"}]}}, "60 % in the share"),
    ({"holdback": {"share": "10 %", "until": "2027-01-31"}}, "until 2027-01-31"),
    ({"holdback": {"share": "10 %", "until": "CASH_FULL"}}, "until its deal is paid in full"),
    ({"holdback": {"share": "10 %", "after": "6 months"}}, "until 6 months after its period"),
    ({"clawback": {"within": "90 days", "pro_rata": "yes", "instalments": 3}}, "over 3 periods"),
    ({"clawback": {"within": "9 months", "pro_rata": "MONTHS"}}, "the months of that time that have not begun"),
    ({"clawback": {"share": "50 %"}}, "takes back 50 %"),
    ({"leavers": {"pays": "PAID", "tail": "90 days"}}, "within 90 days"),
    ({"leavers": {"pays": "FORFEITED"}}, "is forfeited"),
    (
        {"clawback": {"instalments": 3}, "leavers": {"instalments": "AT_ONCE"}},
        "in parts is due at once when a person leaves",
    ),
    ({"holdback": {"share": "10 %", "after": "6 months"}}, "when a person leaves stays held until then, and is paid"),
    (
        {"holdback": {"share": "10 %", "after": "6 months"}, "leavers": {"holdback": "PAID"}},
        "held back when a person leaves is paid at once",
    ),
    (
        {"holdback": {"share": "10 %", "until": "CASH_FULL"}, "leavers": {"holdback": "FORFEITED"}},
        "held back when a person leaves is forfeited",
    ),
    ({"negative_pay": "yes"}, "may be negative"),
    ({"draw": {"amount": 2000, "recover_after": 3}}, "first 3 periods"),
    ({"draw": {"amount": 2000, "shares": ["100 %", "62.5 %"]}}, "one after the other: 2,000.00 USD, 1,250.00 USD"),
    ({"draw": {"amount": [3000, 2000, 0]}}, "one after the other: 3,000.00 USD, 2,000.00 USD, 0.00 USD"),
    ({"draw": {"amount": 2000, "recover_until": "2026-07-01"}}, "on 2026-07-01 is forgiven"),
    ({"draw": {"amount": 2000, "leaving": "FORGIVEN", "prorated": "no"}}, "granted whole"),
    ({"draw": {"amount": 2000, "leaving": "SETTLED"}}, "taken from the last pay, all that it covers"),
]


@pytest.mark.parametrize(("terms", "words"), SAID, ids=lambda value: str(value)[:50])
def test_every_term_is_read_and_told_in_both_languages(terms: dict[str, Any], words: str) -> None:
    plan, findings = compile_plan(HEAD | terms)
    bare, _ = compile_plan(HEAD | {"draw": {"amount": 2000}} if "draw" in terms else HEAD)
    assert plan is not None and bare is not None and not findings
    assert words in "\n".join(clause.text for clause in plan_clauses(plan))
    for language in (ENGLISH, GERMAN):
        assert plan_clauses(plan, language) != plan_clauses(bare, language)


def test_a_component_has_terms_of_its_own() -> None:
    own = {"key": "own", "rate": "1 %", "release": "ON_INVOICE", "clawback": {"share": "50 %"}}
    document = HEAD | {
        "components": [*HEAD["components"], own],
        "release": "CASH_FULL",
        "clawback": {"within": "90 days"},
    }
    plan, _ = compile_plan(document)
    assert plan is not None
    first, second = plan.components
    assert (first.release, second.release) == (None, INVOICED)
    assert (first.clawback, second.clawback) == (Clawback(Span(days=90)), Clawback(share=Fraction(1, 2)))


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"release": "LATER"}, "CHOICE_UNKNOWN"),
        ({"release": {"when": "SCHEDULE"}}, "RELEASE_AFTER"),
        ({"release": {"when": "CASH_FULL", "after": "3 months"}}, "RELEASE_AFTER"),
        ({"release": {"parts": [{"share": "40 %"}, {"share": "50 %"}]}}, "RELEASE_SHARES"),
        ({"release": {"when": "CASH_FULL", "without_deal": "yes"}}, "RELEASE_UNUSED"),
        ({"release": {"when": "SCHEDULE", "after": "soon"}}, "SPAN_UNREADABLE"),
        ({"holdback": {"share": "10 %"}}, "HOLDBACK_END"),
        ({"holdback": {"share": "10 %", "until": "later"}}, "HOLDBACK_END"),
        ({"holdback": {"share": "120 %", "until": "2027-01-31"}}, "HOLDBACK_SHARE"),
        ({"clawback": {"pro_rata": "yes"}}, "CLAWBACK_WINDOW"),
        ({"clawback": {"pro_rata": "MONTHS"}}, "CLAWBACK_WINDOW"),
        ({"clawback": {"within": "90 days", "pro_rata": "MONTHS"}}, "CLAWBACK_MONTHS"),
        ({"clawback": {"share": "120 %"}}, "CLAWBACK_SHARE"),
        ({"clawback": {"instalments": 0}}, "NUMBER_UNREADABLE"),
        ({"leavers": {"pays": "FORFEITED", "tail": "90 days"}}, "LEAVERS_UNUSED"),
        ({"leavers": {"instalments": "AT_ONCE"}}, "LEAVERS_UNUSED"),
        ({"leavers": {"holdback": "FORFEITED"}}, "LEAVERS_UNUSED"),
        ({"holdback": {"share": "10 %", "after": "6 months"}, "leavers": {"holdback": "LOST"}}, "CHOICE_UNKNOWN"),
        ({"clawback": {"instalments": 3}, "leavers": {"instalments": "LATER"}}, "CHOICE_UNKNOWN"),
        ({"draw": {"amount": 2000, "leaving": "KEPT"}}, "CHOICE_UNKNOWN"),
        ({"draw": {"amount": 0}}, "DRAW_AMOUNT"),
        ({"draw": {"amount": 2000, "shares": []}}, "DRAW_SHARES"),
        ({"draw": {"amount": [2000, -1]}}, "DRAW_AMOUNT"),
        ({"draw": {"amount": []}}, "DRAW_AMOUNT"),
        ({"draw": {"amount": [2000, 1000], "shares": ["100 %"]}}, "FIELD_UNUSED"),
        ({"draw": {"amount": [2000, 1000], "periods": 2}}, "FIELD_UNUSED"),
        ({"draw": {"amount": 2000, "shares": ["0 %"]}}, "DRAW_SHARES"),
        ({"draw": {"amount": 2000, "shares": ["150 %"]}}, "DRAW_SHARES"),
        ({"draw": {"amount": 2000, "shares": ["half"]}}, "DRAW_SHARES"),
        ({"draw": {"amount": 2000, "shares": ["100 %"], "periods": 2}}, "FIELD_UNUSED"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_terms_that_say_nothing_are_refused(terms: dict[str, Any], code: str) -> None:
    plan, findings = compile_plan(HEAD | terms)
    assert plan is None and code in {finding.code for finding in findings}


AFTER = {"release": {"when": "SCHEDULE", "after": "3 months", "without_deal": "yes"}}
KEEPS = {"holdback": {"share": "10 %", "until": "ON_INVOICE"}}


@pytest.mark.parametrize(
    ("of", "bills", "more", "kept"),
    [
        ("d", (), {}, True),
        ("d", (bill(1000),), {}, False),
        ("", (), {}, False),
        ("d", (), {"leavers": {"holdback": "PAID"}}, False),
        ("d", (), {"leavers": {"holdback": "FORFEITED"}}, False),
    ],
)
def test_what_waits_is_said_to_be_held_later_only_where_it_will_be(
    of: str, bills: tuple[Bill, ...], more: dict[str, Any], kept: bool
) -> None:
    """A holdback until the invoice keeps nothing of an invoiced deal, of pay without a deal, or of who left where the plan keeps none."""
    plan, findings = compile_plan({**HEAD, **AFTER, **KEEPS, **more})
    assert plan is not None, findings
    group = Group("ada", "p", "c", "USD", "2026-01")
    left = {"ada": 5} if more else {}
    moment = Moment(day=30, begins={"2026-01": 0}, ends={"2026-01": 30}, ages={"2026-01": 1}, left_on=left)
    parts = [Part(group, of, 100)] if of else []
    found = stand({"p": plan}, {group: 100}, parts, {"d": deal(*bills)}, moment)
    assert [(one.amount, one.kept is not None) for one in found.details] == [(100, kept)]
