"""What became of a statement's pay: a rejection reaches the person with its reason, and a replaced version says what it said."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import PayoutLine, Statement
from incentives.selectors.payments import payments_of
from incentives.services import periods as steps
from incentives.services.payouts import payout_confirm, payout_make
from planning.models import Period
from spm.notices.models import Notice
from tests.incentives import world
from tests.incentives.test_payouts import approve, owe

pytestmark = pytest.mark.django_db


def said(period, who="rex"):
    return Statement.objects.filter(period=period, participant__source_key=who).latest("number")


def read(client, address):
    return " ".join(strip_tags(unescape(client.get(address).content.decode())).replace("\xa0", " ").split())


def handed(period, viewer, refused):
    """Approve a period and let payroll reject one person's line."""
    approve(period, viewer("sol"), viewer("fin"))
    batch = payout_make(period_id=period.pk, actor=viewer("fin"))
    numbers = {line.number: "Account closed" for line in PayoutLine.objects.filter(batch=batch) if line.key == refused}
    payout_confirm(batch_id=batch.pk, reference="R-1", rejected=numbers, actor=viewer("fin"))


def test_who_was_not_paid_is_told_and_reads_why_and_what_comes_next(viewer, sign_in):
    sol, fin = viewer("sol"), viewer("fin")
    period, later = world.build(sol), Period.objects.get(key="2026-Q4")
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 800_000)
    world.calculate(period, sol)
    handed(period, viewer, "rex")
    [notice] = Notice.objects.filter(kind="payment")
    assert notice.membership_id == viewer("rex").membership_id and notice.wants_mail
    assert notice.title == "Payroll rejected your payment of 2026-Q3"
    assert "700" not in notice.title + notice.body and "Account closed" not in notice.title + notice.body
    rex, page = sign_in("rex"), reverse("incentives:statement_detail", args=[said(period).pk])
    for words in (read(rex, page), read(rex, "/")):
        assert "Account closed" in words and "It stays payable and comes with the next payout" in words
    [row] = rex.get(f"/api/v1/incentives/statements/{said(period).pk}/").json()["payments"]["rows"]
    assert row["cells"][0]["words"].endswith("Account closed") and row["cells"][1]["amount_minor"] == 70_000
    assert "Account closed" not in read(sign_in("ria"), "/")
    steps.period_lock(period_id=period.pk, actor=sol)
    world.deal("D-3", "rex", 100_000, on=later.during.lower)
    world.calculate(later, sol)
    paid = read(rex, reverse("incentives:statement_detail", args=[said(later).pk]))
    assert "From 2026-Q3 Payroll rejected it on" in paid and "+$700.00" in paid
    assert "Carried to 2026-Q4" in read(rex, page)
    approve(later, sol, fin)
    payout_confirm(batch_id=payout_make(period_id=later.pk, actor=fin).pk, reference="R-2", actor=fin)
    assert "Account closed" not in read(rex, "/")
    assert "Paid since, with 2026-Q4." in read(rex, page)


def test_a_replaced_version_says_what_was_payable_when_it_was_issued(viewer, sign_in):
    sol, fin = viewer("sol"), viewer("fin")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    first = said(period)
    world.deal("D-1", "rex", 1_000_000)
    world.calculate(period, sol)
    approve(period, sol, fin)
    payout_confirm(batch_id=payout_make(period_id=period.pk, actor=fin).pk, reference="R-1", actor=fin)
    rex = sign_in("rex")
    words = read(rex, reverse("incentives:statement_detail", args=[first.pk]))
    assert (
        "Payable when issued" in words
        and "700.00" in words.split("Payable when issued")[1].split("Paid when issued")[0]
    )
    assert "Paid on" not in words
    old, new = (rex.get(f"/api/v1/incentives/statements/{one.pk}/").json() for one in (first, said(period)))
    assert (old["balance"]["payable_minor"], old["balance"]["paid_minor"], old["payments"]) == (70_000, 0, None)
    assert (new["balance"]["payable_minor"], new["balance"]["paid_minor"]) == (0, 50_000)
    [row] = rex.get("/api/v1/incentives/statements/").json()["results"]
    assert (row["payable_minor"], row["payable_now_minor"]) == (50_000, 0)
    assert "Paid on" in read(rex, reverse("incentives:statement_detail", args=[said(period).pk]))


def test_each_currency_keeps_its_reason_and_one_notice_tells_of_both(viewer):
    sol, fin = viewer("sol"), viewer("fin")
    period, later = world.build(sol), Period.objects.get(key="2026-Q4")
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    owe(period, "euro", sol, rex=(5_000, "EUR"), ria=(100, "USD"))
    approve(period, sol, fin)
    batch = payout_make(period_id=period.pk, actor=fin)
    lines = {(line.key, line.currency): line.number for line in PayoutLine.objects.filter(batch=batch)}
    for currency, reason in (("EUR", "No euro account"), ("USD", "Account closed")):
        rejected = {lines["rex", currency]: reason}
        payout_confirm(batch_id=batch.pk, reference="R-1", paid=[], rejected=rejected, actor=fin)
    payout_confirm(batch_id=batch.pk, reference="R-1", actor=fin)
    assert [notice.membership_id for notice in Notice.objects.filter(kind="payment")] == [viewer("rex").membership_id]
    steps.period_lock(period_id=period.pk, actor=sol)
    world.deal("D-2", "rex", 100_000, on=later.during.lower)
    world.calculate(later, sol)
    mine = Statement.objects.filter(period=later, participant__source_key="rex")
    told = {one.currency: payments_of(one).rows[-1].cells[0].words for one in mine.order_by("number")}
    assert told["USD"].endswith(": Account closed") and told["EUR"].endswith(": No euro account")


def test_all_who_were_rejected_are_told_at_once(viewer):
    sol, fin = viewer("sol"), viewer("fin")
    period = world.build(sol)
    owe(period, "all", sol, rex=(100, "USD"), ria=(200, "USD"), rob=(300, "USD"))
    approve(period, sol, fin)
    batch = payout_make(period_id=period.pk, actor=fin)
    with CaptureQueriesContext(connection) as queries:
        payout_confirm(
            batch_id=batch.pk, reference="R", paid=[], rejected=dict.fromkeys((1, 2, 3), "Closed"), actor=fin
        )
    written = [one["sql"] for one in queries if 'INSERT INTO "notices_notice"' in one["sql"]]
    assert len(written) == 1 and Notice.objects.filter(kind="payment").count() == 3
