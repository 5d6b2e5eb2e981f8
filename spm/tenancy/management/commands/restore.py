"""restore: a backup into an empty database."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from spm.tenancy.backups import backup_restore
from spm.tenancy.management.commands.verify import report
from spm.tenancy.verification import verify


class Command(BaseCommand):
    """Loads all or nothing, raises the walls, and verifies against the manifest."""

    help = "Restores a backup into the empty database of MIGRATION_DATABASE_URL and verifies it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="A file that manage.py backup wrote.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, verify, and say how long it took."""
        started = time.monotonic()
        manifest = backup_restore(options["file"])
        self.stdout.write(
            f"Restored {sum(manifest.rows.values())} rows in {time.monotonic() - started:.1f} s, made at {manifest.made_at}."
        )
        report(self, verify(manifest))
