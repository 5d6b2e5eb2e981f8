"""Finds what a name of a formula stands for: a column of the deal, the credit, a measure, an earlier component."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from incentives.engine.language.checking import Checker, nearest
from incentives.engine.language.context import DEAL_NAMES, MONEY_NAMES, Context, Place
from incentives.engine.language.functions import FUNCTIONS
from incentives.engine.language.grammar import Problem
from incentives.engine.language.meant import ONE_SLIP, OWNER_ASKED, OWNER_FIX, OWNERS
from incentives.engine.language.tree import Node, Raw
from incentives.engine.language.units import DATE, OPEN, Type

PERIOD_DAYS = ("period_start", "period_end")
"""The first day of the period, and the first day after it."""


def check_name(checker: Checker, raw: Raw) -> Node | None:
    """The typed node of a name."""
    of_figure = checker.context.place == Place.FIGURE
    found = (_measure if of_figure else _found)(checker.context, raw.value, in_credits=checker.in_credits)
    if found is not None:
        what, kind, value = found
        if kind == OPEN and checker.context.attributes is None:
            _resembling(checker, raw)
        return Node(what, kind, (), value, raw.span)
    _unknown(checker, raw)
    return None


def _measure(context: Context, name: str, *, in_credits: bool) -> tuple[str, Type, str] | None:
    """What a name stands for in a figure of performance: measures alone."""
    return ("MEASURE", context.measures[name], name) if name in context.measures else None


def _found(context: Context, name: str, *, in_credits: bool) -> tuple[str, Type, str] | None:
    """What a name stands for here: a kind of node, its type and its key."""
    asks_deals = in_credits or context.asks_deals
    if asks_deals:
        column = MONEY_NAMES.get(name, name)
        if name == "credit" and context.pays:
            return "CREDIT", context.measures[context.own], context.own
        if column in DEAL_NAMES or column.endswith(("_minor", "_rate", "_on")):
            return "COLUMN", context.column_type(column), column
    if in_credits and name in PERIOD_DAYS:
        return name.upper(), DATE, name
    if context.pays and not in_credits:
        group = _group_name(context, name)
        if group is not None:
            return group
    if asks_deals and _may_be_attribute(context, name):
        return "COLUMN", OPEN, name
    return None


def _group_name(context: Context, name: str) -> tuple[str, Type, str] | None:
    if name in PERIOD_DAYS:
        return name.upper(), DATE, name
    if context.asks_deals:
        return None
    if name == "measure":
        return "MEASURE", context.measures[context.own], context.own
    if name in context.components:
        return "COMPONENT", context.components[name], name
    if name in context.later:
        return None
    return ("MEASURE", context.measures[name], name) if name in context.measures else None


def _may_be_attribute(context: Context, name: str) -> bool:
    """Attributes of deals are free, except for words that mean something else where a component pays."""
    if context.attributes is not None:
        return name in context.attributes
    reserved = {
        "credit",
        "measure",
        *PERIOD_DAYS,
        *context.measures,
        *context.components,
        *context.later,
        *context.tables,
    }
    return name not in reserved and name.upper() not in FUNCTIONS and not name.startswith("__")


def names_known(context: Context, *, in_credits: bool = False) -> Iterator[tuple[str, Type, str]]:
    """Every name that may stand here, with its type and one sentence."""
    if in_credits or context.asks_deals:
        yield from _deal_names(context)
    if context.pays:
        yield PERIOD_DAYS[0], DATE, "The first day of the period."
        yield PERIOD_DAYS[1], DATE, "The first day after the period."
    if context.place == Place.FIGURE:
        yield from ((key, kind, "A measure of performance.") for key, kind in context.measures.items())
        return
    if context.asks_deals or in_credits:
        return
    yield "measure", context.measures[context.own], "What this component measures."
    for key, kind in context.components.items():
        yield key, kind, "What an earlier component earns."
    for key, kind in context.measures.items():
        if key not in context.components and key not in context.later and key != context.own:
            yield key, kind, "A measure of the plan."


def _deal_names(context: Context) -> Iterator[tuple[str, Type, str]]:
    if context.pays:
        yield "credit", context.measures[context.own], "What the person is credited with."
    for name, column in MONEY_NAMES.items():
        yield name, context.column_type(column), "Of the deal."
    for column in DEAL_NAMES:
        if not column.endswith("_minor"):
            yield column, context.column_type(column), "Of the deal."
    for name in sorted(context.attributes or ()):
        if name not in DEAL_NAMES:
            yield name, context.column_type(name), "An attribute of the deal."


def _resembling(checker: Checker, raw: Raw) -> None:
    """Warns of an attribute that is one slip away from a name that every deal has, or that means something where pay is computed."""
    if raw.value in OWNERS:
        checker.warnings.append(Problem("NAME_RESEMBLES", raw.span, OWNER_ASKED.format(raw.value), OWNER_FIX))
        return
    own = ["credit", "measure"] if checker.context.pays else []
    near = extractOne(raw.value, [*MONEY_NAMES, *DEAL_NAMES, *own], scorer=ratio, score_cutoff=ONE_SLIP)
    if near:
        of = "a name of the pay" if near[0] in own else "a name that every deal has"
        what = f"{raw.value} is read as an attribute of the deal; {near[0]} is {of}."
        fix = f"Did you mean {'credit' if near[0] in own else near[0]}?"
        checker.warnings.append(Problem("NAME_RESEMBLES", raw.span, what, fix))


def _unknown(checker: Checker, raw: Raw) -> None:
    context, name = checker.context, raw.value
    known = [each for each, _, _ in names_known(context, in_credits=checker.in_credits)]
    if name in context.later:
        what = f"{name} is a component that does not stand before this one."
        checker.find(
            "COMPONENT_ORDER", raw.span, what, "Move it before this component: formulas build on earlier ones only."
        )
        return
    if context.place == Place.DEAL and not checker.in_credits and _is_of_period(context, name):
        what = (
            f"{name} is known of a period, and per: DEAL pays each deal alone: it would be paid once for each of them."
        )
        fix = "Write credit, what the person is credited with of the deal, or remove per: DEAL to pay of the period."
        checker.find("NAME_OF_PERIOD", raw.span, what, fix)
        return
    if name.upper() in FUNCTIONS:
        fix = f"Write {FUNCTIONS[name.upper()].form}."
        checker.find("NAME_UNKNOWN", raw.span, f"{name} is a function and needs brackets.", fix)
        return
    if name in context.tables:
        function = context.tables[name].function
        fix = f"Write {function}({name}, {'key' if function == 'LOOKUP' else 'value'})."
        checker.find("NAME_UNKNOWN", raw.span, f"{name} is a table of the plan, not a value.", fix)
        return
    checker.find("NAME_UNKNOWN", raw.span, f"{name} is not known here.", _suggested(checker, name, known))


def _is_of_period(context: Context, name: str) -> bool:
    return name == "measure" or name in context.measures or name in context.components


def _suggested(checker: Checker, name: str, known: list[str]) -> str:
    context = checker.context
    if checker.in_credits and _is_of_period(context, name):
        return "Inside SUM, COUNT, AVERAGE and DISTINCT name the deal's own columns or credit; compute with it outside."
    if name in PERIOD_DAYS and context.asks_deals:
        return f"A deal is asked before its period is known: sum it, SUM(credit, … {name} …), or pay per: DEAL."
    hyphened = next((each for each in known if "-" in each and name and name in each.split("-")), None)
    if hyphened:
        return f"Write [{hyphened}] in square brackets: without them - is a minus."
    if context.place == Place.PERIOD and not checker.in_credits:
        column = MONEY_NAMES.get(name, name)
        if column in DEAL_NAMES or column.endswith(("_minor", "_rate", "_on")):
            return f"{name} belongs to single deals: write SUM({name}), or pay per: DEAL."
    near = nearest(name, known) or _form_near(checker, name)
    if near:
        return f"Did you mean {near}?"
    of_deals = "A column of the deals stands inside SUM, COUNT, AVERAGE or DISTINCT, or pay per: DEAL. "
    hint = of_deals if context.place == Place.PERIOD and not checker.in_credits else ""
    text = f"Write '{name}' if it is a text. " if name[:1].isupper() else ""
    return f"{text}{hint}Known here: {', '.join(sorted(known)[:24]) or 'no names'}."


def _form_near(checker: Checker, name: str) -> str | None:
    """How to write what a misspelt name means elsewhere: a function, or a column of single deals in pay of a period."""
    function = extractOne(name.upper(), list(FUNCTIONS), scorer=ratio, score_cutoff=ONE_SLIP)
    if function:
        return FUNCTIONS[function[0]].form
    column = extractOne(name, ["credit", *MONEY_NAMES], scorer=ratio, score_cutoff=ONE_SLIP)
    return f"SUM({column[0]})" if column and checker.context.place == Place.PERIOD else None
