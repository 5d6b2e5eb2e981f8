"""What several walls are held against."""

from typing import Any

import pytest
import yaml
from django.core.management import call_command


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the schema as it is now."""
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", file=str(path))
    return dict(yaml.load(path.read_text(), Loader=yaml.CSafeLoader))
