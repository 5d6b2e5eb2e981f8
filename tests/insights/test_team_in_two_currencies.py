"""Who earns in one currency and is paid in another stands once in the team, in the currency of the earning."""

from datetime import date
from decimal import Decimal

import pytest

from incentives.models import Statement
from incentives.services.pay_currencies import pay_currency_set
from insights.selectors.team import team_rows
from spm.crm.services.rates import RateWish, rate_set
from spm.people.models import Participant
from tests.incentives import world

pytestmark = pytest.mark.django_db


def test_the_currency_of_pay_is_no_second_person(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 333_320)
    rate_set(wish=RateWish("EUR", "USD", date(2026, 8, 1), Decimal("1.08"), "ECB"), actor=sol)
    pay_currency_set(
        participant_id=Participant.objects.get(source_key="rex").pk, currency="EUR", start=date(2026, 1, 1), actor=sol
    )
    world.calculate(period, sol)
    assert set(Statement.objects.filter(participant__source_key="rex").values_list("currency", flat=True)) == {
        "USD",
        "EUR",
    }
    rows = [row.attainment for row in team_rows(sol, period_id=period.pk)]
    assert [(one.currency, one.earned_minor) for one in rows if one.participant_name == "Rex"] == [("USD", 16_666)]
