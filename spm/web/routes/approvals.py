"""Addresses of the pages of approvals."""

from django.urls import path

from spm.web.pages import approvals

app_name = "approvals"
urlpatterns = [
    path("", approvals.ApprovalListPage.as_view(), name="approval_list"),
    path("<uuid:pk>/", approvals.ApprovalPage.as_view(), name="approval_detail"),
]
