"""Rows of a lookup that no deal reaches, deals that no row pays, and rows that pay one deal differently.

Every deal that the conditions can tell apart is looked at (atoms.py), so that "never" means never.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from incentives.engine.checks.asking import Case, Stage
from incentives.engine.checks.atoms import Deal, combinations, first_fitting, fits
from incentives.engine.checks.dealing import deal_like, open_rules
from incentives.engine.checks.wording import paid_text, told
from incentives.engine.examples import SELLER
from incentives.engine.language.wording import decimal_text
from incentives.engine.plan import Component, Condition, LookupRow
from incentives.engine.prose import percent
from spm.core.dated import day_text
from spm.core.findings import Finding, Severity
from spm.core.money import RATE_SCALE

NEVER = "The row never pays."


def check_lookup(stage: Stage, component: Component) -> list[Finding]:
    """Findings about the rows of a component's lookup."""
    if component.pay.lookup is None:
        return []
    rows = component.pay.lookup.rows
    credited = [rule.where for rule, _ in open_rules(stage, component.measure)]
    deals = combinations([*(row.where for row in rows), *credited])
    if deals is None or not credited:
        return []
    seen = [deal for deal in deals if any(fits(where, deal) for where in credited)]
    found = [each for place in range(len(rows)) for each in _row(stage, component, rows, place, seen)]
    return found + _gap(stage, component, rows, seen) + _overlaps(stage, component, rows, seen)


def _row(stage: Stage, component: Component, rows: Sequence[LookupRow], place: int, seen: list[Deal]) -> list[Finding]:
    fitting = [deal for deal in seen if fits(rows[place].where, deal)]
    if not fitting:
        return [_contradicting(stage, component, rows[place].where, place, seen)]
    takers = {_first(rows, deal) for deal in fitting}
    if place in takers:
        return []
    before = " and ".join(f"row {taker + 1}" for taker in sorted(taker for taker in takers if taker is not None))
    what = f"Every deal of row {place + 1} already fits {before}."
    words = (what, NEVER, "Move it before them, or remove it.")
    return [_told(stage, component, "LOOKUP_UNREACHABLE", place, words, fitting[0])]


def _first(rows: Sequence[LookupRow], deal: Deal) -> int | None:
    """The row that pays a deal."""
    return next((place for place, row in enumerate(rows) if fits(row.where, deal)), None)


def _contradicting(
    stage: Stage, component: Component, where: Sequence[Condition], place: int, seen: list[Deal]
) -> Finding:
    """A row whose conditions no credited deal fulfils together."""
    itself = first_fitting(where) is None
    what = f"No deal fits row {place + 1}: " + (
        "its conditions contradict each other." if itself else "the component credits none of its deals."
    )
    words = (what, NEVER, "Correct the conditions, or remove the row.")
    near = max(seen, key=lambda deal: sum(fits((condition,), deal) for condition in where), default={})
    return _told(stage, component, "LOOKUP_CONTRADICTS", place, words, near)


def _gap(stage: Stage, component: Component, rows: Sequence[LookupRow], seen: list[Deal]) -> list[Finding]:
    """A credited deal that fits no row, when the engine agrees that it earns nothing."""
    for deal in seen:
        if _first(rows, deal) is None:
            what = f"A deal{_like(stage, deal)} is credited, fits no row and earns nothing."
            words = (
                what,
                "Its seller sells for nothing here.",
                "Add a last row without conditions, if it is to be paid.",
            )
            found = _told(stage, component, "LOOKUP_GAP", None, words, deal, severity=Severity.NOTICE)
            return [found] if found.example is not None else []
    return []


def _overlaps(stage: Stage, component: Component, rows: Sequence[LookupRow], seen: list[Deal]) -> list[Finding]:
    """Two rows that both fit a deal and pay differently, where neither is the exception of the other."""
    for late, row in enumerate(rows):
        for early in range(late):
            both = [deal for deal in seen if fits(row.where, deal) and fits(rows[early].where, deal)]
            only_early = any(fits(rows[early].where, deal) and not fits(row.where, deal) for deal in seen)
            only_late = any(fits(row.where, deal) and not fits(rows[early].where, deal) for deal in seen)
            if both and only_early and only_late and row.pays != rows[early].pays:
                what = (
                    f"A deal{_like(stage, both[0])} fits row {early + 1} and row {late + 1}; row {early + 1} pays it."
                )
                words = (what, "The order of the rows decides its pay.", "Say in one of them what the other takes.")
                return [_told(stage, component, "LOOKUP_OVERLAP", late, words, both[0], severity=Severity.NOTICE)]
    return []


def _like(stage: Stage, deal: Deal) -> str:
    texts = [
        f"{name.removesuffix('_minor').replace('_', ' ')} {_value_text(stage, name, value)}"
        for name, value in deal.items()
        if value is not None
    ]
    return f" with {', '.join(texts)}" if texts else ""


def _value_text(stage: Stage, column: str, value: object) -> str:
    if not isinstance(value, Fraction):
        return str(value)
    if column.endswith("_minor"):
        return paid_text(stage, int(value))
    if column.endswith("_on"):
        return day_text(int(value))
    by_rate = column.endswith("_rate") or column in ("discount", "share")
    return percent(value, RATE_SCALE) if by_rate else decimal_text(value)


def _told(
    stage: Stage,
    component: Component,
    code: str,
    place: int | None,
    words: tuple[str, str, str],
    deal: Deal,
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    made = stage.example(words[0], [Case((deal_like(stage, component.measure, deal, owner=SELLER),))])
    at = "lookup" if place is None else f"lookup[{place}]"
    return told(stage, component.key, code, at, words, None if made is None else made[0], severity)
