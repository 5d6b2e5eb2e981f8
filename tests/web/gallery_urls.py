"""The product's addresses and the gallery."""

from django.urls import path

from spm import urls
from spm.web.gallery import gallery, gallery_job

urlpatterns = [
    path("gallery", gallery, name="gallery"),
    path("gallery/job", gallery_job, name="gallery_job"),
    *urls.urlpatterns,
]
