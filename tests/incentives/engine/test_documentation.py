"""Every plan in the documentation of the plan language compiles, and its examples come out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incentives.engine.language.functions import FUNCTIONS
from incentives.engine.testing import check_text, test_text

PAGE = Path(__file__).resolve().parents[3] / "docs" / "plan-language.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.split("\n")[0])
def test_a_plan_of_the_documentation_runs(text: str) -> None:
    assert not [finding.message for finding in check_text(text) if finding.is_error]
    for result in test_text(text):
        assert result.passed, f"{result.name}: {result.differences} {[finding.message for finding in result.findings]}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_an_example_that_runs(name: str) -> None:
    assert any(f"{name}(" in text for text in BLOCKS)
    assert f"| `{FUNCTIONS[name].form}` |" in PAGE.read_text(encoding="utf-8")
