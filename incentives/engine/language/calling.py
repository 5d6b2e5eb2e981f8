"""Gives every function of a formula its type, argument by argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from incentives.engine.language.checking import Checker, nearest, retyped
from incentives.engine.language.context import Table
from incentives.engine.language.functions import AGGREGATES, FUNCTIONS, OF_CREDITS, OTHERWISE_CALLED, WINDOWS, Function
from incentives.engine.language.tree import Node, Raw
from incentives.engine.language.units import (
    COUNT,
    DATE,
    NUMBER,
    OPEN,
    PERCENT,
    PLAIN,
    TEXT,
    YES_NO,
    Kind,
    Type,
    common,
)

Answer = Node | None


def check_call(checker: Checker, raw: Raw) -> Answer:
    """The typed node of a function with its arguments."""
    name = raw.value.upper()
    function = FUNCTIONS.get(name)
    if function is None:
        _unknown(checker, raw, name)
        return None
    if not _may_stand(checker, raw, function):
        return None
    if not function.least <= len(raw.parts) <= function.most:
        what = f"{name} has {len(raw.parts)} argument{'' if len(raw.parts) == 1 else 's'}."
        checker.find("ARGUMENT_COUNT", raw.span, what, f"Write {function.form}.")
        return None
    return CALLS[name](checker, raw)


def _unknown(checker: Checker, raw: Raw, name: str) -> None:
    span = (raw.span[0], raw.span[0] + len(raw.value))
    what = f"There is no function {raw.value}."
    if name in ("TODAY", "NOW", "RAND", "RANDOM"):
        fix = "Pay depends on the plan's facts only; use credit_on, closed_on, period_start or a day."
    elif name in OTHERWISE_CALLED:
        fix = f"Write {FUNCTIONS[OTHERWISE_CALLED[name]].form}."
    else:
        near = nearest(name, list(FUNCTIONS))
        fix = f"Did you mean {FUNCTIONS[near].form}?" if near else f"The functions are {', '.join(sorted(FUNCTIONS))}."
    checker.find("FUNCTION_UNKNOWN", span, what, fix)


def _may_stand(checker: Checker, raw: Raw, function: Function) -> bool:
    if checker.in_credits and function.pays and function.name not in OF_CREDITS:
        what = f"{function.name} stands inside a sum over credits."
        checker.find("FUNCTION_PLACE", raw.span, what, "Compute it outside of SUM, COUNT, AVERAGE and DISTINCT.")
        return False
    if function.pays and not checker.context.pays:
        what = f"{function.name} is known where a component pays, not of a single deal."
        checker.find("FUNCTION_PLACE", raw.span, what, "Use it in the formula of a component.")
        return False
    return True


def _choice(checker: Checker, raw: Raw) -> Answer:
    condition, nodes = checker.truth(raw.parts[0]), checker.nodes(raw.parts[1:])
    if condition is None or nodes is None:
        return None
    if nodes[0].type == nodes[1].type == OPEN:
        return Node("IF", OPEN, (condition, *nodes), None, raw.span)
    made = checker.alike(nodes, raw)
    return None if made is None else Node("IF", made[0].type, (condition, *made), None, raw.span)


def _truths(checker: Checker, raw: Raw) -> Answer:
    parts = [checker.truth(part) for part in raw.parts]
    kept = tuple(part for part in parts if part is not None)
    return Node(raw.value.upper(), YES_NO, kept, None, raw.span) if len(kept) == len(parts) else None


def _extreme(checker: Checker, raw: Raw) -> Answer:
    nodes = checker.nodes(raw.parts)
    if nodes is None:
        return None
    nodes = [retyped(node, NUMBER) if node.type == OPEN else node for node in nodes]
    made = checker.alike(nodes, raw)
    if made is None:
        return None
    if made[0].type in (TEXT, YES_NO):
        checker.find(
            "UNIT_ERROR", raw.span, f"{raw.value.upper()} compares {made[0].type}s.", "Give amounts, numbers or dates."
        )
        return None
    return Node(raw.value.upper(), made[0].type, tuple(made), None, raw.span)


def _absolute(checker: Checker, raw: Raw) -> Answer:
    node = checker.number(raw.parts[0])
    return None if node is None else Node("ABS", node.type, (node,), None, raw.span)


def _rounded(checker: Checker, raw: Raw) -> Answer:
    node = checker.number(raw.parts[0])
    digits = _digits(checker, raw.parts[1]) if len(raw.parts) > 1 else 0
    if node is None or digits is None:
        return None
    return Node(raw.value.upper(), node.type, (node,), digits, raw.span)


def _digits(checker: Checker, raw: Raw) -> int | None:
    sign, inner = (-1, raw.parts[0]) if raw.what == "MINUS" else (1, raw)
    if inner.what == "NUMBER" and inner.value.isdigit() and len(inner.value) == 1:
        return sign * int(inner.value)
    checker.find(
        "ARGUMENT", raw.span, f"{checker.piece(raw.span)} is no number of digits.", "Write a whole number from -9 to 9."
    )
    return None


def _tiered(checker: Checker, raw: Raw) -> Answer:
    table = _table(checker, raw, "CURVE" if raw.value.upper() == "CURVE" else "TIER")
    node = checker.number(raw.parts[1])
    if table is None or node is None:
        return None
    wanted = table.takes[0]
    if common(node.type, wanted) != wanted and not (wanted == NUMBER and node.type.kind in (Kind.COUNT, Kind.PLAIN)):
        what = f"{checker.piece(node.span)} is {node.type.words}, and the edges of {table.key} are {wanted}."
        fix = "Give ATTAINMENT()." if wanted == PERCENT else f"Give {wanted.words}."
        checker.find("UNIT_ERROR", node.span, what, fix)
        return None
    value = checker.coerced(node, wanted)
    if value is None:
        return None
    name = raw.value.upper()
    return Node(name, PERCENT if name == "TIERRATE" else table.gives, (value,), table, raw.span)


def _looked_up(checker: Checker, raw: Raw) -> Answer:
    table = _table(checker, raw, "LOOKUP")
    nodes = checker.nodes(raw.parts[1:])
    if table is None or nodes is None:
        return None
    if len(nodes) != len(table.takes):
        what = f"{table.key} has {len(table.takes)} key{'' if len(table.takes) == 1 else 's'}, and {len(nodes)} stand here."
        checker.find("ARGUMENT_COUNT", raw.span, what, f"Give LOOKUP({table.key}{', key' * len(table.takes)}).")
        return None
    made = [checker.as_kind(part, wanted) for part, wanted in zip(raw.parts[1:], table.takes, strict=True)]
    kept = tuple(node for node in made if node is not None)
    return Node("LOOKUP", table.gives, kept, table, raw.span) if len(kept) == len(made) else None


def _bracketed(checker: Checker, raw: Raw, keys: Iterable[str]) -> str:
    """What to write for a key with signs of its own, which reads as a sum; nothing where it is none."""
    piece = "".join(checker.text[raw.span[0] : raw.span[1]].split())
    return f"Write [{piece}] in square brackets: without them - is a minus." if piece in keys else ""


CONTENTS = {"TIER": "tiers", "CURVE": "a curve", "LOOKUP": "rows"}
"""By function: what its tables have."""


def _table(checker: Checker, raw: Raw, function: str) -> Table | None:
    """The table that the first argument names."""
    part, tables = raw.parts[0], checker.context.tables
    fitting = [key for key, table in tables.items() if table.function == function]
    if part.what == "NAME" and part.value in fitting:
        return tables[part.value]
    if part.what == "NAME" and part.value in tables:
        other = tables[part.value].function
        checker.find(
            "TABLE_UNKNOWN",
            part.span,
            f"{part.value} is no table for {raw.value.upper()}.",
            f"Write {other}({part.value}, …).",
        )
        return None
    near = nearest(part.value, fitting) if part.what == "NAME" else None
    kind = CONTENTS[function]
    fix = f"Did you mean {near}?" if near else f"Add a table with {kind} to the plan's tables, and name it here."
    fix = _bracketed(checker, part, fitting) or fix
    checker.find("TABLE_UNKNOWN", part.span, f"{checker.piece(part.span)} is no table with {kind}.", fix)
    return None


def _aggregated(checker: Checker, raw: Raw) -> Answer:
    """SUM, COUNT, AVERAGE, DISTINCT: value, condition and window, the last two optional."""
    name, parts = raw.value.upper(), list(raw.parts)
    window = None
    if parts and parts[-1].what == "NAME" and parts[-1].value.upper() in WINDOWS:
        window = parts.pop().value.upper()
    checker.in_credits = True
    value = None if name == "COUNT" or not parts else _aggregate_value(checker, name, parts.pop(0))
    condition = checker.truth(parts.pop(0)) if parts else None
    checker.in_credits = False
    if parts:
        checker.find("ARGUMENT_COUNT", raw.span, f"{name} has too many arguments.", f"Write {FUNCTIONS[name].form}.")
    if checker.problems or (name != "COUNT" and value is None):
        if not checker.problems:
            checker.find(
                "ARGUMENT_COUNT", raw.span, f"{name} says nothing to add up.", f"Write {FUNCTIONS[name].form}."
            )
        return None
    kept = tuple(node for node in (value, condition) if node is not None)
    kind = value.type if value is not None and name in ("SUM", "AVERAGE") else COUNT
    return Node(name, kind, kept, (window, condition is not None), raw.span)


def _aggregate_value(checker: Checker, name: str, raw: Raw) -> Answer:
    if name != "DISTINCT":
        node = checker.number(raw)
        return retyped(node, NUMBER) if node is not None and node.type == PLAIN else node
    node = checker.node(raw)
    return retyped(node, TEXT) if node is not None and node.type == OPEN else node


def _goal(checker: Checker, raw: Raw) -> Answer:
    """ATTAINMENT and QUOTA of a measure, the component's own without an argument."""
    context, name = checker.context, raw.value.upper()
    key = context.own
    if raw.parts:
        part = raw.parts[0]
        if part.what != "NAME" or (part.value not in context.measures and part.value != "measure"):
            near = nearest(part.value, sorted(context.measures)) if part.what == "NAME" else None
            fix = f"Did you mean {near}?" if near else f"Measures: {', '.join(sorted(context.measures))}."
            fix = _bracketed(checker, part, () if part.what == "NAME" else context.measures) or fix
            checker.find("NAME_UNKNOWN", part.span, f"{checker.piece(part.span)} is no measure of the plan.", fix)
            return None
        key = context.own if part.value == "measure" else part.value
    if key in context.against and name == "QUOTA":
        other = context.against[key]
        checker.find("QUOTA_MISSING", raw.span, f"{key} is held against {other}, not a quota.", f"Write {other}.")
        return None
    if key not in context.quotas and key not in context.against:
        checker.find("QUOTA_MISSING", raw.span, f"{key} is held against no quota.", "Add quota to the measure.")
        return None
    return Node(name, PERCENT if name == "ATTAINMENT" else context.measures[key], (), key, raw.span)


def _target(checker: Checker, raw: Raw) -> Answer:
    if not checker.context.has_target:
        checker.find("TARGET_MISSING", raw.span, "The component has no target.", "Add target with an amount or a name.")
        return None
    return Node("TARGET", Type(Kind.MONEY, checker.context.currency), (), None, raw.span)


def _of_kind(takes: tuple[Type, ...], gives: Type) -> Callable[[Checker, Raw], Answer]:
    """A function whose arguments each have one type."""

    def check(checker: Checker, raw: Raw) -> Answer:
        made = [checker.as_kind(part, wanted) for part, wanted in zip(raw.parts, takes, strict=True)]
        kept = tuple(node for node in made if node is not None)
        return Node(raw.value.upper(), gives, kept, None, raw.span) if len(kept) == len(made) else None

    return check


def _empty(checker: Checker, raw: Raw) -> Answer:
    node = checker.node(raw.parts[0])
    if node is None:
        return None
    if node.what != "COLUMN":
        checker.find(
            "ARGUMENT", node.span, f"{checker.piece(node.span)} is no attribute of a deal.", "Name an attribute."
        )
        return None
    return Node("ISEMPTY", YES_NO, (node,), None, raw.span)


CALLS: Mapping[str, Callable[[Checker, Raw], Answer]] = {
    "IF": _choice,
    **dict.fromkeys(("AND", "OR", "NOT"), _truths),
    **dict.fromkeys(("MIN", "MAX"), _extreme),
    "ABS": _absolute,
    **dict.fromkeys(("ROUND", "ROUNDUP", "ROUNDDOWN"), _rounded),
    **dict.fromkeys(("TIER", "TIERRATE", "CURVE"), _tiered),
    "LOOKUP": _looked_up,
    **dict.fromkeys(sorted(AGGREGATES), _aggregated),
    **dict.fromkeys(("ATTAINMENT", "QUOTA"), _goal),
    "TARGET": _target,
    "TENURE": lambda checker, raw: Node("TENURE", COUNT, (), None, raw.span),
    **dict.fromkeys(("YEAR", "MONTH", "DAY"), _of_kind((DATE,), COUNT)),
    "DAYS": _of_kind((DATE, DATE), COUNT),
    "DATE": _of_kind((NUMBER, NUMBER, NUMBER), DATE),
    **dict.fromkeys(("STARTSWITH", "ENDSWITH", "CONTAINS", "UNDER"), _of_kind((TEXT, TEXT), YES_NO)),
    **dict.fromkeys(("LOWER", "UPPER", "TRIM"), _of_kind((TEXT,), TEXT)),
    "LENGTH": _of_kind((TEXT,), COUNT),
    "ISEMPTY": _empty,
}
