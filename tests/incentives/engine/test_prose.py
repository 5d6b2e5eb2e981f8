"""The clauses of a plan say all of it: nothing empty, nothing left as a placeholder, another plan in other words, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

import pytest

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import plans_of, read_text
from incentives.engine.plan import Plan
from incentives.engine.prose import component_clauses, plan_clauses
from incentives.engine.sentences import ENGLISH, Language
from incentives.engine.sentences_german import GERMAN
from tests.casebook import PLAN_CASES
from tests.incentives.engine.worlds import Maker

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted([*PLAN_CASES, *(ROOT / "incentives" / "gallery").glob("*.yaml")])
HEAD: dict[str, Any] = {
    "plan": "p",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "period": "MONTHLY",
}
RATE = {"key": "c", "rate": "5 %"}


def told(plan: Plan, language: Language = ENGLISH) -> str:
    return "\n".join(f"{clause.where}: {clause.text}" for clause in plan_clauses(plan, language))


def compiled(document: dict[str, Any]) -> Plan:
    plan, findings = compile_plan(document)
    assert plan is not None, [each.message for each in findings]
    return plan


def plans() -> Iterator[Plan]:
    """The plans of the cases and the gallery, and made-up ones over the whole language."""
    for path in FILES:
        document, _ = read_text(path.read_text(encoding="utf-8"))
        assert document is not None
        yield from (compiled(dict(each)) for each in plans_of(document))
    for seed in range(150):
        maker = Maker(f"prose/{seed}")
        maker.facts()
        yield from (compiled(each) for each in maker.plans())


PLANS = list(plans())


@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["English", "German"])
def test_no_clause_is_empty_or_a_placeholder(language: Language) -> None:
    for plan in PLANS:
        clauses = plan_clauses(plan, language)
        for component in plan.components:
            parts = {
                clause.where.rpartition(".")[2]
                for clause in clauses
                if clause.where.startswith(f"components.{component.key}.")
            }
            assert {"measure", "pay", "rounding"} <= parts
        for clause in clauses:
            assert clause.text.strip() == clause.text and len(clause.text) > 10, clause
            assert not any(mark in clause.text for mark in ("{", "}", "None", "nan", "Fraction", "  ", "E+")), clause


@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["English", "German"])
def test_different_plans_give_different_prose(language: Language) -> None:
    seen: dict[str, Plan] = {}
    for plan in PLANS:
        text = told(plan, language)
        assert seen.setdefault(text, plan) == plan, text


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for name, each in pairs:
        yield from leaves(each, (*path, name))


def changed(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """The document with another number in one place."""
    again = deepcopy(document)
    place: Any = again
    for name in path[:-1]:
        place = place[name]
    text = str(place[path[-1]])
    number = Decimal(text.replace("%", "").strip()) + Decimal("0.01")
    place[path[-1]] = f"{number} %" if "%" in text else f"{number}"
    return again


def is_number(document: Any, path: tuple[Any, ...]) -> bool:
    for name in path:
        document = document[name]
    try:
        Fraction(str(document).replace("%", "").strip())
    except ValueError:
        return False
    return not isinstance(document, bool)


@pytest.mark.parametrize("seed", range(40))
def test_another_number_anywhere_gives_another_text(seed: int) -> None:
    maker, tried = Maker(f"numbers/{seed}"), 0
    maker.facts()
    for document in maker.plans():
        before = compiled(document)
        numbers = [path for path in leaves(document) if is_number(document, path)]
        for path in Random(seed).sample(numbers, min(12, len(numbers))):
            after, _ = compile_plan(changed(document, path))
            if after is not None and after != before:
                tried += 1
                assert told(after) != told(before), path
    assert tried


CURVE = {"key": "c", "quota": "q", "target": 5000, "curve": [{"at": 0.5, "pays": 0}, {"at": 1, "pays": 0.5}]}
COUNT = {"key": "c", "measure": "COUNT"}
POT = {"pot": 100, "share": "EQUAL"}
LOW, MID, HIGH = ({"at": f"{at} %", "pays": f"{at} %"} for at in (0, 50, 100))
TIERS = [{"until": 1000, "rate": "5 %"}, {"rate": "8 %"}]
GRID = {
    "rows": {"column": "amount", "edges": [1000]},
    "columns": {"of": "c", "edges": [5000]},
    "rates": [["1 %", "2 %"], ["3 %", "4 %"]],
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RATE, RATE | {"reversal_rate": "CURRENT"}),
        (RATE, RATE | {"reverse_attainment": True}),
        (RATE, RATE | {"per": "DEAL"}),
        (RATE, RATE | {"paid": False}),
        (RATE, RATE | {"until": "2026-05-01"}),
        (RATE, RATE | {"quota": "q"}),
        (RATE | {"quota": "q", "accumulation": "YTD"}, RATE | {"quota": "q", "accumulation": "YTD", "goal": "WHOLE_WINDOW"}),
        (RATE, RATE | {"credit": {"date": "PAID"}}),
        (RATE | {"credit": {"where": {"staff": {"at_least": 1234567}}}}, RATE | {"credit": {"where": {"staff": {"at_least": 1234568}}}}),
        (CURVE, CURVE | {"curve": [{"at": 0.5, "pays": 0.1}, {"at": 1, "pays": 0.6}]}),
        (RATE | {"credit": {"where": {"a": {"empty": True}}}}, RATE | {"credit": {"where": {"a": {"empty": False}}}}),
        ({"key": "c", "tiers": TIERS}, {"key": "c", "tiers": TIERS, "boundary": "UPPER_INCLUSIVE"}),
        ({"key": "c", "matrix": GRID}, {"key": "c", "matrix": GRID | {"rates": [["1 %", "2 %"], ["3 %", "4.5 %"]]}}),
        ({"key": "c", "matrix": GRID}, {"key": "c", "matrix": GRID | {"boundary": "UPPER_INCLUSIVE"}}),
        (COUNT | {"contest": {"prizes": [5]}}, COUNT | {"contest": {"prizes": [5], "minimum": 2}}),
        (COUNT | {"contest": {"prizes": [5]}}, COUNT | {"contest": {"prizes": [5], "ties": "EACH"}}),
        (COUNT | {"contest": {"prizes": [5], "minimum": 2}}, COUNT | {"quota": "q", "contest": {"prizes": [5], "minimum": "2 %"}}),
        ({"key": "c", "contest": POT}, {"key": "c", "contest": POT | {"share": "PROPORTIONAL"}}),
        ({"key": "c", "contest": POT}, {"key": "c", "contest": POT | {"pot": 101}}),
        (
            {"key": "c", "quota": "q", "contest": {"prizes": [5]}},
            {"key": "c", "quota": "q", "contest": {"prizes": [5], "by": "ATTAINMENT"}},
        ),
        (CURVE | {"curve": [LOW, MID, HIGH]}, CURVE | {"curve": [LOW, MID, MID | {"pays": "60 %"}, HIGH | {"pays": "110 %"}]}),
        (CURVE | {"curve": [LOW, MID, HIGH, HIGH | {"pays": "110 %"}]}, CURVE | {"curve": [LOW, MID, HIGH, HIGH | {"pays": "111 %"}]}),
        ({"key": "c", "quota": "q", "contest": POT | {"minimum": 50}}, {"key": "c", "quota": "q", "contest": POT | {"minimum": "50 %"}}),
        (COUNT | {"amount_each": 5, "kickers": [{"amount": 5}]}, COUNT | {"amount_each": 5, "kickers": [{"amount_each": 5}]}),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["English", "German"])
def test_every_word_is_told(one: dict[str, Any], other: dict[str, Any], language: Language) -> None:
    texts = {told(compiled(HEAD | {"components": [each]}), language) for each in (one, other)}
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("language", "mean", "year"),
    [
        (ENGLISH, "the mean of all days of the month of their credit", "one rate for the whole plan, that of 2025-12-15"),
        (GERMAN, "zum Mittel der Kurse aller Tage", "zu einem Kurs umgerechnet, dem von 2025-12-15"),
    ],
    ids=["English", "German"],
)  # fmt: skip
def test_a_policy_of_currency_rates_is_told(language: Language, mean: str, year: str) -> None:
    plan = HEAD | {"components": [RATE]}
    spot, average, fixed = (
        told(compiled(plan | each), language)
        for each in ({}, {"currency_rate": "PERIOD_AVERAGE"}, {"currency_rate": "PLAN_YEAR", "fixed_on": "2025-12-15"})
    )
    assert "plan.currency_rate" not in spot and spot == told(compiled(plan | {"currency_rate": "SPOT"}), language)
    assert mean in average and year in fixed


def test_a_draw_says_how_much_is_recovered_and_how_long_it_lasts() -> None:
    draw = {"kind": "RECOVERABLE", "amount": 2000, "recover": "50 %", "periods": 3}
    text = told(compiled(HEAD | {"components": [RATE], "draw": draw}))
    assert "At most 50 % of what is earned above it is taken" in text
    assert "for the first 3 periods" in text


@pytest.mark.parametrize(
    ("language", "each", "summed"),
    [
        (ENGLISH, "5,000.00 USD for each month", "in the window are summed"),
        (GERMAN, "5.000,00 USD je Monat", "Zielbeträge addiert"),
    ],
    ids=["English", "German"],
)
def test_a_target_is_told_with_its_period_and_whether_periods_are_summed(
    language: Language, each: str, summed: str
) -> None:
    asked = {"key": "c", "quota": "q", "target": 5000, "formula": "TARGET() * ATTAINMENT()"}
    scored = {"key": "c", "target": 5000, "objectives": [{"key": "o", "weight": "100 %"}]}
    for component in (CURVE, asked, scored):
        assert each in told(compiled(HEAD | {"components": [component]}), language)
    for component in (CURVE, asked):
        texts = [
            told(compiled(HEAD | {"components": [component | {"accumulation": window}]}), language)
            for window in ("PERIOD", "YTD")
        ]
        assert [summed in text for text in texts] == [False, True]


def test_a_measure_that_only_a_gate_names_is_told() -> None:
    measures = [{"key": "logos", "measure": "COUNT", "credit": {"where": {"type": "new"}}}]
    text = told(
        compiled(HEAD | {"measures": measures, "components": [RATE | {"gates": [{"of": "logos", "at_least": 2}]}]})
    )
    assert "measures.logos: logos: the owner is credited with the amount of deals with type new" in text


@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["english", "german"])
def test_a_measure_is_called_by_its_name(language: Language) -> None:
    tiers = [{"until": "3", "rate": "50 %"}, {"rate": "100 %"}]
    axis = {"of": "keyed", "edges": [3]}
    changes = {
        "multipliers": [{"of": "keyed", "tiers": tiers}],
        "kickers": [{"of": "keyed", "at_least": 3, "amount": 9}, {"of": "keyed", "amount_each": 9}],
        "gates": [{"of": "keyed", "at_least": 3}],
    }
    document = HEAD | {
        "measures": [
            {"key": "keyed", "name": "New logos", "measure": "COUNT"},
            {"key": "held", "name": "Revenue", "quota": "q"},
        ],
        "components": [
            {**RATE, "name": "Own", "paid": "no", **changes},
            {"key": "d", "tiers_on": "keyed", "tiers": tiers},
            {"key": "e", "matrix": {"rows": axis, "columns": axis, "rates": [["1 %", "2 %"], ["3 %", "4 %"]]}},
            {"key": "f", "greater_of": ["c"]},
            {
                "key": "g",
                "formula": "IF(ATTAINMENT(held) > 50 %, MAX(QUOTA(held), 0), 0) * keyed / 3 + c * 2 %",
            },
        ],
    }
    texts = [clause.text for clause in plan_clauses(compiled(document), language)]
    assert not [text for text in texts if "keyed" in text] and sum("New logos" in text for text in texts) == 10
    counts, attained, quota, earned = (
        language.formulas.calls[call].format(name)
        for call, name in (
            ("MEASURE", "New logos"),
            ("ATTAINMENT", "Revenue"),
            ("QUOTA", "Revenue"),
            ("COMPONENT", "Own"),
        )
    )
    (asked,) = [text for text in texts if counts in text]
    assert attained in asked and quota in asked and language.formulas.say("share", earned, "2 %") in asked
    assert [text for text in texts if text.endswith(" Own.")]
    document["measures"].append({"key": "second", "name": "New logos", "measure": "UNITS"})
    texts = [clause.text for clause in plan_clauses(compiled(document), language)]
    assert not [text for text in texts if "New logos" in text] and [text for text in texts if "keyed" in text]


def test_a_matrix_is_told_cell_by_cell() -> None:
    text = told(compiled(HEAD | {"components": [{"key": "c", "matrix": GRID}]}))
    assert "below 1,000.00 USD and below 5,000 USD: 1 %; below 1,000.00 USD and above 5,000 USD: 2 %" in text


def test_a_plan_in_german() -> None:
    """A second language is a second table of sentences."""
    document = HEAD | {"name": "Vertrieb 2026", "components": [{"key": "c", "name": "Provision", "quota": "umsatz", "tiers": [
        {"until": "100 %", "rate": "5 %"}, {"rate": "8.5 %"}], "cap": 10000}]}  # fmt: skip
    assert told(compiled(document), GERMAN).split("\n") == [
        "plan: Vertrieb 2026 gilt von 2026-01-01 bis einschließlich 2026-12-31. Beträge sind in USD und werden je Monat berechnet.",
        "plan.proration: Wer eine Stelle für einen Teil eines Zeitraums innehat, trägt ihre Quote im Verhältnis der Tage.",
        "components.c.credit: Provision: wem das Geschäft gehört, erhält den Betrag von allen Geschäften gutgeschrieben, datiert, wenn sie "
        "gutgeschrieben sind; ein geteiltes Geschäft wird nach seinen Anteilen geteilt.",
        "components.c.measure: Es zählt der gutgeschriebene Betrag je Monat, gemessen an der Quote derselben Zeit (umsatz).",
        "components.c.measure: Eine Rückgabe zahlt zum Satz ihres Verkaufs zurück; die Zielerreichung senkt sie nicht.",
        "components.c.pay: Jeder Teil dessen, was zählt, wird zum Satz seiner eigenen Stufe bezahlt: 5 % bis 100 % der Quote, "
        "8,5 % über 100 % der Quote; ein Wert genau auf einer Grenze gehört zur oberen Stufe.",
        "components.c.changes: Dieser Bestandteil zahlt höchstens 10.000,00 USD je Monat.",
        "components.c.rounding: Der Betrag wird einmal gerundet, auf die kleinste Einheit von USD, Hälften von null weg.",
    ]


def test_a_second_table_has_every_sentence_word_and_place_of_the_first() -> None:
    for each in fields(Language):
        first, second = getattr(ENGLISH, each.name), getattr(GERMAN, each.name)
        if isinstance(first, dict):
            assert first.keys() == second.keys(), each.name
            for word in first:
                assert places(first[word]) == places(second[word]), (each.name, word)


def places(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_a_table_swapped_for_another_changes_every_clause() -> None:
    """The seam itself: with a table of marks nothing of the old language is left."""
    marks = {
        key: f"<{key}:{''.join('{' + str(name) + '}' for name in sorted(map(str, places(text))))}>"
        for key, text in ENGLISH.sentences.items()
    }
    swapped = Language(**{each.name: getattr(ENGLISH, each.name) for each in fields(Language)} | {"sentences": marks})
    for plan in PLANS[:60]:
        assert all(
            "<" in clause.text
            for clause in plan_clauses(plan, swapped)
            if clause.where != "plan.proration" and clause.where != "plan.draw"
        )


@pytest.mark.parametrize(
    ("language", "said"), [(ENGLISH, "its own amount, not the sum"), (GERMAN, "sein eigener Wert, nicht die Summe")]
)
def test_a_deal_rated_alone_says_what_finds_its_tier(language: Language, said: str) -> None:
    head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}
    for pay, is_said in (
        ({"tiers": [{"until": 9, "rate": "1 %"}, {"rate": "2 %"}]}, True),
        ({"rate": "1 %"}, False),
    ):
        plan, findings = compile_plan({**head, "components": [{"key": "c", "per": "DEAL", **pay}]})
        assert plan is not None, findings
        assert any(said in each.text for each in plan_clauses(plan, language)) == is_said


FORMULA_WORDS = [
    (
        "IF(ATTAINMENT() < 50 %, 0, MIN(measure, QUOTA()) * 3.5 %)",
        "It pays 0.00 USD if the attainment of Half is below 50 %, otherwise 3.5 % of the smaller of what counts for Half and the quota of "
        "Half.",
        "Gezahlt wird: 0,00 USD, falls gilt: Zielerreichung von Half ist kleiner als 50 %; sonst 3,5 % von kleinerer Wert aus Zählwert von "
        "Half und Quote von Half.",
    ),
    (
        "COUNT(amount > 1000) * 20 USD",
        "It pays (the number of the credits of the window for which amount is above 1,000.00 USD) times 20.00 USD.",
        "Gezahlt wird: (Anzahl von Gutschriften des Fensters, für die gilt: amount ist größer als 1.000,00 USD) mal 20,00 USD.",
    ),
    (
        "measure * TIERRATE(steps, ATTAINMENT())",
        "It pays what counts for Half times the rate of the tier of the table steps that the attainment of Half reaches.",
        "Gezahlt wird: Zählwert von Half mal Satz der Stufe der Tabelle steps, die erreicht ist mit Zielerreichung von Half.",
    ),
]


@pytest.mark.parametrize(("formula", "english", "german"), FORMULA_WORDS, ids=["if", "count", "table"])
def test_a_formula_is_read_aloud_in_the_language_of_the_clause(formula: str, english: str, german: str) -> None:
    table = {"key": "steps", "tier_mode": "WHOLE", "tiers": [{"until": "100 %", "rate": "5 %"}, {"rate": "8 %"}]}
    head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01", "period": "MONTHLY"}
    component = {"key": "half", "name": "Half", "quota": "q", "formula": formula}
    plan, _ = compile_plan({**head, "tables": [table], "components": [component]})
    assert plan is not None
    told = [
        clause.text
        for language in (ENGLISH, GERMAN)
        for clause in component_clauses(plan, plan.components[0], language)
    ]
    assert english in told and german in told


def test_formulas_have_the_same_words_in_every_language() -> None:
    for part in ("compared", "dated", "calls", "windows", "forms"):
        assert getattr(ENGLISH.formulas, part).keys() == getattr(GERMAN.formulas, part).keys(), part


def test_a_column_that_is_summed_is_called_as_people_do() -> None:
    component = {"key": "c", "rate": "1 %", "measure": {"kind": "COLUMN", "column": "annual_value_minor"}}
    head = {"plan": "p", "currency": "USD", "from": "2026-01-01", "until": "2027-01-01"}
    plan = compiled({**head, "components": [component]})
    assert "the credited annual value" in told(plan) and "aus annual value" in told(plan, GERMAN)
