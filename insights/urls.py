"""Addresses of the insights pages; the first page itself is `home` in spm.urls."""

from django.urls import path

from insights.views import overview

app_name = "insights"
urlpatterns = [
    path("team/", overview.TeamPage.as_view(), name="team"),
    path("team/export.<str:form>", overview.TeamExport.as_view(), name="team_export"),
    path("pipeline/changes/", overview.MovementPage.as_view(), name="pipeline_changes"),
    path("pipeline/changes/export.<str:form>", overview.MovementExport.as_view(), name="pipeline_changes_export"),
    path("pipeline/", overview.PipelinePage.as_view(), name="pipeline"),
]
