"""A backup: one file with a dump of every company and a manifest of what must be in it.

Dump and row counts are of the same snapshot. A restore is all or nothing, into an empty database only, and raises the
walls afresh, so that roles may have other names there. Who may call: commands, with the owner's or a backup role.
"""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections, transaction
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, make_dsn, parse_dsn
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from spm.tenancy.programs import program_find, program_run
from spm.tenancy.walls import walls_raise

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database.dump"
LEFT_OUT = (" EXTENSION ", " SCHEMA - public ", " COMMENT - EXTENSION ", " ACL ", " DEFAULT ACL ")
TABLES = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' order by c.relname
"""
THINGS = """
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup must hold: row counts by table, the last migration of each app, the version and digest of the dump."""

    format: int
    made_at: str
    server_version: int
    dump_sha256: str
    migrations: dict[str, str]
    rows: dict[str, int]


def backup_make(target: Path) -> Manifest:
    """Write a backup of the whole database to a new file; raises CommandError."""
    if target.exists():
        raise CommandError(f"{target} is there already. A backup never writes over another one; name a new file.")
    if not settings.BACKUP_DATABASE_URL:
        raise CommandError("BACKUP_DATABASE_URL and MIGRATION_DATABASE_URL are not set; name a role that may dump.")
    server = parse_dsn(settings.BACKUP_DATABASE_URL)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        manifest = _dump(server, Path(folder) / DUMP)
        (Path(folder) / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        draft = Path(folder) / "backup.tar"
        with tarfile.open(draft, "w") as archive:
            for name in (MANIFEST, DUMP):
                archive.add(Path(folder) / name, name, filter=_anonymous)
        draft.chmod(0o600)
        draft.rename(target)
    return manifest


def _dump(server: Mapping[str, str], dump: Path) -> Manifest:
    with _connected(server) as connection, connection.cursor() as cursor:
        connection.set_isolation_level(ISOLATION_LEVEL_REPEATABLE_READ)
        cursor.execute("select pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        major = connection.server_version // 10000
        rows, migrations = row_counts(cursor), _migrations(cursor)
        program = program_find("pg_dump", at_least=major, best=major)
        program_run(program, ["--format=custom", f"--snapshot={snapshot}", f"--file={dump}"], server)
    return Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=major,
        dump_sha256=_digest(dump),
        migrations=migrations,
        rows=rows,
    )


def row_counts(cursor: Cursor) -> dict[str, int]:
    """Count the rows of every table, as a role that sees all of them."""
    cursor.execute(TABLES)
    counts = {}
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        counts[table] = cursor.fetchone()[0]
    return counts


def _migrations(cursor: Cursor) -> dict[str, str]:
    cursor.execute("select app, max(name) from django_migrations group by app order by app")
    return dict(cursor.fetchall())


def manifest_read(source: Path) -> Manifest:
    """Give the manifest of a backup; raises CommandError for a file that is none."""
    try:
        with tarfile.open(source) as archive:
            member = archive.extractfile(MANIFEST)
            manifest = Manifest(**json.loads(member.read())) if member else None
    except (OSError, KeyError, TypeError, ValueError, tarfile.TarError) as error:
        raise CommandError(f"{source} is not a backup: {error}. Name a file that manage.py backup wrote.") from error
    if manifest is None or manifest.format != FORMAT:
        raise CommandError(f"{source} has another format than {FORMAT}; restore it with the release that wrote it.")
    return manifest


def backup_restore(source: Path) -> Manifest:
    """Fill the empty database of MIGRATION_DATABASE_URL from a backup, all or nothing, and raise the walls."""
    manifest = manifest_read(source)
    server = owner_server()
    with _connected(server) as connection, connection.cursor() as cursor:
        target = connection.server_version // 10000
        cursor.execute(THINGS)
        if (count := cursor.fetchone()[0]) != 0:
            raise CommandError(
                f"The database {server['dbname']} is not empty ({count} tables and sequences). "
                "Make a new one and restore into it."
            )
    if target < manifest.server_version:
        raise CommandError(
            f"The backup is of PostgreSQL {manifest.server_version}; this server is {target}. Use the same or a later one."
        )
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".restore-") as folder:
        _load(server, _unpacked(source, manifest, Path(folder)), manifest.server_version, target)
    with transaction.atomic(using="owner"):
        walls_raise(connections["owner"], connections["default"].settings_dict["USER"])
    return manifest


def _unpacked(source: Path, manifest: Manifest, folder: Path) -> Path:
    """Only the contents are taken: what the archive says of paths, links and rights is never followed."""
    with tarfile.open(source) as archive, (folder / DUMP).open("wb") as dump:
        member = archive.extractfile(DUMP)
        if member is None:
            raise CommandError(f"{source} is damaged: its dump is not a file. Take another backup file.")
        shutil.copyfileobj(member, dump)
    if _digest(folder / DUMP) != manifest.dump_sha256:
        raise CommandError(f"{source} is damaged: its dump is not the one that was written. Take another backup file.")
    return folder / DUMP


def _load(server: Mapping[str, str], dump: Path, at_least: int, best: int) -> None:
    """Restore what belongs to the product; extensions and the schema itself are there, made by the server's superuser."""
    program = program_find("pg_restore", at_least=at_least, best=best)
    listing = program_run(program, ["--list", dump])
    wanted = dump.with_suffix(".list")
    wanted.write_text("\n".join(line for line in listing.splitlines() if not any(each in line for each in LEFT_OUT)))
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", f"--use-list={wanted}"]
    program_run(program, [*options, dump], server)


def owner_server() -> dict[str, str]:
    """Give libpq's parameters of the owner's database; raises CommandError where it is not set."""
    if "owner" not in connections.databases:
        raise CommandError("MIGRATION_DATABASE_URL is not set; set it to the owner's address and try again.")
    values = connections["owner"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {name: str(values[key]) for name, key in names.items() if values[key]} | values["OPTIONS"]


@contextmanager
def _connected(server: Mapping[str, str]) -> Iterator[Connection]:
    try:
        connection = psycopg2.connect(make_dsn(**server), connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise CommandError(f"PostgreSQL does not let us in: {str(error).strip()}") from error
    try:
        yield connection
    finally:
        connection.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry
