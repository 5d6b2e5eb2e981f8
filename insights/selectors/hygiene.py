"""Open deals within reach as of a day: how old they are beside won deals, what they lack, and whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, overload

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.engine.hygiene import CODES, FEWEST, Hygiene, Limits, Usual, judge
from insights.selectors.stage_entries import CLOSES, QUARTILES, REACHED, closing, entries, fetched, parameters, then
from spm.core.dated import day_number, day_of
from spm.core.money import RATE_SCALE
from spm.crm.selectors.facts import facts_known_since_day
from spm.roles.policy import Viewer

LEARNED = 2000
"""Deals won last that tell what is usual."""

WORDS = {
    Hygiene.PAST_CLOSE: (gettext_lazy("Close date past"), gettext_lazy("The day on which it was to close lies before the day asked.")),
    Hygiene.CLOSE_MISSING: (gettext_lazy("No close date"), gettext_lazy("No day is named on which it is to close.")),
    Hygiene.AMOUNT_MISSING: (gettext_lazy("No amount"), gettext_lazy("Its amount is not known.")),
    Hygiene.NO_NEXT_STEP: (gettext_lazy("No next step"), gettext_lazy("Its source names next steps of open deals, and none of this one.")),
    Hygiene.STUCK: (gettext_lazy("Stuck"), gettext_lazy("It stands in its stage for longer than the limit: %(days)s.")),
    Hygiene.SLOWER: (
        gettext_lazy("Slower than usual"),
        gettext_lazy("It stands in its stage for longer than three in four won deals stayed there."),
    ),
    Hygiene.PUSHED: (
        gettext_lazy("Pushed"),
        gettext_lazy("Since it is known here its close date was moved to a later day as often as the limit or more: %(pushes)s."),
    ),
}  # fmt: skip
"""What a page calls each finding, and its definition."""

_FIRST_KNOWN = gettext_lazy(
    "When it entered its stage is not known: it was there already when it came, more than a week after its creation."
)
UNTOLD = {
    Hygiene.PAST_CLOSE: gettext_lazy("No close date."),
    Hygiene.NO_NEXT_STEP: gettext_lazy("Its source names no next step of any open deal."),
    Hygiene.STUCK: gettext_lazy(
        "When it entered its stage is not known: it was there already when it came, more than a week after its creation; "
        "or it names no stage."
    ),
    Hygiene.SLOWER: gettext_lazy(
        "It is not known when it entered its stage, or how long won deals usually stay there."
    ),
}
"""Why a finding can't be told."""


@dataclass(frozen=True)
class HygieneAsked:
    """As of the end of which day, with which limits; and which deals are listed: with a finding, of an owner, in a stage (None: all)."""

    day: date
    limits: Limits = Limits()
    finding: str = ""
    owner: str = ""
    stage: str | None = None


@dataclass(frozen=True)
class FindingCount:
    """How many deals have a finding, and of how many it can't be told, with the reason."""

    code: str
    name: str
    definition: str
    deals: int
    untold: int
    untold_because: str


@dataclass(frozen=True)
class StageAge:
    """Open deals in a stage: their number, the median of their days in it at 10**8 (of those that are known), and what won deals stayed."""

    stage: str
    deals: int
    known: int
    median: int | None
    usual: Usual

    @property
    def reason(self) -> str:
        """Why it is not known how long won deals stay."""
        return "" if self.usual.median is not None else _few(self.usual.stays)

    @property
    def least_reason(self) -> str:
        """Why it is not known how long open deals stand there."""
        return str(_FIRST_KNOWN) if self.stage else _("These deals name no stage.")


@dataclass(frozen=True)
class OwnerCount:
    """An owner's open deals, those with a finding, and those of each finding in the order of CODES."""

    owner_id: str
    name: str
    deals: int
    found: int
    counts: tuple[int, ...]

    @property
    def named(self) -> list[tuple[str, int]]:
        """What the findings are called, with their counts."""
        return [(str(WORDS[Hygiene(code)][0]), count) for code, count in zip(CODES, self.counts, strict=True)]


@dataclass(frozen=True)
class DealAge:
    """An open deal with its ages in days, what won deals stayed in its stage, and its findings; `…_is_least`: at least so many days."""

    deal_id: str
    key: str
    name: str
    owner: str
    stage: str
    amount_minor: int | None
    currency: str
    closes: date | None
    age_days: int | None
    age_is_least: bool
    stage_days: int | None
    stage_is_least: bool
    usual: Usual
    pushes: int
    findings: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """What the findings are called."""
        return [str(WORDS[Hygiene(code)][0]) for code in self.findings]

    @property
    def reason(self) -> str:
        """Why it is not known how long won deals stay in the stage."""
        return "" if self.usual.median is not None else _few(self.usual.stays)


def _few(stays: int) -> str:
    few = _(
        "Of %(stays)s won deals it is known how long they stayed in the stage: fewer than %(fewest)s say too little."
    )
    return few % {"stays": stays, "fewest": FEWEST}


@dataclass(frozen=True)
class PipelineHygiene:
    """The open deals within reach, judged; `known_since` is the day on which the first deal became known."""

    asked: HygieneAsked
    deals: pd.DataFrame
    usual: dict[str, Usual]
    cycle: Usual
    known_since: date | None

    @property
    def is_known(self) -> bool:
        """Tell whether anything was known on the day."""
        return self.known_since is not None and self.known_since <= self.asked.day

    @property
    def found(self) -> int:
        """Open deals with a finding."""
        return int((self.deals["count"] > 0).sum())

    @property
    def untold_cycle(self) -> str:
        """Why the usual age at winning is not known."""
        words = _(
            "Of %(stays)s won deals both the first day and the day of winning are known: fewer than %(fewest)s say too little."
        )
        return "" if self.cycle.median is not None else words % {"stays": self.cycle.stays, "fewest": FEWEST}

    @cached_property
    def findings(self) -> list[FindingCount]:
        """Every finding with its definition."""
        limits = {"days": self.asked.limits.days, "pushes": self.asked.limits.pushes}
        return [
            FindingCount(
                one.value, str(WORDS[one][0]), str(WORDS[one][1]) % limits, int(self.deals[one.value].fillna(False).sum()),
                untold := int(self.deals[one.value].isna().sum()), str(UNTOLD[one]) if untold else "",
            )
            for one in Hygiene
        ]  # fmt: skip

    @cached_property
    def stages(self) -> list[StageAge]:
        """The stages of open deals, that with the most deals first."""
        found = []
        for stage, deals in self.deals.groupby("stage", sort=True):
            days = deals["stage_days"][~deals["stage_is_least"]].dropna()
            median = round(float(days.median()) * RATE_SCALE) if len(days) else None
            found.append(StageAge(str(stage), len(deals), len(days), median, self.usual_in(str(stage))))
        return sorted(found, key=lambda one: (-one.deals, one.stage))

    @cached_property
    def owners(self) -> list[OwnerCount]:
        """The owners of open deals, that with the most deals with findings first."""
        told = self.deals[list(CODES)].fillna(False).astype("int64")
        told = told.assign(deals=1, found=(self.deals["count"] > 0).astype("int64"))
        sums = told.groupby([self.deals["owner_id"], self.deals["owner"]], sort=True).sum()
        found = [
            OwnerCount(
                row["owner_id"], row["owner"], row["deals"], row["found"], tuple(int(row[code]) for code in CODES)
            )
            for row in sums.reset_index().to_dict("records")
        ]
        return sorted(found, key=lambda one: (-one.found, not one.name, one.name, one.owner_id))

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The deals that were asked for, those with the most findings and the longest in their stage first."""
        asked, rows = self.asked, self.deals
        if asked.finding:
            rows = rows[rows[asked.finding].fillna(False)]
        if asked.owner:
            rows = rows[rows["owner_id"] == asked.owner]
        if asked.stage is not None:
            rows = rows[rows["stage"] == asked.stage]
        return rows.sort_values(["count", "stage_days", "key"], ascending=[False, False, True], na_position="last")

    def rows(self, part: slice = slice(None)) -> list[DealAge]:
        """Give deals of the list."""
        return [self._deal(row) for row in self.listed[part].to_dict("records")]

    def usual_in(self, stage: str) -> Usual:
        """What won deals stayed in a stage."""
        return self.usual.get(stage, Usual(0))

    def _deal(self, row: dict[Any, Any]) -> DealAge:
        whole = {
            name: None if pd.isna(row[name]) else int(row[name])
            for name in ("amount_minor", "closes", "age_days", "stage_days")
        }
        closes = whole["closes"]
        return DealAge(
            row["deal_id"], row["key"], row["name"] or row["key"], row["owner"], row["stage"], whole["amount_minor"], row["currency"],
            None if closes is None else day_of(closes), whole["age_days"], bool(row["age_is_least"]), whole["stage_days"],
            bool(row["stage_is_least"]), self.usual_in(row["stage"]), int(row["pushes"]),
            tuple(code for code in CODES if row[code] is not pd.NA and row[code]),
        )  # fmt: skip


class Listed(Sequence[DealAge]):
    """The deals of a list, each told when it is asked for: of a page these alone."""

    def __init__(self, found: PipelineHygiene) -> None:
        self.found = found

    def __len__(self) -> int:
        return len(self.found.listed)

    @overload
    def __getitem__(self, part: int) -> DealAge: ...

    @overload
    def __getitem__(self, part: slice) -> list[DealAge]: ...

    def __getitem__(self, part: int | slice) -> DealAge | list[DealAge]:
        if isinstance(part, slice):
            return self.found.rows(part)
        return self.found.rows(slice(place := range(len(self))[part], place + 1))[0]


def pipeline_hygiene(viewer: Viewer, asked: HygieneAsked) -> PipelineHygiene:
    """Judge the open deals within reach as known at the end of the day; what is usual comes from the company's deals won last."""
    is_now, known = asked.day == viewer.on, parameters(viewer, asked.day)
    usual, cycle = _usual(known, is_now=is_now)
    high = {stage: one.high / RATE_SCALE for stage, one in usual.items() if one.high is not None}
    deals = judge(_open(known, is_now=is_now), high, day=day_number(asked.day), limits=asked.limits)
    return PipelineHygiene(asked, deals, usual, cycle, facts_known_since_day("opportunity", viewer.organisation))


_TEXTS = ("deal_id", "key", "name", "owner_id", "owner", "stage", "currency")
_NUMBERS = ("amount_minor", "created_on", "closes", "known_on", "entered_on", "pushes")
_TRUTHS = ("is_exact", "has_next_step", "has_steps")


def _open(known: dict[str, Any], *, is_now: bool) -> pd.DataFrame:
    day = "({0} - date '1970-01-01')"
    days = [f"{day.format(each)}::bigint" for each in ("p.created_on", "p.closes", "m.known_on", "e.on_day")]
    query = f"""
        with picked as (
            select v.fact_id as deal_id, f.source, f.source_key, v.name, v.owner_id, v.stage, v.amount_minor, v.currency, v.created_on,
                   {CLOSES} as closes, v.next_step <> '' as has_next_step
            from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
            where {then("v", is_now=is_now)} and v.status = 'open' and {REACHED}
        ), stepped as (
            select distinct f.source from crm_opportunityversion v join crm_opportunity f on f.id = v.fact_id
            where {then("v", is_now=is_now)} and v.status = 'open' and v.next_step <> ''
        ), {entries(is_now=is_now)}, moves as (
            select deal_id, min(known_on) as known_on, count(*) filter (where closes > closed_before) as pushes
            from versions group by deal_id
        ), entered as (
            select distinct on (deal_id, stage) deal_id, stage, on_day, is_exact from entries
            order by deal_id, stage, on_day desc, is_exact desc
        )
        select p.deal_id::text, p.source_key, p.name, coalesce(p.owner_id::text, ''), coalesce(o.name, ''), p.stage, p.currency,
               p.amount_minor, {", ".join(days)}, m.pushes,
               coalesce(e.is_exact, false), p.has_next_step, p.source in (select source from stepped)
        from picked p join moves m on m.deal_id = p.deal_id
        left join entered e on e.deal_id = p.deal_id and e.stage = p.stage
        left join people_participant o on o.id = p.owner_id
        order by p.source_key, p.deal_id"""
    frame = pd.DataFrame(fetched(query, known), columns=[*_TEXTS, *_NUMBERS, *_TRUTHS])
    return frame.astype(dict.fromkeys(_NUMBERS, "Int64") | dict.fromkeys(_TRUTHS, "boolean"))


_CYCLE = ""
"""Where a stage would stand, the age at which deals were won."""


def _usual(known: dict[str, Any], *, is_now: bool) -> tuple[dict[str, Usual], Usual]:
    """How long the company's deals won last stayed in each stage, and how old they were when won."""
    query = f"""
        with picked as (
            select v.fact_id as deal_id, v.created_on, v.close_on from crm_opportunityversion v
            where {then("v", is_now=is_now)} and v.status = 'won' and v.close_on <= %(day)s
            order by v.close_on desc, v.fact_id limit {LEARNED}
        ), {entries(is_now=is_now)}, {closing(is_now=is_now)}, followed as (
            select e.*, p.close_on, lead(e.on_day) over next as left_on, lead(e.is_exact) over next as left_exactly,
                   coalesce(lead(e.is_closing) over next, true) as is_last
            from (select *, stage in (select stage from closing) as is_closing from entries) e join picked p on p.deal_id = e.deal_id
            window next as (partition by e.deal_id order by e.on_day, e.is_closing, e.known_from, e.place)
        ), stays as (
            select stage, case when is_last then close_on else left_on end - on_day as days
            from followed where is_exact and not is_closing and (is_last or left_exactly)
            union all select '{_CYCLE}', close_on - created_on from picked
        )
        select stage, count(*), {QUARTILES}
        from stays where days >= 0 group by stage"""
    found = {stage: Usual.of(stays, days) for stage, stays, days in fetched(query, known)}
    return found, found.pop(_CYCLE, Usual(0))
