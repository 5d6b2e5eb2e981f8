"""The API of what-if: a version, or a document that is not stored, beside the live plan. It writes no results."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import plan_named
from incentives.models import PlanVersion
from incentives.selectors.plans import plan_rows, version_rows
from incentives.selectors.trial_facts import Pipeline
from incentives.selectors.trial_sums import TrialSum, people_sorted, trial_sum
from incentives.selectors.trials import (
    YEARS,
    PeriodTrial,
    Question,
    is_long,
    trial_get,
    trial_job,
    trial_parts,
    trial_periods,
)
from incentives.services.trials import trial_start
from spm.web.api import Input
from spm.web.findings import FindingOut, findings_data


class TrialIn(Input):
    """What to try. `definition` takes the place of the stored one; `plan` is whose people are paid (default: its own plan)."""

    periods = serializers.ListField(
        child=serializers.CharField(max_length=40),
        min_length=1,
        max_length=24,
        help_text="Periods by key, such as 2026-Q4, or by id.",
    )
    definition = serializers.JSONField(
        required=False, help_text="A plan as an object of fields, tried without being stored."
    )
    plan = serializers.CharField(required=False, max_length=200, help_text="By key or by id.")
    pipeline = serializers.ChoiceField(choices=[one.value for one in Pipeline], default=Pipeline.NONE.value)
    quota_percent = serializers.IntegerField(min_value=1, max_value=1000, default=100)
    budget_minor = serializers.IntegerField(required=False, min_value=0)
    years = serializers.IntegerField(
        min_value=1,
        max_value=YEARS[-1],
        default=YEARS[0],
        help_text="How often the periods are drawn again for `spreads`; there is no trial without.",
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=2**31, default=1, help_text="The same seed draws the same again."
    )


class TrialPersonOut(serializers.Serializer[Any]):
    """What a person gets by both plans; null where a plan does not pay the person or can't calculate it: so is the difference then."""

    participant = serializers.UUIDField(source="key")
    name = serializers.CharField()
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField(allow_null=True)
    why_unknown = serializers.CharField(help_text="Why the difference is unknown; empty where it is known.")


class TrialLineOut(serializers.Serializer[Any]):
    """What a person gets from a component in a period by both plans."""

    participant = serializers.UUIDField(source="participant_id")
    period_key = serializers.CharField()
    component = serializers.CharField()
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)


class TrialSpreadOut(serializers.Serializer[Any]):
    """The cost of the resampled repetitions; percentiles 5, 25, 50, 75 and 95; `chance_rate` above the budget at 10**8.

    Where there is no pay to draw again the amounts are null, the percentiles empty, and `why_unknown` says why.
    """

    name = serializers.ChoiceField(choices=["live", "draft"])
    mean_minor = serializers.IntegerField(allow_null=True)
    percentiles_minor = serializers.ListField(child=serializers.IntegerField())
    chance_rate = serializers.IntegerField(allow_null=True)
    why_unknown = serializers.CharField()


class TrialPeriodOut(serializers.Serializer[Any]):
    """On which facts a period was tried, and how: KEPT, TOTALS, CREDITS or FULL."""

    period_key = serializers.CharField()
    way = serializers.CharField()
    run = serializers.UUIDField(source="run_id", allow_null=True)
    known_at = serializers.DateTimeField()
    open_deals_added = serializers.IntegerField(source="added")
    without_probability = serializers.IntegerField()


class TrialOut(serializers.Serializer[Any]):
    """A trial; amounts in minor units of `currency`.

    `winners` and `losers` count those who can be compared; they are null where nobody can be. `difference_minor` is null where
    anybody can't be: `why_unknown` says why. The sums leave out, on both sides, whom one side can't calculate.
    """

    currency = serializers.CharField()
    before_minor = serializers.IntegerField(allow_null=True)
    after_minor = serializers.IntegerField(allow_null=True)
    difference_minor = serializers.IntegerField(allow_null=True)
    why_unknown = serializers.CharField()
    winners = serializers.IntegerField(allow_null=True)
    losers = serializers.IntegerField(allow_null=True)
    not_compared = serializers.IntegerField(help_text="How many people can't be compared.")
    periods = TrialPeriodOut(many=True)
    people = TrialPersonOut(many=True)
    lines = TrialLineOut(many=True)
    spreads = TrialSpreadOut(many=True)
    draws = serializers.IntegerField(help_text="How often each month was drawn.")
    deal_by_deal = serializers.ListField(child=serializers.CharField())
    findings = FindingOut(many=True)


class TrialJobOut(serializers.Serializer[Any]):
    """The job that tries it; ask again with `?job=`."""

    job = serializers.UUIDField()
    state = serializers.CharField()


def _out(total: TrialSum, parts: list[PeriodTrial]) -> dict[str, Any]:
    spreads = [
        {
            "name": "live" if each.name == "Live plan" else "draft",
            "mean_minor": each.mean_minor,
            "percentiles_minor": [amount for _, amount in each.percentiles],
            "chance_rate": each.chance_rate,
            "why_unknown": each.why_unknown,
        }
        for each in total.spreads
    ]
    people = people_sorted(total.people, "")
    return {
        "currency": total.currency,
        "before_minor": total.total.before_minor,
        "after_minor": total.total.after_minor,
        "difference_minor": total.total.difference_minor,
        "why_unknown": total.total.why_unknown,
        "winners": total.winners,
        "losers": total.losers,
        "not_compared": total.not_compared,
        "periods": TrialPeriodOut(parts, many=True).data,
        "people": TrialPersonOut(people, many=True).data,
        "lines": TrialLineOut([row for part in parts for row in part.rows], many=True).data,
        "spreads": spreads,
        "draws": total.draws,
        "deal_by_deal": list(total.kept_parts),
        "findings": findings_data(total.findings),
    }


def _periods(known: Sequence[Any], asked: Sequence[str]) -> tuple[UUID, ...]:
    """The ids of periods that are named by key or by id; a key is one of the plan's own calendar."""
    ids = {name: one.id for one in known for name in (one.key.lower(), str(one.id))}
    missing = [name for name in asked if name.lower() not in ids]
    if missing:
        raise ValidationError(
            {
                "periods": [
                    f"{', '.join(missing)}: not a period of the plan's calendar, or too far ahead. Name periods by the key or id "
                    f"that GET {reverse('api_planning_periods')} gives; the latest that can be tried is {known[0].key}."
                    if known
                    else "The plan's calendar has no periods yet. Extend the calendar first."
                ]
            }
        )
    return tuple(dict.fromkeys(ids[name.lower()] for name in asked))


class TrialApi(GenericAPIView[PlanVersion]):
    """What a version would pay beside the live plan over some periods; a long trial answers with its job.

    Its POST reads, so that a token that may only read can ask; `trial_start` wants the right to write a job.
    """

    actions = {"GET": "whatif.view", "POST": "whatif.view"}
    serializer_class = TrialIn
    queryset = PlanVersion.objects.none()
    query_names = ("job",)

    @extend_schema(request=TrialIn, responses={200: TrialOut, 202: TrialJobOut})
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        given = TrialIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        question = self._question(request, version, values)
        if is_long(question):
            if "definition" in values:
                raise ValidationError(
                    {"definition": ["Long trials need a stored version. Save a draft, or ask fewer years."]}
                )
            job = trial_start(question=question, actor=viewer)
            return Response({"job": str(job.pk), "state": job.state}, status=status.HTTP_202_ACCEPTED)
        version.definition = values.get("definition", version.definition)
        try:
            parts = trial_get(viewer, version, question, now=timezone.now())
        except ValueError as refusal:
            raise ValidationError({"definition": [str(refusal)]}) from refusal
        plan = plan_rows(viewer).get(pk=question.plan)
        return Response(_out(trial_sum(version, plan, parts, budget=values.get("budget_minor")), parts))

    def _question(self, request: Request, version: PlanVersion, values: dict[str, Any]) -> Question:
        viewer = request.viewer  # type: ignore[attr-defined]
        periods = _periods(trial_periods(version, now_on=viewer.on), values["periods"])
        plan = version.plan_id
        if "plan" in values:
            plan = plan_named(viewer, values["plan"]).pk
        return Question(
            version=version.id,
            plan=plan,
            periods=periods,
            pipeline=Pipeline(values["pipeline"]),
            quota_percent=values["quota_percent"],
            years=values["years"],
            seed=values["seed"],
        )

    @extend_schema(
        parameters=[OpenApiParameter("job", UUID, required=True, description="The job that POST named.")],
        responses={200: TrialOut, 202: TrialJobOut},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        version = get_object_or_404(version_rows(viewer), pk=pk)
        try:
            job = trial_job(viewer, version, UUID(request.query_params.get("job", "")))
        except ValueError as unreadable:
            raise ValidationError({"job": ["Name the job that POST gave."]}) from unreadable
        if job is None:
            raise NotFound
        parts = trial_parts(viewer, job)
        if parts is None:
            return Response({"job": str(job.pk), "state": job.state}, status=status.HTTP_202_ACCEPTED)
        plan = plan_rows(viewer).get(pk=job.arguments["plan"])
        return Response(_out(trial_sum(version, plan, parts), parts))
