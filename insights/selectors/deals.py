"""Deals as the engine of insights reads them."""

from collections.abc import Collection
from datetime import date

import pandas as pd
from django.db.backends.postgresql.psycopg_any import DateRange

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
    return units_of_owners([on])[on]


def units_of_owners(days: Collection[date]) -> dict[date, dict[str, str]]:
    """Give `unit_of_owner` of each of the days, read together."""
    if not days:
        return {}
    while_ = {"during__overlap": DateRange(min(days), max(days), "[]")}
    held = PositionHolding.objects.filter(is_main=True, **while_).values_list("position_id", "participant_id", "during")
    placed = PositionUnit.objects.filter(**while_).values_list("position_id", "unit_id", "during")
    seats, units = list(held), list(placed)
    found = {}
    for day in days:
        person = {seat: key for seat, key, during in seats if day in during}
        found[day] = {str(person[seat]): str(unit) for seat, unit, during in units if seat in person and day in during}
    return found
