"""Why statements are disputed: how often, for how much, how long it took and how it ended, by cause and by period."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median_low
from typing import Any

from incentives.models import LIVE, DisputeReason, DisputeState
from incentives.selectors.disputes import age_days, dispute_rows
from planning.selectors import period_list
from spm.roles.policy import Viewer, visible


@dataclass(frozen=True)
class Money:
    """An amount in dispute, in one currency."""

    currency: str
    amount_minor: int


@dataclass(frozen=True)
class CauseRow:
    """The disputes of one cause or one period. Days are those to a decision, or waited so far; the middle one of all."""

    key: str
    label: str
    count: int
    live: int
    overdue: int
    accepted: int
    rejected: int
    withdrawn: int
    median_days: int
    amounts: tuple[Money, ...]
    without_amount: int

    @property
    def accepted_percent(self) -> int | None:
        """Give the share of the decided that were right, in whole percent; None where none is decided."""
        decided = self.accepted + self.rejected
        return (self.accepted * 200 + decided) // (decided * 2) if decided else None


def dispute_causes(viewer: Viewer, *, period_key: str = "") -> list[CauseRow]:
    """Give the disputes within reach by cause, the most frequent first; of one period where it is given.

    Until a dispute is decided, what its raiser named stands for the cause.
    """
    rows = _rows(viewer, period_key)
    labels = dict(DisputeReason.choices)
    groups = _grouped(rows, lambda one: one.cause or one.reason)
    found = [_row(key, str(labels[key]), some, viewer.on) for key, some in groups.items()]
    return sorted(found, key=lambda row: (-row.count, row.label))


def dispute_periods(viewer: Viewer) -> list[CauseRow]:
    """Give the disputes within reach by the period of their statement, the latest first."""
    groups = _grouped(_rows(viewer, ""), lambda one: one.period.key)
    starts = {one.key: one.during.lower for one in period_list().filter(key__in=groups)}
    found = [_row(key, key, some, viewer.on) for key, some in groups.items()]
    return sorted(found, key=lambda row: (starts[row.key], row.key), reverse=True)


def dispute_total(viewer: Viewer, *, period_key: str = "") -> CauseRow:
    """Give all disputes within reach in one row."""
    return _row("", "", _rows(viewer, period_key), viewer.on)


def _rows(viewer: Viewer, period_key: str) -> list[Any]:
    rows = visible(viewer, dispute_rows(viewer.on))
    return list(rows.filter(period__key=period_key) if period_key else rows)


def _grouped(rows: Iterable[Any], key_of: Any) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for one in rows:
        groups[key_of(one)].append(one)
    return groups


def _row(key: str, label: str, rows: list[Any], on: date) -> CauseRow:
    states = Counter(one.state for one in rows)
    sums: Counter[str] = Counter()
    for one in rows:
        if one.amount_minor is not None:
            sums[one.currency] += one.amount_minor
    return CauseRow(
        key=key,
        label=label,
        count=len(rows),
        live=sum(states[each] for each in LIVE),
        overdue=sum(one.is_overdue for one in rows),
        accepted=states[DisputeState.ACCEPTED],
        rejected=states[DisputeState.REJECTED],
        withdrawn=states[DisputeState.WITHDRAWN],
        median_days=median_low([age_days(one, on) for one in rows]) if rows else 0,
        amounts=tuple(Money(currency, sums[currency]) for currency in sorted(sums)),
        without_amount=sum(one.amount_minor is None for one in rows),
    )
