"""What late facts do to a period that is locked."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils.html import strip_tags

from incentives.models import Journal, LedgerEntry, RunState, Statement
from incentives.selectors.changed import changes_between
from incentives.selectors.disputes import dispute_since
from incentives.selectors.papers.sheet import statement_sheet
from incentives.selectors.papers.statement import statement_paper
from incentives.selectors.periods import books_for
from incentives.services import periods as steps
from incentives.services.disputes import Doubt, Said, dispute_raise
from incentives.services.posting import run_post
from planning.models import CalendarKind, Period, Quota
from planning.services.calendars import calendar_extend
from tests.incentives import world
from tests.incentives.closing import locked

pytestmark = pytest.mark.django_db


def test_a_late_fact_of_a_locked_period_is_an_adjustment_in_the_next_open_one(closing):
    sol, fin, eve, period = locked(closing)
    later = Period.objects.get(key="2026-Q4")
    assert books_for(period, sol.on) == later
    kept = list(Statement.objects.order_by("id").values_list("id", "hash"))
    world.deal("D-2", "rex", 500_000)
    _, posting = world.calculate(period, sol)
    assert posting.groups == 2
    assert list(Statement.objects.filter(period=period).order_by("id").values_list("id", "hash")) == kept
    assert not LedgerEntry.objects.filter(
        period=period, journal__kind__in=("earn", "release"), journal__number__gt=3
    ).exists()
    statement = Statement.objects.get(period=later, participant__source_key="rex")
    (line,) = statement.content["prior"]
    assert statement.earned_minor == statement.payable_minor == 50_000
    assert (line["earned_in_key"], line["component"]) == ("2026-Q3", "commission")
    assert (line["before_minor"], line["after_minor"], line["difference_minor"]) == (70_000, 120_000, 50_000)
    assert line["since"] and line["run"] and line["since"] != line["run"]
    world.deal("D-2", "rex", 400_000)
    world.calculate(period, sol)
    (line,) = Statement.objects.filter(period=later, participant__source_key="rex").latest("number").content["prior"]
    assert (line["before_minor"], line["after_minor"], line["difference_minor"]) == (70_000, 110_000, 40_000)
    world.calculate(later, sol)
    latest = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    assert latest.content["prior"] == [line | {"run": latest.content["prior"][0]["run"]}]
    assert latest.earned_minor == 40_000 and len(latest.content["lines"]) == 1


def test_without_an_open_period_nothing_is_lost(closing):
    sol, fin, eve, period = locked(closing)
    later = Period.objects.filter(during__startswith__gt=period.during.lower)
    Quota.objects.filter(period__in=later).delete()
    later.delete()
    world.deal("D-2", "rex", 500_000)
    run, posting = world.calculate(period, sol)
    assert [finding.code for finding in posting.findings] == ["NO_OPEN_PERIOD"] and run.state == RunState.DONE
    assert Journal.objects.count() == 3
    steps.period_reopen_ask(period_id=period.id, reason="A deal came late", actor=sol)
    steps.period_reopen(period_id=period.id, actor=fin)
    assert run_post(run_id=run.id, actor=sol).groups == 2
    assert world.earned(period)["Rex"] == 120_000


def test_a_difference_of_an_earlier_period_is_in_the_sums_and_the_changes_of_page_paper_and_sheet(closing, sign_in):
    # Given a statement of Q4 with 150.00 earned, and then a late deal of the locked Q3 that pays 500.00 more
    sol, fin, eve, period = locked(closing)
    later = Period.objects.get(key="2026-Q4")
    world.deal("D-3", "rex", 300_000, on=later.during.lower)
    world.calculate(later, sol)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    statement = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    assert (statement.number, statement.earned_minor) == (2, 65_000)
    # Then the rows of each table come to what its foot and head say
    data = statement_paper(statement).as_data()
    summary = next(block for block in data["blocks"] if "Earned in all" in str(block))
    assert "'$150.00'" in str(summary) and "'Earlier periods', '', '', '', '', '$500.00'" in str(summary)
    assert "'Earned in all', '', '', '', '', '$650.00'" in str(summary)
    sums = [row for row in statement_sheet(statement) if row[4] in ("Line", "Earlier period", "Earned")]
    assert [(row[4], str(row[14])) for row in sums] == [
        ("Line", "150.00"),
        ("Earlier period", "500.00"),
        ("Earned", "650.00"),
    ]
    html = sign_in("rex").get(reverse("incentives:statement_detail", args=[statement.pk])).content.decode()
    page = " ".join(strip_tags(unescape(html)).replace("\xa0", " ").split())
    foot = " ".join(strip_tags(unescape(re.search("<tfoot>.*?</tfoot>", html, re.S)[0])).split())
    assert re.fullmatch(r"Earlier periods ?\+\$500\.00 Earned in all ?\$650\.00", foot), foot
    # And both say that the adjustment is what moved, and why
    assert "Commission · Reps 2026, 2026-Q3 +$500.00 not there before → $500.00 What caused it" in page
    paper = str(data)
    assert "No line changed" not in paper and "Commission · Reps 2026, 2026-Q3" in paper and "Deal D-2" in paper
    # When the late deal is less, the next version tells the difference to this one, with its cause
    world.deal("D-2", "rex", 400_000)
    world.calculate(period, sol)
    latest = Statement.objects.filter(period=later, participant__source_key="rex").latest("number")
    (change,) = changes_between(statement, latest)
    assert (change.section, change.before_minor, change.after_minor) == ("prior", 50_000, 40_000)
    assert "['Difference', '-$100.00']" in str(statement_paper(latest).as_data())
    # And page and API explain the same difference, not that to the books that were closed
    rex = sign_in("rex")
    address = f"{reverse('incentives:statement_prior', args=[latest.pk, 1])}?since={change.runs[0]}"
    assert address in rex.get(reverse("incentives:statement_detail", args=[latest.pk])).content.decode()
    page = " ".join(strip_tags(unescape(rex.get(address).content.decode())).split())
    assert "amount 5,000.00 → 4,000.00" in page and "Difference −$100.00" in page and "+$400.00" not in page
    prior = reverse("api_incentives_statement_prior_changes", args=[latest.pk, 1])
    assert rex.get(prior, {"since": change.runs[0]}).json()["difference_minor"] == -10_000
    assert rex.get(prior).json()["difference_minor"] == 40_000
    assert rex.get(prior, {"since": latest.run_id}).status_code == 400


def test_statements_and_ledger_agree_to_the_cent_in_every_period(closing):
    sol, fin, eve, period = locked(closing)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    world.deal("D-3", "ria", 300_000, on=Period.objects.get(key="2026-Q4").during.lower)
    later = Period.objects.get(key="2026-Q4")
    world.calculate(later, sol)
    for one in (period, later):
        said = sum(world.earned(one).values())
        stands = LedgerEntry.objects.filter(period=one, account="expense").aggregate(total=Sum("amount_minor"))["total"]
        assert said == -stands
    for statement in Statement.objects.filter(period=later):
        parts = statement.content
        lines = sum(line["earned_minor"] for line in parts["lines"])
        assert lines + sum(line["difference_minor"] for line in parts.get("prior", [])) == parts["earned_minor"]


def test_a_dispute_of_an_earlier_periods_difference_is_followed_into_later_books(closing, viewer):
    # Given a difference of Q3 that stands in the books of Q4, disputed by Rex, and then Q4 is locked
    sol, fin, eve, period = locked(closing)
    world.deal("D-2", "rex", 500_000)
    world.calculate(period, sol)
    later = Period.objects.get(key="2026-Q4")
    statement = Statement.objects.get(period=later, participant__source_key="rex")
    doubt, words = Doubt("data"), Said("D-2 was larger")
    dispute = dispute_raise(
        statement_id=statement.pk, section="prior", place=1, doubt=doubt, said=words, actor=viewer("rex")
    )
    locked((sol, fin, eve, later))
    calendar_extend(kind=CalendarKind.QUARTERLY, start=date(2027, 1, 1), until=date(2027, 4, 1), actor=sol)
    # When the deal of Q3 is corrected, then the dispute leads to what the books of the next quarter say of it
    world.deal("D-2", "rex", 700_000)
    world.calculate(period, replace(sol, on=date(2027, 1, 10)))
    [since] = dispute_since(fin, dispute)
    assert (since.statement.period.key, since.before_minor, since.after_minor) == ("2027-Q1", 120_000, 140_000)
