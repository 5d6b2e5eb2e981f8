"""docs/operator.md says what is there: every setting, every metric, every command."""

from pathlib import Path

from django.core.management import get_commands
from django.test import Client

from spm.settings import ENVIRONMENT

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "operator.md").read_text()


def test_every_setting_is_explained() -> None:
    for name, sentence in ENVIRONMENT.items():
        assert f"| `{name}` | {sentence} |" in GUIDE, name


def test_every_metric_is_explained(db: None) -> None:
    text = Client().get("/metrics", headers={"Authorization": "Bearer tests-only-metrics"}).content.decode()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert len(names) >= 8
    assert {name for name in names if name not in GUIDE} == set()


def test_commands_of_the_guide_exist() -> None:
    words = {line.split()[1] for line in GUIDE.splitlines() if line.startswith("manage.py ")}
    assert {"backup", "nightly", "upgrade", "verify"} <= words
    assert words <= set(get_commands())
