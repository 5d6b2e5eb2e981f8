"""Starting, recognising and ending our own processes.

A process is known by its number and its moment of start, because the system uses numbers again:
nothing is ever ended by number or by name alone.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_ON_LINUX = sys.platform.startswith("linux")


@dataclass(frozen=True)
class ProcessMark:
    """One process that we started: our name for it, its number and when it started."""

    name: str
    pid: int
    started: str


def started_at(pid: int) -> str | None:
    """The moment of start of a living process in the system's own words; None when it is gone or a zombie."""
    if _ON_LINUX:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else moment.strip()


def mark_of(name: str, pid: int) -> ProcessMark:
    """The mark of a process that runs now (an empty start when it is already gone)."""
    return ProcessMark(name, pid, started_at(pid) or "")


def is_alive(mark: ProcessMark) -> bool:
    """Whether exactly this process, and not a later one with its number, still runs."""
    return bool(mark.started) and started_at(mark.pid) == mark.started


def end(mark: ProcessMark, *, polite: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> bool:
    """Ask a process to end, insist after `patience` seconds; True when it is gone."""
    for wish, seconds in ((polite, patience), (signal.SIGKILL, 5.0)):
        if not is_alive(mark):
            return True
        try:
            os.kill(mark.pid, wish)
        except ProcessLookupError:
            return True
        if wait_until(lambda: not is_alive(mark), seconds):
            return True
    return not is_alive(mark)


def wait_until(condition: Callable[[], bool], seconds: float, *, step: float = 0.03) -> bool:
    """Poll a condition until it holds; False when `seconds` have passed first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(step)
    return True


def remember(path: Path, marks: Sequence[ProcessMark]) -> None:
    """Write the marks of running processes for a later start that may have to clean up."""
    write_private(path, json.dumps([asdict(mark) for mark in marks], indent=1))


def recall(path: Path) -> list[ProcessMark]:
    """The marks written last; none when there is no file or it was cut short by a crash."""
    try:
        return [ProcessMark(**row) for row in json.loads(path.read_text())]
    except (FileNotFoundError, json.JSONDecodeError):
        return []


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def dies_with_parent(wish: signal.Signals, *, as_plain_user: bool = False) -> Callable[[], None]:
    """What a child runs between fork and exec: Linux then sends it `wish` when its parent dies.

    With `as_plain_user` the child first enters a user namespace in which root is number 1000: PostgreSQL
    refuses to run as root, and this needs no account, no chown and no readable path for others.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if _ON_LINUX else None

    def before_exec() -> None:
        if libc is None:
            return
        if as_plain_user:
            _enter_user_namespace(libc)
        libc.prctl(_PR_SET_PDEATHSIG, int(wish), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def _enter_user_namespace(libc: ctypes.CDLL) -> None:
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are blocked")
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def user_namespaces_work() -> bool:
    """Whether a child of this process may become a plain user in a namespace of its own."""
    if not _ON_LINUX:
        return False
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-S", "-c", "import os; raise SystemExit(os.geteuid() != 1000)"],
            preexec_fn=dies_with_parent(signal.SIGKILL, as_plain_user=True),
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0
