"""Addresses of the insights API."""

from django.urls import path

from insights.api import overview

urlpatterns = [
    path("team/", overview.TeamApi.as_view(), name="api_insights_team"),
    path("pipeline/", overview.PipelineApi.as_view(), name="api_insights_pipeline"),
    path("pipeline/changes/", overview.MovementApi.as_view(), name="api_insights_pipeline_changes"),
    path("forecasts/", overview.ForecastApi.as_view(), name="api_insights_forecasts"),
]
