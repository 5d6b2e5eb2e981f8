"""An answer of payroll may say that another amount was paid than was handed over; what was answered before was paid as handed over."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incentives", "0034_paid_on")]

    operations = [
        migrations.AddField(model_name="payoutanswer", name="paid_minor", field=models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            model_name="payoutanswer",
            constraint=models.CheckConstraint(
                condition=Q(paid_minor=None) | (Q(is_paid=True, paid_minor__gt=0) & ~Q(reason="")),
                name="payout_answer_otherwise",
            ),
        ),
    ]
