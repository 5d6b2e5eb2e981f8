"""Territory rules: which territory an account belongs to, by its fields, in an order that somebody has set.

The first rule that matches wins; a named account goes before every rule. Every account can show which rule won and which lost. A rule
that matches nothing and one that never wins are findings, as are accounts that no rule takes. Frames in, columns out; no history.

Source: domain.md C8; issue 5, territories.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

import numpy as np
import pandas as pd

from spm.core.findings import Finding, Severity

TEXTS = ("country", "region", "county", "city", "postal_code", "industry", "segment")
NUMBERS = ("employees", "annual_revenue_minor", "founded_year")
LISTS = ("product_line",)
NOBODY = -1
_LAST = chr(0x10FFFF)


class Test(StrEnum):
    """How a field is asked."""

    __test__ = False  # no test of pytest

    IS = "IS"
    IS_NOT = "IS_NOT"
    STARTS = "STARTS"
    AT_LEAST = "AT_LEAST"
    BELOW = "BELOW"
    IS_EMPTY = "IS_EMPTY"


@dataclass(frozen=True, slots=True)
class Condition:
    """A field asked: texts against any of `values` without regard to case, numbers against the one in `number`.

    A field that an account does not have meets IS_NOT and IS_EMPTY only. A field of several texts meets IS and STARTS by any of them, and
    IS_NOT by none.
    """

    field: str
    test: Test
    values: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions together lead to a territory. A rule without conditions takes every account: the last one, for what is left."""

    key: str
    name: str
    territory: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Routed:
    """What rules found, in the order of the accounts: the number of the rule that won (NOBODY: none), or that of a named account.

    `matched` counts, by rule, the accounts that meet it; `won` those it wins.
    """

    rule: np.ndarray
    is_named: np.ndarray
    matched: tuple[int, ...]
    won: tuple[int, ...]
    findings: tuple[Finding, ...]

    def territories(self, rules: Sequence[Rule], named: Mapping[str, str], keys: Sequence[str]) -> list[str | None]:
        """The territory of every account; None where none takes it."""
        by_rule = [None if row == NOBODY else rules[row].territory for row in self.rule.tolist()]
        return [
            named[key] if is_named else found for key, is_named, found in zip(keys, self.is_named, by_rule, strict=True)
        ]


def route(accounts: pd.DataFrame, rules: Sequence[Rule], named: Mapping[str, str]) -> Routed:
    """Find the rule of every account: `accounts` has account_key, TEXTS (text or None), NUMBERS (whole or missing) and,
    where a rule asks for them, LISTS (tuples of texts).

    `named` gives the territory of accounts named apart from rules, by account_key.
    """
    columns = _Columns(accounts)
    won = np.full(len(accounts), NOBODY, dtype=np.int32)
    is_named = accounts["account_key"].isin(list(named)).to_numpy(dtype=bool)
    free = ~is_named
    matched, taken = [], []
    for row, rule in enumerate(rules):
        meets = columns.meet(rule)
        takes = meets & free
        won[takes] = row
        free &= ~takes
        matched.append(int(meets.sum()))
        taken.append(int(takes.sum()))
    return Routed(won, is_named, tuple(matched), tuple(taken), tuple(_findings(rules, matched, taken, int(free.sum()))))


def rules_of(account: pd.DataFrame, rules: Sequence[Rule]) -> list[int]:
    """The numbers of all rules that one account meets, in order: the first one wins, the others lose. `account` has one row."""
    columns = _Columns(account)
    return [row for row, rule in enumerate(rules) if bool(columns.meet(rule)[0])]


def differing(before: Sequence[Rule], after: Sequence[Rule]) -> list[Rule]:
    """The rules by which two orders can differ: an account that meets none of them is taken by the same rule in both.

    Rules are the same where their keys are. The ones that stay are the longest run that has kept its order.

    >>> one, two, rest = (Rule(key, key, "west") for key in ("one", "two", "rest"))
    >>> [rule.key for rule in differing([one, two, rest], [two, one, rest])]
    ['two', 'two']
    """
    places = {rule.key: place for place, rule in enumerate(before)}
    same = [places[rule.key] for rule in after if rule.key in places and _asks(rule) == _asks(before[places[rule.key]])]
    kept = {before[place].key for place in _longest_rise(same)}
    return [rule for rule in (*before, *after) if rule.key not in kept]


def meeting(accounts: pd.DataFrame, rules: Sequence[Rule]) -> np.ndarray:
    """Which accounts meet any of the rules; `accounts` needs only the fields that they ask."""
    columns = _Columns(accounts)
    return reduce(np.logical_or, (columns.meet(rule) for rule in rules), np.zeros(len(accounts), dtype=bool))


def _asks(rule: Rule) -> tuple[str, tuple[Condition, ...]]:
    return rule.territory, rule.conditions


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """The longest part of different numbers that rises, in their order."""
    ends: list[int] = []
    below: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        below[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    found, step = [], ends[-1] if ends else None
    while step is not None:
        found.append(step)
        step = below[step]
    return found[::-1]


class _Columns:
    """The fields of accounts, each text once: a condition is asked of the distinct values, not of the rows."""

    def __init__(self, accounts: pd.DataFrame) -> None:
        self._accounts, self._count = accounts, len(accounts)
        self._texts: dict[str, tuple[np.ndarray, list[str]]] = {}
        self._lists: dict[str, _Lists] = {}

    def meet(self, rule: Rule) -> np.ndarray:
        """Which accounts meet all conditions of the rule."""
        everybody = np.ones(self._count, dtype=bool)
        return reduce(np.logical_and, (self._one(each) for each in rule.conditions), everybody)

    def _one(self, condition: Condition) -> np.ndarray:
        column = self._accounts[condition.field]
        if condition.field in NUMBERS:
            return _number(column, condition)
        if condition.field in LISTS:
            if condition.field not in self._lists:
                self._lists[condition.field] = _Lists(column)
            return self._lists[condition.field].meet(condition)
        if condition.field not in self._texts:
            self._texts[condition.field] = _coded(column)
        codes, texts = self._texts[condition.field]
        return _hits(texts, condition)[codes]


def _coded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """The column as numbers of its distinct values in order, without case; -1 is an empty field."""
    texts = column.fillna("").astype(str).str.strip().str.casefold()
    codes, found = pd.factorize(texts.where(texts != "", None), sort=True)
    return codes, list(found)


def _hits(texts: Sequence[str], condition: Condition) -> np.ndarray:
    """Which of the sorted distinct texts meet the condition, and, as the last one, whether an empty field does."""
    hits = np.zeros(len(texts) + 1, dtype=bool)
    for value in (each.strip().casefold() for each in condition.values):
        end = value + _LAST if condition.test == Test.STARTS else value
        hits[bisect_left(texts, value) : bisect_right(texts, end)] = True
    if condition.test == Test.IS_NOT:
        hits[:-1] = ~hits[:-1]
    hits[-1] = condition.test in (Test.IS_NOT, Test.IS_EMPTY)
    return hits


class _Lists:
    """A field of several texts: `_held` names the text, `_of` the list, of each text that a distinct list holds."""

    def __init__(self, column: pd.Series) -> None:
        self._codes, lists = pd.factorize(column)
        self._count = len(lists)
        self._of = np.repeat(np.arange(self._count), [len(each) for each in lists])
        self._held, self._texts = _coded(pd.Series([text for each in lists for text in each], dtype=object))

    def meet(self, condition: Condition) -> np.ndarray:
        """Which accounts hold a text that meets the condition; where an empty list meets it, which hold none that fails it."""
        hits = _hits(self._texts, condition)
        told = hits[self._held] != hits[-1]
        found = np.bincount(self._of[told], minlength=self._count) > 0
        return (found != hits[-1])[self._codes]


def _number(column: pd.Series, condition: Condition) -> np.ndarray:
    missing = column.isna().to_numpy(dtype=bool)
    if condition.test == Test.IS_EMPTY:
        return missing
    values = column.fillna(0).to_numpy(dtype=np.int64)
    found = values >= condition.number if condition.test == Test.AT_LEAST else values < condition.number
    return found & ~missing


def _findings(rules: Sequence[Rule], matched: Sequence[int], won: Sequence[int], unassigned: int) -> list[Finding]:
    found = [_lost(rule, hits) for rule, hits, wins in zip(rules, matched, won, strict=True) if not wins]
    if unassigned:
        found.append(
            Finding(
                "ACCOUNTS_UNASSIGNED",
                "accounts",
                f"{unassigned} accounts meet no rule.",
                "Nobody covers them.",
                "Add a rule for them, or a last rule without conditions.",
                Severity.WARNING,
                about=(("count", unassigned),),
            )
        )
    return found


def _lost(rule: Rule, hits: int) -> Finding:
    about = (("rule", rule.key),)
    if not hits:
        what, fix = "No account meets this rule.", "Correct its conditions, or remove it."
        return Finding("RULE_WITHOUT_ACCOUNT", rule.name, what, "It does nothing.", fix, Severity.WARNING, about)
    what = f"{hits} accounts meet this rule, and rules above it or named accounts take every one of them."
    fix = "Move it up, or remove it."
    return Finding("RULE_SHADOWED", rule.name, what, "It does nothing.", fix, Severity.WARNING, about)
