"""The files of `tests/cases/` by what they are about: plans with their examples, or the expense of commissions."""

from pathlib import Path

CASES = sorted((Path(__file__).resolve().parents[1] / "cases").glob("*.yaml"))
EXPENSE_CASES = [path for path in CASES if "\nexpense:" in path.read_text(encoding="utf-8")]
PLAN_CASES = [path for path in CASES if path not in EXPENSE_CASES]
