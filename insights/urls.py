"""Addresses of the insights pages; the first page itself is `home` in spm.urls."""

from django.urls import path

from insights import views

app_name = "insights"
urlpatterns = [
    path("team/", views.TeamPage.as_view(), name="team"),
    path("team/export.<str:form>", views.TeamExport.as_view(), name="team_export"),
    path("pipeline/changes/", views.MovementPage.as_view(), name="pipeline_changes"),
    path("pipeline/changes/export.<str:form>", views.MovementExport.as_view(), name="pipeline_changes_export"),
    path("pipeline/", views.PipelinePage.as_view(), name="pipeline"),
]
