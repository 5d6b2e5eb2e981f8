"""The drill: backup → restore into a new database → verify → equal. And verify sees what is broken. Source: trust.md F10."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from spm.embedded import roles
from spm.embedded.urls import with_database
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.programs import program_find
from spm.tenancy.scope import organisation_scope
from tests.conftest import ROOT, TODAY
from tests.incentives import world

Manage = Callable[..., "subprocess.CompletedProcess[str]"]
CONTENT = "select md5(coalesce(string_agg(row::text, E'\\n' order by row::text), '')) from {} row"


@pytest.fixture
def books(committed_db: None) -> None:
    """A company with people, facts, plans, a run, journals and statements."""
    acme = Organisation.objects.get(slug="acme")
    actor = viewer_of_system(acme, on=TODAY, name="test")
    with organisation_scope(acme.pk, actor=actor):
        period = world.build(actor)
        world.deal("D-1", "rex", 1_200_000)
        world.calculate(period, actor)
        world.deal("D-1", "rex", 1_300_000)
        world.calculate(period, actor)


@pytest.fixture
def other() -> Iterator[str]:
    """An empty database beside the test's own, with both roles and the extensions."""
    name = f"{connections['default'].settings_dict['NAME']}_restored"
    external = "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'" if os.environ.get("SPM_TEST_DATABASE_SUPERUSER_URL") else ""
    roles.database_prepare(os.environ["SPM_TEST_SUPERUSER_URL"], name, locale=external, afresh=True)
    yield name
    roles.database_drop(os.environ["SPM_TEST_SUPERUSER_URL"], name)


@pytest.fixture
def manage(other: str) -> Manage:
    """Give a function that runs manage.py on the other database, as an operator does."""
    urls = {
        name: with_database(os.environ[name], other)
        for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL")
    }

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(
            command, env={**os.environ, **urls}, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
        )

    return run


def contents(database: str) -> dict[str, str]:
    """Digest every table, as the superuser."""
    connection = psycopg2.connect(with_database(os.environ["SPM_TEST_SUPERUSER_URL"], database))
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(CONTENT.format(f'"{table}"'))
            found[table] = cursor.fetchone()[0]
    connection.close()
    return found


def execute(database: str, statement: str) -> None:
    connection = psycopg2.connect(with_database(os.environ["SPM_TEST_SUPERUSER_URL"], database))
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def test_backup_restore_verify_is_equal_and_verify_sees_what_breaks(
    books: None, other: str, manage: Manage, tmp_path: Path
) -> None:
    file = tmp_path / "all.spm"
    call_command("backup", file)
    assert oct(file.stat().st_mode)[-3:] == "600"

    restored = manage("restore", file)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "Verified" in restored.stdout
    mine = connections["default"].settings_dict["NAME"]
    assert contents(other) == contents(mine)

    again = manage("restore", file)
    assert again.returncode != 0 and "is not empty" in again.stderr

    breaks = {
        "DROP POLICY company ON crm_account": "crm_account: The policy company does not stand.",
        "ALTER TABLE people_participant NO FORCE ROW LEVEL SECURITY": "people_participant: The row-level security forced",
        "ALTER TABLE incentives_ledgerentry DISABLE TRIGGER append_only": "incentives_ledgerentry: The trigger append_only",
        "ALTER TABLE planning_quota DROP CONSTRAINT planning_quota_position_id_company_fk": "planning_quota_position_id_company",
        "GRANT DELETE ON incentives_journal TO spm_app": "incentives_journal: spm_app may DELETE, INSERT, SELECT instead of",
        "DELETE FROM jobs_job; DELETE FROM people_unit WHERE code = 'none'; DELETE FROM notices_notice; "
        "ALTER TABLE incentives_journal DISABLE TRIGGER append_only; UPDATE incentives_journal SET reason = 'x' WHERE number = 1;"
        "ALTER TABLE incentives_journal ENABLE TRIGGER append_only": "(acme), hash chain of the ledger: Journal 1 is not what was posted.",
        "DELETE FROM django_migrations WHERE app = 'approvals' AND name LIKE '0002%'": "approvals.0002_database: The migration is not",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0099_later', now())": "crm.0099_later: The database was made",
        "SET session_replication_role = replica; UPDATE incentives_statement SET run_id = gen_random_uuid()": (
            "incentives_statement.run_id: "
        ),
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL; DELETE FROM audit_entry; "
        "ALTER TABLE audit_entry ENABLE TRIGGER ALL": "audit_entry: 0, the backup has",
    }
    for statement in breaks:
        execute(other, statement)
    broken = manage("verify", "--backup", file)
    assert broken.returncode != 0
    for sentence in breaks.values():
        assert sentence in broken.stdout, broken.stdout
    assert "(acme). Restore the last good backup" in broken.stdout, (
        "the first row that refers to none is named with its company"
    )
    assert contents(mine) != contents(other)
    refused = manage("migrate")
    assert refused.returncode != 0 and "Run the release that made the database" in refused.stderr


def test_a_backup_never_writes_over_another(acme: Organisation, tmp_path: Path) -> None:
    (tmp_path / "old.spm").write_text("old")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", tmp_path / "old.spm")
    assert (tmp_path / "old.spm").read_text() == "old"


def test_restore_refuses_what_is_no_backup_or_damaged(books: None, other: str, manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "text.spm").write_text("hello")
    assert "is not a backup" in manage("restore", tmp_path / "text.spm").stderr
    file, damaged = tmp_path / "all.spm", tmp_path / "damaged.spm"
    call_command("backup", file)
    with tarfile.open(file) as whole:
        parts = {name: bytearray(whole.extractfile(name).read()) for name in ("manifest.json", "database.dump")}
    parts["database.dump"][len(parts["database.dump"]) // 2] ^= 1
    with tarfile.open(damaged, "w") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    assert "is damaged" in manage("restore", damaged).stderr
    assert "crm_account" not in contents(other)


@pytest.mark.deep
def test_upgrade_fills_an_empty_database_and_backs_up_an_older_one(
    acme: Organisation, other: str, manage: Manage, tmp_path: Path
) -> None:
    first = manage("upgrade", "--backup", tmp_path / "first.spm")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Verified" in first.stdout and not (tmp_path / "first.spm").exists()
    assert manage("migrate", "approvals", "0001").returncode == 0
    second = manage("upgrade", "--backup", tmp_path / "second.spm")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "1 migrations to apply" in second.stdout and (tmp_path / "second.spm").exists()
    assert "of this release already" in manage("upgrade").stdout


def test_programs_fit_the_server(acme: Organisation) -> None:
    major = connections["default"].connection.server_version // 10000
    assert program_find("pg_dump", at_least=major, best=major).name == "pg_dump"
    with pytest.raises(CommandError, match="pg_dump of PostgreSQL 99 or later is needed. Found: /"):
        program_find("pg_dump", at_least=99, best=99)
    assert settings.BACKUP_DATABASE_URL
