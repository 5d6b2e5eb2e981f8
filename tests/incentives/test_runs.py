"""Runs post differences, once; what they read is kept; what can't be calculated is never taken for 0."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.urls import reverse

from incentives.models import Journal, LedgerEntry, PlanVersion, Run, RunCredit, RunState, Statement
from incentives.selectors.chain import chain_verify
from incentives.selectors.lifecycle import publication_obstacles
from incentives.selectors.runs import run_stale
from incentives.services.assignments import plan_assign
from incentives.services.documents import PlanRefused
from incentives.services.lifecycle import plan_version_end
from incentives.services.plans import plan_create
from incentives.services.posting import run_post
from incentives.services.runs import run_calculate, run_recompute
from planning.models import Quota
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def period(sol):
    found = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.deal("D-2", "ria", 300_000)
    return found


def totals(period) -> dict[str, int]:
    rows = LedgerEntry.objects.filter(period=period).values_list("account").annotate(total=Sum("amount_minor"))
    return dict(rows)


def test_a_run_pays_tiers_and_override_and_says_0_to_whoever_sold_nothing(period, sol):
    world.calculate(period, sol)
    # Rex: 10,000.00 at 5 % + 2,000.00 at 10 % = 700.00; Ria: 3,000.00 at 5 % = 150.00; Mara: 15,000.00 at 1 % = 150.00
    assert world.earned(period) == {"Rex": 70_000, "Ria": 15_000, "Mara": 15_000, "Rob": 0, "Max": 0, "Mona": 0}


def test_posting_twice_posts_nothing(period, sol):
    run, first = world.calculate(period, sol)
    before = (Journal.objects.count(), LedgerEntry.objects.count(), Statement.objects.count())
    again = run_post(run_id=run.id, actor=sol)
    assert first.groups == 3 and again.groups == again.statements == 0
    assert (Journal.objects.count(), LedgerEntry.objects.count(), Statement.objects.count()) == before == (2, 12, 6)


def test_equal_inputs_give_the_run_that_is_there(period, sol):
    run, _ = world.calculate(period, sol)
    same, is_new = run_calculate(period_id=period.id, actor=sol)
    assert (same.id, is_new) == (run.id, False)
    assert Run.objects.count() == 1


def test_a_changed_deal_posts_exactly_its_difference(period, sol):
    world.calculate(period, sol)
    world.deal("D-2", "ria", 500_000)
    run, posting = world.calculate(period, sol)
    legs = LedgerEntry.objects.filter(journal__run=run, account="payable").values_list(
        "participant__name", "amount_minor"
    )
    assert dict(legs) == {"Ria": 10_000, "Mara": 2_000}
    assert posting.statements == 2
    ria = Statement.objects.filter(participant__name="Ria", period=period)
    assert list(ria.order_by("number").values_list("number", "earned_minor")) == [(1, 15_000), (2, 25_000)]
    assert Statement.objects.filter(participant__name="Rex", period=period).count() == 1


def test_facts_that_return_to_what_they_were_post_the_way_back(period, sol):
    world.calculate(period, sol)
    world.deal("D-2", "ria", 500_000)
    world.calculate(period, sol)
    world.deal("D-2", "ria", 300_000)
    world.calculate(period, sol)
    assert world.earned(period)["Ria"] == 15_000
    assert totals(period) == {"earned": 0, "payable": 100_000, "expense": -100_000}


def test_every_journal_sums_to_0_and_the_chain_holds(period, sol):
    world.calculate(period, sol)
    world.deal("D-3", "rob", 999_999)
    world.calculate(period, sol)
    sums = LedgerEntry.objects.values("journal", "currency").annotate(total=Sum("amount_minor"))
    assert {row["total"] for row in sums} == {0}
    assert list(Journal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert chain_verify() is None


def test_statements_say_what_the_ledger_says(period, sol):
    world.calculate(period, sol)
    world.deal("D-1", "rex", 400_000)
    world.calculate(period, sol)
    assert sum(world.earned(period).values()) == -totals(period)["expense"]


def test_credits_share_the_earning_to_the_cent_and_lie_in_the_runs_own_partition(period, sol):
    world.deal("D-4", "rex", 333_333)
    run, _ = world.calculate(period, sol)
    credits = RunCredit.objects.filter(run_id=run.id)
    assert credits.count() == run.credit_count == 6
    rex = Participant.objects.get(name="Rex")
    # 10,000.00 at 5 % + 5,333.33 at 10 % = 1,033.333, rounded once
    assert credits.filter(participant_id=rex.id).aggregate(total=Sum("earned_minor"))["total"] == 103_333


def test_a_run_is_computed_again_from_what_it_read(period, sol):
    run, _ = world.calculate(period, sol)
    world.deal("D-1", "rex", 1)
    Quota.objects.update(value=5)
    assert run_recompute(run) == run.results_digest


def test_a_run_says_what_has_changed_since_and_home_shows_what_its_page_says(period, sol, sign_in):
    run, _ = world.calculate(period, sol)
    assert run_stale(run) == ()
    Quota.objects.filter(position__code="rex").update(value=5_000_000)
    world.deal("D-9", "rob", 100)
    assert run_stale(run) == ("deals", "quotas")
    client = sign_in("sol")
    told = client.get("/incentives/runs/").content.decode().partition('id="next-run"')[2].partition("</div>")[0]
    assert "<strong>2026-Q3</strong>: deals, quotas</li>" in told
    home = client.get("/").content.decode()
    assert 'hx-get="/incentives/runs/" hx-trigger="load" hx-select="#next-run"' in home and "(1 change)" not in home


def test_what_cannot_be_calculated_keeps_what_was_posted_and_says_so(period, sol, sign_in):
    world.calculate(period, sol)
    Quota.objects.filter(position__code="rex").delete()
    run, posting = world.calculate(period, sol)
    assert posting.groups == 0
    assert [finding["code"] for finding in run.findings] == ["QUOTA_MISSING"]
    assert run.findings[0]["what"] == "Rex has no quota of amount in 2026-Q3."
    findings, ops = reverse("api_incentives_run_findings", args=[run.pk]), sign_in("sol")
    asked = [
        {"code": "QUOTA_MISSING"},
        {"severity": "ERROR"},
        {"code": "NO_PLAN"},
        {"code": "QUOTA_MISSING", "severity": "NOTICE"},
    ]
    assert [ops.get(findings, each).json()["count"] for each in asked] == [1, 1, 0, 0]
    assert "ERROR, WARNING, NOTICE" in str(ops.get(findings, {"severity": "BAD"}).json())
    latest = Statement.objects.filter(participant__name="Rex", period=period).order_by("-number")[0]
    assert (latest.earned_minor, latest.content["lines"][0]["calculated"]) == (70_000, False)
    assert latest.content["findings"][0]["fix"].startswith("Enter the quota")
    first = Statement.objects.get(participant__name="Rex", period=period, number=1)
    told = {
        each.pk: sign_in("rex").get(f"/incentives/statements/{each.pk}/").content.decode() for each in (first, latest)
    }
    assert "Earlier figures stand" in told[latest.pk] and "Earlier figures stand" not in told[first.pk]


def test_a_retired_plan_takes_back_what_it_paid(period, sol):
    world.calculate(period, sol)
    version = PlanVersion.objects.get(plan__code="reps-2026")
    plan_version_end(version_id=version.id, until=date(2026, 1, 1), actor=sol)
    world.calculate(period, sol)
    assert {name: amount for name, amount in world.earned(period).items() if amount} == {"Mara": 15_000}


def test_a_won_deal_without_amount_or_owner_is_a_finding(period, sol):
    version = world.deal("D-5", "rex", 1)
    version.amount_minor = None
    version.save()
    orphan = world.deal("D-6", "rex", 1)
    orphan.owner = None
    orphan.save()
    run, _ = world.calculate(period, sol)
    assert {finding["what"] for finding in run.findings} == {
        "The won deal D-5 has no amount.",
        "The won deal D-6 has no owner.",
    }


def test_only_the_latest_run_is_posted(period, sol):
    old, _ = run_calculate(period_id=period.id, actor=sol)
    world.deal("D-7", "rex", 5)
    run_calculate(period_id=period.id, actor=sol)
    with pytest.raises(ValidationError, match="Post the latest run"):
        run_post(run_id=old.id, actor=sol)
    assert Journal.objects.count() == 0


@pytest.mark.parametrize("name", ["rex", "mara", "otto", "ada", "eve"])
def test_who_may_not_start_runs_starts_none(period, viewer, name):
    with pytest.raises(PermissionDenied):
        run_calculate(period_id=period.id, actor=viewer(name))
    assert Run.objects.count() == 0


def test_a_run_is_posted_when_its_work_is_done(period, sol):
    run, _ = world.calculate(period, sol)
    assert run.state == RunState.POSTED and run.ended_at is not None


@pytest.mark.parametrize(("typed", "pays"), [("1,125 %", 13_500), ("12,500 %", 150_000)])
def test_a_published_version_is_read_as_it_was_when_it_was_published(period, sol, typed, pays):
    # Given a version of before such a comma was refused: 12,000.00 at 1.125 % = 135.00, at 12.5 % = 1,500.00
    text = "plan: old\ncurrency: USD\nfrom: 2026-07-01\nuntil: 2027-01-01\ncomponents: [{key: c, rate: '%s'}]\n"
    version, _ = plan_create(document=text % "9 %", actor=sol)
    version.definition["components"][0]["rate"] = typed
    version.save(update_fields=["definition"])
    assert [each.code for each in publication_obstacles(version)] == ["RATE_UNREADABLE"]
    with pytest.raises(PlanRefused, match="Write"):
        plan_create(document=text.replace("old", "new") % typed, actor=sol)
    PlanVersion.objects.filter(pk=version.pk).update(state="published")
    rex = Participant.objects.get(name="Rex")
    plan_assign(plan_id=version.plan_id, target="participant", target_id=rex.id, start=date(2026, 7, 1), actor=sol)
    # When the period is calculated, everybody is paid, and Rex by his own plan as it was read
    world.calculate(period, sol)
    assert world.earned(period) == {"Rex": pays, "Ria": 15_000, "Mara": 15_000, "Rob": 0, "Max": 0, "Mona": 0}
