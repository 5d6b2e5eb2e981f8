"""Evidence packs of periods: what a job put together to prove a period apart from the product, piece by piece, and the hash of it all."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class EvidencePack(TenantModel):
    """The evidence of a period. `manifest` names every file with its SHA-256; `hash` is that of the manifest, and so stands for all of it.

    The row is audited and the audit is sealed, so that the hash can't be exchanged for that of another pack without a trace.
    """

    append_only = True

    period = TenantForeignKey("planning.Period")
    number = models.IntegerField()
    job = TenantForeignKey("jobs.Job")
    manifest = models.TextField()
    hash = models.CharField(max_length=64)
    files = models.IntegerField()
    size = models.BigIntegerField()
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "period", "number"], name="evidence_pack_number"),
            models.UniqueConstraint(fields=["organisation_id", "job"], name="evidence_pack_once"),
        ]


class EvidenceFile(TenantModel):
    """One file of a pack, in the order in which they were made; `digest` is its SHA-256."""

    unaudited = "Its name and digest stand in the manifest of its pack, which is audited."

    job = TenantForeignKey("jobs.Job", models.CASCADE)
    place = models.IntegerField()
    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "job", "name"], name="evidence_file_once")
        ]


class EvidencePart(TenantModel):
    """A piece of a file, so that none is ever in memory or in one row as a whole."""

    unaudited = "The digest of its file stands in the manifest of its pack, which is audited."

    file = TenantForeignKey(EvidenceFile, models.CASCADE, db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "file", "number"], name="evidence_part_once")
        ]
