"""The two roles and the database on a PostgreSQL of which we have the superuser.

`spm_owner` owns the database and every table and migrates; `spm_app` owns nothing and can't step around row-level
security. Rights on tables are not given here: the product raises its own walls after each migration.
"""

import time
from collections.abc import Mapping

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection

from spm.embedded.errors import EmbeddedError
from spm.embedded.urls import Urls, with_account, with_database

OWNER, APP, DATABASE = "spm_owner", "spm_app", "spm"
OLDEST_VERSION = 15
_EXTENSIONS = ("btree_gist", "pg_trgm")
_RIGHTS = {
    OWNER: "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION CREATEDB BYPASSRLS",
    APP: "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOCREATEDB NOBYPASSRLS",
}
_CREATE = "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' {}"


def connect(url: str, *, patience: float = 0.0) -> Connection:
    """An autocommit connection; while the server starts or recovers it is asked again for `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = psycopg2.connect(url, connect_timeout=10)
        except psycopg2.OperationalError as error:
            hopeless = "authentication failed" in str(error) or "does not exist" in str(error)
            if hopeless or time.monotonic() >= deadline:
                raise EmbeddedError(f"PostgreSQL does not let us in: {str(error).strip()}") from error
            time.sleep(0.05)
        else:
            connection.autocommit = True
            return connection


def roles_prepare(superuser_url: str, passwords: Mapping[str, str], *, patience: float = 0.0) -> None:
    """Create the two roles, or give the existing ones exactly these rights and passwords."""
    connection = connect(superuser_url, patience=patience)
    try:
        with connection.cursor() as cursor:
            if connection.server_version // 10000 < OLDEST_VERSION:
                raise EmbeddedError(
                    f"PostgreSQL {connection.server_version // 10000} is too old; use {OLDEST_VERSION} or later."
                )
            for role, rights in _RIGHTS.items():
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                statement = sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}")
                cursor.execute(statement.format(sql.Identifier(role), sql.Literal(passwords[role])))
    finally:
        connection.close()


def database_prepare(superuser_url: str, name: str = DATABASE, *, locale: str = "", afresh: bool = False) -> None:
    """Create a database of the owner with its extensions, closed to every role but the two.

    `locale` is the SQL clause for a server whose defaults we did not choose; `afresh` drops an older database first.
    """
    _database_create(with_database(superuser_url, "postgres"), name, locale=locale, afresh=afresh)
    connection = connect(with_database(superuser_url, name))
    try:
        with connection.cursor() as cursor:
            for extension in _EXTENSIONS:
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            cursor.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
    finally:
        connection.close()


def _database_create(maintenance_url: str, name: str, *, locale: str, afresh: bool) -> None:
    connection = connect(maintenance_url)
    identifier, owner = sql.Identifier(name), sql.Identifier(OWNER)
    try:
        with connection.cursor() as cursor:
            if afresh:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
            try:
                cursor.execute(sql.SQL(_CREATE).format(identifier, owner, sql.SQL(locale)))
            except errors.DuplicateDatabase:
                cursor.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(identifier, owner))
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(identifier))
            cursor.execute(sql.SQL(f"GRANT CONNECT ON DATABASE {{}} TO {APP}").format(identifier))
    finally:
        connection.close()


def database_drop(superuser_url: str, name: str) -> None:
    """Drop a database, ending the sessions that are still in it."""
    connection = connect(with_database(superuser_url, "postgres"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    finally:
        connection.close()


def urls_of(superuser_url: str, passwords: Mapping[str, str], redis_url: str, name: str = DATABASE) -> Urls:
    """The addresses of one database for the three roles."""
    superuser = with_database(superuser_url, name)
    return Urls(
        app=with_account(superuser, APP, passwords[APP]),
        owner=with_account(superuser, OWNER, passwords[OWNER]),
        superuser=superuser,
        redis=redis_url,
    )
