"""Addresses of the planning pages."""

from django.urls import path

from planning import views

app_name = "planning"
urlpatterns = [
    path("territories/", views.TerritoryListPage.as_view(), name="territory_list"),
    path("territories/new/", views.TerritoryFormPage.as_view(), name="territory_new"),
    path("territories/from-units/", views.TerritoriesFromUnits.as_view(), name="territories_from_units"),
    path("territories/<uuid:pk>/", views.TerritoryPage.as_view(), name="territory_detail"),
    path("territories/<uuid:pk>/edit/", views.TerritoryFormPage.as_view(), name="territory_edit"),
    path("territories/<uuid:pk>/assignments/<uuid:assignment>/", views.AssignmentEnd.as_view(), name="assignment_end"),
    path("quotas/", views.QuotaListPage.as_view(), name="quota_list"),
    path("quotas/periods/", views.PeriodsMake.as_view(), name="periods_make"),
    path("quotas/export.<str:form>", views.QuotaExport.as_view(), name="quota_export"),
]
