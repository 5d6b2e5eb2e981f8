"""What a worked example may state of a result beyond what is paid, and what it probably forgot where a figure does not come out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from incentives.engine.asking import asked_of
from incentives.engine.examples import Given
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.language.meant import field_meant, name_fix
from incentives.engine.results import earnings_frame
from incentives.engine.run import Result, earnings_of
from spm.core.dated import day_of
from spm.core.money import RATE_SCALE

SHORT = {column: name for name, column in MONEY_NAMES.items()}


def with_unpaid(result: Result, periods: Collection[str]) -> pd.DataFrame:
    """The earnings, and what the components with `paid: no` come to, in some periods."""
    frames = [result.earnings]
    for each in result.computed:
        parts = [earnings_of(each, one) for one in each.earned if not one.component.paid]
        frame = earnings_frame(parts, each.seats.participants, each.cells.windows)
        frames.append(frame[frame["period_key"].isin(list(periods))])
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else result.earnings


def attainments(result: Result, periods: Collection[str]) -> dict[str, Fraction]:
    """The attainment of every measure, by its key or its component's, of the last period in which one is known."""
    found: dict[str, Fraction] = {}
    for each in result.computed:
        named = {one.component.key: one.own for one in each.earned} | dict(each.room.measured)
        inside = np.isin(each.cells.windows.keys.take(each.cells.period).to_numpy(dtype=object), list(periods))
        for key, own in named.items():
            if own.goal is None:
                continue
            value, known = own.attainment()
            rows = np.flatnonzero(known & inside)
            if len(rows):
                order = np.argsort(each.cells.windows.rank(each.cells.period[rows]), kind="stable")
                found[key] = Fraction(int(value[rows[order[-1]]]), RATE_SCALE)
    return found


def unlikely(given: Given) -> list[str]:
    """What an example whose figures differ has probably forgotten: deals that can't count as they are written.

    Each of these is allowed, so it is told only then.
    """
    found = [*_outside(given), *_strangers(given), *_returns(given)]
    found += [f"{key} states no amount and counts 0." for key in given.without_amount]
    stated = {name for deal in given.deals for name in deal}
    columns = asked_of(given.used).columns
    found += _otherwise(given, columns)
    asked = columns - stated
    names = {SHORT.get(name, name) for name in stated if not name.endswith("_key")}
    found += [
        f"no deal states {SHORT.get(name, name)}, which the plan asks for. {name_fix(name, names)}".rstrip()
        for name in sorted(asked)
        if given.deals
    ]
    return found


def _otherwise(given: Given, asked: Collection[str]) -> Iterable[str]:
    """What deals state in another word than the field that every deal has for it."""
    for deal in given.deals:
        for name in sorted(set(deal) - set(asked)):
            if not name.endswith("_key") and (field := field_meant(name)):
                yield f"{deal['deal_key']} states {name}, which no plan asks for. Did you mean {field}?"


def _outside(given: Given) -> Iterable[str]:
    first, last = min(period.start for period in given.periods), max(period.end for period in given.periods)
    for deal in given.deals:
        day = day_of(int(str(deal["credit_on"])))
        if not first <= day < last:
            yield f"{deal['deal_key']} is on {day}, outside the periods of the example ({first} to {last})."


def _strangers(given: Given) -> Iterable[str]:
    """People and plans that are named and not described."""
    people, plans = {*given.people}, {plan.key for plan in given.plans}
    for row in given.splits:
        if row["participant_key"] not in people:
            yield f"{row['deal_key']} is shared with {row['participant_key']}, who is not among the people."
    for row in given.reporting:
        if row["manager_position_key"] not in people:
            yield f"{row['manager_position_key']}, the manager of {row['position_key']}, is not among the people."
    for row in given.assignments:
        if row["plan_key"] not in plans:
            yield f"{row['participant_key']} is on the plan {row['plan_key']}, which the file does not have."


def _returns(given: Given) -> Iterable[str]:
    known = {deal["deal_key"]: deal for deal in given.deals}
    for deal in given.deals:
        if deal.get("reverses_key") is None:
            continue
        if deal["reverses_key"] not in known:
            yield f"{deal['deal_key']} reverses {deal['reverses_key']}, which is not among the deals."
        elif known[deal["reverses_key"]].get("reverses_key") is None and int(str(deal["amount_minor"])) > 0:
            yield f"{deal['deal_key']} is a return, and its amount is above 0."
