"""Documents are stored with every value as text: they mean the same as the file that was written."""

import pytest
import yaml

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import plans_of, read_text
from incentives.engine.testing import test_document as run_document
from tests.casebook import PLAN_CASES

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"
COMPONENTS = "components:\n  - key: c\n    rate: 10 %\n"


@pytest.mark.parametrize("path", PLAN_CASES, ids=lambda path: path.stem)
def test_a_case_read_as_texts_compiles_to_the_same_plans_and_passes(path):
    text = path.read_text(encoding="utf-8")
    numbers, _ = read_text(text)
    texts = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, lists and mappings only
    assert [compile_plan(each)[0] for each in plans_of(texts)] == [compile_plan(each)[0] for each in plans_of(numbers)]
    assert [each.differences for each in run_document(texts) if not each.passed] == []


def test_an_empty_attribute_is_asked_for_in_words_too():
    where = "    credit: {where: {account: {empty: EMPTY}}}\n"
    found = []
    for word in ("true", "'true'", "yes", "'yes'", "false", "'no'"):
        document, _ = read_text(HEAD + COMPONENTS + where.replace("EMPTY", word))
        plan, findings = compile_plan(document)
        assert findings == []
        found.append(plan.components[0].credit[0].where[0].operator)
    assert found == ["EMPTY"] * 4 + ["NOT_EMPTY"] * 2


def test_the_periods_of_a_draw_are_not_lost_as_text():
    for word in ("3", "'3'"):
        document, _ = read_text(HEAD + COMPONENTS + f"draw: {{kind: RECOVERABLE, amount: 100, periods: {word}}}\n")
        assert compile_plan(document)[0].draw.periods == 3
    document, _ = read_text(HEAD + COMPONENTS + "draw: {kind: RECOVERABLE, amount: 100, periods: soon}\n")
    assert [finding.where for finding in compile_plan(document)[1]] == ["draw.periods"]


def test_a_numeric_attribute_and_a_day_are_compared_with_texts():
    example = """
examples:
  - name: by level and day
    given:
      period: 2026-01
      deals:
        - {amount: 100, level: 2, signed_on: 2026-01-05}
        - {amount: 1000, level: 3, signed_on: 2026-01-05}
        - {amount: 10000, level: 2, signed_on: 2026-01-06}
    then: {earned: 10}
"""
    where = "    credit: {where: {level: '2', signed_on: '2026-01-05'}}\n"
    document, _ = read_text(HEAD + COMPONENTS + where + example)
    assert [each.differences for each in run_document(document)] == [()]
