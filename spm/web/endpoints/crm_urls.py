"""Addresses of the API of facts and of intake."""

from django.urls import path

from spm.crm.feeds.schemas import KINDS
from spm.web.endpoints import crm_absences, crm_facts, crm_inbox, crm_shares, crm_uploads
from spm.web.pages import crm_rates

_FACTS = [
    entry
    for kind, (listing, record) in crm_facts.VIEWS.items()
    for name in [KINDS[kind].plural.lower().replace(" ", "-")]
    for entry in (
        path(f"{name}/", listing.as_view(), name=f"api_crm_{kind}_list"),
        path(f"{name}/<uuid:pk>/", record.as_view(), name=f"api_crm_{kind}"),
    )
]

urlpatterns = [
    path("uploads/", crm_uploads.UploadListApi.as_view(), name="api_crm_uploads"),
    path("uploads/<uuid:pk>/", crm_uploads.UploadApi.as_view(), name="api_crm_upload"),
    path("uploads/<uuid:pk>/mapping/", crm_uploads.MappingApi.as_view(), name="api_crm_mapping"),
    path("uploads/<uuid:pk>/preview/", crm_uploads.PreviewApi.as_view(), name="api_crm_preview"),
    path("uploads/<uuid:pk>/commit/", crm_uploads.CommitApi.as_view(), name="api_crm_commit"),
    path("uploads/<uuid:pk>/undo/", crm_uploads.UndoApi.as_view(), name="api_crm_undo"),
    path("held/", crm_inbox.HeldListApi.as_view(), name="api_crm_held_list"),
    path("held/release/", crm_inbox.HeldReleaseApi.as_view(), name="api_crm_held_release"),
    path("held/discard/", crm_inbox.HeldDiscardApi.as_view(), name="api_crm_held_discard"),
    path("held/<uuid:pk>/", crm_inbox.HeldApi.as_view(), name="api_crm_held"),
    path("absent/", crm_absences.AbsentListApi.as_view(), name="api_crm_absent"),
    path("absent/answer/", crm_absences.AbsentAnswerApi.as_view(), name="api_crm_absent_answer"),
    path("aliases/", crm_inbox.AliasListApi.as_view(), name="api_crm_aliases"),
    path("warnings/", crm_inbox.WarningListApi.as_view(), name="api_crm_warnings"),
    path("orders/bulk/", crm_inbox.OrdersBulkApi.as_view(), name="api_crm_orders_bulk"),
    path("opportunities/<uuid:pk>/shares/", crm_shares.SharesApi.as_view(), name="api_crm_shares"),
    path("rates/", crm_rates.RateListApi.as_view(), name="api_crm_rates"),
    path("rates/file/", crm_rates.RateFileApi.as_view(), name="api_crm_rate_file"),
    *_FACTS,
]
