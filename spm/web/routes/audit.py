"""Addresses of the audit."""

from django.urls import path

from spm.web.pages import audit

app_name = "audit"
urlpatterns = [
    path("", audit.EntryListPage.as_view(), name="entry_list"),
    path("seals/", audit.SealListPage.as_view(), name="seal_list"),
    path("export.<str:form>", audit.EntryExport.as_view(), name="entry_export"),
]
