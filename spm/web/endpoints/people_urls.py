"""Addresses of the people API."""

from django.urls import path

from spm.web.endpoints import people

urlpatterns = [
    path("participants/", people.ParticipantListApi.as_view(), name="api_people_participants"),
    path("participants/<uuid:pk>/timeline/", people.TimelineApi.as_view(), name="api_people_timeline"),
]
