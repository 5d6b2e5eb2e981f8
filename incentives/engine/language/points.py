"""Points of a curve: straight lines between them, nothing below the first, level after the last; two at one place are a step."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spm.core.exact import Exact, constant


@dataclass(frozen=True, slots=True)
class Points:
    """The points (at, value) of a curve in order; of two at one place the later holds from there on."""

    points: tuple[tuple[Fraction, Fraction], ...]


def on_curve(curve: Points, asked: Exact) -> Exact:
    """The height of the curve at every value that is asked."""
    length = len(asked)
    none = constant(0, length)

    def reached(at: Fraction, height: Fraction) -> Exact:
        return constant(height, length).where(~constant(at, length).above(asked), none)

    total = reached(*curve.points[0])
    for (low, start), (high, end) in zip(curve.points, curve.points[1:], strict=False):
        if low == high:
            total = total.plus(reached(low, end - start))
        else:
            part = asked.at_most(constant(high, length)).minus(constant(low, length)).at_least(none)
            total = total.plus(part.times((end - start) / (high - low)))
    return total
