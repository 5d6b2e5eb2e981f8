"""What a worked example of a plan begins with: one period, the quotas and scores that the plan asks, a deal that it credits.

The figure to expect is left to people: an example that begins with what is computed proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from incentives.engine.asking import asked_of
from incentives.engine.compiling import compile_plan
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.reading import exact_number
from incentives.forms.designer.places import Document, entries_of, is_scalar, shown
from spm.core.dated import day_read
from spm.core.periods import Calendar, CalendarKind

COUNTS = ("COUNT", "UNITS", "DISTINCT")
MUCH, FEW = "100000", "10"
"""A quota, and the amount of the deal: of money, and of what is counted."""
WITHOUT_DEALS = {"bonus", "objectives", "greater_of"}
"""Ways to pay that look at no deal."""
SAID = {column: name for name, column in MONEY_NAMES.items()}
SELLER, MANAGER = "seller", "manager"


def first_example(document: Document) -> dict[str, Any]:
    """Give an example of the plan that computes, with 0 to expect."""
    parts = [*entries_of(document, "measures"), *entries_of(document, "components")]
    rules = [rule for part in parts for rule in _rules(part)]
    kinds = {shown(rule.get("kind")).upper() for rule in rules}
    given = {
        "period": _first_period(document),
        "people": {SELLER: {"manager": MANAGER}, MANAGER: {}} if "ROLLUP" in kinds else {},
        "quotas": {name: goal for part in parts for name, goal in _goals(part)},
        "scores": {shown(each.get("key")): "100 %" for part in parts for each in entries_of(part, "objectives")},
        "deals": _deals(document, rules, kinds) if any(not WITHOUT_DEALS & set(part) for part in parts) else [],
    }
    return {
        "name": "A new example",
        "given": {name: each for name, each in given.items() if each},
        "then": {"earned": "0"},
    }


def _rules(part: dict[str, Any]) -> list[dict[str, Any]]:
    credit = part.get("credit")
    return [credit] if isinstance(credit, dict) else entries_of(part, "credit")


def _first_period(document: Document) -> str:
    """The first period that the plan can calculate: where tiers ask what was a year before, the one that has a year before it."""
    start, kind = day_read(shown(document.get("from"))), shown(document.get("period")).upper() or "QUARTERLY"
    if start is None or kind not in CalendarKind.__members__.values():
        return ""
    later = any(part.get("tiers_against") for part in entries_of(document, "components"))
    return Calendar(CalendarKind(kind)).containing(_year_after(start) if later else start).key


def _year_after(start: date) -> date:
    return start.replace(year=start.year + 1, day=min(start.day, 28))


def _goals(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The quota and the target that a component or measure names."""
    if quota := shown(part.get("quota")):
        yield quota, FEW if shown(part.get("measure")).upper() in COUNTS else MUCH
    target = shown(part.get("target"))
    if target and exact_number(target) is None:
        yield target, "10000"


def _deals(document: Document, rules: list[dict[str, Any]], kinds: set[str]) -> list[dict[str, Any]]:
    """For each credit rule a deal that meets its plain conditions, with the figures that the plan asks."""
    plan, _ = compile_plan({"plan": "plan", **document})
    asked = asked_of([plan]).columns if plan is not None else ()
    more = {SAID.get(name, name): figure for name in sorted(asked) if (figure := _figure(name))}
    more |= {
        shown(part["tiers_per"]): "A" for part in entries_of(document, "components") if shown(part.get("tiers_per"))
    }
    overlay = {"overlay": {SELLER: "100 %"}} if "OVERLAY" in kinds else {}
    found = [{"amount": MUCH, **more, **_stated(rule), **overlay} for rule in rules or [{}]]
    return [deal for number, deal in enumerate(found) if deal not in found[:number]]


def _figure(column: str) -> str:
    """A figure for a column of deals by what its name says; empty for a text or a day."""
    ends = {"_minor": MUCH, "_rate": "10 %", "_months": "12"}
    known = {"cost_minor": "60000", "quantity": "1"}
    return known.get(column) or next((figure for end, figure in ends.items() if column.endswith(end)), "")


def _stated(rule: Mapping[str, Any]) -> dict[str, str]:
    where = rule.get("where")
    values = {
        str(name): value[0] if isinstance(value, list) and value else value
        for name, value in (where.items() if isinstance(where, Mapping) else ())
    }
    return {name: shown(value) for name, value in values.items() if is_scalar(value)}
