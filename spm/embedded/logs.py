"""Log files of child processes: kept small, and quoted when a child dies."""

from pathlib import Path

_LIMIT = 10_000_000


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
            file.seek(max(0, log.stat().st_size - 20_000))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return joint.join(text.strip().splitlines()[-lines:])
