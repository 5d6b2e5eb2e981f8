"""Tables of insights."""

from insights.models.forecasts import Forecast, ForecastModel
from insights.models.likelihoods import DealLikelihood, LikelihoodTrial
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
    "DealLikelihood",
    "Forecast",
    "ForecastCategory",
    "ForecastModel",
    "ForecastPolicy",
    "ForecastShare",
    "ForecastSnapshot",
    "ForecastSubmission",
    "LikelihoodTrial",
    "PipelineSnapshot",
    "RollUp",
]
