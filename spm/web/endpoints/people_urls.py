"""Addresses of the people API."""

from django.urls import path

from spm.web.endpoints import people
from spm.web.pages.relations import RelationFileApi

urlpatterns = [
    path("positions/", people.PositionListApi.as_view(), name="api_people_positions"),
    path("titles/", people.TitleListApi.as_view(), name="api_people_titles"),
    path("units/", people.UnitListApi.as_view(), name="api_people_units"),
    path("relations/file/", RelationFileApi.as_view(), name="api_people_relation_file"),
    path("participants/", people.ParticipantListApi.as_view(), name="api_people_participants"),
    path("participants/<uuid:pk>/leaving/", people.LeavingApi.as_view(), name="api_people_leaving"),
    path("participants/<uuid:pk>/timeline/", people.TimelineApi.as_view(), name="api_people_timeline"),
]
