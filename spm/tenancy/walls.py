"""The walls: what the database enforces for every table, derived from the models and raised after each migrate.

Raised for each tenant table: forced row-level security with one policy, a unique key that starts with the company, composite foreign
keys, grants for the app's role, audit triggers, and refusal of update and delete where the model is append-only. Everything is
idempotent. `GLOBAL` and `EXCEPTIONS` list every table that is treated otherwise, with the reason; a test compares them with the database.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from spm.tenancy.models import TenantModel

SETTING = "current_setting('app.organisation_id')::bigint"

GLOBAL: dict[str, str] = {
    "tenancy_organisation": "Looked up by slug before a scope exists; holds names and settings only.",
    "identity_user": "One person signs in once and may belong to several companies.",
    "identity_membership": "Read at sign-in and company switch, before the scope is known.",
    "identity_invitation": "Found by the digest of its token before the invited person belongs to a company.",
    "identity_apitoken": "Found by the digest of the token before the scope is known.",
    "identity_tokenuse": "Written when a token opens the door, before the scope is known.",
    "knox_authtoken": "knox's own table, replaced by identity_apitoken; stays empty.",
    "identity_staffentry": "Platform staff are in no company; the entry says which one they may see, until when and why.",
    "audit_platformentry": "Audit of the global tables themselves.",
    "account_emailaddress": "allauth: belongs to the global user.",
    "account_emailconfirmation": "allauth: belongs to the global user.",
    "mfa_authenticator": "allauth: belongs to the global user.",
    "usersessions_usersession": "allauth: belongs to the global user.",
    "django_session": "Read before the user is known.",
    "django_content_type": "Django's register of models.",
    "django_migrations": "Django's register of migrations.",
    "django_admin_log": "Django's admin, platform staff only.",
    "auth_permission": "Django's register; the product's rights are in spm.roles.",
    "auth_group": "Django's register; unused by the product.",
    "auth_group_permissions": "Django's register; unused by the product.",
}

OWN_IN_SCOPE: dict[str, str] = {
    "tenancy_organisation": "id",
    "identity_membership": "organisation_id",
    "identity_invitation": "organisation_id",
    "identity_apitoken": "organisation_id",
    "identity_tokenuse": "organisation_id",
    "identity_staffentry": "organisation_id",
    "audit_platformentry": "organisation_id",
}
"""Global tables that speak of one company, and by which column: read whole before a scope exists, inside a scope only that company's."""

ACTOR = "(nullif(current_setting('app.actor', true), '')::jsonb->>'user_id')::bigint"
OF_PEOPLE_IN_SCOPE: dict[str, str] = {
    "identity_user": "id IN (SELECT user_id FROM identity_membership) OR id IN (SELECT user_id FROM identity_staffentry) "
    f"OR id = {ACTOR}",
    "account_emailaddress": f"user_id = {ACTOR}",
    "account_emailconfirmation": "email_address_id IN (SELECT id FROM account_emailaddress)",
    "mfa_authenticator": f"user_id = {ACTOR}",
    "usersessions_usersession": f"user_id = {ACTOR}",
    "django_session": "false",
}
"""Global tables that speak of one person. Inside a scope: the company's members and the staff who came in; keys, addresses and sessions of
whoever acts; no session keys at all. Whole before a scope exists, and where a person minds their own account (`identity_open`)."""

EXCEPTIONS: dict[str, str] = {
    "incentives_runcredit": "Bulk result, one partition per run: written by binary COPY between two definer functions, checked in one "
    "set query at posting; composite foreign keys would make writing four times slower.",
}

AUDIT_TABLE = "audit_entry"
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
AUDITED_GLOBAL = (
    "tenancy_organisation",
    "identity_user",
    "identity_membership",
    "identity_invitation",
    "identity_apitoken",
    "identity_staffentry",
    "account_emailaddress",
    "mfa_authenticator",
)
NO_SCOPE = "nullif(current_setting('app.organisation_id', true), '') IS NULL"
OWN_OR_NO_SCOPE = (
    f"CASE WHEN {NO_SCOPE} THEN true "
    "ELSE coalesce({column} = nullif(current_setting('app.organisation_id', true), '')::bigint, false) END"
)
PEOPLE_OR_NO_SCOPE = (
    f"CASE WHEN {NO_SCOPE} OR current_setting('app.identity', true) = 'open' THEN true "
    "ELSE coalesce({condition}, false) END"
)


def tenant_models() -> list[type[TenantModel]]:
    """Give every concrete tenant model, sorted by table."""
    found = [m for m in apps.get_models() if issubclass(m, TenantModel) and m._meta.managed and not m._meta.proxy]
    return sorted(found, key=lambda model: model._meta.db_table)


def walls_raise(connection: BaseDatabaseWrapper, app_role: str) -> None:
    """Raise every wall, as the owner role.

    Each statement is whole by itself, so outside a transaction no two tables are ever locked at once and traffic goes on. What they were
    raised from is noted on the schema, for `walls_stand`.
    """
    functions = (Path(__file__).parent / "walls.sql").read_text()
    with connection.cursor() as cursor:
        for statement in [functions, *statements(app_role), f"COMMENT ON SCHEMA public IS '{walls_digest(app_role)}'"]:
            cursor.execute(statement)


def walls_stand(connection: BaseDatabaseWrapper, app_role: str) -> bool:
    """Tell whether the walls were last raised from what the models and this module say now."""
    with connection.cursor() as cursor:
        cursor.execute("select obj_description('public'::regnamespace)")
        return bool(cursor.fetchone()[0] == walls_digest(app_role))


def walls_digest(app_role: str) -> str:
    """Give the digest of everything the walls are made of."""
    functions = (Path(__file__).parent / "walls.sql").read_text()
    return sha256("\n".join([functions, *statements(app_role)]).encode()).hexdigest()


def statements(app_role: str) -> Iterator[str]:
    """Give the statements of all walls in order: keys first, because composite foreign keys refer to them."""
    yield f'GRANT USAGE ON SCHEMA public TO "{app_role}"'
    for table in GLOBAL:
        yield _if_exists(table, f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO "{app_role}"')
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{app_role}"'
    for table in ("django_migrations", "django_content_type", "auth_permission"):
        yield _if_exists(table, f'REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM "{app_role}"')
    yield from _global_walls(app_role)
    keyed = [model for model in tenant_models() if model._meta.db_table not in EXCEPTIONS]
    for model in keyed:
        yield from _own_walls(model, app_role)
    for table in EXCEPTIONS:
        yield from _policy(table)
        yield f'GRANT SELECT ON "{table}" TO "{app_role}"'
    yield from _key("identity_membership")
    for model in keyed:
        yield from _references(model) if model.in_bulk else _foreign_keys(model)
    yield from _referred([model for model in keyed if model.in_bulk])


def _global_walls(app_role: str) -> Iterator[str]:
    yield f'REVOKE INSERT, UPDATE, DELETE ON audit_platformentry FROM "{app_role}"'
    yield from _protect("audit_platformentry")
    for table in AUDITED_GLOBAL:
        yield from _audit(table, "spm_audit_platform")
    for table, column in OWN_IN_SCOPE.items():
        yield from _policy(table, OWN_OR_NO_SCOPE.format(column=column))
    for table, condition in OF_PEOPLE_IN_SCOPE.items():
        yield from _policy(table, PEOPLE_OR_NO_SCOPE.format(condition=condition))


def _own_walls(model: type[TenantModel], app_role: str) -> Iterator[str]:
    table = model._meta.db_table
    yield f'ALTER TABLE "{table}" ALTER COLUMN id SET DEFAULT spm_uuid7()'
    yield from _policy(table)
    yield from _key(table)
    if not model.in_bulk:
        yield _constraint(
            table,
            "company_fk",
            "FOREIGN KEY (organisation_id) REFERENCES tenancy_organisation (id) DEFERRABLE INITIALLY IMMEDIATE",
        )
    rights = (
        "SELECT"
        if table == AUDIT_TABLE
        else "SELECT, INSERT"
        if model.append_only
        else "SELECT, INSERT, UPDATE, DELETE"
    )
    yield f'GRANT {rights} ON "{table}" TO "{app_role}"'
    yield f'REVOKE {", ".join(right for right in RIGHTS if right not in rights)} ON "{table}" FROM "{app_role}"'
    if model.append_only:
        yield from _protect(table)
    if not model.unaudited:
        yield from _audit(table, "spm_audit")


def _policy(table: str, condition: str = f"organisation_id = {SETTING}") -> Iterator[str]:
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'
    yield (
        f'DROP POLICY IF EXISTS company ON "{table}"; '
        f'CREATE POLICY company ON "{table}" USING ({condition}) WITH CHECK ({condition})'
    )


def references(model: type[TenantModel]) -> list[tuple[str, str]]:
    """Give the columns of a model that refer to rows of the company, and the tables of those."""
    keys = [field for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]
    targets = [(field.column, field.related_model._meta) for field in keys]
    return [
        (column, target.db_table)
        for column, target in targets
        if "organisation_id" in {field.column for field in target.local_fields}
    ]


def _foreign_keys(model: type[TenantModel]) -> Iterator[str]:
    for column, target in references(model):
        yield _constraint(
            model._meta.db_table,
            f"{column}_company_fk",
            f'FOREIGN KEY (organisation_id, "{column}") REFERENCES "{target}" (organisation_id, id) '
            "DEFERRABLE INITIALLY IMMEDIATE",
        )


def _references(model: type[TenantModel]) -> Iterator[str]:
    """What foreign keys do, once per statement: each row must refer to rows of its company, which are locked until the transaction ends.

    The company itself needs no look: what the rows refer to refers to it.
    """
    table = model._meta.db_table
    for name in ("company_fk", *(f"{column}_company_fk" for column, _ in references(model))):
        yield f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{_name(table, name)}"'
    named = ", ".join(f"'{each}'" for pair in references(model) for each in pair)
    for verb in ("INSERT", "UPDATE"):
        yield (
            f'CREATE OR REPLACE TRIGGER refers_{verb.lower()} AFTER {verb} ON "{table}" REFERENCING NEW TABLE AS added '
            f"FOR EACH STATEMENT EXECUTE FUNCTION spm_refers({named})"
        )


def _referred(bulk: list[type[TenantModel]]) -> Iterator[str]:
    """The other side: what such a row refers to is not deleted, and keeps its key."""
    by_target: dict[str, list[str]] = {}
    for model in bulk:
        for column, target in references(model):
            by_target.setdefault(target, []).extend([model._meta.db_table, column])
    for target, pairs in sorted(by_target.items()):
        named = ", ".join(f"'{each}'" for each in pairs)
        yield (
            f'CREATE OR REPLACE TRIGGER referred_delete AFTER DELETE ON "{target}" REFERENCING OLD TABLE AS gone '
            f"FOR EACH STATEMENT EXECUTE FUNCTION spm_referred({named})"
        )
        yield (
            f'CREATE OR REPLACE TRIGGER referred_key BEFORE UPDATE OF id, organisation_id ON "{target}" FOR EACH ROW '
            "WHEN ((old.id, old.organisation_id) IS DISTINCT FROM (new.id, new.organisation_id)) "
            "EXECUTE FUNCTION spm_key_kept()"
        )


def _key(table: str) -> Iterator[str]:
    yield _constraint(table, "company_key", "UNIQUE (organisation_id, id)")


def _name(table: str, suffix: str) -> str:
    return f"{table[:44]}_{suffix}"[:63]


def _constraint(table: str, suffix: str, definition: str) -> str:
    name = _name(table, suffix)
    return (
        f"DO $wall$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = '\"{table}\"'::regclass AND conname = '{name}') "
        f'THEN ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}; END IF; END $wall$'
    )


def _audit(table: str, function: str) -> Iterator[str]:
    transitions = {"INSERT": "NEW TABLE AS after_rows", "DELETE": "OLD TABLE AS before_rows"}
    transitions["UPDATE"] = "NEW TABLE AS after_rows OLD TABLE AS before_rows"
    for verb, tables in transitions.items():
        yield (
            f'CREATE OR REPLACE TRIGGER audit_{verb.lower()} AFTER {verb} ON "{table}" REFERENCING {tables} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def _protect(table: str) -> Iterator[str]:
    yield (
        f'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION spm_append_only()"
    )


def _if_exists(table: str, statement: str) -> str:
    return f"DO $wall$ BEGIN IF to_regclass('\"{table}\"') IS NOT NULL THEN {statement}; END IF; END $wall$"
