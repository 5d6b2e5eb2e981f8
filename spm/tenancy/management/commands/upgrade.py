"""upgrade: backup, migrate, walls, verify."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from spm.tenancy.backups import owner_server
from spm.tenancy.management.commands.verify import report
from spm.tenancy.verification import verify

LOCK_TIMEOUT = "2s"


class Command(BaseCommand):
    """Never waits for a lock longer than two seconds, so that the site goes on while it migrates."""

    help = "Makes a backup, migrates the database to this release, raises the walls and verifies everything."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the backup goes."""
        parser.add_argument(
            "--backup", type=Path, metavar="FILE", help="Where the backup goes. Default: SPM_DATA/backups."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Upgrade step by step; whatever fails, the backup is named."""
        owner_server()
        waiting = _waiting()
        if waiting and connections["owner"].introspection.table_names():
            file = options["backup"] or settings.DATA_DIR / "backups" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.spm"
            call_command("backup", file, stdout=self.stdout)
        self.stdout.write(
            f"{len(waiting)} migrations to apply." if waiting else "The database is of this release already."
        )
        self._migrate()
        report(self, verify())

    def _migrate(self) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            call_command("migrate", verbosity=0, skip_checks=True)
        except OperationalError as error:
            raise CommandError(
                f"The migration stopped and was undone: {str(error).splitlines()[0]}. "
                "Somebody may be in the middle of a long piece of work; run manage.py upgrade again."
            ) from error
        finally:
            connections["owner"].close()


def _waiting() -> list[str]:
    executor = MigrationExecutor(connections["owner"])
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
