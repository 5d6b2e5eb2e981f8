"""The database takes no entry in the books of a period that is shut, whoever asks."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from incentives.models import BooksState, JournalKind, LedgerEntry, PeriodStep, RunEarning
from incentives.selectors.chain import chain_verify, journal_hash
from incentives.services.ledger import Leg, journal_post
from planning.models import Period
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    run, _ = world.calculate(period, sol)
    return sol, period, run


def step(period, *states):
    for number, (before, after) in enumerate(zip(states, states[1:], strict=False), start=1):
        PeriodStep.objects.create(
            period=period, number=number, from_state=before, to_state=after, by_name="test", at=timezone.now()
        )


def post(posted, kind=JournalKind.ADJUST, slot="late", **more):
    sol, period, run = posted
    one = RunEarning.objects.filter(run=run).first()
    legs = [
        Leg(one.participant_id, one.plan_version_id, one.component, account, amount, "USD", **more)
        for account, amount in (("payable", 5), ("expense", -5))
    ]
    return journal_post(kind=kind, slot=slot, period=period, legs=legs, reason="late", actor=sol)


TO_REVIEW = (BooksState.OPEN, BooksState.CALCULATING, BooksState.IN_REVIEW)
SHUT = [
    (TO_REVIEW, JournalKind.PAY),
    ((*TO_REVIEW, BooksState.APPROVED), JournalKind.ADJUST),
    ((*TO_REVIEW, BooksState.APPROVED, BooksState.PAID), JournalKind.EARN),
    ((*TO_REVIEW, BooksState.APPROVED, BooksState.PAID, BooksState.LOCKED), JournalKind.PAY),
]


@pytest.mark.parametrize(("states", "kind"), SHUT)
def test_a_period_that_is_shut_takes_no_entry(posted, states, kind):
    step(posted[1], *states)
    before = LedgerEntry.objects.count()
    with pytest.raises(IntegrityError, match="earliest open period"), transaction.atomic():
        post(posted, kind)
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        (TO_REVIEW[:2], JournalKind.ADJUST),
        ((*TO_REVIEW, BooksState.CALCULATING), JournalKind.ADJUST),
        ((*TO_REVIEW, BooksState.APPROVED), JournalKind.PAY),
    ],
)
def test_a_period_takes_what_its_state_allows(posted, states, kind):
    step(posted[1], *states)
    assert LedgerEntry.objects.filter(journal=post(posted, kind)).count() == 2


def test_steps_follow_one_another(posted):
    period = posted[1]
    step(period, *TO_REVIEW)
    for number, before in ((3, BooksState.OPEN), (5, BooksState.IN_REVIEW), (3, BooksState.CALCULATING)):
        with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
            PeriodStep.objects.create(
                period=period, number=number, from_state=before, to_state="approved", by_name="test", at=timezone.now()
            )
    assert PeriodStep.objects.filter(period=period).count() == 2


def test_what_was_earned_before_is_part_of_the_hash(posted):
    before = Period.objects.get(key="2026-Q2")
    journal = post(posted, earned_in=before.id)
    entries = list(LedgerEntry.objects.filter(journal=journal))
    assert {one.earned_in_id for one in entries} == {before.id}
    assert chain_verify() is None and journal_hash(journal, entries) == journal.hash
    entries[0].earned_in_id = posted[1].id
    assert journal_hash(journal, entries) != journal.hash
