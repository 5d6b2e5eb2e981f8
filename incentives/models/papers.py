"""Files of papers that a job made, until the next job of the same period makes them anew."""

from typing import ClassVar

from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class StatementPaper(TenantModel):
    """The PDF of one statement as a job made it; making it again gives the same bytes, so nothing is lost with it."""

    unaudited = "Made from statements, which are append-only, and made anew at any time."

    job = TenantForeignKey("jobs.Job", models.CASCADE, db_index=False)
    statement = TenantForeignKey("incentives.Statement", db_index=False)
    name = models.CharField(max_length=300)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "job", "statement"], name="statement_paper_once")
        ]
