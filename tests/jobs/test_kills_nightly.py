"""The nightly job of a company with the CRM set, killed in the middle: the same ledger as a calm night, to the cent.

Source: issue 2, item 6; trust.md F1.
"""

import random
import time
from datetime import date
from functools import cache

import pytest
from django.core.management import call_command

from incentives.models import Journal, LedgerEntry, Run, Statement
from incentives.selectors.chain import chain_verify
from spm.jobs.models import Job, JobState
from spm.jobs.services import nightly_start
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.conftest import _database_renew
from tests.incentives import crm_set
from tests.jobs.workers import BLOWS, Celery, wait

NIGHT = date(2018, 1, 2)
OPEN = (JobState.QUEUED, JobState.RUNNING)
Books = dict[str, list[tuple[object, ...]]]


@pytest.fixture(autouse=True)
def kinds() -> None:
    """Leave the timetable as the product has it."""


def operator() -> Viewer:
    return viewer_of_system(Organisation.objects.get(slug="acme"), on=NIGHT, name="test")


def company_create() -> None:
    actor = operator()
    with organisation_scope(actor.organisation.pk, actor=actor):
        crm_set.people_create()
        crm_set.deals_create()
        crm_set.plans_create(actor)


def books() -> Books:
    """Give what the night left, without the numbers and moments that differ between two databases."""
    actor = operator()
    people, place = "participant__source_key", ("period__key", "currency")
    with organisation_scope(actor.organisation.pk, actor=actor):
        assert chain_verify() is None
        return {
            "entries": sorted(LedgerEntry.objects.values_list(people, *place, "component", "account", "amount_minor")),
            "journals": sorted(Journal.objects.values_list("kind", "period__key", "reason")),
            "statements": sorted(Statement.objects.values_list(people, *place, "number", "earned_minor")),
            "runs": sorted(Run.objects.values_list("period__key", "state", "credit_count")),
        }


@cache
def calm() -> Books:
    """Give the books of a night in which nothing happens; leaves a fresh database."""
    company_create()
    call_command("nightly", organisation="acme", on=NIGHT, here=True, verbosity=0)
    found = books()
    paid = {(row[0], row[1]): row[4] for row in found["statements"]}
    payouts = crm_set.expected("expected_payouts.csv", "sales_agent", "payout_usd")
    assert {key: paid.get(key) for key in payouts} == payouts
    _database_renew()
    return found


def read(job: Job) -> Job:
    actor = operator()
    with organisation_scope(actor.organisation.pk, actor=actor):
        return Job.objects.get(pk=job.pk)


def begin() -> Job:
    actor = operator()
    with organisation_scope(actor.organisation.pk, actor=actor):
        return nightly_start(on=NIGHT, actor=actor)


def finish(celery: Celery, job: Job) -> None:
    wait(celery, lambda: read(job).state not in OPEN, 180)
    ended = read(job)
    assert ended.state == JobState.DONE, ended.findings
    assert books() == calm_books


calm_books: Books = {}


@pytest.fixture
def calm_first(committed_db: None) -> None:
    """Know the calm night before the other one begins."""
    calm_books.update(calm())
    company_create()


@pytest.mark.parametrize(
    "name", ["worker", *(pytest.param(name, marks=pytest.mark.deep) for name in ("child", "broker"))]
)
def test_a_blow_at_night_leaves_the_same_ledger(calm_first: None, celery: Celery, send_there: None, name: str) -> None:
    job = begin()
    wait(celery, lambda: read(job).progress_done >= 3)
    BLOWS[name](celery)
    finish(celery, job)


@pytest.mark.deep
@pytest.mark.parametrize("name", BLOWS)
@pytest.mark.parametrize("night", range(5))
def test_twenty_blows_in_five_nights_leave_the_same_ledger(
    calm_first: None, celery: Celery, send_there: None, name: str, night: int
) -> None:
    dice = random.Random(f"{name} {night}")
    job = begin()
    for point in sorted(dice.sample(range(12), 4)):
        wait(celery, lambda point=point: read(job).progress_done >= point or read(job).state not in OPEN, 120)
        time.sleep(dice.random() * 0.5)
        BLOWS[name](celery)
    finish(celery, job)
