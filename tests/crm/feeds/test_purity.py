"""The feeds know no Django: they run in a boxed process without settings. Source: house.md, walls."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

from spm.crm import feeds

ROOT = Path(__file__).resolve().parents[3]


def test_every_feed_module_and_the_exports_load_without_django() -> None:
    modules = [each.name for each in pkgutil.walk_packages(feeds.__path__, "spm.crm.feeds.")] + ["spm.crm.exports"]
    assert len(modules) > 20
    script = "import importlib, sys\nsys.modules['django'] = None\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", script, *modules], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
