"""A plan as if some returns had not come. A component that takes returns back itself reads measures and earlier components so: what these
returns take of the others is in what they take of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from incentives.engine.measuring import Measured, held_against, sum_by, summed_since
from incentives.engine.plan import Component
from incentives.engine.returning import sale_rows
from incentives.engine.room import Room
from spm.core.findings import Finding

MOST = 64
"""So many sets of returns of one plan are left out: components that build on each other and credit otherwise have sets of their own."""


def without(room: Room, returns: np.ndarray) -> Room | None:
    """The room without these returns and those that it lacks already, nothing of it earned yet; None where there are too many such."""
    left_out = np.union1d(room.left_out, returns)
    key = left_out.tobytes()
    if key not in room.without:
        if len(room.without) == MOST:
            return None
        measured = held_against({name: _without(each, room, returns) for name, each in room.measured.items()})
        room.without[key] = replace(
            room, measured=measured, totals={}, blocked={}, earned={}, findings=[], left_out=left_out
        )
    return room.without[key]


def _without(of: Measured, room: Room, returns: np.ndarray) -> Measured:
    """A measure without some returns. Those at the original rate count for attainment alone, where the measure says so: they stay."""
    rows = np.flatnonzero(~of.credited.reversal & (room.sold[of.credited.deal] >= 0))
    sales = sale_rows(of.credited, of.measure, room.sold, rows)
    gone = np.zeros(len(of.group), dtype=bool)
    gone[rows] = np.isin(room.returns(of, rows, sales), returns)
    if not gone.any():
        return of
    less = sum_by(of.group[gone], of.credited.value[gone], len(room.cells))
    value, rated = (summed_since(each.own - less, of.first, of.brought) for each in (of.value, of.rated))
    kept = np.flatnonzero(~gone)
    return replace(of, credited=of.credited.take(kept), group=of.group[kept], value=value, rated=rated)


def built_on(component: Component, room: Room) -> list[Component]:
    """The components that one builds on, and those that these build on, in order."""
    components = {each.key: each for each in room.cells.plan.components}
    found: set[str] = set()

    def add(names: tuple[str, ...]) -> None:
        for name in set(names) - found:
            found.add(name)
            add(components[name].pay.builds_on)

    add(component.pay.builds_on)
    return [each for key, each in components.items() if key in found]


def reads_others(component: Component) -> bool:
    """True when a component builds on others, or its formula on other measures."""
    formula = component.pay.formula
    measures = set() if formula is None else {*formula.measures} - {component.measure.key}
    return bool(component.pay.builds_on or measures)


def unreadable(component: Component, room: Room) -> Room:
    """A room in which nothing that a component reads is known."""
    plan, key = room.cells.plan, component.key
    room.findings.append(
        Finding(
            "RETURNS_INTERLACED",
            f"{plan.name}, {component.name}",
            f"{component.name} builds on components that each take other returns back, in more than {MOST} ways.",
            f"Nobody was calculated by {component.name}.",
            "Let the components that build on each other credit the same deals.",
            about=(("plan_key", plan.key), ("component_key", key)),
        )
    )
    every, own = np.ones(len(room.cells), dtype=bool), component.measure.key
    blocked = {**room.blocked, **dict.fromkeys(component.pay.builds_on, every)}
    return replace(room, blocked=blocked, measured={**room.measured, own: replace(room.measured[own], blocked=every)})


def as_read(component: Component, room: Room, world: Room) -> Room:
    """What a component reads: the room without its returns, unknown also where it is unknown with them."""
    key = component.measure.key
    own = replace(room.measured[key], goal=world.measured[key].goal)
    blocked = {name: each | room.blocked[name] for name, each in world.blocked.items()}
    room.findings.extend(_told(component, room, world))
    measured = {**world.measured, key: own}
    return replace(world, measured=measured, blocked=blocked, findings=room.findings)


def _told(component: Component, room: Room, world: Room) -> Iterator[Finding]:
    """What can't be calculated only where the returns had not come, told of the component that asks."""
    for name in component.pay.builds_on:
        for row in np.flatnonzero(world.blocked[name] & ~room.blocked[name]).tolist():
            person, period = room.cells.participant[row], room.cells.period[row]
            about = {
                "participant_key": room.cells.names[person],
                "component_key": name,
                "period_key": room.cells.windows.keys[period],
            }
            for each in world.findings:
                if about.items() <= each.keys.items():
                    what = f"As if nothing had come back: {each.what}"
                    yield room.cells.finding(row, each.code, component.key, what, each.fix)
