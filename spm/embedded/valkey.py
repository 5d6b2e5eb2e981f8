"""One Valkey in a folder: loopback, with a password, every command kept in an append-only file, nothing evicted."""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from spm.embedded.errors import EmbeddedError
from spm.embedded.processes import dies_with_parent, write_private

_CONFIG = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync {fsync}
save ""
maxmemory-policy noeviction
databases 64
daemonize no
"""


@dataclass(frozen=True)
class Valkey:
    """A broker: its program, its folder, and whether its queue survives a loss of power."""

    program: Path
    folder: Path
    durable: bool = True

    @property
    def config(self) -> Path:
        """The configuration file, which holds the password and is readable by its owner only."""
        return self.folder / "valkey.conf"

    def start(self, port: int, password: str, log: Path) -> subprocess.Popen[bytes]:
        """Start the server on a port of the loopback interface; it ends when this process ends."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fsync = "everysec" if self.durable else "no"
        write_private(
            self.config, _CONFIG.format(port=port, password=password, folder=self.folder.resolve(), fsync=fsync)
        )
        with log.open("ab") as file:
            return subprocess.Popen(
                [str(self.program), str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=self.folder,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )


def answers(port: int, password: str) -> bool:
    """Whether a broker on the loopback port takes the password and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            link.settimeout(2)
            reply = b""
            while reply.count(b"\r\n") < 2 and (part := link.recv(256)):
                reply += part
    except OSError:
        return False
    return reply == b"+OK\r\n+PONG\r\n"


def wait_ready(port: int, password: str, server: subprocess.Popen[bytes], *, patience: float = 30.0) -> None:
    """Wait until the broker answers; raises when it has ended or stays silent."""
    deadline = time.monotonic() + patience
    while not answers(port, password):
        if server.poll() is not None:
            raise EmbeddedError(f"Valkey ended at once with code {server.returncode}.")
        if time.monotonic() >= deadline:
            raise EmbeddedError(f"Valkey did not answer on port {port} within {patience:.0f} seconds.")
        time.sleep(0.03)
