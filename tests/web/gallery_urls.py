"""The gallery, with the addresses of the kernel that its frame leads to."""

from django.urls import include, path

from spm.web.gallery import gallery, gallery_job

urlpatterns = [
    path("", gallery, name="home"),
    path("gallery", gallery, name="gallery"),
    path("gallery/job", gallery_job, name="gallery_job"),
    path("account/", include("allauth.urls")),
    path("company/", include("spm.web.routes.identity")),
]
