"""Tables of insights."""

from insights.models.dashboards import Dashboard, Mails
from insights.models.forecasts import Forecast, ForecastModel
from insights.models.knowledge import Article, ArticleKind, ArticleReading, ArticleState, ArticleVersion
from insights.models.likelihoods import DealLikelihood, LikelihoodTrial
from insights.models.pay_forecasts import ChanceSource, PayForecast, PayForecastBasis, PayScope
from insights.models.pipeline import PipelineSnapshot
from insights.models.submissions import (
    ForecastCategory,
    ForecastPolicy,
    ForecastShare,
    ForecastSnapshot,
    ForecastSubmission,
    RollUp,
)
from insights.models.targets import KpiTarget

__all__ = [
    "Article",
    "ArticleKind",
    "ArticleReading",
    "ArticleState",
    "ArticleVersion",
    "ChanceSource",
    "Dashboard",
    "DealLikelihood",
    "Forecast",
    "ForecastCategory",
    "ForecastModel",
    "ForecastPolicy",
    "ForecastShare",
    "ForecastSnapshot",
    "ForecastSubmission",
    "KpiTarget",
    "LikelihoodTrial",
    "Mails",
    "PayForecast",
    "PayForecastBasis",
    "PayScope",
    "PipelineSnapshot",
    "RollUp",
]
