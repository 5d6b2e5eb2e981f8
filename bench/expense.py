"""Commission expense at scale: a contract for each deal, what was posted taken into a book, and months closed one after another."""

import time
from typing import Any

import numpy as np

from bench.company import COMPANY, Place, copy_binary, uuids
from bench.end_to_end import everything, published, scope
from bench.generator import START, document
from bench.report import Figure, Report, percentile
from incentives.engine.expense.policy import month_number

CONTRACTS = 100_000
MONTHS = 6
YEAR = 365


def measure(report: Report, place: Place) -> None:
    """Measure taking all that two years posted for a contract per deal, taking again, and closing the first months."""
    from incentives.services.expense.books import PolicyValues, book_create
    from incentives.services.expense.closing import month_close
    from incentives.services.expense.taking import book_take

    contracts_load(place)
    actor = published(document())
    everything({})
    with scope():
        policy = PolicyValues(convention="MONTHS")
        book = book_create(name="Bench", starts_on=START, policy=policy, reason="Bench", actor=actor)
    size, seconds = len(place.facts.deals), []
    for what in ("taking what two years posted", "taking again, nothing new"):
        start = time.perf_counter()
        with scope():
            taken = book_take(book_id=book.pk, actor=actor)
        detail = {"entries": taken.entries, "findings": len(taken.findings)}
        report.add(Figure("expense", what, size, time.perf_counter() - start, "s", detail=detail))
    if taken.entries or taken.findings:
        raise SystemExit("A book took something twice, or not at all.")
    for number in range(MONTHS):
        start = time.perf_counter()
        with scope():
            month_close(book_id=book.pk, number=month_number(START) + number, actor=actor)
        seconds.append(time.perf_counter() - start)
    report.add(Figure("expense", "closing a month, median", size, percentile(seconds, 0.5), "s"))
    _reconciled(book, actor)


def _reconciled(book: Any, actor: Any) -> None:
    """End the bench unless the book holds what the ledger says."""
    from incentives.selectors.expense.figures import book_reconciled

    with scope():
        wrong = [row for row in book_reconciled(actor, book) if row.difference_minor]
    if wrong:
        raise SystemExit(f"The book and the ledger differ: {wrong[:3]}")


def contracts_load(place: Place) -> None:
    """Let a contract of a year, from the day that closed the deal, be known for each deal."""
    deals = place.facts.deals
    numbers = np.arange(len(deals))
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("create temp table agreed (id uuid, version_id uuid, deal_id uuid, on_day int, n int)")
        copy_binary(
            cursor,
            "agreed",
            {
                "id": uuids("contract", numbers),
                "version_id": uuids("contract_version", numbers),
                "deal_id": uuids("deal", numbers),
                "on_day": deals["credit_on"].to_numpy(np.int32),
                "n": numbers.astype(np.int32),
            },
        )
        cursor.execute(f"""
            insert into crm_contract (id, organisation_id, source, source_key)
                select id, {COMPANY}, 'bench', 'C' || lpad(n::text, 8, '0') from agreed;
            insert into crm_contractversion (id, organisation_id, fact_id, known_from, is_withdrawn, opportunity_id, starts_on, ends_on,
                                             annual_value_minor, currency, kind)
                select version_id, {COMPANY}, id, timestamptz '{START}', false, deal_id, date '1970-01-01' + on_day,
                       date '1970-01-01' + on_day + {YEAR}, 1200000, 'USD', '' from agreed;
            analyze crm_contract; analyze crm_contractversion""")
