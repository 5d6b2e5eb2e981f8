"""One changed deal, calculated and posted as the worker does it, and the why of one amount: seconds of each of many."""

import random
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import numpy as np

from bench.company import Place, uuids
from bench.end_to_end import everything, scope
from bench.report import Figure, Report, percentile

TIMES = 60
CHANGED = 1_000
"""Deals that change before a night."""
WARM = 10
"""Changes before those that are counted: a worker has parsed the seats of its periods once."""
CHANGE_AT_MOST, TRACE_AT_MOST = 100.0, 200.0


def measure(report: Report, place: Place, size: int, actor: Any) -> None:
    """Measure both on a company that is calculated and posted, as it stands the next morning: autovacuum works within a minute."""
    with closing(place.connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("vacuum analyze")
    dice = random.Random(11)
    for _ in range(WARM):
        _changed(place, dice, size, actor)
    changes = [_changed(place, dice, size, actor) for _ in range(TIMES)]
    traces = [_traced(dice) for _ in range(TIMES)]
    for what, taken, most in (
        ("one changed deal", changes, CHANGE_AT_MOST),
        ("why of one amount", traces, TRACE_AT_MOST),
    ):
        seconds, busy = zip(*taken, strict=True)
        report.add(Figure("change", f"{what}, processor of the worker", size, 1000 * percentile(busy, 0.5), "ms"))
        report.add(Figure("change", f"{what}, median", size, 1000 * percentile(seconds, 0.5), "ms"))
        report.add(Figure("change", f"{what}, p95", size, 1000 * percentile(seconds, 0.95), "ms", at_most=most))


def _changed(place: Place, dice: random.Random, size: int, actor: Any) -> tuple[float, float]:
    """Let one deal become known with another amount, as an import does; then calculate and post what that changes.

    Gives the seconds that it took, and those of the processor.
    """
    from incentives.services.posting import run_post
    from incentives.services.runs import changes_calculate
    from planning.models import Period

    number = dice.randrange(size)
    amounts_change(place, [number], dice)
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select close_on from crm_opportunityversion where fact_id = %s::uuid and known_until is null",
            [str(deal_ids([number])[0])],
        )
        day = cursor.fetchone()[0]
    with scope():
        period = Period.objects.get(during__contains=day)
    start, busy = time.perf_counter(), time.process_time()
    with scope():
        run, is_new = changes_calculate(period_id=period.id, actor=actor)
    with scope():
        posting = run_post(run_id=run.id, actor=actor)
    taken = time.perf_counter() - start, time.process_time() - busy
    if not is_new or run.scope is None or not posting.statements:
        raise SystemExit("A changed deal was not followed.")
    return taken


def deal_ids(numbers: Sequence[int]) -> list[UUID]:
    """Give the keys of deals by their numbers."""
    return [UUID(bytes=bytes(key)) for key in uuids("deal", np.array(numbers))]


def amounts_change(place: Place, numbers: Sequence[int], dice: random.Random) -> None:
    """Let deals become known with other amounts, as an import does."""
    columns = (
        "organisation_id, fact_id, is_withdrawn, name, owner_id, stage, status, forecast_category, currency, "
        "created_on, close_on, next_step, kind"
    )
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            f"""with ended as (
                update crm_opportunityversion set known_until = clock_timestamp()
                where fact_id = any(%s::uuid[]) and known_until is null returning *
            )
            insert into crm_opportunityversion (id, known_from, amount_minor, {columns})
            select gen_random_uuid(), known_until, amount_minor + %s, {columns} from ended""",
            [[str(key) for key in deal_ids(numbers)], dice.randrange(1, 10**6)],
        )


def measure_night(report: Report, place: Place, size: int) -> None:
    """Measure a night after some deals changed: calculating everybody, and posting the differences alone."""
    numbers = random.Random(13).sample(range(size), min(CHANGED, size // 10))
    amounts_change(place, numbers, random.Random(17))
    shares: dict[str, float] = {}
    start = time.perf_counter()
    _, written, _ = everything(shares)
    taken = time.perf_counter() - start
    if not written:
        raise SystemExit("A night did not follow the changed deals.")
    what = f"a night in which {len(numbers):,} deals changed"
    report.add(Figure("night", what, size, taken, "s", detail={"written": written}))
    for name, seconds in shares.items():
        report.add(Figure("night", f"{what}, {name}", size, seconds, "s"))


def _traced(dice: random.Random) -> tuple[float, float]:
    """Open the why of one statement's line."""
    from incentives.models import Statement
    from incentives.selectors.lines import lines_of
    from incentives.selectors.why import statement_line_trace

    with scope():
        count = Statement.objects.count()
        statement = Statement.objects.order_by("id")[dice.randrange(count)]
        line = lines_of(statement)[0]
        start, busy = time.perf_counter(), time.process_time()
        tree = statement_line_trace(statement, line)
        taken = time.perf_counter() - start, time.process_time() - busy
    if tree is None or not tree.check():
        raise SystemExit("A why did not sum to its amount.")
    return taken
