"""Real workers over a real broker, to be killed: everything here ends only what it started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from redis import Redis

from spm.embedded import binaries
from spm.embedded.ports import free_port
from spm.embedded.processes import wait_until
from spm.embedded.valkey import Valkey, wait_ready

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-this-test"


@dataclass
class Broker:
    """A Valkey of the test's own, on a port that stays the same over its restarts."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Redis:
        return Redis.from_url(self.url)

    def start(self) -> None:
        server = Valkey(binaries.valkey_program(), self.folder)
        self.process = server.start(self.port, PASSWORD, self.folder.parent / "valkey.log")
        wait_ready(self.port, PASSWORD, self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


@dataclass
class Celery:
    """A Celery worker with two pool children, and a beat, on the test's database and broker."""

    broker: Broker
    folder: Path
    worker: subprocess.Popen[bytes] | None = None
    beat: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.worker_start()
        self.beat_start()

    def beat_start(self) -> None:
        self.beat = self._begin("beat", "-s", str(self.folder / "schedule"), "--pidfile=")

    def worker_start(self) -> None:
        self.worker = self._begin("worker", "-c", "2", "--without-gossip", "--without-mingle")

    def _begin(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DATABASE_URL": _url(settings.DATABASES["default"]),
            "MIGRATION_DATABASE_URL": _url(settings.DATABASES["owner"]),
            "REDIS_URL": self.broker.url,
        }
        command = [sys.executable, "-m", "celery", "-A", "tests.jobs.worker_setup", name, "-l", "INFO", *options]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environment, start_new_session=True)

    def children(self) -> list[int]:
        """Give the worker's pool children."""
        if self.worker is None:
            return []
        path = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def kill_children(self) -> None:
        """kill -9 every child: the one at work is among them, and the worker starts new ones."""
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        """kill -9 the worker with its children, and start another."""
        _kill(self.worker)
        self.worker_start()

    def keep(self) -> None:
        """Start what has ended by itself, as the services of an installation do: a worker may give up when its broker goes."""
        for process, start in ((self.worker, self.worker_start), (self.beat, self.beat_start)):
            if process is not None and process.poll() is not None:
                start()

    def stop(self) -> None:
        _kill(self.worker)
        _kill(self.beat)

    def log(self, name: str = "worker") -> str:
        return (self.folder / f"{name}.log").read_text()


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _url(database: dict[str, object]) -> str:
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


def eventually(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition; raises AssertionError when it does not come true."""
    assert wait_until(condition, seconds, step=0.05), f"Nothing happened within {seconds} seconds."


def wait(celery: Celery, condition: Callable[[], bool], seconds: float = 180) -> None:
    """Wait for a condition while worker and beat are kept running."""

    def holds() -> bool:
        celery.keep()
        return condition()

    eventually(holds, seconds)


Blow = Callable[[Celery], None]


def child(celery: Celery) -> None:
    celery.kill_children()


def worker(celery: Celery) -> None:
    celery.kill_worker()


def broker(celery: Celery) -> None:
    celery.broker.restart()


def forgetting(celery: Celery) -> None:
    celery.broker.client.flushall()


BLOWS = {"child": child, "worker": worker, "broker": broker, "flushall": forgetting}
