"""The scope: one company, one transaction. Row-level security reads what is set here; nothing else decides whose rows are seen.

A scope is opened in two places only: the request middleware (`spm.web.middleware`) and the task base class (`spm.jobs.tasks`), beside
commands and tests. Nothing here looks at who may do what: that is `spm.roles.policy`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction


class ScopeError(RuntimeError):
    """A scope was missing, or another company's scope was already open."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: written into every audit entry of the scope."""

    name: str
    user_id: int | None = None
    via: str = "task"
    request_id: str = ""

    def as_json(self) -> str:
        """Give the actor as the text that audit triggers store."""
        return json.dumps({"name": self.name, "user_id": self.user_id, "via": self.via, "request": self.request_id})


_current: ContextVar[int | None] = ContextVar("organisation_id", default=None)


def current_organisation_id() -> int:
    """Give the company of the open scope; raises ScopeError where there is none."""
    organisation_id = _current.get()
    if organisation_id is None:
        raise ScopeError(
            "No company scope is open. Open one with organisation_scope(...) before reading or writing company rows."
        )
    return organisation_id


def scope_is_open() -> bool:
    """Tell whether a company scope is open in this thread or task."""
    return _current.get() is not None


@contextmanager
def organisation_scope(organisation_id: int, *, actor: Actor) -> Iterator[None]:
    """Open a transaction in which only the company's rows exist.

    Nesting the same company joins the open scope, keeping its actor; nesting another raises ScopeError. The setting ends with the scope,
    also when the scope was opened inside somebody else's transaction.
    """
    outer = _current.get()
    if outer is not None:
        if outer != organisation_id:
            raise ScopeError(
                f"The scope of company {outer} is open; company {organisation_id} can't be opened inside it."
            )
        with transaction.atomic():
            yield
        return
    token = _current.set(organisation_id)
    try:
        with transaction.atomic():
            before = _set(str(organisation_id), actor.as_json())
            yield
        if connection.in_atomic_block and not connection.needs_rollback:
            _set("", before)
    finally:
        _current.reset(token)


def actor_change(actor: Actor) -> None:
    """Name another actor for the rest of the open scope, such as the viewer once it is known."""
    current_organisation_id()
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.actor', %s, true)", [actor.as_json()])


def identity_open() -> None:
    """Let the rest of the open scope read the tables of people whole: for pages on which a person minds their own account.

    Whether an address is free, and which sessions to end, can't be told from one company's people.
    """
    current_organisation_id()
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.identity', 'open', true)")


@contextmanager
def actor_scope(actor: Actor) -> Iterator[None]:
    """Open a transaction whose writes to global tables are audited as the actor's; no company's rows exist in it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.actor', %s, true)", [actor.as_json()])
        yield


def _set(organisation_id: str, actor: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting('app.actor', true), ''), set_config('app.organisation_id', %s, true), "
            "set_config('app.actor', %s, true), set_config('app.identity', '', true)",
            [organisation_id, actor],
        )
        return str(cursor.fetchone()[0])


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Give the cache key with its company, so that no two companies ever share an entry."""
    organisation_id = _current.get()
    return f"{key_prefix}:{'global' if organisation_id is None else organisation_id}:{version}:{key}"
