"""backup: every company in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from spm.tenancy.backups import backup_make


class Command(BaseCommand):
    """Dumps the database with a manifest of its rows; runs beside live traffic."""

    help = "Writes a backup of every company to one new file, with what it must hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="The file to write; it must not exist.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say what is in it."""
        manifest = backup_make(options["file"])
        size = options["file"].stat().st_size / 1_000_000
        self.stdout.write(
            f"{options['file']}: {sum(manifest.rows.values())} rows of {len(manifest.rows)} tables, {size:.1f} MB."
        )
