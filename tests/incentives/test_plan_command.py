"""manage.py plan check and plan test: from files, with exit codes, without a database."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "tests" / "cases" / "commission-mathbot-two-tier.yaml"


def plan(*words: str) -> subprocess.CompletedProcess[str]:
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    command = [sys.executable, "manage.py", "plan", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **nowhere}, capture_output=True, text=True, check=False)


def test_a_published_case_passes() -> None:
    done = plan("test", str(CASE))
    assert (done.returncode, "passed" in done.stdout) == (0, True), done.stderr


def test_a_reader_who_has_seen_enough_ends_it_without_a_word() -> None:
    """As in `manage.py plan test FILE | head -1`; `plan check` writes in the same way."""
    command = f"{sys.executable} manage.py plan test {CASE} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (str(128 + signal.SIGPIPE), "")


def test_a_wrong_expectation_fails_with_both_figures(tmp_path: Path) -> None:
    text = CASE.read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("earned:", "earned: 1 #", 1))
    done = plan("test", str(wrong))
    assert done.returncode == 1
    assert "FAILED" in done.stdout


@pytest.mark.parametrize("text", ["plan: x\nname: X\n", "a: [", ""])
def test_a_plan_that_does_not_compile_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    done = plan("check", str(path))
    assert done.returncode == 1
    assert "ERROR" in done.stdout
    assert "Traceback" not in done.stderr


SEVERAL = """\
plans:
  - plan: good
    currency: USD
    from: 2026-01-01
    until: 2027-01-01
    components: [{key: c, rate: 5 %}]
  - plan: bad
    currency: USD
    from: 2026-01-01
    until: 2027-01-01
    components:
      - key: c
        tiers:
          - {until: 100 %, rate: 5 %}
          - {rate: x %}
        acumulation: YTD
      - key: d
        formula: "measure *
          mesure"
"""


def test_a_check_says_code_line_path_and_fix(tmp_path: Path) -> None:
    path = tmp_path / "plans.yaml"
    path.write_text(SEVERAL)
    lines = plan("check", str(path)).stdout.split("\n")
    place = lines.index("  ERROR FIELD_UNKNOWN, line 16, plans[1].components[0].acumulation")
    assert lines[place + 2] == "    fix: Did you mean accumulation?"
    assert "  ERROR RATE_UNREADABLE, line 15, plans[1].components[0].tiers[1].rate" in lines
    found = json.loads(plan("check", "--format", "json", str(path)).stdout)
    about = {each["code"]: (each["file"], each["line"]) for each in found}
    assert about["FIELD_UNKNOWN"] == (str(path), 16)
    assert about["NAME_UNKNOWN"] == (str(path), 18)  # the line of the file, not that of the formula
    tested = json.loads(plan("test", "--format", "json", str(path)).stdout)
    assert [(each["passed"], each["line"], each["findings"][0]["line"]) for each in tested] == [(False, None, 15)]
    path.write_text("plan: [\n")
    (unread,) = json.loads(plan("check", "--format", "json", str(path)).stdout)
    assert (unread["code"], unread["line"], unread["path"]) == ("FILE_UNREADABLE", 2, None)


def test_an_example_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\ncomponents: [{key: c, rate: 5 %}]\nexamples:\n"
        "  - {name: one, given: {amounts: [100]}, then: {earned: 5}}\n  - {name: two, given: {amounts: [100]}, then: {earned: 6}}\n"
    )
    done = plan("test", str(path))
    assert (done.returncode, "passed: one (line 7)" in done.stdout, "FAILED: two (line 8)" in done.stdout) == (
        1,
        True,
        True,
    )


def test_plan_files_are_tested_without_an_installation() -> None:
    bare = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    command = [sys.executable, "manage.py", "plan", "test", str(CASE)]
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_not_there_is_named() -> None:
    done = plan("check", "nowhere.yaml")
    assert done.returncode == 1
    assert "nowhere.yaml can't be read" in done.stderr


def test_a_check_prints_the_example_that_shows_it_and_the_example_passes(tmp_path: Path) -> None:
    text = (
        "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\ncomponents:\n"
        "  - {key: c, tier_mode: WHOLE, tiers: [{until: 10000, rate: 1 %}, {rate: 2 %}]}\n"
    )
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    done = plan("check", "--examples", str(path))
    assert (done.returncode, "one more USD raises the pay of a period by 100.01 USD" in done.stdout) == (0, True), (
        done.stderr
    )
    lines = done.stdout.split("\n")
    start = lines.index("    examples:")
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("    "))
    path.write_text(text + "\n".join(line[4:] for line in lines[start:end]) + "\n")
    assert plan("test", str(path)).returncode == 0
