"""What the designer shows beside a document that is being written: clauses, curves, examples, and how it differs from another version.

Nothing is kept; the document may be anything that a form can post.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Any

from incentives.engine.compiling import compile_plan, formula_context
from incentives.engine.language import Completion, complete
from incentives.engine.plan import Plan
from incentives.engine.prose import Clause, component_clauses, plan_clauses
from incentives.engine.testing import ExampleResult, test_document
from incentives.selectors.curves import Curve, curve_notes, curve_of
from spm.core.findings import Finding, Severity
from spm.crm.deal_columns import COLUMNS as DEAL_COLUMNS

PATIENCE = 4.0
"""Seconds that curves and examples of one answer may take together; what is left then is said, not skipped in silence."""

MOST_PROPOSED = 12


@dataclass(frozen=True)
class ComponentDesign:
    """A component as the engine understands it."""

    key: str
    name: str
    clauses: tuple[Clause, ...]
    curve: Curve | None
    notes: tuple[str, ...] = ()
    """What the curve leaves out, or why there is none."""


@dataclass(frozen=True)
class Design:
    """A document as the engine understands it; without components where it does not compile."""

    plan: Plan | None
    clauses: tuple[Clause, ...]
    components: Mapping[str, ComponentDesign]
    examples: tuple[ExampleResult, ...]
    left: tuple[Finding, ...]
    """What there was no time for."""

    @property
    def failed(self) -> int:
        """Give the number of examples that do not come out."""
        return sum(not example.passed for example in self.examples)


@dataclass(frozen=True)
class Change:
    """A clause that differs: `before` or `after` is empty where it was added or taken out."""

    before: str
    after: str


def design_of(
    document: Mapping[str, Any], *, live: Mapping[str, Any] | None = None, patience: float = PATIENCE
) -> Design:
    """Give a document's clauses, curves (beside those of the live version) and run examples."""
    plan, _findings = compile_plan(document, is_written=True)
    if plan is None:
        return Design(None, (), {}, (), ())
    until = time.monotonic() + patience
    before = compile_plan(live)[0] if live is not None else None
    earlier = {component.key: component for component in before.components} if before is not None else {}
    components, left = {}, []
    for component in plan.components:
        late = time.monotonic() > until
        curve = None if late else curve_of(plan, component, live=earlier.get(component.key))
        left += [_late("curves", f"the curve of {component.name}")] if late and component.table else []
        clauses = tuple(component_clauses(plan, component))
        components[component.key] = ComponentDesign(
            component.key, component.name, clauses, curve, () if late else curve_notes(plan, component)
        )
    general = tuple(clause for clause in plan_clauses(plan) if not clause.where.startswith("components."))
    examples, unrun = _examples(document, until)
    return Design(plan, general, components, tuple(examples), (*left, *unrun))


def _examples(document: Mapping[str, Any], until: float) -> tuple[list[ExampleResult], list[Finding]]:
    examples = document.get("examples")
    found: list[ExampleResult] = []
    if not isinstance(examples, list):
        return found, []
    for number, example in enumerate(examples):
        if time.monotonic() > until:
            return found, [_late("examples", f"{len(examples) - number} of {len(examples)} examples")]
        found += test_document({**document, "examples": [example]})
    return found, []


def _late(where: str, what: str) -> Finding:
    why = "The answer would have come too late while you write."
    return Finding(
        "NOT_SHOWN", where, f"There was no time for {what}.", why, "Run them with plan test.", Severity.NOTICE
    )


def clauses_compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...] | None:
    """Give the clauses that differ between two documents, in the order of the plan; None where one does not compile."""
    plans = [compile_plan(document)[0] for document in (before, after)]
    texts = [[clause.text for clause in plan_clauses(plan)] for plan in plans if plan is not None]
    return tuple(_changes(*texts)) if len(texts) == 2 else None


def _changes(before: list[str], after: list[str]) -> Iterator[Change]:
    for tag, start, end, at, until in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old, new = before[start:end], after[at:until]
        for place in range(max(len(old), len(new))):
            yield Change("".join(old[place : place + 1]), "".join(new[place : place + 1]))


def texts_compared(before: str, after: str) -> list[tuple[str, str]]:
    """Give the lines of a unified difference, each with its mark: "+", "-", "@" or " "."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [(line[:1], line[1:] if line[:1] != "@" else line) for line in lines if not line.startswith(("---", "+++"))]


def formula_proposals(document: Mapping[str, Any], name: str, text: str, position: int) -> tuple[Completion, ...]:
    """Give what may be written next at a position of a formula; `name` is that of its field ("f:components.0.credit.where").

    The document need not compile.
    """
    path = name.partition(":")[2].split(".")
    entries = document.get(path[0])
    number = int(path[1]) if len(path) > 1 and path[1].isdecimal() else 0
    entry = entries[number] if isinstance(entries, list) and number < len(entries) else None
    key = str(entry.get("key", "")) if isinstance(entry, Mapping) else ""
    attributes = frozenset(DEAL_COLUMNS)
    return complete(text, position, formula_context(document, key, path[-1], attributes))[:MOST_PROPOSED]
