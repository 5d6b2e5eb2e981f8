"""Addresses of the pages of facts and of intake."""

from django.urls import path

from spm.web.pages import crm_absences, crm_facts, crm_inbox, crm_mapping, crm_rates, crm_uploads

app_name = "crm"
urlpatterns = [
    path("", crm_uploads.UploadListPage.as_view(), name="upload_list"),
    path("new/", crm_uploads.UploadNewPage.as_view(), name="upload_new"),
    path("uploads/<uuid:pk>/", crm_uploads.UploadPage.as_view(), name="upload_detail"),
    path("uploads/<uuid:pk>/mapping/", crm_mapping.MappingPage.as_view(), name="upload_mapping"),
    path("uploads/<uuid:pk>/commit/", crm_uploads.UploadCommit.as_view(), name="upload_commit"),
    path("uploads/<uuid:pk>/undo/", crm_uploads.UploadUndo.as_view(), name="upload_undo"),
    path("uploads/<uuid:pk>/discard/", crm_uploads.UploadDiscard.as_view(), name="upload_discard"),
    path("uploads/<uuid:pk>/job/<slug:kind>/", crm_uploads.UploadJob.as_view(), name="upload_job"),
    path("uploads/<uuid:pk>/absent/", crm_absences.AbsentListPage.as_view(), name="absent_list"),
    path("uploads/<uuid:pk>/absent.<str:form>", crm_absences.AbsentExport.as_view(), name="absent_export"),
    path("inbox/", crm_inbox.InboxPage.as_view(), name="inbox"),
    path("inbox/alias/", crm_inbox.AliasAccept.as_view(), name="alias_accept"),
    path("inbox/warnings/<str:code>/", crm_inbox.WarningPage.as_view(), name="warning_rows"),
    path("inbox/warnings/<str:code>/<str:form>", crm_inbox.WarningExport.as_view(), name="warning_export"),
    path("held/", crm_inbox.HeldListPage.as_view(), name="held_list"),
    path("held/decide/", crm_inbox.HeldDecide.as_view(), name="held_decide"),
    path("held/upload/", crm_inbox.HeldUpload.as_view(), name="held_upload"),
    path("held/download.<str:form>", crm_inbox.HeldDownload.as_view(), name="held_download"),
    path("held/<uuid:pk>/", crm_inbox.HeldFixPage.as_view(), name="held_fix"),
    path("rates/", crm_rates.RateListPage.as_view(), name="rate_list"),
    path("rates/file/", crm_rates.RateFilePage.as_view(), name="rate_file"),
    path("rates/file/<slug:what>.<str:form>", crm_rates.RateFileDownload.as_view(), name="rate_file_download"),
    path("opportunities/", crm_facts.OpportunityListPage.as_view(), name="opportunity_list"),
    path("opportunities/<uuid:pk>/", crm_facts.OpportunityPage.as_view(), name="opportunity_detail"),
    path("accounts/", crm_facts.AccountListPage.as_view(), name="account_list"),
    path("accounts/<uuid:pk>/", crm_facts.AccountPage.as_view(), name="account_detail"),
    path("products/", crm_facts.ProductListPage.as_view(), name="product_list"),
    path("products/<uuid:pk>/", crm_facts.ProductPage.as_view(), name="product_detail"),
    path("<str:kind>/export.<str:form>", crm_facts.FactExport.as_view(), name="fact_export"),
]
