"""The processes of the demo beside the servers: started with their output in a log, watched, ended in reverse order."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spm.embedded.errors import EmbeddedError
from spm.embedded.logs import last_words, log_file
from spm.embedded.processes import dies_with_parent, end, is_alive, mark_of, recall, remember, wait_until

PATIENCE = 15.0
RESTARTS = 5
RESTARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Child:
    """One running process, leader of its own group, and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    command: tuple[str, ...]
    environment: Mapping[str, str]


class Supervisor:
    """Starts children for one state folder and ends all of them, whatever happens in between."""

    def __init__(self, state_dir: Path, root: Path) -> None:
        self.state_dir = state_dir
        self.root = root
        self.children: list[Child] = []
        self._record = state_dir / "children.json"
        self._restarted: list[float] = []

    def end_leftovers(self) -> None:
        """End what an earlier start recorded and could not end, after checking that it is really ours."""
        for mark in reversed(recall(self._record)):
            if is_alive(mark):
                _signal_group(mark.pid, signal.SIGTERM)
            if not end(mark):
                raise EmbeddedError(f"The {mark.name} of an earlier start (process {mark.pid}) can't be ended.")
        self._record.unlink(missing_ok=True)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, output: Path | None = None
    ) -> Child:
        """Start a child that is told to end when this process dies; its words go to its log, or to `output`."""
        log = log_file(self.state_dir, name)
        with log.open("ab") as errors, (output or log).open("ab") as words:
            errors.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} start\n".encode())
            errors.flush()
            process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=errors,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        child = Child(name, process, log, tuple(command), environment)
        self.children.append(child)
        remember(self._record, [mark_of(each.name, each.process.pid) for each in self.children])
        return child

    def finished(self, child: Child) -> bool:
        """Whether a child that has an end, such as a migration, has reached it; raises when it failed."""
        code = child.process.poll()
        if code is None:
            return False
        self.children.remove(child)
        if code != 0:
            raise EmbeddedError(_obituary(child))
        return True

    def check(self) -> list[str]:
        """Start again what should run and has ended, and name it; raises with its last lines at the sixth end within a minute."""
        ended = [child for child in self.children if child.process.poll() is not None]
        for child in ended:
            now = time.monotonic()
            self._restarted = [*(moment for moment in self._restarted if moment > now - RESTARTS_WITHIN), now]
            if len(self._restarted) > RESTARTS:
                raise EmbeddedError(_obituary(child))
            _signal_group(child.process.pid, signal.SIGKILL)
            self.children.remove(child)
            self.start(child.name, child.command, child.environment)
        return [child.name for child in ended]

    def stop(self) -> None:
        """End all children, the last started first, each with everything it has started itself."""
        while self.children:
            _end_group(self.children.pop().process)
        self._record.unlink(missing_ok=True)


def _obituary(child: Child) -> str:
    words = last_words(child.log, lines=15, joint="\n  ")
    return f"{child.name} ended with code {child.process.returncode}. Its last lines, from {child.log}:\n  {words}"


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for wish, seconds in ((signal.SIGTERM, PATIENCE), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            break
        process.send_signal(wish)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if not wait_until(lambda: not _signal_group(process.pid, 0), 3.0):
        _signal_group(process.pid, signal.SIGKILL)


def _signal_group(group: int, number: int) -> bool:
    """Signal what is left of a child's group; False when nothing is."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
