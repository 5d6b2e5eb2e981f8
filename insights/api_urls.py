"""Addresses of the insights API."""

from django.urls import path

from insights import api

urlpatterns = [
    path("team/", api.TeamApi.as_view(), name="api_insights_team"),
    path("pipeline/", api.PipelineApi.as_view(), name="api_insights_pipeline"),
    path("pipeline/changes/", api.MovementApi.as_view(), name="api_insights_pipeline_changes"),
    path("forecasts/", api.ForecastApi.as_view(), name="api_insights_forecasts"),
]
