"""Closing a period of many participants, step by step, beside one statement that does its sums; and statements as PDF files, by rate."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.company import COMPANY, Place, copy_binary, uuids
from bench.end_to_end import everything, published, scope
from bench.generator import SELLERS, document
from bench.report import Figure, Report

PEOPLE = 10_000
PAPERS = 200
PAY = 1_234_56
PLAIN = """
    create table bare_paid as
        select participant_id, currency, account, sum(amount_minor)::bigint as amount_minor
        from incentives_ledgerentry where account = 'payable' group by 1, 2, 3;
    insert into bare_paid select participant_id, currency, 'paid', -amount_minor from bare_paid;
    create index on bare_paid (participant_id)"""
"""What is payable to each person, and the entries that pay it, without a company, a proof or a check."""


def measure(report: Report, place: Place) -> None:
    """Measure the steps of the books of the last period, and files of statements as a job makes them."""
    from incentives.services import payouts, periods
    from planning.models import Period

    actor = published(document())
    everything({})
    with scope():
        period = Period.objects.order_by("-during").first()
        _others_paid(place, period, actor)
    key, batches = period.pk, []
    steps: dict[str, Callable[[], Any]] = {
        "calculate": lambda: periods.period_calculate(period_id=key, actor=actor),
        "review": lambda: periods.period_review(period_id=key, actor=actor),
        "approve": lambda: periods.period_approve(period_id=key, actor=actor),
        "export to payroll": lambda: batches.append(payouts.payout_make(period_id=key, actor=actor)),
        "confirm as paid": lambda: payouts.payout_confirm(batch_id=batches[0].pk, reference="B-1", actor=actor),
        "lock": lambda: periods.period_lock(period_id=key, actor=actor),
    }
    whole = sum(_step(report, name, work) for name, work in steps.items())
    report.add(Figure("closing", "all steps", PEOPLE, whole, "s"))
    start = time.perf_counter()
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute(PLAIN)
    report.add(Figure("closing", "the sums by one INSERT ... SELECT", PEOPLE, time.perf_counter() - start, "s"))
    _papers(report)


def _step(report: Report, name: str, work: Callable[[], Any]) -> float:
    start, busy = time.perf_counter(), time.process_time()
    with scope():
        work()
    taken, processor = time.perf_counter() - start, time.process_time() - busy
    report.add(Figure("closing", name, PEOPLE, taken, "s", detail={"processor": processor}))
    return taken


def _papers(report: Report) -> None:
    """Set some hundreds of statements as the job does: the rate is theirs, not that of ten thousand."""
    from incentives.models import Statement
    from incentives.selectors.papers.statement import statement_pdf

    with scope():
        statements = list(Statement.objects.order_by("id")[:PAPERS])
        start, busy = time.perf_counter(), time.process_time()
        for statement in statements:
            statement_pdf(statement)
        taken, processor = time.perf_counter() - start, time.process_time() - busy
    report.add(
        Figure("closing", "one statement as PDF, of some hundreds", len(statements), 1000 * taken / PAPERS, "ms")
    )
    report.add(
        Figure(
            "closing", "one statement as PDF, processor of the worker", len(statements), 1000 * processor / PAPERS, "ms"
        )
    )


def _others_paid(place: Place, period: Any, actor: Any) -> None:
    """Let further people have pay in the books of the period, so that as many are closed as asked."""
    from incentives.models import JournalKind, LedgerAccount, PlanVersion
    from incentives.services.ledger import Leg, journal_post

    numbers = np.arange(SELLERS, PEOPLE)
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica; create temp table person (id uuid, n int)")
        copy_binary(cursor, "person", {"id": uuids("participant", numbers), "n": numbers.astype(np.int32)})
        cursor.execute(f"""
            insert into people_participant (id, organisation_id, source, source_key, name, email, employee_number, currency)
                select id, {COMPANY}, 'bench', 'P' || n, 'Seller ' || n, '', '', '' from person""")
        cursor.execute("select id::text from person")
        people = [row[0] for row in cursor.fetchall()]
    version = PlanVersion.objects.get().pk
    legs = [
        Leg(who, version, "commission", account, amount, "USD")
        for who in people
        for account, amount in ((LedgerAccount.PAYABLE, PAY), (LedgerAccount.EXPENSE, -PAY))
    ]
    journal_post(kind=JournalKind.EARN, slot="bench", period=period, legs=legs, reason="Bench", actor=actor)
