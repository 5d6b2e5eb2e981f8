"""The frames that enter the engine, their columns, and the door that checks them.

Keys are all int64 or all text; days are int32 day numbers (dates, datetime64 and ISO text are read too), half-open, an empty
end is FOREVER; amounts are int64 minor units; shares are int64 at RATE_SCALE. `deals` may carry any further column: it is an
attribute that conditions of a plan can name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from spm.core.columns import is_increasing
from spm.core.dated import FOREVER
from spm.core.findings import Finding
from spm.core.frames import Column, Contract, Kind

NOT_CREDITED = FOREVER
"""The credit day of a deal that has none yet."""


def _span() -> tuple[Column, Column]:
    return Column("from_on", Kind.DAY), Column("until_on", Kind.DAY, nullable=True, missing=FOREVER)


DAYS_OF_CREDIT = ("booked_on", "closed_on", "invoiced_on", "paid_on")


def _days(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.DAY, nullable=True, required=False, missing=NOT_CREDITED) for name in names)


DEALS = Contract(
    "deals",
    (
        Column("deal_key", Kind.KEY),
        Column("source_key", Kind.KEY, nullable=True, required=False),
        Column("owner_key", Kind.KEY, nullable=True),
        Column("amount_minor", Kind.INTEGER, unit="minor units of currency"),
        Column("currency", Kind.TEXT),
        Column("credit_on", Kind.DAY, nullable=True, missing=NOT_CREDITED),
        *_days(*DAYS_OF_CREDIT),
        Column("reverses_key", Kind.KEY, nullable=True, required=False),
        Column("cost_minor", Kind.INTEGER, unit="minor units of currency", nullable=True, required=False),
        Column("list_minor", Kind.INTEGER, unit="minor units of currency", nullable=True, required=False),
    ),
    key=("deal_key",),
    attributes=True,
)
POSITIONS = Contract(
    "positions",
    (
        Column("participant_key", Kind.KEY),
        Column("position_key", Kind.KEY),
        Column("title_key", Kind.KEY, nullable=True, required=False),
        *_span(),
    ),
)
REPORTING = Contract(
    "reporting", (Column("position_key", Kind.KEY), Column("manager_position_key", Kind.KEY), *_span())
)
QUOTAS = Contract(
    "quotas",
    (
        Column("position_key", Kind.KEY, nullable=True, required=False),
        Column("participant_key", Kind.KEY, nullable=True, required=False),
        Column("period_key", Kind.KEY),
        Column("measure", Kind.TEXT),
        Column("amount_minor", Kind.INTEGER, unit="minor units of currency, or units at UNIT_SCALE"),
        Column("currency", Kind.TEXT, nullable=True, required=False),
    ),
)
ASSIGNMENTS = Contract(
    "assignments",
    (
        Column("plan_key", Kind.KEY),
        Column("participant_key", Kind.KEY, nullable=True, required=False),
        Column("position_key", Kind.KEY, nullable=True, required=False),
        Column("title_key", Kind.KEY, nullable=True, required=False),
        Column("layer", Kind.TEXT, nullable=True, required=False),
        *_span(),
    ),
)
PERIODS = Contract(
    "periods",
    (
        Column("period_key", Kind.KEY),
        Column("start_on", Kind.DAY),
        Column("end_on", Kind.DAY),
        Column("quarter_key", Kind.KEY, nullable=True, required=False),
        Column("year_key", Kind.KEY, nullable=True, required=False),
    ),
    key=("period_key",),
)
SPLITS = Contract(
    "splits",
    (
        Column("deal_key", Kind.KEY),
        Column("participant_key", Kind.KEY),
        Column("share", Kind.INTEGER, unit="share at RATE_SCALE"),
        Column("credit_type", Kind.TEXT, nullable=True, required=False),
    ),
)
ACCOUNT_TERRITORIES = Contract(
    "account_territories",
    (
        Column("account_key", Kind.KEY),
        Column("territory", Kind.TEXT),
        Column("rule", Kind.TEXT, nullable=True, required=False),
        *_span(),
    ),
)
COVERAGE = Contract(
    "coverage",
    (
        Column("participant_key", Kind.KEY),
        Column("territory", Kind.TEXT),
        Column("share", Kind.INTEGER, unit="share at RATE_SCALE"),
        *_span(),
    ),
)
OWNERS = Contract("owners", (Column("deal_key", Kind.KEY), Column("owner_key", Kind.KEY), *_span()))
FX = Contract(
    "fx",
    (
        Column("from_currency", Kind.TEXT),
        Column("to_currency", Kind.TEXT),
        Column("on", Kind.DAY),
        Column("rate", Kind.EXACT),
        Column("table", Kind.TEXT, nullable=True, required=False),
        Column("pivot", Kind.TEXT, unit="the company's currency", nullable=True, required=False),
    ),
)
SCORES = Contract(
    "scores",
    (
        Column("participant_key", Kind.KEY),
        Column("period_key", Kind.KEY),
        Column("objective", Kind.TEXT),
        Column("score", Kind.INTEGER, unit="share at RATE_SCALE"),
    ),
    key=("participant_key", "period_key", "objective"),
)
RELATIONS = Contract(
    "relations",
    (Column("participant_key", Kind.KEY), Column("related_key", Kind.KEY), Column("relation", Kind.TEXT), *_span()),
)
EMPLOYMENTS = Contract("employments", (Column("participant_key", Kind.KEY), *_span()))
MANUAL = Contract(
    "manual",
    (
        Column("deal_key", Kind.KEY),
        Column("source_key", Kind.KEY),
        Column("participant_key", Kind.KEY),
        Column("measure", Kind.TEXT),
        Column("amount_minor", Kind.INTEGER, unit="minor units of currency"),
        Column("currency", Kind.TEXT),
        Column("credit_on", Kind.DAY),
    ),
    key=("deal_key",),
)
OPENINGS = Contract(
    "openings",
    (
        Column("plan_key", Kind.KEY),
        Column("participant_key", Kind.KEY),
        Column("component", Kind.TEXT),
        Column("from_on", Kind.DAY),
        Column("brought_credit", Kind.INTEGER, unit="smallest units of the measure"),
        Column("brought_quota", Kind.INTEGER, unit="smallest units of the measure"),
        Column("brought_target", Kind.INTEGER, unit="minor units of currency"),
        Column("brought_paid", Kind.INTEGER, unit="minor units of currency"),
    ),
    key=("plan_key", "participant_key", "component"),
)
_HOLDER = (
    Column("participant_key", Kind.KEY, nullable=True, required=False),
    Column("position_key", Kind.KEY, nullable=True, required=False),
)
TARGETS = Contract(
    "targets",
    (
        *_HOLDER,
        Column("name", Kind.TEXT),
        Column("amount_minor", Kind.INTEGER, unit="minor units of currency"),
        Column("per", Kind.TEXT, unit="year, or period: each pay period", nullable=True, required=False),
        Column("currency", Kind.TEXT),
        *_span(),
    ),
)
RAMPS = Contract("ramps", (*_HOLDER, Column("share", Kind.INTEGER, unit="share at RATE_SCALE"), *_span()))
LEAVES = Contract(
    "leaves",
    (
        Column("participant_key", Kind.KEY),
        Column("relieves_quota", Kind.INTEGER, unit="1 where it does"),
        Column("relieves_target", Kind.INTEGER, unit="1 where it does"),
        *_span(),
    ),
)
MANUAL_MEASURE = "manual_measure"
"""The column that tells a manual credit from a deal: the measure that it counts in."""

CONTRACTS = {
    "deals": DEALS,
    "positions": POSITIONS,
    "assignments": ASSIGNMENTS,
    "periods": PERIODS,
    "reporting": REPORTING,
    "quotas": QUOTAS,
    "splits": SPLITS,
    "owners": OWNERS,
    "account_territories": ACCOUNT_TERRITORIES,
    "coverage": COVERAGE,
    "fx": FX,
    "scores": SCORES,
    "relations": RELATIONS,
    "employments": EMPLOYMENTS,
    "manual": MANUAL,
    "targets": TARGETS,
    "ramps": RAMPS,
    "leaves": LEAVES,
    "openings": OPENINGS,
    "lines": DEALS,
}


@dataclass(frozen=True)
class Facts:
    """Everything a calculation reads. Frames that are None have no rows."""

    deals: pd.DataFrame
    positions: pd.DataFrame
    assignments: pd.DataFrame
    periods: pd.DataFrame
    reporting: pd.DataFrame | None = None
    quotas: pd.DataFrame | None = None
    splits: pd.DataFrame | None = None
    fx: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    relations: pd.DataFrame | None = None
    employments: pd.DataFrame | None = None
    """The whole employments of people, where a plan asks for their months; see `incentives.engine.tenure`."""
    manual: pd.DataFrame | None = None
    """Credits that people granted; see `incentives.engine.manual`."""
    targets: pd.DataFrame | None = None
    ramps: pd.DataFrame | None = None
    leaves: pd.DataFrame | None = None
    """Terms of people and positions; see `incentives.engine.terms`."""
    openings: pd.DataFrame | None = None
    """What people bring from a former system; see `incentives.engine.opening`."""
    lines: pd.DataFrame | None = None
    """The same deals line by line, for plans that ask what was sold (`Plan.by_line`); without it they are credited as a whole."""
    owners: pd.DataFrame | None = None
    """Who owned a deal when, of those that had more than one owner; of the others their owner counts on every day."""
    account_territories: pd.DataFrame | None = None
    """Which territory an account belongs to and by which rule, empty where it is named apart; see `incentives.engine.covering`."""
    coverage: pd.DataFrame | None = None
    """Who covers a territory with which share."""
    days: tuple[int, int] | None = None
    """The days that were read, half-open; None for all. Of a deal that is credited on another day, nobody's seat is known."""

    @property
    def by_line(self) -> Facts:
        """These facts with the lines in place of the deals."""
        return self if self.lines is None else replace(self, deals=self.lines)


def admit(facts: Facts) -> tuple[Facts, list[Finding]]:
    """The facts in the declared dtypes and deterministic order; with an ERROR finding nothing may be calculated from them."""
    found: list[Finding] = []
    checked: dict[str, Any] = {}
    for name, contract in CONTRACTS.items():
        frame = getattr(facts, name)
        if frame is not None:
            checked[name], findings = contract.check(frame)
            found += findings
        elif name != "lines":
            checked[name] = contract.empty()
    if found:
        return facts, found
    for name in checked.keys() & {"deals", "lines"}:
        checked[name] = _ordered_deals(_with_manual(checked[name], checked["manual"]))
    return replace(facts, **checked), found + _mixed_keys(checked)


def _with_manual(deals: pd.DataFrame, manual: pd.DataFrame) -> pd.DataFrame:
    """The deals and, as further rows, the manual credits: a deal of the person on every day that credit may go by."""
    if not len(manual):
        return deals
    deals = deals.assign(
        source_key=deals["source_key"] if "source_key" in deals.columns else deals["deal_key"], **{MANUAL_MEASURE: None}
    )
    deals = deals.astype({name: object for name in deals.columns if isinstance(deals[name].dtype, pd.CategoricalDtype)})
    given = {"owner_key": manual["participant_key"], MANUAL_MEASURE: manual["measure"]}
    given |= {name: manual[name] for name in ("deal_key", "source_key", "amount_minor", "currency", "credit_on")}
    given |= {name: manual["credit_on"] for name in DAYS_OF_CREDIT if name in deals.columns}
    empty = {name: _nothing(deals[name], len(manual)) for name in deals.columns if name not in given}
    rows = pd.DataFrame({name: given.get(name, empty.get(name)) for name in deals.columns})
    rows = rows.astype({name: deals[name].dtype for name in deals.columns})
    return pd.concat([deals, rows], ignore_index=True)


def _nothing(column: pd.Series, count: int) -> pd.Series:
    """Cells that say nothing, in the dtype of the column."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return pd.Series(np.zeros(count, dtype=column.dtype))
    return pd.Series([None] * count, dtype=object).astype(column.dtype)


def _ordered_deals(deals: pd.DataFrame) -> pd.DataFrame:
    """Deals by source key, then deal key: the order in which residues are given and ties are broken."""
    if "source_key" not in deals.columns or deals["source_key"].isna().all():
        deals = deals.assign(source_key=deals["deal_key"])
    by_source = ["source_key", "deal_key"]
    source = deals["source_key"]
    keys = source.to_numpy()
    if keys.dtype == np.int64 and is_increasing(keys):
        return deals
    if keys.dtype == object and not source.isna().any() and is_increasing(keys):
        return deals
    return deals.sort_values(by_source, kind="stable", ignore_index=True)


def _mixed_keys(frames: dict[str, pd.DataFrame]) -> list[Finding]:
    """Keys of one kind that are numbers in one frame and text in another would silently never meet."""
    found = []
    for name in ("participant_key", "position_key", "title_key", "deal_key", "period_key", "plan_key"):
        columns = [frame[name] for frame in frames.values() if len(frame) and name in frame.columns]
        columns += [frames["deals"]["owner_key"]] if name == "participant_key" else []
        kinds = set(map(_key_kind, columns)) - {None}
        if len(kinds) > 1:
            fix = "Give the key as text everywhere or as a number everywhere."
            found.append(
                Finding(
                    "KEYS_MIXED",
                    name,
                    f"{name} is a number in one frame and text in another.",
                    "Rows would not meet.",
                    fix,
                )
            )
    return found


def _key_kind(series: pd.Series) -> str | None:
    """Numbers or text, as the first key says; None for a column without any."""
    if series.dtype.kind in "iu":
        return "number" if len(series) else None
    first = next((key for key in series.array if key is not None and key is not pd.NA and key == key), None)
    return None if first is None else "number" if isinstance(first, int | np.integer) else "text"
