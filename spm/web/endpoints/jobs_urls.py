"""Addresses of the jobs API."""

from django.urls import path

from spm.web.endpoints import jobs

urlpatterns = [
    path("", jobs.JobListApi.as_view(), name="api_jobs"),
    path("nightly/", jobs.NightlyApi.as_view(), name="api_jobs_nightly"),
    path("<uuid:pk>/", jobs.JobApi.as_view(), name="api_job"),
]
