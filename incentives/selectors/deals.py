"""The deals that plans ask for, as known at a moment: they can be read again, so a run keeps their digest only."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from incentives.engine.asking import asked_of
from incentives.engine.covering import ACCOUNT
from incentives.engine.plan import Plan
from incentives.selectors.goals import ACCOUNT_TERRITORY
from spm.crm.deal_columns import COLUMNS
from spm.crm.deal_frames import DealsAsked, deal_gaps_csv, has_facts, has_returns, owners_csv
from spm.crm.deal_packs import DealTables, tables_read

VERSIONED = ("deals", "gaps", "lines", "owners", "splits")
"""Frames that can be read again as known at a moment; the others are kept with the run."""

BASE_COLUMNS = frozenset({"amount_minor", "currency", "credit_on", "owner_key", "source_key", "deal_key"})
"""What is always read of a deal."""

OF_OWNER = frozenset({"territory_key", "account_territory_key"})
"""What is found by the owner or the account, and the day of a deal."""


def fact_column(name: str) -> str | None:
    """Give the column of the facts that a plan means by a name; None for a name that is not known of deals.

    >>> fact_column("product"), fact_column("shoe_size")
    ('product_key', None)
    """
    return next((each for each in (name, f"{name}_key") if each in COLUMNS or each in BASE_COLUMNS | OF_OWNER), None)


def _needed(columns: Collection[str]) -> set[str]:
    """What of a deal leads to a column that is found for it."""
    return {ACCOUNT} if ACCOUNT_TERRITORY & set(columns) else set()


def deals_asked(plans: Sequence[Plan], *, since: date, end: date, known_at: datetime) -> DealsAsked:
    """Give which deals the plans ask for."""
    asked = asked_of(plans)
    columns = sorted({*filter(None, map(fact_column, asked.columns)), *_needed(asked.columns)})
    own = sorted(name for name in asked.columns if fact_column(name) is None)
    return DealsAsked(start=since, end=end, known_at=known_at, columns=columns, attributes=own, days=sorted(asked.days))


def deals_read(
    plans: Sequence[Plan],
    *,
    period: Any,
    since: date,
    known_at: datetime,
    only: Sequence[str] | None = None,
    of: Sequence[str] | None = None,
    back: bool | None = None,
    read: Callable[..., DealTables] = tables_read,
) -> dict[str, bytes]:
    """Read the frames that can be asked as of a moment: deals, their lines where a plan asks what was sold, their splits, and gaps."""
    start, end = period.during.lower, period.during.upper
    by_line = asked_of(plans).by_line and has_facts("crm_orderlineversion", known_at)
    back = has_returns(known_at) if back is None else back
    if only is not None and not by_line and not back:
        # Every row is a deal: what belongs to it, its shares too, is found by its key.
        only, of = None, only
    asked = replace(deals_asked(plans, since=since, end=end, known_at=known_at), only=only, of=of, back=back)
    frames = {
        **read(asked, by_line=by_line).window(asked, by_line=by_line),
        "gaps": deal_gaps_csv(replace(asked, start=start), by_line=by_line),
    }
    if asked_of(plans).owners:
        frames["owners"] = owners_csv(asked, by_line=by_line)
    return frames
