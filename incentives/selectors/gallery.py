"""The gallery: the usual plans of the field as plan files that belong to the product, each with whom it is for and examples that pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.selectors.curves import Curve, curve_of
from spm.core.money import parse_amount

FOLDER = Path(__file__).resolve().parent.parent / "gallery"
YEAR = 2026
"""The year in which the files are written; a plan begins in the year in which it is taken."""

_YEARS = re.compile(rf"\b({YEAR}|{YEAR + 1})\b")


@dataclass(frozen=True)
class Template:
    """A usual plan: its key, its document, whom it is for, what it consists of, and the curve of its first table.

    A plan without a table of tiers shows what its objectives are worth, or what its first example pays instead (`bars`).
    """

    key: str
    name: str
    purpose: str
    components: tuple[str, ...]
    document: Mapping[str, Any]
    curve: Curve | None
    bars: Mapping[str, Any] | None


@cache
def template_list() -> tuple[Template, ...]:
    """Give all templates in the order of their files. The files are the product's own; the test suite compiles and runs each."""
    return tuple(_template(path) for path in sorted(FOLDER.glob("*.yaml")))


def _template(path: Path) -> Template:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    plan, findings = compile_plan(document)
    if plan is None:
        raise ValueError(f"The template {path.name} does not compile: {findings[0].message}")
    names = tuple(component.name for component in plan.components)
    curve = _curve(plan)
    bars = None if curve else _bars(plan, document)
    return Template(
        str(document["plan"]), plan.name, str(document["description"]).strip(), names, document, curve, bars
    )


def _curve(plan: Plan) -> Curve | None:
    """The curve of the first component that has one, beside which its limits and gates stand."""
    curves = (curve_of(plan, component) for component in plan.components)
    return next((curve for curve in curves if curve is not None), None)


def _bars(plan: Plan, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What each objective is worth at a full score, else the amounts that the first example states and that the tests prove."""
    pays = next((component.pay for component in plan.components if component.pay.objectives), None)
    if pays is not None and pays.target is not None:
        amounts = {each.name: int(each.weight * pays.target) for each in pays.objectives}
    else:
        then = document["examples"][0]["then"]
        stated = next(then[name] for name in ("paid", "deals", "people", "components") if name in then)
        amounts = {str(name): parse_amount(str(amount), plan.currency) for name, amount in stated.items()}
    series = [{"name": plan.name, "values": list(amounts.values())}]
    return {
        "categories": list(amounts),
        "series": series,
        "unit": "money",
        "currency": plan.currency,
        "is_worth": pays is not None,
    }


def template_document(key: str, *, year: int) -> dict[str, Any] | None:
    """Give the document of a template with its days moved to the year; None for an unknown key.

    It has no key: the plan that is made of it has the key of the name that it is given.
    """
    found = next((each for each in template_list() if each.key == key), None)
    if found is None:
        return None
    return {name: value for name, value in _moved(found.document, year - YEAR).items() if name != "plan"}


def _moved(value: Any, years: int) -> Any:
    """Every year of the file moved by the same number of years, in days and in names of periods and plans."""
    if isinstance(value, Mapping):
        return {_moved(name, years): _moved(each, years) for name, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, years) for each in value]
    return _YEARS.sub(lambda found: str(int(found[0]) + years), str(value))
