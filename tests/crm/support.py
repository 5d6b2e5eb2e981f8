"""What the tests of intake share: the public CRM set, and an import through the services."""

import os
from pathlib import Path

import pytest

from spm.crm.feeds.mapping import Mapping
from spm.crm.intake.absent import FullList
from spm.crm.models import Upload
from spm.crm.services.uploads import mapping_save, upload_commit, upload_create, upload_preview
from spm.roles.policy import Viewer

CRM = Path(os.environ.get("SPM_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data" / "crm"
FILES = ("sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv")


def crm_set() -> Path:
    """Give the folder of the public CRM set; skip in one visible line where it is missing, fail in CI."""
    if CRM.is_dir():
        return CRM
    reason = f"The CRM set is not at {CRM}; set SPM_SHARED."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def upload_text(text: str, name: str, actor: Viewer, *, full_list: FullList | None = None, **constants: str) -> Upload:
    """Receive and map a file; constants fill fields that no column does."""
    upload = upload_create(content=text.encode(), file_name=name, source="crm", actor=actor)
    mapping = Mapping.from_dict(upload.mapping)
    return mapping_save(
        upload_id=upload.pk,
        mapping=Mapping.from_dict({**mapping.to_dict(), "constants": {**mapping.constants, **constants}}),
        full_list=full_list,
        actor=actor,
    )


def import_text(text: str, name: str, actor: Viewer, *, full_list: FullList | None = None, **constants: str) -> Upload:
    """Receive, map, preview and commit a file."""
    upload = upload_text(text, name, actor, full_list=full_list, **constants)
    upload_preview(upload_id=upload.pk, actor=actor)
    return upload_commit(upload_id=upload.pk, actor=actor)


def import_crm_file(name: str, actor: Viewer) -> Upload:
    """Import one file of the CRM set with the choices of its README."""
    constants = {"starts_on": "2016-10-01"} if name == "sales_teams.csv" else {"currency": "USD"}
    return import_text((crm_set() / name).read_text(encoding="utf-8"), name, actor, **constants)
