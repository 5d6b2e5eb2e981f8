"""Steps that change the structure of a plan document: add, copy, move, remove, and another way to pay."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from incentives.engine.components import WAYS
from incentives.forms.designer.conditions import formula_of, rows_of, where_of
from incentives.forms.designer.first_example import first_example
from incentives.forms.designer.places import Document, drop, entries_of, find, key_of, parts_of, put
from incentives.forms.designer.starts import EMPTY_FORMULA, ENTRIES, WAY_STARTS

MOST = 200
"""Entries of one list; a plan with more is a mistake."""


def stepped(document: Document, step: str) -> Document:
    """Give the document after a step such as "up components.1"; a step that fits nothing changes nothing."""
    verb, _, rest = step.partition(" ")
    path, _, extra = rest.partition(" ")
    change = _STEPS.get(verb)
    if change is None or not path:
        return document
    result = copy.deepcopy(document)
    change(result, path, extra)
    return result


def focus_of(step: str, document: Document) -> tuple[str, str] | None:
    """Give the path that a step leaves for the focus in the document it made, and its verb; None where the focus stays."""
    verb, _, rest = step.partition(" ")
    path, _, extra = rest.partition(" ")
    entries = find(document, path)
    list_path, _, number = path.rpartition(".")
    if verb == "add":
        place = _added(entries, path)
        return (f"{path}.{place}" if isinstance(entries, list) else path), verb
    shifts = {"up": -1, "down": 1, "copy": 1}
    if verb in shifts and number.isdecimal():
        return f"{list_path}.{int(number) + shifts[verb]}", verb
    if verb == "move":
        return f"{list_path}.{extra}", verb
    return (path, verb) if verb in ("way", "remove", "show", "draw", "grow", "formula", "rows") else None


def _added(entries: Any, path: str) -> int:
    """The place of an added entry: last, or before an open last tier."""
    last = len(entries) - 1 if isinstance(entries, list) else 0
    is_open = path.endswith("tiers") and last > 0 and entries[last - 1] == {}
    return last - 1 if is_open else last


def way_of(component: Any) -> str:
    """Give the way in which a component pays, empty where it has none yet."""
    return next((way for way in WAYS if isinstance(component, dict) and way in component), "")


def _list_of(document: Document, path: str) -> tuple[list[Any] | None, int]:
    """The list that holds an entry, and the entry's number."""
    *above, last = parts_of(path)
    found = find(document, ".".join(above))
    is_entry = isinstance(found, list) and last.isdecimal() and int(last) < len(found)
    return (found if is_entry else None), int(last) if is_entry else 0


def _add(document: Document, path: str, extra: str) -> None:
    """One entry more at the end of a list; a tier stands before the open last one."""
    entries = find(document, path)
    name = parts_of(path)[-1]
    if name == "credit" and isinstance(entries, dict):
        entries = [entries]
        put(document, path, entries)
    if name == "credit" and entries is None:
        put(document, path, {"kind": "DIRECT"})
        return
    if not isinstance(entries, list):
        entries = []
        put(document, path, entries)
    if len(entries) >= MOST:
        return
    start = first_example(document) if name == "examples" else copy.deepcopy(ENTRIES.get(name, {}))
    if isinstance(start, dict) and "of" in start:
        start["of"] = _asked(document, find(document, path.rpartition(".")[0]))
    if isinstance(start, dict) and "key" in start:
        start["key"] = _free(document, str(start["key"]))
    is_before_last = name == "tiers" and entries and isinstance(entries[-1], dict) and "until" not in entries[-1]
    if name == "components":
        start["name"] = _unnamed(entries, start["name"])
    entries.insert(len(entries) - 1 if is_before_last else len(entries), start)


def _asked(document: Document, component: Any) -> str:
    """The measure that a clause begins with: the component's own where it has a quota, else the first one that has; else a choice."""
    own = [component] if isinstance(component, dict) else []
    entries = [*own, *entries_of(document, "measures"), *entries_of(document, "components")]
    return next((key_of(each) for each in entries if each.get("quota")), "")


def _unnamed(entries: list[Any], wanted: str) -> str:
    """The name, with a number where another component has it: its key is made from it."""
    taken = {each.get("name") for each in entries if isinstance(each, dict)}
    names = (wanted, *(f"{wanted} {number}" for number in range(2, MOST * 3)))
    return next(name for name in names if name not in taken)


def _free(document: Document, wanted: str) -> str:
    """The key, with a number where another measure or component has it."""
    lists = [document.get("measures"), document.get("components")]
    entries = [each for one in lists if isinstance(one, list) for each in one]
    taken = {str(each.get("key")) for each in entries if isinstance(each, dict)}
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, MOST * 3)))
    return next(name for name in names if name not in taken)


def _copy(document: Document, path: str, extra: str) -> None:
    entries, place = _list_of(document, path)
    if entries is None or len(entries) >= MOST:
        return
    twin = copy.deepcopy(entries[place])
    if isinstance(twin, dict) and "key" in twin:
        twin["key"] = _free(document, str(twin["key"]))
        if "name" in twin:
            twin["name"] = f"{twin['name']} 2"
    entries.insert(place + 1, twin)


def _move(document: Document, path: str, extra: str) -> None:
    """To the place that is named, counted before the move."""
    entries, place = _list_of(document, path)
    if entries is not None and extra.isdecimal():
        entries.insert(min(int(extra), len(entries) - 1), entries.pop(place))


def _shift(by: int) -> Callable[[Document, str, str], None]:
    def shift(document: Document, path: str, extra: str) -> None:
        entries, place = _list_of(document, path)
        if entries is not None and 0 <= place + by < len(entries):
            entries[place], entries[place + by] = entries[place + by], entries[place]

    return shift


def _remove(document: Document, path: str, extra: str) -> None:
    drop(document, path)


def _condition_remove(document: Document, path: str, extra: str) -> None:
    rows = rows_of(find(document, path))
    if rows and extra.isdecimal() and int(extra) < len(rows):
        kept = [row for number, row in enumerate(rows) if number != int(extra)]
        put(document, path, where_of(kept)) if kept else drop(document, path)


def _formula(document: Document, path: str, extra: str) -> None:
    """Conditions as a formula instead of rows; it says the same."""
    rows = rows_of(find(document, path))
    if rows is not None:
        put(document, path, formula_of(rows) or EMPTY_FORMULA)


def _rows(document: Document, path: str, extra: str) -> None:
    """Conditions as rows again: the formula goes."""
    if isinstance(find(document, path), str):
        drop(document, path)


def _way(document: Document, path: str, extra: str) -> None:
    """Another way to pay: what belongs to the old one goes, the new one begins with figures that compile."""
    component = find(document, path)
    if not isinstance(component, dict) or extra not in WAY_STARTS or extra == way_of(component):
        return
    for name in (*WAYS, "tier_mode", "boundary", "tiers_on", "tiers_per", "tiers_against", "tiers_new"):
        component.pop(name, None)
    if extra in ("bonus", "contest", "greater_of", "lookup", "matrix", "amount_each"):
        component.pop("target", None)
    if extra == "formula":
        component.pop("per", None)  # it begins with the measure, which is of a period
    for name, value in copy.deepcopy(WAY_STARTS[extra]).items():
        component.setdefault(name, value)


def _axis_and_cells(matrix: Any, name: str) -> tuple[Any, list[Any] | None]:
    """An axis of a matrix and the rows of its cells."""
    axis = matrix.get(name) if isinstance(matrix, dict) else None
    kinds = (each for each in ("rates", "amounts") if axis and isinstance(matrix.get(each), list))
    return axis, next((matrix[each] for each in kinds), None)


def _matrix_grow(document: Document, path: str, extra: str) -> None:
    """One row or column more: an edge after the last, and cells like those beside it."""
    matrix = find(document, path)
    axis, cells = _axis_and_cells(matrix, extra)
    if not isinstance(axis, dict) or not isinstance(axis.get("edges"), list) or not cells or len(cells) > MOST:
        return
    axis["edges"].append("")
    if extra == "rows":
        cells.append(copy.deepcopy(cells[-1]))
    else:
        for line in cells:
            line.append(line[-1] if line else "0 %")


def _matrix_shrink(document: Document, path: str, extra: str) -> None:
    matrix = find(document, path)
    axis, cells = _axis_and_cells(matrix, extra)
    if not isinstance(axis, dict) or not isinstance(axis.get("edges"), list) or len(axis["edges"]) < 2 or not cells:
        return
    axis["edges"].pop()
    if extra == "rows":
        cells.pop()
    else:
        for line in cells:
            del line[-1:]


def _draw(document: Document, path: str, extra: str) -> None:
    put(document, path, {"kind": "RECOVERABLE_GUARANTEE", "amount": "2000", "recover": "100 %"})


_STEPS: dict[str, Callable[[Document, str, str], None]] = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "up": _shift(-1),
    "down": _shift(1),
    "remove": _remove,
    "unrow": _condition_remove,
    "formula": _formula,
    "rows": _rows,
    "way": _way,
    "grow": _matrix_grow,
    "shrink": _matrix_shrink,
    "draw": _draw,
}
