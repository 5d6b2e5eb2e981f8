"""Target pay is kept in one place: what planning kept of it, of a year or of each pay period, moves here and goes before."""

from typing import Any, ClassVar

from django.db import migrations, models

SAME = """
    own.name = pay.name and own.during && pay.during and own.participant_id is not distinct from pay.participant_id
    and own.position_id is not distinct from pay.position_id
"""
CUT = f"""
create temporary table left_of_target_pay as
select pay.id, pay.participant_id, pay.position_id, pay.name, pay.target_minor, pay.base_minor, pay.currency,
       unnest(datemultirange(pay.during) - range_agg(own.during)) as during
from incentives_targetpay pay join planning_target own on {SAME} group by pay.id;
delete from incentives_targetpay pay using planning_target own where {SAME};
insert into incentives_targetpay (id, organisation_id, participant_id, position_id, name, target_minor, base_minor, currency, per, during)
select gen_random_uuid(), current_setting('app.organisation_id')::bigint, participant_id, position_id, name, target_minor, base_minor,
       currency, 'year', during
from left_of_target_pay;
drop table left_of_target_pay;
"""
MOVE = """
insert into incentives_targetpay
    (id, organisation_id, participant_id, position_id, name, target_minor, base_minor, currency, per, during)
select id, organisation_id, participant_id, position_id, name, amount_minor, 0, currency, per, during from planning_target
"""


def move(apps: Any, schema_editor: Any) -> None:
    """Move the targets of every company inside of its own wall."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select id from tenancy_organisation order by id")
        for (organisation,) in cursor.fetchall():
            cursor.execute("select set_config('app.organisation_id', %s, true)", [str(organisation)])
            cursor.execute(CUT)
            cursor.execute(MOVE)
        cursor.execute("select set_config('app.organisation_id', '', true)")


class Migration(migrations.Migration):
    """The way back leaves what was moved where it is: the former place of it counted the same."""

    dependencies: ClassVar = [
        ("incentives", "0008_personal_terms"),
        ("planning", "0003_targets_and_scores"),
        ("tenancy", "0001_initial"),
    ]
    run_before: ClassVar = [("planning", "0004_target_pay_moved")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="targetpay",
            name="per",
            field=models.CharField(
                choices=[("year", "A fiscal year"), ("period", "Each pay period")], default="year", max_length=10
            ),
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
