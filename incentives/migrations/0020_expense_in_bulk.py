"""References of the costs, terms and entries of commission expense are checked by statement (`spm.tenancy.walls`).

The single-column indexes go of which another index begins with the same columns.
"""

from typing import ClassVar

from django.db import migrations
from django.db.models import PROTECT

from spm.tenancy.models import TenantForeignKey

REFERENCES = (
    ("expenseasset", "book", "incentives.expensebook", False),
    ("expenseterm", "asset", "incentives.expenseasset", False),
    ("expenseentry", "book", "incentives.expensebook", False),
    ("expenseentry", "asset", "incentives.expenseasset", True),
    ("expenseentry", "period", "planning.period", True),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("incentives", "0019_plan_documents"),
        ("planning", "0005_score_evidence"),
    ]
    operations: ClassVar = [
        migrations.AlterField(
            model,
            name,
            TenantForeignKey(to, PROTECT, null=is_nullable, db_constraint=False, db_index=False, related_name="+"),
        )
        for model, name, to, is_nullable in REFERENCES
    ]
