"""The part of a trace that a formula makes: the formula in words, and every piece of it with its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from incentives.engine.figures import Figure
from incentives.engine.language.tree import Formula
from incentives.engine.language.units import Kind
from incentives.engine.language.wording import figure, named, words, written
from incentives.engine.nodes import TraceNode
from incentives.engine.phrases import Phrases
from incentives.engine.plan import Component, Plan
from incentives.engine.sentences import ENGLISH
from incentives.engine.stories import RATES, Story
from incentives.engine.words import Per
from spm.core.money import minor_digits

Names = Mapping[tuple[str, str], str]


def formula_node(
    plan: Plan, component: Component, story: Story, total: Fraction, source_keys: Sequence[object]
) -> TraceNode:
    """What the formula gives: the period's figure, less that of the period before where it accumulates; or that of each deal."""
    formula = component.pay.formula
    assert formula is not None
    currency, names = formula.type.currency, Phrases(plan, ENGLISH).names()
    if component.per == Per.DEAL:
        nodes = [
            TraceNode(
                f"Deal {key}",
                "by the formula",
                minor / 10 ** minor_digits(currency),
                currency,
                {"source_key": key},
                tuple(_node(part, formula, names) for part in each.parts),
            )
            for key, minor, each in zip(source_keys, story.lines, story.figures, strict=False)
        ]
    else:
        nodes = [
            _node(each, formula, names, "Formula" if place == 0 else "Before this period")
            for place, each in enumerate(story.figures)
        ]
        nodes[1:] = [_taken(node) for node in nodes[1:]]
    sums = sum((Fraction(node.exact or 0) for node in nodes), Fraction(0)) == total
    told = words(named(formula.tree, names))
    return TraceNode(RATES, told, total, currency, {"formula": formula.text}, tuple(nodes), sums=sums)


def _taken(node: TraceNode) -> TraceNode:
    """The figure of an earlier period, taken off."""
    return TraceNode(node.label, node.words, -Fraction(node.exact or 0), node.unit, node.keys, node.children)


def _node(each: Figure, formula: Formula, names: Names, label: str = "") -> TraceNode:
    """One piece: as written and in words, with the names that people know, and its value in its unit."""
    kind, value = each.node.type.kind, each.value
    told, exact, unit = words(named(each.node, names)), None, ""
    if not isinstance(value, Fraction) or kind == Kind.DATE:
        told = f"{told}: {figure(value, each.node)}"
    elif kind == Kind.MONEY:
        exact, unit = value / 10 ** minor_digits(each.node.type.currency), each.node.type.currency
    elif kind == Kind.PERCENT:
        exact, unit = value * 100, "%"
    else:
        exact = value
    if each.before_returns and not each.parts:
        told = f"{told}, before returns"
    children = tuple(_node(part, formula, names) for part in each.parts)
    label = label or written(formula.text, each.node, names)
    return TraceNode(label, told, exact, unit, {"formula": each.text}, children)
