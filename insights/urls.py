"""Addresses of the insights pages; the first page itself is `home` in spm.urls."""

from django.urls import path

from insights.views import effectiveness, overview, performance

app_name = "insights"
urlpatterns = [
    path("team/", overview.TeamPage.as_view(), name="team"),
    path("team/export.<str:form>", overview.TeamExport.as_view(), name="team_export"),
    path("pipeline/changes/", overview.MovementPage.as_view(), name="pipeline_changes"),
    path("pipeline/changes/export.<str:form>", overview.MovementExport.as_view(), name="pipeline_changes_export"),
    path("effectiveness/", effectiveness.EffectivenessPage.as_view(), name="effectiveness"),
    path("effectiveness/export.<str:form>", effectiveness.EffectivenessExport.as_view(), name="effectiveness_export"),
    path("performance/", performance.PerformancePage.as_view(), name="performance"),
    path("performance/export.<str:form>", performance.PerformanceExport.as_view(), name="performance_export"),
    path("performance/<slug:kpi>/", performance.KpiPage.as_view(), name="kpi"),
    path("performance/<slug:kpi>/export.<str:form>", performance.KpiExport.as_view(), name="kpi_export"),
    path("performance/<slug:kpi>/rows.<str:form>", performance.RowExport.as_view(), name="kpi_rows"),
    path("pipeline/", overview.PipelinePage.as_view(), name="pipeline"),
]
