"""The nightly job of a company with the CRM set, killed in the middle: the same ledger as a calm night, to the cent.

Source: issue 2, item 6; trust.md F1.
"""

import os
import random
import time
from collections.abc import Iterator
from io import StringIO

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client

from incentives.models import Journal, LedgerEntry, Run, Statement
from incentives.selectors.chain import chain_verify
from spm.embedded import roles
from spm.embedded.urls import with_database
from spm.identity.models import User
from spm.jobs.models import Job, JobState
from spm.jobs.services import nightly_start
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.incentives import crm_set
from tests.jobs.workers import BLOWS, Celery, wait

OPEN = (JobState.QUEUED, JobState.RUNNING)
Books = dict[str, list[tuple[object, ...]]]


@pytest.fixture(autouse=True)
def kinds() -> None:
    """Leave the timetable as the product has it."""


def operator() -> Viewer:
    return viewer_of_system(Organisation.objects.get(slug="acme"), on=crm_set.NIGHT, name="test")


def company_create() -> None:
    """Import the set and set up its plans through the public doors."""
    client = Client()
    sol = User.objects.get(email="sol@acme.example")
    client.force_login(sol, backend="allauth.account.auth_backends.AuthenticationBackend")
    crm_set.imported()
    crm_set.prepared(client)


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


def copy(source: str, target: str) -> None:
    """Make a database anew from another one to which nobody is connected."""
    connections.close_all()
    link = psycopg2.connect(with_database(os.environ["SPM_TEST_SUPERUSER_URL"], "postgres"))
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" OWNER spm_owner')
    link.close()


def own_database() -> str:
    return str(connections.databases["default"]["NAME"])


@pytest.fixture(scope="module")
def company() -> Iterator[dict[str, Books]]:
    """Keep the prepared company as a database of its own, and the books of its calm night, for all nights here."""
    kept: dict[str, Books] = {}
    yield kept
    roles.database_drop(os.environ["SPM_TEST_SUPERUSER_URL"], f"{own_database()}_company")


@pytest.fixture
def calm(committed_db: None, company: dict[str, Books]) -> Books:
    """Give the books of a night in which nothing happens, and the prepared company before that night."""
    name = f"{own_database()}_company"
    if not company:
        company_create()
        copy(own_database(), name)
        call_command("nightly", organisation="acme", on=crm_set.NIGHT, here=True, stdout=StringIO())
        company["calm"] = books()
        paid = {(row[0], row[1]): row[4] for row in company["calm"]["statements"]}
        payouts = crm_set.expected("expected_payouts.csv", "sales_agent", "payout_usd")
        assert {key: paid.get(key) for key in payouts} == payouts
    copy(name, own_database())
    return company["calm"]


def read(job: Job) -> Job:
    actor = operator()
    with organisation_scope(actor.organisation.pk, actor=actor):
        return Job.objects.get(pk=job.pk)


def begin() -> Job:
    actor = operator()
    with organisation_scope(actor.organisation.pk, actor=actor):
        return nightly_start(on=crm_set.NIGHT, actor=actor)


def finish(celery: Celery, job: Job, calm: Books) -> None:
    wait(celery, lambda: read(job).state not in OPEN)
    ended = read(job)
    assert ended.state == JobState.DONE, ended.findings
    assert books() == calm


@pytest.mark.parametrize(
    "name", ["worker", *(pytest.param(name, marks=pytest.mark.deep) for name in ("child", "broker"))]
)
def test_a_blow_at_night_leaves_the_same_ledger(calm: Books, celery: Celery, send_there: None, name: str) -> None:
    job = begin()
    wait(celery, lambda: read(job).progress_done >= 3)
    BLOWS[name](celery)
    finish(celery, job, calm)


@pytest.mark.deep
@pytest.mark.parametrize("name", BLOWS)
@pytest.mark.parametrize("night", range(5))
def test_twenty_blows_in_five_nights_leave_the_same_ledger(
    calm: Books, celery: Celery, send_there: None, name: str, night: int
) -> None:
    dice = random.Random(f"{name} {night}")
    job = begin()
    for point in sorted(dice.sample(range(12), 4)):
        wait(celery, lambda point=point: read(job).progress_done >= point or read(job).state not in OPEN)
        time.sleep(dice.random() * 0.5)
        BLOWS[name](celery)
    finish(celery, job, calm)
