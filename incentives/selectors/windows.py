"""The window of a run: which days' facts the calculation of one period reads, with the periods and quotas of that window.

Late changes of an earlier period change that period's own run: every run posts the results of its own period only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from incentives.engine.plan import UNIT_SCALE, Plan
from incentives.engine.reach import Reach, reach_of
from incentives.engine.words import Accumulation
from incentives.selectors.deals import deals_asked
from planning.selectors import calendar_cut, quota_frame
from spm.core import periods as cutting
from spm.core.dated import day_number, day_of
from spm.crm.deal_frames import first_sale


@dataclass(frozen=True)
class Window:
    """The days read, [start, until), and the periods around them, whole fiscal years, so that a quota of a year can be spread."""

    start: date
    until: date
    periods: tuple[cutting.Period, ...]


def window_of(period: Any, plans: Sequence[Plan], known_at: datetime) -> Window:
    """Give the window of a period under the plans that pay in it; it goes back to the sale of whatever is taken back in it."""
    asked, days = reach_of(plans), period.during
    looking = [plan for plan in plans if reach_of([plan]).window != Accumulation.PERIOD]
    around = _around(period, _first_day(looking, days.lower))
    mine = next((one for one in around if (one.start, one.end, one.key) == (days.lower, days.upper, period.key)), None)
    if mine is None:
        return Window(days.lower, days.upper, (cutting.Period(days.lower, days.upper, period.key, "", ""),))
    inside = _inside(around, mine, asked)
    start = min(days.lower, max(inside[0].start, _first_day(looking, days.lower)))
    start = _sold_from(period, plans, start, days.upper, known_at)
    until = inside[-1].end if asked.ahead else days.upper
    return Window(start, until, _around(period, start))


def first_sold(plans: Sequence[Plan], *, since: date, end: date, known_at: datetime) -> date | None:
    """Give the first day of a sale that is taken back in [since, end); None without one."""
    return first_sale(deals_asked(plans, since=since, end=end, known_at=known_at))


def _sold_from(period: Any, plans: Sequence[Plan], start: date, end: date, known_at: datetime) -> date:
    """The first day of the windows of all sales that are taken back in [start, end), or in what is read for them."""
    sold = first_sold(plans, since=start, end=end, known_at=known_at)
    first = _first_day(plans, start)
    if sold is None or max(sold, first) >= start:
        return start
    around = _around(period, max(sold, first))
    its_own = next(one for one in around if one.holds(max(sold, first)))
    begun = max(first, _inside(around, its_own, reach_of(plans))[0].start)
    return _sold_from(period, plans, begun, start, known_at) if begun < start else start


def _first_day(plans: Sequence[Plan], otherwise: date) -> date:
    return min([*(day_of(plan.start) for plan in plans), otherwise])


def _around(period: Any, first: date) -> tuple[cutting.Period, ...]:
    """The periods of the calendar in every fiscal year from the first day to the period."""
    cut = calendar_cut(period.calendar.kind)
    years = [int(cut.containing(day).year_key) for day in (first, period.during.lower)]
    return tuple(one for year in range(years[0], years[1] + 1) for one in cut.year(year))


def _inside(around: Sequence[cutting.Period], mine: cutting.Period, asked: Reach) -> list[cutting.Period]:
    """The periods of the window that a period lies in."""
    if asked.window == Accumulation.CONTRACT:
        return list(around)
    if asked.window == Accumulation.YTD:
        return [one for one in around if one.year_key == mine.year_key]
    if asked.window == Accumulation.QTD:
        return [one for one in around if one.quarter_key == mine.quarter_key]
    return [mine]


def periods_csv(window: Window) -> bytes:
    """Give the periods around a window with the quarter and fiscal year of each."""
    rows = [
        (one.key, day_number(one.start), day_number(one.end), one.quarter_key or None, one.year_key or None)
        for one in window.periods
    ]
    return csv_of(rows, ["period_key", "start_on", "end_on", "quarter_key", "year_key"])


def quotas_csv(window: Window) -> bytes:
    """Give the quotas of the periods read; a quota of a quarter or year counts where its parts have none."""
    inside = [one for one in window.periods if one.start < window.until and one.end > window.start]
    levels: list[dict[str, set[str]]] = [
        {one.key: {one.quarter_key, one.year_key} for one in inside},
        {one.quarter_key: {one.year_key} for one in inside if one.quarter_key not in ("", one.key)},
        {one.year_key: set[str]() for one in inside if one.year_key not in ("", one.key)},
    ]
    frame = quota_frame({key for level in levels for key in level})
    frame["value"] = frame["value"].where(frame["is_money"], frame["value"] * UNIT_SCALE)
    columns = ["position_id", "period_key", "measure", "value", "currency"]
    taken = [frame.loc[frame["period_key"].isin(list(level)), columns] for level in levels]
    if not any(len(each) for each in taken[1:]):
        return _quotas_text(taken[0].assign(participant_id=""))
    found: list[tuple[Any, ...]] = []
    covered: set[tuple[Any, ...]] = set()
    for level, own in zip(levels, taken, strict=True):
        rows = [row for row in own.itertuples(index=False, name=None) if (row[0], row[2], row[1]) not in covered]
        found += [(*row, "") for row in rows]
        covered |= {(row[0], row[2], key) for row in rows for key in (row[1], *level[row[1]])}
    return _quotas_text(pd.DataFrame(found, columns=[*columns, "participant_id"]))


def _quotas_text(quotas: pd.DataFrame) -> bytes:
    names = ["position_key", "period_key", "measure", "amount_minor", "currency", "participant_key"]
    return csv_of(zip(*(quotas[name].tolist() for name in quotas.columns), strict=True), names)


def csv_of(rows: Iterable[Any], columns: list[str]) -> bytes:
    """Give rows as CSV text in a fixed order; None is an empty cell."""
    texts = sorted(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
    return pd.DataFrame(texts, columns=columns, dtype="str").to_csv(index=False, lineterminator="\n").encode()
