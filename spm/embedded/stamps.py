"""What a start has done already, so that the next one need not do it again."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_PACKAGES = ("spm", "planning", "incentives", "insights")
_SCHEMA = ("**/models/**/*.py", "**/models.py", "**/migrations/*.py", "tenancy/**/*.py", "**/*.sql")


def schema_digest(root: Path) -> str:
    """What the tables and walls are derived from: models, migrations and SQL."""
    files = (path for package in _PACKAGES for pattern in _SCHEMA for path in (root / package).glob(pattern))
    return _digest([*files, root / "requirements.lock"], root)


def static_digest(root: Path) -> str:
    """What `staticfiles/` is collected from: our own files, those of the libraries, and the storage's settings."""
    return _digest([*_static_files(root), root / "requirements.lock", root / "spm" / "settings.py"], root)


def done(stamp: Path, digest: str) -> bool:
    """Whether a stamp was made from exactly this state."""
    return stamp.exists() and stamp.read_text() == digest


def _static_files(root: Path) -> Iterator[Path]:
    yield from (path for path in (root / "static").rglob("*") if path.is_file())
    for package in _PACKAGES:
        yield from (path for path in (root / package).glob("**/static/**/*") if path.is_file())


def _digest(paths: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        digest.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
