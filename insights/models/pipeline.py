"""What the pipeline looked like on a day. The deals themselves are kept as versions in spm.crm; here are the sums that pages read."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class PipelineSnapshot(TenantModel):
    """Open pipeline of one owner and stage on one day (the company's own day). Written by the nightly job, checked against a recount."""

    unaudited = "Written by the nightly job from facts, and checked against a recount."

    day = models.DateField()
    participant = TenantForeignKey("people.Participant", null=True)
    stage = models.CharField(max_length=100)
    currency = models.CharField(max_length=3, blank=True)
    deal_count = models.IntegerField()
    unvalued_count = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "day", "participant", "stage", "currency"],
                name="pipeline_snapshot_once",
                nulls_distinct=False,
            )
        ]
