"""Addresses of the insights API."""

from django.urls import path

from insights.api import (
    dashboards,
    discounts,
    effectiveness,
    forecast_record,
    forecasts,
    hygiene,
    kpi_targets,
    likelihoods,
    overview,
    pay_estimates,
    pay_forecasts,
    pay_records,
    performance,
)

urlpatterns = [
    path("team/", overview.TeamApi.as_view(), name="api_insights_team"),
    path("pipeline/", overview.PipelineApi.as_view(), name="api_insights_pipeline"),
    path("pipeline/changes/", overview.MovementApi.as_view(), name="api_insights_pipeline_changes"),
    path("pipeline/hygiene/", hygiene.HygieneApi.as_view(), name="api_insights_hygiene"),
    path("pipeline/hygiene/deals/", hygiene.HygieneDealsApi.as_view(), name="api_insights_hygiene_deals"),
    path("likelihoods/", likelihoods.LikelihoodApi.as_view(), name="api_insights_likelihoods"),
    path("likelihoods/trial/", likelihoods.LikelihoodTrialApi.as_view(), name="api_insights_likelihood_trial"),
    path("likelihoods/<uuid:pk>/", likelihoods.DealLikelihoodApi.as_view(), name="api_insights_likelihood"),
    path("effectiveness/", effectiveness.EffectivenessApi.as_view(), name="api_insights_effectiveness"),
    path("dashboards/", dashboards.DashboardListApi.as_view(), name="api_insights_dashboards"),
    path("dashboards/<uuid:pk>/", dashboards.DashboardApi.as_view(), name="api_insights_dashboard"),
    path("dashboards/<uuid:pk>/copy/", dashboards.DashboardCopyApi.as_view(), name="api_insights_dashboard_copy"),
    path(
        "dashboards/<uuid:pk>/restore/",
        dashboards.DashboardRestoreApi.as_view(),
        name="api_insights_dashboard_restore",
    ),
    path("discounts/", discounts.DiscountApi.as_view(), name="api_insights_discounts"),
    path("kpi-targets/", kpi_targets.KpiTargetListApi.as_view(), name="api_insights_kpi_targets"),
    path("kpi-targets/<uuid:pk>/", kpi_targets.KpiTargetApi.as_view(), name="api_insights_kpi_target"),
    path("kpis/", performance.KpiListApi.as_view(), name="api_insights_kpis"),
    path("kpis/<slug:kpi>/", performance.KpiApi.as_view(), name="api_insights_kpi"),
    path("kpis/<slug:kpi>/rows/", performance.KpiRowsApi.as_view(), name="api_insights_kpi_rows"),
    path("pay-forecasts/", pay_forecasts.PayForecastApi.as_view(), name="api_insights_pay_forecasts"),
    path(
        "pay-forecasts/people/<uuid:pk>/",
        pay_forecasts.PayForecastPersonApi.as_view(),
        name="api_insights_pay_forecast_person",
    ),
    path(
        "pay-forecasts/people/<uuid:pk>/estimate/",
        pay_estimates.PayEstimateApi.as_view(),
        name="api_insights_pay_estimate",
    ),
    path("pay-forecasts/record/", pay_records.PayRecordApi.as_view(), name="api_insights_pay_record"),
    path("forecasts/", overview.ForecastApi.as_view(), name="api_insights_forecasts"),
    path("forecast/", forecasts.ForecastSheetApi.as_view(), name="api_insights_forecast"),
    path("forecast/people/<uuid:pk>/", forecasts.ForecastHistoryApi.as_view(), name="api_insights_forecast_person"),
    path("forecast/locked/", forecasts.ForecastLockedApi.as_view(), name="api_insights_forecast_locked"),
    path("forecast/record/", forecast_record.ForecastRecordApi.as_view(), name="api_insights_forecast_record"),
    path("forecast/settings/", forecasts.ForecastPolicyApi.as_view(), name="api_insights_forecast_policy"),
]
