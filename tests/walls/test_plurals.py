"""A number before a word that is said by one sentence alone reads "1 periods were added"; such sentences have two forms."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("incentives", "insights", "planning", "spm")
COUNT = r"(?:n|count|deals|people|lines|days)"
ONE_FORM = re.compile(
    rf"""(?<![a-z])(?:_|gettext|gettext_lazy|gettext_noop)\(\s*f?["'](?:[^"']*[ (])?%\({COUNT}\)[sd] \w+s\b"""
)
"""A message of one form that begins a word of the plural right after a count."""


def one_form(text: str) -> list[str]:
    return [" ".join(found.group().split()) for found in ONE_FORM.finditer(text)]


def test_a_count_before_a_plural_has_two_forms() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {words}"
        for place in PLACES
        for path in sorted((ROOT / place).rglob("*.py"))
        for words in one_form(path.read_text(encoding="utf-8"))
    }
    assert found == set(), "Say it with ngettext."


def test_the_search_finds_one_form_and_leaves_two() -> None:
    assert len(one_form('_("%(n)s periods were added.")')) == 1
    assert len(one_form('gettext(\n    "Posted. %(count)s lines wait."\n)')) == 1
    assert one_form('ngettext("%(n)s period was added.", "%(n)s periods were added.", 2)') == []
    assert one_form('_("Deals: %(count)s")') == []
