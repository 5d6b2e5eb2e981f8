"""The accrual at the end of a period, as a file."""

from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import View

from incentives.selectors.accruals import COLUMNS, accrual_lines
from planning.selectors import period_list
from spm.core.money import to_major
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class AccrualExport(PageMixin, View):
    """What was earned and not paid at the end of a period, with its reversal, as CSV or sheet."""

    actions = {"GET": "ledger.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        period = get_object_or_404(period_list(), pk=pk)
        rows = [
            (
                *line[:5],
                to_major(line.debit_minor, line.currency),
                to_major(line.credit_minor, line.currency),
                line.company,
                _known(line.debit_company_minor, line.company),
                _known(line.credit_company_minor, line.company),
                line.rate,
                line.other,
            )
            for line in accrual_lines(self.viewer, period)
        ]
        return table_download(rows, COLUMNS, name=f"accrual-{period.key}", form=form)


def _known(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else to_major(minor, currency)
