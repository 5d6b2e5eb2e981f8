"""Manual credits: amounts that people granted, beside what deals credit. They count like a deal of the person, in one measure only.

A manual credit is a row of the deals that no rule looks at: it is credited in full to its person, on its day, in the measure that it
names, by the plan that pays the person then. It is never split, rolled up or overlaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from incentives.engine.attainment import Windows
from incentives.engine.contracts import MANUAL_MEASURE, Facts
from incentives.engine.plan import Measure, Plan
from incentives.engine.words import MeasureKind
from spm.core.dated import day_text
from spm.core.findings import Finding

RULE = "manual"
"""The name of the rule under which a manual credit is shown."""


def is_manual(deals: pd.DataFrame) -> np.ndarray | None:
    """True for the rows that are manual credits; None where there are none."""
    return deals[MANUAL_MEASURE].notna().to_numpy() if MANUAL_MEASURE in deals.columns else None


def takes_manual(measure: Measure) -> bool:
    """True for measures that sum amounts: an amount can't be granted to a count or to what a formula makes of a deal."""
    return measure.kind == MeasureKind.AMOUNT and measure.formula is None


def manual_rows(deals: pd.DataFrame, measure: Measure) -> np.ndarray:
    """The rows of the manual credits of a measure."""
    if MANUAL_MEASURE not in deals.columns or not takes_manual(measure):
        return np.array([], dtype=np.int64)
    return np.flatnonzero((deals[MANUAL_MEASURE] == measure.key).to_numpy())


def taken(deals: pd.DataFrame, credited: Iterable[np.ndarray]) -> set[object]:
    """The keys of the manual credits among credited rows of deals."""
    manual = is_manual(deals)
    if manual is None:
        return set()
    keys = deals["deal_key"].to_numpy()
    return {key for rows in credited for key in keys[rows[manual[rows]]].tolist()}


def unplaced(facts: Facts, plans: Sequence[Plan], credited: set[object], windows: Windows) -> list[Finding]:
    """A finding for each manual credit of the periods that no plan took."""
    manual = is_manual(facts.deals)
    if manual is None:
        return []
    inside = windows.holding(facts.deals["credit_on"].to_numpy(np.int64)) >= 0
    rows = facts.deals[manual & inside]
    return [_unplaced(row, plans) for _, row in rows.iterrows() if row["deal_key"] not in credited]


def _unplaced(deal: pd.Series, plans: Sequence[Plan]) -> Finding:
    person, name = deal["owner_key"], deal[MANUAL_MEASURE]
    known = sorted({measure.key for plan in plans for measure in plan.measures if takes_manual(measure)})
    return Finding(
        "MANUAL_CREDIT_UNPLACED",
        f"participant {person}",
        f"{deal['source_key']} names {name}, which no plan that pays {person} on {day_text(int(deal['credit_on']))} sums amounts by.",
        "It credits nobody.",
        f"Reverse it and ask for one on {', '.join(known) or 'a component'}, or put the person on the plan.",
        about=(("participant_key", person), ("deal_key", deal["deal_key"])),
    )
