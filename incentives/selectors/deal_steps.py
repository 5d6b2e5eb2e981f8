"""The deals that two runs read otherwise, one after another in the place of what the earlier run read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from incentives.selectors.facts import Inputs, texts_of

DEALS_ALONE = 20
"""So many changed deals are taken one by one, the others together."""


Pair = tuple[str, dict[str, str] | None, dict[str, str] | None]


@dataclass(frozen=True)
class Step:
    """Deals that take the place of the earlier ones: the whole frame after it, and key, row before and row after of each."""

    content: bytes
    rows: tuple[Pair, ...]


@dataclass(frozen=True)
class Changed:
    """The deals that two runs read otherwise, those told one by one and the others; `old` is what the earlier run read of all."""

    old: Mapping[str, dict[str, str]]
    columns: list[str]
    alone: list[Pair]
    others: list[Pair]

    def steps(self) -> Iterator[Step]:
        """Give one after another in the place of what the earlier run read, the others together in the end."""
        present = dict(self.old)
        for rows in [*([pair] for pair in self.alone), self.others]:
            for key, _, row in rows:
                if row is None:
                    del present[key]
                else:
                    present[key] = row
            if rows:
                yield Step(_written(present, self.columns), tuple(rows))


def deals_changed(before: Inputs, after: Inputs, own: Collection[str]) -> Changed:
    """Give the changed deals, those credited to the person at hand first, then those that changed most.

    A column that only one of the runs read (the sale that is taken back, since a first credit note) is empty in the other, and no change.
    """
    columns = list(dict.fromkeys([*_header(before), *_header(after)]))
    old, new = (_texts(inputs.frames["deals"], columns) for inputs in (before, after))
    pairs = [(key, old.get(key), new.get(key)) for key in sorted(old.keys() | new.keys())]
    changed = sorted(
        (pair for pair in pairs if pair[1] != pair[2]),
        key=lambda pair: (pair[0] not in own, -_weight(pair[1], pair[2]), pair[0]),
    )
    return Changed(old, columns, changed[:DEALS_ALONE], changed[DEALS_ALONE:])


def _weight(old: dict[str, str] | None, new: dict[str, str] | None) -> int:
    return abs(int(new["amount_minor"]) if new else 0) + abs(int(old["amount_minor"]) if old else 0)


def _header(inputs: Inputs) -> list[str]:
    return list(texts_of(inputs.frames["deals"]).columns)


def _texts(content: bytes, columns: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """The rows of a frame as text, by deal; columns that it lacks are empty."""
    rows, lacking = texts_of(content).to_dict("records"), dict.fromkeys(columns, "")
    return {row["deal_key"]: lacking | {str(name): text for name, text in row.items()} for row in rows}


def _written(rows: dict[str, dict[str, str]], columns: Sequence[str]) -> bytes:
    """The frame as text again, in the order in which facts are read: by source key, then key."""
    ordered = sorted(rows.values(), key=lambda row: (row["source_key"].encode(), row["deal_key"]))
    frame = pd.DataFrame(ordered, columns=list(columns), dtype="str")
    return frame.to_csv(index=False, lineterminator="\n").encode()


def deals_only(inputs: Inputs, deals: frozenset[str]) -> Inputs:
    kept = {key: row for key, row in _texts(inputs.frames["deals"]).items() if key in deals}
    return replace(inputs, frames={**inputs.frames, "deals": _written(kept, _header(inputs))})
