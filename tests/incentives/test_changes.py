"""Only what changed is calculated and posted again; afterwards a calculation of everybody finds nothing left to post."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone

from incentives.models import Journal, Run, RunEarning, Statement
from incentives.selectors import why
from incentives.selectors.kept import compute_again
from incentives.selectors.lines import lines_of
from incentives.selectors.runs import run_stale
from incentives.services.posting import Posting, run_post
from incentives.services.runs import changes_calculate, run_calculate, run_recompute
from planning.models import Period, Quota
from spm.core.money import to_major
from spm.crm.models import Opportunity, OpportunityVersion, Split, SplitVersion
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db

PEOPLE = ("rex", "ria", "rob", "mara")
ACCUMULATING = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - key: commission
    name: Commission
    credit: {kind: DIRECT}
    quota: amount
    accumulation: YTD
    tiers: [{until: 100 %, rate: 5 %}, {rate: 10 %}]
    cap: {year: 4000.00}
  - key: bonus
    name: Bonus
    of: commission
    bonus: 100.00
    gates: [{of: commission, at_least: 50 %}]
cap: {period: 2500.00}
"""
SUBTREE = world.MANAGERS.replace("DIRECT_REPORTS", "SUBTREE, duplicates: ONCE")
CONTEST = """
plan: reps-2026
name: Reps 2026
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: commission, name: Commission, credit: {kind: DIRECT}, rate: 2 %}
  - {key: race, name: Race, of: commission, contest: {prizes: [500.00, 250.00]}}
"""
SETS = {"tiers": (world.REPS, world.MANAGERS), "windows": (ACCUMULATING, SUBTREE), "contest": (CONTEST, world.MANAGERS)}


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def company(sol, name: str) -> list[Period]:
    """The second and third quarter under one set of plans, with deals, a split, calculated and posted."""
    world.build(sol) if name == "tiers" else built(sol, SETS[name])
    for number, owner in enumerate(PEOPLE[:3] * 3):
        world.deal(f"D-{number}", owner, 300_000 + 70_000 * number, on=date(2026, 4, 20) + timedelta(days=19 * number))
    world.split("D-4", "rex", 40)
    world.split("D-4", "ria", 60)
    periods = list(Period.objects.filter(key__in=("2026-Q2", "2026-Q3")).order_by("key"))
    for period in periods:
        world.calculate(period, sol)
    return periods


def built(sol, plans: tuple[str, str]) -> None:
    whole = world.REPS, world.MANAGERS
    world.REPS, world.MANAGERS = plans
    try:
        world.build(sol)
    finally:
        world.REPS, world.MANAGERS = whole


def changed(dice: random.Random) -> None:
    """One of the things that happen to deals."""
    known = sorted(OpportunityVersion.objects.current().values_list("fact__source_key", flat=True))
    key = dice.choice(known)
    last = OpportunityVersion.objects.current().select_related("owner").get(fact__source_key=key)
    owner, amount, on = last.owner.source_key, last.amount_minor, last.close_on
    what = dice.choice(("new", "amount", "owner", "day", "lost", "negative", "split"))
    if what == "new":
        key, owner, amount = f"N-{dice.randrange(10**6)}", dice.choice(PEOPLE), dice.randrange(1, 2_000_000)
    elif what == "amount":
        amount = dice.randrange(1, 3_000_000)
    elif what == "negative":
        amount = -abs(amount)
    elif what == "owner":
        owner = dice.choice(PEOPLE)
    elif what == "day":
        on = date(2026, 3, 20) + timedelta(days=dice.randrange(220))
    if what == "split":
        shared(key, dice)
    else:
        version = world.deal(key, owner, amount, on=on)
        if what == "lost":
            OpportunityVersion.objects.filter(pk=version.pk).update(status="lost")


def shared(key: str, dice: random.Random) -> None:
    """Share a deal otherwise: what was known of its shares ends, two people get new ones."""
    now = timezone.now()
    SplitVersion.objects.filter(opportunity__source_key=key, known_until=None).update(known_until=now)
    one, two = dice.sample(PEOPLE[:3], 2)
    part = dice.randrange(1, 10_000)
    for person, share in ((one, part), (two, 10_000 - part)):
        fact = Split.objects.create(source="test", source_key=f"{key}-{person}-{dice.randrange(10**9)}")
        SplitVersion.objects.create(
            fact=fact,
            known_from=now,
            opportunity=Opportunity.objects.get(source_key=key),
            participant=Participant.objects.get(source_key=person),
            kind="revenue",
            share_rate=share * 10_000,
        )


def follow(periods: list[Period], sol) -> list[Run]:
    """Calculate and post what changed, as the worker does; gives the runs that were new."""
    found = []
    for period in periods:
        run, is_new = changes_calculate(period_id=period.id, actor=sol)
        run_post(run_id=run.id, actor=sol)
        found += [run] * is_new
    return found


def lines(earnings) -> set[tuple[object, ...]]:
    names = ("participant_id", "component", "credit_minor", "credit_count", "attainment_rate", "earned_minor")
    return set(earnings.values_list(*names))


def held_to_the_whole(periods: list[Period], sol) -> None:
    """A calculation of everybody must find no cent to post, no statement to issue, and the same rows."""
    for period in periods:
        told = {}
        for statement in Statement.objects.filter(period=period).order_by("number"):
            told[statement.participant_id] = statement.run_id
        standing = set()
        for person, run in told.items():
            standing |= lines(RunEarning.objects.filter(run=run, participant=person))
        whole, _ = run_calculate(period_id=period.id, actor=sol)
        assert run_post(run_id=whole.id, actor=sol) == Posting()
        assert lines(RunEarning.objects.filter(run=whole)) == standing


@pytest.mark.parametrize(
    ("name", "seed", "count"),
    [
        ("tiers", 1, 5),
        ("windows", 2, 5),
        *(pytest.param(name, seed, 30, marks=pytest.mark.deep) for name in SETS for seed in range(10, 14)),
    ],
)
def test_following_changes_comes_to_what_calculating_everybody_does(sol, name, seed, count):
    dice = random.Random(seed)
    periods = company(sol, name)
    runs = []
    for _ in range(count):
        changed(dice)
        runs += follow(periods, sol)
    assert all(run_recompute(run) == run.results_digest for run in runs[:6])
    assert name == "contest" or [
        run for run in runs if run.scope is not None and len(run.scope["people"]) < len(PEOPLE)
    ]
    held_to_the_whole(periods, sol)


@pytest.mark.parametrize("name", ["tiers", "windows"])
def test_the_why_of_a_line_reads_what_can_credit_the_person_and_no_more(sol, name, monkeypatch):
    periods = company(sol, name)
    world.deal("D-8", "rob", 1_000_000, on=date(2026, 9, 19))
    follow(periods, sol)
    monkeypatch.setattr(why, "compute_again", None)
    amounts = []
    for statement in Statement.objects.filter(period__in=periods):
        for line in lines_of(statement):
            tree = why.statement_line_trace(statement, line)
            assert tree is not None and tree.check()
            assert tree.amount == Fraction(to_major(line.earned_minor, line.currency))
            amounts.append(line.earned_minor)
    assert len(amounts) > 10 and sum(map(bool, amounts)) > 6


def test_the_why_of_a_rank_computes_everybody(sol, monkeypatch):
    _, third = company(sol, "contest")
    asked = []
    monkeypatch.setattr(why, "compute_again", lambda run: asked.append(run) or compute_again(run))
    statement = Statement.objects.filter(period=third, participant__source_key="rob").get()
    race = next(line for line in lines_of(statement) if line.component == "race")
    tree = why.statement_line_trace(statement, race)
    assert tree is not None and tree.check() and asked


def test_one_changed_deal_calculates_its_people_only(sol):
    _, third = company(sol, "tiers")
    before = Journal.objects.count(), Statement.objects.filter(period=third).count()
    world.deal("D-8", "rob", 1_000_000, on=date(2026, 9, 19))
    run, is_new = changes_calculate(period_id=third.id, actor=sol)
    assert is_new and run.scope is not None
    people = Participant.objects.filter(pk__in=run.scope["people"]).order_by("name")
    assert [person.name for person in people] == ["Mona", "Rob"]
    assert run_post(run_id=run.id, actor=sol) == Posting(groups=2, statements=2)
    after = Journal.objects.count(), Statement.objects.filter(period=third).count()
    assert (after[0] - before[0], after[1] - before[1]) == (2, 2)
    assert run_stale(run) == ()


def test_a_deal_of_another_period_calculates_nobody(sol):
    second, third = company(sol, "tiers")
    world.deal("D-8", "rob", 1_000_000, on=date(2026, 9, 19))
    run, _ = changes_calculate(period_id=third.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    world.deal("D-0", "rex", 1, on=date(2026, 4, 20))
    assert run_stale(run) == ()
    assert changes_calculate(period_id=third.id, actor=sol) == (run, False)
    world.deal("D-0", "rex", 1, on=date(2026, 7, 1))
    assert run_stale(run) == ("deals",)
    moved, is_new = changes_calculate(period_id=third.id, actor=sol)
    assert is_new and str(Participant.objects.get(name="Rex").pk) in moved.scope["people"]
    run_post(run_id=moved.id, actor=sol)
    world.deal("D-0", "rex", 1, on=date(2026, 6, 30))
    gone, is_new = changes_calculate(period_id=third.id, actor=sol)
    assert is_new and str(Participant.objects.get(name="Rex").pk) in gone.scope["people"]


def test_nothing_changed_writes_nothing(sol):
    periods = company(sol, "tiers")
    before = [model.objects.count() for model in (Run, Journal, Statement, RunEarning)]
    for period in periods:
        assert changes_calculate(period_id=period.id, actor=sol)[1] is False
        assert run_calculate(period_id=period.id, actor=sol)[1] is False
    assert [model.objects.count() for model in (Run, Journal, Statement, RunEarning)] == before


def test_other_changes_calculate_everybody(sol):
    _, third = company(sol, "tiers")
    world.deal("D-8", "rob", 1_000_000, on=date(2026, 9, 19))
    Quota.objects.filter(period=third).update(value=2_000_000)
    run, is_new = changes_calculate(period_id=third.id, actor=sol)
    assert is_new and run.scope is None


def test_a_contest_calculates_everybody(sol):
    _, third = company(sol, "contest")
    world.deal("D-8", "rob", 1_000_000, on=date(2026, 9, 19))
    run, is_new = changes_calculate(period_id=third.id, actor=sol)
    assert is_new and run.scope is None


def test_a_change_taken_back_is_posted_back_by_the_next_run_of_everybody(sol):
    _, third = company(sol, "tiers")
    amounts = [world.earned(third)]
    for amount in (5_000_000, 860_000):
        world.deal("D-8", "rob", amount, on=date(2026, 9, 19))
        if amount == 5_000_000:
            follow([third], sol)
        else:
            whole, is_new = run_calculate(period_id=third.id, actor=sol)
            assert is_new and run_post(run_id=whole.id, actor=sol).groups == 2
        amounts.append(world.earned(third))
    assert amounts[0] != amounts[1] and amounts[0] == amounts[2]
