"""How accounts are scored: factors of potential and of workload, drafted, then in force until the next ones."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from spm.tenancy.models import TenantModel


class ScoreKind(models.TextChoices):
    """What accounts are scored for."""

    POTENTIAL = "POTENTIAL", _("Potential")
    WORKLOAD = "WORKLOAD", _("Workload")


class ScoreState(models.TextChoices):
    """Whether factors are being written, count, or counted."""

    DRAFT = "DRAFT", _("Draft")
    IN_FORCE = "IN_FORCE", _("In force")
    REPLACED = "REPLACED", _("Replaced")


class ScoreCard(TenantModel):
    """The factors of a score. A factor is {"name", "field", "scaling", "weight", "missing"} and "low", "high" or "table": [[text, points]].

    See `planning.engine.scoring`. A card in force is never changed: a draft replaces it.
    """

    kind = models.CharField(max_length=10, choices=ScoreKind.choices)
    state = models.CharField(max_length=10, choices=ScoreState.choices, default=ScoreState.DRAFT)
    factors = models.JSONField(default=list)
    written_by_name = models.CharField(max_length=200)
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "state"], condition=~Q(state="REPLACED"), name="score_card_once"
            )
        ]
