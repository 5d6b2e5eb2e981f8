"""Reads tiers that each customer, product or other value of a deal column has for itself.

What a person is credited of one customer in the window finds the tier of that customer's deals. MARGINAL: they climb in the order of their
days, each paid by the parts of its way. WHOLE: the tier reached by the end of the period pays the deals of the period.
"""

from __future__ import annotations

from dataclasses import replace

from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.language.values import Reason
from incentives.engine.plan import Measure, RateTable
from incentives.engine.reading import Reader
from incentives.engine.tables import read_table
from incentives.engine.words import Accumulation, EarlierWindow, MeasureKind, NewValues, TierMode, TierUnit

FIELD, AGAINST, NEW = "tiers_per", "tiers_against", "tiers_new"
UNIT_ENDS = ("_minor", "_rate", "_on")


def unstated(column: str) -> Reason:
    """Why the tier of a deal is not known that does not say whose tiers it climbs."""
    return Reason(
        "FACT_EMPTY", f"it does not state its {column}, whose tiers it climbs", f"Enter the {column} of the deal."
    )


def read_tiers_per(reader: Reader, measure: Measure, currency: str) -> RateTable | None:
    """The tiers that each value of a deal column has for itself."""
    column, table = reader.text(FIELD), read_table(reader, measure, currency)
    if MONEY_NAMES.get(column, column).endswith(UNIT_ENDS):
        what = f"{column} is an amount, a rate or a day, and tiers are those of a customer, a product or the like."
        reader.find("TIERS_PER", what, "Write for example tiers_per: account.", at=FIELD)
    if table is None:
        if not reader.has("tiers"):
            reader.find(
                "FIELD_UNUSED",
                f"There are no tiers, so {FIELD} would not be read.",
                f"Add tiers, or remove {FIELD}.",
                at=FIELD,
            )
        return None
    return replace(_against(reader, measure, table), per=column)


def check_without_per(reader: Reader) -> None:
    """What only tiers of each customer read, where there are none."""
    for name in (AGAINST, NEW):
        if reader.has(name):
            fix = f"Add {FIELD}, for example {FIELD}: account, or remove {name}."
            reader.find("FIELD_UNUSED", f"{name} is of tiers that each customer has for itself.", fix, at=name)
            reader.read.add(name)


def _against(reader: Reader, measure: Measure, table: RateTable) -> RateTable:
    """The tiers, where they ask it with what each value came to earlier."""
    against = reader.choice(AGAINST, EarlierWindow, EarlierWindow.PRIOR_YEAR) if reader.has(AGAINST) else None
    new = reader.choice(NEW, NewValues, NewValues.LAST_TIER)
    _check(reader, measure, table, against)
    if against is None:
        if reader.has(NEW):
            what = f"Without {AGAINST} no {table.per or 'customer'} is new."
            reader.find("FIELD_UNUSED", what, f"Add {AGAINST}, or remove {NEW}.", at=NEW)
        return table
    unit = TierUnit.EARLIER if table.unit == TierUnit.ATTAINMENT else table.unit
    return replace(table, unit=unit, against=against, new=new)


def _check(reader: Reader, measure: Measure, table: RateTable, against: EarlierWindow | None) -> None:
    """What such tiers can't be."""
    if table.unit == TierUnit.ATTAINMENT and against is None:
        what = "A quota is of a person and of no single customer."
        fix = f"Write the edges as amounts or numbers, or {AGAINST}: PRIOR_YEAR for percentages of the year before."
        reader.find("TIERS_PER", what, fix, at="tiers")
    if table.unit == TierUnit.MEASURE and against is not None and len(table.tiers) > 1:
        what = f"With {AGAINST} edges are parts of what each came to earlier, and these are amounts or numbers."
        reader.find("TIERS_PER", what, f"Write the edges with %, or remove {AGAINST}.", at="tiers")
    to_date = measure.accumulation != Accumulation.PERIOD
    if measure.accumulation == Accumulation.CONTRACT if against == EarlierWindow.PRIOR_YEAR else against and to_date:
        what = f"{AGAINST}: {against} has no earlier window of the accumulation {measure.accumulation}."
        fix = "Leave accumulation out; with PRIOR_YEAR it may be QTD or YTD, which compare whole quarters or years."
        reader.find("TIERS_PER", what, fix, at=AGAINST)
    for name in ("tiers_on", "target"):
        if reader.has(name):
            what = f"With {FIELD} deals are paid one by one, and here stands {name}."
            reader.find("TIERS_PER", what, f"Remove {name}, or {FIELD}.", at=FIELD)
    paid_once = any(tier.amount is not None or tier.earned is not None for tier in table.tiers)
    if paid_once or table.mode == TierMode.INTERPOLATED:
        what = "Tiers of each customer pay deals by what they count."
        reader.find("TIERS_PER", what, "Write rate or amount_each, until, and tier_mode MARGINAL or WHOLE.", at="tiers")
    if measure.kind == MeasureKind.DISTINCT:
        reader.find(
            "TIERS_PER", "Distinct values are not counted by customer.", "Use COUNT or an amount.", at="measure"
        )
