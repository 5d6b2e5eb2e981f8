"""The same plan with the same outputs, written by hand for this one plan: what the engine is measured against, and checked with.

Both floors give the credit rows with their part of the earning, and the earnings per person and period. They know the plan: no other
currency, no condition, splits of two, nobody without a seat. Nothing of that may be assumed by the engine.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from bench.generator import EDGES, RATES
from incentives.engine.contracts import Facts
from spm.core.money import RATE_SCALE

SPAN = 1 << 20
"""More than any day number: a key and a day in one integer."""


@dataclass(frozen=True)
class Outcome:
    """What a calculation gave: rows, in the order of person, period, day and deal, and earnings, in the order of person and period."""

    credits: dict[str, np.ndarray]
    earnings: dict[str, np.ndarray]

    def checksum(self) -> tuple[int, ...]:
        """Numbers that differ when a cent stands in another row."""
        rows, groups = self.credits, self.earnings
        mixed = (rows["deal"] * 31 + rows["participant"] * 7 + 1) * (rows["earned"] % 1_000_003)
        held = (groups["participant"] * 31 + groups["period"] + 1) * (groups["earned"] % 1_000_003)
        return (
            len(rows["deal"]),
            int(rows["credit"].sum()),
            int(rows["earned"].sum()),
            int(mixed.sum()),
            int(rows["position"].sum()),
            int(groups["quota"].sum()),
            int(groups["attainment"].sum()),
            int(held.sum()),
        )


def rounded(top: np.ndarray, bottom: np.ndarray | int) -> np.ndarray:
    """Nearest integers, halves away from zero."""
    size = (2 * np.abs(top) + bottom) // (2 * bottom)
    return np.where(top < 0, -size, size)


def by_numpy(facts: Facts) -> Outcome:
    """Compute the plan of the bench by whole columns of NumPy."""
    assert facts.quotas is not None and facts.splits is not None
    starts = np.sort(facts.periods["start_on"].to_numpy().astype("datetime64[D]").astype(np.int64))
    ends = np.sort(facts.periods["end_on"].to_numpy().astype("datetime64[D]").astype(np.int64))
    deal, person, share, credit = _lines(facts)
    day = facts.deals["credit_on"].to_numpy().astype(np.int64)[deal]
    group = person * len(starts) + np.searchsorted(starts, day, side="right") - 1
    order = np.argsort(group * SPAN + day, kind="stable")
    deal, person, share, credit, day, group = (each[order] for each in (deal, person, share, credit, day, group))
    quota = _quota(facts, starts, ends)
    first = np.concatenate([[True], group[1:] != group[:-1]])
    opened = np.flatnonzero(first)
    reached = np.cumsum(credit)
    before = np.where(opened > 0, reached[opened - 1], 0)
    reached -= np.repeat(before, np.diff(opened, append=len(group)))
    paid = _paid(reached, quota[group])
    earned = np.diff(paid, prepend=0)
    earned[first] = paid[first]
    total = np.zeros(len(quota), dtype=np.int64)
    last = np.append(opened[1:], len(group)) - 1
    total[group[opened]] = reached[last]
    everybody = np.arange(len(quota))
    seat = facts.positions
    held = np.searchsorted(
        seat["participant_key"].to_numpy() * SPAN + seat["from_on"].to_numpy(), person * SPAN + day, side="right"
    )
    return Outcome(
        {
            "deal": deal,
            "participant": person,
            "position": seat["position_key"].to_numpy()[held - 1],
            "period": group % len(starts),
            "day": day,
            "share": share,
            "credit": credit,
            "earned": earned,
        },
        {
            "participant": everybody // len(starts),
            "period": everybody % len(starts),
            "credit": total,
            "quota": quota,
            "attainment": rounded(total * RATE_SCALE, quota),
            "earned": _paid(total, quota),
        },
    )


def _lines(facts: Facts) -> tuple[np.ndarray, ...]:
    """Deal, person, share and credit of every line, by deal: a split deal has two lines, whose credits sum to its amount."""
    assert facts.splits is not None
    amount = facts.deals["amount_minor"].to_numpy()
    pair = facts.splits["deal_key"].to_numpy().reshape(-1, 2)[:, 0]
    who, part = (facts.splits[name].to_numpy().reshape(-1, 2) for name in ("participant_key", "share"))
    exact = np.abs(amount[pair])[:, None] * part
    credit, rest = exact // RATE_SCALE, exact % RATE_SCALE
    spare = rest.sum(axis=1) >= RATE_SCALE
    second = (rest[:, 1] > rest[:, 0]) | ((rest[:, 1] == rest[:, 0]) & (who[:, 1] < who[:, 0]))
    credit[:, 0] += spare & ~second
    credit[:, 1] += spare & second
    credit *= np.sign(amount[pair])[:, None]
    width = np.ones(len(amount), dtype=np.int64)
    width[pair] = 2
    deal = np.repeat(np.arange(len(amount)), width)
    place = np.cumsum(width)[pair][:, None] - (2, 1)
    person, share, value = facts.deals["owner_key"].to_numpy()[deal], np.full(len(deal), RATE_SCALE), amount[deal]
    person[place], share[place], value[place] = who, part, credit
    return deal, person, share, value


def _quota(facts: Facts, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The quota of every person and quarter: of each position by the days that it was held."""
    assert facts.quotas is not None
    seat = facts.positions
    first, until = seat["from_on"].to_numpy()[:, None], seat["until_on"].to_numpy()[:, None]
    days = np.maximum(np.minimum(until, ends) - np.maximum(first, starts), 0)
    amount = facts.quotas["amount_minor"].to_numpy().reshape(len(seat), len(starts))
    people = int(seat["participant_key"].max()) + 1
    exact = (amount * days).reshape(people, -1, len(starts)).sum(axis=1)
    return rounded(exact, ends - starts).ravel()


def _paid(value: np.ndarray, quota: np.ndarray) -> np.ndarray:
    """Pay of a value, rounded; what is below 0 is in the first tier."""
    total = np.minimum(value * 100, EDGES[1] * quota) * RATES[0]
    for number in range(1, len(EDGES)):
        part = np.maximum(value * 100 - EDGES[number] * quota, 0)
        if number + 1 < len(EDGES):
            part = np.minimum(part, (EDGES[number + 1] - EDGES[number]) * quota)
        total += part * RATES[number]
    return rounded(total, 10_000)


_TIERS = " + ".join(
    f"{rate} * "
    + (
        f"least({{0}} * 100, {EDGES[1]} * {{1}})"
        if number == 0
        else f"greatest({{0}} * 100 - {edge} * {{1}}, 0)"
        if number + 1 == len(EDGES)
        else f"least(greatest({{0}} * 100 - {edge} * {{1}}, 0), {EDGES[number + 1] - edge} * {{1}})"
    )
    for number, (edge, rate) in enumerate(zip(EDGES, RATES, strict=True))
)


def _round(top: str, bottom: str) -> str:
    """SQL of the one rounding; integer division truncates there, which is what a rounding away from zero needs."""
    return f"cast(sign({top}) * ((2 * abs({top}) + {bottom}) // (2 * {bottom})) as bigint)"


_CREDITS = f"""
    create or replace temp table credits as
    with lines as (
        select d.deal_key as deal, coalesce(s.participant_key, d.owner_key) as participant, d.credit_on as day,
               coalesce(s.share, {RATE_SCALE}) as share, d.amount_minor as amount,
               abs(d.amount_minor) * coalesce(s.share, {RATE_SCALE}) as exact
        from deals d left join splits s on s.deal_key = d.deal_key
    ), shared as (
        select *, exact // {RATE_SCALE} + cast(case when share = {RATE_SCALE} then 0
            else row_number() over (partition by deal order by exact % {RATE_SCALE} desc, participant)
                 <= sum(exact % {RATE_SCALE}) over (partition by deal) // {RATE_SCALE} end as bigint) as size
        from lines
    ), placed as (
        select s.deal, s.participant, p.place as period, s.day, s.share, h.position_key as position,
               case when amount < 0 then -size else size end as credit, q.quota
        from shared s
        asof join seats h on h.participant_key = s.participant and h.from_on <= s.day
        asof join windows p on p.start <= s.day
        join quota q on q.participant = s.participant and q.period = p.place
    ), reached as (
        select *, cast(sum(credit) over so_far as bigint) as after, row_number() over so_far = 1 as is_first
        from placed window so_far as (partition by participant, period order by day, deal rows unbounded preceding)
    ), paid as (
        select *, {_round("(" + _TIERS.format("after", "quota") + ")", "10000")} as paid from reached
    )
    select deal, participant, position, period, day, share, credit,
           paid - coalesce(lag(paid) over (partition by participant, period order by day, deal), 0) as earned, quota
    from paid order by participant, period, day, deal
"""
_QUOTA = f"""
    create or replace temp table quota as
    select h.participant_key as participant, w.place as period, {_round("exact", "length")} as quota from (
        select h.participant_key, w.place, min(w.finish - w.start) as length,
               cast(sum(q.amount_minor * (least(h.until_on, w.finish) - greatest(h.from_on, w.start))) as bigint) as exact
        from seats h join windows w on h.from_on < w.finish and h.until_on > w.start
        join quotas q on q.position_key = h.position_key and q.period_key = w.key
        group by h.participant_key, w.place
    ) h join windows w on w.place = h.place
"""
_EARNINGS = f"""
    select participant, period, credit, quota, {_round(f"(credit * {RATE_SCALE})", "quota")} as attainment, earned from (
        select q.participant, q.period, q.quota, coalesce(cast(sum(c.credit) as bigint), 0) as credit,
               coalesce(cast(sum(c.earned) as bigint), 0) as earned
        from quota q left join credits c on c.participant = q.participant and c.period = q.period
        group by q.participant, q.period, q.quota
    ) order by participant, period
"""


def by_duckdb(facts: Facts) -> Outcome:
    """Compute the plan of the bench in DuckDB, on both cores, from the same frames."""
    with duckdb.connect() as base:
        windows = facts.periods.sort_values("start_on")
        places = {
            "key": windows["period_key"].to_numpy(),
            "place": np.arange(len(windows)),
            "start": windows["start_on"].to_numpy().astype("datetime64[D]").astype(np.int64),
            "finish": windows["end_on"].to_numpy().astype("datetime64[D]").astype(np.int64),
        }
        base.register("windows", pd.DataFrame(places))
        for name, frame in (
            ("deals", facts.deals),
            ("splits", facts.splits),
            ("seats", facts.positions),
            ("quotas", facts.quotas),
        ):
            base.register(name, frame)
        base.execute(_QUOTA)
        base.execute(_CREDITS)
        credits = base.execute("select * exclude (quota) from credits").fetchnumpy()
        return Outcome(credits, base.execute(_EARNINGS).fetchnumpy())
