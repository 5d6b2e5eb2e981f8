"""The small company of `test_a_year`: its facts through the year, and its people, who import, run, close, approve, pay and lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from typing import Any

from django.core.management import call_command
from django.db.models import Sum

from incentives.models import LedgerEntry
from incentives.selectors.payouts import payout_get
from incentives.services import periods as steps
from incentives.services.payouts import payout_confirm, payout_make
from incentives.services.runs import run_calculate
from incentives.tasks import post
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.crm.models import HeldRow
from spm.crm.services.rates import RateWish, rate_set
from spm.identity.models import Membership
from spm.people.models import Participant
from spm.roles.policy import Viewer, viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.crm.support import import_text
from tests.incentives import world
from tests.incentives.test_payouts import finance
from tests.incentives.year_reference import EUROPE, LEFT, MANAGERS, REPS, TEAMS, Deal

RATES = {
    date(2026, 1, 1): Decimal("1.08"),
    date(2026, 4, 1): Decimal("1.1"),
    date(2026, 7, 1): Decimal("1.05"),
    date(2026, 7, 31): Decimal("1.06"),
    date(2026, 8, 31): Decimal("1.0725"),
    date(2026, 10, 15): Decimal("1.09"),
    date(2026, 12, 31): Decimal("1.1137"),
}
REOPENED = 5.5
"""The stage between the fifth month and the sixth: May is open once more."""


def make_deals(random: Random) -> list[Deal]:
    """Some sixty deals; of the reps' some are late, some are paid in parts, too much or never, some come back."""
    deals = [_deal(random, number) for number in range(54)]
    for month, day in ((2, 11), (4, 9), (5, 21), (10, 20)):
        amount = Decimal(random.randint(3_000, 9_000)) + Decimal(random.randint(0, 99)) / 100
        deal = Deal(f"e{month}", "rob", date(2026, month, day), {month: amount}, "EUR")
        deal.payments.append((month, deal.on + timedelta(days=3), (amount / 3).quantize(Decimal("0.01"))))
        deals.append(deal)
    deals.append(Deal("corrected", "rob", date(2026, 2, 3), {2: Decimal(4_000), 4: Decimal(5_200)}))
    deals.append(Deal("found", "rex", date(2026, 5, 12), {REOPENED: Decimal(18_000)}))
    return deals + _of_max(random)


def _deal(random: Random, number: int) -> Deal:
    owner = ("rex", "rob", "ria")[number % 3]
    on = date(2026, random.randint(1, 8 if owner == "ria" else 12), random.randint(1, 28))
    on = min(on, LEFT - timedelta(days=1)) if owner == "ria" else on
    known: float = on.month
    if number % 7 == 0:
        known = REOPENED if on.month <= 5 and number % 2 else min(12, on.month + random.randint(1, 4))
    deal = Deal(f"d{number}", owner, on, {known: Decimal(random.randint(1, 60) * 200)})
    for _ in range(random.randint(0, 3)):
        day = on + timedelta(days=random.randint(1, 80))
        deal.payments.append((max(known, day.month), day, Decimal(random.randint(1, int(deal.amount) * 100)) / 100))
    if number % 4 == 0:
        day = on + timedelta(days=random.choice([20, 41, 61, 100]))
        amount = deal.amount * random.choice([Decimal(1), Decimal("0.5")])
        deal.notes.append((max(known, day.month + random.choice([0, 0, 1])), day, amount))
    deal.payments = [one for one in deal.payments if one[1].year == 2026 and one[0] <= 12]
    deal.notes = [one for one in deal.notes if one[1].year == 2026 and one[0] <= 12]
    return deal


def _of_max(random: Random) -> list[Deal]:
    """Two sales of Max in most months; the one of February, alone in its month, comes back by half; one of April is known in August."""
    deals = []
    for month in range(1, 13):
        for number in (1, 2) if month != 2 else (1,):
            day = date(2026, month, random.randint(1, 28))
            known = 8 if (month, number) == (4, 2) else month
            deals.append(Deal(f"m{month}-{number}", "max", day, {known: Decimal(random.randint(20, 60) * 200)}, "EUR"))
            if month == 2:
                deals[-1].notes.append((6, date(2026, 6, 9), deals[-1].amount / 2))
    return deals


FILES = {
    "opportunities": "key,account,owner,stage,status,amount,currency,created_on,close_on",
    "orders": "key,opportunity,ordered_on,currency",
    "invoices": "key,order,invoiced_on,amount,currency",
    "payments": "key,invoice,paid_on,amount,currency",
    "credit_notes": "key,invoice,credited_on,amount,currency",
}


def _tell(files: dict[str, list[list[object]]], deal: Deal, stage: float) -> None:
    """Write down what becomes known of a deal at a stage."""
    key, currency = deal.key, deal.currency
    if stage in deal.amounts:
        amount = deal.amounts[stage]
        files["opportunities"].append(
            [key, "Main customer", deal.owner, "Won", "won", amount, currency, deal.on, deal.on]
        )
        files["orders"].append([f"o-{key}", key, deal.on, currency])
        files["invoices"].append([f"i-{key}", f"o-{key}", deal.on, amount, currency])
    for name, told in (("payments", deal.payments), ("credit_notes", deal.notes)):
        for place, (known, day, amount) in enumerate(told):
            if known == stage:
                files[name].append([f"{name}-{key}-{place}", f"i-{key}", day, amount, currency])


@dataclass
class Company:
    """Acme through the year: Sol runs it, Fin approves, Eve pays; each act is a transaction of its own."""

    organisation: Organisation

    @contextmanager
    def acting(self, on: date) -> Iterator[Callable[[str], Viewer]]:
        with organisation_scope(self.organisation.id, actor=DIRECTOR):
            yield lambda name: viewer_get(
                Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example"),
                on=on,
                via="test",
            )

    def begin(self) -> None:
        with self.acting(date(2026, 1, 1)) as viewer:
            sol = viewer("sol")
            finance("eve")
            calendar_extend(kind=CalendarKind.MONTHLY, start=date(2026, 1, 1), until=date(2027, 2, 1), actor=sol)
            world.publish(sol, REPS, "rep")
            world.publish(sol, EUROPE, person="max")
            for who in TEAMS:
                world.publish(sol, MANAGERS.replace("plan: managers", f"plan: managers-{who}"), person=who)
            import_text("account,sector,office_location\nMain customer,retail,Spain", "accounts.csv", sol)
            for day, rate in RATES.items():
                rate_set(wish=RateWish("EUR", "USD", day, rate, "ECB"), actor=sol)
            Organisation.objects.filter(slug="acme").update(is_single_operator=False)

    def learn(self, deals: Iterable[Deal], stage: float, on: date) -> None:
        """Import what becomes known at a stage, kind by kind."""
        files: dict[str, list[list[object]]] = {name: [] for name in FILES}
        for deal in deals:
            _tell(files, deal, stage)
        with self.acting(on) as viewer:
            for name, rows in files.items():
                if rows:
                    text = "\n".join([FILES[name], *(",".join(map(str, row)) for row in rows)])
                    upload = import_text(text, f"{name}.csv", viewer("sol"))
                    assert [row.reason for row in HeldRow.objects.filter(upload=upload)] == [], (name, stage)

    def night(self, on: date) -> None:
        call_command("nightly", organisation="acme", on=on, here=True, again=True, stdout=StringIO())

    def close(self, month: int, on: date, *, refused: str = "", lock: bool = True) -> dict[tuple[str, str], Decimal]:
        """Calculate, review, approve, pay and lock a month; gives what payroll was handed."""
        period_id = self.period(month, on)
        with self.acting(on) as viewer:
            steps.period_calculate(period_id=period_id, actor=viewer("sol"))
            run_calculate(period_id=period_id, actor=viewer("sol"))
            assert post(period_id, viewer("sol")).findings == ()
            steps.period_review(period_id=period_id, actor=viewer("sol"))
        with self.acting(on) as viewer:
            steps.period_approve(period_id=period_id, actor=viewer("fin"))
        with self.acting(on) as viewer:
            eve = viewer("eve")
            batch = payout_make(period_id=period_id, actor=eve)
            lines = payout_get(eve, batch.pk).lines
            numbers = {line.number: "Wrong account" for line in lines if line.key == refused}
            payout_confirm(batch_id=batch.pk, reference=f"B-{month}", rejected=numbers, actor=eve)
        if lock:
            with self.acting(on) as viewer:
                steps.period_lock(period_id=period_id, actor=viewer("sol"))
        return {(line.key, line.currency): Decimal(line.amount_minor) / 100 for line in lines}

    def reopen(self, month: int, on: date) -> None:
        period_id = self.period(month, on)
        with self.acting(on) as viewer:
            steps.period_reopen_ask(period_id=period_id, reason="Deals of the branch were missing", actor=viewer("sol"))
            steps.period_reopen(period_id=period_id, actor=viewer("fin"))

    def period(self, month: int, on: date) -> Any:
        with self.acting(on):
            return Period.objects.get(key=f"2026-{month:02}").pk

    def person(self, who: str) -> Any:
        return Participant.objects.get(source_key=who).pk

    def says(self, month: int) -> dict[tuple[str, str, str], Decimal]:
        """What the ledger has in the books of a month, by person, currency and account, without zeros."""
        rows = LedgerEntry.objects.filter(period__key=f"2026-{month:02}").order_by()
        sums = rows.values_list("participant__source_key", "currency", "account").annotate(total=Sum("amount_minor"))
        return {tuple(key): Decimal(total) / 100 for *key, total in sums if total}
