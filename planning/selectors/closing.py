"""Which periods take no more quotas. Whoever keeps the books of periods says so here; planning asks, and knows no books."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

Closed = Callable[[Iterable[UUID]], Mapping[UUID, str]]
"""Gives of some periods those that are closed, each with the word for where it stands."""

_KEEPERS: list[Closed] = []


def closed_told_by(keeper: Closed) -> None:
    """Let a keeper of books say which periods are closed."""
    if keeper not in _KEEPERS:
        _KEEPERS.append(keeper)


def closed_periods(period_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give of the periods those that are closed, each with the word for where it stands."""
    asked = list(period_ids)
    return {period: word for keeper in _KEEPERS for period, word in keeper(asked).items()}
