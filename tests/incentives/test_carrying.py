"""What is not paid with its period is paid with a later one, and the books of each period say what is really unpaid of it."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives.models import BooksState, Journal, LedgerEntry, PeriodStep
from incentives.selectors.accruals import accrual_lines
from incentives.selectors.chain import chain_verify
from incentives.selectors.ledger_exports import exportable_periods
from incentives.selectors.payouts import payout_get
from incentives.selectors.periods import Total, books_list, payable_of
from incentives.services.payouts import payout_confirm, payout_make
from incentives.services.periods import period_lock
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives.adding import add_up
from tests.incentives.engine.generated import PHASES
from tests.incentives.test_payouts import approve, finance, owe

pytestmark = pytest.mark.django_db


@pytest.fixture
def months(viewer):
    """Six months; Sol closes, Fin approves, Eve pays."""
    periods = calendar_extend(
        kind=CalendarKind.MONTHLY, start=date(2026, 1, 1), until=date(2026, 7, 1), actor=viewer("sol")
    )
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    finance("eve")
    return sorted(periods, key=lambda each: each.during.lower)


def payable(who="rex"):
    """What is payable to a person in the books of each period that has entries of theirs."""
    rows = LedgerEntry.objects.filter(account="payable", participant__source_key=who).order_by("period__key")
    return {key: total for key, total in rows.values_list("period__key").annotate(total=Sum("amount_minor"))}


def shut(period, viewer, slot, **amounts):
    owe(period, slot, viewer("sol"), **amounts)
    approve(period, viewer("sol"), viewer("fin"))


def reject(period, eve):
    batch = payout_make(period_id=period.pk, actor=eve)
    numbers = {line.number: "Wrong account" for line in payout_get(eve, batch.pk).lines if line.key == "rex"}
    payout_confirm(batch_id=batch.pk, reference="R", rejected=numbers, actor=eve)


def test_pay_rejected_in_one_period_and_paid_with_the_next_leaves_nothing_in_either(months, viewer):
    first, second, *_ = months
    eve = viewer("eve")
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    reject(first, eve)
    assert payable() == {"2026-01": 50_000}
    shut(second, viewer, "2", rex=(30_000, "USD"))
    assert payable() == {"2026-01": 50_000, "2026-02": 30_000}
    batch = payout_make(period_id=second.pk, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="R-2", actor=eve)
    assert payable() == {"2026-01": 0, "2026-02": 0}
    paid = LedgerEntry.objects.filter(account="paid", participant__source_key="rex")
    assert list(paid.values_list("period__key", "amount_minor")) == [("2026-02", 80_000)]
    carried = LedgerEntry.objects.filter(journal__kind="carry").order_by("period__key")
    assert list(carried.values_list("period__key", "earned_in__key", "amount_minor")) == [
        ("2026-01", "2026-01", -50_000),
        ("2026-02", "2026-01", 50_000),
    ]
    assert chain_verify() is None


def test_a_period_that_is_locked_has_nothing_left_and_the_next_one_has_it(months, viewer):
    first, second, *_ = months
    sol, eve = viewer("sol"), viewer("eve")
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"), rob=(-700, "EUR"))
    reject(first, eve)
    owe(second, "2", sol, rex=(30_000, "USD"))
    period_lock(period_id=first.pk, actor=sol)
    assert payable() == {"2026-01": 0, "2026-02": 80_000}
    assert payable("rob") == {"2026-01": 0, "2026-02": -700} and payable("ria") == {"2026-01": 0}
    approve(second, sol, viewer("fin"))
    owed = {(each.participant_id, each.amount_minor) for each in payable_of(second)}
    assert owed == {(Participant.objects.get(source_key="rex").pk, 80_000)}


def step(period, *states):
    """Let the books of a period take steps, as services do."""
    for after in states:
        last = PeriodStep.objects.filter(period=period).order_by("-number").first()
        PeriodStep.objects.create(
            period=period,
            number=last.number + 1,
            from_state=last.to_state,
            to_state=after,
            by_name="Sol",
            at=timezone.now(),
        )


def test_a_period_with_pay_left_is_not_locked_before_the_one_that_takes_it_begins(months, viewer):
    first, second, *_ = months
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    reject(first, viewer("eve"))
    sol = viewer("sol")
    with pytest.raises(
        ValidationError, match="pay of 1 person that is not paid yet.*2026-02, which takes it, begins on"
    ):
        period_lock(period_id=first.pk, actor=replace(sol, on=date(2026, 1, 31)))
    period_lock(period_id=first.pk, actor=replace(sol, on=date(2026, 2, 1)))
    early = replace(sol, on=date(2026, 1, 31))
    assert [(one.period.key, one.state) for one in books_list(early)] == [
        (second.key, BooksState.OPEN),
        (first.key, BooksState.LOCKED),
    ]


def test_a_period_is_not_locked_while_nothing_can_take_what_it_has_left(months, viewer):
    *_, fifth, last = months
    sol, eve = viewer("sol"), viewer("eve")
    for period in (fifth, last):
        shut(period, viewer, period.key, rex=(50_000, "USD"), ria=(100, "USD"))
        reject(period, eve)
    with pytest.raises(ValidationError, match="no later period takes it"):
        period_lock(period_id=last.pk, actor=sol)
    step(last, BooksState.OPEN, BooksState.CALCULATING, BooksState.IN_REVIEW)
    with pytest.raises(ValidationError, match="2026-06, which takes it, is in review"):
        period_lock(period_id=fifth.pk, actor=sol)
    assert payable() == {"2026-05": 50_000, "2026-06": 50_000}
    assert not PeriodStep.objects.filter(to_state=BooksState.LOCKED).exists()


def test_the_general_ledger_books_nothing_of_what_is_carried(months, viewer):
    first, second, *_ = months
    eve, fin = viewer("eve"), viewer("fin")
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    before = accrual_lines(fin, first)
    reject(first, eve)
    waiting = dict(exportable_periods(fin))
    period_lock(period_id=first.pk, actor=viewer("sol"))
    assert Journal.objects.get(kind="carry").period_id == second.pk
    assert accrual_lines(fin, first) == before and dict(exportable_periods(fin)) == waiting
    with pytest.raises(IntegrityError, match="locked"), transaction.atomic():
        owe(first, "late", viewer("sol"), rex=(1, "USD"))


def test_lists_and_totals_say_what_was_carried_and_add_up(months, viewer, sign_in):
    first, second, *_ = months
    eve, client = viewer("eve"), sign_in("fin")
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    reject(first, eve)
    shut(second, viewer, "2", rex=(30_000, "USD"))
    batch = payout_make(period_id=second.pk, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="R-2", actor=eve)
    rows = {one.period.key: one.totals[0] for one in books_list(eve)}
    assert (rows["2026-01"].eligible_minor, rows["2026-01"].carried_minor) == (50_100, -50_000)
    assert (rows["2026-02"].eligible_minor, rows["2026-02"].carried_minor) == (30_000, 50_000)
    for one in rows.values():
        assert one.eligible_minor == one.earned_minor - one.kept_minor + one.other_minor
        assert one.payable_minor == one.eligible_minor + one.carried_minor - one.paid_minor == 0
    told = client.get(f"/api/v1/incentives/periods/{first.pk}/").json()
    [way] = told["way"]
    assert [(step["key"], step["amount_minor"], step["period_key"]) for step in way["steps"]] == [
        ("earned", 50_100, ""),
        ("eligible", 50_100, ""),
        ("carried", -50_000, "2026-02"),
        ("paid", -100, ""),
        ("payable", 0, ""),
    ]
    page = client.get(f"/incentives/periods/{first.pk}/").content.decode()
    assert (
        "Carried to 2026-02" in page
        and "Carried from 2026-01" in client.get(f"/incentives/periods/{second.pk}/").content.decode()
    )
    assert "-500.00" in client.get("/incentives/periods/export.csv").content.decode()


def test_the_step_that_locks_says_what_it_carries_and_where_to(months, viewer, sign_in):
    first, second, *_ = months
    eve = viewer("eve")
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    reject(first, eve)
    url = f"/incentives/periods/{first.pk}/"
    page = " ".join(re.sub("<[^>]*>", " ", sign_in("sol").get(url).content.decode()).split())
    assert "What is not paid or is owed in them is carried to 2026-02: $500.00" in page
    shut(second, viewer, "2", rex=(30_000, "USD"))
    payout_confirm(batch_id=payout_make(period_id=second.pk, actor=eve).pk, reference="R-2", actor=eve)
    assert "is carried to" not in sign_in("sol").get(url).content.decode()


def test_home_tells_what_waits_in_all_periods(months, viewer, sign_in):
    first, second, third, *_ = months
    shut(first, viewer, "1", rex=(50_000, "USD"), ria=(100, "USD"))
    reject(first, viewer("eve"))
    shut(second, viewer, "2", rex=(30_000, "USD"))
    owe(third, "3", viewer("sol"), ria=(700, "USD"))

    def words(who):
        return " ".join(re.sub("<[^>]*>", " ", sign_in(who).get("/").content.decode()).split())

    page = words("fin")
    assert "What waits in all periods" in page and "2026-02" in page and "2026-03" in page
    assert "In all books, paid ones too $0.00 $807.00" in page
    assert "Payable of it: 2026-01 $500.00 , 2026-02 $300.00 , 2026-03 $7.00" in page
    assert "In all your periods: $800.00 payable and not paid, $0.00 held or waiting" in words("rex")


def test_home_says_so_where_nothing_waits():
    page = render_to_string("insights/_owed.html", {"content": {"standing": [(Total("", "USD", *[0] * 7), [])]}})
    assert "Nothing waits: every period that has begun is paid." in page and "Payable of it" not in page


PEOPLE = ("rex", "ria")
amounts = st.integers(min_value=-500, max_value=2_000)
moves = st.lists(
    st.tuples(st.sampled_from(["approve", "pay", "reject", "lock"]), st.integers(0, 3), st.sampled_from(PEOPLE)),
    min_size=4,
    max_size=14,
)
stories = st.tuples(st.lists(st.tuples(amounts, amounts), min_size=4, max_size=4), moves)


class Told:
    """What should be unpaid of each of four months, worked out apart: whom a payout pays has nothing left in it or before it."""

    def __init__(self, owed):
        self.left = [dict(zip(PEOPLE, row, strict=True)) for row in owed]
        self.states = ["open"] * 4

    def lines(self, month):
        up_to = [each for each in range(month + 1) if self.states[each] != "open"]
        sums = {who: sum(self.left[each][who] for each in up_to) for who in PEOPLE}
        return {who: total for who, total in sums.items() if total > 0}

    def pay(self, month, people):
        for each in range(month + 1):
            for who in people if self.states[each] != "open" else ():
                self.left[each][who] = 0
        if people and self.states[month] == "approved":
            self.states[month] = "paid"

    def lock(self, month):
        after = next(each for each in range(month + 1, 5) if each == 4 or self.states[each] != "locked")
        if after < 4:
            for who in PEOPLE:
                self.left[after][who] += self.left[month][who]
        self.left[month], self.states[month] = dict.fromkeys(PEOPLE, 0), "locked"


def play(months, viewer, story):
    owed, steps = story
    told, paid = Told(owed), Counter()
    for number, row in enumerate(owed):
        debts = {who: (minor, "USD") for who, minor in zip(PEOPLE, row, strict=True) if minor}
        if debts:
            owe(months[number], f"o{number}", viewer("sol"), **debts)
    for what, month, who in steps:
        state = told.states[month]
        if what == "approve" and state == "open":
            approve(months[month], viewer("sol"), viewer("fin"))
            told.states[month] = "approved"
        elif what in ("pay", "reject") and state in ("approved", "paid") and told.lines(month):
            paid.update(pay(told, months, month, viewer("eve"), who if what == "reject" else ""))
        elif what == "lock" and state == "paid":
            period_lock(period_id=months[month].pk, actor=viewer("sol"))
            told.lock(month)
        assert [stands(months[:4], each) for each in PEOPLE] == [[row[each] for row in told.left] for each in PEOPLE]
    add_up()
    for place, who in enumerate(PEOPLE):
        assert sum(payable(who).values()) == sum(row[place] for row in owed) - paid[who]
    accrued = [line for line in accrual_lines(viewer("fin"), months[3]) if line.entry == "accrual"]
    expense = [line.debit_minor - line.credit_minor for line in accrued if line.account == "Commission expense"]
    assert sum(expense) == sum(map(sum, owed))
    assert chain_verify() is None


def stands(months, who):
    found = payable(who)
    return [found.get(period.key, 0) for period in months]


def pay(told, months, month, eve, refused):
    """Hand a month over and have it confirmed but for one person; gives what was paid to whom."""
    batch, lines = payout_make(period_id=months[month].pk, actor=eve), told.lines(month)
    made = {line.key: line for line in payout_get(eve, batch.pk).lines}
    assert {key: line.amount_minor for key, line in made.items()} == lines
    numbers = {line.number: "Wrong account" for key, line in made.items() if key == refused}
    payout_confirm(batch_id=batch.pk, reference="R", rejected=numbers, actor=eve)
    done = {who: minor for who, minor in lines.items() if who != refused}
    told.pay(month, done)
    return done


def _plays(months, viewer, story):
    with transaction.atomic():
        play(months, viewer, story)
        transaction.set_rollback(True)


@given(story=stories)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_whatever_is_paid_rejected_or_locked_each_period_says_what_is_unpaid_of_it(months, viewer, story):
    _plays(months, viewer, story)


@pytest.mark.deep
@given(story=stories)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_many_stories_of_payments(months, viewer, story):
    _plays(months, viewer, story)
