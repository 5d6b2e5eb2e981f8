"""The API of the likelihood of open deals, as on the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.models import LikelihoodTrial
from insights.selectors.likelihoods import likelihood_deals, likelihood_get, likelihood_trial, likelihoods_of
from spm.web.listing import ListOf


class WhyOut(serializers.Serializer[Any]):
    """What raises or lowers a likelihood, by how much (at scale 10**8), known from how many past deals."""

    what = serializers.ChoiceField(["owner", "product", "stage", "age", "month"])
    words = serializers.CharField()
    moves_rate = serializers.IntegerField()
    deals = serializers.IntegerField()


class LikelihoodOut(serializers.Serializer[Any]):
    """How likely a deal is won at scale 10**8, as of a day; null is unknown, and `reason` says why."""

    deal = serializers.UUIDField(source="deal.fact_id")
    key = serializers.CharField(source="deal.fact.source_key")
    name = serializers.CharField(source="deal.name")
    chance_rate = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    why = WhyOut(many=True)
    as_on = serializers.DateField(allow_null=True)


class LikelihoodApi(ListOf):
    """How likely each open deal within reach is won."""

    actions = {"GET": "pipeline.view"}
    serializer_class = LikelihoodOut

    @extend_schema(responses=LikelihoodOut(many=True))
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        page = self.paginate_queryset(likelihood_deals(viewer)) or []
        return self.get_paginated_response(self.get_serializer(likelihoods_of(viewer, page), many=True).data)


class DealLikelihoodApi(APIView):
    """How likely one deal is won."""

    actions = {"GET": "pipeline.view"}

    @extend_schema(responses=LikelihoodOut)
    def get(self, request: Request, pk: UUID) -> Response:
        told = likelihood_get(request.viewer, pk)  # type: ignore[attr-defined]
        if told is None:
            raise NotFound
        return Response(LikelihoodOut(told).data)


class LikelihoodTrialOut(serializers.ModelSerializer[LikelihoodTrial]):
    """The likelihood tried out of time: Brier scores, shares and the largest gap at scale 10**8; `refused` says why none is told.

    `bins` are parts of equal size of the test: looks, mean likelihood, share won.
    """

    as_on = serializers.DateField(allow_null=True)

    class Meta:
        model = LikelihoodTrial
        fields = (
            *("as_on", "cut_on", "trained", "tested", "brier_rate", "stage_brier_rate", "base_brier_rate"),
            *("gap_rate", "bins", "refused"),
        )


class LikelihoodTrialApi(APIView):
    """How good the likelihoods were on deals that they did not know."""

    actions = {"GET": "pipeline.view"}

    @extend_schema(responses=LikelihoodTrialOut)
    def get(self, request: Request) -> Response:
        return Response(LikelihoodTrialOut(likelihood_trial(request.viewer)).data)  # type: ignore[attr-defined]
