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


class ScoreEvidence(TenantModel):
    """What a person, or somebody for them, shows for an objective of a period: a text, a link, a file. More is added, nothing changed."""

    append_only = True
    unaudited = "Append-only: who gave it and when stand in the row."

    participant = TenantForeignKey("people.Participant")
    period = TenantForeignKey("planning.Period")
    objective = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    link = models.URLField(max_length=500, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(default=bytes)
    given_by_name = models.CharField(max_length=200)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "period", "participant"], name="evidence_of")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text="", link="", file_name=""), name="evidence_shows_something"),
        ]
