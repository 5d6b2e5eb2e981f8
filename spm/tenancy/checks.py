"""Refuses to start with a database role that could see past row-level security."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

ROLE_QUERY = """
    select rolname, rolsuper, rolbypassrls,
           exists(select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where n.nspname = 'public' and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member'))
    from pg_roles where rolname = current_user
"""


@register(Tags.database)
def role_check(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Give an error where the app's role is superuser, bypasses row-level security or owns tables."""
    if not databases or "default" not in databases:
        return []
    return role_findings()


def role_findings() -> list[CheckMessage]:
    """Ask the database what the app's role could do."""
    with connections["default"].cursor() as cursor:
        cursor.execute(ROLE_QUERY)
        name, superuser, bypass, owner = cursor.fetchone()
    reasons = [
        text
        for yes, text in (
            (superuser, "is a superuser"),
            (bypass, "bypasses row-level security"),
            (owner, "owns tables"),
        )
        if yes
    ]
    if not reasons:
        return []
    return [
        Error(
            f"The database role {name} {' and '.join(reasons)}: it could read every company.",
            hint="Set DATABASE_URL to a role that is NOSUPERUSER NOBYPASSRLS and owns nothing; keep the owner for MIGRATION_DATABASE_URL.",
            id="spm.E001",
        )
    ]
