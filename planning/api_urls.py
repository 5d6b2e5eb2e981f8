"""Addresses of the planning API."""

from django.urls import path

from planning.api import files, goals, grids

urlpatterns = [
    path("periods/", grids.PeriodListApi.as_view(), name="api_planning_periods"),
    path("quotas/", grids.QuotaListApi.as_view(), name="api_planning_quotas"),
    path("scores/", goals.ScoreListApi.as_view(), name="api_planning_scores"),
    path("quotas/file/", files.QuotaFileApi.as_view(), name="api_planning_quota_file"),
    path("evidence/", goals.EvidenceListApi.as_view(), name="api_planning_evidence"),
    path("scores/file/", files.ScoreFileApi.as_view(), name="api_planning_score_file"),
    path("territories/", grids.TerritoryListApi.as_view(), name="api_planning_territories"),
    path("territories/<uuid:pk>/assignments/", grids.AssignmentListApi.as_view(), name="api_planning_assignments"),
]
