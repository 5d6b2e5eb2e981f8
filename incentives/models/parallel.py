"""Results of a former system, kept beside those calculated here. Nothing is posted by them."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class FormerUpload(TenantModel):
    """The results of a period as one file gives them; the latest file of a period counts."""

    append_only = True

    number = models.IntegerField()
    period = TenantForeignKey("planning.Period")
    digest = models.CharField(max_length=64)
    count = models.IntegerField()
    uploaded_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    uploaded_by_name = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="former_upload_number")
        ]

    def __str__(self) -> str:
        return f"Former results {self.number}"


class FormerResult(TenantModel):
    """What the former system paid a person of a component, or in total where it names none.

    `participant` is empty for who is not known here.
    """

    append_only = True

    upload = TenantForeignKey(FormerUpload)
    line = models.IntegerField()
    name = models.CharField(max_length=300)
    participant = TenantForeignKey("people.Participant", null=True, blank=True)
    plan = TenantForeignKey("incentives.Plan", null=True, blank=True)
    component = models.CharField(max_length=100, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quota_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "upload", "line"], name="former_result_line")
        ]
