"""The lines of a statement as plain values: what `Statement.content` holds."""

from collections.abc import Sequence
from typing import Any


def main_line(lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Give the line that stands for the statement: the first that is held against a quota, else the first.

    Components may credit the same deals, so their credits are never added up.
    """
    return next((line for line in lines if line["quota_value"] is not None), lines[0] if lines else None)
