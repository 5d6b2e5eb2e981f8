"""Settlement of a plan whose pay waits for the customer's money: every deal billed, half of the bills paid, then more payments known."""

import time
from typing import Any

import numpy as np

from bench.company import COMPANY, Place, copy_binary, uuids
from bench.end_to_end import everything, published, scope
from bench.expense import contracts_load
from bench.generator import END, START, document
from bench.report import Figure, Report

DEALS = 100_000
PAID = 1_000
"""Payments that become known before the books are settled again."""


def waiting_document() -> dict[str, object]:
    """Give the plan of the bench, released as the money comes, with a tenth held back and returns taken back for a quarter."""
    (component,) = document()["components"]  # type: ignore[misc]
    terms = {
        "release": {"when": "CASH_PRO_RATA"},
        "holdback": {"share": "10 %", "until": END.isoformat()},
        "clawback": {"within": "90 days"},
    }
    return document() | {"components": [component | terms]}


def measure(report: Report, place: Place) -> None:
    """Measure posting two years of deals that wait, settling the last books again, and again after payments became known."""
    from planning.models import Period

    contracts_load(place)
    bills_load(place)
    actor = published(waiting_document())
    size = len(place.facts.deals)
    shares: dict[str, float] = {}
    everything(shares)
    report.add(Figure("settlement", "calculating, all periods", size, shares["calculating"], "s"))
    report.add(Figure("settlement", "posting and settling, all periods", size, shares["posting"], "s"))
    with scope():
        period = Period.objects.order_by("-during").first()
    changed = _settled(report, "settling the last books again, nothing new", size, period, actor)
    if changed:
        raise SystemExit("Settling the same facts again changed books.")
    payments_load(place, np.arange(1, 2 * PAID, 2))
    if not _settled(report, f"settling after {PAID:,} payments", size, period, actor):
        raise SystemExit("Payments released nothing.")


def _settled(report: Report, what: str, size: int, period: Any, actor: Any) -> int:
    from incentives.services.settling import period_settle

    start, busy = time.perf_counter(), time.process_time()
    with scope():
        done = period_settle(period=period, actor=actor)
    taken, processor = time.perf_counter() - start, time.process_time() - busy
    detail = {"people": len(done.people), "waits": sum(map(len, done.waiting.values()))}
    report.add(Figure("settlement", what, size, taken, "s", detail=detail))
    report.add(Figure("settlement", f"{what}, processor of the worker", size, processor, "s"))
    return len(done.people)


def bills_load(place: Place) -> None:
    """Let an invoice of the contract be known for each deal, a month after it closed, and every second one be paid."""
    deals = place.facts.deals
    numbers = np.arange(len(deals))
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(
            "create temp table billed (id uuid, version_id uuid, contract_id uuid, amount bigint, on_day int, n int)"
        )
        columns = {
            "id": uuids("invoice", numbers),
            "version_id": uuids("invoice_version", numbers),
            "contract_id": uuids("contract", numbers),
            "amount": np.abs(deals["amount_minor"].to_numpy()),
            "on_day": deals["credit_on"].to_numpy(np.int32),
            "n": numbers.astype(np.int32),
        }
        copy_binary(cursor, "billed", columns)
        cursor.execute(f"""
            insert into crm_invoice (id, organisation_id, source, source_key)
                select id, {COMPANY}, 'bench', 'I' || lpad(n::text, 8, '0') from billed;
            insert into crm_invoiceversion (id, organisation_id, fact_id, known_from, is_withdrawn, contract_id, invoiced_on,
                                            amount_minor, currency)
                select version_id, {COMPANY}, id, timestamptz '{START}', false, contract_id, date '1970-01-01' + on_day + 30,
                       amount, 'USD' from billed""")
    payments_load(place, numbers[::2])


def payments_load(place: Place, numbers: np.ndarray) -> None:
    """Let half of each of the invoices be paid, two months after the deal closed, from now on."""
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("create temp table money (id uuid, version_id uuid, invoice_id uuid, n int)")
        columns = {
            "id": uuids("payment", numbers),
            "version_id": uuids("payment_version", numbers),
            "invoice_id": uuids("invoice", numbers),
            "n": numbers.astype(np.int32),
        }
        copy_binary(cursor, "money", columns)
        cursor.execute(f"""
            insert into crm_payment (id, organisation_id, source, source_key)
                select id, {COMPANY}, 'bench', 'M' || lpad(n::text, 8, '0') from money;
            insert into crm_paymentversion (id, organisation_id, fact_id, known_from, is_withdrawn, invoice_id, paid_on, amount_minor,
                                            currency)
                select m.version_id, {COMPANY}, m.id, clock_timestamp(), false, m.invoice_id, i.invoiced_on + 30, i.amount_minor / 2, 'USD'
                from money m join crm_invoiceversion i on i.fact_id = m.invoice_id;
            analyze crm_invoice; analyze crm_invoiceversion; analyze crm_payment; analyze crm_paymentversion""")
