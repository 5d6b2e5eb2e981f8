"""Payroll may pay another amount than was handed over: it is said with its reason, posted as paid, and never taken in silence."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from incentives.models import Journal, JournalKind, PayoutAnswer, PayoutLine
from incentives.selectors.payments import payments_of
from incentives.selectors.payouts import payout_get
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_get
from incentives.services.ledger import Leg, journal_post
from incentives.services.payouts import PaidOtherwise, payout_confirm, payout_make
from spm.people.models import Participant
from tests.conftest import TODAY
from tests.incentives import world
from tests.incentives.test_payments import read, said
from tests.incentives.test_payouts import approve, balance, owed

__all__ = ["owed"]
pytestmark = pytest.mark.django_db


def points(period) -> list[str]:
    return [one.words for one in period_checks(books_get(period), TODAY) if not one.is_good]


def test_a_part_that_was_paid_leaves_the_rest_payable(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    part = {1: PaidOtherwise(100_000, "Advance of September kept back")}
    done = payout_confirm(batch_id=batch.pk, reference="R-1", otherwise=part, actor=eve)
    assert (balance("paid", "rex"), balance("payable", "rex"), balance("paid", "ria")) == (100_000, 23_456, 5_000)
    assert done.paid_totals == [("EUR", 5_000), ("USD", 100_000)]
    assert done.totals == [("EUR", 5_000), ("USD", 123_456)]
    words = "Payroll paid Rex 1,000.00 USD of 1,234.56 USD: Advance of September kept back. 234.56 USD stays payable."
    assert words in points(period)
    again = payout_make(period_id=period.pk, actor=eve)
    assert [(line.name, line.amount_minor) for line in PayoutLine.objects.filter(batch=again)] == [("Rex", 23_456)]
    payout_confirm(batch_id=again.pk, reference="R-2", actor=eve)
    assert (balance("paid", "rex"), balance("payable", "rex")) == (123_456, 0) and words not in points(period)


def test_more_than_was_handed_over_is_owed_back(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    more = {1: PaidOtherwise(130_000, "Typed by hand")}
    payout_confirm(batch_id=batch.pk, reference="R-1", otherwise=more, actor=eve)
    assert (balance("paid", "rex"), balance("payable", "rex")) == (130_000, -6_544)
    assert (
        "Payroll paid Rex 1,300.00 USD of 1,234.56 USD: Typed by hand. 65.44 USD too much is owed back, and set off "
        "against what is earned next."
    ) in points(period)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (PaidOtherwise(100_000, " "), r"Line 1 hands 1,234\.56 USD to payroll, and 1,000\.00 USD was paid\. Say why"),
        (PaidOtherwise(0, "Nothing"), "Line 1 was paid nothing. Reject it with the reason"),
        (PaidOtherwise(-5, "Less"), "Line 1 was paid nothing. Reject it with the reason"),
    ],
)
def test_a_difference_without_a_reason_is_refused(owed, given, words):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    with pytest.raises(ValidationError, match=words):
        payout_confirm(batch_id=batch.pk, reference="R-1", otherwise={1: given}, actor=eve)
    with pytest.raises(ValidationError, match="both paid and rejected"):
        payout_confirm(batch_id=batch.pk, reference="R-1", otherwise={1: given}, rejected={1: "x"}, actor=eve)
    assert not PayoutAnswer.objects.exists() and not Journal.objects.filter(kind="pay").exists()


def test_the_amount_that_was_handed_over_is_no_difference(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="R-1", otherwise={1: PaidOtherwise(123_456, "")}, actor=eve)
    assert (balance("paid", "rex"), balance("payable", "rex")) == (123_456, 0)
    assert not any("Payroll paid" in one for one in points(period))


def test_page_and_api_take_the_amount_and_say_it(viewer, sign_in, owed):
    period, eve = owed
    world.deal("D-1", "rex", 1_000)
    batch = payout_make(period_id=period.pk, actor=eve)
    client, page = sign_in("eve"), reverse("incentives:payout_detail", args=[batch.pk])
    answer = {"reference": "R-1", "rest": "waits", "line_1": "paid", "amount_1": "1000.00"}
    refused = client.post(page, answer)
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert client.post(page, answer | {"amount_1": "10.001", "reason_1": "x"}).status_code == 422
    assert client.post(page, answer | {"line_1": "waits", "reason_1": "x"}).status_code == 422
    assert not PayoutAnswer.objects.exists()
    assert client.post(page, answer | {"reason_1": "Advance kept back"}).status_code == 302
    words = read(client, page)
    assert "Paid: R-1" in words and "$1,000.00 of $1,234.56: Advance kept back" in words
    told = client.post(
        f"/api/v1/incentives/payouts/{batch.pk}/confirmation/",
        {"reference": "R-2", "amounts": [{"line": 2, "amount_minor": 4_000, "reason": "Bank fee"}]},
        content_type="application/json",
    )
    lines = [(one["answer"], one["paid_minor"], one["reason"]) for one in told.json()["lines"]]
    assert lines == [("paid", 100_000, "Advance kept back"), ("paid", 4_000, "Bank fee")]
    assert payout_get(eve, batch.pk).paid_totals == [("EUR", 4_000), ("USD", 100_000)]


@pytest.mark.parametrize(
    ("twice", "words"),
    [
        ({"amounts": [{"line": 1, "amount_minor": 90_000, "reason": "a"}, {"line": 1, "amount_minor": 901, "reason": "b"}]}, "amounts"),
        ({"rejected": [{"line": 2, "reason": "Wrong account"}, {"line": 2, "reason": "Left"}]}, "rejected"),
    ],
)  # fmt: skip
def test_a_line_that_is_answered_twice_in_one_message_is_refused_and_nobody_is_paid(sign_in, owed, twice, words):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    told = sign_in("eve").post(
        f"/api/v1/incentives/payouts/{batch.pk}/confirmation/",
        {"reference": "R-1", **twice},
        content_type="application/json",
    )
    number = twice[words][0]["line"]
    assert told.status_code == 400
    assert told.json()["where"] == {words: [f"Line {number} is named twice. Say once what became of it."]}
    assert not PayoutAnswer.objects.exists() and not Journal.objects.filter(kind=JournalKind.PAY).exists()


def test_the_statement_says_what_was_paid_of_it(viewer, sign_in):
    sol, fin = viewer("sol"), viewer("fin")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    approve(period, sol, fin)
    batch = payout_make(period_id=period.pk, actor=fin)
    number = PayoutLine.objects.get(batch=batch, key="rex").number
    part = {number: PaidOtherwise(60_000, "Advance kept back")}
    payout_confirm(batch_id=batch.pk, reference="R-1", otherwise=part, actor=fin)
    [row] = payments_of(said(period)).rows
    assert row.cells[1].minor == 60_000
    words = "Payroll paid another amount than the 700.00 USD of its file: Advance kept back"
    assert row.cells[0].notes == (words,)
    assert words in read(sign_in("rex"), reverse("incentives:statement_detail", args=[said(period).pk]))


def test_what_is_owed_less_by_now_may_be_paid_as_far_as_it_is(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    rex = Participant.objects.get(source_key="rex").pk
    legs = [Leg(rex, None, "", "payable", -3_456, "USD"), Leg(rex, None, "", "paid", 3_456, "USD")]
    journal_post(kind=JournalKind.PAY, slot="less", period=period, legs=legs, reason="by hand", actor=eve)
    for amount in (123_456, 120_001):
        with pytest.raises(ValidationError, match=r"Rex has 1,200\.00 USD payable by now"):
            payout_confirm(
                batch_id=batch.pk, reference="R", otherwise={1: PaidOtherwise(amount, "Paid by hand")}, actor=eve
            )
    payout_confirm(batch_id=batch.pk, reference="R", otherwise={1: PaidOtherwise(120_000, "Paid by hand")}, actor=eve)
    assert (balance("paid", "rex"), balance("payable", "rex")) == (123_456, 0)
    assert not any("Payroll paid" in one for one in points(period))
