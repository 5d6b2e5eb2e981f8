"""Addresses of the planning API."""

from django.urls import path

from planning import api

urlpatterns = [
    path("periods/", api.PeriodListApi.as_view(), name="api_planning_periods"),
    path("quotas/", api.QuotaListApi.as_view(), name="api_planning_quotas"),
    path("territories/", api.TerritoryListApi.as_view(), name="api_planning_territories"),
    path("territories/<uuid:pk>/assignments/", api.AssignmentListApi.as_view(), name="api_planning_assignments"),
]
