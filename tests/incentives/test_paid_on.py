"""A payment stands on the day on which it was paid, not on that of its posting: in accruals, the general ledger and on statements."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from incentives.models import BooksState, Journal, JournalKind, PayoutAnswer, PeriodStep
from incentives.selectors.accruals import accrual_lines
from incentives.selectors.booking import Asked, entries_between
from incentives.selectors.chain import chain_verify, journal_verify
from incentives.services.payouts import payout_confirm, payout_make
from incentives.services.periods import period_pay
from planning.models import Period
from spm.tenancy.models import Organisation
from tests.conftest import TODAY
from tests.incentives import world
from tests.incentives.test_payments import read
from tests.incentives.test_payouts import approve, finance, owe, state

pytestmark = pytest.mark.django_db

PAID_ON = date(2026, 10, 6)


@pytest.fixture
def owed(viewer):
    """Sol closes, Fin approves, Eve pays; Rex has 1,234.56 payable in the books of the third quarter."""
    period = world.build(viewer("sol"))
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    finance("eve")
    owe(period, "one", viewer("sol"), rex=(123_456, "USD"))
    approve(period, viewer("sol"), viewer("fin"))
    return period, viewer("eve")


def accrued(viewer, key):
    lines = accrual_lines(viewer("fin"), Period.objects.get(key=key))
    return [(line.on, line.debit_minor) for line in lines if line.debit_minor and line.entry == "accrual"]


def test_what_was_paid_after_the_end_was_owed_then_and_by_the_next_end_it_is_not(owed, viewer, sign_in):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="R-1", paid_on=PAID_ON, actor=eve)
    journal = Journal.objects.get(kind=JournalKind.PAY)
    assert (journal.paid_on, journal.booked_on, chain_verify()) == (PAID_ON, PAID_ON, None)
    assert accrued(viewer, "2026-Q3") == [(date(2026, 9, 30), 123_456)]
    assert accrued(viewer, "2026-Q4") == []
    entries = entries_between(period, 0, journal.number, Asked(False, False), "America/New_York")
    days = {(entry.on, entry.kind) for entry in entries}
    assert days == {(date(2026, 9, 30), "adjust"), (PAID_ON, "pay")}
    page = read(sign_in("eve"), f"/incentives/payouts/{batch.pk}/")
    assert "paid on Oct 6, 2026, confirmed by Eve" in page
    assert "Booked onOct 6, 2026" in read(sign_in("fin"), f"/incentives/journals/{journal.pk}/")
    assert "Oct 6, 2026" in read(sign_in("fin"), "/incentives/journals/")


def test_another_day_is_another_journal_than_was_posted(owed):
    period, eve = owed
    period_pay(period_id=period.pk, reference="R-1", paid_on=PAID_ON, actor=eve)
    journal = Journal.objects.get(kind=JournalKind.PAY)
    assert journal_verify(journal)
    journal.paid_on = PAID_ON + timedelta(days=1)
    assert not journal_verify(journal)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 9, 29), "2026-Q3 ends on 2026-09-30. Nothing of it was paid before"),
        (TODAY + timedelta(days=1), "is still to come"),
    ],
    ids=["before the end", "to come"],
)
def test_a_day_on_which_it_can_not_have_been_paid_is_refused(owed, day, words):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    with pytest.raises(ValidationError, match=words):
        payout_confirm(batch_id=batch.pk, reference="R-1", paid_on=day, actor=eve)
    with pytest.raises(ValidationError, match=words):
        period_pay(period_id=period.pk, reference="R-1", paid_on=day, actor=eve)
    assert not PayoutAnswer.objects.exists() and state(period) == "approved"
    assert not Journal.objects.filter(kind=JournalKind.PAY).exists()


def test_what_was_owed_when_locked_books_ended_stands(owed):
    period, eve = owed
    later = Period.objects.get(key="2026-Q4")
    PeriodStep.objects.create(
        period=later,
        number=1,
        from_state=BooksState.OPEN,
        to_state=BooksState.LOCKED,
        by_name="Sol",
        at="2026-11-01T00:00Z",
    )
    with pytest.raises(ValidationError, match="Books that ended before 2027-01-01 are locked"):
        period_pay(period_id=period.pk, reference="R-1", paid_on=PAID_ON, actor=eve)
    assert state(period) == "approved"


def test_the_doors_take_the_day_and_say_it(owed, sign_in):
    period, _eve = owed
    client = sign_in("eve")
    url = client.post("/incentives/payouts/", {"period": str(period.pk)})["Location"]
    assert 'name="paid_on" value="2026-' in client.get(url).content.decode()
    answer = {"reference": "R-1", "rest": "paid", "paid_on": "2026-09-01"}
    refused = client.post(url, answer)
    assert refused.status_code == 422 and "2026-Q3 ends on 2026-09-30" in refused.content.decode()
    assert client.post(url, answer | {"paid_on": "2026-10-06"}).status_code == 302
    batch = url.rstrip("/").rsplit("/", 1)[1]
    [line] = client.get(f"/api/v1/incentives/payouts/{batch}/").json()["lines"]
    assert line["paid_on"] == "2026-10-06"
    [paid] = client.get("/api/v1/incentives/journals/?kind=pay").json()["results"]
    assert paid["paid_on"] == "2026-10-06"


def test_the_page_and_the_api_of_a_period_take_the_day(owed, sign_in):
    period, _eve = owed
    client = sign_in("eve")
    url = f"/api/v1/incentives/periods/{period.pk}/pay/"
    refused = client.post(url, {"reference": "R-1", "paid_on": "2026-09-01"}, content_type="application/json")
    assert refused.status_code == 400 and state(period) == "approved"
    client.post(f"/incentives/periods/{period.pk}/pay/", {"step": "pay", "reason": "R-1", "paid_on": "1 Oct"})
    assert state(period) == "approved"
    client.post(f"/incentives/periods/{period.pk}/pay/", {"step": "pay", "reason": "R-1", "paid_on": "2026-10-06"})
    assert state(period) == "paid" and Journal.objects.get(kind=JournalKind.PAY).paid_on == PAID_ON
