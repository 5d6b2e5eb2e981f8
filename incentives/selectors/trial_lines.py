"""Which lines of two plans are held against each other in a trial: those of one key, else those of one name."""

from collections.abc import Container, Iterable, Mapping, Sequence

from incentives.engine.plan import PLAN_CAP, PLAN_FLOOR, Bounds, Plan

Line = tuple[str, str]
"""A person and a component."""


def lines_paired(live: Iterable[Plan], draft: Plan) -> dict[str, str]:
    """Give, by key of a live component, the draft's component of the same name, where neither plan has the other's key.

    A name that one plan has twice pairs nothing: it is open which of them is meant.
    """
    found: dict[str, str] = {}
    mine = {component.key for component in draft.components}
    for plan in live:
        theirs = {component.key for component in plan.components}
        drafts, lives = _by_name(draft, without=theirs), _by_name(plan, without=mine)
        found |= {lives[name]: drafts[name] for name in lives.keys() & drafts.keys()}
    return found


def _by_name(plan: Plan, *, without: Container[str]) -> dict[str, str]:
    """The keys of the components by their names, of names that stand once."""
    names = [component.name.casefold() for component in plan.components]
    return {
        name: component.key
        for name, component in zip(names, plan.components, strict=True)
        if names.count(name) == 1 and component.key not in without
    }


def sums_paired(sums: Mapping[Line, int], pairs: Mapping[str, str]) -> dict[Line, int]:
    """Give sums by the draft's keys."""
    found: dict[Line, int] = {}
    for (person, component), amount in sums.items():
        line = person, pairs.get(component, component)
        found[line] = found.get(line, 0) + amount
    return found


def limits_of(plans: Sequence[Plan]) -> set[str]:
    """Give the keys of the limits that plans have as a whole. One that is not reached changes nothing: it is a line of 0."""
    bounds = ((PLAN_CAP, plan.cap) for plan in plans), ((PLAN_FLOOR, plan.floor) for plan in plans)
    return {key for pairs in bounds for key, bound in pairs if bound != Bounds()}
