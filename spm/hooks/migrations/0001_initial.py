import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

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
                    name="Endpoint",
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
                        ("url", models.CharField(max_length=500)),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=30), size=None
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("is_active", models.BooleanField(default=True)),
                        ("off_reason", models.CharField(blank=True, max_length=300)),
                        ("made_by_name", models.CharField(max_length=200)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("deleted_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("deleted_at", None)),
                                fields=("organisation_id", "url"),
                                name="hook_endpoint_url_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("deleted_at", None), ("is_active", False), _connector="OR"),
                                name="hook_endpoint_deleted_off",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kinds", []), _negated=True), name="hook_endpoint_has_kinds"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Event",
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
                        ("kind", models.CharField(max_length=30)),
                        ("body", models.TextField()),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "-created_at"], name="hook_event_at")],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
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
                        (
                            "state",
                            models.CharField(
                                choices=[("waiting", "Waiting"), ("delivered", "Delivered"), ("given_up", "Given up")],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("next_at", models.DateTimeField()),
                        ("replayed_by_name", models.CharField(blank=True, max_length=200)),
                        (
                            "endpoint",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hooks.endpoint",
                            ),
                        ),
                        (
                            "event",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hooks.event",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["organisation_id", "next_at"],
                                name="hook_delivery_due",
                            ),
                            models.Index(
                                fields=["organisation_id", "endpoint", "-id"], name="hook_delivery_of_endpoint"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "event", "endpoint"), name="hook_delivery_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
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
                        ("status", models.PositiveSmallIntegerField(null=True)),
                        ("fault", models.CharField(blank=True, max_length=200)),
                        ("milliseconds", models.PositiveIntegerField()),
                        (
                            "delivery",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hooks.delivery",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "delivery", "-at"], name="hook_attempt_at")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EndpointSecret",
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
                        ("secret", models.CharField(max_length=300)),
                        ("created_at", models.DateTimeField()),
                        ("valid_until", models.DateTimeField(null=True)),
                        (
                            "endpoint",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="hooks.endpoint",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("valid_until", None)),
                                fields=("organisation_id", "endpoint"),
                                name="hook_secret_one_present",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
