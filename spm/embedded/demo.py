"""The launcher behind `make demo`: servers, migrations, the demo company, worker, web server, and a clean end.

It knows the product by its commands only (`manage.py …`, celery, gunicorn) and gives it everything through the environment.
What a start has done is stamped, so that the next one does not do it again.
"""

import hashlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType

from spm.embedded.errors import EmbeddedError
from spm.embedded.keys import keys_of
from spm.embedded.locks import FileLock
from spm.embedded.logs import last_step
from spm.embedded.ports import port_is_free
from spm.embedded.processes import write_private
from spm.embedded.servers import Servers
from spm.embedded.stamps import done, schema_digest, static_digest
from spm.embedded.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
COMPANY = "demo"
_READY_WITHIN = 120.0
_TOLD_EVERY = 10.0
_WORKER = ("--beat", "--concurrency", "2", "--without-mingle", "--without-gossip", "--loglevel", "INFO")
_WEB = (
    *("--workers", "2", "--threads", "4", "--worker-class", "gthread"),
    *("--preload", "--graceful-timeout", "5", "--no-control-socket"),
)


class Stopped(Exception):
    """Ctrl-C, SIGTERM or a closed terminal: the wish to end, wherever the start-up is."""


class Demo:
    """One start of the demo in one state folder."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.port = _port_from(os.environ.get("PORT", ""))
        self.bind = os.environ.get("WEB_BIND") or LOOPBACK[0]
        host = f"[{self.bind}]" if ":" in self.bind else self.bind
        self.place = f"{host}:{self.port}"
        self.address = f"http://{self.place}"
        self.lock = FileLock(state_dir / "demo.lock")
        self.servers: Servers | None = None
        self.supervisor = Supervisor(state_dir, ROOT)
        self.environment: dict[str, str] = {}
        self.begun = time.monotonic()
        self.stop_wished = False

    def run(self) -> None:
        """Start everything, say where it is, watch it; ends by an exception only, and then ends everything."""
        self._refuse_the_impossible()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start()
            while True:
                self._pause()
                for name in self.supervisor.check():
                    self._say(f"{name} had ended and was started again; see {self.state_dir / 'logs' / name}.log")
        finally:
            self._stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_wished = True

    def _pause(self) -> None:
        """Wait a moment; notice a wish to end and the loss of the servers."""
        time.sleep(0.1)
        if self.stop_wished:
            raise Stopped
        if self.servers is not None and not self.servers.alive():
            raise EmbeddedError(f"The servers have ended; see {self.state_dir / 'logs' / 'keeper.log'}.")

    def _refuse_the_impossible(self) -> None:
        if self.bind not in LOOPBACK:
            raise EmbeddedError(
                f"WEB_BIND is {self.bind}, but the demo speaks plain HTTP and is for this machine only. "
                "Leave WEB_BIND out, or run real servers as docker-compose.yml does."
            )
        if bool(os.environ.get("DATABASE_URL")) != bool(os.environ.get("REDIS_URL")):
            raise EmbeddedError(
                "Only one of DATABASE_URL and REDIS_URL is set. Set both to use real servers, or neither."
            )
        if not self.lock.acquire():
            raise EmbeddedError(
                f"The demo in {self.state_dir} runs already (process {self.lock.holder()}). "
                "Stop it with Ctrl-C in its terminal or with `.venv/bin/python -m spm.embedded stop`."
            )
        self.lock.sign()
        self.supervisor.end_leftovers()
        if not port_is_free(self.port, self.bind):
            other = self.port + 1 if self.port < 65535 else 8001
            raise EmbeddedError(
                f"Port {self.port} of {self.bind} is taken by another program. "
                f"Stop that program, or choose another port: make demo PORT={other}"
            )

    def _start(self) -> None:
        settings = self._settings()
        write_private(self.state_dir / "environment.json", json.dumps(settings))
        self.environment = {**os.environ, **settings}
        # Seven processes would each compile the same libraries at every start.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._prepare()
        company, nightly = self._stamp("company"), self._stamp("nightly")
        if not company.exists():
            self._say("creating the demo company")
            self._manage("demo_create")
            company.touch()
        python, schedule = sys.executable, str(self.state_dir / "beat-schedule")
        worker = [python, "-m", "celery", "-A", "spm", "worker", "--schedule", schedule, *_WORKER]
        self.supervisor.start("worker", worker, self.environment)
        self.supervisor.start(
            "web", [python, "-m", "gunicorn", "spm.wsgi", "--bind", self.place, *_WEB], self.environment
        )
        self._wait_ready()
        if not nightly.exists():
            self._say(f"the site answers at {self.address}; the worker calculates the first night")
            self._manage("nightly", "--organisation", COMPANY, "--wait")
            self._manage("demo_history")
            nightly.touch()
        self._announce()

    def _settings(self) -> dict[str, str]:
        """What the product reads: our own servers, or those that the person named."""
        keys = keys_of(self.state_dir)
        ours = {
            "SECRET_KEY": keys["SECRET_KEY"],
            "METRICS_TOKEN": keys["METRICS_TOKEN"],
            "SPM_EMBEDDED": "1",
            "DEBUG": "0",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
            "SPM_DATA": str(self.state_dir / "data"),
        }
        ours |= {name: os.environ[name] for name in ours if os.environ.get(name)}
        ours |= {"PORT": str(self.port), "WEB_BIND": self.bind}
        ours |= {"DJANGO_SETTINGS_MODULE": "spm.settings", "PYTHONUNBUFFERED": "1"}
        if os.environ.get("DATABASE_URL"):
            self._say("using the servers that DATABASE_URL and REDIS_URL name")
            names = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL", "REDIS_URL")
            return ours | {name: os.environ[name] for name in names if os.environ.get(name)}
        self.servers = Servers(self.state_dir)
        urls = self.servers.start()
        self._say("PostgreSQL and Valkey run")
        return ours | urls.environment()

    def _prepare(self) -> None:
        """Migrate and collect static files, both at once, each only when what it is made from has changed."""
        migrated, collected = self._stamp("migrated"), ROOT / ".cache" / "static.stamp"
        collected.parent.mkdir(exist_ok=True)
        schema, static = schema_digest(ROOT), static_digest(ROOT)
        started: list[tuple[Child, Path, str]] = []
        if not done(migrated, schema):
            self._say("migrating the database")
            started.append((self._command("migrate"), migrated, schema))
        if not done(collected, static) or not (ROOT / "staticfiles" / "staticfiles.json").exists():
            self._say("collecting the static files")
            started.append((self._command("collectstatic", "--noinput", "--verbosity", "0"), collected, static))
        for child, stamp, digest in started:
            self._finish(child)
            stamp.write_text(digest)

    def _command(self, *words: str, output: Path | None = None) -> Child:
        return self.supervisor.start(words[0], [sys.executable, "manage.py", *words], self.environment, output=output)

    def _finish(self, child: Child) -> None:
        """Wait for a child that has an end; of a long one, say every few seconds how far it says that it is."""
        told, said = time.monotonic(), ""
        while not self.supervisor.finished(child):
            self._pause()
            if time.monotonic() > told + _TOLD_EVERY:
                told, before, said = time.monotonic(), said, last_step(child.log)
                self._say(f"  {child.name}: {said if said != before else 'still at it'}")

    def _manage(self, *words: str) -> None:
        self._finish(self._command(*words))

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not _answers(f"{self.address}/readyz?role=web"):
            self._pause()
            self.supervisor.check()
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"The web server was not ready within {_READY_WITHIN:.0f} seconds; see {self.state_dir / 'logs'}."
                )

    def _announce(self) -> None:
        signins = self._stamp("signins.txt")
        if not signins.exists():
            draft = signins.with_suffix(".new")
            draft.unlink(missing_ok=True)
            self._finish(self._command("demo_signins", output=draft))
            draft.replace(signins)
        self._say("ready\n")
        sys.stdout.write(f"  Site   {self.address}\n  Logs   {self.state_dir / 'logs'}\n\n{signins.read_text()}\n")
        sys.stdout.write("Ctrl-C stops everything; the data stay for the next start.\n")
        sys.stdout.flush()

    def _stop(self) -> None:
        if self.supervisor.children:
            with suppress(OSError):  # the terminal may be gone; ending everything matters more than saying so
                self._say("stopping")
        try:
            self.supervisor.stop()
        finally:
            if self.servers is not None:
                self.servers.stop()
            (self.state_dir / "environment.json").unlink(missing_ok=True)
            self.lock.release()

    def _stamp(self, name: str) -> Path:
        """Where it is noted that something was done to this database, ours or a named one."""
        folder = self.state_dir / "stamps"
        if self.servers is None:
            folder /= hashlib.sha256(self.environment["DATABASE_URL"].encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def _say(self, text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - self.begun:5.1f} s] {text}\n")
        sys.stdout.flush()


def _port_from(text: str) -> int:
    try:
        port = int(text or 8000)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise EmbeddedError(f"PORT is {text!r}, which is no port number. Choose one such as: make demo PORT=8001")
    return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def run(state_dir: Path) -> int:
    """Run the demo until somebody stops it; 0 after a wish to end, 1 with a sentence on stderr otherwise."""
    try:
        Demo(state_dir).run()
    except Stopped:
        return 0
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
