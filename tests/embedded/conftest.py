"""Folders for servers, and a census of the processes that belong to them."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spm.embedded import Servers
from spm.embedded.processes import wait_until


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A state folder outside pytest's own, so that its path names it in process lists."""
    folder = Path(tempfile.mkdtemp(prefix="spm-servers-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    """Servers that run already, for tests that only ask them."""
    with tempfile.TemporaryDirectory(prefix="spm-servers-") as folder, Servers(folder, durable=False) as made:
        yield made


@pytest.fixture
def servers(state_dir: Path) -> Iterator[Servers]:
    """Servers that are stopped at the end whatever the test did."""
    made = Servers(state_dir, durable=False)
    yield made
    made.stop()


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that mention a folder, without this one's own."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in command:
            found.append(command)
    return found


@pytest.fixture
def nothing_left(state_dir: Path) -> Callable[[], bool]:
    """Asks, patiently, whether no process of the state folder is left."""
    return lambda: wait_until(lambda: not processes_of(state_dir), 120)
