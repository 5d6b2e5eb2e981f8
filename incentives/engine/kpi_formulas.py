"""Formulas of performance figures (KPIs): the language of plans over measures of a person, team or company.

The language knows money, percentages and counts; a KPI's measures say also what they count, so that days are not added to deals. What a
row has no value for stays unknown with the reason: a division by zero, or a measure that nothing is known of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from incentives.engine.language import Analysis, Context, Formula, Kind, Node, Place, Type, analyse
from incentives.engine.language.evaluating import Evaluation
from incentives.engine.language.values import Reason, Values, integers
from spm.core.exact import Exact
from spm.core.findings import Finding

UNKNOWN = "MEASURE_UNKNOWN"
WHY = "The figure is unknown until it is corrected."
Dimension = Mapping[str, int]


@dataclass(frozen=True)
class Operand:
    """A measure that a KPI formula may name: what it counts (`AMOUNT` is money; else DEALS, DAYS …) and one sentence."""

    key: str
    counts: str
    sentence: str
    reason: str
    """What is said where nothing is known of it."""

    @property
    def is_money(self) -> bool:
        """True for an amount."""
        return self.counts == "AMOUNT"


def analyse_figure(text: str, operands: Mapping[str, Operand], currency: str) -> Analysis:
    """The typed formula of a KPI, or its findings with their places."""
    kinds = {key: Type(Kind.MONEY, currency) if each.is_money else Type(Kind.COUNT) for key, each in operands.items()}
    found = analyse(text, Context(currency, Place.FIGURE, measures=kinds))
    findings = [replace(each, why=WHY) for each in found.findings]
    if found.formula is not None:
        findings += _Dimensions(found.formula, operands).findings
    return Analysis(found.formula if not any(each.is_error for each in findings) else None, tuple(findings))


class _Dimensions:
    """What each piece counts, as exponents by name; adding or comparing two that differ is a finding."""

    def __init__(self, formula: Formula, operands: Mapping[str, Operand]) -> None:
        self.findings: list[Finding] = []
        self._formula, self._operands = formula, operands
        self._of(formula.tree)

    def _of(self, node: Node) -> Dimension | None:
        """The dimension of a piece; None for a number as written, which goes with anything."""
        if node.what == "CONSTANT":
            return None
        if node.what == "MEASURE":
            return {self._operands[str(node.value)].counts: 1}
        parts = [self._of(part) for part in node.parts]
        if node.what == "MULTIPLY":
            return _product(parts)
        if node.what == "INVERT":
            return {name: -power for name, power in (parts[0] or {}).items()}
        alike = list(zip(node.parts, parts, strict=True))[1 if node.what == "IF" else 0 :]
        return self._alike(alike[:1] if node.what in ("ROUND", "ROUNDUP", "ROUNDDOWN") else alike)

    def _alike(self, pieces: Sequence[tuple[Node, Dimension | None]]) -> Dimension | None:
        known = [(node, one) for node, one in pieces if one is not None]
        for node, one in known[1:]:
            if one != known[0][1]:
                self._differ(known[0], (node, one))
        return known[0][1] if known else None

    def _differ(self, left: tuple[Node, Dimension | None], right: tuple[Node, Dimension | None]) -> None:
        start = min(left[0].span[0], right[0].span[0])
        end = max(left[0].span[1], right[0].span[1])
        text = self._formula.text
        names = [" ".join(text[node.span[0] : node.span[1]].split()) for node, _ in (left, right)]
        what = f"{names[0]} is {_words(left[1])} and {names[1]} is {_words(right[1])}."
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        about = (("start", start), ("end", end), ("line", line), ("column", column), ("piece", text[start:end][:60]))
        fix = "Add or compare what counts the same; divide one by the other to relate them."
        self.findings.append(
            Finding("UNIT_ERROR", f"formula, line {line}, column {column}", what, WHY, fix, about=about)
        )


def _product(parts: Sequence[Dimension | None]) -> Dimension | None:
    if all(part is None for part in parts):
        return None
    total: dict[str, int] = {}
    for part in parts:
        for name, power in (part or {}).items():
            total[name] = total.get(name, 0) + power
    return {name: power for name, power in total.items() if power}


def _words(dimension: Dimension | None) -> str:
    """A dimension in words.

    >>> _words({"DAYS": 1, "DEALS": -1}), _words({})
    ('days per deals', 'a ratio')
    """
    above = [name.lower() for name, power in (dimension or {}).items() for _ in range(power)]
    below = [name.lower() for name, power in (dimension or {}).items() for _ in range(-power)]
    if not above and not below:
        return "a ratio"
    return " per ".join(part for part in (" × ".join(above) or "one", " × ".join(below)) if part)


@dataclass(frozen=True)
class _Columns:
    """The measures as columns, None where nothing is known."""

    values: Mapping[str, Sequence[int | None]]
    operands: Mapping[str, Operand]
    length: int

    def read(self, node: Node, evaluation: Evaluation) -> Values:
        """The column of a measure."""
        key = str(node.value)
        column = self.values[key]
        missing = np.array([value is None for value in column], dtype=bool)
        reason = Reason(UNKNOWN, self.operands[key].reason)
        top = integers([value or 0 for value in column])
        return Values(Exact(top), evaluation.mark(missing, reason))


@dataclass(frozen=True)
class Figured:
    """One value of a KPI: exact, or None with the sentence that says why."""

    value: Fraction | None
    reason: str = ""


def compute_figure(
    formula: Formula, operands: Mapping[str, Operand], values: Mapping[str, Sequence[int | None]], length: int
) -> list[Figured]:
    """The values of a KPI, row by row; `values` holds a column per measure that the formula reads, amounts in minor units."""
    evaluation = Evaluation(formula, _Columns(values, operands, length))
    if not length:
        return []
    made = evaluation.value()
    tops, bottom = made.exact.top, made.exact.bottom
    bottoms = np.broadcast_to(np.asarray(bottom), length)
    troubles = np.zeros(length, dtype=np.int32) if made.trouble is None else made.trouble
    return [
        Figured(None, _sentence(evaluation.reasons[int(trouble) - 1]))
        if trouble
        else Figured(Fraction(int(top), int(below)))
        for top, below, trouble in zip(tops, bottoms, troubles, strict=True)
    ]


def _sentence(reason: Reason) -> str:
    return reason.what if reason.what.endswith(".") else f"{reason.what}."
