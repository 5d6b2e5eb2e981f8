"""What a paper is made of: a head, blocks one below the other, a foot. Plain data, which the one template in templates/papers/ sets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Block = dict[str, Any]
WIDE, LEFT, RIGHT = "wide", "left", "right"


@dataclass(frozen=True)
class Paper:
    """One paper. `foot` names it on each page: what it is, its id, its digest."""

    title: str
    company: str
    purpose: str
    language: str
    foot: tuple[str, ...]
    blocks: tuple[Block, ...] = field(default=())
    size: str = "a4"
    page_word: str = "Page"
    of_word: str = "of"

    def as_data(self) -> dict[str, Any]:
        """Give it as the template reads it."""
        return {name.replace("_", "-"): value for name, value in asdict(self).items()}


def heading(text: str, level: int = 2) -> Block:
    """A heading, of a part (2) or of a part of a part (3)."""
    return {"kind": "heading", "text": text, "level": level}


def text(words: str, *, soft: bool = False) -> Block:
    """A paragraph; a soft one is an aside."""
    return {"kind": "text", "text": words, "soft": soft}


def items(texts: Sequence[str]) -> Block:
    """A list of sentences."""
    return {"kind": "list", "items": list(texts)}


def note(title: str, words: str = "") -> Block:
    """What must not be missed."""
    return {"kind": "note", "title": title, "text": words}


def pairs(rows: Sequence[tuple[str, str]]) -> Block:
    """Names with their values."""
    return {"kind": "pairs", "rows": [list(row) for row in rows]}


def figures(rows: Sequence[tuple[str, str, str]]) -> Block:
    """The few figures that matter, side by side: name, value, what it means."""
    return {"kind": "figures", "rows": [list(row) for row in rows]}


def table(
    columns: Sequence[str], aligns: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str] = ()
) -> Block:
    """A table with a head that repeats on each page, and a row of totals where there is one."""
    cells = [list(row) for row in rows]
    return {"kind": "table", "columns": list(columns), "aligns": list(aligns), "rows": cells, "total": list(total)}
