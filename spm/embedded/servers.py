"""`Servers`: a real PostgreSQL and a real Valkey in a folder, for as long as somebody uses them."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from spm.embedded.errors import EmbeddedError
from spm.embedded.locks import FileLock
from spm.embedded.logs import last_words, log_file
from spm.embedded.options import Options
from spm.embedded.processes import ProcessMark, end, mark_of, recall
from spm.embedded.urls import Urls

_ROOT = Path(__file__).resolve().parents[2]
SUPERUSER_VARIABLE = "SPM_TEST_DATABASE_SUPERUSER_URL"


class Servers:
    """The servers of one folder.

    `start` gives their addresses, `stop` ends them; when this process dies without `stop`, they end by themselves.
    `durable=False` is for tests: commits may be lost with the power, not with a process. `discard` removes the data at
    the end. `programs` is the folder of another PostgreSQL; `superuser_url` a running one, which is used instead.
    """

    def __init__(
        self,
        state_dir: Path | str,
        durable: bool = True,
        *,
        discard: bool = False,
        programs: Path | str = "",
        superuser_url: str = "",
    ) -> None:
        self.state_dir = Path(state_dir).resolve()
        self.superuser_url = superuser_url
        self.options = Options(durable=durable, discard=discard, programs=str(programs), external=bool(superuser_url))
        self._users = FileLock(self.state_dir / "users.lock")
        self._keeper: subprocess.Popen[bytes] | None = None
        self._keeper_mark: ProcessMark | None = None

    @property
    def urls(self) -> Urls:
        """Where the servers answer; raises when they don't run."""
        try:
            return Urls(**json.loads((self.state_dir / "servers.json").read_text()))
        except FileNotFoundError as error:
            raise EmbeddedError(f"No servers run in {self.state_dir}.") from error

    def start(self) -> Urls:
        """Start both servers for this process alone; raises when another one uses this folder."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        if self._in_use():
            raise EmbeddedError(
                f"The servers in {self.state_dir} are in use (process {self._instance_holder()}). "
                "Stop that one first: Ctrl-C in its terminal, or `python -m spm.embedded stop`."
            )
        if not self._users.acquire(shared=True, patience=20):
            raise EmbeddedError(f"The servers in {self.state_dir} don't end; see {self._log}.")
        return self._begin()

    def join(self) -> Urls:
        """Use the servers together with others: start them unless they run already."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        door = FileLock(self.state_dir / "door.lock")
        if not door.acquire(patience=120) or not self._users.acquire(shared=True, patience=60):
            raise EmbeddedError(f"The servers in {self.state_dir} neither start nor end; see {self._log}.")
        try:
            instance = FileLock(self.state_dir / "instance.lock")
            if instance.acquire():
                instance.release()
                return self._begin()
            return self.urls
        finally:
            door.release()

    def leave(self) -> None:
        """Stop using the servers; they end when nobody uses them any more."""
        self._users.release()

    def stop(self) -> None:
        """End both servers and wait until they are gone; does nothing when they don't run."""
        keeper, self._keeper = self._keeper, None
        try:
            if keeper is not None and self._keeper_mark is not None:
                keeper.terminate()
                try:
                    keeper.wait(60)
                except subprocess.TimeoutExpired:
                    end(self._keeper_mark)
        finally:
            self._users.release()

    def pids(self) -> dict[str, int]:
        """The process numbers of the two servers now, by name."""
        return {mark.name: mark.pid for mark in recall(self.state_dir / "processes.json")}

    def alive(self) -> bool:
        """Whether the keeper that this object started still runs."""
        return self._keeper is not None and self._keeper.poll() is None

    def __enter__(self) -> "Servers":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return log_file(self.state_dir, "keeper")

    def _in_use(self) -> bool:
        """Whether a living process uses the folder; a keeper that is just ending does not count."""
        users = FileLock(self.state_dir / "users.lock")
        for _ in range(400):
            if users.acquire():
                users.release()
                return False
            if users.acquire(shared=True):
                users.release()
                return True
            time.sleep(0.05)
        return True

    def _instance_holder(self) -> str:
        return FileLock(self.state_dir / "instance.lock").holder()

    def _begin(self) -> Urls:
        """Start a keeper and wait for its word. The shared lock on `users.lock` is held already."""
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        if self.superuser_url:
            environment[SUPERUSER_VARIABLE] = self.superuser_url
        with self._log.open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "spm.embedded.keeper", str(self.state_dir), json.dumps(asdict(self.options))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=_ROOT,
                start_new_session=True,
            )
        self._keeper_mark = mark_of("keeper", self._keeper.pid)
        try:
            return self._await(self._keeper)
        except BaseException:
            self.stop()
            raise

    def _await(self, keeper: subprocess.Popen[bytes]) -> Urls:
        if keeper.stdout is None:
            raise RuntimeError("the keeper has no pipe")
        with keeper.stdout as pipe:
            line = pipe.readline()
        if not line:
            raise EmbeddedError(f"The embedded servers did not start: {last_words(self._log) or 'no message'}")
        answer = json.loads(line)
        if answer["state"] != "ready":
            raise EmbeddedError(answer["reason"])
        return self.urls
