"""The search for gaming, component by component: so that a page shows how far it is, and each part takes about a second."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incentives.engine.compiling import compile_plan
from incentives.engine.gaming import UNSEARCHED, component_gaming, search_gaming
from incentives.engine.placing import place_text
from incentives.engine.plan import Plan
from spm.core.findings import Finding

MOST_KNOWN = 200
"""Findings that one search passes on from part to part."""


@dataclass(frozen=True)
class Found:
    """A way to be paid more for the same sales, its place in words, and the example that shows it."""

    finding: Finding
    where: str

    @property
    def example(self) -> str:
        """Give the worked example as JSON, empty where there is none."""
        return example_text(self.finding)


@dataclass(frozen=True)
class SearchPart:
    """What the search found around the edges of one component, and how far it is."""

    found: tuple[Found, ...]
    done: int
    of: int
    known: str
    """What was found so far, for the next part."""
    refused: str = ""

    @property
    def is_last(self) -> bool:
        """Tell whether every component was searched."""
        return self.done >= self.of

    @property
    def total(self) -> int:
        """Give how many ways to be paid more were found so far."""
        return len(_known(self.known)) - self.unsearched

    @property
    def unsearched(self) -> int:
        """Give how many components so far could not be searched; each is named by a notice."""
        return sum(code == UNSEARCHED for code, _ in _known(self.known))

    @property
    def searched(self) -> int:
        """Give how many components were searched so far."""
        return self.done - self.unsearched


def search_part(document: Mapping[str, Any], *, at: int, known: str = "") -> SearchPart:
    """Search around the edges of the component number `at`; what is in `known` is not told again."""
    plan, refused = _compiled(document)
    if plan is None:
        return SearchPart((), 0, 0, known, refused)
    if not 0 <= at < len(plan.components):
        return SearchPart((), len(plan.components), len(plan.components), known)
    found = component_gaming(plan, plan.components[at], known=_known(known))
    return _part(document, found, at + 1, len(plan.components), known)


def search_all(document: Mapping[str, Any]) -> SearchPart:
    """Search every component in one go."""
    plan, refused = _compiled(document)
    if plan is None:
        return SearchPart((), 0, 0, "", refused)
    return _part(document, search_gaming(plan), len(plan.components), len(plan.components), "")


def _compiled(document: Mapping[str, Any]) -> tuple[Plan | None, str]:
    plan, findings = compile_plan({"period": "QUARTERLY", **document})
    return plan, " ".join(each.what for each in findings if each.is_error)


def _part(document: Mapping[str, Any], found: Sequence[Finding], done: int, of: int, known: str) -> SearchPart:
    told = tuple(Found(each, place_text(each.where, document)) for each in found)
    after = json.dumps([*_known(known), *((each.code, each.where) for each in found)][:MOST_KNOWN])
    return SearchPart(told, done, of, after)


def example_text(finding: Finding) -> str:
    """Give the worked example of a finding as JSON, empty where there is none."""
    return json.dumps(finding.example, ensure_ascii=False, default=str) if finding.example is not None else ""


def _known(text: str) -> list[tuple[str, str]]:
    """What was passed on; anything else than pairs of texts is nothing."""
    try:
        read = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    pairs = read if isinstance(read, list) else []
    return [(str(each[0]), str(each[1])) for each in pairs[:MOST_KNOWN] if isinstance(each, list) and len(each) == 2]
