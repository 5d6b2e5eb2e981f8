"""Clawbacks in instalments: only what had been payable before the pay period of its return comes back in parts, and nothing is paid twice.

Held against a reference that goes forward month by month with a list of what is still to come back, for every kind of release.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.engine.awaiting import Group, Moment, Part, Standing, stand
from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.releasing import Bill, DealMoney, Money

MONTH = 30
MONTHS = 16
WAITS: tuple[tuple[str, Any], ...] = (
    ("ON_BOOKING", "ON_BOOKING"),
    ("ON_INVOICE", "ON_INVOICE"),
    ("CASH_PRO_RATA", "CASH_PRO_RATA"),
    ("CASH_FULL", "CASH_FULL"),
    ("SCHEDULE", {"when": "SCHEDULE", "after": "70 days"}),
    (
        "SPLIT",
        {
            "parts": [
                {"share": "40 %"},
                {"share": "35 %", "when": "CASH_PRO_RATA"},
                {"share": "25 %", "when": "SCHEDULE", "after": "40 days"},
            ]
        },
    ),
)


@dataclass(frozen=True)
class Deal:
    """A sale of 1,000 in month 0, the months in which it was invoiced, paid and credited, and what it earned or gave back in each month."""

    earned: dict[int, int]
    invoiced: int | None = None
    paid: tuple[tuple[int, int], ...] = ()
    credited: tuple[tuple[int, int], ...] = ()


def planned(release: Any, instalments: int, **more: Any) -> Plan:
    plan, findings = compile_plan(
        {
            "plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2028-01-01", "period": "MONTHLY",
            "release": release, "clawback": {"instalments": instalments}, "components": [{"key": "c", "rate": "10 %"}],
            **more,
        }
    )  # fmt: skip
    assert plan is not None and not findings
    return plan


def group(month: int) -> Group:
    return Group("rex", "p", "c", "USD", f"m{month}")


def money(deal: Deal) -> DealMoney:
    """Events come on the tenth day of their month; the sale on the fifth of the first."""
    if deal.invoiced is None:
        return DealMoney(5, 1000, "USD")
    paid, credited = (
        tuple(Money(month * MONTH + 10, amount, "USD") for month, amount in facts)
        for facts in (deal.paid, deal.credited)
    )
    return DealMoney(5, 1000, "USD", (Bill(deal.invoiced * MONTH + 10, 1000, "USD", paid, credited),))


def standing(plan: Plan, deal: Deal, now: int, left: int | None = None) -> Standing:
    """What stands at the end of a month: facts of later months are known to nobody yet."""
    parts = [Part(group(month), "d", amount, amount < 0) for month, amount in deal.earned.items() if month <= now]
    months = range(now + 1)
    moment = Moment(
        day=now * MONTH + MONTH - 1,
        begins={f"m{month}": month * MONTH for month in months},
        ends={f"m{month}": month * MONTH + MONTH - 1 for month in months},
        ages={f"m{month}": now - month + 1 for month in months},
        left_on={} if left is None else {"rex": left * MONTH + 15},
    )
    return stand({"p": plan}, {part.group: part.earned for part in parts}, parts, {"d": money(deal)}, moment)


def payable(plan: Plan, deal: Deal, left: int | None = None) -> list[int]:
    """What is payable in all at the end of each month; `left` is the month in which the person leaves."""
    found = []
    for now in range(MONTHS):
        said = standing(plan, deal, now, left)
        earned = sum(amount for month, amount in deal.earned.items() if month <= now)
        found.append(earned - sum(said.waiting.values()) - sum(said.forfeited.values()))
        assert all(amount <= 0 for amount in said.taken.values())
    return found


def halves_up(value: Fraction) -> int:
    return -halves_up(-value) if value < 0 else int(value + Fraction(1, 2))


def parted(amount: int, weights: list[int]) -> list[int]:
    """Whole parts that sum to the amount: cents that are left over go to the largest remainders, of equal ones to the first."""
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [int(each) for each in exact]
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def reached(name: str, deal: Deal, now: int) -> list[tuple[int, Fraction]]:
    """Weights of a release and the share of each that has been reached by the end of a month."""
    billed = deal.invoiced is not None and deal.invoiced <= now
    paid, credited = (sum(a for m, a in facts if m <= now) for facts in (deal.paid, deal.credited))
    due = 1000 - min(1000, credited)
    cash = Fraction(min(due, paid), due) if due else Fraction(min(1000, paid), 1000)
    shares = {
        "ON_BOOKING": Fraction(1),
        "ON_INVOICE": Fraction(billed),
        "CASH_PRO_RATA": cash if billed else Fraction(0),
        "CASH_FULL": Fraction(billed and cash == 1),
        "SCHEDULE": Fraction(now * MONTH + MONTH - 1 >= 5 + 70),
    }
    if name != "SPLIT":
        return [(1, shares[name])]
    later = Fraction(now * MONTH + MONTH - 1 >= 5 + 40)
    return [(40, shares["ON_BOOKING"]), (35, shares["CASH_PRO_RATA"]), (25, later)]


def at_once(name: str, deal: Deal, now: int, known: int) -> int:
    """What would be payable at the end of a month if returns came back at once, of what was earned up to a month."""
    earned = [amount for month, amount in sorted(deal.earned.items()) if month <= known]
    if sum(earned) <= 0:
        return sum(earned)
    total = 0
    for amount in earned:
        sign, waits = (-1 if amount < 0 else 1), reached(name, deal, now)
        parts = parted(abs(amount), [weight for weight, _ in waits])
        total += sign * sum(halves_up(part * share) for part, (_, share) in zip(parts, waits, strict=True))
    return total


def expected(name: str, deal: Deal, instalments: int) -> list[int]:
    """Forward month by month: what a return lowers is put on a list of what comes back later, one part a month."""
    found: list[int] = []
    coming: list[list[int]] = []
    for now in range(MONTHS):
        coming = [parts[1:] for parts in coming]
        if deal.earned.get(now, 0) < 0:
            before = at_once(name, deal, now - 1, now - 1)
            drop = max(0, before - at_once(name, deal, now, now))
            coming.append(parted(drop, [1] * instalments)[1:])
        found.append(at_once(name, deal, now, now) + sum(sum(parts) for parts in coming))
    return found


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """A sale and up to three returns of it, the last of them often of all that is left."""
    sale = draw(st.integers(1, 20_001))
    returned: dict[int, int] = {}
    credited: list[tuple[int, int]] = []
    left, left_of_bill = sale, 1000
    months = sorted(draw(st.sets(st.integers(1, 8), max_size=3)))
    for place, month in enumerate(months):
        is_all = place == len(months) - 1 and draw(st.booleans())
        share = Fraction(1) if is_all else Fraction(draw(st.integers(1, 9)), 10)
        back, note = (left, left_of_bill) if is_all else (halves_up(left * share), halves_up(left_of_bill * share))
        if back:
            returned[month], left = -back, left - back
            credited.append((month, note))
            left_of_bill -= note
    invoiced = draw(st.none() | st.integers(0, 5))
    paid = draw(st.lists(st.tuples(st.integers(invoiced or 0, 9), st.sampled_from([100, 333, 600, 1000])), max_size=3))
    credited = [(max(month, invoiced or 0), note) for month, note in credited]
    return Deal({0: sale, **returned}, invoiced, tuple(paid), tuple(credited))


@given(st.sampled_from(WAITS), deals(), st.integers(1, 6))
@settings(max_examples=25)
def test_what_is_payable_equals_the_reference(release: tuple[str, Any], deal: Deal, instalments: int) -> None:
    holds_of(release, deal, instalments)


@pytest.mark.deep
@given(st.sampled_from(WAITS), deals(), st.integers(1, 6))
@settings(max_examples=5000)
def test_what_is_payable_equals_the_reference_many_times(
    release: tuple[str, Any], deal: Deal, instalments: int
) -> None:
    holds_of(release, deal, instalments)


def holds_of(release: tuple[str, Any], deal: Deal, instalments: int) -> None:
    """Each month as the reference; a sale returned in full ends at 0, is never paid again, never takes more than its instalment."""
    name, terms = release
    stands = payable(planned(terms, instalments), deal)
    assert stands == expected(name, deal, instalments)
    assert min(stands) >= 0
    if sum(deal.earned.values()) == 0:
        last = max(deal.earned)
        after = stands[last - 1 :]
        assert stands[-1] == 0 and after == sorted(after, reverse=True)
        if len(deal.earned) == 2:
            assert all(a - b <= -(-after[0] // instalments) for a, b in zip(after, after[1:], strict=False))


def test_a_sale_returned_before_its_day_is_not_paid_when_the_day_comes() -> None:
    schedule = planned({"when": "SCHEDULE", "after": "70 days"}, 4)
    assert payable(schedule, Deal({0: 10_00, 1: -10_00})) == [0] * MONTHS


def test_what_was_payable_before_its_return_comes_back_in_parts() -> None:
    schedule = planned({"when": "SCHEDULE", "after": "70 days"}, 4)
    assert payable(schedule, Deal({0: 10_00, 4: -10_00}))[:9] == [0, 0, 1000, 1000, 750, 500, 250, 0, 0]


def test_a_part_returned_before_its_day_is_not_paid_first() -> None:
    schedule = planned({"when": "SCHEDULE", "after": "70 days"}, 4)
    assert payable(schedule, Deal({0: 10_00, 1: -4_00}))[:6] == [0, 0, 600, 600, 600, 600]


def test_a_credit_note_pays_nothing_that_the_customer_did_not() -> None:
    """400 of 1,000 paid: 40.00 of 100.00. 600 are credited: nothing more is due, and the 40.00 are what is left."""
    pro_rata = planned("CASH_PRO_RATA", 4)
    deal = Deal({0: 100_00, 2: -60_00}, invoiced=0, paid=((0, 400),), credited=((2, 600),))
    assert payable(pro_rata, deal)[:5] == [4000, 4000, 4000, 4000, 4000]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [1000, 750, 500, 250, 0, 0]),
        ({"instalments": "AT_ONCE"}, [1000, 750, 0, 0, 0, 0]),
        ({"pays": "FORFEITED", "instalments": "AT_ONCE"}, [1000, 750, 0, 0, 0, 0]),
    ],
    ids=str,
)
def test_instalments_of_a_leaver_go_on_or_are_due_at_once(terms: dict[str, str], expected: list[int]) -> None:
    plan = planned("ON_BOOKING", 4, leavers=terms)
    assert payable(plan, Deal({0: 10_00, 1: -10_00}), left=2)[:6] == expected


def test_a_return_after_leaving_is_due_at_once() -> None:
    plan = planned("ON_BOOKING", 4, leavers={"instalments": "AT_ONCE"})
    assert payable(plan, Deal({0: 10_00, 3: -10_00}), left=2)[:5] == [1000, 1000, 1000, 0, 0]


@pytest.mark.parametrize(("earned", "waiting"), [((10_00, -10_00), 10_00), ((10_00,), 0)])
def test_a_group_that_earned_nothing_in_all_is_settled_by_its_deals(earned: tuple[int, ...], waiting: int) -> None:
    """A sale that waits beside the return of another one counts; deals of a run whose pay was taken back since don't."""
    plan = planned("CASH_FULL", 1)
    parts = [Part(group(1), f"d{place}", amount, amount < 0) for place, amount in enumerate(earned)]
    moment = Moment(day=59, begins={"m1": 30}, ends={"m1": 59}, ages={"m1": 1})
    assert sum(stand({"p": plan}, {group(1): 0}, parts, {}, moment).waiting.values()) == waiting
