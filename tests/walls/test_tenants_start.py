"""Nothing starts with a database role that could see past the walls: not the web server, the worker, the beat, or a command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from spm.embedded.urls import with_database
from spm.tenancy.checks import connection_check, role_check, role_fault

ROOT = Path(__file__).resolve().parents[2]
WEB = [sys.executable, "-c", "import spm.wsgi; print('started')"]
CELERY = [sys.executable, "-m", "celery", "-A", "spm.celery"]
PROCESSES = {
    "web": WEB,
    "worker": [*CELERY, "worker", "-P", "solo", "--without-mingle", "--without-gossip"],
    "beat": [*CELERY, "beat", "-s", os.path.join(os.environ["SPM_TEST_SERVERS"], "beat-schedule")],
    "command": [sys.executable, "manage.py", "nightly", "--organisation", "acme"],
    "shell": [
        sys.executable,
        "manage.py",
        "shell",
        "-c",
        "from spm.tenancy.models import Organisation; print(Organisation.objects.count())",
    ],
}


def start(process: str, url: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "spm.settings"}
    return subprocess.run(
        PROCESSES[process], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def url_of(alias: str) -> str:
    return with_database(os.environ[alias], connections["default"].settings_dict["NAME"])


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("process", PROCESSES)
def test_a_superuser_is_refused(process: str) -> None:
    done = start(process, url_of("SPM_TEST_SUPERUSER_URL"))

    assert done.returncode != 0
    assert "is a superuser" in done.stderr
    assert "started" not in done.stdout


@pytest.mark.usefixtures("db")
def test_the_owner_is_refused() -> None:
    done = start("web", url_of("MIGRATION_DATABASE_URL"))

    assert done.returncode != 0
    assert "bypasses row-level security and owns tables" in done.stderr
    assert "NOBYPASSRLS" in done.stderr


@pytest.mark.usefixtures("db")
def test_the_app_role_starts() -> None:
    done = start("web", url_of("DATABASE_URL"))

    assert (done.returncode, done.stdout.strip()) == (0, "started")


def test_a_database_that_is_not_there_yet_does_not_stop_the_start() -> None:
    done = start("web", "postgres://spm_app@127.0.0.1:1/spm")

    assert (done.returncode, done.stdout.strip()) == (0, "started")
    assert "does not answer yet" in done.stderr


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_check_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert role_check(None, databases=["default"]) == []
    assert role_check(None, databases=None) == []
    owner = connections["owner"]
    assert "bypasses row-level security and owns tables" in role_fault(owner)
    monkeypatch.setattr(owner, "alias", "default")
    with pytest.raises(ImproperlyConfigured, match="could read every company"):
        connection_check(owner)
