"""The API of periods: where their books stand, what they hold, their history, and their steps."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_200_OK, HTTP_202_ACCEPTED

from incentives.api.naming import PERIOD_KEY_OR_ID, period_named
from incentives.models import BooksState, PeriodStep
from incentives.selectors.bridge import bridges_of
from incentives.selectors.periods import (
    KIND,
    REOPENING,
    Books,
    books_by_plan,
    books_get,
    books_list,
    books_sums,
    books_totals,
    step_list,
)
from incentives.services import periods as steps
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_open
from spm.web.api import Input
from spm.web.listing import ListOf


class PeriodIn(Input):
    """Which period is meant."""

    period = serializers.CharField(max_length=40, help_text=PERIOD_KEY_OR_ID)


def period_asked(request: Request) -> Any:
    """Give the period that the body of a request names; an unknown one is the error of its field."""
    given = PeriodIn(data=request.data)
    given.is_valid(raise_exception=True)
    return period_named(given.validated_data["period"], field="period")


class TotalOut(serializers.Serializer[Any]):
    """What the books hold over all plans in one currency, in minor units: earned − waiting − held + other is eligible, and eligible +
    carried − paid is payable. Waiting and held below 0 are releases of what earlier books kept."""

    currency = serializers.CharField()
    earned_minor = serializers.IntegerField()
    waiting_minor = serializers.IntegerField()
    held_minor = serializers.IntegerField()
    payable_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    other_minor = serializers.IntegerField()
    carried_minor = serializers.IntegerField()
    eligible_minor = serializers.IntegerField()


class WayStepOut(serializers.Serializer[Any]):
    """A step from earned to payable: what it adds or takes (minor units), and the other period where it names one."""

    key = serializers.CharField()
    words = serializers.CharField()
    amount_minor = serializers.IntegerField()
    period_key = serializers.CharField(allow_blank=True)
    period_id = serializers.UUIDField(allow_null=True)


class WayOut(serializers.Serializer[Any]):
    """The way from earned to payable in one currency; `since` is what later periods released of what these books keep."""

    currency = serializers.CharField()
    steps = WayStepOut(many=True, source="rows")
    since = WayStepOut(many=True, source="since_by_period")


class PlanTotalOut(serializers.Serializer[Any]):
    """What a plan earned and holds, in minor units; `plan` is empty for what belongs to none. People are paid in one sum, not by plan."""

    plan = serializers.CharField()
    currency = serializers.CharField()
    earned_minor = serializers.IntegerField()
    waiting_minor = serializers.IntegerField()
    held_minor = serializers.IntegerField()


class StepOut(serializers.ModelSerializer[PeriodStep]):
    """A step: from where to where, who asked for it (empty: nobody had to), who took it, when, why, what was shown, and its digest.

    `is_single_operator` says that one person did what takes two: asked and approved or reopened it, or paid what they approved.
    """

    asked_by_name = serializers.CharField(source="approval.asked_by_name", default="")
    is_single_operator = serializers.BooleanField(source="is_alone")

    class Meta:
        model = PeriodStep
        fields = (
            "number",
            "from_state",
            "to_state",
            "asked_by_name",
            "by_name",
            "at",
            "reason",
            "totals",
            "content",
            "is_single_operator",
        )


class WaitingOut(serializers.ModelSerializer[ApprovalRequest]):
    """A request about the period that waits: `period` to approve its books, `period reopening` to open them again."""

    class Meta:
        model = ApprovalRequest
        fields = ("id", "kind", "title", "reason", "asked_by_name", "asked_at")


class BooksOut(serializers.Serializer[Any]):
    """A period with the state of its books and what they hold."""

    id = serializers.UUIDField(source="period.id")
    key = serializers.CharField(source="period.key")
    state = serializers.ChoiceField(choices=BooksState.choices)
    totals = TotalOut(many=True)


class PeriodOut(BooksOut):
    """The same, with the way from earned to payable, what each plan earned, its history, latest step first, and what waits for approval."""

    way = serializers.SerializerMethodField()
    plans = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()

    @extend_schema_field(WayOut(many=True))
    def get_way(self, books: Books) -> list[dict[str, Any]]:
        """Give the way from earned to payable, per currency."""
        return list(WayOut(bridges_of(books.period), many=True).data)

    @extend_schema_field(PlanTotalOut(many=True))
    def get_plans(self, books: Books) -> list[dict[str, Any]]:
        """Give what each plan earned and holds."""
        return list(PlanTotalOut(books_by_plan(books_totals(books.period.id)), many=True).data)

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, books: Books) -> list[dict[str, Any]]:
        """Give the steps."""
        return list(StepOut(step_list(books.period.id), many=True).data)

    @extend_schema_field(WaitingOut(many=True))
    def get_waiting(self, books: Books) -> list[dict[str, Any]]:
        """Give what was asked for about it and waits for a decision."""
        asked = (approval_open(kind, books.period.id) for kind in (KIND, REOPENING))
        return list(WaitingOut([each for each in asked if each is not None], many=True).data)


class CloseIn(Input):
    """Which step to take; `return` needs a reason."""

    step = serializers.ChoiceField(choices=["calculate", "review", "return", "lock"])
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class ApproveIn(Input):
    """Approve, or give back with a reason."""

    step = serializers.ChoiceField(choices=["approve", "return"], default="approve")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class PayIn(Input):
    """The payroll batch or bank file that paid it, and the day on which it did: today where none is named."""

    reference = serializers.CharField(max_length=250)
    paid_on = serializers.DateField(required=False, allow_null=True, default=None)


class ReopenIn(Input):
    """Why; left out by the second person, who agrees."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class PeriodListApi(ListOf):
    """Pay periods with what their books hold, latest first."""

    actions = {"GET": "period.view"}
    serializer_class = BooksOut

    @extend_schema(responses=BooksOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(books_list(request.viewer))  # type: ignore[attr-defined]


class _PeriodDoor(GenericAPIView[Any]):
    serializer_class = PeriodOut

    def answer(self, period: Any, *, waits: bool = False) -> Response:
        """Give the period as it stands now; where what was asked for `waits` for somebody else, the status says so."""
        books = books_get(period)
        sums = tuple(books_sums(books_totals(period.pk)))
        status = HTTP_202_ACCEPTED if waits else HTTP_200_OK
        return Response(PeriodOut(Books(period, books.state, books.step, sums)).data, status=status)

    def given(self, shape: type[Input], request: Request) -> dict[str, Any]:
        """Give what was posted."""
        given = shape(data=request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


class PeriodApi(_PeriodDoor):
    """One period with its totals, what each plan earned, and its history."""

    actions = {"GET": "period.view"}

    @extend_schema(responses=PeriodOut)
    def get(self, request: Request, pk: str) -> Response:
        return self.answer(period_named(pk))


class PeriodCloseApi(_PeriodDoor):
    """Begins to close, sends for review, gives back, locks."""

    actions = {"POST": "period.close"}

    @extend_schema(request=CloseIn, responses=PeriodOut)
    def post(self, request: Request, pk: str) -> Response:
        period, given, actor = period_named(pk), self.given(CloseIn, request), request.viewer  # type: ignore[attr-defined]
        match given["step"]:
            case "calculate":
                steps.period_calculate(period_id=period.pk, actor=actor)
            case "review":
                steps.period_review(period_id=period.pk, actor=actor)
            case "return":
                steps.period_return(period_id=period.pk, reason=given["reason"], actor=actor)
            case _:
                steps.period_lock(period_id=period.pk, actor=actor)
        return self.answer(period)


class PeriodApproveApi(_PeriodDoor):
    """Approves a period in review, or gives it back."""

    actions = {"POST": "period.approve"}

    @extend_schema(request=ApproveIn, responses={200: PeriodOut, 202: PeriodOut})
    def post(self, request: Request, pk: str) -> Response:
        period, given, actor = period_named(pk), self.given(ApproveIn, request), request.viewer  # type: ignore[attr-defined]
        if given["step"] == "approve":
            step = steps.period_approve(period_id=period.pk, actor=actor, reason=given["reason"])
        else:
            step = steps.period_return(period_id=period.pk, reason=given["reason"], actor=actor)
        return self.answer(period, waits=step is None)


class PeriodPayApi(_PeriodDoor):
    """Confirms that an approved period was paid."""

    actions = {"POST": "period.pay"}

    @extend_schema(request=PayIn, responses=PeriodOut)
    def post(self, request: Request, pk: str) -> Response:
        period, given = period_named(pk), self.given(PayIn, request)
        steps.period_pay(period_id=period.pk, actor=request.viewer, **given)  # type: ignore[attr-defined]
        return self.answer(period)


class PeriodReopenApi(_PeriodDoor):
    """Asks to reopen a period with a reason; without one, agrees to what somebody else asked."""

    actions = {"POST": "period.reopen"}

    @extend_schema(request=ReopenIn, responses={200: PeriodOut, 202: PeriodOut})
    def post(self, request: Request, pk: str) -> Response:
        period, given, actor = period_named(pk), self.given(ReopenIn, request), request.viewer  # type: ignore[attr-defined]
        if given["reason"].strip():
            steps.period_reopen_ask(period_id=period.pk, reason=given["reason"], actor=actor)
            return self.answer(period, waits=True)
        return self.answer(period, waits=steps.period_reopen(period_id=period.pk, actor=actor) is None)
