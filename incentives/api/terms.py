"""The API of target pay, ramps and leave."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incentives.api.naming import person_named
from incentives.models import Leave, Ramp, RampSchedule, TargetPay, TargetPer
from incentives.selectors.terms import entry_get, leave_list, ramp_list, schedule_list, target_list
from incentives.services.pay_currencies import term_end, term_remove
from incentives.services.terms import Entry, Holder, leave_set, ramp_set, schedule_save, target_set
from spm.people.models import Position
from spm.roles.policy import Viewer
from spm.web.api import Input
from spm.web.listing import ListOf
from spm.web.naming import row_named


class Dated(serializers.Serializer[Any]):
    """Days; `until` is the first day after, null while it lasts."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)


class Held(serializers.Serializer[Any]):
    """The keys of whose it is: the person's key in their source, or the code of the position."""

    participant_key = serializers.CharField(source="participant.source_key", allow_null=True)
    position_key = serializers.CharField(source="position.code", allow_null=True)


class TargetOut(serializers.ModelSerializer[TargetPay], Held, Dated):
    """Target pay of a year or of each pay period, of a person or a position; `name` is what the plan calls the target."""

    class Meta:
        model = TargetPay
        fields = (
            "id",
            "participant",
            "participant_key",
            "position",
            "position_key",
            "name",
            "target_minor",
            "base_minor",
            "currency",
            "per",
            "start",
            "until",
        )


class HolderIn(Input):
    """Whose, by key (code) or id, and from when: exactly one of participant and position."""

    participant = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)
    position = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class TargetIn(HolderIn):
    """Target pay to set."""

    name = serializers.CharField(max_length=100)
    target_minor = serializers.IntegerField(min_value=0)
    base_minor = serializers.IntegerField(min_value=0)
    currency = serializers.CharField(min_length=3, max_length=3)
    per = serializers.ChoiceField(choices=TargetPer.choices, default=TargetPer.YEAR)


class RampOut(serializers.ModelSerializer[Ramp], Held, Dated):
    """Who ramps by which schedule; `start` is the first day in the role."""

    schedule_key = serializers.CharField(source="schedule.code")

    class Meta:
        model = Ramp
        fields = (
            "id",
            "participant",
            "participant_key",
            "position",
            "position_key",
            "schedule",
            "schedule_key",
            "start",
            "until",
        )


class RampIn(HolderIn):
    """A ramp to set; `schedule` by code or id."""

    schedule = serializers.CharField(max_length=200)


class ScheduleOut(serializers.ModelSerializer[RampSchedule]):
    """A ramp: the part of the quota in each month in the role, at scale 10⁸."""

    shares = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = RampSchedule
        fields = ("id", "code", "name", "shares")


class ScheduleIn(Input):
    """A ramp to name."""

    code = serializers.SlugField(max_length=100)
    name = serializers.CharField(max_length=200)
    shares = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=10**8), min_length=1, max_length=60
    )


class LeaveOut(serializers.ModelSerializer[Leave], Dated):
    """Days away, and what they reduce."""

    participant_key = serializers.CharField(source="participant.source_key")

    class Meta:
        model = Leave
        fields = (
            "id",
            "participant",
            "participant_key",
            "relieves_quota",
            "relieves_target",
            "reason",
            "start",
            "until",
        )


class LeaveIn(Input):
    """Leave to note; `participant` by key or id."""

    participant = serializers.CharField(max_length=200)
    start = serializers.DateField()
    until = serializers.DateField()
    relieves_quota = serializers.BooleanField(default=True)
    relieves_target = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


def given(kind: type[Input], request: Request) -> dict[str, Any]:
    """Give what a request asks for, checked."""
    read = kind(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def person_given(viewer: Viewer, values: dict[str, Any]) -> UUID:
    """Take the person that a request names by key or id out of its values."""
    return person_named(viewer, values.pop("participant")).pk


def _holder(viewer: Viewer, values: dict[str, Any]) -> Holder:
    position = values.pop("position")
    if position is not None:
        position = row_named(Position.objects.all(), position, key="code", field="position").pk
    if values["participant"] is None:
        return Holder(participant_id=values.pop("participant"), position_id=position)
    return Holder(participant_id=person_given(viewer, values), position_id=position)


class TargetListApi(ListAPIView[TargetPay]):
    """Target pay within reach; POST lets one hold from a day on."""

    actions = {"GET": "target.view", "POST": "target.edit"}
    serializer_class = TargetOut
    filterset_fields = {"name": ["exact"], "participant": ["exact"], "position": ["exact"]}

    def get_queryset(self) -> QuerySet[TargetPay]:
        fake = getattr(self, "swagger_fake_view", False)
        return TargetPay.objects.none() if fake else target_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=TargetIn, responses={201: TargetOut})
    def post(self, request: Request) -> Response:
        viewer, values = request.viewer, given(TargetIn, request)  # type: ignore[attr-defined]
        row = target_set(holder=_holder(viewer, values), actor=viewer, **values)
        return Response(TargetOut(row).data, status=status.HTTP_201_CREATED)


class RampListApi(ListAPIView[Ramp]):
    """Ramps within reach; POST sets one from the first day in the role on."""

    actions = {"GET": "target.view", "POST": "target.edit"}
    serializer_class = RampOut

    def get_queryset(self) -> QuerySet[Ramp]:
        fake = getattr(self, "swagger_fake_view", False)
        return Ramp.objects.none() if fake else ramp_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=RampIn, responses={201: RampOut})
    def post(self, request: Request) -> Response:
        viewer, values = request.viewer, given(RampIn, request)  # type: ignore[attr-defined]
        schedule = row_named(schedule_list(), values.pop("schedule"), key="code", field="schedule")
        row = ramp_set(holder=_holder(viewer, values), schedule_id=schedule.pk, actor=viewer, **values)
        return Response(RampOut(row).data, status=status.HTTP_201_CREATED)


class ScheduleListApi(ListOf):
    """The company's ramps; POST names one."""

    actions = {"GET": "target.view", "POST": "target.edit"}
    serializer_class = ScheduleOut

    @extend_schema(responses=ScheduleOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(schedule_list())

    @extend_schema(request=ScheduleIn, responses={201: ScheduleOut})
    def post(self, request: Request) -> Response:
        row = schedule_save(actor=request.viewer, **given(ScheduleIn, request))  # type: ignore[attr-defined]
        return Response(ScheduleOut(row).data, status=status.HTTP_201_CREATED)


class LeaveListApi(ListAPIView[Leave]):
    """Leave within reach; POST notes one."""

    actions = {"GET": "target.view", "POST": "target.edit"}
    serializer_class = LeaveOut

    def get_queryset(self) -> QuerySet[Leave]:
        fake = getattr(self, "swagger_fake_view", False)
        return Leave.objects.none() if fake else leave_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=LeaveIn, responses={201: LeaveOut})
    def post(self, request: Request) -> Response:
        viewer, values = request.viewer, given(LeaveIn, request)  # type: ignore[attr-defined]
        row = leave_set(participant_id=person_given(viewer, values), actor=viewer, **values)
        return Response(LeaveOut(row).data, status=status.HTTP_201_CREATED)


class EntryIn(Input):
    """The first day after an entry."""

    until = serializers.DateField()


class EntryApi(APIView):
    """One entry; PATCH lets it end on another day, DELETE removes what should never have been."""

    actions = {"PATCH": "target.edit", "DELETE": "target.edit"}
    what: ClassVar[str]

    @extend_schema(request=EntryIn, responses={204: None})
    def patch(self, request: Request, pk: UUID) -> Response:
        values = given(EntryIn, request)
        term_end(self._entry(request, pk), until=values["until"], actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        term_remove(self._entry(request, pk), actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _entry(self, request: Request, pk: UUID) -> Entry:
        found = entry_get(request.viewer, self.what, pk)  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return found


class TargetApi(EntryApi):
    """One entry of target pay."""

    what = "target"


class RampApi(EntryApi):
    """One ramp."""

    what = "ramp"


class LeaveApi(EntryApi):
    """One leave."""

    what = "leave"
