"""Tables of insights."""

from insights.models.forecasts import Forecast, ForecastModel
from insights.models.pipeline import PipelineSnapshot
from insights.models.submissions import (
    ForecastCategory,
    ForecastPolicy,
    ForecastShare,
    ForecastSnapshot,
    ForecastSubmission,
    RollUp,
)

__all__ = [
    "Forecast",
    "ForecastCategory",
    "ForecastModel",
    "ForecastPolicy",
    "ForecastShare",
    "ForecastSnapshot",
    "ForecastSubmission",
    "PipelineSnapshot",
    "RollUp",
]
