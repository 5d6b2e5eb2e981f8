"""Reads the contest of a component: prizes by place, or a pot that those who take part share."""

from __future__ import annotations

from fractions import Fraction

from incentives.engine.plan import Contest, Measure
from incentives.engine.reading import Reader
from incentives.engine.tables import read_edge
from incentives.engine.words import PotShare, Rank, TierUnit, Ties


def read_contest(reader: Reader, measure: Measure, currency: str) -> Contest | None:
    """The contest of a component, None when it has none."""
    child = reader.child("contest")
    if child is None:
        return None
    pot = child.money("pot", currency)
    unit = TierUnit.ATTAINMENT if "%" in str(child.document.get("minimum", "")) else TierUnit.MEASURE
    minimum = read_edge(child, "minimum", unit, measure, currency)
    share = child.choice("share", PotShare, PotShare.EQUAL) if child.has("share") else None
    ties = child.choice("ties", Ties, Ties.SHARE)
    by = child.choice("by", Rank, Rank.MEASURE)
    prizes = _read_prizes(child, pot, currency)
    child.finish()
    if share is None:
        _check_prizes(child, prizes, pot)
        return Contest(prizes, minimum, ties, unit, by=by)
    _check_share(child, pot)
    return Contest((), minimum, ties, unit, pot or 0, share)


def _read_prizes(reader: Reader, pot: int | None, currency: str) -> tuple[Fraction, ...]:
    """Amounts, or with a pot shares of it."""
    raw = reader.value("prizes")
    prizes: list[Fraction] = []
    for value in raw if isinstance(raw, list) else [raw] if raw is not None else []:
        one = Reader({"prizes": value}, reader.path, reader.findings)
        if pot is None:
            prizes.append(Fraction(one.money("prizes", currency) or 0))
        else:
            prizes.append((one.rate("prizes") or Fraction(0)) * pot)
    return tuple(prizes)


def _check_prizes(reader: Reader, prizes: tuple[Fraction, ...], pot: int | None) -> None:
    if not prizes:
        fix = "Add prizes by place, or a pot with share: EQUAL or PROPORTIONAL."
        reader.find("CONTEST_WITHOUT_PRIZES", "The contest has no prizes.", fix, at="prizes")
    if pot is not None and sum(prizes) > pot:
        reader.find("CONTEST_POT", "The shares of the pot sum to more than 100 %.", "Correct prizes.", at="prizes")


def _check_share(reader: Reader, pot: int | None) -> None:
    """A pot is shared by all who take part or given by place, not both."""
    is_said = pot is None and reader.has("pot")
    if not is_said and (pot or 0) <= 0:
        what = "The contest shares a pot, and none above 0 is given."
        reader.find("CONTEST_POT", what, "Give pot an amount, for example 10000.", at="pot")
    for name in ("prizes", "ties", "by"):
        if reader.has(name):
            what = f"A pot that is shared has no places, so {name} would not be read."
            reader.find("FIELD_UNUSED", what, f"Remove {name}, or remove share.", at=name)
