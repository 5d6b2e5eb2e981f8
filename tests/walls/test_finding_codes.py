"""Every code of a finding stands in the guide with what it says, and none that is gone."""

import re

from tests.walls.finding_codes import GUIDE, ROOT, codes, guide


def test_the_guide_lists_what_the_engine_says() -> None:
    assert GUIDE.read_text(encoding="utf-8") == guide(), "Write it anew: python -m tests.walls.finding_codes"


def test_every_code_says_what_is_the_matter_and_what_to_do() -> None:
    silent = [code for code, said in codes().items() if not said]
    assert len(codes()) > 120 and silent == ["RATE_UNREADABLE"], (
        "what a rate can't be read for is said by spm.core.money"
    )


def test_the_codes_of_the_checks_stand_in_the_plan_language() -> None:
    text = (ROOT / "docs" / "plan-language.md").read_text(encoding="utf-8")
    checks = ROOT / "incentives" / "engine" / "checks"
    found = {code for path in checks.glob("*.py") for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', path.read_text())}
    told = found & set(codes())
    assert len(told) > 10 and all(f"`{code}`" in text for code in told), [c for c in told if f"`{c}`" not in text]


def test_no_finding_says_one_or_more_in_brackets() -> None:
    texts = [text for said in codes().values() for text in said]
    assert not [text for text in texts if re.search(r"\w\(e?s\)", text)]
