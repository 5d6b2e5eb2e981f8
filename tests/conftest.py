"""Two companies always exist, acme and globex; nothing runs unscoped; everything runs as the app's role.

`db` (or the mark django_db) rolls back after the test. `committed_db` really commits, for tests with other processes, and gives the
worker a fresh database afterwards.
"""

import fcntl
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.middleware import csrf
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from spm.embedded import roles
from spm.embedded.servers import SUPERUSER_VARIABLE
from spm.embedded.urls import with_database
from spm.identity.models import Membership, User
from spm.roles.policy import Viewer, viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import identity_open, organisation_scope, scope_is_open
from tests import cast

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 2)
COMPLETE = "complete"
pytest_plugins = ["tests.journeys.ground"]

# The same examples in every run; a loaded machine is slow, not wrong: time is measured by `make bench`.
EVEN = {"derandomize": True, "database": None, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("even", **EVEN)
hypothesis_settings.load_profile("even")
# A fresh clone has not collected its static files: they are served from where they are written.
settings.STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# A form's random token could spell the very word that a page must not say.
csrf.get_random_string = lambda length, allowed_chars: "z" * length


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the walk over every page, the longest test of all: begun last, one worker would wait for it alone.

    On another server than the usual one only what asks a server is run: the rest would say the same twice.
    """
    items.sort(key=lambda item: not {"deep", "browser"} <= {mark.name for mark in item.iter_markers()})
    if SUPERUSER_VARIABLE in os.environ:
        pure = [item for item in items if not _asks_a_server(item)]
        items[:] = [item for item in items if _asks_a_server(item)]
        config.hook.pytest_deselected(items=pure)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays loaded: looking through it for rubbish again and again takes a fifteenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _asks_a_server(item: pytest.Item) -> bool:
    return "django_db_setup" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Make the worker's database from a template that is migrated once per session."""
    with template_missing(template_name()) as missing, django_db_blocker.unblock():
        if missing:
            _template_build()
    _database_renew()
    yield
    connections.close_all()


@cache
def template_name() -> str:
    """Name the template after what it is made of, so that a change of schema makes a new one."""
    made_of = [
        *ROOT.glob("spm/*/migrations/*.py"),
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("spm/tenancy/walls.*"),
        ROOT / "tests" / "cast.py",
    ]
    return "template_" + sha256(b"".join(path.read_bytes() for path in sorted(made_of))).hexdigest()[:16]


@contextmanager
def template_missing(name: str) -> Iterator[bool]:
    """Tell whether this template has to be made; while it is made, other sessions wait for it and for nothing else.

    The server is asked, not the folder: its data may have been made anew, or the making may have broken off half-way.
    """
    with _locked(f"{name}.lock"), _superuser() as cursor:
        cursor.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [name])
        missing = cursor.fetchone() != (COMPLETE,)
        yield missing
        if missing:
            cursor.execute(f'COMMENT ON DATABASE "{name}" IS %s', [COMPLETE])


def template_copy(source: str, name: str) -> None:
    """Make a database from a template, instead of the one that has this name."""
    with _superuser() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        with _locked("template.lock"):
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER spm_owner')


@contextmanager
def _superuser() -> Iterator[Any]:
    connection = psycopg2.connect(with_database(os.environ["SPM_TEST_SUPERUSER_URL"], "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def _locked(name: str) -> Iterator[None]:
    with Path(os.environ["SPM_TEST_SERVERS"], name).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _template_build() -> None:
    superuser = os.environ["SPM_TEST_SUPERUSER_URL"]
    external = "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'" if SUPERUSER_VARIABLE in os.environ else ""
    roles.database_prepare(superuser, template_name(), locale=external, afresh=True)
    name = connections["default"].settings_dict["NAME"]
    _point_to(template_name())
    call_command("migrate", verbosity=0)
    cast.build()
    _point_to(name)


def _point_to(name: str) -> None:
    connections.close_all()
    for alias in ("default", "owner"):
        connections.databases[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def _database_renew() -> None:
    connections.close_all()
    template_copy(template_name(), connections.databases["default"]["NAME"])


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test commit, for other threads and processes to see; the database is renewed afterwards."""
    with django_db_blocker.unblock():
        yield
        _database_renew()


@pytest.fixture
def acme(db: None) -> Organisation:
    """Give the company most tests live in."""
    return Organisation.objects.get(slug="acme")


@pytest.fixture
def globex(db: None) -> Organisation:
    """Give the other company."""
    return Organisation.objects.get(slug="globex")


@pytest.fixture
def in_acme(acme: Organisation, globex: Organisation) -> Iterator[Organisation]:
    """Open acme's scope for the whole test; globex is read before, because it is not there inside."""
    with organisation_scope(acme.id, actor=cast.DIRECTOR):
        yield acme


@pytest.fixture
def viewer(in_acme: Organisation) -> Any:
    """Give a function from a cast name to the viewer of that person, inside acme's scope."""

    def make(name: str) -> Viewer:
        membership = Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")
        return viewer_get(membership, on=TODAY, via="test")

    return make


@pytest.fixture
def sign_in(db: None) -> Any:
    """Give a function from an address (or a cast name of acme) to a signed-in client.

    A browser's session is found before there is a scope; a test that asks from inside one opens the tables of people for it.
    """

    def make(name: str) -> Client:
        if scope_is_open():
            identity_open()
        email = name if "@" in name else f"{name}@acme.example"
        client = Client()
        client.force_login(User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
