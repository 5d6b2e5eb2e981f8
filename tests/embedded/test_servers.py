"""The embedded servers as their users meet them: real processes, real kills."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
import redis

from spm.embedded import EmbeddedError, Servers, binaries, postgres, roles
from spm.embedded.ports import free_port
from spm.embedded.processes import ProcessMark, end, is_alive, mark_of, remember, wait_until

ROOT = Path(__file__).resolve().parents[2]
STARTER = textwrap.dedent(
    """
    import sys, time
    from spm.embedded import Servers
    servers = Servers(sys.argv[1], durable=False)
    print(servers.start().app, flush=True)
    time.sleep(600)
    """
)


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    """The answer to one SQL statement, committed."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def start_in_other_process(state_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """Servers that are started by a process of their own, and the app's URL it printed."""
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(state_dir)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert starter.stdout is not None
    return starter, starter.stdout.readline().strip()


def test_servers_start_with_walled_roles(running: Servers) -> None:
    urls = running.urls

    rights = ask(
        urls.superuser,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname ~ '^spm_' ORDER BY 1",
    )
    assert rights == [("spm_app", False, False, False), ("spm_owner", False, True, True)]
    assert ask(urls.app, "SELECT current_user, current_database()") == [("spm_app", "spm")]
    owner = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate FROM pg_database"
    assert ask(urls.owner, f"{owner} WHERE datname = 'spm'") == [("spm_owner", "UTF8", "C.UTF-8")]
    extensions = ask(urls.owner, "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
    assert extensions == [("btree_gist",), ("pg_trgm",)]
    for statement in ("CREATE TABLE mine (id int)", "CREATE TEMP TABLE mine (id int)", "CREATE SCHEMA mine"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(urls.app, statement)


def test_broker_keeps_everything_and_asks_for_a_password(running: Servers) -> None:
    urls = running.urls

    with redis.Redis.from_url(urls.redis) as broker:
        settings = broker.config_get("maxmemory-policy", "appendonly", "bind")
    assert settings == {"maxmemory-policy": "noeviction", "appendonly": "yes", "bind": "127.0.0.1"}
    host = urls.redis.rpartition("@")[2]
    with redis.Redis.from_url(f"redis://{host}") as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_nobody_gets_in_without_a_password(running: Servers) -> None:
    place = running.urls.superuser.rpartition("@")[2]

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgres://postgres:wrong@{place}")
    assert ask(running.urls.superuser, "SHOW unix_socket_directories") == [("",)]
    assert ask(running.urls.superuser, "SHOW listen_addresses") == [("127.0.0.1",)]


def test_keys_are_readable_by_their_owner_only(running: Servers) -> None:
    for name in ("keys.json", "servers.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((running.state_dir / name).stat().st_mode) == 0o600, name


def test_stop_leaves_no_process_and_restart_keeps_the_data(servers: Servers, nothing_left: Callable[[], bool]) -> None:
    first = servers.start()
    ask(first.owner, "CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(first.redis) as broker:
        broker.rpush("queue", "task")
    servers.stop()
    assert nothing_left()

    second = servers.start()
    assert ask(second.owner, "SELECT answer FROM kept") == [(42,)]
    with redis.Redis.from_url(second.redis) as broker:
        assert broker.lrange("queue", 0, -1) == [b"task"]
    assert second == first, "addresses stay true from start to start"


def test_servers_end_when_their_starter_is_killed(state_dir: Path, nothing_left: Callable[[], bool]) -> None:
    starter, url = start_in_other_process(state_dir)
    assert ask(url, "SELECT 1") == [(1,)]

    starter.kill()
    starter.wait()

    assert nothing_left()


def test_servers_end_when_their_keeper_is_killed(servers: Servers, state_dir: Path) -> None:
    servers.start()
    marks = [mark_of(name, pid) for name, pid in servers.pids().items()]
    keeper = int((state_dir / "instance.lock").read_text())

    os.kill(keeper, signal.SIGKILL)

    assert wait_until(lambda: not any(is_alive(mark) for mark in marks), 120)
    servers.stop()
    servers.start()
    assert ask(servers.urls.app, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_comes_back_on_its_port(servers: Servers, name: str) -> None:
    urls = servers.start()
    ask(urls.owner, "CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(urls.redis) as broker:
        broker.rpush("queue", "task")

    os.kill(servers.pids()[name], signal.SIGKILL)

    assert wait_until(lambda: answers(urls.owner, urls.redis), 120)


def answers(owner_url: str, redis_url: str) -> bool:
    """Whether both servers answer with what was stored in them."""
    try:
        with redis.Redis.from_url(redis_url) as broker:
            queue = broker.lrange("queue", 0, -1)
        return ask(owner_url, "SELECT answer FROM kept") == [(42,)] and queue == [b"task"]
    except (psycopg2.OperationalError, redis.ConnectionError):
        return False


def test_a_second_instance_is_refused_in_one_sentence(servers: Servers, state_dir: Path) -> None:
    servers.start()

    with pytest.raises(EmbeddedError, match=r"are in use \(process \d+\)\. Stop that one first"):
        Servers(state_dir, durable=False).start()

    assert ask(servers.urls.app, "SELECT 1") == [(1,)], "the first one is untouched"


def test_data_of_another_version_is_refused_and_untouched(servers: Servers, state_dir: Path) -> None:
    (state_dir / "postgres").mkdir()
    (state_dir / "postgres" / "PG_VERSION").write_text("14\n")

    with pytest.raises(EmbeddedError, match="belongs to PostgreSQL 14, but PostgreSQL 18 is installed"):
        servers.start()

    assert [path.name for path in (state_dir / "postgres").iterdir()] == ["PG_VERSION"]


def test_a_taken_port_is_left_alone(servers: Servers, state_dir: Path) -> None:
    servers.start()
    before = int((state_dir / "postgres.port").read_text())
    servers.stop()

    with socket.create_server(("127.0.0.1", before)):
        servers.start()
        assert int((state_dir / "postgres.port").read_text()) != before


def test_leftovers_of_an_earlier_start_are_ended(servers: Servers, state_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as leftover:
        remember(state_dir / "processes.json", [mark_of("valkey", leftover.pid)])
        servers.start()
        assert leftover.wait(120) == -signal.SIGTERM


def test_a_process_with_a_reused_number_is_not_ended(servers: Servers, state_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        remember(state_dir / "processes.json", [ProcessMark("valkey", stranger.pid, "1")])
        servers.start()
        assert stranger.poll() is None
        assert end(mark_of("stranger", stranger.pid))


def test_shared_servers_live_as_long_as_one_user(state_dir: Path, nothing_left: Callable[[], bool]) -> None:
    first = Servers(state_dir, durable=False, discard=True)
    second = Servers(state_dir, durable=False, discard=True)
    assert first.join() == second.join()

    first.leave()
    time.sleep(0.5)
    assert ask(second.urls.app, "SELECT 1") == [(1,)]
    second.leave()

    assert nothing_left()
    assert wait_until(lambda: not (state_dir / "postgres").exists(), 120)


def test_shared_servers_are_started_once_by_processes_that_race(
    state_dir: Path, nothing_left: Callable[[], bool]
) -> None:
    program = STARTER.replace("servers.start()", "servers.join()")
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(state_dir)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(3)
    ]
    told = {racer.stdout.readline() for racer in racers if racer.stdout}
    for racer in racers:
        racer.kill()
        racer.communicate()

    assert len(told) == 1 and "" not in told
    assert nothing_left()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_uses_the_account_nobody(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "user_namespaces_work", lambda: False)
    state_dir.chmod(0o755)
    cluster = postgres.Postgres(binaries.postgres_folder(), state_dir / "postgres", durable=False)

    try:
        cluster.prepare("secret")
    except EmbeddedError as error:
        assert "can't enter" in str(error)
        pytest.skip(f"the wheel is out of reach for nobody: {error}")

    port = free_port()
    server = cluster.start(port, state_dir / "postgres.log")
    try:
        superuser = f"postgres://postgres:secret@127.0.0.1:{port}/postgres"
        roles.connect(superuser, patience=20).close()
        assert ask(superuser, "SELECT 1") == [(1,)]
        assert pwd.getpwuid(os.stat(f"/proc/{server.pid}").st_uid).pw_name == "nobody"
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(120) == 0
