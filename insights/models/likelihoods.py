"""How likely open deals are won, with the reasons, and how good that was on deals that it did not know."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class LikelihoodTrial(TenantModel):
    """The likelihood of a day tried out of time: learned from `trained` deals decided before `cut_on`, tried on `tested` later ones.

    Scores and shares are at scale 10**8, null where there were too few deals. `bins` are parts of equal size: rows, mean likelihood,
    share won. `refused` says why no likelihood is told; empty where it is.
    """

    unaudited = "Written by the nightly job from facts; made once per day."

    as_on = models.DateField()
    cut_on = models.DateField(null=True)
    trained = models.IntegerField(default=0)
    tested = models.IntegerField(default=0)
    brier_rate = models.BigIntegerField(null=True)
    stage_brier_rate = models.BigIntegerField(null=True)
    base_brier_rate = models.BigIntegerField(null=True)
    gap_rate = models.BigIntegerField(null=True)
    bins = models.JSONField(default=list)
    refused = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "as_on"], name="likelihood_trial_once")
        ]


class DealLikelihood(TenantModel):
    """How likely an open deal is won, as told on the day, at scale 10**8; the latest replaces those before.

    `reasons` are, the strongest first: what, value, moves_rate (by how much the likelihood is higher than without), deals (past ones).
    """

    unaudited = "Written by the nightly job from facts; the latest replaces those before."

    as_on = models.DateField()
    deal = TenantForeignKey("crm.Opportunity")
    chance_rate = models.BigIntegerField()
    reasons = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "deal"], name="deal_likelihood_once")
        ]
