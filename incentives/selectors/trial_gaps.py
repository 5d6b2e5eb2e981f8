"""The lines of pay that a calculation had to leave out: unknown amounts, which a comparison must not take for nothing."""

from collections.abc import Container, Iterable, Iterator

import numpy as np

from incentives.engine.run import PlanResult, limits_of


def uncalculated(computed: Iterable[PlanResult], keys: Container[str], period_key: str) -> set[tuple[str, str]]:
    """Give person and component of the paid lines of these plans that could not be calculated in the period.

    Where only the floor of the whole plan is unknown, because of an earlier period of its year, its line is given.
    """
    found = set()
    for result in computed:
        if result.plan.key in keys:
            here = result.cells.windows.keys[result.cells.period] == period_key
            for component, blocked in _blocked(result):
                people = result.cells.names[result.cells.participant[blocked & here]]
                found |= {(str(person), component) for person in people}
    return found


def is_anybody_paid(result: PlanResult, period_key: str) -> bool:
    """Tell whether a plan has pay of anybody in the period that could be calculated."""
    here = result.cells.windows.keys[result.cells.period] == period_key
    known = np.zeros(len(result.cells), dtype=bool)
    for one in result.earned:
        if one.component.paid:
            known |= ~one.blocked
    return bool((known & here).any())


def _blocked(result: PlanResult) -> Iterator[tuple[str, np.ndarray]]:
    some = np.zeros(len(result.cells), dtype=bool)
    for one in result.earned:
        if one.component.paid:
            some |= one.blocked
            yield one.component.key, one.blocked
    for limit in limits_of(result):
        yield limit.key, limit.blocked & ~some
