"""The largest files that are allowed, and the worst that are not, keep to 256 MB and 30 seconds of a processor. Source: trust.md 4.8 F4."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spm.crm.feeds.limits import SIZE_LIMIT, UNPACKED_LIMIT
from tests.crm.feeds.workbooks import NAMESPACE, bomb, crowded, lying_bomb, packed, parts, workbook

ROOT = Path(__file__).resolve().parents[3]
MEMORY_KB, SECONDS = 256 * 1024, 30
READ = """
import json, resource, sys
from spm.crm.feeds.reading import FeedError, open_table
rows, code = 0, ""
try:
    for sheet in open_table(sys.argv[1], sys.argv[1]):
        rows += sum(1 for _ in sheet.rows)
except FeedError as error:
    code = error.finding.code
mine, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
own = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
seconds = sum(each.ru_utime + each.ru_stime for each in (mine, child))
print(json.dumps({"rows": rows, "code": code, "own": own, "child": child.ru_maxrss, "seconds": seconds}))
"""


def _large_csv(columns: int, width: int) -> bytes:
    line = ",".join("x" * width for _ in range(columns)) + "\n"
    count = min((SIZE_LIMIT - 10_000) // len(line), 1_000_000)
    return ",".join(f"c{each}" for each in range(columns)).encode() + b"\n" + line.encode() * count


def _large_xlsx(columns: int, *, inline: bool) -> bytes:
    """As many cells as the unpacked limit lets through."""
    made = parts(workbook())
    cell = (
        '<c r="{c}{n}" t="inlineStr"><is><t>Betatech {n}</t></is></c>' if inline else '<c r="{c}{n}"><v>{n}.25</v></c>'
    )
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:columns]
    xml = [f'<worksheet {NAMESPACE}><sheetData><row r="1">']
    xml += [f'<c r="{letter}1" t="inlineStr"><is><t>column {letter}</t></is></c>' for letter in letters] + ["</row>"]
    size, number = 0, 1
    while size < UNPACKED_LIMIT * 0.97 and number * columns < 4_900_000 and number < 1_000_000:
        number += 1
        row = f'<row r="{number}">' + "".join(cell.format(c=letter, n=number) for letter in letters) + "</row>"
        size += len(row)
        xml.append(row)
    made["xl/worksheets/sheet1.xml"] = "".join([*xml, "</sheetData></worksheet>"]).encode()
    return packed(made)


def _measured(tmp_path: Path, name: str, contents: bytes) -> dict[str, float]:
    path = tmp_path / name
    path.write_bytes(contents)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, check=True, timeout=600
    )
    return dict(json.loads(done.stdout))


HARMFUL: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bomb": ("a.xlsx", bomb),
    "lying bomb": ("a.xlsx", lying_bomb),
    "crowded": ("a.xlsx", crowded),
    "one line": ("a.csv", lambda: b"x" * (SIZE_LIMIT - 1)),
    "one line of wide letters": ("a.csv", lambda: "😀".encode() * (SIZE_LIMIT // 4 - 1)),
    "one open quote": ("a.csv", lambda: b'a,b\n1,2\n"' + b"x,y\n" * (SIZE_LIMIT // 4 - 10)),
    "a million columns": ("a.csv", lambda: b"," * (SIZE_LIMIT - 1)),
    "more rows than allowed": ("a.csv", lambda: b"a,b\n" + b"1,2\n" * 1_000_001),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_files_are_refused_cheaply(name: str, tmp_path: Path) -> None:
    filename, build = HARMFUL[name]
    measured = _measured(tmp_path, filename, build())
    assert measured["code"]
    assert max(measured["own"], measured["child"]) < MEMORY_KB
    assert measured["seconds"] < SECONDS


@pytest.mark.deep
@pytest.mark.parametrize(("columns", "width"), [(2, 20), (500, 3), (10, 30_000)])
def test_the_largest_text_files_stay_within_bounds(columns: int, width: int, tmp_path: Path) -> None:
    measured = _measured(tmp_path, "a.csv", _large_csv(columns, width))
    assert measured["code"] == "" and measured["rows"] > 100
    assert measured["own"] < MEMORY_KB and measured["seconds"] < SECONDS


@pytest.mark.deep
@pytest.mark.parametrize(("columns", "inline"), [(2, False), (20, False), (5, True)])
def test_the_largest_workbooks_stay_within_bounds(columns: int, inline: bool, tmp_path: Path) -> None:
    measured = _measured(tmp_path, "a.xlsx", _large_xlsx(columns, inline=inline))
    assert max(measured["own"], measured["child"]) < MEMORY_KB and measured["seconds"] < SECONDS
    assert measured["rows"] > 10_000 or measured["code"] == "UNPACKED_TOO_LARGE"


def test_a_spreadsheet_of_an_ordinary_size_is_read(tmp_path: Path) -> None:
    rows = [["key", "name", "amount"], *([f"D{n}", f"Betatech {n}", n / 4] for n in range(20_000))]
    measured = _measured(tmp_path, "a.xlsx", workbook(rows=rows))
    assert measured["code"] == "" and measured["rows"] == 20_000
