"""Rates so high that a slip of the keyboard is likelier than a wish: a second person accepts them before they pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction

from incentives.engine.language.wording import grouped_text
from incentives.engine.plan import Component, Plan
from spm.core.findings import Finding, Severity

ABSURD = Fraction(10)
"""1,000 %: above it a rate is held to be a slip until somebody says otherwise."""

RATES = ("rate", "share")


def absurd_rates(plan: Plan) -> list[Finding]:
    """One finding per component that pays or credits by more than 1,000 %, naming its highest rate."""
    return [found for component in plan.components for found in _of_component(component)]


def _of_component(component: Component) -> list[Finding]:
    highest = max((rate for rate in _rates(component) if abs(rate) > ABSURD), key=abs, default=None)
    if highest is None:
        return []
    percent = grouped_text(highest * 100)
    return [
        Finding(
            "RATE_ABSURD",
            f"components.{component.key}",
            f"{component.key} has a rate of {percent} %, more than 1,000 %.",
            "A percent sign that was forgotten pays a hundred times too much.",
            "Correct the rate, or let a second person accept it.",
            Severity.WARNING,
            about=(("component_key", component.key),),
        )
    ]


def _rates(thing: object) -> Iterator[Fraction]:
    """Every rate and share, however deep it stands."""
    if isinstance(thing, tuple):
        for each in thing:
            yield from _rates(each)
    elif is_dataclass(thing):
        for field in fields(thing):
            value = getattr(thing, field.name)
            if field.name in RATES and isinstance(value, Fraction):
                yield value
            else:
                yield from _rates(value)
