"""The roll-forward: opening and what moved it give the closing, in sum and for the current and the non-current part."""

from collections.abc import Mapping
from dataclasses import dataclass

from incentives.engine.expense.words import BALANCE_KINDS, EntryKind


@dataclass(frozen=True, slots=True)
class Roll:
    """A balance over a period, minor units; expensed amounts are positive. `reclassified` moves from one part to the other."""

    opening: int = 0
    added: int = 0
    clawed_back: int = 0
    amortised: int = 0
    impaired: int = 0
    written_off: int = 0
    reclassified: int = 0

    @property
    def closing(self) -> int:
        """Give what stands at the end."""
        expensed = self.amortised + self.impaired + self.written_off
        return self.opening + self.added - self.clawed_back - expensed + self.reclassified

    def plus(self, other: "Roll") -> "Roll":
        """Give two parts as one."""
        return Roll(*(getattr(self, name) + getattr(other, name) for name in Roll.__slots__))


@dataclass(frozen=True, slots=True)
class RollForward:
    """A balance in its two parts: what is expensed within a year of the close, and later."""

    current: Roll
    non_current: Roll

    @property
    def total(self) -> Roll:
        """Give both parts together; what moves between them adds up to nothing."""
        return self.current.plus(self.non_current)


def roll(opening: int, moved: Mapping[str, int]) -> Roll:
    """Give the roll-forward of entries, summed by kind, each the change of the balance."""
    by_kind = {kind: moved.get(kind, 0) for kind in BALANCE_KINDS}
    return Roll(
        opening=opening,
        added=by_kind[EntryKind.ADDED],
        clawed_back=-by_kind[EntryKind.CLAWED_BACK],
        amortised=-by_kind[EntryKind.AMORTISED],
        impaired=-by_kind[EntryKind.IMPAIRED],
        written_off=-by_kind[EntryKind.WRITTEN_OFF],
    )


def in_parts(whole: Roll, *, opening_non_current: int, closing_non_current: int) -> RollForward:
    """Split a roll-forward: all that moves is shown in the current part, and what the non-current part changes by is reclassified."""
    moved = closing_non_current - opening_non_current
    later = Roll(opening=opening_non_current, reclassified=moved)
    names = [name for name in Roll.__slots__ if name not in ("opening", "reclassified")]
    now = Roll(
        opening=whole.opening - opening_non_current,
        reclassified=-moved,
        **{name: getattr(whole, name) for name in names},
    )
    return RollForward(current=now, non_current=later)
