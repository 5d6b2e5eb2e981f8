from django.db import migrations, models

import spm.audit.models
import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Entry",
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
                        ("at", models.DateTimeField()),
                        ("actor", models.CharField(max_length=200)),
                        ("user_id", models.BigIntegerField(null=True)),
                        ("via", models.CharField(max_length=20)),
                        ("table_name", models.CharField(max_length=63)),
                        ("row_id", models.CharField(max_length=64)),
                        ("verb", models.CharField(max_length=6)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        (
                            "transaction_id",
                            models.BigIntegerField(db_default=spm.audit.models.CurrentTransaction(), editable=False),
                        ),
                        ("request_id", models.CharField(default="", max_length=64)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "-at"], name="audit_entry_at"),
                            models.Index(fields=["organisation_id", "table_name", "row_id"], name="audit_entry_row"),
                            models.Index(
                                fields=["organisation_id", "table_name", "transaction_id"],
                                name="audit_entry_transaction",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlatformEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("actor", models.CharField(max_length=200)),
                        ("user_id", models.BigIntegerField(null=True)),
                        ("via", models.CharField(max_length=20)),
                        ("table_name", models.CharField(max_length=63)),
                        ("row_id", models.CharField(max_length=64)),
                        ("verb", models.CharField(max_length=6)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        (
                            "transaction_id",
                            models.BigIntegerField(db_default=spm.audit.models.CurrentTransaction(), editable=False),
                        ),
                        ("organisation_id", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "-at"], name="audit_platform_at")],
                    },
                ),
                migrations.CreateModel(
                    name="Seal",
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
                        ("number", models.BigIntegerField()),
                        ("source", models.CharField(max_length=63)),
                        ("cluster", models.CharField(max_length=32)),
                        ("until", models.BigIntegerField()),
                        ("count", models.IntegerField()),
                        ("rows", models.BinaryField()),
                        ("sealed_at", models.DateTimeField()),
                        ("sealed_by", models.CharField(max_length=200)),
                        ("previous_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "number"), name="seal_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SealCheck",
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
                        ("checked_at", models.DateTimeField()),
                        ("checked_by", models.CharField(max_length=200)),
                        ("first", models.BigIntegerField()),
                        ("seals", models.BigIntegerField()),
                        ("rows", models.BigIntegerField()),
                        ("is_complete", models.BooleanField()),
                        ("fault", models.TextField(default="")),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "-checked_at"], name="seal_check_at")],
                    },
                ),
            ],
        ),
    ]
