"""The front-end files: a list that is copied whole, and a start that goes on without npm."""

import json
import os
from pathlib import Path

import pytest

from spm.embedded import EmbeddedError, vendor

ROOT = Path(__file__).resolve().parents[2]


def fake_program(folder: Path, name: str, script: str) -> None:
    """A program on the PATH that stands for one of the machine's."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_unreachable_registry_is_one_line_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(tmp_path, "node", "echo v22.1.0")
    fake_program(tmp_path, "npm", "echo 'npm warn config' >&2; echo 'npm error code ENOTFOUND' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    before = sorted(str(path) for path in vendor.TARGET.rglob("*"))

    with pytest.raises(EmbeddedError, match="npm could not install the front-end files: npm error code ENOTFOUND"):
        vendor.fill(tmp_path / "cache")

    assert sorted(str(path) for path in vendor.TARGET.rglob("*")) == before
    assert list((tmp_path / "cache").iterdir()) == [], "the passing folder is removed"


def test_packages_are_pinned_and_carry_their_digests() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(package["integrity"].startswith("sha512-") for path, package in locked.items() if path)
    assert {source.rpartition("/")[0].split("/dist")[0] for source in vendor.FILES} <= set(wanted)


@pytest.mark.skipif(not vendor.is_filled(), reason="static/vendor is not filled: make front-end")
def test_copied_files_point_to_no_file_that_is_missing() -> None:
    for name in vendor.FILES.values():
        content = (vendor.TARGET / name).read_bytes()
        assert content, name
        assert b"sourceMappingURL=" not in content or not name.endswith((".js", ".css")), name
