"""A team's plan as capacity takes it, changed factor by factor: what each of them does to the range that the team can carry.

Source: domain.md C8, capacity. Expected values; floats: nobody is paid by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from planning.engine.capacity import Dice, Group, Role, Spread, simulate

MONTHS = 12
MOST_TRIALS, FEWEST_TRIALS, THROWS = 2_000, 100, 500_000
STEP = 0.1


@dataclass(frozen=True)
class Team:
    """Roles, the heads who are there, and those who are to be hired. `deviations` are standard deviations of attainment by role."""

    roles: tuple[Role, ...]
    heads: tuple[Group, ...]
    hires: tuple[Group, ...]
    deviations: Mapping[str, float]

    @property
    def groups(self) -> tuple[Group, ...]:
        """All heads, there and to come."""
        return self.heads + self.hires

    @property
    def trials(self) -> int:
        """How many times a simulation tries the plan: 2,000, fewer for more than 250 heads."""
        heads = sum(group.heads for group in self.groups)
        return max(FEWEST_TRIALS, min(MOST_TRIALS, THROWS // max(1, heads)))


@dataclass(frozen=True)
class Tweak:
    """A change of every role at once. Shares are relative: 0.1 is a tenth more. Months of ramp and of hires are later where above 0."""

    quota: float = 0.0
    attainment: float = 0.0
    attrition: float = 0.0
    availability: float = 0.0
    ramp_months: int = 0
    hire_months: int = 0


@dataclass(frozen=True)
class Effect:
    """What one factor does: the range with a step less and with a step more of it."""

    factor: str
    less: Spread
    more: Spread


def tweaked(team: Team, tweak: Tweak) -> Team:
    """The team with the change.

    >>> ramped = Team((Role("AE", (100,) * 12, ramp=(0.5,)),), (), (Group("AE", 1, start=11),), {})
    >>> later = tweaked(ramped, Tweak(ramp_months=1, hire_months=1))
    >>> later.roles[0].ramp, later.hires
    ((0.5, 0.5), ())
    """
    roles = tuple(_role(role, tweak) for role in team.roles)
    moved = (replace(group, start=max(0, group.start + tweak.hire_months)) for group in team.hires)
    return Team(roles, team.heads, tuple(group for group in moved if group.start < MONTHS), team.deviations)


def _role(role: Role, tweak: Tweak) -> Role:
    return replace(
        role,
        quota=tuple(round(value * (1 + tweak.quota)) for value in role.quota),
        ramp=_ramp(role.ramp, tweak.ramp_months),
        attainment=max(0.0, role.attainment * (1 + tweak.attainment)),
        attrition=min(1.0, max(0.0, role.attrition * (1 + tweak.attrition))),
        availability=min(1.0, max(0.0, role.availability * (1 + tweak.availability))),
    )


def _ramp(ramp: tuple[float, ...], months: int) -> tuple[float, ...]:
    """A longer ramp stays longer on its first step, a shorter one leaves out its first steps."""
    if months <= 0:
        return ramp[-months:]
    return (ramp[0] if ramp else 0.0,) * months + ramp


FACTORS: dict[str, Callable[[int], Tweak]] = {
    "quota": lambda sign: Tweak(quota=sign * STEP),
    "attainment": lambda sign: Tweak(attainment=sign * STEP),
    "attrition": lambda sign: Tweak(attrition=sign * STEP),
    "availability": lambda sign: Tweak(availability=sign * STEP),
    "ramp_months": lambda sign: Tweak(ramp_months=sign),
    "hire_months": lambda sign: Tweak(hire_months=sign),
}
"""One step of each factor: a tenth of it, or a month."""


def tried(team: Team, dice: Dice, target: float | None = None) -> Spread:
    """Simulate the team's year."""
    return simulate(
        team.roles, team.groups, MONTHS, deviations=team.deviations, dice=dice, trials=team.trials, target=target
    )


def effects(team: Team, dice: Callable[[], Dice], target: float | None = None) -> Sequence[Effect]:
    """What each factor does by itself. `dice` gives fresh ones of one seed, so that only the factor differs."""
    return [
        Effect(name, *(tried(tweaked(team, step(sign)), dice(), target) for sign in (-1, 1)))
        for name, step in FACTORS.items()
    ]
