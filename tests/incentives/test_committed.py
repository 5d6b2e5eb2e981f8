"""What only shows once it is committed: other roles, other companies, two workers at once, a worker killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from incentives.models import Journal, LedgerEntry, Plan, Run, RunCredit, Statement
from incentives.selectors.chain import ChainFault, chain_verify
from incentives.services.posting import run_post
from incentives.services.runs import run_recompute
from incentives.tasks import CalculatePart
from planning.models import Period
from spm.embedded.urls import with_database
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import world

TABLES = (
    "incentives_ledgerentry",
    "incentives_journal",
    "incentives_statement",
    "incentives_runearning",
    "incentives_runinput",
)


@contextmanager
def connected(alias_url: str) -> Iterator[Any]:
    """A connection of its own to the test's database, as the owner or the superuser."""
    own = psycopg2.connect(with_database(os.environ[alias_url], connections["default"].settings_dict["NAME"]))
    own.autocommit = True
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


def committed_run_id() -> Any:
    """The key of acme's run."""
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        return Run.objects.get().id


def committed_postings() -> Organisation:
    """Two committed journals of acme."""
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        system = viewer_of_system(acme, on=TODAY, name="test")
        period = world.build(system)
        world.deal("D-1", "rex", 1_200_000)
        world.calculate(period, system)
    return acme


def test_the_owner_of_the_tables_can_change_nothing_either(committed_db):
    committed_postings()
    with connected("MIGRATION_DATABASE_URL") as cursor:
        for table in TABLES:
            for statement in (f"update {table} set id = id", f"delete from {table}", f"truncate {table} cascade"):
                with pytest.raises(psycopg2.DatabaseError, match="never changed"):
                    cursor.execute(statement)


def test_what_a_superuser_changed_is_found_and_its_journal_named(committed_db):
    acme = committed_postings()
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(
            "update incentives_ledgerentry set amount_minor = amount_minor + 1 where id = "
            "(select e.id from incentives_ledgerentry e join incentives_journal j on j.id = e.journal_id where j.number = 2 limit 1)"
        )
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert chain_verify() == ChainFault(2, "Journal 2 is not what was posted.")


def test_what_an_entry_refers_to_is_locked_until_its_transaction_ends(committed_db):
    acme = committed_postings()
    with organisation_scope(acme.id, actor=DIRECTOR):
        last = LedgerEntry.objects.order_by("-id").first()
        rows = [{"account": "earned", "amount_minor": 5}, {"account": "expense", "amount_minor": -5}]
        kept = ("journal_id", "participant_id", "period_id", "earned_in_id", "component", "currency")
        same = {name: getattr(last, name) for name in kept}
        LedgerEntry.objects.bulk_create([LedgerEntry(**same, **row) for row in rows])
        with connected("SPM_TEST_SUPERUSER_URL") as cursor, pytest.raises(psycopg2.errors.LockNotAvailable):
            cursor.execute(
                "select 1 from people_participant where id = %s for update nowait", [str(last.participant_id)]
            )
        connection.set_rollback(True)
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute("select 1 from people_participant where id = %s for update nowait", [str(last.participant_id)])


def test_another_company_sees_and_moves_nothing(committed_db):
    committed_postings()
    run_id = committed_run_id()
    globex = Organisation.objects.get(slug="globex")
    with organisation_scope(globex.id, actor=DIRECTOR):
        other = viewer_of_system(globex, on=TODAY, name="test")
        assert not Statement.objects.exists() and not Run.objects.exists() and not Plan.objects.exists()
        with pytest.raises(Run.DoesNotExist):
            run_post(run_id=run_id, actor=other)


def test_two_workers_at_once_make_one_run_and_one_posting(committed_db):
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        period = world.build(viewer_of_system(acme, on=TODAY, name="test"))
        world.deal("D-1", "rex", 1_200_000)
    gate, faults = threading.Barrier(4), []

    def work() -> None:
        try:
            gate.wait()
            for step in (f"calculate:{period.key}", f"post:{period.key}"):
                with organisation_scope(acme.id, actor=DIRECTOR):
                    CalculatePart().run(acme, TODAY, step)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert faults == []
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert (Run.objects.count(), Journal.objects.count(), Statement.objects.count()) == (1, 2, 6)


CHILD = """
import django
django.setup()
import sys
from datetime import date
from incentives.services import {module}
from incentives.tasks import CalculatePart
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR

original = {module}.{function}
def stop(*args, **kwargs):
    result = original(*args, **kwargs)
    print("here", flush=True)
    sys.stdin.read()
    return result
{module}.{function} = stop
acme = Organisation.objects.get(slug="acme")
with organisation_scope(acme.id, actor=DIRECTOR):
    CalculatePart().run(acme, date(2026, 11, 2), "{step}")
"""


@pytest.mark.parametrize(
    ("module", "function", "step"),
    [
        ("runs", "credits_write", "calculate:2026-Q3"),
        ("runs", "results_digest", "calculate:2026-Q3"),
        ("posting", "journal_post", "post:2026-Q3"),
        ("posting", "statements_issue", "post:2026-Q3"),
    ],
)
def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_ends_in_the_same_ledger(
    committed_db, module, function, step
):
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        world.build(viewer_of_system(acme, on=TODAY, name="test"))
        world.deal("D-1", "rex", 1_200_000)
    steps = ["calculate:2026-Q3", "post:2026-Q3"]
    for each in steps[: steps.index(step)]:
        with organisation_scope(acme.id, actor=DIRECTOR):
            CalculatePart().run(acme, TODAY, each)
    _killed(CHILD.format(module=module, function=function, step=step))
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert (Journal.objects.count(), Statement.objects.count()) == (0, 0)
        assert RunCredit.objects.count() == (0 if step.startswith("calculate") else 2)
    for each in steps:
        with organisation_scope(acme.id, actor=DIRECTOR):
            CalculatePart().run(acme, TODAY, each)
    with organisation_scope(acme.id, actor=DIRECTOR):
        period = Period.objects.get(key="2026-Q3")
        assert {name: amount for name, amount in world.earned(period).items() if amount} == {
            "Rex": 70_000,
            "Mara": 12_000,
        }
        assert (Run.objects.count(), Journal.objects.count(), LedgerEntry.objects.count()) == (1, 2, 8)
        assert chain_verify() is None
        run = Run.objects.get()
        assert run_recompute(run) == run.results_digest


def _killed(script: str) -> None:
    """Run a worker until it says that it is in the middle, then kill it so that it can't clean up."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "spm.settings", "PYTHONPATH": os.getcwd()}
    environment["DATABASE_URL"] = with_database(
        os.environ["DATABASE_URL"], connections["default"].settings_dict["NAME"]
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "here\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait(20)
