"""`make demo` as a person meets it: first start, second start, Ctrl-C, kill, refusals. Needs the whole product."""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spm.embedded.locks import FileLock
from spm.embedded.ports import free_port
from spm.embedded.processes import wait_until
from tests.embedded.conftest import processes_of

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SPM_DATA")


class Launcher:
    """One `python -m spm.embedded demo` with what it has said so far."""

    def __init__(self, state_dir: Path, port: int, variables: dict[str, str]) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment |= {"PORT": str(port), "ALLOWED_HOSTS": "", "METRICS_TOKEN": ""} | variables
        self.said = state_dir.with_name(f"{state_dir.name}-{time.monotonic_ns()}.txt")
        with self.said.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "spm.embedded", "--state", str(state_dir), "demo"],
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def text(self) -> str:
        """Everything it has printed."""
        return self.said.read_text()

    def wait_for(self, words: str, seconds: float) -> float:
        """Wait until it has said something; the seconds it says it took."""
        assert wait_until(lambda: words in self.text() or self.process.poll() is not None, seconds), self.text()
        assert words in self.text(), self.text()
        found = re.search(rf"\[ *([\d.]+) s\] {re.escape(words)}", self.text())
        return float(found[1]) if found else 0.0

    def end(self, wish: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(wish)
        code = self.process.wait(120)
        return code


@pytest.fixture
def launch(state_dir: Path) -> Iterator[Callable[..., Launcher]]:
    """Start launchers that are ended whatever the test did."""
    launched: list[Launcher] = []

    def start(port: int, **variables: str) -> Launcher:
        launched.append(Launcher(state_dir, port, variables))
        return launched[-1]

    yield start
    for launcher in launched:
        launcher.end()
        launcher.said.unlink()


def page(port: int, path: str) -> str:
    """A page of the running site."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def ready(port: int, role: str) -> bool:
    """Whether a role of the running site is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz?role={role}", timeout=30) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def processor_seconds() -> float:
    """What everything that this process started and saw end has worked; other programs on the machine change it little."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """Start a demo for the first time, look at it and end it; give its folder, and the processor seconds that it took."""
    folder, port, before = tmp_path_factory.mktemp("first") / "state", free_port(), processor_seconds()
    first = Launcher(folder, port, {})
    try:
        first.wait_for("ready\n", 600)
        assert f"http://127.0.0.1:{port}" in first.text()
        assert "@" in first.text(), "one sign-in per role is printed"
        assert page(port, "/livez")
        assert ready(port, "web")
        assert wait_until(lambda: ready(port, "worker"), 60)
        assert "<form" in page(port, "/")
    finally:
        code = first.end(signal.SIGTERM)
    assert code == 0
    assert wait_until(lambda: not processes_of(folder), 120)
    return folder, processor_seconds() - before


@pytest.fixture
def begun(first_start: tuple[Path, float], state_dir: Path) -> float:
    """Let the state folder be one that was started before; give the processor seconds of that start."""
    shutil.copytree(first_start[0], state_dir, dirs_exist_ok=True)
    return first_start[1]


@pytest.mark.deep
def test_demo_starts_serves_and_ends_twice_and_the_second_start_is_quick(
    begun: float, launch: Callable[..., Launcher], nothing_left: Callable[[], bool]
) -> None:
    port, before = free_port(), processor_seconds()
    second = launch(port)
    second.wait_for("ready\n", 300)
    assert ready(port, "web")
    assert second.end(signal.SIGINT) == 0
    assert nothing_left()
    spent = processor_seconds() - before
    assert spent <= begun / 2, f"first {begun} s, second {spent} s of processor time"


@pytest.mark.deep
@pytest.mark.parametrize("after", [0.3, 1.5, 4.0, 12.0])
def test_a_wish_to_end_in_the_middle_of_a_start_leaves_nothing(
    launch: Callable[..., Launcher], nothing_left: Callable[[], bool], after: float
) -> None:
    launcher = launch(free_port())
    time.sleep(after)

    launcher.end(signal.SIGINT)

    assert nothing_left()
    assert "Traceback" not in launcher.text()


@pytest.mark.deep
def test_a_killed_launcher_leaves_nothing_and_the_next_start_works(
    begun: float, launch: Callable[..., Launcher], nothing_left: Callable[[], bool], state_dir: Path
) -> None:
    port = free_port()
    killed = launch(port)
    killed.wait_for("ready\n", 600)

    killed.process.kill()
    killed.process.wait()
    assert wait_until(lambda: nothing_left(), 60)

    again = launch(port)
    again.wait_for("ready\n", 300)
    assert again.end() == 0


def worker_pid(state_dir: Path) -> int:
    found = re.search(r'"worker",\s+"pid": (\d+)', (state_dir / "children.json").read_text())
    assert found is not None
    return int(found[1])


@pytest.mark.deep
def test_a_child_that_dies_is_started_again_and_named_when_it_keeps_dying(
    begun: float, launch: Callable[..., Launcher], nothing_left: Callable[[], bool], state_dir: Path
) -> None:
    launcher = launch(free_port())
    launcher.wait_for("ready\n", 600)
    for _ in range(5):
        pid = worker_pid(state_dir)
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda pid=pid: worker_pid(state_dir) != pid, 60)
    assert launcher.process.poll() is None
    assert "worker had ended and was started again" in launcher.text()

    os.kill(worker_pid(state_dir), signal.SIGKILL)

    assert launcher.process.wait(120) == 1
    assert "worker ended with code -9" in launcher.text()
    assert nothing_left()


def test_a_taken_port_is_one_clear_sentence(launch: Callable[..., Launcher], nothing_left: Callable[[], bool]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        launcher = launch(port)

        assert launcher.process.wait(120) == 1
    assert launcher.text().startswith(f"Port {port} of 127.0.0.1 is taken by another program.")
    assert len(launcher.text().splitlines()) == 1
    assert nothing_left()


def test_a_second_instance_is_one_clear_sentence(launch: Callable[..., Launcher], state_dir: Path) -> None:
    running = FileLock(state_dir / "demo.lock")
    assert running.acquire()
    running.sign()

    launcher = launch(free_port())

    assert launcher.process.wait(120) == 1
    assert f"runs already (process {os.getpid()})" in launcher.text()
    assert len(launcher.text().splitlines()) == 1
    running.release()


def test_data_of_another_version_is_one_clear_sentence(
    launch: Callable[..., Launcher], state_dir: Path, nothing_left: Callable[[], bool]
) -> None:
    (state_dir / "postgres").mkdir()
    (state_dir / "postgres" / "PG_VERSION").write_text("16\n")

    launcher = launch(free_port())

    assert launcher.process.wait(120) == 1
    assert "belongs to PostgreSQL 16" in launcher.text()
    assert len(launcher.text().splitlines()) == 1
    assert nothing_left()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"WEB_BIND": "0.0.0.0"}, "WEB_BIND is 0.0.0.0, but the demo speaks plain HTTP"),
        ({"PORT": "http"}, "PORT is 'http', which is no port number."),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Only one of DATABASE_URL and REDIS_URL is set."),
    ],
)
def test_what_can_not_work_is_refused_in_one_sentence(
    launch: Callable[..., Launcher], variables: dict[str, str], sentence: str
) -> None:
    launcher = launch(free_port(), **variables)

    assert launcher.process.wait(120) == 1
    assert launcher.text().startswith(sentence)
    assert len(launcher.text().splitlines()) == 1
