"""The company of the bench in a database of its own: servers on loopback that the bench starts and ends, facts loaded by COPY.

Rows are loaded by the superuser with triggers off, which is the only thing here that goes around the product: to bring a million deals in
through the import is not what is measured. Everything measured afterwards runs as the app's role, behind the walls.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psycopg2

from bench.generator import END, SEATS, SELLERS, START, facts
from incentives.engine.contracts import Facts
from spm.embedded.servers import Servers
from spm.embedded.urls import Urls

ROOT = Path(__file__).resolve().parent.parent
COMPANY = 1
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
KINDS = {"participant": 1, "position": 2, "deal": 3, "deal_version": 4, "split": 5, "split_version": 6, "other": 7}
KINDS |= {
    "contract": 8,
    "contract_version": 9,
    "invoice": 10,
    "invoice_version": 11,
    "payment": 12,
    "payment_version": 13,
}


@dataclass(frozen=True)
class Place:
    """Where the bench's company is."""

    urls: Urls
    facts: Facts

    def connect(self) -> Any:
        """Open a connection as the superuser, for loading and for the bare floor."""
        return psycopg2.connect(self.urls.superuser)


@contextmanager
def servers() -> Iterator[Urls]:
    """Start a PostgreSQL and a broker in a folder of their own, migrate, and set Django up as the app's role; end them afterwards."""
    with TemporaryDirectory(prefix="spm-bench-") as directory, Servers(directory, discard=True) as started:
        urls = started.urls
        os.environ.update(urls.environment())
        os.environ |= {"SECRET_KEY": "bench-only-" + "0123456789abcdef" * 4, "SPM_EMBEDDED": "1", "SPM_DATA": directory}
        os.environ |= {
            "ALLOWED_HOSTS": "127.0.0.1",
            "METRICS_TOKEN": "bench-only-metrics",
            "DJANGO_SETTINGS_MODULE": "spm.settings",
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True, cwd=ROOT)
        yield urls


def uuids(kind: str, numbers: np.ndarray) -> np.ndarray:
    """Give the keys of numbered things, in the order of the numbers."""
    found = np.zeros(len(numbers), dtype=[("kind", ">u4"), ("version", ">u4"), ("number", ">u8")])
    found["kind"], found["version"], found["number"] = KINDS[kind], 0x7000, numbers.astype(np.uint64) + (1 << 63)
    return found.view("V16")


def copy_binary(cursor: Any, table: str, columns: dict[str, np.ndarray]) -> None:
    """Load columns of fixed width (keys, whole numbers, days as int32) into a table by COPY BINARY."""
    layout: list[tuple[str, Any]] = [("count", ">i2")]
    for number, column in enumerate(columns.values()):
        layout += [(f"width{number}", ">i4"), (f"value{number}", column.dtype.newbyteorder(">"))]
    rows = np.zeros(len(next(iter(columns.values()))), dtype=layout)
    rows["count"] = len(columns)
    for number, column in enumerate(columns.values()):
        rows[f"width{number}"], rows[f"value{number}"] = column.dtype.itemsize, column
    names = ", ".join(columns)
    cursor.copy_expert(
        f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", BytesIO(SIGNATURE + rows.tobytes() + b"\xff\xff")
    )


def company(urls: Urls, deals: int) -> Place:
    """Make the company with that many deals, in place of the one before."""
    given = facts(deals)
    place = Place(urls, given)
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("set work_mem = '256MB'; set maintenance_work_mem = '512MB'")
        _emptied(cursor)
        _people(cursor, given)
        _plan(cursor)
        _quotas(cursor, given)
        _deals(cursor, given)
    connection = place.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    connection.close()
    return place


def _emptied(cursor: Any) -> None:
    cursor.execute("""select string_agg(quote_ident(t.relname), ', ') from pg_class t
        join pg_attribute a on a.attrelid = t.oid and a.attname = 'organisation_id' and not a.attisdropped
        where t.relkind in ('r', 'p') and t.relnamespace = 'public'::regnamespace and not t.relispartition""")
    cursor.execute(f"truncate {cursor.fetchone()[0]} cascade")
    cursor.execute("delete from tenancy_organisation")
    cursor.execute(
        """insert into tenancy_organisation (id, slug, name, currency, time_zone, locale, fiscal_year_starts_month,
            is_single_operator, created_at) values (%s, 'bench', 'Bench', 'USD', 'UTC', 'en-US', 1, true, now())""",
        [COMPANY],
    )


def _people(cursor: Any, given: Facts) -> None:
    title = "'00000007-0000-7000-8000-000000000001'"
    cursor.execute(
        f"insert into people_title (id, organisation_id, code, name) values ({title}, {COMPANY}, 'seller', 'Seller')"
    )
    cursor.execute("create temp table person (id uuid, n int)")
    cursor.execute("create temp table seat (id uuid, participant_id uuid, from_on int, until_on int, n int)")
    people, seats = np.arange(SELLERS), given.positions
    count = np.arange(SELLERS * SEATS, dtype=np.int32)
    copy_binary(cursor, "person", {"id": uuids("participant", people), "n": people.astype(np.int32)})
    copy_binary(
        cursor,
        "seat",
        {
            "id": uuids("position", seats["position_key"].to_numpy()),
            "participant_id": uuids("participant", seats["participant_key"].to_numpy()),
            "from_on": seats["from_on"].to_numpy(np.int32),
            "until_on": seats["until_on"].to_numpy(np.int32),
            "n": count,
        },
    )
    days = (
        "daterange(date '1970-01-01' + from_on, case when until_on < 2147483647 then date '1970-01-01' + until_on end)"
    )
    cursor.execute(f"""
        insert into people_participant (id, organisation_id, source, source_key, name, email, employee_number, currency)
            select id, {COMPANY}, 'bench', 'P' || n, 'Seller ' || n, '', '', '' from person;
        insert into people_position (id, organisation_id, code, name) select id, {COMPANY}, 'S' || n, 'Seat ' || n from seat;
        insert into people_positionholding (id, organisation_id, position_id, participant_id, is_main, during)
            select gen_random_uuid(), {COMPANY}, id, participant_id, true, {days} from seat;
        insert into people_positiontitle (id, organisation_id, position_id, title_id, during)
            select gen_random_uuid(), {COMPANY}, id, {title}, daterange('{START}', null) from seat""")


def _plan(cursor: Any) -> None:
    """The plan is published and assigned by what people use, in Django, after this; here its place is made free."""
    cursor.execute("create temp table period (id uuid, key text, first_on date, last_on date)")
    edges = [date(year, month, 1) for year in range(START.year, END.year) for month in (1, 4, 7, 10)] + [END]
    cursor.execute(
        f"insert into planning_calendar (id, organisation_id, code, name, kind) values "
        f"('00000007-0000-7000-8000-000000000002', {COMPANY}, 'quarterly', 'Quarters', 'QUARTERLY')"
    )
    for number, (first, until) in enumerate(zip(edges, edges[1:], strict=False)):
        cursor.execute(
            "insert into planning_period (id, organisation_id, calendar_id, key, during) "
            "values (%s, %s, '00000007-0000-7000-8000-000000000002', %s, daterange(%s, %s))",
            [f"00000007-0000-7000-8001-{number:012d}", COMPANY, f"{first.year}-Q{first.month // 3 + 1}", first, until],
        )


def _quotas(cursor: Any, given: Facts) -> None:
    assert given.quotas is not None
    cursor.execute("create temp table goal (position_id uuid, period_key int, value bigint)")
    keys = {key: place for place, key in enumerate(given.periods["period_key"])}
    copy_binary(
        cursor,
        "goal",
        {
            "position_id": uuids("position", given.quotas["position_key"].to_numpy()),
            "period_key": given.quotas["period_key"].map(keys).to_numpy(np.int32),
            "value": given.quotas["amount_minor"].to_numpy(),
        },
    )
    cursor.execute(f"""insert into planning_quota (id, organisation_id, position_id, period_id, measure, value, currency)
        select gen_random_uuid(), {COMPANY}, position_id, ('00000007-0000-7000-8001-' || lpad(period_key::text, 12, '0'))::uuid,
               'amount', value, 'USD' from goal""")


def _deals(cursor: Any, given: Facts) -> None:
    deals, splits = given.deals, given.splits
    assert splits is not None
    numbers = np.arange(len(deals))
    cursor.execute("create temp table deal (id uuid, version_id uuid, owner_id uuid, amount bigint, on_day int, n int)")
    copy_binary(
        cursor,
        "deal",
        {
            "id": uuids("deal", numbers),
            "version_id": uuids("deal_version", numbers),
            "owner_id": uuids("participant", deals["owner_key"].to_numpy()),
            "amount": deals["amount_minor"].to_numpy(),
            "on_day": deals["credit_on"].to_numpy(np.int32),
            "n": numbers.astype(np.int32),
        },
    )
    day = "date '1970-01-01' + on_day"
    _filled(
        cursor,
        "crm_opportunity",
        "id, organisation_id, source, source_key",
        f"select id, {COMPANY}, 'bench', 'D' || lpad(n::text, 8, '0') from deal",
    )
    columns = {
        "id": "version_id", "organisation_id": str(COMPANY), "fact_id": "id", "known_from": f"timestamptz '{START}'",
        "is_withdrawn": "false", "name": "''", "owner_id": "owner_id", "stage": "'Won'", "status": "'won'",
        "forecast_category": "'Closed'", "amount_minor": "amount", "currency": "'USD'", "created_on": f"{day} - 30", "close_on": day,
        "next_step": "''", "kind": "''",
    }  # fmt: skip
    _filled(cursor, "crm_opportunityversion", ", ".join(columns), f"select {', '.join(columns.values())} from deal")
    _splits(cursor, given)


def _splits(cursor: Any, given: Facts) -> None:
    splits = given.splits
    assert splits is not None
    numbers = np.arange(len(splits))
    cursor.execute(
        "create temp table share (id uuid, version_id uuid, deal_id uuid, person_id uuid, share bigint, n int)"
    )
    copy_binary(
        cursor,
        "share",
        {
            "id": uuids("split", numbers),
            "version_id": uuids("split_version", numbers),
            "deal_id": uuids("deal", splits["deal_key"].to_numpy()),
            "person_id": uuids("participant", splits["participant_key"].to_numpy()),
            "share": splits["share"].to_numpy(),
            "n": numbers.astype(np.int32),
        },
    )
    _filled(
        cursor,
        "crm_split",
        "id, organisation_id, source, source_key",
        f"select id, {COMPANY}, 'bench', 'S' || lpad(n::text, 8, '0') from share",
    )
    columns = {
        "id": "version_id", "organisation_id": str(COMPANY), "fact_id": "id", "known_from": f"timestamptz '{START}'",
        "is_withdrawn": "false", "opportunity_id": "deal_id", "participant_id": "person_id", "kind": "'revenue'", "share_rate": "share",
    }  # fmt: skip
    _filled(cursor, "crm_splitversion", ", ".join(columns), f"select {', '.join(columns.values())} from share")


def _filled(cursor: Any, table: str, columns: str, query: str) -> None:
    """Insert with the indexes taken away and made again, which is faster for many rows."""
    cursor.execute(f"insert into {table} ({columns}) {query}")
