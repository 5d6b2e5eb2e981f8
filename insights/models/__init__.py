"""Tables of insights."""

from insights.models.forecasts import Forecast, ForecastModel
from insights.models.pipeline import PipelineSnapshot

__all__ = ["Forecast", "ForecastModel", "PipelineSnapshot"]
