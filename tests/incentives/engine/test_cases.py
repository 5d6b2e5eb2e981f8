"""Every published and written case, in the product's own plan format, computed to the cent."""

from __future__ import annotations

from pathlib import Path

import pytest

from incentives.engine.testing import check_text, test_text
from tests.casebook import PLAN_CASES


@pytest.mark.parametrize("path", PLAN_CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [finding.message for finding in check_text(text) if finding.is_error]
    results = test_text(text)
    assert results
    for result in results:
        assert result.passed, f"{result.name}: {result.differences} {[finding.message for finding in result.findings]}"
