"""The files of `tests/cases/` by what they are about: plans and their examples, books month by month, expense, planning, forecasts."""

from pathlib import Path

CASES = sorted((Path(__file__).resolve().parent / "cases").glob("*.yaml"))
EXPENSE_CASES = [path for path in CASES if "\nexpense:" in path.read_text(encoding="utf-8")]
BOOK_CASES = [path for path in CASES if "\nmonths:" in path.read_text(encoding="utf-8")]
"""Cases of the way from earned to paid. One may also have examples: then it is a plan case too."""
PLANNING_CASES = [path for path in CASES if "\nplanning:" in path.read_text(encoding="utf-8")]
FORECAST_CASES = [path for path in CASES if "\nforecast:" in path.read_text(encoding="utf-8")]
PLAN_CASES = [
    path
    for path in CASES
    if path not in EXPENSE_CASES + PLANNING_CASES + FORECAST_CASES
    and (path not in BOOK_CASES or "\nexamples:" in path.read_text(encoding="utf-8"))
]
