"""Totals of reports in the currency of the company, beside the original ones: with the rate and its day, or said to be unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from incentives.engine.conversions import converted
from spm.core.dated import day_number, day_of
from spm.core.fx import RateBook, rate_text
from spm.crm.selectors.rates import rate_rows
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from spm.web.templatetags.figures import day_text


@dataclass(frozen=True)
class InCompany:
    """A total in its own currency and in the company's; `company_minor` is None where no rate is known on the day."""

    currency: str
    minor: int
    company: str
    company_minor: int | None
    rate: str = ""
    rate_on: date | None = None
    table_name: str = ""

    @property
    def words(self) -> str:
        """Tell the rate, its day and table; that it is unknown where it is."""
        if self.company_minor is None:
            return _("No rate from %(currency)s to %(company)s is known.") % {
                "currency": self.currency,
                "company": self.company,
            }
        if self.rate_on is None:
            return _("The currency of the company.")
        table = f" ({self.table_name})" if self.table_name else ""
        return _("at %(rate)s, rate of %(on)s%(table)s") % {
            "rate": self.rate,
            "on": day_text(self.rate_on),
            "table": table,
        }


@dataclass(frozen=True)
class CompanyTotals:
    """Totals by currency as of a day, and their sum in the company's; `minor` is None where one of them is unknown."""

    on: date
    company: str
    rows: tuple[InCompany, ...]

    @property
    def minor(self) -> int | None:
        """Give the sum, never of a part of them."""
        known = [row.company_minor for row in self.rows if row.company_minor is not None]
        return sum(known) if len(known) == len(self.rows) else None


def company_totals(totals: Sequence[tuple[str, int]], on: date) -> CompanyTotals | None:
    """Give totals (currency, minor units) at the rates that hold on a day, each rounded once; None where all are in the company's."""
    rows = in_company(totals, on)
    if all(row.currency == row.company for row in rows):
        return None
    return CompanyTotals(on, rows[0].company, tuple(rows))


def in_company(totals: Sequence[tuple[str, int]], on: date) -> list[InCompany]:
    """Give each amount (currency, minor units) in the currency of the company, at the rate that holds on a day, rounded once."""
    company = Organisation.objects.values_list("currency", flat=True).get(pk=current_organisation_id())
    is_known = all(currency == company for currency, _minor in totals)
    rows = () if is_known else rate_rows(start=on, until=on + timedelta(days=1))
    rates = RateBook.of([row[:5] for row in rows], pivot=company)
    return list(_converted(totals, company, rates, on))


def _converted(totals: Iterable[tuple[str, int]], company: str, rates: RateBook, on: date) -> Iterable[InCompany]:
    for currency, minor in totals:
        quote = rates.quote(currency, company, day_number(on))
        if currency == company:
            yield InCompany(currency, minor, company, minor)
        elif quote is None:
            yield InCompany(currency, minor, company, None)
        else:
            into = converted(minor, quote.rate, currency, company)
            tables = ", ".join(quote.tables)
            yield InCompany(currency, minor, company, into, rate_text(quote.rate), day_of(quote.rate_on), tables)
