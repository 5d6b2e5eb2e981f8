"""From facts in PostgreSQL to run results per deal and posted journals, beside the bare floor of the same run.

The product: every wall up, digests, balance and hash chain, statements, indexes. The floor: binary COPY out, NumPy, binary COPY into a
fresh table, two indexes; no company, no version, no proof. Both durable, on the same server, in turn.
"""

import time
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import numpy as np
import yaml

from bench.company import COMPANY, Place, company, copy_binary, uuids
from bench.floor import by_numpy
from bench.generator import START, document
from bench.report import Figure, Report, medians, peak_forget, peak_mib

AT_MOST = 2.5
MEMORY, MEMORY_DEALS = 1024, 1_000_000
"""MiB at most, up to that many deals."""
NIGHT = date(2026, 12, 31)
TITLE = UUID("00000007-0000-7000-8000-000000000001")


def measure_all(report: Report, urls: Any, sizes: list[int], sections: set[str]) -> None:
    """Measure all sizes on one server; the ORM at its own sizes, against the rate of the largest."""
    taken: dict[int, float] = {}
    for size in sizes:
        place = company(urls, size)
        actor = published(document())
        if sections & {"end", "change", "night"}:
            taken[size] = measure(report, place, size)
        _after(report, place, size, actor, sections)
    if 1_000_000 in taken and 5_000_000 in taken:
        ratio = taken[5_000_000] / taken[1_000_000]
        report.add(Figure("end to end", "5,000,000 / 1,000,000", 5_000_000, ratio, "x", at_most=5.5))
    if "expense" in sections:
        from bench import expense

        expense.measure(report, company(urls, expense.CONTRACTS))
    if "settlement" in sections:
        from bench import settlement

        settlement.measure(report, company(urls, settlement.DEALS))
    if "closing" in sections:
        from bench import closing

        closing.measure(report, company(urls, 10_000))
    if "orm" in sections and taken:
        size = max(taken)
        by_orm(report, urls, size / taken[size])


def _after(report: Report, place: Place, size: int, actor: Any, sections: set[str]) -> None:
    """Measure what happens to a company that is calculated and posted."""
    from bench import changes

    if "change" in sections:
        changes.measure(report, place, size, actor)
    if "night" in sections:
        changes.measure_night(report, place, size)


def by_orm(report: Report, urls: Any, rate: float) -> None:
    """Measure both Django implementations by rate, and hold the product's rate against theirs."""
    from bench import orm

    for what, deals, least in (("bulk_create", 50_000, 25.0), ("naive", 2_000, 1000.0)):
        place = company(urls, deals)
        published(document())
        if what == "naive":
            seconds, earned = orm.naively(place, deals)
        else:
            seconds, earned = orm.by_bulk(place)
        if earned != int(by_numpy(place.facts).credits["earned"].sum()):
            raise SystemExit(f"The {what} implementation paid otherwise.")
        report.add(Figure("orm", f"{what}, deals per second", deals, deals / seconds, "1/s"))
        report.add(Figure("orm", f"product / {what}, by rate", deals, rate * seconds / deals, "x", at_least=least))


def measure(report: Report, place: Place, size: int) -> float:
    """Measure the whole of two years, eight periods, calculated and posted, and a night in which nothing changed; gives the seconds.

    In a process as a worker's: it has imported what it needs before it works.
    """
    from spm.celery import worker_settle

    worker_settle()
    shares: dict[str, float] = {}
    peak_forget()
    start = time.perf_counter()
    totals = everything(shares)
    product = time.perf_counter() - start
    most = MEMORY if size <= MEMORY_DEALS else None
    report.add(Figure("end to end", "peak memory of the process", size, peak_mib(), "MiB", at_most=most))
    detail = {"rows": totals[0], "shares": shares}
    report.add(Figure("end to end", "facts to posted journals", size, product, "s", detail=detail))
    for name, taken in shares.items():
        report.add(Figure("end to end", f"share of {name}", size, 100 * taken / product, "%"))
    start = time.perf_counter()
    again = everything({})
    report.add(Figure("end to end", "the next night, nothing changed", size, time.perf_counter() - start, "s"))
    report.add(Figure("end to end", "rows that night wrote", size, again[1], "rows", at_most=0))
    floor, found = bare(place)
    if totals[0] != found[0] or totals[2] != found[1]:
        raise SystemExit(f"The product and the floor differ: {totals} {found}")
    report.add(Figure("end to end", "bare floor", size, floor, "s"))
    report.add(Figure("end to end", "product / bare floor", size, product / floor, "x", at_most=AT_MOST))
    return product


def published(source: dict[str, object]) -> Any:
    """Publish a plan and assign it to the sellers by title; gives the actor of the company itself."""
    from incentives.services.assignments import plan_assign
    from incentives.services.lifecycle import plan_publish
    from incentives.services.plans import plan_create
    from spm.roles.policy import viewer_of_system
    from spm.tenancy.models import Organisation

    actor = viewer_of_system(Organisation.objects.get(pk=COMPANY), on=NIGHT, name="bench")
    with scope():
        draft, _ = plan_create(document=yaml.safe_dump(source, sort_keys=False), actor=actor)
        version = plan_publish(version_id=draft.id, actor=actor)
        plan_assign(plan_id=version.plan_id, target="title", target_id=TITLE, start=START, actor=actor)
    return actor


def scope() -> Any:
    """Open the company's scope, as a task does."""
    from spm.tenancy.scope import Actor, organisation_scope

    return organisation_scope(COMPANY, actor=Actor(name="bench"))


def everything(shares: dict[str, float]) -> tuple[int, int, int]:
    """Calculate and post all periods, by the steps of the night, each in a transaction of its own.

    Gives the number of credits, how many runs, groups and statements were written, and the sum of earnings.
    """
    from django.db.models import Sum

    from incentives.models import LedgerEntry, Run
    from incentives.tasks import CalculatePart
    from spm.tenancy.models import Organisation

    night = CalculatePart()
    with scope():
        company = Organisation.objects.get(pk=COMPANY)
        steps = night.steps(company, NIGHT)
    credits = written = 0
    for step in steps:
        start = time.perf_counter()
        with scope():
            outcome = night.run(company, NIGHT, step).outcome
        name = {"calculate": "calculating", "post": "posting"}[step.partition(":")[0]]
        shares[name] = shares.get(name, 0.0) + time.perf_counter() - start
        credits += outcome.get("credits", 0)
        written += outcome.get("new", 0) + outcome.get("groups", 0) + outcome.get("statements", 0)
    with scope():
        total = LedgerEntry.objects.filter(account="expense").aggregate(total=Sum("amount_minor"))["total"]
        assert not Run.objects.exclude(state="posted").exists()
    return credits, written, -int(total or 0)


def bare(place: Place) -> tuple[float, tuple[int, int]]:
    """Do the same by the barest means: median seconds, and the number of rows and the sum of earnings."""
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set work_mem = '64MB'")
        seconds, values = medians({"floor": lambda: _bare(connection, cursor, place)})
    return seconds["floor"], values["floor"]


def _bare(connection: Any, cursor: Any, place: Place) -> tuple[int, int]:
    source = BytesIO()
    cursor.copy_expert(
        """COPY (select fact_id, owner_id, amount_minor, close_on from crm_opportunityversion
            where known_until is null and status = 'won') TO STDOUT (FORMAT binary)""",
        source,
    )
    layout = [
        ("count", ">i2"),
        ("w0", ">i4"),
        ("deal", "V16"),
        ("w1", ">i4"),
        ("owner", "V16"),
        ("w2", ">i4"),
        ("amount", ">i8"),
    ]
    rows = np.frombuffer(source.getbuffer()[19:-2], dtype=[*layout, ("w3", ">i4"), ("day", ">i4")])
    assert len(rows) == len(place.facts.deals)
    amount = rows["amount"].astype(np.int64)
    outcome = by_numpy(place.facts)
    found = outcome.credits
    cursor.execute(
        "drop table if exists bare; create table bare (deal uuid, person uuid, period int, credit bigint, earned bigint)"
    )
    copy_binary(
        cursor,
        "bare",
        {
            "deal": uuids("deal", found["deal"]),
            "person": uuids("participant", found["participant"]),
            "period": found["period"].astype(np.int32),
            "credit": found["credit"],
            "earned": found["earned"],
        },
    )
    cursor.execute("create index on bare (deal); create index on bare (person, period)")
    connection.commit()
    assert amount.sum() == place.facts.deals["amount_minor"].sum()
    return len(found["deal"]), int(outcome.earnings["earned"].sum())
