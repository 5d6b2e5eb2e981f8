"""What a trial comes to: totals, winners and losers, components, periods, and how the cost moves by chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import PLAN_LIMITS
from incentives.engine.resampling import Costs
from incentives.models import Plan, PlanVersion
from incentives.selectors.finding_words import findings_named
from incentives.selectors.trials import AFTER, BEFORE, PeriodTrial, TrialRow
from spm.core.money import RATE_SCALE, format_amount, round_half_away
from spm.people.models import Participant

PERCENTILES = (5, 25, 50, 75, 95)
BINS = 24


@dataclass(frozen=True)
class Compared:
    """An amount by the live plan and by the draft, in minor units; None where one of them has no such line or can't calculate it.

    `why_unknown` says why the two can't be held side by side; the difference is then unknown. `before_lacks` and `after_lacks`
    tell whose amount is unknown because something in it could not be calculated.
    """

    key: str
    name: str
    before_minor: int | None
    after_minor: int | None
    why_unknown: str = ""
    before_lacks: bool = False
    after_lacks: bool = False

    @property
    def difference_minor(self) -> int | None:
        """Give what the draft pays more; None where that is unknown."""
        return None if self.why_unknown else (self.after_minor or 0) - (self.before_minor or 0)

    @property
    def change_rate(self) -> int | None:
        """Give the difference as a ratio of what the live plan pays; None where that is nothing or unknown."""
        if self.difference_minor is None or not self.before_minor:
            return None
        return round_half_away(self.difference_minor * RATE_SCALE, self.before_minor)


@dataclass(frozen=True)
class Spread:
    """How the cost of resampled years is spread, in minor units. `chance_rate` is the share of them above the budget.

    Where there is no pay to draw again nothing of it is known, and `why_unknown` says why.
    """

    name: str
    mean_minor: int | None = None
    percentiles: tuple[tuple[int, int], ...] = ()
    chance_rate: int | None = None
    why_unknown: str = ""


@dataclass(frozen=True)
class TrialSum:
    """A whole trial as people read it."""

    currency: str
    total: Compared
    people: tuple[Compared, ...]
    components: tuple[Compared, ...]
    periods: tuple[Compared, ...]
    spreads: tuple[Spread, ...]
    chart: dict[str, Any] | None
    draws: int
    kept_parts: tuple[str, ...]
    findings: tuple[dict[str, object], ...]

    @property
    def winners(self) -> int | None:
        """Give how many of those who can be compared get more; None where nobody can be."""
        return self._count(lambda difference: difference > 0)

    @property
    def losers(self) -> int | None:
        """Give how many of those who can be compared get less; None where nobody can be."""
        return self._count(lambda difference: difference < 0)

    @property
    def not_compared(self) -> int:
        """Give how many people can't be compared."""
        return sum(one.difference_minor is None for one in self.people)

    def _count(self, asked: Callable[[int], bool]) -> int | None:
        known = [one.difference_minor for one in self.people if one.difference_minor is not None]
        return sum(map(asked, known)) if known else None


def trial_sum(version: PlanVersion, plan: Plan, parts: Sequence[PeriodTrial], *, budget: int | None = None) -> TrialSum:
    """Sum a trial up. `budget` is held against the drawn costs."""
    rows = [row for part in parts for row in part.rows]
    people = {str(key): name for key, name in Participant.objects.values_list("id", "name")}
    components = _component_names(version, plan)
    before, after = (_all(parts, name) for name in ("costs_before", "costs_after"))
    names = people | {str(version.pk): version.plan.name}
    total = compared("", "", rows)
    return TrialSum(
        currency=str(version.definition.get("currency", "")),
        total=total,
        people=compared_by(rows, lambda row: row.participant_id, people),
        components=compared_by(rows, lambda row: row.component, components),
        periods=compared_by(rows, lambda row: row.period_key, {}),
        spreads=(_spread("Live plan", before, budget, total), _spread("Draft", after, budget, total)),
        chart=_chart(before, after, str(version.definition.get("currency", ""))),
        draws=min((one.draws for one in (before, after) if one is not None), default=0),
        kept_parts=tuple(components.get(key, key) for key in (after.kept_parts if after else ())),
        findings=tuple(findings_named((one for part in parts for one in part.findings), names)),
    )


def people_sorted(people: Sequence[Compared], sort: str) -> list[Compared]:
    """Give the people by name, before, after, difference or change; a leading minus turns the order around."""
    keys: dict[str, Callable[[Compared], Any]] = {
        "person": lambda one: one.name,
        "before": lambda one: one.before_minor or 0,
        "after": lambda one: one.after_minor or 0,
        "difference": lambda one: one.difference_minor or 0,
        "change": lambda one: one.change_rate or 0,
    }
    wanted = sort.removeprefix("-")
    if wanted not in keys:
        return sorted(people, key=lambda one: (-abs(one.difference_minor or 0), one.name))
    ordered = sorted(people, key=lambda one: one.name)
    return sorted(ordered, key=keys[wanted], reverse=sort.startswith("-"))


def person_rows(parts: Sequence[PeriodTrial], person: UUID, names: dict[str, str]) -> list[tuple[str, Compared]]:
    """Give one person's lines: period, and the component by both plans."""
    rows = [
        replace(row, lacking=row.blocked) for part in parts for row in part.rows if row.participant_id == str(person)
    ]
    return [(row.period_key, compared(row.component, names.get(row.component, row.component), [row])) for row in rows]


def _component_names(version: PlanVersion, plan: Plan) -> dict[str, str]:
    found = dict(PLAN_LIMITS)
    for one in (*PlanVersion.objects.filter(plan=plan).order_by("number"), version):
        compiled, _ = compile_plan(one.definition)
        found |= {component.key: component.name for component in (compiled.components if compiled else ())}
    return found


def compared(key: str, name: str, rows: Sequence[TrialRow]) -> Compared:
    """Sum rows by the live plan and by the draft.

    What could not be calculated makes the side of a single person unknown; sums of several leave the person out on both sides.
    """
    lacking = {side for row in rows for side in row.lacking}
    summed = [row for row in rows if not row.lacking]
    before_lacks = after_lacks = bool(lacking) and not summed
    if _is_single(rows):
        summed, before_lacks, after_lacks = list(rows), BEFORE in lacking, AFTER in lacking
    before = None if before_lacks else _total([row.before_minor for row in summed])
    after = None if after_lacks else _total([row.after_minor for row in summed])
    return Compared(key, name, before, after, _why_unknown(rows), before_lacks, after_lacks)


def _is_single(rows: Sequence[TrialRow]) -> bool:
    return len({row.participant_id for row in rows}) == 1


def _why_unknown(rows: Sequence[TrialRow]) -> str:
    """Say period by period who is missing on which side, what other plans pay them, and who could not be calculated."""
    if not rows:
        return _("Neither plan pays anybody in these periods.")
    sentences = []
    for period in sorted({row.period_key for row in rows}):
        here = [row for row in rows if row.period_key == period]
        sentences += [*_missing(period, here), *_not_calculated(period, here, single=_is_single(rows))]
    return " ".join(sentences)


def _missing(period: str, rows: Sequence[TrialRow]) -> list[str]:
    mine = {row.participant_id: row for row in rows if not row.is_compared}.values()
    unpaid = [row for row in mine if row.before_minor is None and BEFORE not in row.lacking]
    sentences = []
    if unpaid:
        sentences.append(_("%(period)s: the live plan has no pay to compare with.") % {"period": period})
        sentences += _others(unpaid)
    if len(unpaid) < len(mine):
        sentences.append(_("%(period)s: this version has no pay to compare with.") % {"period": period})
    return sentences


def _not_calculated(period: str, rows: Sequence[TrialRow], *, single: bool) -> list[str]:
    """Say of which side something could not be calculated, and for sums of several people that these are left out."""
    sides = {BEFORE: _("the live plan"), AFTER: _("this version")}
    found = []
    for side, words in sides.items():
        number = len({row.participant_id for row in rows if side in row.lacking})
        named = {"period": period, "side": words, "number": number}
        if number and single:
            found.append(_("%(period)s: %(side)s could not be calculated.") % named)
        elif number:
            one = "%(period)s: %(side)s could not be calculated for %(number)s person, whom the sums leave out."
            more = "%(period)s: %(side)s could not be calculated for %(number)s people, whom the sums leave out."
            found.append(ngettext(one, more, number) % named)
    return found


def _others(rows: Sequence[TrialRow]) -> list[str]:
    """What other plans pay the people of these rows, and how to hold the version against such a plan."""
    paid: dict[tuple[str, str], int] = {}
    for one in (one for row in rows for one in row.elsewhere):
        paid[one.plan, one.currency] = paid.get((one.plan, one.currency), 0) + one.amount_minor
    return [
        _("%(plan)s paid %(amount)s %(currency)s there; to compare with it, try this version in its place.")
        % {"plan": plan, "amount": format_amount(amount, currency), "currency": currency}
        for (plan, currency), amount in sorted(paid.items())
    ]


def _total(amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def compared_by(
    rows: Sequence[TrialRow], key: Callable[[TrialRow], str], names: dict[str, str]
) -> tuple[Compared, ...]:
    """Sum rows by a key of theirs, which is named by `names`."""
    grouped: dict[str, list[TrialRow]] = {}
    for row in rows:
        grouped.setdefault(key(row), []).append(row)
    return tuple(compared(each, names.get(each, each), mine) for each, mine in grouped.items())


def _all(parts: Sequence[PeriodTrial], name: str) -> Costs | None:
    found: Costs | None = None
    for part in parts:
        costs: Costs | None = getattr(part, name)
        if costs is not None:
            found = costs if found is None else found.and_then(costs)
    return found


def _spread(name: str, costs: Costs | None, budget: int | None, total: Compared) -> Spread:
    if costs is None:
        return Spread(name, why_unknown=_why_not_drawn(name, total))
    chance = None if budget is None else round_half_away(costs.above(budget) * RATE_SCALE, len(costs.amounts))
    return Spread(name, costs.mean, tuple((each, costs.percentile(each)) for each in PERCENTILES), chance)


def _why_not_drawn(name: str, total: Compared) -> str:
    """Say why a side has no pay to draw again."""
    if name == "Draft":
        if total.after_lacks:
            return _("This version could not be calculated for anybody in these periods.")
        return _("This version pays nobody in these periods.")
    if total.before_lacks:
        return _("The live plan could not be calculated for anybody in these periods.")
    return _("The live plan pays nobody in these periods.")


def _chart(before: Costs | None, after: Costs | None, currency: str) -> dict[str, Any] | None:
    """How many of the resampled years fall in each stretch of cost; None where every year costs the same."""
    drawn = [(name, costs) for name, costs in (("Live plan", before), ("Draft", after)) if costs is not None]
    if not drawn:
        return None
    low = min(int(costs.ascending[0]) for _, costs in drawn)
    high = max(int(costs.ascending[-1]) for _, costs in drawn)
    if low == high:
        return None
    width = -(-(high - low + 1) // BINS)
    edges = np.array([low + width * number for number in range(BINS + 1)])
    series = [{"name": name, "values": np.histogram(costs.amounts, edges)[0].tolist()} for name, costs in drawn]
    return {"edges": [int(edge) for edge in edges[:-1]], "series": series, "unit": "count", "currency": currency}
