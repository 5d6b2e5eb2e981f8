"""Every table, asked of the database itself: walls, keys, rights. A model without them fails, unless a list says why."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.apps import apps
from django.db import connections, models

from spm.tenancy.models import TenantModel
from spm.tenancy.walls import EXCEPTIONS, GLOBAL, OF_PEOPLE_IN_SCOPE, OWN_IN_SCOPE, SETTING, references, tenant_models

pytestmark = pytest.mark.django_db

TABLES = """
    select c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
"""
POLICIES = "select tablename, policyname, permissive, cmd, roles::text, qual, with_check from pg_policies where schemaname = 'public'"
KEYS = """
    select t.relname, c.contype, c.conname, pg_get_constraintdef(c.oid), r.relname,
           (select array_agg(a.attname order by k.place) from unnest(c.conkey) with ordinality k(number, place)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number)
    from pg_constraint c join pg_class t on t.oid = c.conrelid left join pg_class r on r.oid = c.confrelid
    join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'public'
"""
UNIQUE_INDEXES = """
    select t.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisprimary,
           (select a.attname from pg_attribute a where a.attrelid = x.indrelid and a.attnum = x.indkey[0])
    from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
    join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'public' and (x.indisunique or x.indisexclusion)
"""
TRIGGERS = """
    select c.relname, t.tgname, t.tgtype::int, array_remove(string_to_array(encode(t.tgargs, 'escape'), '\\000'), '')
    from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and t.tgenabled = 'O'
"""
INSERTS, DELETES, UPDATES, KEY_UPDATES = 4, 8, 16, 19
"""After each insert, delete, update; before each row of an update (bits of pg_trigger.tgtype)."""
BULK = {model._meta.db_table: model for model in tenant_models() if model.in_bulk}
SCOPED = SETTING.replace("::bigint", "")


@pytest.fixture
def owner() -> Iterator[Any]:
    """Give a cursor of the owner role, whose work is undone."""
    settings = connections["owner"].settings_dict
    connection = psycopg2.connect(
        dbname=connections["default"].settings_dict["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"],
    )
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()
    connection.close()


def ask(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())


def table_gaps(cursor: Any) -> list[str]:
    """Say what is missing from the walls of the database the cursor is in."""
    return [*_listed(cursor), *_policies(cursor), *_keys(cursor), *_uniques(cursor)]


def _listed(cursor: Any) -> Iterator[str]:
    ours = {model._meta.db_table for model in tenant_models()} | set(EXCEPTIONS)
    for table, enabled, forced, _ in ask(cursor, TABLES):
        if table in GLOBAL and table not in {*OWN_IN_SCOPE, *OF_PEOPLE_IN_SCOPE}:
            continue
        if table not in ours and table not in GLOBAL:
            yield f"{table}: neither a tenant model nor listed as global"
        if not (enabled and forced):
            yield f"{table}: row-level security is not enabled and forced"


def _policies(cursor: Any) -> Iterator[str]:
    found = defaultdict(list)
    for table, *policy in ask(cursor, POLICIES):
        found[table].append(policy)
    for table, *_ in ask(cursor, TABLES):
        if table in GLOBAL:
            continue
        if len(found[table]) != 1:
            yield f"{table}: {len(found[table])} policies instead of one"
            continue
        _, permissive, command, _, using, check = found[table][0]
        if (permissive, command) != ("PERMISSIVE", "ALL") or using != check or not _reads_setting(using):
            yield f"{table}: the policy does not compare organisation_id with the setting for reading and writing"


def _reads_setting(condition: str | None) -> bool:
    return (
        condition is not None
        and "current_setting('app.organisation_id'::text))::bigint" in condition
        and "or" not in condition.lower().split()
    )


def _keys(cursor: Any) -> Iterator[str]:
    keys = ask(cursor, KEYS)
    unique = {table for table, kind, _, _, _, columns in keys if kind == "u" and columns == ["organisation_id", "id"]}
    companies = {
        table
        for table, _, _, _, target, columns in keys
        if columns == ["organisation_id"] and target == "tenancy_organisation"
    }
    for table, _, _, _ in ask(cursor, TABLES):
        if table in GLOBAL or table in EXCEPTIONS:
            continue
        if table not in unique:
            yield f"{table}: no unique key (organisation_id, id)"
        if table not in companies and table not in BULK:
            yield f"{table}: organisation_id refers to no company"
    yield from _foreign_keys([key for key in keys if key[1] == "f"])
    yield from _references_in_bulk(cursor)


def _references_in_bulk(cursor: Any) -> Iterator[str]:
    """Tables written in bulk: their references are checked by triggers of the statement, on both sides."""
    triggers = {(table, name, kept): arguments for table, name, kept, arguments in ask(cursor, TRIGGERS)}
    for table, model in BULK.items():
        named = [each for pair in references(model) for each in pair]
        assert named, table
        for name, verb in (("refers_insert", INSERTS), ("refers_update", UPDATES)):
            if triggers.get((table, name, verb)) != named:
                yield f"{table}: {name} does not check {named}"
        for column, target in references(model):
            told = triggers.get((target, "referred_delete", DELETES), [])
            if (table, column) not in zip(told[::2], told[1::2], strict=True):
                yield f"{target}: a row that {table}.{column} refers to can be deleted"
            if (target, "referred_key", KEY_UPDATES) not in triggers:
                yield f"{target}: the key that {table}.{column} refers to can be changed"


def _foreign_keys(keys: list[Any]) -> Iterator[str]:
    composite = {
        (table, target, columns[-1]) for table, _, _, _, target, columns in keys if columns[0] == "organisation_id"
    }
    for model in tenant_models():
        table = model._meta.db_table
        for field in _inner_keys(model) if table not in {*EXCEPTIONS, *BULK} else ():
            if (table, field.related_model._meta.db_table, field.column) not in composite:
                yield f"{table}.{field.column}: no composite foreign key"
    for table, _, name, definition, target, columns in keys:
        inner = not {table, target} & {*GLOBAL, *EXCEPTIONS}
        if inner and columns[0] != "organisation_id":
            yield f"{table}: {name} refers to another company's rows: {definition}"


def _inner_keys(model: type[TenantModel]) -> Iterator[Any]:
    for key in model._meta.local_fields:
        if isinstance(key, models.ForeignKey) and "organisation_id" in {
            f.column for f in key.related_model._meta.local_fields
        }:
            yield key


def _uniques(cursor: Any) -> Iterator[str]:
    for table, name, definition, primary, first in ask(cursor, UNIQUE_INDEXES):
        if table in GLOBAL or primary or table.split("_p")[0] in EXCEPTIONS or table in EXCEPTIONS:
            continue
        if first != "organisation_id":
            yield f"{table}: {name} is unique across companies: {definition}"


def test_every_table_has_its_walls(owner: Any) -> None:
    assert table_gaps(owner) == []


@pytest.mark.parametrize(
    ("statements", "gap"),
    [
        (
            ["create table crm_loose (id uuid primary key, organisation_id bigint not null)"],
            "crm_loose: row-level security is not enabled and forced",
        ),
        (
            ["alter table crm_account no force row level security"],
            "crm_account: row-level security is not enabled and forced",
        ),
        (
            ["alter table crm_account disable row level security"],
            "crm_account: row-level security is not enabled and forced",
        ),
        (["drop policy company on crm_account"], "crm_account: 0 policies instead of one"),
        (["create policy more on crm_account using (true)"], "crm_account: 2 policies instead of one"),
        (["alter policy company on crm_account with check (true)"], "crm_account: the policy does not compare"),
        (
            ["alter policy company on crm_account using (true) with check (true)"],
            "crm_account: the policy does not compare",
        ),
        (
            ["alter table people_positiontitle drop constraint people_positiontitle_title_id_company_fk"],
            "people_positiontitle.title_id: no composite",
        ),
        (
            ["drop trigger refers_insert on incentives_ledgerentry"],
            "incentives_ledgerentry: refers_insert does not check",
        ),
        (
            ["alter table people_participant disable trigger referred_delete"],
            "people_participant: a row that incentives_ledgerentry.participant_id refers to can be deleted",
        ),
        (
            ["drop trigger referred_key on incentives_run"],
            "incentives_run: the key that incentives_runearning.run_id refers to can be changed",
        ),
        (["create unique index loose on crm_account (source_key)"], "crm_account: loose is unique across companies"),
    ],
)
def test_a_table_without_a_wall_is_found(owner: Any, statements: list[str], gap: str) -> None:
    for statement in statements:
        owner.execute(statement)

    assert any(found.startswith(gap) for found in table_gaps(owner)), table_gaps(owner)


def test_global_tables_are_listed_with_a_reason(owner: Any) -> None:
    there = {table for table, *_ in ask(owner, TABLES)}
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"django_migrations"}

    assert set(GLOBAL) <= known | there
    assert all(len(reason) > 15 for reason in (*GLOBAL.values(), *EXCEPTIONS.values()))
    assert {*OWN_IN_SCOPE, *OF_PEOPLE_IN_SCOPE} <= set(GLOBAL)
    speak_of_people = {table for table, columns in _columns(owner).items() if {"user_id", "session_key"} & columns}
    assert speak_of_people & set(GLOBAL) <= {*OWN_IN_SCOPE, *OF_PEOPLE_IN_SCOPE, "knox_authtoken", "django_admin_log"}


def _columns(cursor: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for table, column in ask(
        cursor, "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    ):
        found[table].add(column)
    return found


def test_the_app_role_is_weak(owner: Any) -> None:
    role = connections["default"].settings_dict["USER"]

    owner.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = %s",
        [role],
    )
    assert owner.fetchone() == (False, False, False, False, False)
    owner.execute(
        "select r.rolname from pg_roles r where r.rolname <> %s and pg_has_role(%s, r.oid, 'member')", [role, role]
    )
    assert owner.fetchall() == []
    assert {table for table, *_, of in ask(owner, TABLES) if of == role} == set()
    owner.execute("select has_schema_privilege(%s, 'public', 'create')", [role])
    assert owner.fetchone() == (False,)
    rights = {right: set() for right in ("TRUNCATE", "REFERENCES", "TRIGGER")}
    for right, tables in rights.items():
        owner.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = relnamespace "
            "where nspname = 'public' and relkind in ('r', 'p') and has_table_privilege(%s, c.oid, %s)",
            [role, right],
        )
        tables.update(name for (name,) in owner.fetchall())
    assert rights == {"TRUNCATE": set(), "REFERENCES": set(), "TRIGGER": set()}


def test_the_audit_and_registers_are_read_only(owner: Any) -> None:
    role = connections["default"].settings_dict["USER"]
    for table in ("audit_entry", "audit_platformentry", "django_migrations", "django_content_type", "auth_permission"):
        for right in ("INSERT", "UPDATE", "DELETE"):
            owner.execute("select has_table_privilege(%s, %s, %s)", [role, table, right])
            assert owner.fetchone() == (False,), (table, right)


def test_append_only_tables_take_no_change(owner: Any) -> None:
    role = connections["default"].settings_dict["USER"]
    tables = [model._meta.db_table for model in tenant_models() if model.append_only]
    assert tables
    for table in tables:
        for right in ("UPDATE", "DELETE"):
            owner.execute("select has_table_privilege(%s, %s, %s)", [role, table, right])
            assert owner.fetchone() == (False,), (table, right)


def test_there_are_no_views_that_see_past_the_walls(owner: Any) -> None:
    views = ask(
        owner,
        "select c.relname, c.relkind, coalesce(c.reloptions::text, '') from pg_class c join pg_namespace n on n.oid = relnamespace "
        "where nspname = 'public' and relkind in ('m', 'v')",
    )
    assert [name for name, kind, _ in views if kind == "m"] == []
    assert [name for name, _, options in views if "security_invoker=true" not in options] == []


def test_definer_functions_pin_their_path(owner: Any) -> None:
    functions = ask(
        owner,
        "select p.proname, coalesce(p.proconfig::text, ''), r.rolsuper from pg_proc p join pg_namespace n on n.oid = pronamespace "
        "join pg_roles r on r.oid = p.proowner where nspname = 'public' and p.prosecdef",
    )
    assert functions
    assert [
        name for name, settings, superuser in functions if "search_path=public, pg_temp" not in settings or superuser
    ] == []
