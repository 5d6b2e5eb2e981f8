"""Whose a deal is by its account: who covers the territory that the account belongs to on the day that decides, and with which share.

Where an account belongs and who covers what are dated facts of planning; here they only meet deals. Nobody is made up: a deal of no
account, an account in no territory and a territory that nobody covers are findings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from incentives.engine.assigning import codes_of
from incentives.engine.contracts import NOT_CREDITED, Facts
from incentives.engine.fact_words import deals_said
from spm.core.columns import first_rows, order_of, pairs_of
from spm.core.dated import Lookup, day_text
from spm.core.findings import Finding

ACCOUNT = "account_id"
"""The column of a deal that names its account among those whose territory is known."""


@dataclass(frozen=True)
class Places:
    """Where the accounts of deals belong: for each deal a row of the frame of accounts and territories, -1 for none, and the day asked."""

    frame: pd.DataFrame
    row: np.ndarray
    day: np.ndarray

    @classmethod
    def of(cls, facts: Facts, days: np.ndarray, sold: np.ndarray) -> Places:
        """The places of all deals on their days; of a return those of the deal that it reverses, on that one's day."""
        frame = facts.account_territories
        assert frame is not None
        asked = np.where(sold >= 0, sold, np.arange(len(sold)))
        day = days[asked]
        if ACCOUNT not in facts.deals.columns or not len(frame):
            return cls(frame, np.full(len(day), -1, dtype=np.int64), day)
        keys = pd.Index(frame["account_key"].unique())
        start, end = frame["from_on"].to_numpy(np.int64), frame["until_on"].to_numpy(np.int64)
        lookup = Lookup.of(codes_of(keys, frame["account_key"]), start, end)
        account = codes_of(keys, facts.deals[ACCOUNT])[asked]
        row = np.full(len(day), -1, dtype=np.int64)
        known = np.flatnonzero((account >= 0) & (day != NOT_CREDITED) & (days != NOT_CREDITED))
        row[known] = lookup.rows_on(account[known], day[known])
        return cls(frame, row, day)

    def territory(self, deals: np.ndarray) -> np.ndarray:
        """The territory of some deals (row numbers), None where they have none."""
        return self._cell("territory", deals)

    def words(self, deal: int) -> str:
        """Where the account of one deal belongs and by which rule, for the why of its credit; empty where it belongs nowhere."""
        if self.row[deal] < 0:
            return ""
        rows = np.array([deal])
        rule, territory = self._cell("rule", rows)[0], self.territory(rows)[0]
        by = f"by the rule {rule}" if isinstance(rule, str) and rule else "named apart"
        return f"its account belongs to {territory} on {day_text(int(self.day[deal]))}, {by}"

    def _cell(self, name: str, deals: np.ndarray) -> np.ndarray:
        if not len(self.frame):
            return np.full(len(deals), None, dtype=object)
        row = self.row[deals]
        found: np.ndarray = self.frame[name].to_numpy(object)[np.maximum(row, 0)]
        found[row < 0] = None
        return found


Shares = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Deal (row number), person (code) and share at RATE_SCALE of each, by deal and person."""


def covers_of(facts: Facts, participants: pd.Index, places: Places) -> Shares:
    """Who covers the territory of each deal's account: deal (row number), person (code) and share at RATE_SCALE, by deal and person."""
    coverage = facts.coverage
    assert coverage is not None
    deals = np.flatnonzero(places.row >= 0)
    if not len(deals) or not len(coverage):
        return (np.zeros(0, dtype=np.int64),) * 3
    territories = pd.Index(places.frame["territory"].unique())
    asked = codes_of(territories, places.frame["territory"])[places.row[deals]]
    row, cover = pairs_of(asked, codes_of(territories, coverage["territory"]))
    person, day = codes_of(participants, coverage["participant_key"])[cover], places.day[deals[row]]
    start, end = (coverage[name].to_numpy(np.int64)[cover] for name in ("from_on", "until_on"))
    held = np.flatnonzero((start <= day) & (day < end) & (person >= 0))
    deal, person, share = deals[row[held]], person[held], coverage["share"].to_numpy(np.int64)[cover[held]]
    if not len(deal):
        return deal, person, share
    order = order_of(deal, person)
    opened = np.flatnonzero(first_rows(deal[order], person[order]))
    return deal[order[opened]], person[order[opened]], np.add.reduceat(share[order], opened)


def merged(first: Shares, second: Shares) -> Shares:
    """Shares of deals, the second ones only of deals of which the first say nothing; by deal and person."""
    rest = np.flatnonzero(~np.isin(second[0], first[0]))
    deal, person, share = (np.concatenate([one, other[rest]]) for one, other in zip(first, second, strict=True))
    order = order_of(deal, person)
    return deal[order], person[order], share[order]


def uncovered(facts: Facts, places: Places, lost: np.ndarray) -> list[Finding]:
    """The deals (row numbers) that go by their account's territory and credit nobody, by what is missing."""
    if not len(lost):
        return []
    names = facts.deals["source_key"].to_numpy(object)[lost]
    frame = pd.DataFrame({"territory": places.territory(lost), "deal": names, "day": places.day[lost]})
    frame = frame.sort_values(["day", "deal"], kind="stable")
    nowhere = frame[frame["territory"].isna()]
    found = [_nowhere(nowhere)] if len(nowhere) else []
    return found + [_not_covered(str(name), rows) for name, rows in frame.groupby("territory", sort=True)]


def _nowhere(rows: pd.DataFrame) -> Finding:
    first = rows.iloc[0]
    what = f"{deals_said(len(rows))} without an account that belongs to a territory on the day that decides, first {_first(first)}."
    fix = "Give the deals their account, or add a territory rule that the account meets from that day on."
    return Finding("ACCOUNT_WITHOUT_TERRITORY", "territories", what, "These deals credit nobody.", fix)


def _not_covered(territory: str, rows: pd.DataFrame) -> Finding:
    first = rows.iloc[0]
    what = f"Nobody covers the territory {territory} on the day of {deals_said(len(rows))}, first {_first(first)}."
    fix = "Assign a position that somebody holds on that day to the territory."
    where, about = f"territory {territory}", (("territory", territory),)
    return Finding("TERRITORY_NOT_COVERED", where, what, "These deals credit nobody.", fix, about=about)


def _first(row: pd.Series) -> str:
    return f"{row['deal']}, {day_text(int(row['day']))}"
