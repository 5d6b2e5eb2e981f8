"""Addresses that belong to no module: the description of the API, search, the guides, and, while developing, the gallery."""

from django.conf import settings
from django.urls import path

from spm.web.endpoints.schema import DocsView, SchemaView
from spm.web.gallery import gallery, gallery_job
from spm.web.pages.help import HelpPage
from spm.web.pages.search import SearchPage

urlpatterns = [
    path("api/v1/schema/", SchemaView.as_view(), name="api_schema"),
    path("api/v1/docs/", DocsView.as_view(), name="api_docs"),
    path("search", SearchPage.as_view(), name="search"),
    path("help", HelpPage.as_view(), name="help"),
    path("help/<slug:name>", HelpPage.as_view(), name="help_guide"),
    *(
        [path("gallery", gallery, name="gallery"), path("gallery/job", gallery_job, name="gallery_job")]
        if settings.DEBUG
        else []
    ),
]
