"""Choices that change the shape of a document: how pay is released, what is held back, what ends a tier. Each says what it stands at,
and lays another choice over the document."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from incentives.engine.earned_edges import FIELD as EARNED
from incentives.engine.words import ReleaseWhen
from incentives.forms.designer.places import Document, drop, find, put, shown

PARTS, SCHEDULE = "PARTS", str(ReleaseWhen.SCHEDULE)
AFTER, DAY, BY_SUM = "AFTER", "DAY", "EARNED"
EVENTS = (str(ReleaseWhen.ON_INVOICE), str(ReleaseWhen.CASH_FULL))
FIRST_SPAN = "3 months"
FIRST_PARTS: list[dict[str, str]] = [{"share": "50 %"}, {"share": "50 %", "when": "CASH_FULL"}]


def release_at(value: object) -> str:
    """Give the choice that a release stands at: empty where none is written.

    >>> release_at(None), release_at("CASH_FULL"), release_at({"parts": []})
    ('', 'CASH_FULL', 'PARTS')
    """
    if not isinstance(value, Mapping):
        return shown(value).strip().upper()
    return PARTS if "parts" in value else shown(value.get("when")).strip().upper() or str(ReleaseWhen.ON_BOOKING)


def holdback_at(value: object) -> str:
    """Give the choice that a holdback stands at: what ends it.

    >>> holdback_at({"share": "10 %", "until": "cash_full"}), holdback_at({"share": "10 %", "until": "2027-01-31"})
    ('CASH_FULL', 'DAY')
    """
    if not isinstance(value, Mapping):
        return ""
    until = shown(value.get("until")).strip().upper()
    return AFTER if "after" in value else until if until in EVENTS else DAY


def edges_at(tiers: object) -> str:
    """Give the choice that the ends of tiers stand at: values, or sums that have been earned."""
    is_earned = isinstance(tiers, list) and any(isinstance(each, Mapping) and EARNED in each for each in tiers)
    return BY_SUM if is_earned else ""


def _release(document: Document, path: str, wanted: str) -> None:
    starts: dict[str, Any] = {PARTS: {"parts": FIRST_PARTS}, SCHEDULE: {"when": SCHEDULE, "after": FIRST_SPAN}}
    put(document, path, copy.deepcopy(starts.get(wanted, wanted))) if wanted else drop(document, path)


def _holdback(document: Document, path: str, wanted: str) -> None:
    """The share stays; a day begins with the first one after the plan."""
    if not wanted:
        return drop(document, path)
    before = find(document, path)
    kept = {name: value for name, value in before.items() if name not in ("until", "after")} if before else {}
    ends = {AFTER: {"after": FIRST_SPAN}, DAY: {"until": shown(document.get("until"))}}
    put(document, path, {"share": "10 %", **kept, **ends.get(wanted, {"until": wanted})})


def _edges(document: Document, path: str, wanted: str) -> None:
    """The figures stay; what they mean is another."""
    old, new = ("until", EARNED) if wanted else (EARNED, "until")
    for number, tier in enumerate(find(document, path) or []):
        if isinstance(tier, Mapping) and old in tier and new not in tier:
            put(document, f"{path}.{number}", {new if name == old else name: each for name, each in tier.items()})


_SWITCHES: dict[str, tuple[Callable[[object], str], Callable[[Document, str, str], None]]] = {
    "release": (release_at, _release),
    "holdback": (holdback_at, _holdback),
    "edges": (edges_at, _edges),
}
SWITCHES = tuple(_SWITCHES)


def switched(document: Document, kind: str, path: str, wanted: str) -> None:
    """Lay a posted choice over the document; one that it stands at already changes nothing."""
    stands_at, change = _SWITCHES[kind]
    before = find(document, path)
    if stands_at(before) != wanted and (before is None or isinstance(before, str | Mapping | list)):
        change(document, path, wanted)
