"""The planning API: skills of people, and what accounts ask for."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import read
from planning.engine.rules import TEXTS
from planning.models import SkillNeed
from planning.selectors.skills import need_list, skill_list
from planning.services.skills import NEEDS, SKILLS, need_remove, need_set, skill_end, skill_give
from spm.people.models import Participant, ParticipantSkill, SkillKind
from spm.web.api import Input
from spm.web.row_pages import RowFileApi


class SkillOut(serializers.ModelSerializer[ParticipantSkill]):
    """A skill of somebody; `until` is the first day that no longer counts."""

    participant_name = serializers.CharField(source="participant.name")
    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)

    class Meta:
        model = ParticipantSkill
        fields = ("id", "participant", "participant_name", "kind", "name", "start", "until")


class SkillIn(Input):
    """A skill that somebody has on [start, until)."""

    participant = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SkillKind.choices)
    name = serializers.CharField(max_length=100)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class SkillNeedOut(serializers.ModelSerializer[SkillNeed]):
    """Accounts whose `field` is `value` ask for a skill."""

    class Meta:
        model = SkillNeed
        fields = ("id", "kind", "name", "field", "value", "is_required")


class SkillNeedIn(Input):
    """What accounts ask for; said again it is changed."""

    kind = serializers.ChoiceField(choices=SkillKind.choices)
    name = serializers.CharField(max_length=100)
    field = serializers.ChoiceField(choices=TEXTS)
    value = serializers.CharField(max_length=200)
    is_required = serializers.BooleanField(required=False, default=False)


class SkillListApi(ListAPIView[ParticipantSkill]):
    """Skills of everybody, past and future; POST gives one."""

    actions = {"GET": "balance.view", "POST": "balance.edit"}
    serializer_class = SkillOut
    filterset_fields = {"participant": ["exact"], "kind": ["exact"], "name": ["iexact"]}

    def get_queryset(self) -> QuerySet[ParticipantSkill]:
        return skill_list()

    @extend_schema(request=SkillIn, responses={201: SkillOut})
    def post(self, request: Request) -> Response:
        wanted = read(SkillIn, request)
        person = get_object_or_404(Participant, pk=wanted.pop("participant"))
        actor = request.viewer  # type: ignore[attr-defined]
        skill = skill_give(participant_id=person.pk, **wanted, actor=actor)
        return Response(SkillOut(skill_list().get(pk=skill.pk)).data, status=status.HTTP_201_CREATED)


class SkillApi(GenericAPIView[ParticipantSkill]):
    """One skill of somebody; DELETE ends it today, and removes it where it begins today or later."""

    actions = {"DELETE": "balance.edit"}
    serializer_class = SkillOut
    queryset = ParticipantSkill.objects.none()

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        skill = get_object_or_404(skill_list(), pk=pk)
        skill_end(skill_id=skill.pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class SkillNeedListApi(ListAPIView[SkillNeed]):
    """What accounts ask for; POST says one."""

    actions = {"GET": "balance.view", "POST": "balance.edit"}
    serializer_class = SkillNeedOut
    filterset_fields = {"kind": ["exact"], "field": ["exact"]}

    def get_queryset(self) -> QuerySet[SkillNeed]:
        return need_list()

    @extend_schema(request=SkillNeedIn, responses={201: SkillNeedOut})
    def post(self, request: Request) -> Response:
        need = need_set(**read(SkillNeedIn, request), actor=request.viewer)  # type: ignore[attr-defined]
        return Response(SkillNeedOut(need).data, status=status.HTTP_201_CREATED)


class SkillNeedApi(GenericAPIView[SkillNeed]):
    """One of what accounts ask for; DELETE removes it."""

    actions = {"DELETE": "balance.edit"}
    serializer_class = SkillNeedOut
    queryset = SkillNeed.objects.none()

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        need = get_object_or_404(need_list(), pk=pk)
        need_remove(need_id=need.pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class SkillFileApi(RowFileApi):
    """Takes a file of skills, whole or not at all."""

    kind = SKILLS


class SkillNeedFileApi(RowFileApi):
    """Takes a file of what accounts ask for, whole or not at all."""

    kind = NEEDS
