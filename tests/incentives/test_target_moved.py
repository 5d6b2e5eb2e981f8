"""What planning kept of target pay moves to the terms of pay in every company, and goes before what these had on its days."""

import pytest
from django.core.management import call_command
from django.db import connections

from incentives.models import TargetPay
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope

pytestmark = pytest.mark.deep


def test_targets_of_planning_move_and_go_before(committed_db):
    call_command("migrate", "planning", "0003", verbosity=0)
    call_command("migrate", "incentives", "0008", verbosity=0)
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.pk, actor=Actor(name="migration")):
        rex = Participant.objects.get(source_key="rex")
    with connections["owner"].cursor() as cursor:
        cursor.execute("begin; select set_config('app.organisation_id', %s, true)", [str(acme.pk)])
        columns = "id, organisation_id, participant_id, name, currency, during"
        cursor.execute(
            f"insert into incentives_targetpay ({columns}, target_minor, base_minor) "
            "values (gen_random_uuid(), %s, %s, 'variable', 'USD', '[2026-01-01,)', 4000, 6000)",
            [acme.pk, rex.pk],
        )
        cursor.execute(
            f"insert into planning_target ({columns}, amount_minor, per) "
            "values (gen_random_uuid(), %s, %s, 'variable', 'USD', '[2026-03-01,2026-05-01)', 900, 'period')",
            [acme.pk, rex.pk],
        )
        cursor.execute("commit")
    call_command("migrate", verbosity=0)
    with organisation_scope(acme.pk, actor=Actor(name="migration")):
        rows = TargetPay.objects.order_by("during").values_list("target_minor", "base_minor", "per", "during")
        found = [(*row[:3], str(row[3].lower), str(row[3].upper)) for row in rows]
    assert found == [
        (4000, 6000, "year", "2026-01-01", "2026-03-01"),
        (900, 0, "period", "2026-03-01", "2026-05-01"),
        (4000, 6000, "year", "2026-05-01", "None"),
    ]
