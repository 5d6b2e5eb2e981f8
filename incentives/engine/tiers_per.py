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
from incentives.engine.words import MeasureKind, TierMode, TierUnit

FIELD = "tiers_per"
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
    _check(reader, measure, table)
    return replace(table, per=column)


def _check(reader: Reader, measure: Measure, table: RateTable) -> None:
    """What such tiers can't be."""
    if table.unit == TierUnit.ATTAINMENT:
        what = "A quota is of a person and of no single customer."
        reader.find("TIERS_PER", what, "Write the edges as amounts or numbers.", at="tiers")
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
