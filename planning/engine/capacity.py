"""How much quota a team can carry month by month, and how many heads a target takes. Expected values; floats: nobody is paid by them.

Source: domain.md C8, capacity; the workload method is Talley 1961 as in Kotler, Marketing Management.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Role:
    """What one head of a role carries: quota by month (minor units), ramp by month in role (1 is full), and what is expected of it.

    `attrition` is the chance to leave in a month, `availability` the part of the time that is not leave.
    """

    name: str
    quota: tuple[int, ...]
    ramp: tuple[float, ...] = ()
    attainment: float = 1.0
    availability: float = 1.0
    attrition: float = 0.0


@dataclass(frozen=True)
class Group:
    """So many heads of a role who start in a month of the plan (0 is its first); `months_before` is how long they are in role then.

    `until` is the first month without them, for those of whom it is known that they leave.
    """

    role: str
    heads: int
    start: int = 0
    months_before: int = 0
    until: int | None = None


def capacity(roles: Sequence[Role], groups: Sequence[Group], months: int) -> np.ndarray:
    """The quota that can be carried, by role (rows) and month (columns), in the unit of the quotas.

    Raises ValueError for a group of a role that is not there, and a role whose quota has not as many months.

    >>> role = Role("AE", (150_000,), attainment=0.85)
    >>> new = Role("New AE", (150_000,), attainment=0.40)
    >>> float(capacity([role, new], [Group("AE", 7), Group("New AE", 3)], 1).sum())
    1072500.0
    """
    by_name = {role.name: row for row, role in enumerate(roles)}
    found = np.zeros((len(roles), months))
    for role in roles:
        if len(role.quota) != months:
            raise ValueError(
                f"{role.name} has a quota for {len(role.quota)} months; the plan has {months}. Give each month."
            )
    for group in groups:
        if group.role not in by_name:
            raise ValueError(f"The role {group.role} is not known. There are: {', '.join(sorted(by_name))}.")
        row = by_name[group.role]
        found[row] += group.heads * one_head(roles[row], group, months)
    return found


def one_head(role: Role, group: Group, months: int) -> np.ndarray:
    """What one head of the group is expected to carry in each month: 0 before it starts."""
    month = np.arange(months)
    served = month - group.start
    ramp = np.array([*role.ramp, 1.0])
    steps = np.clip(served + group.months_before, 0, len(ramp) - 1)
    stays = (1 - role.attrition) ** np.maximum(served, 0)
    carried = np.array(role.quota, dtype=float) * ramp[steps] * stays * role.attainment * role.availability
    is_there = (served >= 0) & (month < (months if group.until is None else group.until))
    return np.where(is_there, carried, 0.0)


def required_heads(role: Role, gap: float, start: int, months: int) -> int | None:
    """How many heads starting in a month carry a gap by the end of the plan; None where even a head carries nothing by then.

    >>> required_heads(Role("AE", (100,) * 12), 6_000, 6, 12)
    10
    """
    one = float(one_head(role, Group(role.name, 1, start), months).sum())
    return max(0, ceil(gap / one - 1e-9)) if one > 0 else None


def hires_by_start(role: Role, gap: float, months: int) -> list[int | None]:
    """How many heads close the gap, by the month in which all of them start: waiting costs heads."""
    return [required_heads(role, gap, start, months) for start in range(months)]


def workload_heads(classes: Mapping[str, tuple[int, int]], calls_per_head: int) -> tuple[int, int]:
    """The calls that classes of accounts take (accounts, calls of each) and the heads for them, rounded up.

    >>> workload_heads({"A": (1000, 36), "B": (2000, 12)}, 1000)
    (60000, 60)
    """
    calls = sum(accounts * each for accounts, each in classes.values())
    return calls, -(-calls // calls_per_head)


class Dice(Protocol):
    """What a simulation throws: the part of NumPy's generator that it needs. The caller states the seed."""

    def geometric(self, p: float, size: tuple[int, ...]) -> np.ndarray:
        """Throws until the first success, counted from 1."""

    def gamma(self, shape: float, scale: float, size: tuple[int, ...]) -> np.ndarray:
        """Values of a gamma distribution."""


@dataclass(frozen=True)
class Spread:
    """What a simulation found: the mean of the sum of all months, and the bounds below which 10, 50 and 90 of 100 trials lie.

    `low` and `high` are the bounds of 10 and 90 month by month.
    """

    mean: float
    p10: float
    p50: float
    p90: float
    reached: float | None
    """The share of trials that reach the target; None without one."""
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def simulate(
    roles: Sequence[Role],
    groups: Sequence[Group],
    months: int,
    *,
    deviations: Mapping[str, float],
    dice: Dice,
    trials: int = 2_000,
    target: float | None = None,
) -> Spread:
    """Try the plan many times: each head stays or leaves month by month, and attains by a gamma distribution around the role's mean.

    `deviations` are standard deviations of attainment by role, from history. Equal dice give equal answers.
    """
    by_name = {role.name: role for role in roles}
    found = np.zeros((trials, months))
    for group in groups:
        role = by_name[group.role]
        whole = one_head(_certain(role), group, months)
        served = _served(dice, role, (trials, group.heads))
        attained = _attained(dice, role.attainment, deviations.get(role.name, 0.0), (trials, group.heads))
        for month in np.flatnonzero(whole):
            stays = attained if served is None else attained * (month - group.start < served)
            found[:, month] += stays.sum(axis=1) * whole[month]
    totals = found.sum(axis=1)
    low, middle, high = (float(each) for each in np.quantile(totals, [0.1, 0.5, 0.9]))
    reached = None if target is None else float((totals >= target).mean())
    bounds = (tuple(row.tolist()) for row in np.quantile(found, [0.1, 0.9], axis=0))
    return Spread(float(totals.mean()), low, middle, high, reached, *bounds)


def _certain(role: Role) -> Role:
    """The role without chance: nobody leaves, everybody attains all."""
    return Role(role.name, role.quota, role.ramp, 1.0, role.availability, 0.0)


def _served(dice: Dice, role: Role, shape: tuple[int, int]) -> np.ndarray | None:
    """How many months each head is there, trials x heads; None where nobody leaves. Who starts is there in that month."""
    return dice.geometric(role.attrition, size=shape) if role.attrition > 0 else None


def _attained(dice: Dice, mean: float, deviation: float, shape: tuple[int, int]) -> np.ndarray:
    if deviation <= 0 or mean <= 0:
        return np.full(shape, mean)
    form = (mean / deviation) ** 2
    return dice.gamma(form, mean / form, size=shape)
