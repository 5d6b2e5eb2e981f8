"""What everybody would be paid in scenarios of open deals: each is won or not, and every scenario is priced as a run prices it.

The deals are credited once, as if all were won, so that splits, roll-ups and days count. A scenario takes from the sums of person and
period what its lost deals bring, and the plan prices what is left: tiers, caps and gates come to the same cents as `compute` without
these deals. A plan that totals don't tell (deals rated alone, returns at the rate of their sale) is computed in full, once for each
distinct scenario. Which deals are won comes from the caller, who states the seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from incentives.engine.contracts import Facts
from incentives.engine.plan import Plan
from incentives.engine.resampling import ROWS, Stage
from incentives.engine.run import PlanResult, Result, compute, limits_of
from incentives.engine.whatif import Way, totals_suffice
from spm.core.money import INT64_MAX

IN_FULL = 100
"""At most so many different scenarios are computed in full."""


@dataclass(frozen=True)
class Scenarios:
    """What people earn in a period by scenario: `amounts` is scenarios × `payees` (person and currency), minor units.

    The first scenarios were priced where computing in full takes too long for all. `unknown` are payees of whom something can't be
    calculated, with the reason; they have no column. `unplanned` are sellers on no plan, with what they have. `ways` tells how each plan
    was priced; `failed` why nothing could be calculated at all.
    """

    payees: tuple[tuple[str, str], ...]
    amounts: np.ndarray
    unknown: dict[tuple[str, str], str]
    unplanned: dict[str, str]
    ways: dict[str, Way]
    failed: str = ""


def price_scenarios(
    facts: Facts, plans: Sequence[Plan], deals: Sequence[object], won: np.ndarray, *, period_key: str
) -> Scenarios:
    """Price scenarios of the period: `won` is scenarios × `deals` (their keys), and `facts` hold all of them as won.

    Raises OverflowError where the sums of a scenario could leave 64 bits.
    """
    result = compute(facts, plans)
    others = frozenset(each.plan.key for each in result.computed if not totals_tell(each))
    won = _in_full(won) if others else won
    sums = _Sums(len(won), _unknown(result, period_key))
    for each in result.computed:
        if each.plan.key not in others:
            sums.add_plan(each, _by_totals(each, deals, won), period_key)
    if others:
        sums.add_in_full(facts, plans, deals, won, others, period_key)
    payees = tuple(sorted(sums.found.keys() - sums.unknown.keys()))
    amounts = [sums.found[payee] for payee in payees]
    return Scenarios(
        payees,
        np.stack(amounts, axis=1) if amounts else np.zeros((len(won), 0), dtype=np.int64),
        sums.unknown,
        {
            str(each.keys["participant_key"]): each.message
            for each in result.unplanned
            if each.keys["period_key"] == period_key
        },
        {each.plan.key: Way.FULL if each.plan.key in others else Way.TOTALS for each in result.computed},
        "" if result.computed else next((each.message for each in result.findings), ""),
    )


def _in_full(won: np.ndarray) -> np.ndarray:
    """The scenarios before there are too many different ones to compute each in full."""
    seen: set[bytes] = set()
    for number, each in enumerate(won):
        seen.add(each.tobytes())
        if len(seen) > IN_FULL:
            return won[:number]
    return won


def totals_tell(result: PlanResult) -> bool:
    """True when the sums of person and period tell all that a plan pays."""
    return all(totals_suffice(one.component, one.own) for one in result.earned)


def without(facts: Facts, keys: Iterable[object]) -> Facts:
    """The facts without some deals."""
    gone = set(keys)

    def left(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[~frame["deal_key"].isin(gone)].reset_index(drop=True)

    splits = None if facts.splits is None else left(facts.splits)
    lines = None if facts.lines is None else left(facts.lines)
    return replace(facts, deals=left(facts.deals), lines=lines, splits=splits)


class _Sums:
    """What payees earn by scenario, summed plan by plan."""

    def __init__(self, scenarios: int, unknown: dict[tuple[str, str], str]) -> None:
        self.scenarios, self.unknown = scenarios, unknown
        self.found: dict[tuple[str, str], np.ndarray] = {}

    def of(self, payee: tuple[str, str]) -> np.ndarray:
        """The amounts of a payee; 0 in every scenario at first."""
        return self.found.setdefault(payee, np.zeros(self.scenarios, dtype=np.int64))

    def add_plan(self, result: PlanResult, parts: Iterator[tuple[slice, np.ndarray]], period_key: str) -> None:
        """Add what a plan pays, given for some scenarios at once."""
        cells = result.cells
        here = np.flatnonzero((cells.windows.keys[cells.period] == period_key) & ~cells.carried)
        columns = [self.of((str(cells.names[cells.participant[row]]), result.plan.currency)) for row in here]
        for rows, amounts in parts:
            for column, row in zip(columns, here, strict=True):
                column[rows] += amounts[:, row]

    def add_in_full(
        self,
        facts: Facts,
        plans: Sequence[Plan],
        deals: Sequence[object],
        won: np.ndarray,
        keys: frozenset[str],
        period_key: str,
    ) -> None:
        """Add what plans pay, computed once for each distinct scenario."""
        alike: dict[bytes, list[int]] = {}
        for number, each in enumerate(won):
            alike.setdefault(each.tobytes(), []).append(number)
        for numbers in alike.values():
            lost = [deals[deal] for deal in np.flatnonzero(~won[numbers[0]]).tolist()]
            result = compute(without(facts, lost), plans)
            self.unknown = {**_unknown(result, period_key), **self.unknown}
            earnings = result.earnings
            mine = earnings[earnings["plan_key"].isin(keys) & (earnings["period_key"] == period_key)]
            rows = zip(mine["participant_key"], mine["currency"], mine["earned_minor"], strict=True)
            for person, currency, amount in rows:
                self.of((str(person), str(currency)))[numbers] += amount


def _by_totals(result: PlanResult, deals: Sequence[object], won: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """What each group of a plan is paid, some scenarios at a time."""
    open_deals = _Open.of(result, deals)
    count = len(result.cells)
    size = max(1, ROWS // max(1, count))
    stages: dict[int, Stage] = {}
    for start in range(0, len(won), size):
        rows = slice(start, min(start + size, len(won)))
        number = rows.stop - start
        stage = stages.setdefault(number, stages.get(number) or Stage(result, number, None))
        yield rows, stage.pays(open_deals.totals(result, ~won[rows]))


@dataclass(frozen=True)
class _Open:
    """The credits of open deals by measure, sorted by group: which deal, what it brings, where groups begin, which they are."""

    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]

    @classmethod
    def of(cls, result: PlanResult, deals: Sequence[object]) -> _Open:
        place = pd.Index(list(deals)).get_indexer(pd.Index(result.room.deals["deal_key"]))
        parts = {}
        for key, measured in result.room.measured.items():
            deal = place[measured.credited.deal]
            rows = np.flatnonzero(deal >= 0)
            rows = rows[np.argsort(measured.group[rows], kind="stable")]
            group, value = measured.group[rows], measured.credited.value[rows]
            largest = int(np.abs(value).max(initial=0))
            if largest * max(1, len(value)) > INT64_MAX:
                raise OverflowError("The amounts of open deals could leave 64 bits. Check the amounts of these deals.")
            starts = np.flatnonzero(np.diff(group, prepend=-1))
            parts[key] = deal[rows], value, starts, group[starts]
        return cls(parts)

    def totals(self, result: PlanResult, lost: np.ndarray) -> dict[str, np.ndarray]:
        """The sums of every group in every scenario: those with all deals won, less the lost ones."""
        found = {}
        for key, (deal, value, starts, groups) in self.parts.items():
            less = np.zeros((len(lost), len(result.cells)), dtype=np.int64)
            if len(starts):
                less[:, groups] = np.add.reduceat(lost[:, deal] * value, starts, axis=1)
            measured = result.room.measured[key]
            found[f"rated {key}"] = measured.rated.own - less
            found[f"value {key}"] = measured.value.own - less
        return found


def _unknown(result: Result, period_key: str) -> dict[tuple[str, str], str]:
    """Payees of whom something could not be calculated, with what was found first of it."""
    why: dict[object, str] = {}
    for finding in result.findings:
        about = dict(finding.about)
        if finding.is_error and about.get("period_key", period_key) == period_key and "participant_key" in about:
            why.setdefault(str(about["participant_key"]), finding.message)
    found = {}
    for each in result.computed:
        here = each.cells.windows.keys[each.cells.period] == period_key
        blocked = np.zeros(len(each.cells), dtype=bool)
        for mask in [
            *(part.blocked for part in each.earned if part.component.paid),
            *(limit.blocked for limit in limits_of(each)),
        ]:
            blocked |= mask
        for person in each.cells.names[each.cells.participant[blocked & here]]:
            reason = f"Something of {each.plan.name} can't be calculated; the run of the period says what."
            found[str(person), each.plan.currency] = why.get(str(person), reason)
    return found


__all__ = ["Scenarios", "price_scenarios", "totals_tell", "without"]
