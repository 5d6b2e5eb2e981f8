"""The API of approval routes, deputies, reminders, conflicts, and of deciding several requests at once."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.approvals import routes
from spm.approvals.conflicts import conflict_list
from spm.approvals.models import KINDS, ApprovalRoute, Basis, Deputy, Measure
from spm.approvals.routing import Line
from spm.approvals.selectors import deputy_list, preview_people, reminder_policy, route_asked, route_list
from spm.approvals.services import approvals_decide
from spm.core.dated import day_read
from spm.core.money import is_currency
from spm.roles.models import Role
from spm.web.api import Input
from spm.web.listing import ListOf


def currency_check(value: str) -> None:
    """Refuse what is no currency."""
    if not is_currency(value):
        raise serializers.ValidationError(f"{value} is no currency. Write an ISO code such as USD.")


class LimitIn(Input):
    """The amount from which a route holds, in minor units."""

    currency = serializers.CharField(max_length=3, validators=[currency_check])
    from_minor = serializers.IntegerField(min_value=1, max_value=10**15)


class RouteStepIn(Input):
    """Who answers a step: by right, by role, or by level of the reporting line (1 is the manager)."""

    basis = serializers.ChoiceField(choices=Basis.choices)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True, default="")
    level = serializers.IntegerField(min_value=0, max_value=9, required=False, default=0)


class RouteIn(Input):
    """A route to be."""

    kind = serializers.ChoiceField(choices=[(kind, label) for kind, (label, _) in KINDS.items()])
    name = serializers.CharField(max_length=100)
    position = serializers.IntegerField(min_value=1, max_value=99, required=False, default=1)
    measure = serializers.ChoiceField(choices=Measure.choices, required=False, default=Measure.LARGEST)
    limits = LimitIn(many=True, required=False, default=list)
    asked_by_role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True, default="")
    steps = RouteStepIn(many=True)
    starts_on = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class RouteOut(serializers.ModelSerializer[ApprovalRoute]):
    """A route and the days on which it holds; `until` is the first day without it."""

    starts_on = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)
    limits = LimitIn(many=True)
    steps = RouteStepIn(many=True)

    class Meta:
        model = ApprovalRoute
        fields = (
            "id",
            "kind",
            "name",
            "position",
            "measure",
            "limits",
            "asked_by_role",
            "steps",
            "starts_on",
            "until",
            "set_by_name",
        )


class EndIn(Input):
    """The first day without it."""

    until = serializers.DateField()


class DeputyIn(Input):
    """Who answers for whom, from a day on until another; no actions: all that the person has. Without `person` for oneself."""

    person = serializers.IntegerField(min_value=1, max_value=2**62, required=False, allow_null=True, default=None)
    deputy = serializers.IntegerField(min_value=1, max_value=2**62)
    actions = serializers.ListField(child=serializers.CharField(max_length=50), required=False, default=list)
    starts_on = serializers.DateField()
    until = serializers.DateField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class DeputyOut(serializers.ModelSerializer[Deputy]):
    """A deputyship; `person` and `deputy` are keys of users."""

    starts_on = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper")
    person = serializers.IntegerField(source="person_id")
    deputy = serializers.IntegerField(source="deputy_id")

    class Meta:
        model = Deputy
        fields = (
            "id",
            "person",
            "person_name",
            "deputy",
            "deputy_name",
            "actions",
            "starts_on",
            "until",
            "reason",
            "named_by_name",
        )


class ReminderIn(Input):
    """After how many days; 0 is never."""

    remind_after_days = serializers.IntegerField(min_value=0, max_value=365)
    escalate_after_days = serializers.IntegerField(min_value=0, max_value=365)


class StepPreviewOut(serializers.Serializer[Any]):
    """A step and who could answer it today."""

    number = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not the label of the serializer
    names = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField()


class RoutePreviewOut(serializers.Serializer[Any]):
    """The route that a request would take, or null for the one answer by right."""

    route = RouteOut(allow_null=True)
    steps = StepPreviewOut(many=True)


class ConflictOut(serializers.Serializer[Any]):
    """A finding of the conflict report."""

    kind = serializers.CharField()
    person = serializers.CharField()
    what = serializers.CharField()
    detail = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class ChosenIn(Input):
    """A request and the step that was shown."""

    id = serializers.UUIDField()
    step = serializers.IntegerField(min_value=1, max_value=99, required=False, default=1)


class DecisionsIn(Input):
    """Several requests and one answer to all; a decline needs a reason."""

    requests = ChosenIn(many=True, allow_empty=False)
    is_approved = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class AnsweredOut(serializers.Serializer[Any]):
    """What became of a request: its state, or why it was not decided."""

    id = serializers.UUIDField(source="request.pk")
    state = serializers.CharField(source="request.state")
    refusal = serializers.CharField()


class RouteListApi(ListOf):
    """The routes, and setting one."""

    actions = {"GET": "route.view", "POST": "route.edit"}
    serializer_class = RouteOut

    @extend_schema(responses=RouteOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return self.pages(route_list(viewer))

    @extend_schema(request=RouteIn, responses={201: RouteOut})
    def post(self, request: Request) -> Response:
        given = RouteIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        route = routes.route_set(wish=routes.RouteWish(**given.validated_data), actor=viewer)
        return Response(RouteOut(route).data, status=201)


class RouteEndApi(APIView):
    """Ends a route."""

    actions = {"POST": "route.edit"}

    @extend_schema(request=EndIn, responses=RouteOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = EndIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        return Response(RouteOut(routes.route_end(route_id=pk, actor=viewer, **given.validated_data)).data)


class RoutePreviewApi(APIView):
    """Who would have to approve something that the caller asks for."""

    actions = {"GET": "route.view"}
    query_names = ("kind", "amount_minor", "currency", "participant")

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, required=True, enum=list(KINDS)),
            OpenApiParameter("amount_minor", int),
            OpenApiParameter("currency", str),
            OpenApiParameter("participant", UUID),
        ],
        responses=RoutePreviewOut,
    )
    def get(self, request: Request) -> Response:
        given = _PreviewIn(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        values = given.validated_data
        about = None
        if values["participant"] is not None:
            about = get_object_or_404(preview_people(viewer), pk=values["participant"])
        lines = [] if values["amount_minor"] is None else [Line(values["amount_minor"], values["currency"])]
        return Response(RoutePreviewOut(route_asked(viewer, values["kind"], lines, about)).data)


class _PreviewIn(Input):
    kind = serializers.ChoiceField(choices=list(KINDS))
    amount_minor = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=-(10**15), max_value=10**15
    )
    currency = serializers.CharField(required=False, default="", validators=[currency_check])
    participant = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an amount without its currency."""
        if attrs["amount_minor"] is not None and not attrs["currency"]:
            raise serializers.ValidationError({"currency": "Name the currency of the amount."})
        return attrs


class DeputyListApi(ListOf):
    """Who answers for whom, and naming a deputy."""

    actions = {"GET": "route.view", "POST": "deputy.edit"}
    serializer_class = DeputyOut

    @extend_schema(responses=DeputyOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return self.pages(deputy_list(viewer))

    @extend_schema(request=DeputyIn, responses={201: DeputyOut})
    def post(self, request: Request) -> Response:
        given = DeputyIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        values = dict(given.validated_data)
        person, deputy = values.pop("person") or viewer.user_id or 0, values.pop("deputy")
        row = routes.deputy_name(person_id=person, deputy_id=deputy, actor=viewer, **values)
        return Response(DeputyOut(row).data, status=201)


class DeputyEndApi(APIView):
    """Ends a deputyship."""

    actions = {"POST": "deputy.edit"}

    @extend_schema(request=EndIn, responses=DeputyOut)
    def post(self, request: Request, pk: UUID) -> Response:
        given = EndIn(data=request.data)
        given.is_valid(raise_exception=True)
        viewer = request.viewer  # type: ignore[attr-defined]
        return Response(DeputyOut(routes.deputy_end(deputy_id=pk, actor=viewer, **given.validated_data)).data)


class ReminderApi(APIView):
    """After how many days requests are brought to mind and passed up."""

    actions = {"GET": "route.view", "PUT": "route.edit"}

    @extend_schema(responses=ReminderIn)
    def get(self, request: Request) -> Response:
        policy = reminder_policy()
        return Response(
            {"remind_after_days": policy.remind_after_days, "escalate_after_days": policy.escalate_after_days}
        )

    @extend_schema(request=ReminderIn, responses=ReminderIn)
    def put(self, request: Request) -> Response:
        given = ReminderIn(data=request.data)
        given.is_valid(raise_exception=True)
        routes.reminders_set(actor=request.viewer, **given.validated_data)  # type: ignore[attr-defined]
        return Response(given.validated_data)


class ConflictListApi(ListOf):
    """The conflict report: rights as they are today, decisions of the days asked."""

    actions = {"GET": "conflict.view"}
    serializer_class = ConflictOut
    query_names = ("start", "until")

    @extend_schema(
        parameters=[OpenApiParameter("start", str, required=True), OpenApiParameter("until", str, required=True)],
        responses=ConflictOut(many=True),
    )
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        start, until = (_day(request, name) for name in self.query_names)
        return self.pages(conflict_list(viewer, start=start, until=until))


class DecisionsApi(APIView):
    """Decides several requests, each by itself and once; what can't be decided is named."""

    actions = {"POST": "approval.decide"}

    @extend_schema(request=DecisionsIn, responses=AnsweredOut(many=True))
    def post(self, request: Request) -> Response:
        given = DecisionsIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        chosen = {each["id"]: each["step"] for each in values["requests"]}
        answered = approvals_decide(
            chosen=chosen,
            is_approved=values["is_approved"],
            reason=values["reason"],
            actor=request.viewer,  # type: ignore[attr-defined]
        )
        return Response(AnsweredOut(answered, many=True).data)


def _day(request: Request, name: str) -> Any:
    found = day_read(request.query_params.get(name, ""))
    if found is None:
        raise ValidationError({name: ["Write a day as 2026-01-31."]})
    return found
