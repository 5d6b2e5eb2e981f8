"""Whether pay buys performance, and whether it is fair: statistics over people of a period, pure and small-group aware.

Ranks, slopes and gaps are statistics of pay, never amounts that are paid; they are rounded to whole numbers at 10**8 at the end. What too
few people say is None: below `SMALLEST` nobody could tell a pattern from a person, and a person could be told from the figure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import median

from spm.core.money import RATE_SCALE, round_half_away

SMALLEST = 5
"""People below whom a group is not shown."""
FLAGGED = RATE_SCALE * 5 // 100
"""A gap in pay from which on it is flagged (at 10**8). Source: Directive (EU) 2023/970, article 10."""
BANDS = (0, 50, 80, 95, 105, 120, 150)
"""Lower edges of the bands of attainment, in percent; each ends where the next begins."""
NORMAL = 1.959964
"""How many standard errors a 95 % interval reaches."""


@dataclass(frozen=True)
class Person:
    """One person of a period: what they attained of the quota (at 10**8), earned (minor units) and which groups they belong to."""

    key: str
    attainment_rate: int
    earned_minor: int
    groups: Mapping[str, str]


def ranks(values: Sequence[int]) -> list[Fraction]:
    """Give the rank of each value from 1, ties sharing the mean of their ranks.

    >>> [str(rank) for rank in ranks([10, 20, 20, 40])]
    ['1', '5/2', '5/2', '4']
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [Fraction(0)] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = Fraction(start + 1 + end, 2)
        start = end
    return found


def rank_correlation(left: Sequence[int], right: Sequence[int]) -> int | None:
    """Give Spearman's rank correlation at 10**8; None for fewer than five people or where one side has one value only."""
    if len(left) < SMALLEST:
        return None
    one, other = ranks(left), ranks(right)
    mean = Fraction(len(left) + 1, 2)
    together = sum((a - mean) * (b - mean) for a, b in zip(one, other, strict=True))
    spread = sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in other)
    return round(float(together) / sqrt(float(spread)) * RATE_SCALE) if spread else None


@dataclass(frozen=True)
class Quarter:
    """A quarter of the people by attainment, lowest first; `slope_minor` is the pay that ten points more of attainment come with."""

    people: int
    low_rate: int
    high_rate: int
    median_earned_minor: int
    slope_minor: int | None


def by_quartile(people: Sequence[Person]) -> tuple[Quarter, ...]:
    """Give pay by quarter of attainment; none where a quarter would have fewer than five people."""
    if len(people) < 4 * SMALLEST:
        return ()
    ordered = sorted(people, key=lambda one: (one.attainment_rate, one.key))
    edges = [len(ordered) * place // 4 for place in range(5)]
    return tuple(_quarter(ordered[start:end]) for start, end in zip(edges, edges[1:], strict=False))


def _quarter(people: Sequence[Person]) -> Quarter:
    rates = [one.attainment_rate for one in people]
    slope = least_squares(rates, [one.earned_minor for one in people])
    tenth = None if slope is None else round_half_away(slope.numerator * RATE_SCALE, slope.denominator * 10)
    return Quarter(len(people), rates[0], rates[-1], middle([one.earned_minor for one in people]), tenth)


def least_squares(across: Sequence[int], up: Sequence[int]) -> Fraction | None:
    """Give the slope of the line of least squares, exactly; None where nothing differs across.

    >>> str(least_squares([1, 2, 3], [10, 30, 20]))
    '5'
    """
    count = len(across)
    spread = count * sum(x * x for x in across) - sum(across) ** 2
    together = count * sum(x * y for x, y in zip(across, up, strict=True)) - sum(across) * sum(up)
    return Fraction(together, spread) if spread else None


def middle(values: Sequence[int]) -> int:
    """Give the median, halves away from zero."""
    found = Fraction(median([Fraction(value) for value in values]))
    return round_half_away(found.numerator, found.denominator)


@dataclass(frozen=True)
class Health:
    """How attainment lies: people per band, and how many are at or over quota; none of it for fewer than five. Source: domain.md C8."""

    bands: tuple[tuple[int, int | None, int], ...]
    people: int
    reached: int | None
    median_rate: int | None

    @property
    def reached_rate(self) -> int | None:
        """Share of people at or over quota (at 10**8)."""
        return None if self.reached is None else round_half_away(self.reached * RATE_SCALE, self.people)


def health(rates: Sequence[int]) -> Health:
    """Give the distribution of attainment over `BANDS`; of fewer than five people only how many they are."""
    if len(rates) < SMALLEST:
        return Health((), len(rates), None, None)
    percents = [*BANDS, None]
    bands = tuple(
        (low or 0, high, sum(_within(rate, low or 0, high) for rate in rates))
        for low, high in zip(percents, percents[1:], strict=False)
    )
    return Health(bands, len(rates), sum(rate >= RATE_SCALE for rate in rates), middle(rates))


def _within(rate: int, low: int, high: int | None) -> bool:
    percent = RATE_SCALE // 100
    return (low == 0 or rate >= low * percent) and (high is None or rate < high * percent)


def windfalls(people: Sequence[Person]) -> list[Person]:
    """Give whose pay lies above the third quartile by more than three times the middle half, the highest first; none for few people."""
    if len(people) < 2 * SMALLEST:
        return []
    earned = sorted(one.earned_minor for one in people)
    low, high = earned[len(earned) // 4], earned[len(earned) * 3 // 4]
    edge = high + 3 * (high - low)
    return sorted((one for one in people if one.earned_minor > edge), key=lambda one: (-one.earned_minor, one.key))


@dataclass(frozen=True)
class Gap:
    """A group's pay beside the others': mean and median, and what is left once attainment is taken out. None: too few people.

    Gaps are of the others' figure, positive where the group gets less; `low_rate` and `high_rate` bound the adjusted one at 95 %.
    """

    group: str
    people: int
    others: int
    mean_rate: int | None = None
    median_rate: int | None = None
    adjusted_rate: int | None = None
    low_rate: int | None = None
    high_rate: int | None = None

    @property
    def is_suppressed(self) -> bool:
        """Tell whether too few people stand on one of the sides."""
        return self.mean_rate is None

    @property
    def is_certain(self) -> bool:
        """Tell whether the 95 % interval of the adjusted gap leaves out 0."""
        return self.low_rate is not None and self.high_rate is not None and (self.low_rate > 0 or self.high_rate < 0)

    @property
    def is_flagged(self) -> bool:
        """Tell whether a gap reaches 5 % either way, adjusted where that is known."""
        told = self.mean_rate if self.adjusted_rate is None else self.adjusted_rate
        return told is not None and abs(told) >= FLAGGED


def gaps(people: Sequence[Person], category: str, before: Sequence[str] = ()) -> tuple[Gap, ...]:
    """Give the gap of each group of a category against all others who have one, by name; those of `hidden` without figures.

    `before` names the categories that are told first: a group of this one that differs from one of them by few people is hidden.
    """
    sorted_in = _sorted_in(people, category)
    known = {name: found for name, found in sorted_in.items() if name}
    unseen = hidden(people, [*before, category])[category]
    count = sum(map(len, known.values()))
    return tuple(
        Gap(name, len(found), count - len(found))
        if name in unseen
        else _gap(name, found, [one for other, rest in known.items() if other != name for one in rest])
        for name, found in sorted(known.items())
    )


def _sorted_in(people: Sequence[Person], category: str) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for one in people:
        found.setdefault(one.groups.get(category, ""), []).append(one)
    return found


def hidden(people: Sequence[Person], categories: Sequence[str]) -> dict[str, set[str]]:
    """Give by category the groups that are not told, so that no figure of fewer than five people is told or left by subtracting.

    Hidden are groups of fewer than five people, and those that differ by fewer than five from a group of a category told before, or from
    all but it. Then the next smallest follow until the hidden of a category, whose sum is what the others leave, are five people or more
    and differ so from none either. Who has no group counts as a group.
    """
    told: list[frozenset[str]] = []
    found: dict[str, set[str]] = {}
    for category in categories:
        groups = {name: frozenset(one.key for one in members) for name, members in _sorted_in(people, category).items()}
        found[category] = _hidden(groups, told, len(people))
        told += [members for name, members in groups.items() if name not in found[category]]
        told.append(_together(groups, found[category]))
    return found


def _hidden(groups: Mapping[str, frozenset[str]], told: Sequence[frozenset[str]], count: int) -> set[str]:
    by_size = sorted(groups, key=lambda name: (len(groups[name]), name))
    unseen = {name for name in by_size if _is_left(groups[name], told, count)}
    for name in by_size:
        if _is_left(_together(groups, unseen), told, count):
            unseen.add(name)
    return unseen


def _together(groups: Mapping[str, frozenset[str]], names: Collection[str]) -> frozenset[str]:
    return frozenset[str]().union(*(groups[name] for name in names))


def _is_left(members: frozenset[str], told: Sequence[frozenset[str]], count: int) -> bool:
    """Tell whether the members, or what is left of them beside something told, are one to four people."""
    apart = [len(members), *(len(members ^ one) for one in told)]
    return any(0 < one < SMALLEST or 0 < count - one < SMALLEST for one in apart)


def _gap(name: str, group: Sequence[Person], others: Sequence[Person]) -> Gap:
    if len(others) < SMALLEST:
        return Gap(name, len(group), len(others))
    mine, theirs = ([one.earned_minor for one in side] for side in (group, others))
    adjusted = _adjusted(group, others)
    low, high = adjusted[1:] if adjusted else (None, None)
    return Gap(
        name,
        len(group),
        len(others),
        _share(Fraction(sum(mine), len(mine)), Fraction(sum(theirs), len(theirs))),
        _share(Fraction(middle(mine)), Fraction(middle(theirs))),
        adjusted[0] if adjusted else None,
        low,
        high,
    )


def _share(mine: Fraction, theirs: Fraction) -> int | None:
    gap = 1 - mine / theirs if theirs > 0 else None
    return None if gap is None else round_half_away(gap.numerator * RATE_SCALE, gap.denominator)


def _adjusted(group: Sequence[Person], others: Sequence[Person]) -> tuple[int, int, int] | None:
    """The gap with attainment taken out: pay on attainment and group by least squares, the group's part by the others' mean pay."""
    everybody = [*group, *others]
    base = sum(one.earned_minor for one in others) / len(others)
    rates = [one.attainment_rate / RATE_SCALE for one in everybody]
    pay = [float(one.earned_minor) for one in everybody]
    belongs = [1.0] * len(group) + [0.0] * len(others)
    left, member = _residuals(pay, rates), _residuals(belongs, rates)
    spread = sum(one * one for one in member)
    if base <= 0 or spread < 1e-9 or len(everybody) <= 3:
        return None
    effect = sum(a * b for a, b in zip(left, member, strict=True)) / spread
    rest = sum((a - effect * b) ** 2 for a, b in zip(left, member, strict=True))
    error = sqrt(rest / (len(everybody) - 3) / spread)
    return tuple(
        round(-value / base * RATE_SCALE) for value in (effect, effect + NORMAL * error, effect - NORMAL * error)
    )  # type: ignore[return-value]


def _residuals(values: Sequence[float], across: Sequence[float]) -> list[float]:
    count = len(values)
    mean, middle_of = sum(values) / count, sum(across) / count
    spread = sum((x - middle_of) ** 2 for x in across)
    slope = sum((x - middle_of) * (y - mean) for x, y in zip(across, values, strict=True)) / spread if spread else 0.0
    return [y - mean - slope * (x - middle_of) for x, y in zip(across, values, strict=True)]
