"""The random passwords of one state folder, made once and kept beside the data, readable by their owner only."""

import json
import secrets
from pathlib import Path

from spm.embedded.errors import EmbeddedError
from spm.embedded.processes import write_private

NAMES = ("postgres", "spm_owner", "spm_app", "redis", "SECRET_KEY", "METRICS_TOKEN")


def keys_of(state_dir: Path) -> dict[str, str]:
    """The keys of a state folder by name; those that are missing are made and saved."""
    path = state_dir / "keys.json"
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        kept = {}
    except json.JSONDecodeError as error:
        raise EmbeddedError(
            f"{path} is damaged, so the passwords of the kept data are lost. "
            "Restore that file, or delete the whole folder to start afresh."
        ) from error
    if missing := [name for name in NAMES if name not in kept]:
        kept |= {name: secrets.token_urlsafe(36) for name in missing}
        write_private(path, json.dumps(kept, indent=1))
    return kept
