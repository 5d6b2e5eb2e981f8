"""Payouts: finance hands over and confirms, auditors look, nobody else."""

from django.utils import timezone

from incentives.models import PayoutBatch
from incentives.selectors.payouts import USUAL
from planning.models import Calendar, Period
from tests.walls.permissions import API, Row


def _batch(owner: str) -> PayoutBatch:
    batch = PayoutBatch.objects.first()
    if batch is not None:
        return batch
    calendar = Calendar.objects.get_or_create(code="payout", defaults={"name": owner, "kind": "YEARLY"})[0]
    period = Period.objects.get_or_create(
        calendar=calendar, key="2019", defaults={"during": ("2019-01-01", "2020-01-01")}
    )[0]
    return PayoutBatch.objects.create(
        number=1, period=period, form=dict(USUAL), made_by_name=owner, made_at=timezone.now()
    )


FACTORIES = {"payout": lambda owner: _batch(owner).pk}
SEE, PAYS, ONE = "fin otto", "fin", {"pk": "payout"}

ROWS = [
    Row(route="incentives:period_accrual", at={"pk": "pay period", "form": "csv"}, may=SEE),
    Row(route="api_incentives_period_accrual", kind=API, at={"pk": "pay period"}, may=SEE),
    Row(route="incentives:payout_list", may=SEE),
    Row(route="incentives:payout_list", verb="POST", may=PAYS),
    Row(route="incentives:payout_format", may=SEE),
    Row(route="incentives:payout_format", verb="POST", may=PAYS),
    Row(route="incentives:payout_detail", at=ONE, may=SEE),
    Row(route="incentives:payout_detail", verb="POST", at=ONE, may=PAYS),
    Row(route="incentives:payout_file", at={**ONE, "form": "csv"}, may=SEE),
    Row(route="api_incentives_payouts", kind=API, may=SEE),
    Row(route="api_incentives_payouts", verb="POST", kind=API, may=PAYS),
    Row(route="api_incentives_payout_format", kind=API, may=SEE),
    Row(route="api_incentives_payout_format", verb="PUT", kind=API, may=PAYS),
    Row(route="api_incentives_payout", kind=API, at=ONE, may=SEE),
    Row(route="api_incentives_payout_file", kind=API, at=ONE, may=SEE),
    Row(route="api_incentives_payout_confirmation", verb="POST", kind=API, at=ONE, may=PAYS),
]
