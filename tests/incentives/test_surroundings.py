"""What stands around the deals is not read again while nothing of it can have changed; whatever changed is noticed, however late."""

import random
from contextlib import contextmanager
from datetime import date

import psycopg2
import pytest
from django.db import connection

from incentives.models import Run
from incentives.selectors import changes
from incentives.selectors import runs as states
from incentives.selectors.facts import surroundings_read
from incentives.selectors.surroundings import tables_read
from incentives.services import runs
from incentives.services.posting import run_post
from incentives.services.runs import changes_calculate, run_calculate
from incentives.services.terms import leave_set, schedule_save
from planning.models import CalendarKind, Period, Quota
from planning.services.calendars import calendar_extend
from planning.services.goals import score_enter
from planning.services.territories import territory_save
from spm.audit.snapshots import changed_since, snapshot_taken
from spm.crm.models import OpportunityVersion
from spm.crm.selectors.facts import facts_moment
from spm.identity.models import Membership
from spm.people.models import Participant, PositionHolding, ReportingLine
from spm.people.services import relationship_set
from spm.roles.policy import viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import test_changes, world

RICH = """
plan: rich
name: Rich
currency: USD
from: 2026-01-01
until: 2027-01-01
components:
  - {key: c, credit: {kind: DIRECT, where: {territory: north}}, quota: amount, rate: 10 %}
  - {key: m, credit: {kind: ROLLOVER, relation: mentor}, rate: 1 %}
  - key: goals
    target: 1000
    objectives: [{key: training, name: Training finished, weight: 100 %}]
  - {key: named, quota: amount, target: variable, tiers: [{from: 0 %, rate: 100 %}]}
"""
FOLLOWED = "crm_"
"""Tables whose changes are followed from moment to moment."""


@pytest.fixture
def company(committed_db):
    """Give two periods of a calculated company, and a way to do something in a transaction of its own that commits."""
    acme = Organisation.objects.get(slug="acme")

    def done(work, *given):
        with organisation_scope(acme.id, actor=DIRECTOR):
            member = Membership.objects.select_related("user", "organisation").get(user__email="sol@acme.example")
            return work(viewer_get(member, on=TODAY, via="test"), *given)

    def made(name):
        return done(test_changes.company, name), done

    return made


def followed(sol, period):
    """Calculate and post what changed; gives the run."""
    run, _ = changes_calculate(period_id=period.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    return run


def sold(sol, amount):
    world.deal("D-8", "rob", amount, on=date(2026, 9, 19))


def person(name):
    return Participant.objects.get(source_key=name)


def forbidden(**asked):
    raise AssertionError(f"The surroundings were read: {asked}")


def test_nothing_around_the_deals_is_read_while_nothing_of_it_changed(company, monkeypatch):
    (_, third), done = company("tiers")
    for amount in (1_000_000, 2_000_000, 3_000_000):
        done(sold, amount)
        run = done(followed, third)
        assert run.scope is not None and run.credit_count
        monkeypatch.setattr(changes, "surroundings_read", forbidden)
    monkeypatch.setattr(states, "surroundings_read", forbidden)
    assert done(lambda sol: states.run_stale(run)) == ()
    monkeypatch.undo()
    done(lambda sol: test_changes.held_to_the_whole([third], sol))
    monkeypatch.setattr(states, "inputs_read", forbidden)
    whole = done(lambda sol: Run.objects.filter(period=third, scope__isnull=True).latest("facts_known_at"))
    assert done(lambda sol: states.run_stale(whole)) == ()


def night(sol, period):
    """Calculate and post everybody; tells whether anything was new."""
    run, is_new = run_calculate(period_id=period.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    return is_new


def test_a_night_in_which_nothing_changed_reads_nothing(company, monkeypatch):
    (_, third), done = company("tiers")
    done(sold, 2_000_000)
    assert done(night, third)
    with monkeypatch.context() as patched:
        patched.setattr(changes, "surroundings_read", forbidden)
        patched.setattr(runs, "inputs_read", forbidden)
        assert not done(night, third)
        done(sold, 1_000_000)
        with pytest.raises(AssertionError, match="were read"):
            done(night, third)
    assert done(night, third)
    done(lambda sol: world.split("D-8", "ria", 40))
    assert done(night, third)
    done(lambda sol: OpportunityVersion.objects.filter(fact__source_key="D-8").update(known_until=facts_moment()))
    assert done(night, third)
    done(_quota)
    assert done(night, third)
    assert not done(night, third)


def _quota(sol):
    Quota.objects.filter(period__key="2026-Q3").update(value=2_000_000)


def _score(sol):
    score_enter(
        participant_id=person("rex").id,
        period_id=Period.objects.get(key="2026-Q3").id,
        objective="training",
        score_rate=10**8,
        evidence="Certificate",
        actor=sol,
    )


CHANGES = {
    "quota": _quota,
    "seat": lambda sol: PositionHolding.objects.filter(participant__source_key="ria").update(is_main=False),
    "reporting": lambda sol: ReportingLine.objects.filter(position__code="rex").delete(),
    "plan": lambda sol: world.publish(sol, world.REPS.replace("reps-2026", "other"), "manager"),
    "leave": lambda sol: leave_set(
        participant_id=person("rex").id,
        start=date(2026, 8, 1),
        until=date(2026, 9, 1),
        relieves_quota=True,
        relieves_target=False,
        actor=sol,
    ),
    "relation": lambda sol: relationship_set(
        participant_id=person("rex").id, related_id=person("ria").id, name="mentor", start=date(2026, 1, 1), actor=sol
    ),
    "score": _score,
    "ramp": lambda sol: schedule_save(code="new", name="New", shares=[50_000_000], actor=sol),
    "territory": lambda sol: territory_save(code="north", name="North", actor=sol),
    "fiscal year": lambda sol: Organisation.objects.filter(slug="acme").update(fiscal_year_starts_month=2),
}


def test_every_change_around_the_deals_counts(company):
    _, done = company("tiers")
    for name, change in CHANGES.items():
        before = done(lambda sol: snapshot_taken())
        assert not done(lambda sol, before=before: changed_since(before, tables_read())), name
        done(change)
        assert done(lambda sol, before=before: changed_since(before, tables_read())), name


def test_a_changed_quota_calculates_everybody_and_then_nothing_is_read_again(company, monkeypatch):
    (_, third), done = company("tiers")
    done(_quota)
    done(sold, 1_000_000)
    assert done(followed, third).scope is None
    monkeypatch.setattr(changes, "surroundings_read", forbidden)
    done(sold, 3_000_000)
    assert done(followed, third).scope is not None


def test_a_change_that_means_nothing_is_compared_once(company, monkeypatch):
    (_, third), done = company("tiers")
    done(lambda sol: Participant.objects.filter(source_key="rex").update(email="rex@other.example"))
    done(sold, 1_000_000)
    assert done(followed, third).scope is not None
    monkeypatch.setattr(changes, "surroundings_read", forbidden)
    done(sold, 3_000_000)
    assert done(followed, third).scope is not None


@contextmanager
def slow_transaction(query):
    """Write as the company in a transaction that commits when the block ends."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    other = psycopg2.connect(**parameters)
    acme = Organisation.objects.get(slug="acme")
    with other.cursor() as cursor:
        cursor.execute("select set_config('app.organisation_id', %s, true)", [str(acme.id)])
        cursor.execute(query)
        assert cursor.rowcount
        yield
        other.commit()
    other.close()


def test_a_change_that_commits_after_the_run_read_is_noticed(company):
    (_, third), done = company("tiers")
    with slow_transaction("update planning_quota set value = value * 2"):
        done(sold, 1_000_000)
        assert done(followed, third).scope is not None
    done(sold, 2_000_000)
    assert done(followed, third).scope is None
    done(lambda sol: test_changes.held_to_the_whole([third], sol))


def test_without_a_snapshot_or_in_another_cluster_all_is_compared(company):
    (_, third), done = company("tiers")
    taken = done(lambda sol: snapshot_taken())
    other = "1 " + taken.partition(" ")[2]
    assert [done(lambda sol, each=each: changed_since(each, [])) for each in ("", other, taken)] == [True, True, False]
    done(lambda sol: Run.objects.update(snapshot=""))
    done(sold, 1_000_000)
    assert done(followed, third).scope is not None


def other_changed(dice):
    """One of the things that happen around the deals."""
    what = dice.choice(("quota", "seat", "name", "email"))
    if what == "quota":
        some = dice.choice(list(Quota.objects.order_by("position__code", "period__key")))
        Quota.objects.filter(pk=some.pk).update(value=dice.randrange(500_000, 2_000_000))
    elif what == "seat":
        held = PositionHolding.objects.get(participant__source_key=dice.choice(("ria", "rob")))
        PositionHolding.objects.filter(pk=held.pk).update(
            during=(date(2026, dice.randrange(1, 9), 1), held.during.upper)
        )
    elif what == "name":
        Participant.objects.filter(source_key="rex").update(name=f"Rex {dice.randrange(99)}")
    else:
        Participant.objects.filter(source_key="rex").update(email=f"rex{dice.randrange(99)}@acme.example")


@pytest.mark.parametrize(
    ("name", "seed", "count"),
    [
        ("tiers", 3, 6),
        *(pytest.param(name, seed, 25, marks=pytest.mark.deep) for name in ("tiers", "windows") for seed in (4, 5, 6)),
    ],
)
def test_following_changes_of_deals_and_of_all_around_comes_to_what_calculating_everybody_does(
    company, name, seed, count
):
    dice = random.Random(seed)
    periods, done = company(name)
    scoped = 0
    for _ in range(count):
        done(lambda sol: test_changes.changed(dice))
        if dice.random() < 0.3:
            done(lambda sol: other_changed(dice))
        scoped += sum(run.scope is not None for run in done(lambda sol: test_changes.follow(periods, sol)))
    assert scoped
    done(lambda sol: test_changes.held_to_the_whole(periods, sol))


def touched():
    """The tables that were scanned in this transaction, with how often."""
    with connection.cursor() as cursor:
        cursor.execute("select relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) from pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_every_table_that_is_read_beside_the_deals_is_watched(viewer):
    sol = viewer("sol")
    periods = calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)
    world.publish(sol, RICH)
    before = touched()
    surroundings_read(period=periods[0], known_at=facts_moment())
    read = {name for name, count in touched().items() if count > before.get(name, 0)}
    assert {"planning_quota", "people_positionholding", "incentives_planassignment", "planning_score"} <= read
    assert {name for name in read if not name.startswith(FOLLOWED)} <= tables_read()
