"""Plays a case month by month: facts as an import writes them, a run, its posting, the settlement; then what the books say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import yaml
from django.utils import timezone

from incentives.models import LedgerEntry
from incentives.selectors.proving import periods_stated, statements_unequal
from incentives.services.runs import run_calculate
from incentives.tasks import post
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.core.money import to_minor
from spm.crm.models import (
    CreditNote,
    CreditNoteVersion,
    Invoice,
    InvoiceVersion,
    Opportunity,
    OpportunityVersion,
    Order,
    OrderVersion,
    Payment,
    PaymentVersion,
)
from spm.people.models import Employment, Participant, PositionHolding, PositionTitle, PositionUnit, ReportingLine
from spm.roles.policy import Viewer
from tests.cast import START
from tests.incentives import world

SOURCE = "books"


def leave(who: str, last: date | None) -> None:
    """End the employment and the seat of a person after their last day; None: they stay."""
    for model in (PositionHolding, Employment):
        for span in model.objects.filter(participant__source_key=who):
            span.during = type(span.during)(span.during.lower, None if last is None else last + timedelta(days=1))
            span.save()


def _be_there_from(day: date) -> None:
    """Let the cast be there from the first day of a case that is older than they are."""
    for model in (Employment, PositionHolding, PositionTitle, PositionUnit, ReportingLine):
        for span in model.objects.filter(during__startswith=START) if day < START else ():
            span.during = type(span.during)(day, span.during.upper)
            span.save()


class Books:
    """One case: its plan is published, assigned to reps, and its facts arrive month by month. `beside` names further plans by the person
    whom alone they pay; then the first pays rex alone."""

    def __init__(self, document: Mapping[str, Any], actor: Viewer) -> None:
        self.plan, self.actor = document["plan"], actor
        self.currency = self.plan["currency"]
        self.beside: Mapping[str, Any] = document.get("beside", {})
        start, until = (date.fromisoformat(str(self.plan[name])) for name in ("from", "until"))
        kind = CalendarKind(self.plan.get("period", "MONTHLY"))
        first = start.replace(month=1, day=1)
        calendar_extend(kind=kind, start=first, until=date(until.year + 1, 1, 1), actor=actor)
        _be_there_from(start)
        if "quota" in document:
            world.quotas(
                list(Period.objects.filter(calendar__kind=kind)), self._minor({"amount": document["quota"]}), actor
            )
        for who, plan in ({"rex": self.plan} | dict(self.beside)).items() if self.beside else ((None, self.plan),):
            world.publish(actor, yaml.safe_dump(dict(plan), sort_keys=False), person=who)

    def month(self, month: Mapping[str, Any]) -> None:
        """Let the facts of a month arrive, then calculate, post and settle its period."""
        for kind in ("deals", "invoices", "payments", "credit_notes"):
            for fact in month.get(kind, ()):
                getattr(self, f"_{kind}")(fact)
        for key in month.get("withdrawn", ()):
            self.withdraw(key)
        for who, last in month.get("leaves", {}).items():
            leave(who, None if last is None else date.fromisoformat(str(last)))
        for key in month.get("also", ()):
            self.settle(str(key))
        self.settle(str(month["period"]))
        assert [each for one in periods_stated() for each in statements_unequal(one.id)] == []

    def settle(self, key: str) -> None:
        """Calculate and post a period, as a night does."""
        period = Period.objects.get(key=key)
        run_calculate(period_id=period.id, actor=self.actor)
        outcome = post(period.id, self.actor)
        assert "skipped" not in outcome.outcome, outcome

    def withdraw(self, key: str) -> None:
        """Let an invoice be cancelled: a new version that says so."""
        fact = Invoice.objects.get(source=SOURCE, source_key=key)
        last = InvoiceVersion.objects.get(fact=fact, known_until=None)
        now = timezone.now()
        InvoiceVersion.objects.filter(pk=last.pk).update(known_until=now)
        last.pk = None
        last.id = None
        InvoiceVersion.objects.create(
            fact=fact, known_from=now, is_withdrawn=True, order=last.order, invoiced_on=last.invoiced_on,
            amount_minor=last.amount_minor, currency=last.currency,
        )  # fmt: skip

    def _minor(self, fact: Mapping[str, Any]) -> int:
        return to_minor(str(fact["amount"]), fact.get("currency", self.currency))

    def _deals(self, fact: Mapping[str, Any]) -> None:
        for who in self.beside:
            self._deal(fact | {"key": f"{fact['key']}-{who}", "owner": who})
        self._deal(fact)

    def _deal(self, fact: Mapping[str, Any]) -> None:
        opportunity, _ = Opportunity.objects.get_or_create(source=SOURCE, source_key=str(fact["key"]))
        now = timezone.now()
        OpportunityVersion.objects.filter(fact=opportunity, known_until=None).update(known_until=now)
        OpportunityVersion.objects.create(
            fact=opportunity, known_from=now, owner=Participant.objects.get(source_key=fact.get("owner", "rex")), stage="Won",
            status="won", amount_minor=self._minor(fact), currency=fact.get("currency", self.currency), close_on=fact["on"],
        )  # fmt: skip
        order, is_new = Order.objects.get_or_create(source=SOURCE, source_key=f"order-{fact['key']}")
        if is_new:
            OrderVersion.objects.create(fact=order, known_from=now, opportunity=opportunity, ordered_on=fact["on"])

    def _invoices(self, fact: Mapping[str, Any]) -> None:
        order = Order.objects.get(source=SOURCE, source_key=f"order-{fact['deal']}")
        invoice = Invoice.objects.create(source=SOURCE, source_key=str(fact["key"]))
        InvoiceVersion.objects.create(
            fact=invoice, known_from=timezone.now(), order=order, invoiced_on=fact["on"],
            amount_minor=self._minor(fact), currency=fact.get("currency", self.currency),
        )  # fmt: skip

    def _payments(self, fact: Mapping[str, Any]) -> None:
        payment = Payment.objects.create(source=SOURCE, source_key=str(fact["key"]))
        PaymentVersion.objects.create(
            fact=payment, known_from=timezone.now(), invoice=Invoice.objects.get(source_key=str(fact["invoice"])),
            paid_on=fact["on"], amount_minor=self._minor(fact), currency=fact.get("currency", self.currency),
        )  # fmt: skip

    def _credit_notes(self, fact: Mapping[str, Any]) -> None:
        note = CreditNote.objects.create(source=SOURCE, source_key=str(fact["key"]))
        CreditNoteVersion.objects.create(
            fact=note, known_from=timezone.now(), invoice=Invoice.objects.get(source_key=str(fact["invoice"])),
            credited_on=fact["on"], amount_minor=self._minor(fact), currency=fact.get("currency", self.currency),
        )  # fmt: skip

    def says(self, key: str, who: str = "rex") -> dict[str, int]:
        """What the books of one period say of a person, by account and by kind of journal (minor units), without zeros."""
        return self._sums(LedgerEntry.objects.filter(period__key=key), who)

    def stands(self, key: str, who: str = "rex") -> dict[str, int]:
        """What stands on the accounts of a person at the end of a period."""
        end = Period.objects.get(key=key).during.upper
        return self._sums(LedgerEntry.objects.filter(period__during__endswith__lte=end), who)

    def _sums(self, entries: Any, who: str) -> dict[str, int]:
        found: dict[str, int] = {}
        rows = entries.filter(participant__source_key=who).select_related("journal")
        for entry in rows:
            found[entry.account] = found.get(entry.account, 0) + entry.amount_minor
            if entry.account == "payable":
                kind = "advanced" if entry.journal.kind == "draw" else entry.journal.kind
                found[kind] = found.get(kind, 0) + entry.amount_minor
        return {name: amount for name, amount in found.items() if amount}
