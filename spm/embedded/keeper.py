"""The process that keeps PostgreSQL and Valkey running for others: `python -m spm.embedded.keeper FOLDER OPTIONS`.

It stands in a session of its own, so that Ctrl-C reaches it only through whoever started it. It ends the servers when
it is told to (SIGTERM) or when the last user of the folder has gone: each user holds a shared lock on `users.lock`,
which the kernel gives back even after SIGKILL. A server that dies is started again on its port, a few times.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

from spm.embedded import binaries, roles, valkey
from spm.embedded.errors import EmbeddedError
from spm.embedded.keys import keys_of
from spm.embedded.locks import FileLock
from spm.embedded.logs import last_words, log_file
from spm.embedded.options import Options
from spm.embedded.ports import free_port, port_is_free
from spm.embedded.postgres import Postgres
from spm.embedded.processes import ProcessMark, end, mark_of, recall, remember, write_private
from spm.embedded.urls import Urls

_RESTARTS = 5


class _Stopped(Exception):
    """The keeper was asked to end."""


@dataclass
class Server:
    """One server process, how to start it, and how it likes to be asked to end."""

    name: str
    polite: signal.Signals
    begin: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    mark: ProcessMark | None = None
    restarts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process and remember its mark."""
        self.process = self.begin()
        self.mark = mark_of(self.name, self.process.pid)

    def died(self) -> bool:
        """Whether the process has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def may_restart(self) -> bool:
        """Whether it has died less than a handful of times in the last minute."""
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 60] + [now]
        return len(self.restarts) <= _RESTARTS

    def stop(self) -> None:
        """End the process, politely first."""
        if self.process is not None and self.mark is not None:
            _end_child(self.process, self.polite)


def _end_child(process: subprocess.Popen[bytes], polite: signal.Signals) -> None:
    for wish, seconds in ((polite, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(wish)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


class Keeper:
    """Starts the servers of one folder, watches them and their users, and ends them."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.folder = folder
        self.options = options
        self.instance = FileLock(folder / "instance.lock")
        self.users = FileLock(folder / "users.lock")
        self.servers: list[Server] = []
        self.urls: Urls | None = None

    def run(self, report: Callable[[dict[str, str]], None]) -> None:
        """Start, report readiness, watch, stop; `_Stopped` and errors end it in the same orderly way."""
        if not self.instance.acquire(patience=20):
            raise EmbeddedError(
                f"The servers in {self.folder} are run by process {self.instance.holder()} already. Stop it first."
            )
        self.instance.sign()
        try:
            self._end_leftovers()
            self._start()
            report({"state": "ready"})
            self._watch()
        except _Stopped:
            return
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._stop()

    def _end_leftovers(self) -> None:
        for mark in recall(self.folder / "processes.json"):
            if not end(mark, polite=signal.SIGINT if mark.name == "postgres" else signal.SIGTERM):
                raise EmbeddedError(f"The {mark.name} of an earlier start (process {mark.pid}) can't be ended.")

    def _start(self) -> None:
        keys = keys_of(self.folder)
        redis_url = self._start_valkey(keys, log_file(self.folder, "valkey"))
        if self.options.external:
            superuser_url = os.environ["SPM_TEST_DATABASE_SUPERUSER_URL"]
            passwords = external_passwords(superuser_url)
        else:
            superuser_url = self._start_postgres(keys, log_file(self.folder, "postgres"))
            passwords = keys
        locale = "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'" if self.options.external else ""
        roles.roles_prepare(superuser_url, passwords)
        roles.database_prepare(superuser_url, locale=locale)
        self.urls = roles.urls_of(superuser_url, passwords, redis_url)
        self._publish()

    def _start_valkey(self, keys: dict[str, str], log: Path) -> str:
        broker = valkey.Valkey(binaries.valkey_program(), self.folder / "valkey", self.options.durable)
        port = self._port("valkey")
        self._add(Server("valkey", signal.SIGTERM, lambda: broker.start(port, keys["redis"], log)))
        process = self.servers[-1].process
        if process is not None:
            valkey.wait_ready(port, keys["redis"], process)
        return f"redis://:{keys['redis']}@127.0.0.1:{port}/0"

    def _start_postgres(self, keys: dict[str, str], log: Path) -> str:
        programs = Path(self.options.programs) if self.options.programs else binaries.postgres_folder()
        cluster = Postgres(programs, self.folder / "postgres", self.options.durable)
        cluster.prepare(keys["postgres"])
        port = self._port("postgres")
        self._add(Server("postgres", signal.SIGINT, lambda: cluster.start(port, log)))
        url = f"postgres://postgres:{keys['postgres']}@127.0.0.1:{port}/postgres"
        self._wait_postgres(url, log)
        return url

    def _wait_postgres(self, url: str, log: Path) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                roles.connect(url).close()
            except EmbeddedError as error:
                if self.servers[-1].died() or "authentication failed" in str(error) or time.monotonic() > deadline:
                    raise EmbeddedError(f"PostgreSQL did not start: {last_words(log) or error}") from error
                time.sleep(0.05)
            else:
                return

    def _port(self, name: str) -> int:
        """The port of the last start if it is still free, so that copied addresses stay true."""
        path = self.folder / f"{name}.port"
        try:
            kept = int(path.read_text())
        except (FileNotFoundError, ValueError):
            kept = 0
        port = kept if kept and port_is_free(kept) else free_port()
        path.write_text(f"{port}\n")
        return port

    def _add(self, server: Server) -> None:
        self.servers.append(server)
        server.start()
        self._remember()

    def _remember(self) -> None:
        remember(self.folder / "processes.json", [server.mark for server in self.servers if server.mark])

    def _publish(self) -> None:
        if self.urls is not None:
            write_private(self.folder / "servers.json", json.dumps(asdict(self.urls)))

    def _watch(self) -> None:
        while not self.users.acquire():
            for server in self.servers:
                if server.died():
                    self._restart(server)
            time.sleep(0.1)

    def _restart(self, server: Server) -> None:
        code = server.process.returncode if server.process else None
        if not server.may_restart():
            raise EmbeddedError(f"{server.name} died again and again (last code {code}); see {self.folder / 'logs'}.")
        sys.stderr.write(f"{server.name} ended with code {code}; starting it again\n")
        if len(server.restarts) > 1:
            time.sleep(0.5)
        server.start()
        self._remember()

    def _stop(self) -> None:
        (self.folder / "servers.json").unlink(missing_ok=True)
        for server in reversed(self.servers):
            server.stop()
        (self.folder / "processes.json").unlink(missing_ok=True)
        if self.options.discard:
            for name in ("postgres", "valkey"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
        self.instance.release()


def external_passwords(superuser_url: str) -> dict[str, str]:
    """Passwords of the two roles on a server that several test sessions share: the same for all of them."""
    return {role: hashlib.sha256(f"{role} {superuser_url}".encode()).hexdigest() for role in (roles.OWNER, roles.APP)}


def _on_signal(number: int, frame: FrameType | None) -> None:
    raise _Stopped


def _report(message: dict[str, str]) -> None:
    """Tell the starter once, then let go of its pipe."""
    try:
        os.write(1, (json.dumps(message) + "\n").encode())
    except BrokenPipeError:
        return
    finally:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
        os.close(devnull)


def main() -> int:
    """Run one keeper; every failure is reported to the starter as a sentence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    keeper = Keeper(Path(sys.argv[1]), Options(**json.loads(sys.argv[2])))
    try:
        keeper.run(_report)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        _report({"state": "failed", "reason": str(error)})
        return 1
    except _Stopped:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
