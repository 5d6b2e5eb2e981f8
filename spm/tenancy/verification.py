"""Asks the database whether everything that protects the companies stands, and whether the books are as they were written.

What must stand is read from the walls' own statements, so that a new table or wall is looked for by itself. What modules
have to say about their own rows is named by dotted path and asked inside each company's scope.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string

from spm.core.findings import Finding
from spm.tenancy.backups import Manifest, row_counts
from spm.tenancy.checks import role_findings
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope
from spm.tenancy.walls import EXCEPTIONS, references, statements, tenant_models

RESTORE = "Restore the last good backup beside it and compare."
EXTENSIONS = ("btree_gist", "pg_trgm")
COMPANY_CHECKS: dict[str, str] = {
    "incentives.selectors.chain.chain_verify": "hash chain of the ledger",
    "spm.audit.seals.seals_verify": "seals",
}
"""Functions without arguments that give None when all is well, else what is wrong (`.what` or its text); what each looks at."""

WRONG_ROWS: dict[str, str] = {
    "ledger journals out of balance": """
        select distinct 'journal ' || j.number, j.organisation_id, j.number from incentives_ledgerentry e
        join incentives_journal j on j.id = e.journal_id
        group by j.id, j.number, j.organisation_id, e.currency having sum(e.amount_minor) <> 0 order by 2, 3
    """,
    "journals without entries": """
        select 'journal ' || j.number, j.organisation_id from incentives_journal j
        where not exists (select 1 from incentives_ledgerentry e where e.journal_id = j.id) order by 2, j.number
    """,
    "rows of run credits outside their company": """
        select 'a row of run ' || c.run_id, c.organisation_id from incentives_runcredit c join incentives_run r on r.id = c.run_id
        where r.organisation_id <> c.organisation_id
    """,
}
"""Queries over all companies that must find nothing, by what they look for: each gives the row, in words, and whose it is."""

_POLICY = re.compile(r'CREATE POLICY (\w+) ON "(\w+)"')
_CONSTRAINT = re.compile(r'ALTER TABLE "(\w+)" ADD CONSTRAINT "(\w+)"')
_TRIGGER = re.compile(r'CREATE OR REPLACE TRIGGER (\w+) .*? ON "(\w+)"', re.DOTALL)
_GRANT = re.compile(r'^GRANT ([A-Z, ]+) ON "(\w+)" TO "(\w+)"')

_STANDING = {
    "row-level security": "select relname, 'forced' from pg_class where relrowsecurity and relforcerowsecurity",
    "policy": "select tablename, policyname from pg_policies where schemaname = 'public'",
    "constraint": "select conrelid::regclass::text, conname from pg_constraint where convalidated and conrelid <> 0",
    "trigger": "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal and tgenabled = 'O'",
}


def verify(manifest: Manifest | None = None) -> list[Finding]:
    """Give everything that is not as it must be; with a manifest, also what is missing of a backup."""
    found = [
        *_roles(),
        *_extensions(),
        *_migrations(),
        *_walls(),
        *_partitions(),
        *_rights(),
        *_books(),
        *_references(),
        *company_findings(),
    ]
    return found if manifest is None else [*found, *_rows(manifest)]


def _ask(query: str, values: list[Any] | None = None, *, alias: str = "owner") -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _roles() -> Iterator[Finding]:
    message: CheckMessage
    for message in role_findings():
        yield Finding("ROLE", "database role", message.msg, fix=message.hint or "")


def _extensions() -> Iterator[Finding]:
    there = {name for (name,) in _ask("select extname from pg_extension")}
    for name in EXTENSIONS:
        if name not in there:
            yield Finding("EXTENSION", name, "The extension is missing.", fix=f"As superuser: CREATE EXTENSION {name}.")


def _migrations() -> Iterator[Finding]:
    """Every migration of the release, not only the last of each app: one taken out from under a later one is missed, too."""
    loader = MigrationLoader(connections["owner"])
    for app, name in sorted(loader.graph.nodes.keys() - loader.applied_migrations.keys()):
        yield Finding("MIGRATION", f"{app}.{name}", "The migration is not applied.", fix="Run manage.py upgrade.")
    yield from migrations_foreign(loader)


def migrations_foreign(loader: MigrationLoader) -> Iterator[Finding]:
    """Tell of migrations that are applied and that this release does not have: the database is another release's."""
    for app, name in sorted(loader.applied_migrations.keys() - loader.disk_migrations.keys()):
        if app in loader.migrated_apps:
            what = "The database was made with this migration, and this release does not have it."
            fix = "Run the release that made the database; one from before the first release is made anew."
            yield Finding("MIGRATION", f"{app}.{name}", what, fix=fix)


def walls_expected(app_role: str) -> set[tuple[str, str, str]]:
    """Give (what, table, name) of everything that the walls raise."""
    expected = set()
    for statement in statements(app_role):
        for name, table in _POLICY.findall(statement):
            expected |= {("policy", table, name), ("row-level security", table, "forced")}
        expected |= {("constraint", table, name) for table, name in _CONSTRAINT.findall(statement)}
        expected |= {("trigger", table, name) for name, table in _TRIGGER.findall(statement)}
    return expected


def _walls() -> Iterator[Finding]:
    standing = {(what, table, name) for what, query in _STANDING.items() for table, name in _ask(query)}
    app_role = connections["default"].settings_dict["USER"]
    for what, table, name in sorted(walls_expected(app_role) - standing):
        why = "Rows of one company are no longer kept from the others, or changes leave no trace."
        yield Finding(
            "WALL", table, f"The {what} {name} does not stand.", why, "Run manage.py migrate, which raises it."
        )


def walls_missing() -> Iterator[Finding]:
    """Give every wall and right that does not stand as it should."""
    yield from _walls()
    yield from _rights()


def _partitions() -> Iterator[Finding]:
    """Look at the parts of partitioned tables, which the walls' statements don't name one by one."""
    query = """
        select part.relname from pg_inherits i join pg_class part on part.oid = i.inhrelid
        join pg_class whole on whole.oid = i.inhparent and whole.relname = any(%s)
        where part.relkind = 'r' and not (part.relforcerowsecurity and part.relrowsecurity
            and exists (select 1 from pg_policy p where p.polrelid = part.oid)
            and exists (select 1 from pg_trigger t where t.tgrelid = part.oid and t.tgname = 'append_only'))
    """
    for (table,) in _ask(query, [list(EXCEPTIONS)]):
        yield Finding("WALL", table, "The part is not walled: policy or append-only trigger is missing.", fix=RESTORE)


def _rights() -> Iterator[Finding]:
    """Compare what the app's role may do on each table with the last grant of the walls."""
    app_role = connections["default"].settings_dict["USER"]
    wanted = {}
    for statement in statements(app_role):
        if found := _GRANT.match(statement):
            wanted[found[2]] = {right.strip() for right in found[1].split(",")}
    query = """
        select table_name, array_agg(privilege_type::text) from information_schema.role_table_grants
        where table_schema = 'public' and grantee = %s group by table_name
    """
    given = {table: set(rights) for table, rights in _ask(query, [app_role])}
    for table in sorted(wanted):
        if (has := given.get(table, set())) != wanted[table]:
            what = f"{app_role} may {_words(has)} instead of {_words(wanted[table])}."
            yield Finding("RIGHT", table, what, fix="Run manage.py migrate, which grants exactly what is needed.")


def _words(rights: Iterable[str]) -> str:
    return ", ".join(sorted(rights)) or "nothing"


def _books() -> Iterator[Finding]:
    for what, query in WRONG_ROWS.items():
        if rows := _ask(query):
            yield Finding("BOOKS", what, f"{len(rows)} found, the first is {_named(rows[0])}.", fix=RESTORE)


def _named(row: tuple[Any, ...]) -> str:
    """A row that is wrong, with the company that it belongs to; its number where there is no such company."""
    company = Organisation.objects.filter(pk=row[1]).first()
    return f"{row[0]} of {_company(company) if company is not None else f'company {row[1]}, which is not there'}"


def _company(organisation: Organisation) -> str:
    return f"{organisation.name} ({organisation.slug})"


def _references() -> Iterator[Finding]:
    """Look for what foreign keys would have refused in the tables that are written in bulk."""
    for model in tenant_models():
        table = model._meta.db_table
        for column, target in references(model) if model.in_bulk else ():
            query = f"""select r.id::text, r.organisation_id from "{table}" r
                where r."{column}" is not null and not exists (
                    select 1 from "{target}" t where t.organisation_id = r.organisation_id and t.id = r."{column}")"""
            if rows := _ask(query):
                what = f"{len(rows)} rows refer to no row of {target}, the first is {_named(rows[0])}."
                yield Finding("BOOKS", f"{table}.{column}", what, fix=RESTORE)


def company_findings(slug: str = "") -> Iterator[Finding]:
    """Give what is wrong with the rows of one company, or of every one."""
    checks: dict[str, Callable[[], Any]] = {path: import_string(path) for path in COMPANY_CHECKS}
    companies = Organisation.objects.filter(slug=slug) if slug else Organisation.objects.all()
    for organisation in companies.order_by("pk"):
        with organisation_scope(organisation.pk, actor=Actor(name="manage.py verify", via="command")):
            for path, check in checks.items():
                if (fault := check()) is not None:
                    what = str(getattr(fault, "what", fault))
                    yield Finding("COMPANY", f"{_company(organisation)}, {COMPANY_CHECKS[path]}", what, fix=RESTORE)


def _rows(manifest: Manifest) -> Iterator[Finding]:
    connections["owner"].ensure_connection()
    with connections["owner"].connection.cursor() as cursor:
        counts = row_counts(cursor)
    for table in sorted(set(manifest.rows) | set(counts)):
        there, backed_up = counts.get(table), manifest.rows.get(table)
        if there != backed_up:
            yield Finding("ROWS", table, f"{there if there is not None else 'No table'}, the backup has {backed_up}.")
