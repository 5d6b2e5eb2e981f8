"""Maps entries of the ledger to accounts and cost centres of the general ledger. What isn't mapped is named, never guessed.

A positive amount on an account of the ledger is a credit for the books of the company, a negative one a debit: pay that was earned
credits what is owed and debits the expense. So a journal that sums to 0 stays balanced, however its accounts are mapped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

OF_PERSON = "person"
"""What a rule names as cost centre where it is the person's own."""


class Rule(NamedTuple):
    """Where an account goes: for one plan, one component of a plan, or all; `cost_centre` is a fixed one, the person's own, or none."""

    account: str
    plan: str
    component: str
    gl_account: str
    cost_centre: str


class Entry(NamedTuple):
    """A sum of ledger entries that are mapped alike; `kind` says why they were posted, `earned_in` and `journal` are empty unless asked."""

    on: date
    kind: str
    participant: str
    plan: str
    component: str
    account: str
    currency: str
    amount_minor: int
    earned_in: str = ""
    journal: str = ""


Details = tuple[tuple[str, str], ...]
"""What the company's columns ask for besides, by name, in their order."""


class Key(NamedTuple):
    """What a line is summed by."""

    on: date
    gl_account: str
    cost_centre: str
    currency: str
    details: Details = ()


@dataclass
class Booked:
    """Sums by line (credits positive, minor units), and what kept others from being mapped: accounts, and people without a cost centre."""

    lines: dict[Key, int] = field(default_factory=dict)
    unmapped: set[tuple[str, str, str]] = field(default_factory=set)
    centreless: set[str] = field(default_factory=set)


def book(
    entries: Iterable[Entry],
    rules: Sequence[Rule],
    centres: Mapping[str, str],
    details: Callable[[Entry], Details] = lambda entry: (),
) -> Booked:
    """Sum entries by the general ledger's account, cost centre, day and currency; the narrowest rule decides.

    `centres` are the cost centres of people by participant. Lines of 0 are left out.
    """
    found, table = Booked(), {rule[:3]: rule for rule in rules}
    for entry in entries:
        rule = _rule(table, entry)
        if rule is None:
            found.unmapped.add((entry.account, entry.plan, entry.component))
            continue
        centre = centres.get(entry.participant, "") if rule.cost_centre == OF_PERSON else rule.cost_centre
        if rule.cost_centre == OF_PERSON and not centre:
            found.centreless.add(entry.participant)
            continue
        key = Key(entry.on, rule.gl_account, centre, entry.currency, details(entry))
        found.lines[key] = found.lines.get(key, 0) + entry.amount_minor
    found.lines = {key: amount for key, amount in sorted(found.lines.items()) if amount}
    return found


def _rule(table: Mapping[tuple[str, str, str], Rule], entry: Entry) -> Rule | None:
    """The rule of the component, else of the plan, else of the account."""
    asked = ((entry.plan, entry.component), (entry.plan, ""), ("", ""))
    return next((table[entry.account, *one] for one in asked if (entry.account, *one) in table), None)


def sums(lines: Mapping[Key, int]) -> dict[str, int]:
    """Give what lines come to by currency: 0 each, where their journals were whole."""
    found: dict[str, int] = {}
    for key, amount in lines.items():
        found[key.currency] = found.get(key.currency, 0) + amount
    return found
