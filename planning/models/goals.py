"""Personal targets, and scores of objectives: what a plan asks of single people beside quotas."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.people.models import Timeline, no_overlap, not_empty
from spm.tenancy.models import TenantForeignKey, TenantModel


class TargetPer(models.TextChoices):
    """What a target's amount is for."""

    PERIOD = "period", "Each pay period"
    YEAR = "year", "A fiscal year"


class Target(Timeline):
    """The target of a person, or of whoever holds a position, under a name that plans ask for; minor units of `currency`."""

    name = models.CharField(max_length=100)
    participant = TenantForeignKey("people.Participant", null=True, blank=True)
    position = TenantForeignKey("people.Position", null=True, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    per = models.CharField(max_length=10, choices=TargetPer.choices, default=TargetPer.PERIOD)

    class Meta:
        constraints: ClassVar = [
            no_overlap("target_of_participant_once", "name", "participant", condition=Q(participant__isnull=False)),
            no_overlap("target_of_position_once", "name", "position", condition=Q(position__isnull=False)),
            not_empty("target_days"),
            models.CheckConstraint(
                condition=Q(participant__isnull=True, position__isnull=False)
                | Q(participant__isnull=False, position__isnull=True),
                name="target_of_one",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="target_not_negative"),
        ]


class Score(TenantModel):
    """How far a person has met an objective in a period: a share at scale 10**8 with its evidence.

    It counts once somebody else has approved exactly this `content`. History is in the audit.
    """

    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    objective = models.CharField(max_length=100)
    score_rate = models.BigIntegerField()
    evidence = models.TextField()
    content = models.CharField(max_length=64)
    entered_by_name = models.CharField(max_length=200)
    entered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "participant", "period", "objective"], name="score_once"
            ),
            models.CheckConstraint(condition=Q(score_rate__gte=0, score_rate__lte=10**9), name="score_range"),
            models.CheckConstraint(condition=~Q(evidence=""), name="score_with_evidence"),
        ]
