"""The API of the estimator, as on the page. It writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incentives.api.estimates import LineEstimateOut
from incentives.selectors.pipeline_estimates import ChosenDeal
from insights.selectors.pay_estimates import deal_day, pay_estimate, pay_estimate_deals, pay_estimate_person
from spm.roles.policy import Viewer
from spm.web.api import Input

MOST_DEALS = 200


class ChosenDealIn(Input):
    """An open deal as it might be won; what is left out stays as the deal says, an overdue one closes today."""

    deal = serializers.UUIDField()
    amount_minor = serializers.IntegerField(required=False, min_value=0, max_value=10**15)
    close_on = serializers.DateField(required=False)


class PayEstimateIn(Input):
    """The chosen deals; none gives what is earned without them."""

    deals = serializers.ListField(child=ChosenDealIn(), max_length=MOST_DEALS)

    def validate_deals(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a deal that is named twice."""
        if len({row["deal"] for row in rows}) < len(rows):
            raise serializers.ValidationError("A deal is named twice. Name each once.")
        return rows


class ChosenDealOut(serializers.Serializer[Any]):
    """A deal as it was taken."""

    deal = serializers.UUIDField(source="key")
    amount_minor = serializers.IntegerField()
    close_on = serializers.DateField()


class OutsideOut(ChosenDealOut):
    """A deal that counts in no period, and why."""

    reason = serializers.SerializerMethodField()

    def get_reason(self, one: ChosenDeal) -> str:
        """Say why."""
        return f"No published plan pays {one.close_on.isoformat()}. Choose a day of a period that a plan pays."


class PaysOut(serializers.Serializer[Any]):
    """The sum of a currency; null where a line is unknown."""

    currency = serializers.CharField()
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField(allow_null=True)


class PeriodPaysOut(serializers.Serializer[Any]):
    """A period: the lines, their sums by currency, and contests, which depend on others and are in none of them."""

    period = serializers.CharField(source="period.key")
    pays = PaysOut(many=True)
    lines = LineEstimateOut(many=True)
    ranked = serializers.ListField(child=serializers.CharField())


class PayEstimateOut(serializers.Serializer[Any]):
    """What chosen deals would pay a person. A period in which no plan pays the person is left out."""

    deals = ChosenDealOut(many=True)
    periods = PeriodPaysOut(many=True)
    outside = OutsideOut(many=True)


class PayEstimateApi(APIView):
    """What chosen open deals of a person's pipeline would pay the person, at other amounts and on other days."""

    actions = {"POST": "pay_forecast.view"}

    @extend_schema(request=PayEstimateIn, responses={200: PayEstimateOut})
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        person = pay_estimate_person(viewer, pk)
        if person is None:
            raise NotFound
        given = PayEstimateIn(data=request.data)
        given.is_valid(raise_exception=True)
        rows = given.validated_data["deals"]
        known = pay_estimate_deals(viewer, person).filter(fact__in=[row["deal"] for row in rows])
        chosen = _chosen(viewer, rows, {deal.fact_id: deal for deal in known})
        found = pay_estimate(viewer, person, chosen)
        return Response(PayEstimateOut({"deals": chosen, "periods": found.periods, "outside": found.outside}).data)


def _chosen(viewer: Viewer, rows: Sequence[Mapping[str, Any]], known: Mapping[UUID, Any]) -> list[ChosenDeal]:
    """The deals as they were asked; raises ValidationError naming those that can't be taken."""
    found, wrong = [], []
    for row in rows:
        key, deal = str(row["deal"]), known.get(row["deal"])
        if deal is None:
            wrong.append(f"{key} is no open deal of this person's pipeline within your reach.")
            continue
        amount, day = row.get("amount_minor", deal.amount_minor), row.get("close_on", deal_day(deal, viewer.on))
        lacking = [
            word
            for word, value in (("currency", deal.currency), ("amount_minor", amount), ("close_on", day))
            if value in (None, "")
        ]
        wrong += [f"{key} has no {word}{'' if word == 'currency' else '; name it'}." for word in lacking]
        if not lacking:
            found.append(ChosenDeal(key, amount, day))
    if wrong:
        raise ValidationError({"deals": wrong})
    return found
