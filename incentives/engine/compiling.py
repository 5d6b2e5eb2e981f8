"""A plan document (a dictionary, as read from YAML or JSON) becomes a checked Plan, or findings that say why not.

Every finding names the clause, what is wrong, why it matters and the fix. A document with an ERROR gives no Plan: a plan
that does not compile calculates nobody. Fields, words and defaults: docs/plan-language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from incentives.engine.components import read_bounds, read_component
from incentives.engine.language.context import Context, Place
from incentives.engine.measures import check_against, read_measure
from incentives.engine.pay_formulas import pay_context
from incentives.engine.plan import Bounds, Component, Measure, Plan
from incentives.engine.plan_settling import Release
from incentives.engine.plan_tables import read_tables
from incentives.engine.reading import READ_AS, Reader
from incentives.engine.reading_settling import (
    keeps_clawback,
    read_clawback,
    read_draw,
    read_holdback,
    read_leavers,
    read_release,
)
from incentives.engine.words import Proration, RatePolicy
from spm.core.dated import day_of
from spm.core.findings import Finding, Severity, errors
from spm.core.money import is_currency
from spm.core.periods import CalendarKind

NO_CURRENCY = "XXX"
Thing = TypeVar("Thing", Measure, Component)


def compile_plan(document: Mapping[str, object], *, is_written: bool = False) -> tuple[Plan | None, list[Finding]]:
    """The Plan that the document describes and the findings about it; None in place of the plan when one is an ERROR.

    What may mean two things is an ERROR in a document that `is_written` now. A published version goes on paying as it was read when it
    was published, with a WARNING.
    """
    findings: list[Finding] = []
    if not isinstance(document, Mapping):
        reader = Reader({}, "", findings)
        reader.find("PLAN_UNREADABLE", "The plan is not a set of fields.", "Write it as “name: value” lines.")
        return None, findings
    plan = _read_plan(Reader(document, "", findings))
    findings = findings if is_written else [_as_kept(each) for each in findings]
    return (None if errors(findings) else plan), findings


def _as_kept(finding: Finding) -> Finding:
    """The same of a plan that is kept: no error where it was read before it was refused."""
    read_as = finding.keys.get(READ_AS)
    if read_as is None:
        return finding
    return replace(finding, severity=Severity.WARNING, why=f"It is read as {read_as}, as it was before.")


def _read_plan(reader: Reader) -> Plan:
    currency = _read_currency(reader)
    start, end = reader.day("from"), reader.day("until")
    if end <= start:
        reader.find(
            "PLAN_EMPTY", "The plan ends before it starts.", "until is the first day after the plan.", at="until"
        )
    elif _ends_on_last_day(end):
        last = day_of(end)
        reader.find(
            "PLAN_WITHOUT_LAST_DAY",
            f"until is the first day after the plan, so the plan leaves {last} out.",
            f"Write until: {day_of(end + 1)} if {last} is its last day.",
            at="until",
            why="",
            severity=Severity.WARNING,
        )
    reader.tables = read_tables(reader, currency)
    measures, components = _read_components(reader, currency)
    components = _clawed_back(reader, components)
    key = reader.text("plan")
    policy, fixed_on = _read_currency_rate(reader, start, end)
    holdback = read_holdback(reader)
    plan = Plan(
        key=key,
        name=reader.text("name", default=key),
        currency=currency,
        start=start,
        end=end,
        period=str(reader.choice("period", CalendarKind, CalendarKind.QUARTERLY)),
        measures=measures,
        components=components,
        proration=reader.choice("proration", Proration, Proration.DAYS),
        cap=_read_limit(reader, "cap", currency),
        floor=_read_limit(reader, "floor", currency),
        draw=read_draw(reader, currency),
        tables=tuple(reader.tables.values()),
        release=read_release(reader) or Release(),
        holdback=holdback,
        leavers=read_leavers(
            reader, [each.clawback for each in components], [holdback, *(each.holdback for each in components)]
        ),
        negative_pay=reader.flag("negative_pay", default=False),
        currency_rate=policy,
        fixed_on=fixed_on,
    )
    reader.finish("description", "examples", "version", "source")
    return plan


def _clawed_back(reader: Reader, components: tuple[Component, ...]) -> tuple[Component, ...]:
    """The components with the clawback of the plan where they have none of their own."""
    clawback = read_clawback(reader)
    if clawback is None:
        return components
    unread = [each.key for each in components if each.clawback is None and not keeps_clawback(each, clawback)]
    if unread:
        is_useless = len(unread) == len(components)
        what = (
            f"The window and share of the clawback hold for no return of {', '.join(unread)}: they are rated CURRENT."
        )
        reader.find(
            "CLAWBACK_UNREAD",
            what,
            "Leave reversal_rate out there, or leave within, share and pro_rata out of the clawback.",
            at="clawback",
            why=""
            if is_useless
            else "Their returns take back what a negative credit of the day is worth, whenever they come.",
            severity=Severity.ERROR if is_useless else Severity.WARNING,
        )
    return tuple(each if each.clawback is not None else replace(each, clawback=clawback) for each in components)


def _ends_on_last_day(end: int) -> bool:
    """True when a plan ends where people write its last day instead of the day after."""
    return day_of(end + 1).day == 1 and day_of(end).day != 1


def _read_limit(reader: Reader, name: str, currency: str) -> Bounds:
    """A cap or floor of the whole plan: of a period or a year; single deals are limited in their component."""
    bounds = read_bounds(reader, name, currency)
    if bounds.deal is not None:
        what = f"A {name} of single deals belongs to a component that rates deals."
        reader.find("BOUND_UNUSED", what, "Move it there, or write period or year.", at=f"{name}.deal")
    return bounds


def _read_currency(reader: Reader) -> str:
    currency = reader.text("currency")
    if currency == NO_CURRENCY:
        what = f"{currency} is the ISO 4217 code for no currency, and pay needs one."
        reader.find("CURRENCY_UNKNOWN", what, "Write a code such as USD.", at="currency")
    elif currency and not is_currency(currency):
        reader.find(
            "CURRENCY_UNKNOWN",
            f"{currency} is not an ISO 4217 code.",
            f"Write {currency.upper()}." if is_currency(currency.upper()) else "Write a code such as USD.",
            at="currency",
        )
        return NO_CURRENCY
    return currency or NO_CURRENCY


def _read_currency_rate(reader: Reader, start: int, end: int) -> tuple[RatePolicy, int | None]:
    """`currency_rate: PLAN_YEAR` with `fixed_on: 2026-01-01`; the other policies have no day."""
    policy = reader.choice("currency_rate", RatePolicy, RatePolicy.SPOT)
    fixed_on = reader.day("fixed_on") if reader.has("fixed_on") else None
    if (fixed_on is not None) != (policy == RatePolicy.PLAN_YEAR):
        what = "A PLAN_YEAR takes the currency rate of one day, and nothing else does."
        fix = "Write currency_rate: PLAN_YEAR with fixed_on: 2026-01-01, or leave fixed_on out."
        reader.find("CURRENCY_RATE_DAY", what, fix, at="fixed_on")
    elif fixed_on is not None and fixed_on >= end:
        what = f"The rate of {day_of(fixed_on)} is known only when the plan is over."
        reader.find("CURRENCY_RATE_DAY", what, "Fix the rate on the first day of the plan or before.", at="fixed_on")
    elif fixed_on is not None and fixed_on > start:
        what = f"The rate of {day_of(fixed_on)} is not known on the first days of the plan."
        why = "Until then the last rate before it is taken, and what was paid by it is corrected afterwards."
        fix = "Fix the rate on the first day of the plan or before."
        reader.find("CURRENCY_RATE_LATE", what, fix, at="fixed_on", why=why, severity=Severity.WARNING)
    return policy, fixed_on


def _read_components(reader: Reader, currency: str) -> tuple[tuple[Measure, ...], tuple[Component, ...]]:
    """The measures of the plan (declared ones, then those that components describe themselves) and its components."""
    measures: dict[str, Measure] = {}
    for child in reader.children("measures"):
        child.text("key")
        measure = read_measure(child, currency)
        child.finish("name")
        _add(measures, measure.key, measure, child)
    children = reader.children("components")
    if not children:
        reader.find(
            "PLAN_WITHOUT_COMPONENTS", "The plan has no components.", "Add at least one component.", at="components"
        )
    for child in children:
        if not child.has("of"):
            child.text("key")
            _add(measures, str(child.document.get("key", "")), read_measure(child, currency), child)
    components: dict[str, Component] = {}
    order = [str(child.document.get("key", "")) for child in children]
    for child in children:
        component = read_component(child, currency, measures, order)
        if child.has("of"):
            _add(components, component.key, component, child)
        components[component.key] = component  # one that describes its own measure has been told above
    _check_order(children, components)
    described = [*reader.children("measures"), *(child for child in children if not child.has("of"))]
    for child, measure in zip(described, measures.values(), strict=False):
        check_against(child, measure, measures)
    return tuple(measures.values()), tuple(components.values())


def _add(found: dict[str, Thing], key: str, thing: Thing, reader: Reader) -> None:
    if key in found:
        reader.find("KEY_REPEATED", f"Two measures or components are called {key}.", "Give each its own key.", at="key")
    found[key] = thing


def _check_order(children: list[Reader], components: dict[str, Component]) -> None:
    """A component may build on earlier components only, so that there are no cycles."""
    seen: set[str] = set()
    for child, component in zip(children, components.values(), strict=False):
        for name in component.pay.of:
            if name not in seen:
                what = f"{component.key} builds on {name}, which does not stand before it."
                child.find(
                    "COMPONENT_ORDER", what, "Move it before this component, or correct its name.", at="greater_of"
                )
        seen.add(component.key)


def formula_context(
    document: Mapping[str, object], key: str, field: str, attributes: frozenset[str] | None = None
) -> Context:
    """What a formula of a component may name, for completion and inline findings, also while the plan does not compile.

    `key` is the component's or measure's; `field` is `formula` (its pay), `measure` or `where`; `attributes` are the further
    attributes of deals that the facts have, None when any may be named.
    """
    reader = Reader(document, "", [])
    currency = _read_currency(reader)
    reader.tables = read_tables(reader, currency)
    if field != "formula":
        place = Place.MEASURE if field == "measure" else Place.CONDITION
        return Context(currency, place, tables=reader.tables, attributes=attributes)
    children = reader.children("components")
    described = [child for child in [*reader.children("measures"), *children] if not child.has("of")]
    measures = {str(child.document.get("key", "")): read_measure(child, currency) for child in described}
    own = next((child for child in children if str(child.document.get("key", "")) == key), Reader({"key": key}, "", []))
    own.tables = reader.tables
    measure = measures.get(str(own.document.get("of", key)), Measure(key, ()))
    order = [str(child.document.get("key", "")) for child in children]
    return replace(pay_context(own, measure, measures, currency, order), attributes=attributes)
