"""Totals of reports in the currency of the company: with rate and day, or said to be unknown."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from incentives.selectors.company_currency import company_totals
from incentives.services.ledger import Leg, journal_post
from incentives.services.ledger_exports import ledger_export_make
from spm.crm.services.rates import RateWish, rate_set
from spm.people.models import Participant
from tests.incentives import world
from tests.incentives.test_ledger_exports import mapped

pytestmark = pytest.mark.django_db


def test_period_and_export_tell_their_totals_in_the_company_s_currency_or_that_they_are_unknown(viewer, sign_in):
    sol, fin = viewer("sol"), viewer("fin")
    period, rex = world.build(sol), Participant.objects.get(source_key="rex").pk
    totals = [("EUR", 10_001), ("USD", 500)]
    legs = [
        Leg(rex, None, "", account, sign * minor, currency)
        for currency, minor in totals
        for account, sign in (("payable", 1), ("expense", -1))
    ]
    journal_post(kind="adjust", slot="x", period=period, legs=legs, reason="made up", actor=sol)
    mapped(fin)
    export = ledger_export_make(period_id=period.id, actor=fin)
    pages = [
        reverse("incentives:period_detail", args=[period.pk]),
        reverse("incentives:ledger_export_detail", args=[export.pk]),
    ]
    client = sign_in("fin")

    def shown(url):
        return unescape(client.get(url).content.decode()).replace("\xa0", " ")

    assert all("No rate from EUR to USD is known." in shown(url) for url in pages)
    found = company_totals(totals, date(2026, 9, 30))
    assert found is not None and found.minor is None and [row.company_minor for row in found.rows] == [None, 500]
    rate_set(wish=RateWish("EUR", "USD", date(2026, 9, 1), Decimal("1.085"), "ECB"), actor=fin)
    # 100.01 EUR x 1.085 = 108.51085, with 5.00 USD
    found = company_totals(totals, date(2026, 9, 30))
    assert found is not None and (found.minor, found.rows[0].company_minor) == (11_351, 10_851)
    for url in pages:
        page = shown(url)
        assert "at 1.085, rate of Sep 1, 2026 (ECB)" in page and "$108.51" in page and "$113.51" in page
    (euros, dollars) = client.get(reverse("api_incentives_ledger_export", args=[export.pk])).json()["in_company"]
    assert euros == {
        "currency": "EUR", "debit_minor": 10_001, "company_currency": "USD", "company_minor": 10_851, "rate": "1.085",
        "rate_on": "2026-09-01", "table_name": "ECB",
    }  # fmt: skip
    assert (dollars["company_minor"], dollars["rate_on"]) == (500, None)
    assert company_totals([("USD", 500)], date(2026, 9, 30)) is None
