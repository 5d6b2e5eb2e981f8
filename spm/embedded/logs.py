"""Log files of child processes: kept small, and quoted when a child dies."""

from pathlib import Path

_LIMIT = 10_000_000
_READ = 20_000
"""Bytes at the end of a log that are read for its last words."""


def log_file(folder: Path, name: str) -> Path:
    """The log of a child under a state folder, begun anew when it has grown past 10 MB."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"{name}.log"
    if path.exists() and path.stat().st_size > _LIMIT:
        path.replace(path.with_suffix(".log.old"))
    return path


def last_words(log: Path, *, lines: int = 3, joint: str = " | ") -> str:
    """The end of a log, or nothing."""
    try:
        with log.open("rb") as file:
            start = max(0, log.stat().st_size - _READ)
            file.seek(start)
            found = file.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    whole = found[1:] if start else found  # the first one was begun before what is read
    return joint.join((whole or found)[-lines:])


def last_step(log: Path) -> str:
    """The last line that a command wrote for people: no record of an event, no mark of a start; "begins" where there is none yet, and
    "still at it" where nothing but records stands since."""
    said = [line.strip() for line in last_words(log, lines=200, joint="\n").splitlines()]
    at = max((number for number, line in enumerate(said) if line.startswith("--- ")), default=-1)
    nothing = "still at it" if at < 0 and said else "begins"
    return next((line for line in reversed(said[at + 1 :]) if line and not line.startswith("{")), nothing)
