import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Notice",
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
                        ("slot", models.CharField(max_length=150)),
                        ("title", models.CharField(max_length=200)),
                        ("body", models.TextField(blank=True)),
                        ("url", models.CharField(blank=True, max_length=300)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("read_at", models.DateTimeField(null=True)),
                        ("wants_mail", models.BooleanField(default=False)),
                        ("mailed_at", models.DateTimeField(null=True)),
                        (
                            "membership",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="identity.membership",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "membership", "-created_at"], name="notice_inbox"),
                            models.Index(
                                condition=models.Q(("mailed_at__isnull", True), ("wants_mail", True)),
                                fields=["organisation_id", "created_at"],
                                name="notice_to_mail",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "membership", "kind", "slot"), name="notice_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoticeChoice",
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
                        ("wants_mail", models.BooleanField(default=True)),
                        (
                            "membership",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="identity.membership",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "membership"), name="notice_choice_once")
                        ],
                    },
                ),
            ],
        ),
    ]
