"""Numbers and lengths of time as people type them: refused where they can be two things, each with exactly what to write."""

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.testing import check_text, test_text
from incentives.services.documents import PlanRefused, document_read
from spm.core.findings import Finding

HEAD = "plan: p\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: MONTHLY\n"
TIERS = "components: [{key: c, measure: UNITS, tiers: [{until: '%s', amount_each: 1}, {amount_each: 2}]}]\n"
SEATS = "components: [{key: c, credit: {where: {seats: {at_least: '%s'}}}, rate: 1 %%}]\n"
RATE = "components: [{key: c, rate: '%s'}]\n"
RATE_FORMULA = 'components: [{key: c, formula: "measure * %s"}]\n'
CAP = "components: [{key: c, rate: 1 %%, cap: {period: '%s'}}]\n"
FORMULA = 'components: [{key: c, formula: "MIN(measure, %s)"}]\n'
WITHIN = "components: [{key: c, rate: 1 %%}]\nclawback: {within: %s}\n"


def told(text: str) -> Finding:
    (found,) = [each for each in check_text(HEAD + text) if each.is_error]
    return found


@pytest.mark.parametrize(
    ("text", "typed", "code", "fix"),
    [
        (TIERS, "1,000", "NUMBER_UNREADABLE", "Write 1000 or 1.0."),
        (TIERS, "1.000", "NUMBER_UNREADABLE", "Write 1000 or 1.0."),
        (TIERS, "1 000", "NUMBER_UNREADABLE", "Write 1000."),
        (TIERS, "1’000", "NUMBER_UNREADABLE", "Write 1000."),
        (TIERS, "1.000.000", "NUMBER_UNREADABLE", "Write 1000000."),
        (TIERS, "1.000,5", "NUMBER_UNREADABLE", "Write 1000.5."),
        (TIERS, "12,5", "NUMBER_UNREADABLE", "Write 12.5."),
        (TIERS, "many", "NUMBER_UNREADABLE", "Write a number."),
        (TIERS, "000", "NUMBER_CUT", "Write the number before it without the comma, such as 1000."),
        (SEATS, "1,000", "NUMBER_UNREADABLE", "Write 1000 or 1.0."),
        (SEATS, "1 000", "NUMBER_UNREADABLE", "Write 1000."),
        (CAP, "1,000", "AMOUNT_AMBIGUOUS", "Write 1000.00 or 1.00."),
        (CAP, "1.000", "AMOUNT_AMBIGUOUS", "Write 1000.00 or 1.00."),
        (CAP, "000", "NUMBER_CUT", "Write the number before it without the comma, such as 1000."),
        (FORMULA, "1,000", "NUMBER_AMBIGUOUS", "Write 1000 or 1, 000."),
        (FORMULA, "1.000", "NUMBER_AMBIGUOUS", "Write 1000 or 1.0."),
        (FORMULA, "1.000 USD", "NUMBER_AMBIGUOUS", "Write 1000 or 1.0."),
        (FORMULA, "1 000", "FORMULA_SYNTAX", "Write 1000."),
        (FORMULA, "1.000.000", "FORMULA_SYNTAX", "Write 1000000."),
        (FORMULA, "1'000", "FORMULA_SIGN", "Write 1000."),
        (FORMULA, "$1,000", "FORMULA_SIGN", "Write 1000 USD."),
        (FORMULA, "€ 90", "FORMULA_SIGN", "Write 90 EUR."),
        (RATE, "2,000 %", "RATE_UNREADABLE", "Write 2000 % or 2.0 %."),
        (RATE, "-1,125%", "RATE_UNREADABLE", "Write -1125 % or -1.125 %."),
        (RATE, "1,125", "RATE_UNREADABLE", "Write 1125 or 1.125."),
        (RATE, "2 000 %", "RATE_UNREADABLE", "Write 2000 %."),
        (RATE, "1,000,000.5 %", "RATE_UNREADABLE", "Write 1000000.5 %."),
        (FORMULA, "measure * 2,000 %", "FORMULA_SIGN", "Write 2000 % or 2.0 %."),
        (FORMULA, "measure * 2 000 %", "FORMULA_SYNTAX", "Write 2000 %."),
        (FORMULA, "MIN(measure * 1,125%, measure)", "FORMULA_SIGN", "Write 1125 % or 1.125 % or 1, 125 %."),
        (FORMULA, "IF(measure>1,100%,0%)", "FORMULA_SIGN", "Write 1100 % or 1.1 % or 1, 100 %."),
        (RATE_FORMULA, "1,125 %", "FORMULA_SIGN", "Write 1125 % or 1.125 %."),
        (FORMULA, "measure * 1,000,000 %", "FORMULA_SIGN", "Write 1000000 %."),
        (WITHIN, "90", "SPAN_UNREADABLE", "Write 90 days or 90 months."),
        (WITHIN, "2 weeks", "SPAN_UNREADABLE", "Write 14 days."),
        (WITHIN, "1 year", "SPAN_UNREADABLE", "Write 12 months."),
        (WITHIN, """'"90" days'""", "SPAN_UNREADABLE", "Write 90 days."),
        (WITHIN, "soon", "SPAN_UNREADABLE", "Write 3 months or 90 days."),
        (WITHIN, '"90" days', "FILE_UNREADABLE", "Write 90 days without quotes, or all of it in quotes."),
        (WITHIN, "'3' months", "FILE_UNREADABLE", "Write 3 months without quotes, or all of it in quotes."),
    ],
)  # fmt: skip
def test_what_people_type_is_answered_with_what_to_write(text: str, typed: str, code: str, fix: str) -> None:
    found = told(text % typed)
    assert (found.code, found.fix) == (code, fix)


@pytest.mark.parametrize(
    ("text", "typed"),
    [(TIERS, "1000"), (TIERS, "1.0"), (TIERS, "1.125"), (CAP, "1 000"), (CAP, "1’000"), (CAP, "1.000,50"),
     (FORMULA, "1000"), (FORMULA, "measure * 1.000 %"),
     (RATE, "0,125 %"), (RATE, "12,5 %"), (RATE, "2.000 %"), (WITHIN, "90 days"), (WITHIN, '"90 days"')],
)  # fmt: skip
def test_what_can_be_one_thing_only_is_read(text: str, typed: str) -> None:
    assert [each for each in check_text(HEAD + text % typed) if each.is_error] == []


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            "tiers: [{until: 50,000, rate: 1 %}, {rate: 2 %}]",
            "A comma inside { } or [ ] begins a new field: write until: 50000.",
        ),
        (
            "tiers: [{until: 1,500, rate: 1 %}, {rate: 2 %}]",
            "A comma inside { } or [ ] begins a new field: write until: 1500.",
        ),
        ("contest: {prizes: [1,000, 500]}", "Write the number before it without the comma"),
    ],
)
def test_a_comma_inside_brackets_is_named(text: str, fix: str) -> None:
    assert fix in told(f"components: [{{key: c, {text}}}]\n").fix


@pytest.mark.parametrize(
    ("component", "given", "fix"),
    [
        ("rate: 1 %", "amounts: [1,000, 500]", "Write the number before it without the comma, such as 1000."),
        ("measure: UNITS, amount_each: 1", "deals: [{amount: 1, quantity: '1,000'}]", "Write 1000 or 1.0."),
        ("credit: {where: {seats: {above: 5}}}, rate: 1 %", "deals: [{amount: 1, seats: '1 000'}]", "Write 1000."),
        ("credit: {where: {seats: {above: 5}}}, rate: 1 %", "deals: [{amount: 1, seats: many}]", "Write a number."),
        (
            "measure: UNITS, quota: q, tiers: [{until: 100 %, amount_each: 1}, {amount_each: 2}]",
            "quotas: {q: '1,000'}, deals: [{amount: 1, quantity: 5}]",
            "Write 1000 or 1.0.",
        ),
    ],
)
def test_so_are_the_facts_of_an_example(component: str, given: str, fix: str) -> None:
    example = f"examples: [{{name: x, given: {{period: 2026-01, {given}}}, then: {{earned: 0}}}}]\n"
    (result,) = test_text(f"{HEAD}components: [{{key: c, {component}}}]\n{example}")
    assert fix in [each.fix for each in result.findings if each.is_error] and not result.passed


@pytest.mark.parametrize(
    ("wanted", "fix"), [("2,000 %", "Write 2000 % or 2.0 %."), ("about 1 %", "Write it like 2.5 %."), ("NaN", "Write it like 2.5 %.")]
)  # fmt: skip
def test_an_expected_percentage_that_is_none_fails_its_example_in_words(wanted: str, fix: str) -> None:
    example = (
        f"examples: [{{name: x, given: {{period: 2026-01, amounts: [10]}}, then: {{effective_rate: '{wanted}'}}}}]\n"
    )
    (result,) = test_text(f"{HEAD}components: [{{key: c, rate: 1 %}}]\n{example}")
    assert not result.passed
    assert [each for each in result.differences if wanted in each and each.endswith(fix)]


@pytest.mark.parametrize(
    ("text", "typed", "plain", "read_as"),
    [
        (HEAD + RATE, "1,125 %", "1.125 %", "1.125 %"),
        (HEAD + RATE, "12,500 %", "12.5 %", "12.5 %"),
        (HEAD.replace("USD", "CHF") + CAP, "€100", "100", "100.00 CHF"),
        (HEAD + TIERS, "1.000", "1", "1"),
    ],
)
def test_what_was_kept_before_it_was_refused_is_read_as_it_was(text: str, typed: str, plain: str, read_as: str) -> None:
    plan, findings = compile_plan(document_read(text % typed))
    assert plan == compile_plan(document_read(text % plain))[0] is not None
    assert [(each.is_error, each.why) for each in findings] == [(False, f"It is read as {read_as}, as it was before.")]
    assert compile_plan(document_read(text % typed), is_written=True)[0] is None
    assert [each.is_error for each in check_text(text % typed)] == [True]


@pytest.mark.parametrize("wanted", ["12,5 %", "12.5 %", "0,125"])
def test_an_expected_percentage_takes_a_comma_as_a_rate_does(wanted: str) -> None:
    example = (
        f"examples: [{{name: x, given: {{period: 2026-01, amounts: [10]}}, then: {{effective_rate: '{wanted}'}}}}]\n"
    )
    (result,) = test_text(HEAD + RATE % "12,5 %" + example)
    assert result.passed, result.differences


def test_the_designer_says_the_same_of_a_text() -> None:
    with pytest.raises(PlanRefused) as refusal:
        document_read('clawback:\n  within: "90" days\n')
    (finding,) = refusal.value.findings
    assert (finding.where, finding.fix) == ("line 2", "Write 90 days without quotes, or all of it in quotes.")
