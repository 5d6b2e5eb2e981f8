"""Reads the formula by which a component pays, and tells what it may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incentives.engine.language.analysing import analyse
from incentives.engine.language.context import Context, Place
from incentives.engine.language.tree import Formula
from incentives.engine.language.units import COUNT, NUMBER, Kind, Type
from incentives.engine.plan import Measure
from incentives.engine.reading import Reader
from incentives.engine.words import Per
from spm.core.findings import Severity


def measure_type(measure: Measure, currency: str) -> Type:
    """What a measure is to a formula."""
    if measure.is_money:
        return Type(Kind.MONEY, currency)
    return NUMBER if measure.formula is not None and measure.formula.type.kind == Kind.NUMBER else COUNT


def pay_context(
    reader: Reader, measure: Measure, measures: Mapping[str, Measure], currency: str, order: Sequence[str]
) -> Context:
    """What the pay formula of a component may name; `order` are the keys of all components."""
    key = str(reader.document.get("key", ""))
    place = order.index(key) if key in order else len(order)
    by_deal = str(reader.document.get("per", "")).upper() == Per.DEAL
    return Context(
        currency,
        Place.DEAL if by_deal else Place.PERIOD,
        measures={name: measure_type(each, currency) for name, each in measures.items()}
        | {measure.key: measure_type(measure, currency)},
        quotas=frozenset(name for name, each in measures.items() if each.quota is not None),
        against={name: each.against for name, each in measures.items() if each.against is not None},
        components={name: Type(Kind.MONEY, currency) for name in order[:place]},
        later=frozenset(order[place:]),
        tables=reader.tables,
        own=measure.key,
        has_target=reader.has("target"),
    )


def read_pay_formula(
    reader: Reader, measure: Measure, measures: Mapping[str, Measure], currency: str, order: Sequence[str]
) -> Formula | None:
    """The formula of a component, None when it pays in another way or the text is none."""
    if not reader.has("formula"):
        return None
    context = pay_context(reader, measure, measures, currency, order)
    where = f"{reader.path}.formula" if reader.path else "formula"
    analysis = analyse(str(reader.value("formula")), context, where=where)
    reader.findings.extend(analysis.findings)
    if analysis.formula is not None and context.place == Place.DEAL:
        _check_credit(reader, analysis.formula)
    return analysis.formula


def _check_credit(reader: Reader, formula: Formula) -> None:
    """Pay of a deal that never asks for the credit pays everybody on a shared deal in full."""
    asked = {node.what for node in formula.tree.walk()}
    if "CREDIT" in asked or not any(name.endswith("_minor") for name in formula.columns):
        return
    reader.find(
        "FORMULA_WHOLE_DEAL",
        "The formula pays on the amount of the whole deal, not on what the person is credited with.",
        "Write credit in place of amount, unless everybody who shares the deal is to be paid on all of it.",
        at="formula",
        why="A deal that two people share would be paid twice.",
        severity=Severity.WARNING,
    )
