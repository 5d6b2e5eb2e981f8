"""Addresses of the pages of people."""

from django.urls import path

from spm.web.pages import people, relations

app_name = "people"
urlpatterns = [
    path("", people.ParticipantListPage.as_view(), name="participant_list"),
    path("new/", people.ParticipantFormPage.as_view(), name="participant_new"),
    path("export.<str:form>", people.ParticipantExport.as_view(), name="participant_export"),
    path("relations/file/", relations.RelationFilePage.as_view(), name="relation_file"),
    path(
        "relations/file/<slug:what>.<str:form>",
        relations.RelationFileDownload.as_view(),
        name="relation_file_download",
    ),
    path("positions/new/", people.PositionNewPage.as_view(), name="position_new"),
    path("<uuid:pk>/", people.ParticipantPage.as_view(), name="participant_detail"),
    path("<uuid:pk>/edit/", people.ParticipantFormPage.as_view(), name="participant_edit"),
]
