"""What is looked at before a period is closed names late facts of other periods and what was approved and not posted."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from incentives.models import AdjustmentBatch, BooksState
from incentives.selectors.period_checks import period_checks, questions_of
from incentives.selectors.periods import books_get
from incentives.services.adjustments import AdjustmentWish, adjustments_ask
from incentives.services.holds import HoldWish, hold_ask
from incentives.services.payouts import payout_make
from incentives.services.posting import run_post
from incentives.services.runs import changes_calculate, run_calculate
from incentives.tasks import post
from planning.models import Period, Quota
from spm.approvals.models import ApprovalRequest
from spm.crm.models import OpportunityVersion
from spm.people.models import Participant
from tests.conftest import TODAY
from tests.crm.support import import_text
from tests.incentives import world
from tests.incentives.test_payouts import approve, owe

pytestmark = pytest.mark.django_db


def looks(period):
    """What is not in order, each with where it leads."""
    return {one.words: one.url for one in period_checks(books_get(period), TODAY) if not one.is_good}


def approved_only(kind, decider):
    """Let a request be approved as releases did that posted with the next run."""
    values = {"state": "approved", "decided_by_id": decider.user_id, "decided_by_name": decider.name}
    assert ApprovalRequest.objects.filter(kind=kind).update(decided_at=timezone.now(), **values) == 1


def test_a_late_deal_of_an_earlier_period_is_named_until_that_is_calculated_again(viewer):
    sol = viewer("sol")
    period, before = world.build(sol), Period.objects.get(key="2026-Q2")
    for each in (before, period):
        world.calculate(each, sol)
    assert not [words for words in looks(period) if "2026-Q2" in words]
    world.deal("late", "rex", 100_000, on=date(2026, 5, 4))
    [(words, url)] = [each for each in looks(period).items() if each[0].startswith("2026-Q2")]
    assert words.startswith("2026-Q2 changed since its latest run: deals") and url.startswith("/incentives/runs/")
    assert words.endswith("Calculate it again: the books of 2026-Q2 pay the difference.")
    approve(before, sol, viewer("fin"))
    [words] = [each for each in looks(period) if each.startswith("2026-Q2")]
    assert words.endswith("Calculate it again: these books pay the difference.")
    run_calculate(period_id=before.pk, actor=sol)
    post(before.pk, sol)
    assert not [words for words in looks(period) if words.startswith("2026-Q2")]


def test_what_was_approved_and_not_posted_is_named_and_so_is_an_unanswered_payout(viewer):
    sol, fin = viewer("sol"), viewer("fin")
    period, rex = world.build(sol), Participant.objects.get(source_key="rex")
    world.deal("D-1", "rex", 1_000_000)
    world.calculate(period, sol)
    assert not [words for words in looks(period) if "approved" in words or "payroll" in words]
    wish = AdjustmentWish(rex.pk, period.pk, 1_000, "USD", "bonus", "A spiff")
    adjustments_ask(wishes=[wish], title="Spiffs", actor=sol)
    approved_only("adjustment", fin)
    hold_ask(wish=HoldWish(rex.pk, None, "", date(2026, 7, 1), "Looked into"), actor=sol)
    approved_only("hold", fin)
    earlier = Period.objects.get(key="2026-Q2")
    owe(earlier, "older", sol, rex=(5_000, "USD"))
    approve(earlier, sol, fin)
    payout_make(period_id=earlier.pk, actor=fin)
    found = looks(period)
    adjusted = "1 batch of adjustments is approved and not posted. Post a run again, and it follows."
    held = "1 approved hold, or its release, is not posted in these books yet. The review posts it."
    waits = "Payout 1 of 2026-Q2 waits for payroll's answer: no other is made before it has come."
    assert found[adjusted] == "/incentives/adjustments/" and found[held] == "/incentives/holds/"
    assert found[waits].startswith("/incentives/payouts/")
    world.calculate(period, sol)
    run_calculate(period_id=period.pk, actor=sol)
    post(period.pk, sol)
    assert not {adjusted, held} & looks(period).keys() and waits in looks(period)
    assert AdjustmentBatch.objects.count() == 1 and books_get(period).state == BooksState.OPEN


def test_what_an_earlier_run_could_not_calculate_is_named_until_its_people_are_calculated_again(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_000_000)
    Quota.objects.filter(position__code="rex", period=period).delete()
    torn = world.deal("D-2", "rob", 100_000)
    OpportunityVersion.objects.filter(pk=torn.pk).update(amount_minor=None)
    whole, _ = world.calculate(period, sol)
    assert sorted(one["code"] for one in whole.findings if one["severity"] == "ERROR") == [
        "DEAL_INCOMPLETE",
        "QUOTA_MISSING",
    ]
    assert "2 things could not be calculated." in looks(period)

    world.deal("D-3", "ria", 200_000)
    part, _ = changes_calculate(period_id=period.pk, actor=sol)
    run_post(run_id=part.pk, actor=sol)
    assert part.scope is not None and not [one for one in part.findings if one["severity"] == "ERROR"]
    words = "2 things of an earlier run still could not be calculated."
    assert looks(period)[words] == reverse("incentives:run_detail", args=[whole.pk])
    assert questions_of(books_get(period)) == 1

    world.deal("D-2", "rob", 100_000)
    mended, _ = changes_calculate(period_id=period.pk, actor=sol)
    run_post(run_id=mended.pk, actor=sol)
    assert mended.scope is not None
    assert "1 thing of an earlier run still could not be calculated." in looks(period)

    world.deal("D-4", "rex", 1_000)
    again, _ = changes_calculate(period_id=period.pk, actor=sol)
    run_post(run_id=again.pk, actor=sol)
    assert again.scope is not None
    found = looks(period)
    assert "1 thing could not be calculated." in found and not [each for each in found if "earlier run still" in each]


def test_won_deals_that_wait_in_the_data_inbox_are_counted_with_a_link(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    rows = [
        "H-1,new,Rex,Won,won,not a number,USD,2026-08-03",
        "H-2,new,Rex,Won,won,not a number,USD,2026-05-03",
        "H-3,new,Rex,Lost,lost,not a number,USD,2026-08-03",
        "H-4,new,Nobody Known,Won,won,900.00,USD,2026-09-30",
        "H-5,new,Rex,Won,won,900.00,USD,some day",
        "H-6,new,Rex,Won,won,900.00,USD,2026-08-03",
    ]
    head = "opportunity_id,type,owner,stage,status,amount,currency,close_date"
    upload = import_text("\n".join([head, *rows, ""]), "deals.csv", sol)
    assert (upload.held, upload.created) == (6, 0)
    words = "4 rows of won deals wait in the data inbox and are not calculated: decide on them first."
    assert looks(period)[words] == reverse("crm:held_list") + "?kind=opportunity"
    unread = "1 row of a won deal waits in the data inbox and is not calculated: decide on it first."
    assert unread in looks(Period.objects.get(key="2026-Q4"))
