"""Members choose whether notices also come by mail; the mail that is due is found by an index of its own."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import spm.tenancy.keys
import spm.tenancy.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("identity", "0001_initial"), ("notices", "0001_initial")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("mailed_at__isnull", True), ("wants_mail", True)),
                fields=["organisation_id", "created_at"],
                name="notice_to_mail",
            ),
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=spm.tenancy.keys.uuid7, editable=False, primary_key=True, serialize=False),
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
    ]
