"""plan check FILE…, plan test FILE…: plan files without a database."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.engine.documents import write_text
from incentives.engine.testing import check_text, test_text


class Command(BaseCommand):
    help = "Checks plan files, or runs the worked examples in them (docs/plan-language.md). Exit code 1 where something is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do and the files."""
        parser.add_argument("do", choices=["check", "test"])
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--examples", action="store_true", help="print the worked example of each finding")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through every file before saying that one is wrong."""
        self.with_examples = bool(options["examples"])
        act: Callable[[str], int] = {"check": self._check, "test": self._test}[options["do"]]
        wrong = 0
        for path in options["files"]:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{path} can't be read: {error}") from error
            self.stdout.write(f"{path}")
            wrong += act(text)
        if wrong:
            raise CommandError(
                f"{wrong} {'error' if options['do'] == 'check' else 'failed example'}{'' if wrong == 1 else 's'}."
            )

    def _check(self, text: str) -> int:
        findings = check_text(text)
        for finding in findings:
            self.stdout.write(f"  {finding.severity}: {finding.message}")
            if self.with_examples and finding.example is not None:
                self.stdout.write(indent(write_text({"examples": [finding.example]}), "    "))
        if not findings:
            self.stdout.write("  nothing to say")
        return sum(finding.is_error for finding in findings)

    def _test(self, text: str) -> int:
        results = test_text(text)
        for result in results:
            self.stdout.write(f"  {'passed' if result.passed else 'FAILED'}: {result.name}")
            for line in (*result.differences, *(finding.message for finding in result.findings if not result.passed)):
                self.stdout.write(f"    {line}")
        if not results:
            self.stdout.write("  no examples")
        return sum(not result.passed for result in results)
