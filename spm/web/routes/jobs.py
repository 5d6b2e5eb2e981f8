"""Addresses of the pages of jobs."""

from django.urls import path

from spm.web.pages import jobs

app_name = "jobs"
urlpatterns = [
    path("", jobs.JobListPage.as_view(), name="job_list"),
    path("<uuid:pk>/", jobs.JobPage.as_view(), name="job_detail"),
    path("<uuid:pk>/progress/", jobs.JobProgressPart.as_view(), name="job_progress"),
    path("<uuid:pk>/retry/", jobs.JobRetry.as_view(), name="job_retry"),
    path("<uuid:pk>/cancel/", jobs.JobCancel.as_view(), name="job_cancel"),
]
