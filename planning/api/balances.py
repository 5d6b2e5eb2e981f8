"""The planning API: proposals that even out territories."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.rules import RoutedOut, read
from planning.models import BalanceAccount, BalanceProposal
from planning.selectors.balances import Comparison, balance_accounts, balance_compared, balance_list, balance_moves
from planning.services.balances import balance_ask, balance_commit, balance_discard, balance_move
from spm.web.api import Input
from spm.web.findings import FindingOut

ONE, NONE = Decimal(1), Decimal(0)


class BalanceIn(Input):
    """What is to be even by which weights, what moving, splitting regions, travel and lacking skills cost, and the band."""

    starts_on = serializers.DateField()
    parent: Any = serializers.UUIDField(required=False, allow_null=True, default=None)
    workload = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=ONE)
    potential = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=ONE)
    sales = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=ONE)
    moves = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=ONE)
    regions = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=NONE)
    travel = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=NONE)
    skills = serializers.DecimalField(max_digits=7, decimal_places=3, min_value=0, max_value=1000, default=ONE)
    band_percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, default=Decimal(5)
    )
    protect_minor = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=10**15
    )
    is_quick = serializers.BooleanField(required=False, default=False)


class BalanceOut(serializers.ModelSerializer[BalanceProposal]):
    """A proposal; `solved` has the objective, the proven bound below which no assignment is, and the gap."""

    findings = FindingOut(many=True)

    class Meta:
        model = BalanceProposal
        fields = (
            "id",
            "starts_on",
            "parent",
            "state",
            "settings",
            "solved",
            "findings",
            "asked_by_name",
            "asked_at",
            "committed_at",
        )


class PatchOut(serializers.Serializer[Any]):
    """A territory: its load against the fair one, today and proposed (1 is fair), and its accounts."""

    territory = serializers.UUIDField()
    name = serializers.CharField()
    sellers = serializers.CharField()
    capacity = serializers.FloatField()
    before = serializers.FloatField()
    after = serializers.FloatField()
    accounts_before = serializers.IntegerField()
    accounts_after = serializers.IntegerField()
    skills = serializers.ListField(child=serializers.CharField())


class StandingOut(serializers.Serializer[Any]):
    """How even an assignment is; null where a measure is not defined."""

    variation = serializers.FloatField(allow_null=True)
    largest_to_smallest = serializers.FloatField(allow_null=True)
    gini = serializers.FloatField(allow_null=True)
    largest_off = serializers.FloatField()
    outside_region = serializers.FloatField()


class BalanceDetailOut(BalanceOut):
    """A proposal beside today, as it is edited now."""

    accounts = serializers.IntegerField(allow_null=True)
    moving = serializers.IntegerField(allow_null=True)
    moved_index = serializers.FloatField(allow_null=True)
    moved_sales = serializers.FloatField(allow_null=True)
    travel_km_today = serializers.FloatField(allow_null=True)
    travel_km_proposed = serializers.FloatField(allow_null=True)
    places_unknown = serializers.IntegerField(allow_null=True)
    lacking_today = serializers.FloatField(allow_null=True)
    lacking_proposed = serializers.FloatField(allow_null=True)
    today = StandingOut(allow_null=True)
    proposed = StandingOut(allow_null=True)
    territories = PatchOut(many=True)

    class Meta(BalanceOut.Meta):
        fields = (  # type: ignore[assignment]
            *BalanceOut.Meta.fields, "accounts", "moving", "moved_index", "moved_sales",
            "travel_km_today", "travel_km_proposed", "places_unknown", "lacking_today", "lacking_proposed", "today", "proposed",
            "territories",
        )  # fmt: skip


class BalanceAccountOut(serializers.ModelSerializer[BalanceAccount]):
    """An account of a proposal; `load_rate` is its part of the whole index at 10**8.

    `workload` and `potential` are hundredths of a point where `solved.scores` of the proposal names them; else a number of accounts, and
    minor units of `solved.currency`. `needs` are the skills that it asks for, each as kind and name.
    """

    class Meta:
        model = BalanceAccount
        fields = (
            "account",
            "name",
            "region",
            "workload",
            "potential",
            "sales_minor",
            "load_rate",
            "is_fixed",
            "needs",
            "before",
            "after",
        )


class BalanceMoveIn(Input):
    """Accounts of the proposal, and the territory that they would go to."""

    accounts = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=5_000)
    territory = serializers.UUIDField()


class BalanceListApi(ListAPIView[BalanceProposal]):
    """Proposals, the latest first; POST asks for one, which a job computes."""

    actions = {"GET": "balance.view", "POST": "balance.edit"}
    serializer_class = BalanceOut
    filterset_fields = {"state": ["exact"], "starts_on": ["exact"]}

    def get_queryset(self) -> QuerySet[BalanceProposal]:
        return balance_list()

    @extend_schema(request=BalanceIn, responses={202: BalanceOut})
    def post(self, request: Request) -> Response:
        wanted = read(BalanceIn, request)
        parent, starts_on = wanted.pop("parent"), wanted.pop("starts_on")
        actor = request.viewer  # type: ignore[attr-defined]
        asked = balance_ask(parent_id=parent, starts_on=starts_on, settings=wanted, actor=actor)
        return Response(BalanceOut(asked).data, status=status.HTTP_202_ACCEPTED)


class BalanceApi(GenericAPIView[BalanceProposal]):
    """One proposal beside today; DELETE throws it away."""

    actions = {"GET": "balance.view", "DELETE": "balance.edit"}
    serializer_class = BalanceDetailOut
    queryset = BalanceProposal.objects.none()

    @extend_schema(responses=BalanceDetailOut)
    def get(self, request: Request, pk: Any) -> Response:
        proposal = get_object_or_404(balance_list(), pk=pk)
        return Response({**BalanceOut(proposal).data, **_compared(balance_compared(proposal))})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        balance_discard(proposal_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(get=extend_schema(parameters=[OpenApiParameter("moving", bool, description="Those that change.")]))
class BalanceAccountListApi(ListAPIView[BalanceAccount]):
    """The accounts of a proposal, the heaviest first (`moving=true`: those that change); POST moves some to another territory."""

    actions = {"GET": "balance.view", "POST": "balance.edit"}
    serializer_class = BalanceAccountOut
    filterset_fields = {"before": ["exact", "isnull"], "after": ["exact", "isnull"], "is_fixed": ["exact"]}
    query_names = ("moving",)

    def get_queryset(self) -> QuerySet[BalanceAccount]:
        if getattr(self, "swagger_fake_view", False):
            return BalanceAccount.objects.none()
        proposal = get_object_or_404(balance_list(), pk=self.kwargs["pk"])
        return (
            balance_moves(proposal) if self.request.query_params.get("moving") == "true" else balance_accounts(proposal)
        )

    @extend_schema(request=BalanceMoveIn, responses=RoutedOut)
    def post(self, request: Request, pk: Any) -> Response:
        wanted = read(BalanceMoveIn, request)
        proposal = get_object_or_404(balance_list(), pk=pk)
        rows = balance_accounts(proposal).filter(account__in=wanted["accounts"]).values_list("pk", flat=True)
        actor = request.viewer  # type: ignore[attr-defined]
        changed = balance_move(proposal_id=pk, rows=list(rows), territory_id=wanted["territory"], actor=actor)
        return Response({"changed": changed})


class BalanceCommitApi(GenericAPIView[BalanceProposal]):
    """Names every account that moves apart, from the day of the proposal on."""

    actions = {"POST": "balance.edit"}
    serializer_class = RoutedOut
    queryset = BalanceProposal.objects.none()

    @extend_schema(request=None, responses=RoutedOut)
    def post(self, request: Request, pk: Any) -> Response:
        return Response(RoutedOut(balance_commit(proposal_id=pk, actor=request.viewer)).data)  # type: ignore[attr-defined]


def _compared(found: Comparison | None) -> dict[str, Any]:
    names = ("accounts", "moving", "moved_index", "moved_sales")
    if found is None:
        ways = ("travel_km_today", "travel_km_proposed", "places_unknown", "lacking_today", "lacking_proposed")
        return {**dict.fromkeys((*names, *ways, "today", "proposed")), "territories": []}
    stands = {"today": found.before, "proposed": found.after}
    measures = ("variation", "largest_to_smallest", "gini")
    said: dict[str, Any] = {
        name: {
            **{each: getattr(one.even, each) for each in measures},
            "largest_off": one.largest_off,
            "outside_region": one.outside_region,
        }
        for name, one in stands.items()
    }
    said |= {
        "travel_km_today": found.travel_before.mean_km,
        "travel_km_proposed": found.travel_after.mean_km,
        "places_unknown": found.travel_before.unknown,
        "lacking_today": found.lacking_before,
        "lacking_proposed": found.lacking_after,
    }
    lines = [{**vars(line), "territory": line.territory.pk, "name": line.territory.name} for line in found.lines]
    return {**{name: getattr(found, name) for name in names}, **said, "territories": PatchOut(lines, many=True).data}
