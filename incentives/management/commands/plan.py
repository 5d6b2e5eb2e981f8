"""plan check FILE…, plan test FILE…: plan files without a database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from textwrap import indent
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.engine.documents import write_text
from incentives.engine.testing import ExampleResult, check_text, test_text
from spm.core.findings import Finding

Row = dict[str, object]


class Command(BaseCommand):
    help = "Checks plan files, or runs the worked examples in them (docs/plan-language.md). Exit code 1 where something is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do and the files."""
        parser.add_argument("do", choices=["check", "test"])
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--examples", action="store_true", help="print the worked example of each finding")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="json: one list, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through every file before saying that one is wrong."""
        self.with_examples, is_json = bool(options["examples"]), options["format"] == "json"
        act = {"check": self._check, "test": self._test}[options["do"]]
        wrong, rows = 0, []
        for path in options["files"]:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{path} can't be read: {error}") from error
            if not is_json:
                self.stdout.write(f"{path}")
            own, count = act(text, print_it=not is_json)
            rows += [{"file": str(path), **row} for row in own]
            wrong += count
        if is_json:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        if wrong:
            raise CommandError(
                f"{wrong} {'error' if options['do'] == 'check' else 'failed example'}{'' if wrong == 1 else 's'}."
            )

    def _check(self, text: str, *, print_it: bool) -> tuple[list[Row], int]:
        findings = check_text(text)
        for finding in findings if print_it else ():
            for line in _lines(finding):
                self.stdout.write(f"  {line}")
            if self.with_examples and finding.example is not None:
                self.stdout.write(indent(write_text({"examples": [finding.example]}), "    "))
        if not findings and print_it:
            self.stdout.write("  nothing to say")
        return [_told(finding) for finding in findings], sum(finding.is_error for finding in findings)

    def _test(self, text: str, *, print_it: bool) -> tuple[list[Row], int]:
        results = test_text(text)
        for result in results if print_it else ():
            place = "" if result.line is None else f" (line {result.line})"
            self.stdout.write(f"  {'passed' if result.passed else 'FAILED'}: {result.name}{place}")
            found = [line for each in result.findings if not result.passed for line in _lines(each)]
            for line in (*result.differences, *found):
                self.stdout.write(f"    {line}")
        if not results and print_it:
            self.stdout.write("  no examples")
        return [_row(result) for result in results], sum(not result.passed for result in results)


def _row(result: ExampleResult) -> Row:
    return {
        "name": result.name,
        "line": result.line,
        "passed": result.passed,
        "differences": list(result.differences),
        "findings": [_told(finding) for finding in result.findings],
    }


def _told(finding: Finding) -> Row:
    """A finding as plain values, with its line in the file and its path beside it."""
    keys = finding.keys
    return {"line": keys.get("file_line"), "path": keys.get("path"), **finding.as_dict()}


def _lines(finding: Finding) -> list[str]:
    """Severity, code, line and clause; what is wrong and why; what to do."""
    keys = finding.keys
    line, path = keys.get("file_line"), str(keys.get("path", ""))
    place = [each for each in (f"line {line}" if line else "", path) if each]
    words = f"{finding.where}: " if finding.where and not path.endswith(finding.where) else ""
    said = " ".join(part for part in (finding.what, finding.why) if part)
    return [
        f"{finding.severity} {', '.join([finding.code, *place])}",
        f"  {words}{said}",
        *([f"  fix: {finding.fix}"] if finding.fix else []),
    ]
