"""The place of a finding in the words of a reader: "components[0].tiers[2].until" is "New business, tier 3, until"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from spm.core.findings import Finding

KINDS = {"components": "component", "measures": "measure", "tables": "table", "examples": "example"}
"""By list of the document: what one of its entries is called."""

ENTRIES = {
    "tiers": "tier",
    "lookup": "row",
    "credit": "credit rule",
    "multipliers": "multiplier",
    "kickers": "kicker",
    "gates": "gate",
    "objectives": "objective",
    "curve": "point",
    "prizes": "prize",
    "edges": "edge",
    "deals": "deal",
    "greater_of": "choice",
}
"""By list of a component: the same."""

_PLACE = re.compile(r"^(components|measures|tables|examples)(?:\[(\d+)\]|\.([^.\[]+))")
_STEP = re.compile(r"^\.?([^.\[]+)?(?:\[(\d+)\])?")
_POSITION = re.compile(r", line (\d+), column (\d+)$")


def place_text(where: str, document: Mapping[str, object]) -> str:
    """Give the place of a finding in words; what is no path of a document stays as it is.

    >>> place_text("components[0].tiers[2].until", {"components": [{"key": "new", "name": "New business"}]})
    'New business, tier 3, until'
    >>> place_text("components.new.cap.period", {"components": [{"key": "new"}]})
    'component new, cap of a period'
    >>> place_text("from", {}), place_text("line 3", {})
    ('from', 'line 3')
    """
    position = _POSITION.search(where)
    path = _POSITION.sub("", where)
    match = _PLACE.match(path)
    if match is None:
        return where
    parts = [_entry_name(document, *match.groups()), *_steps(path[match.end() :])]
    if position is not None:
        line, column = position.groups()
        parts.append(f"character {column}" if line == "1" else f"line {line}, character {column}")
    return ", ".join(parts)


def findings_placed(findings: Iterable[Finding], document: Mapping[str, object]) -> list[Finding]:
    """Give findings about a document with their places in words; the path, and the key of the component, stand in `about`."""
    return [
        replace(finding, where=place_text(finding.where, document), about=(*finding.about, *_keys(finding, document)))
        for finding in findings
    ]


def _keys(finding: Finding, document: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    """Path and component of a finding, where it does not say them itself."""
    path, known = _POSITION.sub("", finding.where), finding.keys
    match = _PLACE.match(path)
    if "path" not in known and (match is not None or path in document):
        yield "path", path
    components = document.get("components")
    if match is None or match.group(1) != "components" or "component_key" in known or not isinstance(components, list):
        return
    number = int(match.group(2)) if match.group(2) is not None else None
    entry = components[number] if number is not None and number < len(components) else None
    key = match.group(3) if number is None else entry.get("key") if isinstance(entry, Mapping) else None
    if key is not None:
        yield "component_key", str(key)


def _entry_name(document: Mapping[str, object], kind: str, number: str | None, key: str | None) -> str:
    """The name of an entry, else its key, else its number."""
    raw = document.get(kind)
    entries = [each if isinstance(each, Mapping) else {} for each in raw] if isinstance(raw, list) else []
    if number is None and key is not None:
        # an example is told by its number, everything else by its key
        number = str(int(key) - 1) if kind == "examples" and key.isdecimal() else None
        place = next((place for place, each in enumerate(entries) if str(each.get("key")) == key), None)
        number = str(place) if place is not None else number
    entry = entries[int(number)] if number is not None and 0 <= int(number) < len(entries) else {}
    if entry.get("name"):
        return str(entry["name"])
    shown = entry.get("key") or key or int(number or 0) + 1
    return f"{KINDS[kind]} {shown}"


def _steps(path: str) -> Iterable[str]:
    """The rest of a path, step by step; two plain words in a row stand together ("cap period")."""
    words: list[str] = []
    while path:
        match = _STEP.match(path)
        if match is None or not match.group():
            break
        path = path[match.end() :]
        name, number = match.groups()
        if number is not None:
            yield from _joined(words)
            words = []
            yield f"{ENTRIES.get(name or '', (name or 'entry').replace('_', ' '))} {int(number) + 1}"
        elif name:
            words.append(name.replace("_", " "))
    yield from _joined(words)


def _joined(words: list[str]) -> list[str]:
    """Words of one step; a limit with its span is "cap of a deal"."""
    if len(words) == 2 and words[1] in ("deal", "period", "year"):
        return [f"{words[0]} of a {words[1]}"]
    return [" ".join(words)] if words else []
