"""verify: is everything as it must be?"""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spm.core.findings import Finding
from spm.tenancy.backups import manifest_read, owner_server
from spm.tenancy.verification import verify


class Command(BaseCommand):
    """Changes nothing."""

    help = "Checks walls, rights, triggers, migrations, ledger and hash chain; with --backup also the row counts of a backup."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup to compare with."""
        parser.add_argument("--backup", type=Path, metavar="FILE", help="Compare the row counts with this backup.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and report."""
        owner_server()
        report(self, verify(manifest_read(options["backup"]) if options["backup"] else None))


def report(command: BaseCommand, findings: Sequence[Finding]) -> None:
    """Write the findings, or that all is well; raises CommandError when there are any."""
    for finding in findings:
        command.stdout.write(f"{finding.code}: {finding.message}")
    if findings:
        raise CommandError(f"{len(findings)} findings. Nothing was changed by looking.")
    command.stdout.write("Verified: walls, rights, triggers, migrations, ledger and hash chain are as they must be.")
