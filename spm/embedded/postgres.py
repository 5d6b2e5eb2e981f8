"""One PostgreSQL cluster in a folder: made on first use, served on a loopback port, no unix socket."""

import locale
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spm.embedded.binaries import postgres_version
from spm.embedded.errors import EmbeddedError
from spm.embedded.processes import dies_with_parent, user_namespaces_work, write_private

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_wal_size": "1GB",
}
_FORGETFUL = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
}
_FALLBACK_USER = "nobody"
_BUFFERS_LEAST, _BUFFERS_MOST = 128, 1024


@dataclass(frozen=True)
class Postgres:
    """A cluster: its programs, its folder, and whether its commits survive a loss of power."""

    programs: Path
    folder: Path
    durable: bool = True

    @property
    def made(self) -> bool:
        """Whether the cluster exists already."""
        return (self.folder / "PG_VERSION").exists()

    def prepare(self, superuser_password: str) -> None:
        """Make the cluster unless it exists; refuse one of another major version, untouched."""
        version = postgres_version(self.programs)
        if self.made:
            kept = (self.folder / "PG_VERSION").read_text().strip()
            if kept != str(version):
                raise EmbeddedError(
                    f"The data in {self.folder} belongs to PostgreSQL {kept}, but PostgreSQL {version} is installed. "
                    "Nothing was changed: back it up with the installation that made it and restore it here, "
                    "or move that folder away to start afresh."
                )
            return
        self._make(superuser_password)

    def _make(self, superuser_password: str) -> None:
        draft = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        password_file = draft.parent / f".{draft.name}-password"
        write_private(password_file, superuser_password)
        options = self._child_options()
        if user := options.get("user"):
            shutil.chown(draft, user)
            shutil.chown(password_file, user)
        command = [
            *(self.programs / "initdb", "--pgdata", draft, "--username", "postgres", "--pwfile", password_file),
            *("--encoding", "UTF8", "--auth", "scram-sha-256", *_locale_options(), "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        finally:
            password_file.unlink()
        if answer.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise EmbeddedError(f"PostgreSQL's initdb failed in {self.folder}: {_last_line(answer.stderr)}")
        draft.rename(self.folder)

    def start(self, port: int, log: Path) -> subprocess.Popen[bytes]:
        """Start the server on a port of the loopback interface; it ends when this process ends."""
        settings = _SETTINGS | ({"shared_buffers": _buffers()} if self.durable else _FORGETFUL) | {"port": str(port)}
        command = [str(self.programs / "postgres"), "-D", str(self.folder)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with log.open("ab") as file:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd="/", **self._child_options()
            )

    def _child_options(self) -> dict[str, Any]:
        """How to become a plain user: not needed, or a user namespace, or the account nobody."""
        hook: Callable[[], None]
        if os.geteuid() != 0:
            return {"preexec_fn": dies_with_parent(signal.SIGINT)}
        if user_namespaces_work():
            return {"preexec_fn": dies_with_parent(signal.SIGINT, as_plain_user=True)}
        hook = dies_with_parent(signal.SIGINT)
        self._open_for_nobody()
        return {
            "user": _FALLBACK_USER,
            "group": pwd.getpwnam(_FALLBACK_USER).pw_gid,
            "extra_groups": [],
            "preexec_fn": hook,
        }

    def _open_for_nobody(self) -> None:
        """Check that the fallback account can reach programs and data, and hand the data over to it."""
        self.folder.parent.chmod(self.folder.parent.stat().st_mode | 0o011)
        for path in (self.programs / "postgres", self.folder.parent):
            for parent in (path, *path.resolve().parents):
                if not parent.stat().st_mode & 0o001:
                    raise EmbeddedError(
                        f"PostgreSQL refuses to run as root, user namespaces are blocked here, and the account "
                        f"{_FALLBACK_USER} can't enter {parent}. Start as a plain user, or set DATABASE_URL."
                    )
        if self.made and self.folder.stat().st_uid == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, _FALLBACK_USER)


def _buffers() -> str:
    """A sixteenth of the machine's memory for the database's own cache, within limits; what is never touched is never taken."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return f"{min(max(memory // 16, _BUFFERS_LEAST), _BUFFERS_MOST)}MB"


def _locale_options() -> tuple[str, ...]:
    """C.UTF-8 from the system, or PostgreSQL's own where the system has none."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
    locale.setlocale(locale.LC_CTYPE, before)
    return ("--locale", "C.UTF-8")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else f"no message ({sys.platform})"
