"""Tables of planning."""

from planning.models.calendars import Calendar, CalendarKind, Period
from planning.models.goals import Score, ScoreEvidence
from planning.models.quotas import Quota, QuotaMeasure
from planning.models.territories import Territory, TerritoryAssignment

__all__ = [
    "Calendar",
    "CalendarKind",
    "Period",
    "Quota",
    "QuotaMeasure",
    "Score",
    "ScoreEvidence",
    "Territory",
    "TerritoryAssignment",
]
