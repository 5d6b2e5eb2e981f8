import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "__first__"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("kind", models.CharField(max_length=50)),
                        ("slot", models.CharField(max_length=100)),
                        ("arguments", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("requested_as", models.CharField(blank=True, max_length=200)),
                        ("plan", models.JSONField(null=True)),
                        ("progress_done", models.IntegerField(default=0)),
                        ("progress_total", models.IntegerField(default=0)),
                        ("attempts", models.IntegerField(default=0)),
                        ("lease_owner", models.CharField(blank=True, max_length=100)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("queued_at", models.DateTimeField(auto_now_add=True)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("findings", models.JSONField(default=list)),
                        ("outcome", models.JSONField(default=dict)),
                        (
                            "requested_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "state", "lease_until"], name="job_open")],
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "kind", "slot"), name="job_slot")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "organisation_id",
                            models.BigIntegerField(db_default=spm.tenancy.models.CurrentOrganisation(), editable=False),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("outcome", models.JSONField(default=dict)),
                        ("done_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "job",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="jobs.job",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "job", "name"), name="job_step_once")
                        ],
                    },
                ),
            ],
        ),
    ]
