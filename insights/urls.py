"""Addresses of the insights pages; the first page itself is `home` in spm.urls."""

from django.urls import path

from insights.views import (
    dashboards,
    discounts,
    effectiveness,
    forecast_record,
    forecasts,
    kpi_targets,
    likelihoods,
    overview,
    pay_estimates,
    pay_forecasts,
    pay_records,
    performance,
)

app_name = "insights"
urlpatterns = [
    path("team/", overview.TeamPage.as_view(), name="team"),
    path("team/export.<str:form>", overview.TeamExport.as_view(), name="team_export"),
    path("pipeline/changes/", overview.MovementPage.as_view(), name="pipeline_changes"),
    path("pipeline/changes/export.<str:form>", overview.MovementExport.as_view(), name="pipeline_changes_export"),
    path("dashboards/", dashboards.DashboardListPage.as_view(), name="dashboards"),
    path("dashboards/<uuid:pk>/", dashboards.DashboardPage.as_view(), name="dashboard"),
    path("dashboards/<uuid:pk>/export.<str:form>", dashboards.DashboardExport.as_view(), name="dashboard_export"),
    path("dashboards/<uuid:pk>/edit/", dashboards.DashboardEditPage.as_view(), name="dashboard_edit"),
    path("dashboards/<uuid:pk>/copy/", dashboards.DashboardCopy.as_view(), name="dashboard_copy"),
    path(
        "dashboards/<uuid:pk>/remove/", dashboards.DashboardRemove.as_view(), {"do": "remove"}, name="dashboard_remove"
    ),
    path(
        "dashboards/<uuid:pk>/restore/",
        dashboards.DashboardRemove.as_view(),
        {"do": "restore"},
        name="dashboard_restore",
    ),
    path("effectiveness/", effectiveness.EffectivenessPage.as_view(), name="effectiveness"),
    path("effectiveness/export.<str:form>", effectiveness.EffectivenessExport.as_view(), name="effectiveness_export"),
    path("performance/", performance.PerformancePage.as_view(), name="performance"),
    path("performance/export.<str:form>", performance.PerformanceExport.as_view(), name="performance_export"),
    path("performance/discounts/", discounts.DiscountPage.as_view(), name="discounts"),
    path("performance/discounts/export.<str:form>", discounts.DiscountExport.as_view(), name="discounts_export"),
    path("performance/targets/", kpi_targets.KpiTargetPage.as_view(), name="kpi_targets"),
    path("performance/targets/<uuid:pk>/remove/", kpi_targets.KpiTargetRemove.as_view(), name="kpi_target_remove"),
    path("performance/<slug:kpi>/", performance.KpiPage.as_view(), name="kpi"),
    path("performance/<slug:kpi>/export.<str:form>", performance.KpiExport.as_view(), name="kpi_export"),
    path("performance/<slug:kpi>/rows.<str:form>", performance.RowExport.as_view(), name="kpi_rows"),
    path("pipeline/likelihood/", likelihoods.LikelihoodPage.as_view(), name="likelihoods"),
    path("pipeline/likelihood/export.<str:form>", likelihoods.LikelihoodExport.as_view(), name="likelihoods_export"),
    path("pipeline/likelihood/<uuid:pk>/", likelihoods.DealLikelihoodPage.as_view(), name="likelihood"),
    path("pipeline/", overview.PipelinePage.as_view(), name="pipeline"),
    path("pay-forecast/", pay_forecasts.PayForecastPage.as_view(), name="pay_forecast"),
    path("pay-forecast/export.<str:form>", pay_forecasts.PayForecastExport.as_view(), name="pay_forecast_export"),
    path("pay-forecast/people/<uuid:pk>/", pay_forecasts.PayForecastPersonPage.as_view(), name="pay_forecast_person"),
    path("pay-forecast/record/", pay_records.PayRecordPage.as_view(), name="pay_record"),
    path("pay-forecast/record/export.<str:form>", pay_records.PayRecordExport.as_view(), name="pay_record_export"),
    path("pay-forecast/people/<uuid:pk>/estimator/", pay_estimates.PayEstimatePage.as_view(), name="pay_estimate"),
    path("forecast/", forecasts.ForecastPage.as_view(), name="forecast"),
    path("forecast/export.<str:form>", forecasts.ForecastExport.as_view(), name="forecast_export"),
    path("forecast/people/<uuid:pk>/", forecasts.ForecastPersonPage.as_view(), name="forecast_person"),
    path("forecast/locked/", forecasts.ForecastLockedPage.as_view(), name="forecast_locked"),
    path("forecast/locked/export.<str:form>", forecasts.ForecastLockedExport.as_view(), name="forecast_locked_export"),
    path("forecast/record/", forecast_record.ForecastRecordPage.as_view(), name="forecast_record"),
    path(
        "forecast/record/export.<str:form>",
        forecast_record.ForecastRecordExport.as_view(),
        name="forecast_record_export",
    ),
    path("forecast/settings/", forecasts.ForecastPolicyPage.as_view(), name="forecast_policy"),
]
