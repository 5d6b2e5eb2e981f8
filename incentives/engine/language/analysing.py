"""Asks a text what it means: its type and its findings with places, for plans that are compiled and for the designer's editor."""

from __future__ import annotations

from dataclasses import dataclass

from incentives.engine.language.calling import check_call
from incentives.engine.language.checking import Check, Checker, finished
from incentives.engine.language.context import Context
from incentives.engine.language.grammar import Problem, parse
from incentives.engine.language.literals import check_literal
from incentives.engine.language.naming import check_name
from incentives.engine.language.operators import OPERATORS
from incentives.engine.language.tree import Formula, position_of, position_text
from spm.core.findings import Finding, Severity

CHECKS: dict[str, Check] = {
    **dict.fromkeys(("NUMBER", "PERCENT", "MONEY", "DATE", "TEXT", "YES", "NO"), check_literal),
    **OPERATORS,
    "NAME": check_name,
    "CALL": check_call,
}
"""How each kind of piece is checked."""

WHY = "Nobody is calculated by this plan until it is corrected."


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text means where it stands: the formula, or the findings that say why it is none."""

    formula: Formula | None
    findings: tuple[Finding, ...]

    @property
    def type(self) -> str:
        """The type of the result in words, empty when the text is no formula."""
        return str(self.formula.type) if self.formula is not None else ""


def analyse(text: str, context: Context, *, where: str = "formula") -> Analysis:
    """The typed formula of a text in its context, or findings.

    Each finding's `about` gives `start` and `end` (characters from 0, half-open), `line` and `column` (from 1) and `piece`, the
    offending text; `where` names the clause for a reader. Pure and bounded: any text ends within milliseconds.
    """
    raw = parse(text)
    if isinstance(raw, Problem):
        return Analysis(None, (_finding(text, raw, where),))
    checker = Checker(text, context, CHECKS)
    node = checker.node(raw)
    node = None if node is None else finished(checker, node)
    if checker.problems or node is None:
        return Analysis(None, tuple(_finding(text, problem, where) for problem in checker.problems))
    warnings = (_finding(text, problem, where, Severity.WARNING) for problem in checker.warnings)
    return Analysis(Formula(text, node), tuple(warnings))


def _finding(text: str, problem: Problem, where: str, severity: Severity = Severity.ERROR) -> Finding:
    start, end = problem.span
    line, column = position_of(text, start)
    piece = " ".join(text[start : min(end, start + 60)].split())
    about = (("start", start), ("end", end), ("line", line), ("column", column), ("piece", piece))
    place = f"{where}{position_text(text, start)}"
    why = WHY if severity == Severity.ERROR else ""
    return Finding(problem.code, place, problem.what, why, problem.fix, severity, about)
