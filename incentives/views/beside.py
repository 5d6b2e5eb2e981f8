"""What stands beside the cards of the designer: clauses, curve and findings of each, and which of them the page shows already."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from incentives.engine.placing import place_text
from incentives.engine.testing import ExampleResult
from incentives.forms.designer.places import find
from incentives.forms.designer.shapes import Card, PlanCards
from incentives.selectors.curves import Curve
from incentives.selectors.designs import ComponentDesign, Design
from incentives.selectors.searching import example_text
from spm.core.findings import Finding, Severity

_POSITION = re.compile(r", line (\d+), column (\d+)$")
_PLACE = re.compile(r"(components|measures|examples|tables)(?:\[(\d+)\]|\.([^.\[]+))")
TIER_FIELDS = {"from": _("From"), "until": _("Up to"), "until_earned": _("Up to, earned"), "rate": _("Pays")}
"""By field of a tier: its head in the table of tiers."""


@dataclass(frozen=True)
class Placed:
    """A finding with the path of what it is about."""

    finding: Finding
    path: str
    card: str
    where: str
    """The place in words."""

    @property
    def example(self) -> str:
        """Give the worked example that shows it, as JSON; empty where there is none."""
        return example_text(self.finding)

    @property
    def position(self) -> tuple[str, str]:
        """Give line and column of the formula that it is about; empty where it is about no place of one."""
        found = _POSITION.search(self.finding.where)
        return (found[1], found[2]) if found else ("", "")

    @property
    def place(self) -> str:
        """Give the position in words: "character 9"."""
        return self.where.rpartition(", ")[2] if self.position[1] else ""

    @property
    def inside(self) -> str:
        """Give the place inside its card; empty for the card itself."""
        return self.where.partition(", ")[2] if self.card else self.where


@dataclass
class Beside:
    """What stands beside one card; `html` is drawn once, for its digest and for the page."""

    path: str
    clauses: tuple[str, ...] = ()
    curve: Curve | None = None
    notes: tuple[str, ...] = ()
    findings: list[Placed] = field(default_factory=list)
    html: str = ""
    digest: str = ""

    @property
    def id(self) -> str:
        """Give the identity of its element."""
        return f"beside-{self.path.replace('.', '-')}"

    @property
    def chart_id(self) -> str:
        """Give the identity of its chart."""
        return f"curve-{self.path.replace('.', '-')}"


@dataclass(frozen=True)
class Review:
    """Everything that is said about a document."""

    design: Design
    findings: list[Placed]
    general: list[Placed]
    besides: dict[str, Beside]
    examples: list[tuple[str, ExampleResult]]

    @property
    def errors(self) -> int:
        """Give the number of findings that stop the plan."""
        return sum(each.finding.is_error for each in self.findings)

    @property
    def differing(self) -> int:
        """Give the number of examples that state another figure than is computed."""
        return sum(bool(example.computed) for _name, example in self.examples)

    @property
    def warnings(self) -> int:
        """Give the number of findings that a person decides about."""
        return self._count(Severity.WARNING)

    @property
    def notices(self) -> int:
        """Give the number of findings that only tell."""
        return self._count(Severity.NOTICE)

    def _count(self, severity: Severity) -> int:
        return sum(each.finding.severity == severity for each in self.findings)


def placed(finding: Finding, document: Mapping[str, Any]) -> Placed:
    """Give a finding with the path of its field ("components[2].tiers[0].rate" or "components.commission.tiers") and of its card."""
    where, words = _POSITION.sub("", finding.where), place_text(finding.where, document)
    name = where.rpartition(".")[2]
    if ".tiers[" in where and name in TIER_FIELDS:
        words = f"{words.removesuffix(name)}{TIER_FIELDS[name]}"
        finding = replace(finding, what=finding.what.removeprefix(f"{name}: "))
    match = _PLACE.match(where)
    if match is None:
        return Placed(finding, where.replace("[", ".").replace("]", ""), "", words)
    name, number, key = match.groups()
    place = int(number) if number is not None else _place_of(document.get(name), key)
    if place is None and name == "components":
        name, place = "measures", _place_of(document.get("measures"), key)
    if place is None:
        return Placed(finding, finding.where, "", words)
    rest = where[match.end() :].replace("[", ".").replace("]", "")
    return Placed(finding, f"{name}.{place}{rest}", f"{name}.{place}", words)


def _place_of(entries: Any, key: str | None) -> int | None:
    keys = (
        [entry.get("key") if isinstance(entry, Mapping) else None for entry in entries]
        if isinstance(entries, list)
        else []
    )
    return keys.index(key) if key in keys else None


def review_of(cards: PlanCards, design: Design, findings: Sequence[Finding], document: Mapping[str, Any]) -> Review:
    """Give what is said about a document, sorted to the cards that it is said about."""
    all_placed = [placed(finding, document) for finding in (*findings, *design.left)]
    besides = {}
    for card in (*cards.components, *cards.measures):
        card.beside = besides[card.path] = _beside(card, _design(card, design, document), all_placed)
    general = [each for each in all_placed if each.card not in besides]
    examples = list(zip((example.name for example in cards.examples), design.examples, strict=False))
    return Review(design, all_placed, general, besides, examples)


def _design(card: Card, design: Design, document: Mapping[str, Any]) -> ComponentDesign | None:
    """The component of a card, by the key that it has in the completed document."""
    entry = find(document, card.path)
    is_component = card.path.startswith("components") and isinstance(entry, Mapping)
    return design.components.get(str(entry.get("key"))) if is_component else None


def _beside(card: Card, found: ComponentDesign | None, findings: Sequence[Placed]) -> Beside:
    mine = [each for each in findings if each.card == card.path]
    clauses = (
        tuple(_capital(clause.text.removeprefix(f"{found.name}: ")) for clause in found.clauses[:-1]) if found else ()
    )
    beside = Beside(card.path, clauses, found.curve if found else None, found.notes if found else (), mine)
    values = {"beside": beside, "is_component": card.way is not None}
    beside.html = render_to_string("incentives/_design_beside.html", values)
    beside.digest = sha256(beside.html.encode()).hexdigest()[:16]
    return beside


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
