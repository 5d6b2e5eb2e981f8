"""Runs a command against Debian's own PostgreSQL 15: `python -m spm.embedded.debian COMMAND …`.

The wheel's PostgreSQL is newer than what companies run, so the same suite also passes on the oldest supported one. The cluster is
made in a passing folder, by the same code as the embedded one; the system's service and its data are never touched.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from spm.embedded.errors import EmbeddedError
from spm.embedded.servers import SUPERUSER_VARIABLE, Servers

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def run(command: list[str]) -> int:
    """Run a command with the superuser's address in its environment; its exit code, or 0 when there is no such server.

    Under CI a missing server is an error.
    """
    if not (PROGRAMS / "postgres").exists():
        sentence = f"There is no PostgreSQL 15 in {PROGRAMS}; the suite was not run on it."
        if os.environ.get("CI") == "true":
            raise EmbeddedError(f"{sentence} Install Debian's package postgresql-15.")
        sys.stderr.write(f"{sentence}\n")
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="spm-postgresql-15-") as folder,
        Servers(folder, durable=False, programs=PROGRAMS) as servers,
    ):
        environment = {**os.environ, SUPERUSER_VARIABLE: servers.urls.superuser}
        return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Run the command named on the command line."""
    try:
        return run(sys.argv[1:])
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
