"""The contracts that costs were paid for, as last known. One whose record has disappeared stays: that is a question, never an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from incentives.engine.conversions import converted
from incentives.engine.expense.policy import Contract
from spm.core.dated import day_number
from spm.core.fx import RateBook
from spm.core.money import round_half_away
from spm.crm.models import Contract as CrmContract
from spm.crm.models import ContractVersion
from spm.crm.selectors.rates import rate_rows

YEAR_DAYS = 365


@dataclass(frozen=True)
class KnownContract:
    """A contract as known; `chain_ends` is the end of its last renewal, None while one is open."""

    id: UUID
    source_key: str
    opportunity_id: UUID | None
    terms: Contract
    value_minor: int
    annual_minor: int | None
    currency: str
    is_renewed: bool
    chain_ends: date | None


@dataclass(frozen=True)
class Contracts:
    """All contracts, by key and by deal."""

    by_id: dict[UUID, KnownContract]
    by_deal: dict[str, list[KnownContract]]


def rates_on(day: date) -> RateBook:
    """Give the currency rates that hold on a day."""
    rows = rate_rows(start=day, until=day + timedelta(days=1))
    return RateBook.of([row[:5] for row in rows], pivot=rows[0][5] if rows else "")


def values_in(contracts: Sequence[KnownContract], currency: str) -> dict[str, int] | None:
    """Give what contracts are worth, by key: where their currencies differ, each in this one at the rate of its first day; None where
    one is not known."""
    if len({each.currency for each in contracts}) == 1:
        return {str(each.id): each.value_minor for each in contracts}
    found = {}
    for each in contracts:
        quote = rates_on(each.terms.start).quote(each.currency, currency, day_number(each.terms.start))
        if quote is None:
            return None
        found[str(each.id)] = converted(each.value_minor, quote.rate, each.currency, currency)
    return found


def contracts_read() -> Contracts:
    """Read every contract once, with its chain of renewals."""
    rows: list[Any] = list(ContractVersion.objects.last_known())
    keys = dict(CrmContract.objects.values_list("pk", "source_key"))
    renewals: dict[UUID, list[ContractVersion]] = {}
    for row in rows:
        if row.renews_id is not None:
            renewals.setdefault(row.renews_id, []).append(row)
    found = {row.fact_id: _known(row, keys[row.fact_id], renewals) for row in rows}
    by_deal: dict[str, list[KnownContract]] = {}
    for each in found.values():
        if each.opportunity_id is not None:
            by_deal.setdefault(str(each.opportunity_id), []).append(each)
    return Contracts(found, by_deal)


def _known(row: ContractVersion, source_key: str, renewals: dict[UUID, list[ContractVersion]]) -> KnownContract:
    is_renewal = row.renews_id is not None or row.kind.casefold() == "renewal"
    return KnownContract(
        id=row.fact_id,
        source_key=source_key,
        opportunity_id=row.opportunity_id,
        terms=Contract(row.starts_on, row.ends_on, is_renewal),
        value_minor=_value(row),
        annual_minor=row.annual_value_minor,
        currency=row.currency,
        is_renewed=row.fact_id in renewals,
        chain_ends=_chain_ends(row, renewals),
    )


def _value(row: ContractVersion) -> int:
    """The value of the whole term; of an open contract that of a year."""
    annual = row.annual_value_minor or 0
    if row.ends_on is None:
        return annual
    return round_half_away(annual * max(0, (row.ends_on - row.starts_on).days), YEAR_DAYS)


def _chain_ends(row: ContractVersion, renewals: dict[UUID, list[ContractVersion]]) -> date | None:
    """The end of the last contract of a chain; a chain that bites its tail is walked once."""
    seen, waiting, ends = set(), [row], row.ends_on
    while waiting:
        each = waiting.pop()
        if each.fact_id in seen:
            continue
        seen.add(each.fact_id)
        if each.ends_on is None:
            return None
        ends = max(ends or each.ends_on, each.ends_on)
        waiting += renewals.get(each.fact_id, [])
    return ends
