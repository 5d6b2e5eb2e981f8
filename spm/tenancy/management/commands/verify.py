"""verify: is everything as it must be?"""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spm.core.findings import Finding
from spm.tenancy.backups import manifest_read, owner_server
from spm.tenancy.models import Organisation
from spm.tenancy.verification import company_findings, verify


class Command(BaseCommand):
    """Changes nothing."""

    help = "Checks walls, rights, triggers, migrations, ledger, seals and hash chain; with --backup also the row counts of a backup."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup to compare with, or the company."""
        parser.add_argument("--backup", type=Path, metavar="FILE", help="Compare the row counts with this backup.")
        parser.add_argument(
            "--organisation", metavar="SLUG", help="Verify only the ledger, the audit and the seals of one company."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and report."""
        if slug := options["organisation"]:
            if not Organisation.objects.filter(slug=slug).exists():
                raise CommandError(f"There is no company {slug}. Nothing was verified.")
            return report(self, list(company_findings(slug)), f"ledger, audit and seals of {slug}")
        owner_server()
        return report(self, verify(manifest_read(options["backup"]) if options["backup"] else None))


ALL = "walls, rights, triggers, migrations, ledger, seals and hash chain"


def report(command: BaseCommand, findings: Sequence[Finding], verified: str = ALL) -> None:
    """Write the findings, or that all is well; raises CommandError when there are any."""
    for finding in findings:
        command.stdout.write(f"{finding.code}: {finding.message}")
    if findings:
        raise CommandError(f"{len(findings)} findings. Nothing was changed by looking.")
    command.stdout.write(f"Verified: {verified} are as they must be.")
