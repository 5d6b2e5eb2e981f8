"""Addresses of the API of the audit."""

from django.urls import path

from spm.web.endpoints import audit

urlpatterns = [
    path("entries/", audit.EntryListView.as_view(), name="api_audit_entries"),
    path("seals/", audit.SealView.as_view(), name="api_audit_seals"),
]
