import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models
import spm.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "__first__"),
        ("people", "0001_initial"),
    ]

    operations = [
        spm.tenancy.operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Account",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="account_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Activity",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="activity_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Alias",
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
                        ("source", models.CharField(max_length=50)),
                        ("alias", models.CharField(max_length=200)),
                        ("target_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "kind", "source", "alias"), name="alias_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contract",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="contract_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNote",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="creditnote_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotentRequest",
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
                        ("key", models.CharField(max_length=200)),
                        ("path", models.CharField(max_length=200)),
                        ("digest", models.CharField(max_length=64)),
                        ("status", models.IntegerField()),
                        ("answer", models.JSONField()),
                        ("answered_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "path", "key"), name="idempotent_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invoice",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="invoice_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lead",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="lead_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Opportunity",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="opportunity_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Order",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="order_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLine",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="orderline_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="payment_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Price",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="price_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Product",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="product_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RememberedMapping",
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
                        ("source", models.CharField(max_length=50)),
                        ("header_digest", models.CharField(max_length=64)),
                        ("kind", models.CharField(max_length=30)),
                        ("mapping", models.JSONField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "header_digest"), name="mapping_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Split",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="split_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageChange",
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
                        ("source", models.CharField(max_length=50)),
                        ("source_key", models.CharField(max_length=200)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "source", "source_key"), name="stagechange_source_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Upload",
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
                        ("file_name", models.CharField(max_length=255)),
                        ("digest", models.CharField(max_length=64)),
                        ("size", models.BigIntegerField()),
                        ("source", models.CharField(max_length=50)),
                        ("kind", models.CharField(blank=True, max_length=30)),
                        ("sheet", models.CharField(blank=True, max_length=255)),
                        ("sheets", models.JSONField(default=list)),
                        ("mapping", models.JSONField(default=dict)),
                        ("preview", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("uploaded", "Needs a mapping"),
                                    ("mapped", "Preview is being made"),
                                    ("previewed", "Ready to commit"),
                                    ("committing", "Being committed"),
                                    ("committed", "Committed"),
                                    ("undone", "Undone"),
                                    ("failed", "Could not be read"),
                                ],
                                default="uploaded",
                                max_length=12,
                            ),
                        ),
                        ("received", models.IntegerField(default=0)),
                        ("created", models.IntegerField(default=0)),
                        ("updated", models.IntegerField(default=0)),
                        ("unchanged", models.IntegerField(default=0)),
                        ("held", models.IntegerField(default=0)),
                        ("is_full_list", models.BooleanField(default=False)),
                        ("list_from", models.DateField(blank=True, null=True)),
                        ("list_until", models.DateField(blank=True, null=True)),
                        ("list_field", models.CharField(blank=True, max_length=50)),
                        ("list_value", models.CharField(blank=True, max_length=200)),
                        ("absent", models.IntegerField(default=0)),
                        ("findings", models.JSONField(default=list)),
                        ("uploaded_at", models.DateTimeField(auto_now_add=True)),
                        ("committed_at", models.DateTimeField(blank=True, null=True)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organisation_id", "-uploaded_at"], name="upload_recent")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["committed", "undone"]), _negated=True),
                                    (
                                        "received",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("created"), "+", models.F("updated")
                                                ),
                                                "+",
                                                models.F("unchanged"),
                                            ),
                                            "+",
                                            models.F("held"),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="upload_nothing_lost",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageChangeVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("stage", models.CharField(blank=True, default="", max_length=100)),
                        ("entered_on", models.DateField()),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.stagechange",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="stagechangeversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="stagechangeversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="stagechangeversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SplitVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        (
                            "kind",
                            models.CharField(choices=[("revenue", "Revenue"), ("overlay", "Overlay")], max_length=10),
                        ),
                        ("share_rate", models.BigIntegerField()),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.split",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "participant",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["organisation_id", "fact", "known_from"], name="splitversion_history"),
                            models.Index(fields=["organisation_id", "opportunity"], name="split_deal"),
                            models.Index(
                                fields=["organisation_id", "participant"],
                                include=("opportunity", "known_from", "known_until"),
                                name="split_participant_deals",
                            ),
                            models.Index(fields=["organisation_id", "known_from"], name="split_known_from"),
                            models.Index(
                                condition=models.Q(("known_until__isnull", False)),
                                fields=["organisation_id", "known_until"],
                                name="split_known_until",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="splitversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="splitversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProductVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("name", models.CharField(blank=True, default="", max_length=200)),
                        ("family", models.CharField(blank=True, default="", max_length=200)),
                        ("list_price_minor", models.BigIntegerField(blank=True, null=True)),
                        ("unit_cost_minor", models.BigIntegerField(blank=True, null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="productversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="productversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="productversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriceVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("list_price_minor", models.BigIntegerField()),
                        ("valid_from", models.DateField()),
                        ("valid_until", models.DateField(blank=True, null=True)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.price",
                            ),
                        ),
                        (
                            "product",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["organisation_id", "fact", "known_from"], name="priceversion_history")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="priceversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="priceversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("paid_on", models.DateField()),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.payment",
                            ),
                        ),
                        (
                            "invoice",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.invoice",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="paymentversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="paymentversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="paymentversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("ordered_on", models.DateField()),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("status", models.CharField(blank=True, default="", max_length=50)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "reverses",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["organisation_id", "fact", "known_from"], name="orderversion_history")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="orderversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="orderversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLineVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("quantity", models.DecimalField(decimal_places=4, max_digits=18)),
                        ("list_price_minor", models.BigIntegerField(blank=True, null=True)),
                        ("discount_rate", models.BigIntegerField(blank=True, null=True)),
                        ("net_amount_minor", models.BigIntegerField(blank=True, null=True)),
                        ("cost_amount_minor", models.BigIntegerField(blank=True, null=True)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.orderline",
                            ),
                        ),
                        (
                            "order",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "product",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="orderlineversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="orderlineversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="orderlineversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpportunityVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("name", models.CharField(blank=True, default="", max_length=200)),
                        ("kind", models.CharField(blank=True, default="", max_length=50)),
                        ("stage", models.CharField(blank=True, default="", max_length=100)),
                        (
                            "status",
                            models.CharField(
                                choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], max_length=4
                            ),
                        ),
                        ("forecast_category", models.CharField(blank=True, default="", max_length=50)),
                        ("amount_minor", models.BigIntegerField(blank=True, null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("created_on", models.DateField(blank=True, null=True)),
                        ("close_on", models.DateField(blank=True, null=True)),
                        ("expected_close_on", models.DateField(blank=True, null=True)),
                        ("probability_rate", models.BigIntegerField(blank=True, null=True)),
                        ("next_step", models.CharField(blank=True, default="", max_length=500)),
                        ("attributes", models.JSONField(blank=True, db_default={}, default=dict)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "product",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="opportunityversion_history"
                            ),
                            models.Index(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=["organisation_id", "close_on"],
                                name="opportunity_close",
                            ),
                            models.Index(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=["organisation_id", "owner", "status", "close_on"],
                                name="opportunity_owner_close",
                            ),
                            models.Index(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=["organisation_id", "fact"],
                                include=("close_on", "status", "known_from"),
                                name="opportunity_won",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("status", "won"),
                                    models.Q(
                                        ("close_on__isnull", True),
                                        ("amount_minor__isnull", True),
                                        ("currency", ""),
                                        ("owner__isnull", True),
                                        _connector="OR",
                                    ),
                                ),
                                fields=["organisation_id", "close_on"],
                                name="opportunity_lacking",
                            ),
                            models.Index(fields=["organisation_id", "known_from"], name="opportunity_known_from"),
                            models.Index(
                                condition=models.Q(("known_until__isnull", False)),
                                fields=["organisation_id", "known_until"],
                                name="opportunity_known_until",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="opportunityversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="opportunityversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LeadVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("name", models.CharField(blank=True, default="", max_length=200)),
                        ("company", models.CharField(blank=True, default="", max_length=200)),
                        ("status", models.CharField(blank=True, default="", max_length=50)),
                        ("created_on", models.DateField(blank=True, null=True)),
                        ("country", models.CharField(blank=True, default="", max_length=100)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.lead",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["organisation_id", "fact", "known_from"], name="leadversion_history")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="leadversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="leadversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("invoiced_on", models.DateField()),
                        ("due_on", models.DateField(blank=True, null=True)),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "contract",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.contract",
                            ),
                        ),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.invoice",
                            ),
                        ),
                        (
                            "order",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="invoiceversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="invoiceversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="invoiceversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HeldRow",
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
                        ("sheet", models.CharField(blank=True, max_length=255)),
                        ("row_number", models.IntegerField()),
                        ("key", models.CharField(blank=True, max_length=200)),
                        ("values", models.JSONField()),
                        ("column", models.CharField(blank=True, max_length=255)),
                        ("value", models.TextField(blank=True)),
                        ("code", models.CharField(max_length=50)),
                        ("reason", models.TextField()),
                        ("fix", models.TextField()),
                        ("problems", models.JSONField(default=list)),
                        ("proposal_kind", models.CharField(blank=True, max_length=30)),
                        ("proposal_key", models.CharField(blank=True, max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[("held", "Held"), ("released", "Released"), ("discarded", "Discarded")],
                                default="held",
                                max_length=10,
                            ),
                        ),
                        ("decision", models.TextField(blank=True)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "state", "kind", "code"], name="held_inbox"),
                            models.Index(fields=["organisation_id", "upload", "row_number"], name="held_upload"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FactCommit",
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
                        ("known_from", models.DateTimeField()),
                        ("action", models.CharField(max_length=10)),
                        ("kind", models.CharField(max_length=30)),
                        ("created", models.IntegerField(default=0)),
                        ("updated", models.IntegerField(default=0)),
                        ("withdrawn", models.IntegerField(default=0)),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "known_from"), name="fact_commit_moment")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNoteVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("credited_on", models.DateField()),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("reason", models.CharField(blank=True, default="", max_length=200)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.creditnote",
                            ),
                        ),
                        (
                            "invoice",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.invoice",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="creditnoteversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="creditnoteversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="creditnoteversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContractVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("kind", models.CharField(blank=True, default="", max_length=20)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("annual_value_minor", models.BigIntegerField(blank=True, null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.contract",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "renews",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.contract",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="contractversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="contractversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="contractversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("kind", models.CharField(blank=True, default="", max_length=50)),
                        ("happened_on", models.DateField()),
                        ("subject", models.CharField(blank=True, default="", max_length=200)),
                        (
                            "account",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.activity",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "opportunity",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.opportunity",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="activityversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="activityversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="activityversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountVersion",
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
                        ("known_from", models.DateTimeField()),
                        ("known_until", models.DateTimeField(blank=True, null=True)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        ("row_number", models.IntegerField(blank=True, null=True)),
                        ("name", models.CharField(blank=True, default="", max_length=200)),
                        ("industry", models.CharField(blank=True, default="", max_length=200)),
                        ("employees", models.IntegerField(blank=True, null=True)),
                        ("annual_revenue_minor", models.BigIntegerField(blank=True, null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("country", models.CharField(blank=True, default="", max_length=100)),
                        ("region", models.CharField(blank=True, default="", max_length=100)),
                        ("county", models.CharField(blank=True, default="", max_length=100)),
                        ("city", models.CharField(blank=True, default="", max_length=100)),
                        ("postal_code", models.CharField(blank=True, default="", max_length=20)),
                        ("latitude", models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True)),
                        ("longitude", models.DecimalField(blank=True, decimal_places=12, max_digits=15, null=True)),
                        ("segment", models.CharField(blank=True, default="", max_length=100)),
                        ("founded_year", models.IntegerField(blank=True, null=True)),
                        (
                            "fact",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "owner",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.participant",
                            ),
                        ),
                        (
                            "parent",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.account",
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation_id", "fact", "known_from"], name="accountversion_history"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("known_until__isnull", True)),
                                fields=("organisation_id", "fact"),
                                name="accountversion_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("known_until__isnull", True),
                                    ("known_until__gt", models.F("known_from")),
                                    _connector="OR",
                                ),
                                name="accountversion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AbsentRecord",
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
                        ("fact_id", models.UUIDField()),
                        ("key", models.CharField(max_length=200)),
                        ("label", models.CharField(blank=True, max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Not answered"),
                                    ("gone", "Treated as cancelled"),
                                    ("kept", "Kept"),
                                    ("returned", "Came back"),
                                    ("closed", "Import undone"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("returned_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["organisation_id", "upload", "state", "key"], name="absent_upload"),
                            models.Index(fields=["organisation_id", "kind", "fact_id"], name="absent_fact"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("organisation_id", "kind", "fact_id"),
                                name="absent_asked_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "gone"), _negated=True),
                                    models.Q(models.Q(("reason", ""), _negated=True), ("decided_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="absent_gone_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UploadContent",
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
                        ("content", models.BinaryField()),
                        (
                            "upload",
                            spm.tenancy.models.TenantForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.upload",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organisation_id", "upload"), name="upload_content_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CurrencyRate",
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
                        ("from_currency", models.CharField(max_length=3)),
                        ("to_currency", models.CharField(max_length=3)),
                        ("rate_on", models.DateField()),
                        ("rate", models.DecimalField(blank=True, decimal_places=12, max_digits=24, null=True)),
                        ("table_name", models.CharField(max_length=50)),
                        ("number", models.IntegerField()),
                        ("by_name", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation_id", "from_currency", "to_currency", "rate_on", "number"),
                                name="currency_rate_number",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rate__isnull", True), ("rate__gt", 0), _connector="OR"),
                                name="currency_rate_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("from_currency", models.F("to_currency")), _negated=True),
                                name="currency_rate_pair",
                            ),
                            models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="currency_rate_counts"),
                        ],
                    },
                ),
            ],
        ),
    ]
