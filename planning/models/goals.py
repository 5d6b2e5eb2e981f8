"""Scores of objectives: how far single people met what their plan asks beside quotas."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from spm.tenancy.models import TenantForeignKey, TenantModel


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
