"""From deals to credits: who receives how much of which deal, by which rule, on the day that the plan says.

Direct credit goes to the owner, or by the revenue split where the deal has one; roll-up credit goes up the reporting line of
the credit date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of, key_index
from incentives.engine.candidates import Lines, joined
from incentives.engine.coming_back import ComingBack, sold_rows
from incentives.engine.conditions import conditions_hold
from incentives.engine.contracts import NOT_CREDITED, Facts
from incentives.engine.covering import Places, covers_of, merged
from incentives.engine.plan import CreditRule, Plan
from incentives.engine.tenure import Tenures
from incentives.engine.words import CreditDate, DealOwner
from spm.core.columns import distinct, factorized, order_of, pairs_of, repeated
from spm.core.dated import FOREVER, Lookup, day_text
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE

DATE_COLUMNS = {
    CreditDate.CREDITED: "credit_on",
    CreditDate.BOOKED: "booked_on",
    CreditDate.CLOSED: "closed_on",
    CreditDate.INVOICED: "invoiced_on",
    CreditDate.PAID: "paid_on",
}
OVERLAY = "OVERLAY"
DEEPEST = 100
"""Levels of a reporting line; what goes on above them is a loop."""


def sale_days(days: np.ndarray, sold: np.ndarray) -> np.ndarray:
    """The day by which each deal is judged and priced: its credit day; of a return that of its sale, where that has one."""
    if not (sold >= 0).any():
        return days
    of_sale = days[np.maximum(sold, 0)]
    return np.where((sold >= 0) & (of_sale != NOT_CREDITED) & (days != NOT_CREDITED), of_sale, days)


@dataclass(frozen=True)
class Crediting:
    """What crediting needs to know of admitted facts; made once per calculation."""

    facts: Facts
    seats: Seats
    people: Lookup
    places: Lookup
    reporting: Lookup
    manager: np.ndarray
    deals: pd.Index
    owner: np.ndarray
    sold: np.ndarray
    """For each deal the row of the deal that it reverses; see `sold_rows`."""
    _direct: dict[tuple[CreditDate, DealOwner], Lines] = field(default_factory=dict, repr=False)
    _days: dict[CreditDate, np.ndarray | None] = field(default_factory=dict, repr=False)
    _back: dict[CreditDate, ComingBack] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, facts: Facts, seats: Seats) -> Crediting:
        """Prepares the lookups."""
        lines = facts.reporting
        assert lines is not None
        below, above = (codes_of(seats.positions, lines[name]) for name in ("position_key", "manager_position_key"))
        start, end = lines["from_on"].to_numpy(np.int64), lines["until_on"].to_numpy(np.int64)
        order = order_of(below, start, above)
        lookup, above = Lookup.of(below[order], start[order], end[order]), above[order]
        deals = key_index(facts.deals["deal_key"])
        owner = codes_of(seats.participants, facts.deals["owner_key"])
        people, places, sold = seats.by_participant(), seats.by_position(), sold_rows(facts.deals)
        return cls(facts, seats, people, places, lookup, above, deals, owner, sold)

    @cached_property
    def currency(self) -> tuple[np.ndarray, list[str]]:
        """The currency of every deal, as a place in the list of those that there are."""
        return factorized(self.facts.deals["currency"])

    @cached_property
    def tenures(self) -> Tenures:
        """How long people have been employed."""
        assert self.facts.employments is not None
        return Tenures.of(self.facts.employments, self.seats.participants)

    def served(self, rule: CreditRule, deal: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The completed months of employment that a rule asks of each credit, and whether they are known; of a return, its sale's."""
        days = self.days(rule.credit_date)
        assert days is not None
        return self.tenures.months(person, sale_days(days, self.sold)[deal])

    def days(self, policy: CreditDate) -> np.ndarray | None:
        """The credit day of every deal under a policy, None when the facts do not have the column."""
        name = DATE_COLUMNS[policy]
        if policy not in self._days:
            deals = self.facts.deals
            self._days[policy] = deals[name].to_numpy(np.int64) if name in deals.columns else None
        return self._days[policy]

    def back(self, policy: CreditDate) -> ComingBack:
        """What comes back of deals, in the order of the days of a policy."""
        if policy not in self._back:
            days = self.days(policy)
            assert days is not None
            self._back[policy] = ComingBack.of(self.sold, days)
        return self._back[policy]

    def owner_keys(self, policy: CreditDate, owner: DealOwner) -> np.ndarray:
        """The owner of every deal: as last known, or on the day that the policy names; of a return, that of the deal that it reverses."""
        keys, owners, days = self.facts.deals["owner_key"].to_numpy(), self.facts.owners, self.days(policy)
        if owner != DealOwner.THEN or owners is None or not len(owners) or days is None:
            return keys
        start, end = owners["from_on"].to_numpy(np.int64), owners["until_on"].to_numpy(np.int64)
        asked = np.where(self.sold >= 0, self.sold, np.arange(len(keys)))
        row = Lookup.of(codes_of(self.deals, owners["deal_key"]), start, end).rows_on(asked, days[asked])
        return np.where(row >= 0, owners["owner_key"].to_numpy(object)[np.maximum(row, 0)], keys[asked])

    def direct(self, policy: CreditDate, owner: DealOwner = DealOwner.NOW) -> Lines:
        """Revenue credit of every deal, by deal: the owner's, or the revenue split's where the deal has one."""
        if (policy, owner) not in self._direct:
            days = self.days(policy)
            assert days is not None
            codes = self.owner
            if owner == DealOwner.THEN:
                codes = codes_of(self.seats.participants, pd.Series(self.owner_keys(policy, owner)))
            self._direct[policy, owner] = self._made_direct(days, codes, is_of_territory=owner == DealOwner.TERRITORY)
        return self._direct[policy, owner]

    def belonging(self, days: np.ndarray) -> Places:
        """Where the accounts of all deals belong on these days."""
        return Places.of(self.facts, days, self.sold)

    def _made_direct(self, days: np.ndarray, owners: np.ndarray, *, is_of_territory: bool) -> Lines:
        deals = self.facts.deals
        stated = self._splits(days, overlay=False)
        split = (stated.deal, stated.origin, stated.share)
        single = (days != NOT_CREDITED) & deals["owner_key"].notna().to_numpy()
        if is_of_territory:
            split = merged(split, covers_of(self.facts, self.seats.participants, self.belonging(days)))
            single[:] = False
        return self._of_shares(days, owners, single, split)

    def _of_shares(
        self, days: np.ndarray, owners: np.ndarray, single: np.ndarray, split: tuple[np.ndarray, np.ndarray, np.ndarray]
    ) -> Lines:
        """The lines of single owners, and of the shares (deal, person, share) of deals that have some."""
        of_deal, of_person, of_share = split
        single[of_deal] = False
        rows = np.flatnonzero(single)
        if not len(of_deal):
            owner, day = owners[rows], days[rows]
            share, line = repeated(RATE_SCALE, len(rows)), np.arange(len(rows))
            return Lines(rows, self.people.rows_on(owner, day), owner, day, share, line, line)
        count = single.astype(np.int64)
        count += np.bincount(of_deal, minlength=len(days))
        deal = np.repeat(np.arange(len(days)), count)
        place = np.cumsum(count) - count
        nth = np.arange(len(of_deal)) - np.searchsorted(of_deal, of_deal)
        at = place[of_deal] + nth
        person, share = owners[deal], np.full(len(deal), RATE_SCALE, dtype=np.int64)
        person[at], share[at] = of_person, of_share
        day, row = days[deal], np.arange(len(deal))
        return Lines(deal, self.people.rows_on(person, day), person, day, share, row, row)

    def overlay(self, days: np.ndarray) -> Lines:
        """Overlay credit: the shares that stand beside the revenue split."""
        return self._splits(days, overlay=True)

    def names(self, direct: Lines, policy: CreditDate, owner: DealOwner) -> np.ndarray:
        """Whose each revenue line is, also where nobody of that name is known: the person of its split, or the owner."""
        keys, days = self.owner_keys(policy, owner)[direct.deal].astype(object), self.days(policy)
        if owner == DealOwner.TERRITORY:
            keys = self.seats.participants.to_numpy(object)[direct.origin]
        if days is not None and len(direct):
            deal, _, rows = self._split_rows(days, overlay=False)
            first = np.searchsorted(direct.deal, deal) - np.searchsorted(deal, deal)
            assert self.facts.splits is not None
            keys[first + np.arange(len(deal))] = self.facts.splits["participant_key"].to_numpy(object)[rows]
        return keys

    def _splits(self, days: np.ndarray, *, overlay: bool) -> Lines:
        deal, person, row = self._split_rows(days, overlay=overlay)
        assert self.facts.splits is not None
        day, share = days[deal], self.facts.splits["share"].to_numpy(np.int64)[row]
        return Lines(deal, self.people.rows_on(person, day), person, day, share, np.arange(len(deal)), deal)

    def _split_rows(self, days: np.ndarray, *, overlay: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The deal and person codes of the shares of credited deals, by deal and person, and their rows."""
        found = self.shares[overlay]
        kept = days[found[0]] != NOT_CREDITED
        return found if kept.all() else (found[0][kept], found[1][kept], found[2][kept])

    @cached_property
    def shares(self) -> dict[bool, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """The deal and person codes and the rows of all shares of known deals, by deal and person; those of overlays under True."""
        splits = self.facts.splits
        assert splits is not None
        deal = codes_of(self.deals, splits["deal_key"])
        person = codes_of(self.seats.participants, splits["participant_key"])
        beside = (splits["credit_type"] == OVERLAY).to_numpy() if "credit_type" in splits.columns else deal < -1
        found = {}
        for overlay in (False, True):
            row = np.flatnonzero((deal >= 0) & (beside == overlay))
            row = row[order_of(deal[row], person[row])]
            found[overlay] = deal[row], person[row], row
        return found

    def rolled_over(self, direct: Lines, rule: CreditRule) -> Lines:
        """The direct credits as received by those who stand in the named relationship to the credited person on that day."""
        relations = self.facts.relations
        assert relations is not None
        rows = relations[(relations["relation"] == rule.relation).to_numpy()]
        giver, taker = (codes_of(self.seats.participants, rows[name]) for name in ("participant_key", "related_key"))
        start, end = rows["from_on"].to_numpy(np.int64), rows["until_on"].to_numpy(np.int64)
        line, pair = pairs_of(direct.origin, np.where(giver < 0, -2, giver))
        day = direct.day[line]
        met = np.flatnonzero((start[pair] <= day) & (day < end[pair]))
        line, taker = line[met], taker[pair[met]]
        order = order_of(line, taker)
        part = direct.take(line[order])
        return replace(part, holding=self.people.rows_on(taker[order], part.day))

    def rolled_up(self, direct: Lines, rule: CreditRule) -> tuple[Lines, list[Finding]]:
        """The direct credits as seen by the managers of the day: one line per manager on the way up, or of the one at the rule's level.

        Credits under a reporting line that loops reach nobody; the loop is a finding.
        """
        seated = direct.take(np.flatnonzero(direct.holding >= 0))
        start = self.seats.position[seated.holding]
        position, rows = start.copy(), np.arange(len(seated))
        looping = np.zeros(len(seated), dtype=bool)
        parts: list[Lines] = []
        for number in range(1, (rule.depth or DEEPEST) + 1):
            rows, up = self._above(position, rows, seated.day)
            looping[rows[up == start[rows]]] = True
            rows, up = rows[up != start[rows]], up[up != start[rows]]
            position[rows] = up
            holding = self.places.rows_on(up, seated.day[rows])
            if number >= rule.level:
                parts.append(replace(seated.take(rows), holding=holding, row=rows))
            if not len(rows):
                break
        else:
            if rule.depth is None:
                looping[rows] = True
        found = joined(parts or [replace(seated.take(rows), row=rows)])
        kept = found.take(np.flatnonzero((found.holding >= 0) & ~looping[found.row]))
        return kept, self._loops(start[looping], seated.day[looping])

    def _above(self, position: np.ndarray, rows: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows that have a manager position on their day, and that position."""
        link = self.reporting.rows_on(position[rows], days[rows])
        linked = np.flatnonzero(link >= 0)
        return rows[linked], self.manager[link[linked]]

    def _loops(self, positions: np.ndarray, days: np.ndarray) -> list[Finding]:
        found = []
        for code in np.unique(positions).tolist():
            key, day = self.seats.positions[code], int(days[positions == code].min())
            found.append(
                Finding(
                    "REPORTING_LOOP",
                    f"position {key}",
                    f"The reporting line above {key} comes back to itself on {day_text(day)}.",
                    "Credits below it roll up to nobody.",
                    "Correct who reports to whom on that day.",
                    about=(("position_key", key),),
                )
            )
        return found


def paid_by(seats: Seats, lines: Lines, plan: int) -> np.ndarray:
    """True for the lines whose holding the plan (its place in the list of plans) pays on their day."""
    paid = np.zeros(len(lines), dtype=bool)
    own = seats.paid.by(plan)
    for layer in sorted(set(own.layer.tolist())):
        rows = own.where(own.layer == layer)
        holding, start, end = rows.holding, rows.start, rows.end
        if len(distinct(holding)) < len(holding):
            paid |= Lookup.of(holding, start, end).rows_on(lines.holding, lines.day) >= 0
            continue
        first, last = (np.full(len(seats.participant) + 1, FOREVER, dtype=np.int64) for _ in range(2))
        first[holding], last[holding] = start, end
        paid |= (lines.day >= first[lines.holding]) & (lines.day < last[lines.holding])
    return paid


def relevant_deals(
    deals: pd.DataFrame, plans: Sequence[Plan], policy: CreditDate, owner: DealOwner = DealOwner.NOW
) -> np.ndarray:
    """Deals that some rule of some plan would credit by a day and an owner."""
    relevant = np.zeros(len(deals), dtype=bool)
    for plan in plans:
        for measure in plan.measures:
            for rule in (each for each in measure.credit if (each.credit_date, each.owner) == (policy, owner)):
                mask, missing = conditions_hold(deals, rule.where)
                if not missing:
                    relevant |= mask
    return relevant
