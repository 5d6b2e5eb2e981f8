"""import_quotas: quotas from a file with one row per position and period."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planning.models import QuotaMeasure
from planning.services.files import QUOTAS
from spm.crm.row_files import rows_take
from spm.roles.commands import CompanyCommand
from spm.roles.policy import Viewer


class Command(CompanyCommand):
    help = (
        "Sets quotas from a CSV or XLSX file with the columns position, period (such as 2026-Q1), amount and, where they differ, "
        "measure and currency. All or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and what stands where its cells are blank."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--currency", default="", help="Currency of the amounts. Default: the company's.")
        parser.add_argument(
            "--measure", default="amount", choices=QuotaMeasure.values, help="What the quotas count. Default: amount."
        )

    def work(self, actor: Viewer, options: dict[str, Any]) -> None:
        """Take the file, or say of every wrong row what is wrong."""
        given = {"measure": options["measure"], "currency": options["currency"] or None}
        taken = rows_take(QUOTAS, options["file"], options["file"].name, actor=actor, given=given)
        if taken.findings:
            raise CommandError("\n".join(["Nothing was set.", *(finding.message for finding in taken.findings)]))
        counts = taken.counts
        self.stdout.write(
            f"Quotas: {counts['created']} added, {counts['updated']} changed, {counts['unchanged']} as they were."
        )
