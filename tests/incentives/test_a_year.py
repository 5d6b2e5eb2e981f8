"""A year of a small company, run month by month as its people and its nights do, then every balance recomputed apart.

Six people in two currencies: late facts of locked months, a corrected deal and a corrected rate, returns, a leaver with a draw, a holdback
and a tail, a change of the currency of pay, a payment that payroll refused, an adjustment, pay held by hand and released, and a month that
was paid, locked and opened again. Everything goes through files, nights and services; `year_reference` knows the facts alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from random import Random

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum

from incentives.models import Hold, Journal, LedgerEntry, PeriodStep, Statement
from incentives.selectors.proving import periods_stated, statements_unequal
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.services.pay_currencies import pay_currency_set
from planning.models import Period
from spm.crm.services.rates import RateWish, rate_set
from spm.people.services import employment_end
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.incentives.year_company import RATES, REOPENED, Company, make_deals
from tests.incentives.year_reference import (
    EUROS_SINCE,
    LEFT,
    Deal,
    Rates,
    Year,
    month_end,
)

CORRECTED = date(2026, 7, 31), Decimal("1.0575")
ADJUSTED = Decimal("123.45")
KINDS = set(
    [
        "earn",
        "release",
        "hold",
        "clawback",
        "draw",
        "recover",
        "write_off",
        "adjust",
        "hand_hold",
        "convert",
        "carry",
        "pay",
    ]
)


def stated(month: int) -> dict[tuple[str, str], Decimal]:
    """What the latest statements of a month say was earned, by person and currency, without zeros."""
    rows = Statement.objects.filter(period__key=f"2026-{month:02}").order_by("participant", "currency", "-number")
    found = rows.distinct("participant", "currency").values_list("participant__source_key", "currency", "earned_minor")
    return {(who, currency): Decimal(minor) / 100 for who, currency, minor in found if minor}


def moved_by_kind(year: Year) -> None:
    """What journals of draws, of their recovery and of holdbacks moved on what is payable, month by month."""
    rows = LedgerEntry.objects.filter(account="payable", journal__kind__in=("draw", "recover", "hold")).order_by()
    sums = rows.values_list("period__key", "participant__source_key", "journal__kind").annotate(
        total=Sum("amount_minor")
    )
    found = {(int(key[-2:]), who, kind): Decimal(total) / 100 for key, who, kind, total in sums if total}
    assert found == {
        (month, *key): amount for month, kinds in year.kinds.items() for key, amount in kinds.items() if amount
    }


def count() -> tuple[int, ...]:
    with organisation_scope(Organisation.objects.get(slug="acme").id, actor=DIRECTOR):
        return Journal.objects.count(), LedgerEntry.objects.count(), Statement.objects.count()


@contextmanager
def at(day: date) -> Iterator[date]:
    """Let it be noon of a day."""
    with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)):
        yield day


Moved = list[tuple[str, str, str, Decimal]]


def adjust(company: Company, _: Year, on: date) -> Moved:
    """Rob gets a prize that no plan says."""
    with company.acting(on) as viewer:
        period = Period.objects.get(key="2026-05").pk
        minor = int(ADJUSTED * 100)
        wish = AdjustmentWish(company.person("rob"), period, minor, "USD", "correction", "A prize")
        batch = adjustments_ask(wishes=[wish], title="A prize", actor=viewer("sol"))
        assert adjustments_approve(batch_id=batch.pk, actor=viewer("fin")) == []
    return [("rob", "USD", "payable", ADJUSTED), ("rob", "USD", "expense", -ADJUSTED)]


def hold(company: Company, on: date) -> None:
    """All pay of Max is held from July on."""
    with company.acting(on) as viewer:
        wish = HoldWish(company.person("max"), None, "", date(2026, 7, 1), "The partner is looked into")
        assert hold_approve(hold_id=hold_ask(wish=wish, actor=viewer("sol")).pk, actor=viewer("fin")) == []


def release(company: Company, _: Year, on: date) -> Moved:
    """What was kept of Max is released."""
    with company.acting(on) as viewer:
        one = Hold.objects.get()
        hold_release_ask(hold_id=one.pk, reason="The partner is right", actor=viewer("sol"))
        assert hold_approve(hold_id=one.pk, actor=viewer("fin")) == []
    return []


def euros(company: Company, _: Year, on: date) -> Moved:
    """Rex is paid in euros from July on."""
    with company.acting(on) as viewer:
        start = date(2026, EUROS_SINCE, 1)
        pay_currency_set(participant_id=company.person("rex"), currency="EUR", start=start, actor=viewer("sol"))
    return []


def go(company: Company, _: Year, on: date) -> Moved:
    """Ria leaves."""
    with company.acting(on):
        last = LEFT - timedelta(days=1)
        employment_end(participant_id=company.person("ria"), last_day=last)
    return []


def correct(company: Company, year: Year, on: date) -> Moved:
    """The rate of the end of July was wrong: the open books take the difference."""
    before, (day, rate) = year.in_euros(7), CORRECTED
    with company.acting(on) as viewer:
        rate_set(wish=RateWish("EUR", "USD", day, rate, "ECB"), actor=viewer("sol"))
    year.rates.dollars[day] = rate
    return Year.conversion(Decimal(0), year.in_euros(7) - before)


def play(deals: list[Deal]) -> tuple[Company, Year]:
    """Live through the year, in the product and apart, and hold each payout against what should be paid."""
    company = Company(Organisation.objects.get(slug="acme"))
    rates = Rates(dict(RATES))
    year = Year(deals, rates)
    moved: dict[int, Moved] = {}
    with at(date(2026, 1, 1)):
        company.begin()
    for month in range(1, 13):
        if month == 6:
            reopen(company, year, deals, moved[5])
        with at(month_end(month) + timedelta(days=5)) as on:
            moved[month] = live(company, year, deals, month, on)
            year.close(month, month, moved[month])
            refused = "ria" if month == 3 else ""
            assert company.close(month, on, refused=refused, lock=month < 12) == year.pay(month, [refused]), month
            if month < 12:
                year.lock(month)
            with company.acting(on):
                assert company.says(month) == year.says(month), month
    return company, year


def reopen(company: Company, year: Year, deals: list[Deal], moved: Moved) -> None:
    """May was paid and locked; it is opened again for deals that were missing, and closed anew."""
    with at(date(2026, 6, 20)) as on:
        company.reopen(5, on)
        company.learn(deals, REOPENED, on)
        company.night(on)
        year.close(5, REOPENED, moved)
        assert company.close(5, on) == year.pay(5)
        year.lock(5)


def live(company: Company, year: Year, deals: list[Deal], month: int, on: date) -> Moved:
    """Let the facts of a month arrive, people do what they do besides, and a night pass; gives what that moves in its books."""
    company.learn(deals, month, on)
    done = {5: adjust, 7: euros, 8: go, 9: release, 10: correct}.get(month)
    moved = done(company, year, on) if done is not None else []
    company.night(on)
    if month == 7:
        hold(company, on)
    return moved


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(2, 9))])
def test_every_balance_of_a_company_s_year_is_what_a_recomputation_says(seed: int, committed_db: None) -> None:
    company, year = play(make_deals(Random(seed)))
    with company.acting(date(2027, 1, 5)):
        for month in range(1, 13):
            assert company.says(month) == year.says(month), month
            assert stated(month) == {place: amount for place, amount in year.earned(month).items() if amount}, month
        assert set(Journal.objects.values_list("kind", flat=True)) >= KINDS
        moved_by_kind(year)
        sums = LedgerEntry.objects.values_list("journal", "currency").annotate(total=Sum("amount_minor")).order_by()
        assert {total for *_, total in sums} == {0}
        assert [each for one in periods_stated() for each in statements_unequal(one.id)] == []
        states = PeriodStep.objects.order_by("period__key", "-number").distinct("period__key")
        assert list(states.values_list("to_state", flat=True)) == ["locked"] * 11 + ["paid"]
    out = StringIO()
    call_command("verify", organisation="acme", stdout=out)
    assert "Verified" in out.getvalue()
    written = count()
    with at(date(2027, 1, 6)) as on:
        company.night(on)
    assert count() == written, "a night in which nothing is new posts nothing"
