"""Whatever somebody types, the answer is a formula or typed findings: at once, without an exception, without reading anything else."""

from __future__ import annotations

import os
import random
from time import process_time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incentives.engine.conditions import column_of
from incentives.engine.language import Place, analyse, complete
from incentives.engine.language.deals import DealSource
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.functions import FUNCTIONS
from tests.incentives.engine.language.asking import DEALS, context
from tests.incentives.engine.language.hostile_texts import CONFUSABLES, DIVISIONS, INJECTIONS, LITERALS, NESTED

CONTEXTS = {place: context(place) for place in Place}

HOSTILE = [*NESTED, *LITERALS, *CONFUSABLES, *INJECTIONS, *DIVISIONS]
LIMIT = 0.05
"""Seconds of one text in one place."""


def asked(text: str, place: Place) -> float:
    """Asks a text and, when it is a formula, computes it; gives the seconds of the analysis."""
    start = process_time()
    analysis = analyse(text, CONTEXTS[place])
    seconds = process_time() - start
    if analysis.formula is None:
        assert analysis.findings
        assert all(finding.code and finding.what and finding.fix and finding.is_error for finding in analysis.findings)
    elif place != Place.PERIOD and not any(node.what not in ORDINARY for node in analysis.formula.tree.walk()):
        evaluation = Evaluation(analysis.formula, DealSource(len(DEALS), lambda name: column_of(DEALS, name)))
        if all(column_of(DEALS, name) is not None for name in analysis.formula.columns):
            values = evaluation.value()
            assert len(values.trouble) == len(DEALS) if values.trouble is not None else True
    return seconds


ORDINARY = {
    "CONSTANT", "COLUMN", "TO_MONEY", "NEGATE", "INVERT", "ADD", "MULTIPLY", "COMPARE", "IN", "AND", "OR", "NOT",
    *(name for name, function in FUNCTIONS.items() if not function.pays),
}  # fmt: skip
"""Pieces that a frame of deals can answer."""


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("place", Place)
def test_hostile_texts_end_at_once(place: Place) -> None:
    analyse("amount > 5", CONTEXTS[place])
    slow = {}
    for text in HOSTILE:
        seconds = min(asked(text, place) for _ in range(2))
        if seconds > LIMIT:
            slow[text[:40]] = seconds
        complete(text, len(text), CONTEXTS[place])
    assert not slow


def test_what_is_nested_too_deep_is_told_so() -> None:
    codes = {analyse(text, CONTEXTS[Place.CONDITION]).findings[0].code for text in NESTED[:4]}
    assert codes == {"FORMULA_TOO_LONG", "FORMULA_TOO_DEEP"}


@pytest.mark.parametrize("text", [*INJECTIONS[:16], "import os", "lambda: 1"])
def test_no_program_is_a_formula(text: str) -> None:
    assert analyse(text, CONTEXTS[Place.MEASURE]).formula is None
    assert analyse(text, CONTEXTS[Place.PERIOD]).formula is None


WORDS = [
    "amount",
    "cost",
    "stage",
    "seats",
    "quantity",
    "credit_on",
    "discount",
    "is_new",
    "credit",
    "measure",
    "base",
    "own",
    "last",
    "[new-logos]",
    "bands",
    "steps",
    "regions",
    "5",
    "0",
    "1.5",
    "5 %",
    "100 USD",
    "5 EUR",
    "'Won'",
    "'2026-01-01'",
    "2026-01-01",
    "yes",
    "no",
    "+",
    "-",
    "*",
    "/",
    "=",
    "<>",
    "<",
    ">=",
    "(",
    ")",
    "(",
    ")",
    ",",
    " and ",
    " or ",
    " not ",
    " in ",
    "YTD",
    "PERIOD",
    "%",
    "'",
    '"',
    "\n",
    "é",
    "|",
    *(f"{name}(" for name in FUNCTIONS),
]
PIECES = st.sampled_from(WORDS)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=40).map(" ".join),
    st.lists(PIECES, max_size=40).map("".join),
    st.text(max_size=200),
    st.text(alphabet="()+-*/%'\",.<>=0123456789aIF ", max_size=300),
    st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE), PIECES).map(
        lambda parts: parts[2].join(parts[:2])[:1500]
    ),
)
FUZZ = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate), database=None
)


@settings(FUZZ, max_examples=1000)
@given(TEXTS, st.sampled_from(list(Place)))
def test_any_text_is_a_formula_or_findings(text: str, place: Place) -> None:
    asked(text, place)


@pytest.mark.deep
def test_a_hundred_thousand_texts_are_formulas_or_findings() -> None:
    dice = random.Random(2026)
    places, letters = list(Place), "()+-*/%'\",.<>=0123456789aIF é\n|[]"
    for number in range(int(os.getenv("SPM_FUZZ", "100000"))):
        if number % 3:
            text = ("", " ")[number % 2].join(dice.choices(WORDS, k=dice.randrange(30)))
        elif number % 2:
            text = "".join(dice.choices(letters, k=dice.randrange(200)))
        else:
            text = dice.choice(WORDS).join(dice.sample(HOSTILE, 2))[: dice.randrange(1, 1200)]
        asked(text, places[number % len(places)])
