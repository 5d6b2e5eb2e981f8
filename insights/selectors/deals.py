"""Deals as the engine of insights reads them."""

from datetime import date

import pandas as pd

from spm.core.dated import day_number
from spm.crm.selectors.facts import opportunity_frame
from spm.people.models import PositionHolding, PositionUnit


def deal_frame(*, currency: str) -> pd.DataFrame:
    """Give the deals known now in the currency or without one: as opportunity_frame, days as day numbers (Int64)."""
    frame = opportunity_frame()
    frame = frame[frame["currency"].isin([currency, ""])].reset_index(drop=True)
    for column in ("created_on", "close_on", "expected_close_on"):
        frame[column] = pd.array([pd.NA if pd.isna(day) else day_number(day) for day in frame[column]], dtype="Int64")
    return frame


def unit_of_owner(on: date) -> dict[str, str]:
    """Give the unit (id as text) of each participant (id as text) by their main seat on the day."""
    seats = dict(
        PositionHolding.objects.filter(during__contains=on, is_main=True).values_list("position_id", "participant_id")
    )
    units = PositionUnit.objects.filter(during__contains=on, position__in=seats).values_list("position_id", "unit_id")
    return {str(seats[position]): str(unit) for position, unit in units}
