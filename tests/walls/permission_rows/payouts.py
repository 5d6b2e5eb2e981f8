"""Payouts and exports of the ledger: finance hands over and confirms, auditors look, nobody else."""

from django.utils import timezone

from incentives.models import LedgerExport, PayoutBatch
from incentives.selectors import ledger_exports
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


def _export(owner: str) -> LedgerExport:
    batch = _batch(owner)
    return LedgerExport.objects.first() or LedgerExport.objects.create(
        number=1, period=batch.period, basis="earned", after_number=0, until_number=0, form=dict(ledger_exports.USUAL),
        made_by_name=owner, made_at=timezone.now(),
    )  # fmt: skip


FACTORIES = {"payout": lambda owner: _batch(owner).pk, "ledger export": lambda owner: _export(owner).pk}
SEE, PAYS, ONE = "fin otto", "fin", {"pk": "payout"}
EXPORT = {"pk": "ledger export"}

ROWS = [
    Row(route="incentives:period_accrual", at={"pk": "pay period", "form": "csv"}, may=SEE),
    Row(route="api_incentives_period_accrual", kind=API, at={"pk": "pay period"}, may=SEE),
    Row(route="incentives:ledger_export_list", may=SEE),
    Row(route="incentives:ledger_export_list", verb="POST", may=PAYS),
    Row(route="incentives:ledger_format", may=SEE),
    Row(route="incentives:ledger_format", verb="POST", may=PAYS),
    Row(route="incentives:ledger_export_detail", at=EXPORT, may=SEE),
    Row(route="incentives:ledger_export_detail", verb="POST", at=EXPORT, may=PAYS),
    Row(route="incentives:ledger_export_file", at={**EXPORT, "form": "csv"}, may=SEE),
    Row(route="api_incentives_ledger_exports", kind=API, may=SEE),
    Row(route="api_incentives_ledger_exports", verb="POST", kind=API, may=PAYS),
    Row(route="api_incentives_ledger_format", kind=API, may=SEE),
    Row(route="api_incentives_ledger_format", verb="PUT", kind=API, may=PAYS),
    Row(route="api_incentives_ledger_export", kind=API, at=EXPORT, may=SEE),
    Row(route="api_incentives_ledger_export_file", kind=API, at=EXPORT, may=SEE),
    Row(route="api_incentives_ledger_export_withdrawal", verb="POST", kind=API, at=EXPORT, may=PAYS),
    Row(route="incentives:payout_list", may=SEE),
    Row(route="incentives:payout_list", verb="POST", may=PAYS),
    Row(route="incentives:payout_format", may=SEE),
    Row(route="incentives:payout_format", verb="POST", may=PAYS),
    Row(route="incentives:payout_detail", at=ONE, may=SEE),
    Row(route="incentives:payout_detail", verb="POST", at=ONE, may=PAYS),
    Row(route="incentives:payout_file", at={**ONE, "form": "csv"}, may=SEE),
    Row(route="incentives:payout_answer_file", may=PAYS),
    Row(route="incentives:payout_answer_file", verb="POST", may=PAYS),
    Row(route="incentives:payout_answer_file_download", at={"what": "template", "form": "csv"}, may=PAYS),
    Row(route="api_incentives_payout_answer_file", verb="POST", kind=API, may=PAYS),
    Row(route="api_incentives_payouts", kind=API, may=SEE),
    Row(route="api_incentives_payouts", verb="POST", kind=API, may=PAYS),
    Row(route="api_incentives_payout_format", kind=API, may=SEE),
    Row(route="api_incentives_payout_format", verb="PUT", kind=API, may=PAYS),
    Row(route="api_incentives_payout", kind=API, at=ONE, may=SEE),
    Row(route="api_incentives_payout_file", kind=API, at=ONE, may=SEE),
    Row(route="api_incentives_payout_confirmation", verb="POST", kind=API, at=ONE, may=PAYS),
]
