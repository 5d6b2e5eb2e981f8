"""Workbooks: guarded, opened in a boxed process, and read row by row from what that process wrote.

The parent never parses a workbook; it reads JSON lines from an unnamed temporary file. This module does not type values.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedRandom
from itertools import islice
from pathlib import Path
from typing import Any

import spm
from spm.core.findings import Finding, Severity
from spm.crm.feeds.errors import FeedError, feed_error, warning
from spm.crm.feeds.guard import bomb, damaged, guard_workbook
from spm.crm.feeds.limits import CHILD_SECONDS
from spm.crm.feeds.sheets import TITLE_SAMPLE, RawRow, Rows, Sheet, header_check, place, refuse_empty, refuse_no_rows
from spm.crm.feeds.sniffing import Source

ROOT = Path(spm.__path__[0]).parent
BLOCK = 1024 * 1024


def open_xlsx(source: Source) -> list[Sheet]:
    """The visible sheets of a workbook that can be read; raises FeedError when there is none."""
    notes = list(guard_workbook(source))
    lines = tempfile.TemporaryFile()  # noqa: SIM115 - the rows outlive this call; the file has no name and goes with them
    sheets: list[Sheet] = []
    failures: list[Finding] = []
    for about in _read_in_child(source, lines):
        where = place(source.filename, about["name"])
        if about["hidden"]:
            what = "The sheet is hidden and was left out."
            notes.append(warning("SHEET_HIDDEN", where, what, "Unhide it if it is meant to be imported."))
            continue
        try:
            sheets.append(_sheet(about, lines, source.filename))
        except FeedError as error:
            failures.append(error.finding)
    if not sheets:
        raise FeedError(_first_failure(failures, source.filename))
    left_out = [
        replace(each, severity=Severity.WARNING, why="The sheet was left out.")
        for each in failures
        if each.code != "FILE_EMPTY"
    ]
    notes.extend(left_out)
    return [replace(sheets[0], notes=(*notes, *sheets[0].notes)), *sheets[1:]]


def _first_failure(failures: list[Finding], where: str) -> Finding:
    precise = [each for each in failures if each.code != "FILE_EMPTY"] or failures
    if precise:
        return precise[0]
    return feed_error(
        "FILE_EMPTY", where, "The workbook has no visible sheet with a table.", "Unhide the sheet with the table."
    ).finding


def _sheet(about: dict[str, Any], lines: BufferedRandom, filename: str) -> Sheet:
    name, where = about["name"], place(filename, about["name"])
    if about.get("finding"):
        code, what, fix = about["finding"]
        raise feed_error(code, where, what, fix)
    rows = _StoredRows(lines, about["start"], about["end"])
    sample = list(islice(rows, TITLE_SAMPLE))
    refuse_empty(sample, where)
    if sample[0].problem:
        code, what, fix = sample[0].problem
        raise feed_error(code, place(filename, name, sample[0].number), what, fix)
    header = header_check(sample[0].values, place(filename, name, sample[0].number), about["first_column"])
    refuse_no_rows(sample, where)
    return Sheet(name, header, Rows(rows, header, filename, name), tuple(_notes(about, where)), canonical=True)


def _notes(about: dict[str, Any], where: str) -> Iterator[Finding]:
    for count, noun in ((about["hidden_rows"], "rows"), (about["hidden_columns"], "column groups")):
        if count:
            what = f"The sheet has hidden {noun} ({count:,}); they were read like the others."
            yield warning("ROWS_HIDDEN", where, what, "Delete them if they are not meant to be imported.")
    if about["large"]:
        what = f"A number of more than 15 digits stands in row {about['large']}: spreadsheets keep 15 and put zeros for the rest."
        yield warning("NUMBER_TOO_LONG", where, what, "Format columns of long keys as text before typing them.")


@dataclass(frozen=True, slots=True)
class _StoredRows:
    """The rows of one sheet in the file that the boxed process wrote; every iteration reads at its own position."""

    lines: BufferedRandom
    start: int
    end: int

    def __iter__(self) -> Iterator[RawRow]:
        position, rest = self.start, b""
        while position < self.end:
            block = os.pread(self.lines.fileno(), min(BLOCK, self.end - position), position)
            if not block:
                return
            position += len(block)
            *complete, rest = (rest + block).split(b"\n")
            for line in complete:
                for number, values, problem in json.loads(line):
                    yield RawRow(number, values, tuple(problem) if problem else None)


def _read_in_child(source: Source, lines: BufferedRandom) -> list[dict[str, Any]]:
    if isinstance(source.contents, Path):
        return _run_child(source.contents, lines, source.filename)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        copy.write(source.contents)
        copy.flush()
        return _run_child(Path(copy.name), lines, source.filename)


def _run_child(path: Path, lines: BufferedRandom, filename: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "spm.crm.feeds.xlsx_child", str(path.absolute()), str(lines.fileno())]
    environment = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            pass_fds=(lines.fileno(),),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise bomb(filename, f"takes longer than {CHILD_SECONDS} seconds to open") from error
    if done.returncode != 0:
        raise _broken_child(done, filename)
    told = json.loads(done.stdout)
    if "finding" in told:
        raise _told_error(told["finding"], filename)
    return list(told["sheets"])


def _broken_child(done: subprocess.CompletedProcess[bytes], filename: str) -> FeedError:
    """The error for a boxed process that its limits ended."""
    said = done.stderr.decode("utf-8", "replace").strip()
    if "ModuleNotFoundError" in said or "ImportError" in said:
        raise RuntimeError(f"The process that opens workbooks can't start: {said[-500:]}")
    if "memory allocation" in said or "MemoryError" in said:
        return bomb(filename, "needs more memory to open than is allowed")
    if done.returncode in (-24, -9):
        return bomb(filename, "takes too long to open")
    if "File too large" in said or done.returncode == -25:
        return bomb(filename, "holds more text than is allowed")
    return damaged(filename)


def _told_error(finding: list[str], filename: str) -> FeedError:
    code, what, fix = finding
    if code == "WORKBOOK_DAMAGED":
        return damaged(filename)
    if code == "WORKBOOK_TOO_LARGE":
        return bomb(filename, "needs more memory to open than is allowed")
    return feed_error(code, filename, what, fix or "Save only the sheet with the table as .csv.")
