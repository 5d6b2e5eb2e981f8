"""The CRM set pays exactly what was computed apart from this project."""

from datetime import date

import pytest

from incentives.models import RunEarning, Statement
from incentives.tasks import CalculatePart
from spm.roles.policy import viewer_of_system
from tests.incentives import crm_set

pytestmark = pytest.mark.django_db


def test_every_payout_and_override_equals_the_expected_files(in_acme):
    actor = viewer_of_system(in_acme, on=date(2018, 1, 2), name="test")
    crm_set.people_create()
    crm_set.deals_create()
    crm_set.plans_create(actor)
    part = CalculatePart()
    for step in part.steps(in_acme, date(2018, 1, 2)):
        print(step, part.run(in_acme, date(2018, 1, 2), step))
    found = {
        (row.participant.name, row.period.key): row.earned_minor
        for row in Statement.objects.select_related("participant", "period")
    }
    paid = crm_set.expected("expected_payouts.csv", "sales_agent", "payout_usd")
    overrides = crm_set.expected("expected_overrides.csv", "manager", "override_usd")
    assert {key: found.get(key) for key in paid} == paid
    assert {key: found.get(key) for key in overrides} == overrides
