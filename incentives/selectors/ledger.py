"""What stands on the ledger. Balances are sums of entries; nothing is kept beside them."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from incentives.models import Journal, LedgerAccount, LedgerEntry
from spm.roles.policy import Viewer, visible


class Balance(NamedTuple):
    """What a participant has of a period in one currency: earned in all, payable now, paid; minor units."""

    earned_minor: int = 0
    payable_minor: int = 0
    paid_minor: int = 0


def balances(
    period_ids: Iterable[UUID], participant_ids: Iterable[UUID] | None = None
) -> dict[tuple[UUID, UUID, str], Balance]:
    """Give the balance per (participant, period, currency); for services and selectors that have cut the participants themselves."""
    entries = LedgerEntry.objects.filter(period_id__in=list(period_ids))
    if participant_ids is not None:
        entries = entries.filter(participant_id__in=list(participant_ids))
    found: dict[tuple[UUID, UUID, str], dict[str, int]] = {}
    rows = entries.values_list("participant_id", "period_id", "currency", "account").annotate(total=Sum("amount_minor"))
    for who, period, currency, account, total in rows:
        found.setdefault((who, period, currency), {})[account] = total
    return {key: balance_of(accounts) for key, accounts in found.items()}


def balance_of(accounts: dict[str, int]) -> Balance:
    """Give the balance that totals per account come to."""
    return Balance(
        earned_minor=-accounts.get(LedgerAccount.EXPENSE, 0),
        payable_minor=accounts.get(LedgerAccount.PAYABLE, 0),
        paid_minor=accounts.get(LedgerAccount.PAID, 0),
    )


class Standing(NamedTuple):
    """What stands of a person over the books of all periods in one currency (minor units); held is what waits, too."""

    currency: str
    held_minor: int
    payable_minor: int
    periods: int


def standings(participant_id: UUID) -> list[Standing]:
    """Give what waits, is held or is payable to a person in all books, where anything does."""
    accounts = (LedgerAccount.EARNED, LedgerAccount.HELD, LedgerAccount.PAYABLE)
    entries = LedgerEntry.objects.filter(participant=participant_id, account__in=accounts).order_by()
    sums: dict[str, dict[tuple[str, UUID], int]] = {}
    rows = entries.values_list("currency", "account", "period").annotate(total=Sum("amount_minor"))
    for currency, account, period, total in rows:
        sums.setdefault(currency, {})[account, period] = total
    found = []
    for currency, totals in sorted(sums.items()):
        payable = sum(minor for (account, _), minor in totals.items() if account == LedgerAccount.PAYABLE)
        held = sum(totals.values()) - payable
        periods = {period for (_, period), minor in totals.items() if minor}
        found.append(Standing(currency, held, payable, len(periods)))
    return [one for one in found if one.held_minor or one.payable_minor]


def ledger_balances(viewer: Viewer, *, participant_id: UUID, period_id: UUID) -> dict[str, Balance]:
    """Give the balance per currency of a participant within reach; empty for one out of reach."""
    reached = visible(viewer, LedgerEntry.objects.filter(participant_id=participant_id))
    if not reached.exists():
        return {}
    return {currency: balance for (_, _, currency), balance in balances([period_id], [participant_id]).items()}


def journal_list(viewer: Viewer) -> QuerySet[Journal]:
    """Give the company's journals with the number of their entries, latest first; `ledger.view` decides who may ask."""
    counted = (
        LedgerEntry.objects.filter(journal=OuterRef("pk")).order_by().values("journal").annotate(count=Count("pk"))
    )
    return (
        Journal.objects.select_related("period", "run")
        .annotate(entry_count=Subquery(counted.values("count")))
        .order_by("-number")
    )


def journal_entries(viewer: Viewer, journal: Journal) -> QuerySet[LedgerEntry]:
    """Give a journal's legs within reach."""
    rows = LedgerEntry.objects.filter(journal=journal).select_related("participant", "plan_version__plan")
    return visible(viewer, rows).order_by("participant__name", "component", "account")
