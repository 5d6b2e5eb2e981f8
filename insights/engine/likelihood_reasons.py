"""Why a deal is more or less likely to be won than the average one: by each thing that is known of it, and from how many past deals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from insights.engine.likelihood import Fitted, Looks

SMALLEST = 0.001
"""A reason that moves less is not worth telling."""

AGE, MONTH = "age", "month"


@dataclass(frozen=True)
class Reason:
    """What is known (`code` of a group; else the name in `value`), by how much it moves the likelihood, learned from how many deals."""

    what: str
    code: int
    value: str
    moves: float
    deals: int


def reasons(fitted: Fitted, learned: Looks, looks: Looks) -> list[list[Reason]]:
    """Give the reasons of each row, the strongest first: each is the likelihood less what it would be without, on a scale of 0 to 1."""
    effects, chance = fitted.effects(looks), fitted.chance(looks)
    odds = np.log(chance / (1 - chance))
    told: list[list[Reason]] = [[] for _ in chance]
    for what, columns, codes, values, deals in _things(fitted, learned, looks):
        moves = chance - 1 / (1 + np.exp(effects[:, columns].sum(axis=1) - odds))
        for row in np.flatnonzero(np.abs(moves) >= SMALLEST):
            code = int(codes[row])
            told[row].append(Reason(what, code, values.get(code, ""), float(moves[row]), deals.get(code, 0)))
    return [sorted(row, key=lambda one: (-abs(one.moves), one.what)) for row in told]


_Thing = tuple[str, list[int], np.ndarray, dict[int, str], dict[int, int]]


def _things(fitted: Fitted, learned: Looks, looks: Looks) -> Iterator[_Thing]:
    """Each thing with its columns, the code of each row, what codes of numbers mean, and past deals by code."""
    for name, codes in looks.groups.items():
        yield name, [fitted.names.index(name)], codes, {}, _deals(learned.deal, learned.groups[name])
    for what in (AGE, MONTH):
        names = [name for name in looks.numbers if name.startswith("month") == (what == MONTH)]
        now, then = (
            np.column_stack([each.numbers[name] for name in names]).argmax(axis=1) for each in (looks, learned)
        )
        yield (
            what,
            [fitted.names.index(name) for name in names],
            now,
            dict(enumerate(names)),
            _deals(learned.deal, then),
        )


def _deals(deal: np.ndarray, codes: np.ndarray) -> dict[int, int]:
    pairs = np.unique(np.column_stack([deal, codes]), axis=0)
    known, counts = np.unique(pairs[:, 1], return_counts=True)
    return {int(code): int(count) for code, count in zip(known, counts, strict=True)}
