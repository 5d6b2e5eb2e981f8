"""Stage conversion and cycle time within reach: what the deals of each cohort reached, how they ended, and in how many days."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.engine.conversion import By, cohort_name, cohorts, share, stage_order
from insights.engine.hygiene import FEWEST, Usual
from insights.selectors.conversion_rows import cohort_rows, cohort_sums
from insights.selectors.stage_entries import fetched, parameters
from spm.crm.selectors.facts import facts_known_since_day
from spm.roles.policy import Viewer

ENDS = {"won": gettext_lazy("Won"), "lost": gettext_lazy("Lost"), "open": gettext_lazy("Still open")}
"""How deals of a cohort ended."""


@dataclass(frozen=True)
class ConversionAsked:
    """As of the end of which day, cohorts how long, by creation or by the first entry into a stage (`since`)."""

    day: date
    by: By = By.MONTH
    since: str = ""


@dataclass(frozen=True)
class Reached:
    """Deals of a cohort that reached a stage or ended so: their number, their share at 10**8 (None of too few), and the days it took."""

    name: str
    deals: int
    share_rate: int | None
    days: Usual

    @property
    def label(self) -> str:
        """What a page calls it."""
        return str(ENDS.get(self.name, self.name))

    @property
    def few(self) -> str:
        """Why the days are not told; empty where they are."""
        return "" if self.days.median is not None else too_few(self.days.stays)


@dataclass(frozen=True)
class Cohort:
    """Deals that began in a month or quarter (None: in all of them): the ends of all, the stages of those whose course is `known`."""

    first: date | None
    name: str
    deals: int
    known: int
    ends: tuple[Reached, ...]
    stages: tuple[Reached, ...]

    @property
    def few(self) -> str:
        """Why its shares are not told; empty where they are."""
        return "" if self.known >= FEWEST else too_few(self.known)


@dataclass(frozen=True)
class Between:
    """How many deals entered a later stage after an earlier one, and the days between."""

    stage: str
    later: str
    deals: int
    days: Usual

    @property
    def few(self) -> str:
        """Why the days are not told; empty where they are."""
        return "" if self.days.median is not None else too_few(self.days.stays)


@dataclass(frozen=True)
class Conversion:
    """Cohorts, the latest first, and all of them together; `stages` in their order, `later` those after the one that cohorts are by."""

    asked: ConversionAsked
    stages: tuple[str, ...]
    later: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    whole: Cohort
    between: tuple[Between, ...]
    left_out: int
    known_since: date | None

    @property
    def is_known(self) -> bool:
        """Tell whether anything was known on the day."""
        return self.known_since is not None and self.known_since <= self.asked.day

    @property
    def steps(self) -> list[Between]:
        """From each stage to the one that follows it."""
        following = set(zip(self.stages, self.stages[1:], strict=False))
        return [one for one in self.between if (one.stage, one.later) in following]


@dataclass(frozen=True)
class RowsAsked:
    """Which deals: of a cohort (None: all), that reached a stage, that ended so; `left` those whose course is not known."""

    cohort: date | None = None
    to: str = ""
    ended: str = ""
    left: bool = False


@dataclass(frozen=True)
class CohortDeal:
    """A deal of a cohort: the day on which it began to count (None: unknown), how and when it ended, and in how many days it got there."""

    deal_id: str
    key: str
    name: str
    owner: str
    cohort: str
    day: date | None
    status: str
    close_on: date | None
    is_known: bool
    days: int | None

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        return str(ENDS[self.status])


def too_few(deals: int) -> str:
    """Say that a group is small."""
    words = _("Of %(count)s known: fewer than %(fewest)s say too little.")
    return words % {"count": deals, "fewest": FEWEST}


Sums = dict[tuple[str, date | None, str, str], tuple[int, Usual]]


def conversion(viewer: Viewer, asked: ConversionAsked) -> Conversion:
    """Give the cohorts until the day, as known at its end."""
    known = _parameters(viewer, asked)
    query = cohort_sums(by_stage=bool(asked.since), is_now=asked.day == viewer.on)
    sums: Sums = {
        (what, cohort, stage, other): (deals, Usual.of(timed, days))
        for what, cohort, stage, other, deals, timed, days in fetched(query, known)
    }
    before = {(stage, other): deals for (what, _c, stage, other), (deals, _d) in sums.items() if what == "order"}
    stages = stage_order((stage for what, _c, stage, _o in sums if what == "name"), before)
    later = tuple(stages[stages.index(asked.since) + 1 :] if asked.since in stages else () if asked.since else stages)
    between = [
        Between(one, other, *sums["pair", None, one, other])
        for place, one in enumerate(stages)
        for other in stages[place + 1 :]
        if ("pair", None, one, other) in sums
    ]
    shown = cohorts(asked.by, asked.day)
    return Conversion(
        asked,
        tuple(stages),
        later,
        tuple(_cohort(asked, sums, first, later) for first in shown),
        _cohort(asked, sums, None, later),
        tuple(between),
        sums.get(("left", None, "", ""), (0, Usual(0)))[0],
        facts_known_since_day("opportunity", viewer.organisation),
    )


def _cohort(asked: ConversionAsked, sums: Sums, first: date | None, later: tuple[str, ...]) -> Cohort:
    nothing = (0, Usual(0))
    ends = {end: sums.get(("ended", first, end, ""), nothing) for end in ENDS}
    deals, known = sum(count for count, _days in ends.values()), sums.get(("known", first, "", ""), nothing)[0]
    reached = {stage: sums.get(("stage", first, stage, ""), nothing) for stage in later}
    return Cohort(
        first,
        cohort_name(asked.by, first) if first else _("All of these"),
        deals,
        known,
        tuple(Reached(end, count, share(count, deals), days) for end, (count, days) in ends.items()),
        tuple(Reached(stage, count, share(count, known), days) for stage, (count, days) in reached.items()),
    )


def conversion_deals(
    viewer: Viewer, asked: ConversionAsked, rows: RowsAsked, *, limit: int | None = None
) -> list[CohortDeal]:
    """Give the deals behind a count, those that began last first."""
    query = cohort_rows(by_stage=bool(asked.since), is_now=asked.day == viewer.on)
    known = _parameters(viewer, asked)
    chosen = {"cohort": rows.cohort, "to": rows.to, "ended": rows.ended, "left": rows.left, "limit": limit}
    return [
        CohortDeal(
            deal, key, name or key, owner, cohort_name(asked.by, cohort) if cohort else "", day, status, close_on, is_known,
            days if rows.to else _days(day, status, close_on),
        )
        for deal, key, name, owner, cohort, day, status, close_on, is_known, _to, days in fetched(query, known | chosen)
    ]  # fmt: skip


def _days(day: date | None, status: str, close_on: date | None) -> int | None:
    return (close_on - day).days if status != "open" and day and close_on and close_on >= day else None


def _parameters(viewer: Viewer, asked: ConversionAsked) -> dict[str, Any]:
    start = cohorts(asked.by, asked.day)[-1]
    return parameters(viewer, asked.day) | {"start": start, "unit": asked.by.value, "since": asked.since}
