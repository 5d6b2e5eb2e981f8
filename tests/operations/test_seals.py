"""Seals find what a superuser did to ledger and audit, and name the row. Source: trust.md, tamper evidence."""

import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from spm.audit import seals
from spm.audit.models import Entry, PlatformEntry, Seal
from spm.audit.tasks import SealPart
from spm.identity.models import User
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives.test_committed import committed_postings, connected

OFF = "set session_replication_role = replica"
AMOUNT = "select id::text from incentives_ledgerentry order by id limit 1 offset 1"


def others_end() -> None:
    """Wait for what other tests of this server have begun before now: a seal takes no row that an open transaction may stand before."""
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute("select pg_current_xact_id()::text")
        (mine,) = cursor.fetchone()
        for _ in range(600):
            cursor.execute("select pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", [mine])
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.5)
    pytest.fail("A transaction of another test is open since five minutes.")


def sealed() -> Organisation:
    """Acme with postings, all sealed."""
    acme = committed_postings()
    others_end()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert seals.seals_extend(by="test") > 100
        assert seals.verification_make().fault is None
    return acme


def changed(find: str, change: str) -> str:
    """Let the superuser do it with all triggers off; gives the key of the row."""
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute(OFF)
        cursor.execute(find)
        (row_id,) = cursor.fetchone()
        cursor.execute(change, {"id": row_id})
    return str(row_id)


@pytest.mark.parametrize(
    ("find", "change", "table", "problem"),
    [
        (
            "select id::text from incentives_ledgerentry order by id limit 1 offset 1",
            "update incentives_ledgerentry set amount_minor = amount_minor + 1 where id = %(id)s",
            "incentives_ledgerentry",
            "amount_minor changed since seal",
        ),
        (
            "select id::text from audit_entry where table_name = 'people_title' limit 1",
            "update audit_entry set actor = 'Nobody' where id = %(id)s",
            "audit_entry",
            "actor changed since seal",
        ),
        (
            "select id::text from audit_platformentry where organisation_id is not null order by id limit 1",
            "delete from audit_platformentry where id = %(id)s",
            "audit_platformentry",
            "is missing since seal",
        ),
        (
            "select id::text from incentives_ledgerentry order by id limit 1",
            "delete from incentives_ledgerentry where id = %(id)s",
            "incentives_ledgerentry",
            "is missing since seal",
        ),
        (
            "select id::text from incentives_journal where number = 1",
            "update incentives_journal set number = number + 1000 where number <= 2;"
            "update incentives_journal set number = 3 - (number - 1000) where number > 1000",
            "incentives_journal",
            "number changed since seal",
        ),
        (
            "select gen_random_uuid()::text",
            "insert into audit_entry (id, organisation_id, at, actor, via, request_id, table_name, row_id, verb, transaction_id)"
            " select %(id)s, organisation_id, at, 'Nobody', via, '', table_name, row_id, verb, transaction_id from audit_entry"
            " where table_name = 'incentives_plan' limit 1",
            "audit_entry",
            "was put in among rows that were sealed before.",
        ),
        (
            "select id::text from audit_seal where number = 1",
            "update audit_seal set sealed_by = 'Nobody' where id = %(id)s",
            "audit_seal",
            "Seal 1 is not what was written.",
        ),
        (
            "select id::text from audit_seal where number = 2",
            "delete from audit_seal where number = 1",
            "audit_seal",
            "Seal 1 is missing.",
        ),
    ],
    ids=["amount", "audit row", "access", "deleted", "reordered", "put in", "seal", "seal gone"],
)
def test_what_a_superuser_did_is_found_and_the_row_named(
    committed_db: None, find: str, change: str, table: str, problem: str
) -> None:
    acme = sealed()
    row_id = changed(find, change)
    organisation_id = acme.pk
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute(f"select organisation_id from {table} where id::text = %s", [row_id])
        organisation_id = (cursor.fetchone() or (acme.pk,))[0]
    with organisation_scope(organisation_id, actor=DIRECTOR):
        fault = seals.seals_verify()
    assert fault is not None
    assert (fault.table, problem in fault.problem) == (table, True), fault.what
    assert problem.startswith("Seal 1 is missing") or fault.row_id == row_id
    told = StringIO()
    with pytest.raises(CommandError, match="findings"):
        call_command("verify", organisation="acme", stdout=told)
    assert fault.what in told.getvalue()


def test_what_commits_late_is_sealed_by_the_next_seal_and_nothing_twice(committed_db: None) -> None:
    acme = sealed()
    with connected("MIGRATION_DATABASE_URL") as slow:
        slow.connection.autocommit = False
        slow.execute("select set_config('app.organisation_id', %s, true)", [str(acme.pk)])
        slow.execute("update people_title set name = name || ' late' where code = 'rep'")
        with organisation_scope(acme.pk, actor=DIRECTOR):
            from_others = Entry.objects.count()
        with organisation_scope(acme.pk, actor=DIRECTOR), connection.cursor() as cursor:
            cursor.execute("update people_title set name = name || ' early' where code = 'manager'")
        with organisation_scope(acme.pk, actor=DIRECTOR):
            assert seals.seals_extend(by="test") == 0
        slow.connection.commit()
    others_end()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert Entry.objects.count() == from_others + 2
        assert seals.seals_extend(by="test") == 2
        assert seals.seals_extend(by="test") == 0
        found = seals.verification_make()
    assert (found.fault, found.rows) == (None, _sealed_rows(acme))


def _sealed_rows(acme: Organisation) -> int:
    with organisation_scope(acme.pk, actor=DIRECTOR):
        return sum(Seal.objects.values_list("count", flat=True))


def test_a_night_that_runs_out_of_time_goes_on_the_next_night(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = committed_postings()
    monkeypatch.setattr(seals, "ROWS_PER_SEAL", 50)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        seals.seals_extend(by="test")
        whole = Seal.objects.count()
        nights = [seals.seals_check(by="test", seconds=0) for _ in range(whole + 2)]
        looked = [(each.first, each.seals, each.is_complete) for each in nights]
    assert looked == [*((number, 1, False) for number in range(1, whole + 1)), (whole + 1, 0, True), (1, 1, False)]


def test_a_night_proves_what_is_new_and_a_week_proves_all(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a company whose seals were all proven, and a row of one of them that is changed past the product
    monkeypatch.setattr(seals, "ROWS_PER_SEAL", 50)
    acme = sealed()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        whole = seals.seals_check(by="test")
    assert (whole.first, whole.fault, whole.is_complete) == (1, "", True) and whole.seals > 4
    row = changed(AMOUNT, "update incentives_ledgerentry set amount_minor = amount_minor + 1 where id = %(id)s::uuid")
    # When a night comes in which little was written, then it looks at that alone
    with organisation_scope(acme.pk, actor=DIRECTOR), connection.cursor() as cursor:
        cursor.execute("update people_title set name = name || ' new' where code = 'rep'")
    others_end()
    with organisation_scope(acme.pk, actor=DIRECTOR), time_machine.travel(whole.checked_at + timedelta(days=2)):
        assert seals.seals_extend(by="test") > 0
        night = seals.seals_check(by="test")
    assert (night.first, night.fault, night.is_complete) == (whole.seals + 1, "", True) and 0 < night.rows < 50
    # And the old one within the week
    with organisation_scope(acme.pk, actor=DIRECTOR), time_machine.travel(whole.checked_at + timedelta(days=7)):
        week = seals.seals_check(by="test")
    assert week.first == 1 and row in week.fault


def test_two_at_once_seal_each_row_once(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = committed_postings()
    monkeypatch.setattr(seals, "ROWS_PER_SEAL", 50)
    found: list[int] = []

    def work() -> None:
        with organisation_scope(acme.pk, actor=DIRECTOR):
            found.append(seals.seals_extend(by="test"))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert sorted(found)[:2] == [0, 0] and sorted(found)[2] == _sealed_rows(acme)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert Seal.objects.count() > 4
        assert seals.verification_make().fault is None


def test_a_restored_company_is_sealed_on_where_transactions_are_counted_anew(committed_db: None) -> None:
    acme = sealed()
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute(OFF)
        cursor.execute("select max(number) from audit_seal")
        (last,) = cursor.fetchone()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        kept = list(Seal.objects.order_by("number"))
    with connected("SPM_TEST_SUPERUSER_URL") as cursor:
        cursor.execute(OFF)
        previous = seals.GENESIS
        for seal in kept:
            seal.cluster, seal.previous_hash = "another", previous
            previous = seals.seal_hash(seal)
            values = [seal.previous_hash, previous, str(seal.pk)]
            cursor.execute(
                "update audit_seal set cluster = 'another', previous_hash = %s, hash = %s where id = %s", values
            )
    with organisation_scope(acme.pk, actor=DIRECTOR), connection.cursor() as cursor:
        cursor.execute("update people_title set name = name || ' new' where code = 'rep'")
    others_end()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert seals.seals_extend(by="test") == 1
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert seals.seals_extend(by="test") == 0
        assert Seal.objects.count() == last + 1
        assert seals.verification_make().fault is None


def test_the_nightly_part_seals_verifies_and_the_page_tells(committed_db: None) -> None:
    acme = committed_postings()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        part = SealPart()
        outcomes = [part.run(acme, TODAY, step) for step in part.steps(acme, TODAY)]
        assert outcomes[0].outcome["rows sealed"] == outcomes[1].outcome["sealed rows verified"] > 100
        assert PlatformEntry.objects.filter(organisation_id=acme.pk).exists()
    client = Client()
    otto = User.objects.get(email="otto@acme.example")
    client.force_login(otto, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("audit:seal_list")).content.decode()
    assert "All as sealed" in page and "Ledger entries" in page
    row_id = changed(AMOUNT, "update incentives_ledgerentry set amount_minor = 0 where id = %(id)s")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        (finding,) = part.run(acme, TODAY, "verify").findings
    assert finding.code == "SEAL_BROKEN" and row_id in finding.message
    assert row_id in client.get(reverse("audit:seal_list")).content.decode()
    told = client.get(reverse("api_audit_seals")).json()
    assert row_id in told["check"]["fault"] and len(told["last"]["hash"]) == 64
