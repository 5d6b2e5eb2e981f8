"""The API of the currencies that people are paid in, and of the rate that pay is converted at."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.terms import Dated, EntryApi, given, person_given
from incentives.engine.words import PayRatePolicy
from incentives.models import PayCurrency, PayRateRule
from incentives.selectors.terms import pay_currency_list, pay_rate_list
from incentives.services.pay_currencies import pay_currency_set, pay_rate_set
from spm.web.api import Input


class PayCurrencyOut(serializers.ModelSerializer[PayCurrency], Dated):
    """The currency that a person is paid in: of pay periods whose last day is one of the days."""

    participant_key = serializers.CharField(source="participant.source_key")

    class Meta:
        model = PayCurrency
        fields = ("id", "participant", "participant_key", "currency", "start", "until")


class PayCurrencyIn(Input):
    """A currency to set; `participant` by key or id, `until` is the first day after, null while it lasts."""

    participant = serializers.CharField(max_length=200)
    currency = serializers.CharField(min_length=3, max_length=3)
    start = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class PayRateOut(serializers.ModelSerializer[PayRateRule], Dated):
    """The rate that pay is converted at, of pay periods whose last day is one of the days; PERIOD_END where none is set."""

    class Meta:
        model = PayRateRule
        fields = ("id", "policy", "set_by_name", "start", "until")


class PayRateIn(Input):
    """A rate to choose."""

    policy = serializers.ChoiceField(choices=[(each.value, each.value) for each in PayRatePolicy])
    start = serializers.DateField()


class PayCurrencyListApi(ListAPIView[PayCurrency]):
    """Currencies that people within reach are paid in; POST sets one from a day on and converts in open books."""

    actions = {"GET": "target.view", "POST": "target.edit"}
    serializer_class = PayCurrencyOut
    filterset_fields = {"participant": ["exact"], "currency": ["exact"]}

    def get_queryset(self) -> QuerySet[PayCurrency]:
        fake = getattr(self, "swagger_fake_view", False)
        return PayCurrency.objects.none() if fake else pay_currency_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=PayCurrencyIn, responses={201: PayCurrencyOut})
    def post(self, request: Request) -> Response:
        viewer, values = request.viewer, given(PayCurrencyIn, request)  # type: ignore[attr-defined]
        row = pay_currency_set(participant_id=person_given(viewer, values), actor=viewer, **values)
        return Response(PayCurrencyOut(row).data, status=status.HTTP_201_CREATED)


class PayCurrencyApi(EntryApi):
    """One entry; what open books have converted by it follows."""

    what = "currency"


class PayRateListApi(ListAPIView[PayRateRule]):
    """The rates that pay is converted at; POST chooses one from a day on."""

    actions = {"GET": "target.view", "POST": "rate.edit"}
    serializer_class = PayRateOut

    def get_queryset(self) -> QuerySet[PayRateRule]:
        fake = getattr(self, "swagger_fake_view", False)
        return PayRateRule.objects.none() if fake else pay_rate_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=PayRateIn, responses={201: PayRateOut})
    def post(self, request: Request) -> Response:
        values = given(PayRateIn, request)
        row = pay_rate_set(policy=PayRatePolicy(values["policy"]), start=values["start"], actor=request.viewer)  # type: ignore[attr-defined]
        return Response(PayRateOut(row).data, status=status.HTTP_201_CREATED)
