"""The people API: participants with their place on a day, and their timelines."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.core.dated import day_read
from spm.people import services
from spm.people.leaving import leaving_warnings
from spm.people.models import Participant, Position, PositionHolding, Title, Unit
from spm.people.selectors import participant_directory, participant_spans
from spm.roles.policy import visible
from spm.web.api import Input
from spm.web.findings import FindingOut, finding_data
from spm.web.listing import ListOf


class ParticipantOut(serializers.ModelSerializer[Participant]):
    """A person with seat, title, unit and manager on the day asked."""

    position = serializers.CharField(source="seat_name", allow_null=True)
    title = serializers.CharField(source="title_name", allow_null=True)
    unit = serializers.CharField(source="unit_name", allow_null=True)
    manager = serializers.CharField(source="boss_name", allow_null=True)

    class Meta:
        model = Participant
        fields = (
            "id",
            "name",
            "email",
            "employee_number",
            "source",
            "source_key",
            "position",
            "title",
            "unit",
            "manager",
        )


class ParticipantIn(Input):
    """A person to create."""

    name = serializers.CharField(max_length=200)
    email = serializers.EmailField(required=False, default="")
    employee_number = serializers.CharField(max_length=50, required=False, default="")
    employed_from = serializers.DateField(
        required=False, default=None, allow_null=True, help_text="The first day of employment."
    )


@extend_schema(
    parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="The day; today where it is left out.")]
)
class ParticipantListApi(ListAPIView[Participant]):
    """People within reach; POST creates one."""

    actions = {"GET": "participant.view", "POST": "participant.edit"}
    serializer_class = ParticipantOut
    filterset_fields = {"name": ["exact", "icontains"], "source_key": ["exact"]}
    query_names = ("on",)

    def get_queryset(self) -> QuerySet[Participant]:
        if getattr(self, "swagger_fake_view", False):
            return Participant.objects.none()
        viewer = self.request.viewer  # type: ignore[attr-defined]
        return visible(viewer, participant_directory(_day(self.request) or viewer.on), participant="pk")

    @extend_schema(request=ParticipantIn, responses={201: ParticipantOut})
    def post(self, request: Request) -> Response:
        given = ParticipantIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        person = services.participant_save(**given.validated_data, actor=viewer)
        return Response(
            ParticipantOut(participant_directory(viewer.on).get(pk=person.pk)).data, status=status.HTTP_201_CREATED
        )


def _day(request: Request) -> Any:
    text = request.query_params.get("on")
    if not text:
        return None
    day = day_read(text)
    if day is None:
        raise ValidationError({"on": [f"'{text}' is not a day. Write it as 2026-01-31."]})
    return day


class PositionOut(serializers.ModelSerializer[Position]):
    """A seat; quotas and plans may be tied to it."""

    class Meta:
        model = Position
        fields = ("id", "code", "name")


class PositionListApi(ListAPIView[Position]):
    """The seats that people within reach hold, ever held or will hold."""

    actions = {"GET": "participant.view"}
    serializer_class = PositionOut
    filterset_fields = {"code": ["exact"], "name": ["exact", "icontains"]}

    def get_queryset(self) -> QuerySet[Position]:
        if getattr(self, "swagger_fake_view", False):
            return Position.objects.none()
        held = visible(self.request.viewer, PositionHolding.objects.all())  # type: ignore[attr-defined]
        return Position.objects.filter(pk__in=held.values("position_id")).order_by("name", "pk")


class TitleOut(serializers.ModelSerializer[Title]):
    """A sales role that plans attach to."""

    class Meta:
        model = Title
        fields = ("id", "code", "name")


class TitleListApi(ListAPIView[Title]):
    """The titles of the company."""

    actions = {"GET": "participant.view"}
    serializer_class = TitleOut
    filterset_fields = {"code": ["exact"]}
    queryset = Title.objects.order_by("name", "pk")


class UnitOut(serializers.ModelSerializer[Unit]):
    """A business unit or office."""

    class Meta:
        model = Unit
        fields = ("id", "code", "name", "parent")


class UnitListApi(ListAPIView[Unit]):
    """The business units of the company."""

    actions = {"GET": "participant.view"}
    serializer_class = UnitOut
    filterset_fields = {"code": ["exact"]}
    queryset = Unit.objects.order_by("name", "pk")


class SpanOut(serializers.Serializer[Any]):
    """A stretch of a timeline; `until` is the first day after it, null while it lasts."""

    lane = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the output, not the serializer's own label
    start = serializers.DateField()
    until = serializers.DateField(allow_null=True)


class RelationIn(serializers.Serializer[Any]):
    """Somebody who stands in a named relationship to the person; `until` is the first day after it."""

    related = serializers.UUIDField()
    relation = serializers.CharField(max_length=100)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class LeavingIn(Input):
    """The last day of employment; null lets it last again."""

    last_day = serializers.DateField(allow_null=True)


class LeavingOut(serializers.Serializer[Any]):
    """What is dated about the person by then; `warnings` name shut books that the last day lies before, and what to do."""

    timeline = SpanOut(many=True)
    warnings = FindingOut(many=True)


class LeavingApi(APIView):
    """POST lets a person leave: employment and positions end with the last day."""

    actions = {"POST": "participant.edit"}

    @extend_schema(request=LeavingIn, responses=LeavingOut)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        given = LeavingIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = get_object_or_404(visible(viewer, Participant.objects.all(), participant="pk"), pk=pk)
        last = given.validated_data["last_day"]
        services.employment_end(participant_id=person.pk, last_day=last)
        warnings = [finding_data(each) for each in leaving_warnings({person.pk: last})] if last else []
        return Response(LeavingOut({"timeline": participant_spans(person.pk), "warnings": warnings}).data)


class TimelineApi(ListOf):
    """Everything dated about a person; POST adds a relationship."""

    actions = {"GET": "participant.view", "POST": "participant.edit"}
    serializer_class = SpanOut

    @extend_schema(request=RelationIn, responses={201: SpanOut(many=True)})
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        given = RelationIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        people = visible(viewer, Participant.objects.all(), participant="pk")
        person, related = (get_object_or_404(people, pk=key) for key in (pk, wanted["related"]))
        services.relationship_set(
            participant_id=person.pk,
            related_id=related.pk,
            name=wanted["relation"],
            start=wanted["start"],
            until=wanted["until"],
            actor=viewer,
        )
        answer = self.pages(participant_spans(person.pk))
        answer.status_code = status.HTTP_201_CREATED
        return answer

    @extend_schema(responses=SpanOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        person = get_object_or_404(visible(viewer, Participant.objects.all(), participant="pk"), pk=pk)
        return self.pages(participant_spans(person.pk))
