"""`python -m spm.embedded demo | stop | status | reset | manage … | psql …`: the demo and its servers at the terminal."""

import argparse
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from spm.embedded import binaries, demo
from spm.embedded.errors import EmbeddedError
from spm.embedded.locks import FileLock
from spm.embedded.processes import is_alive, mark_of, wait_until


def _runner(state_dir: Path) -> int:
    """The number of the process that runs the demo, or 0: the lock decides, not the text in it."""
    lock = FileLock(state_dir / "demo.lock")
    if not state_dir.exists() or lock.acquire():
        lock.release()
        return 0
    return int(lock.holder())


def _settings(state_dir: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads((state_dir / "environment.json").read_text())
    except FileNotFoundError as error:
        raise EmbeddedError(f"The demo in {state_dir} does not run. Start it with `make demo`.") from error
    return kept


def stop(state_dir: Path, words: list[str]) -> int:
    """End the running demo and wait until it has gone."""
    runner = _runner(state_dir)
    if not runner:
        sys.stdout.write("The demo does not run.\n")
        return 0
    mark = mark_of("demo", runner)
    os.kill(runner, signal.SIGTERM)
    if not wait_until(lambda: not is_alive(mark), 90):
        raise EmbeddedError(f"The demo (process {runner}) does not end; see {state_dir / 'logs'}.")
    sys.stdout.write("The demo has ended.\n")
    return 0


def status(state_dir: Path, words: list[str]) -> int:
    """Say whether the demo runs, and where; 1 when it does not."""
    runner = _runner(state_dir)
    if not runner:
        sys.stdout.write("The demo does not run.\n")
        return 1
    settings = _settings(state_dir)
    sys.stdout.write(f"The demo runs at http://{settings['WEB_BIND']}:{settings['PORT']} (process {runner}).\n")
    return 0


def reset(state_dir: Path, words: list[str]) -> int:
    """Remove the demo's data after a question; `--yes` answers it."""
    if _runner(state_dir):
        raise EmbeddedError("The demo runs. Stop it first: `.venv/bin/python -m spm.embedded stop`")
    if "--yes" not in words and input(f"Remove {state_dir} with all data of the demo? Type yes: ").strip() != "yes":
        sys.stdout.write("Nothing was removed.\n")
        return 1
    shutil.rmtree(state_dir, ignore_errors=True)
    return 0


def manage(state_dir: Path, words: list[str]) -> int:
    """Become `manage.py` with the running demo's environment."""
    program = str(demo.ROOT / "manage.py")
    os.execve(sys.executable, [sys.executable, program, *words], {**os.environ, **_settings(state_dir)})


def psql(state_dir: Path, words: list[str]) -> int:
    """Become psql as the app's role: behind the walls, as the product itself is."""
    program = str(binaries.postgres_folder() / "psql")
    os.execve(program, [program, _settings(state_dir)["DATABASE_URL"], *words], dict(os.environ))


COMMANDS = {"stop": stop, "status": status, "reset": reset, "manage": manage, "psql": psql}


def main() -> int:
    """Run one command; every failure is one sentence on stderr and the exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m spm.embedded", description=__doc__)
    parser.add_argument("--state", type=Path, default=demo.ROOT / ".run", help="folder of the data (default: .run)")
    parser.add_argument("command", choices=["demo", *COMMANDS])
    parser.add_argument("words", nargs=argparse.REMAINDER, help="for manage, psql and reset")
    arguments = parser.parse_args()
    state_dir = arguments.state.resolve()
    try:
        if arguments.command == "demo":
            return demo.run(state_dir)
        return COMMANDS[arguments.command](state_dir, arguments.words)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
