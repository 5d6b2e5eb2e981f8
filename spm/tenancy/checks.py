"""Refuses a database role that could see past row-level security: at the start of each process, and on each new connection.

The check on connections covers whatever starts: web, worker, beat, a command, a shell. Web and worker ask at their start too, so that a
wrong address is one sentence in the log and not a fault on every page.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger("spm.tenancy")

ROLE_QUERY = """
    select rolname, rolsuper or exists(select 1 from pg_roles r where r.rolsuper and pg_has_role(current_user, r.oid, 'member')),
           rolbypassrls or exists(select 1 from pg_roles r where r.rolbypassrls and pg_has_role(current_user, r.oid, 'member')),
           exists(select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where n.nspname = 'public' and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member'))
    from pg_roles where rolname = current_user
"""
REASONS = ("is a superuser", "bypasses row-level security", "owns tables")
HINT = "Set DATABASE_URL to a role that is NOSUPERUSER NOBYPASSRLS and owns nothing; keep the owner for MIGRATION_DATABASE_URL."


@register(Tags.database)
def role_check(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Give an error where the app's role is superuser, bypasses row-level security or owns tables, itself or by membership."""
    if not databases or DEFAULT_DB_ALIAS not in databases:
        return []
    return role_findings()


def role_findings() -> list[CheckMessage]:
    """Ask the database what the app's role could do."""
    fault = role_fault(connections[DEFAULT_DB_ALIAS])
    return [Error(fault, hint=HINT, id="spm.E001")] if fault else []


def role_fault(connection: BaseDatabaseWrapper) -> str:
    """Say what the connection's role could do that it must not; empty where it is as weak as it should be."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE_QUERY)
        name, *powers = cursor.fetchone()
    reasons = [reason for power, reason in zip(powers, REASONS, strict=True) if power]
    return f"The database role {name} {' and '.join(reasons)}: it could read every company." if reasons else ""


def connection_check(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Close a new connection of the app that could see past the walls; raises ImproperlyConfigured."""
    if connection.alias != DEFAULT_DB_ALIAS:
        return
    fault = role_fault(connection)
    if fault:
        connection.close()
        raise ImproperlyConfigured(f"{fault} {HINT}")


def start_check(**kwargs: Any) -> None:
    """Ask before a process takes work; a database that is not there yet is asked on the first connection."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.ensure_connection()
    except OperationalError:
        log.warning("The database does not answer yet; its role is checked on the first connection.")
    except ImproperlyConfigured as fault:
        raise SystemExit(str(fault)) from fault
    finally:
        connection.close()
