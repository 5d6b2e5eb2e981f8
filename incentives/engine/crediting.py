"""From deals to credits: who receives how much of which deal, by which rule, on the day that the plan says.

Direct credit goes to the owner, or by the revenue split where the deal has one; roll-up credit goes up the reporting line of
the credit date. Parts of one deal sum to it: the residue goes to the largest remainder, ties by participant key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from incentives.engine.assigning import Seats, codes_of
from incentives.engine.conditions import conditions_hold
from incentives.engine.contracts import NOT_CREDITED, Facts
from incentives.engine.plan import CreditRule, Plan
from incentives.engine.words import CreditDate, CreditKind, DuplicatePolicy, Levels
from spm.core.dated import Lookup, day_text
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE, multiply_columns, round_columns

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


@dataclass(frozen=True)
class Lines:
    """Candidate credits as columns: the deal (row number), the holding that receives it, whose deal it was (participant code),
    day, share at RATE_SCALE, the direct line (row number) it comes from, and a working row number."""

    deal: np.ndarray
    holding: np.ndarray
    origin: np.ndarray
    day: np.ndarray
    share: np.ndarray
    base: np.ndarray
    row: np.ndarray

    def __len__(self) -> int:
        return len(self.deal)

    def take(self, rows: np.ndarray) -> Lines:
        """Some of the lines."""
        return Lines(*(getattr(self, each.name)[rows] for each in fields(self)))


def joined(parts: Sequence[Lines]) -> Lines:
    """Lines one after another."""
    return Lines(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Lines)))


@dataclass(frozen=True)
class Crediting:
    """What crediting needs to know of admitted facts; made once per calculation."""

    facts: Facts
    seats: Seats
    people: Lookup
    places: Lookup
    reporting: Lookup
    manager: np.ndarray

    @classmethod
    def of(cls, facts: Facts, seats: Seats) -> Crediting:
        """Prepares the lookups."""
        lines = facts.reporting
        assert lines is not None
        lines = lines.sort_values(["position_key", "from_on", "manager_position_key"], kind="stable", ignore_index=True)
        below = codes_of(seats.positions, lines["position_key"])
        lookup = Lookup.of(below, lines["from_on"].to_numpy(np.int64), lines["until_on"].to_numpy(np.int64))
        above = codes_of(seats.positions, lines["manager_position_key"])
        return cls(facts, seats, seats.by_participant(), seats.by_position(), lookup, above)

    def days(self, policy: CreditDate) -> np.ndarray | None:
        """The credit day of every deal under a policy, None when the facts do not have the column."""
        name = DATE_COLUMNS[policy]
        return self.facts.deals[name].to_numpy(np.int64) if name in self.facts.deals.columns else None

    def direct(self, days: np.ndarray) -> Lines:
        """Revenue credit of every deal: the owner's, or the revenue split's where the deal has one."""
        deals = self.facts.deals
        split = self._splits(days, overlay=False)
        has_split = np.zeros(len(deals), dtype=bool)
        has_split[split.deal] = True
        owner = codes_of(self.seats.participants, deals["owner_key"])
        rows = np.flatnonzero(~has_split & (days != NOT_CREDITED) & deals["owner_key"].notna().to_numpy())
        share = np.full(len(rows), RATE_SCALE, dtype=np.int64)
        whole = Lines(rows, self.people.rows_on(owner[rows], days[rows]), owner[rows], days[rows], share, rows, rows)
        lines = joined([whole, split]) if len(split) else whole
        return replace(lines, base=np.arange(len(lines)))

    def overlay(self, days: np.ndarray) -> Lines:
        """Overlay credit: the shares that stand beside the revenue split."""
        return self._splits(days, overlay=True)

    def _splits(self, days: np.ndarray, *, overlay: bool) -> Lines:
        splits = self.facts.splits
        assert splits is not None
        types = (
            splits["credit_type"]
            if "credit_type" in splits.columns
            else pd.Series(None, index=splits.index, dtype=object)
        )
        chosen = splits[(types == OVERLAY).to_numpy() == overlay]
        deal = codes_of(pd.Index(self.facts.deals["deal_key"]), chosen["deal_key"])
        person = codes_of(self.seats.participants, chosen["participant_key"])
        share = chosen["share"].to_numpy(np.int64)
        kept = (
            np.flatnonzero((deal >= 0) & (days[np.maximum(deal, 0)] != NOT_CREDITED))
            if len(days)
            else np.array([], np.int64)
        )
        kept = kept[np.lexsort((person[kept], deal[kept]))]
        deal, person, share = deal[kept], person[kept], share[kept]
        return Lines(
            deal, self.people.rows_on(person, days[deal]), person, days[deal], share, np.arange(len(deal)), deal
        )

    def rolled_over(self, direct: Lines, rule: CreditRule) -> Lines:
        """The direct credits as received by those who stand in the named relationship to the credited person on that day."""
        relations = self.facts.relations
        assert relations is not None
        rows = relations[(relations["relation"] == rule.relation).to_numpy()]
        pairs = pd.DataFrame(
            {
                "giver": codes_of(self.seats.participants, rows["participant_key"]),
                "taker": codes_of(self.seats.participants, rows["related_key"]),
                "start": rows["from_on"].to_numpy(np.int64),
                "end": rows["until_on"].to_numpy(np.int64),
            }
        )
        asked = pd.DataFrame({"row": np.arange(len(direct)), "giver": direct.origin, "day": direct.day})
        met = (
            asked[asked["giver"] >= 0]
            .merge(pairs, on="giver")
            .query("start <= day < end")
            .sort_values(["row", "taker"])
        )
        part = direct.take(met["row"].to_numpy(np.int64))
        return replace(part, holding=self.people.rows_on(met["taker"].to_numpy(np.int64), part.day))

    def rolled_up(self, direct: Lines, rule: CreditRule) -> tuple[Lines, list[Finding]]:
        """The direct credits as seen by the managers of the day: one line per manager on the way up.

        Credits under a reporting line that loops reach nobody; the loop is a finding.
        """
        seated = direct.take(np.flatnonzero(direct.holding >= 0))
        start = self.seats.position[seated.holding]
        position, rows = start.copy(), np.arange(len(seated))
        looping = np.zeros(len(seated), dtype=bool)
        parts: list[Lines] = []
        for _ in range(DEEPEST if rule.levels == Levels.SUBTREE else 1):
            rows, up = self._above(position, rows, seated.day)
            looping[rows[up == start[rows]]] = True
            rows, up = rows[up != start[rows]], up[up != start[rows]]
            position[rows] = up
            holding = self.places.rows_on(up, seated.day[rows])
            parts.append(replace(seated.take(rows), holding=holding, row=rows))
            if not len(rows):
                break
        else:
            if rule.levels == Levels.SUBTREE:
                looping[rows] = True
        found = joined(parts)
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


def share_amounts(lines: Lines, amounts: np.ndarray, rule: CreditRule) -> np.ndarray:
    """Credit in minor units of direct lines: amount × credit rate of the rule, then shared so that the parts of a deal sum to it.

    Overlay shares stand alone and are rounded alone.
    """
    whole = whole_credit(lines, amounts, rule)
    if (lines.share == RATE_SCALE).all():
        return whole
    if rule.kind == CreditKind.OVERLAY:
        return round_columns(multiply_columns(whole, lines.share), RATE_SCALE)
    return _largest_remainder(lines, whole)


def whole_credit(lines: Lines, amounts: np.ndarray, rule: CreditRule) -> np.ndarray:
    """The full credit of each line's deal: amount × credit rate of the rule."""
    whole = amounts[lines.deal]
    if rule.cap is not None:
        whole = np.clip(whole, -rule.cap, rule.cap)
    if rule.share == 1:
        return whole
    return round_columns(multiply_columns(whole, rule.share.numerator), rule.share.denominator)


def _largest_remainder(lines: Lines, whole: np.ndarray) -> np.ndarray:
    exact = multiply_columns(np.abs(whole), lines.share)
    part, rest = exact // RATE_SCALE, exact % RATE_SCALE
    order = np.lexsort((lines.origin, -rest.astype(np.int64), lines.deal))
    deal = lines.deal[order]
    first = np.concatenate([[True], deal[1:] != deal[:-1]])
    starts = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    rank = np.arange(len(order)) - starts[group]
    left = np.add.reduceat(rest[order].astype(np.int64), starts) // RATE_SCALE
    part = part.astype(np.int64)
    part[order] += rank < left[group]
    return np.where(whole < 0, -part, part)


def deduplicated(
    lines: Lines, amounts: np.ndarray, person: np.ndarray, rule: CreditRule, whole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which roll-up lines stay and with which amount under the duplicate policy; `whole` is the full credit of each line's deal."""
    rows = np.arange(len(lines))
    if rule.kind != CreditKind.ROLLUP or rule.duplicates == DuplicatePolicy.SUM:
        return rows, amounts
    order = np.lexsort((lines.origin, -np.abs(amounts), person, lines.deal))
    deal, who = lines.deal[order], person[order]
    first = np.concatenate([[True], (deal[1:] != deal[:-1]) | (who[1:] != who[:-1])])[: len(order)]
    kept = np.sort(order[first])
    return kept, (amounts if rule.duplicates == DuplicatePolicy.MAX else whole)[kept]


def unseated(direct: Lines, relevant: np.ndarray, facts: Facts, window: tuple[int, int]) -> list[Finding]:
    """Owners of deals inside the window who hold no position on the credit date: their deals credit nobody."""
    lost = (direct.holding < 0) & relevant[direct.deal] & (direct.day >= window[0]) & (direct.day < window[1])
    if not lost.any():
        return []
    deals = facts.deals.iloc[direct.deal[lost]]
    frame = pd.DataFrame(
        {"owner": deals["owner_key"].to_numpy(), "deal": deals["source_key"].to_numpy(), "day": direct.day[lost]}
    )
    found = []
    for owner, rows in frame.groupby("owner", sort=True):
        first = rows.sort_values(["day", "deal"]).iloc[0]
        found.append(
            Finding(
                "OWNER_WITHOUT_POSITION",
                f"participant {owner}",
                f"{owner} owns {len(rows)} deal(s) and holds no position on the credit date, first {first['deal']}, "
                f"{day_text(int(first['day']))}.",
                "These deals credit nobody.",
                "Date the position back, or correct the owner.",
                about=(("participant_key", owner),),
            )
        )
    return found


def plans_of_lines(seats: Seats, lines: Lines) -> list[np.ndarray]:
    """Per layer, the place of the plan that pays each line's holding on its day, -1 for none."""
    found = []
    for _, rows in seats.paid.groupby("layer", sort=True):
        lookup = Lookup.of(rows["holding"].to_numpy(), rows["start"].to_numpy(), rows["end"].to_numpy())
        row = lookup.rows_on(lines.holding, lines.day)
        plan = rows["plan"].to_numpy()
        found.append(np.where(row >= 0, plan[np.maximum(row, 0)], -1))
    return found


def relevant_deals(deals: pd.DataFrame, plans: Sequence[Plan]) -> np.ndarray:
    """Deals that some rule of some plan would credit."""
    relevant = np.zeros(len(deals), dtype=bool)
    for plan in plans:
        for measure in plan.measures:
            for rule in measure.credit:
                mask, missing = conditions_hold(deals, rule.where)
                if not missing:
                    relevant |= mask
    return relevant
