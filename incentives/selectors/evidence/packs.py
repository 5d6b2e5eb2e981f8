"""The packs of a period as people see and take them, and what a pack says of itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models import QuerySet

from incentives.models import EvidenceFile, EvidencePack, EvidencePart
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.verify import FORMAT
from incentives.selectors.evidence.writing import PackFile
from incentives.selectors.papers.bundles import statements_as_of
from incentives.selectors.periods import is_paid_elsewhere
from spm.jobs.models import Job, JobState
from spm.roles.policy import Viewer, require
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id

KIND = "evidence"
MANIFEST = "manifest.json"
_AGELESS = (1980, 1, 1, 0, 0, 0)
_HERE = Path(__file__).parent


def script_files() -> list[PackFile]:
    """Give the script that verifies a pack, and what a reader of the pack needs to know."""
    return [("README.txt", [(_HERE / "README.txt").read_bytes()]), ("verify.py", [(_HERE / "verify.py").read_bytes()])]


def manifest_text(job: Job, bounds: Bounds) -> str:
    """Give the manifest of the files that a job made: what the pack is about, and the SHA-256 of every file."""
    told = set(statements_as_of(bounds.period.pk, bounds.moment).order_by().values_list("participant_id", "currency"))
    stands = set(bounds.entries.order_by().values_list("participant_id", "currency").distinct())
    head = {
        "format": FORMAT,
        "company": Organisation.objects.get(pk=current_organisation_id()).slug,
        "period": bounds.period.key,
        "period_id": str(bounds.period.pk),
        "is_paid_elsewhere": is_paid_elsewhere(bounds.period),
        "made_at": bounds.moment.isoformat(),
        "made_by": str(job.requested_by or "the system"),
        "last_journal": bounds.last,
        "seal": job.outcome["seal"],
        "seal_hash": job.outcome["seal_hash"],
        "without_statement": sorted([str(who), currency] for who, currency in stands - told),
    }
    files = {one.name: {"sha256": one.digest, "bytes": one.size} for one in _files(job.pk)}
    return json.dumps(head | {"files": files}, indent=1, ensure_ascii=False) + "\n"


def _files(job_id: UUID) -> QuerySet[EvidenceFile]:
    return EvidenceFile.objects.filter(job=job_id).order_by("place")


@dataclass(frozen=True)
class Packs:
    """The packs of a period, latest first, and the job that makes the next one or failed to; None where nobody asked for one."""

    made: list[EvidencePack]
    job: Job | None


def packs_of(viewer: Viewer, period: Any) -> Packs:
    """Give the packs of a period."""
    require(viewer, "pack.view")
    latest = Job.objects.filter(kind=KIND, arguments__period=str(period.pk)).order_by("-queued_at").first()
    job = None if latest is None or latest.state == JobState.DONE else latest
    return Packs(list(EvidencePack.objects.filter(period=period).order_by("-number").defer("manifest")), job)


def pack_rows(viewer: Viewer) -> QuerySet[EvidencePack]:
    """Give every pack: for looking one up by its key."""
    require(viewer, "pack.view")
    return EvidencePack.objects.select_related("period")


def pack_name(pack: EvidencePack) -> str:
    """Give the name of a pack as a file."""
    return f"evidence-{pack.period.key}-{pack.number}.zip"


def pack_zip(pack: EvidencePack) -> IO[bytes]:
    """Give a pack as a ZIP, built on disk piece by piece; equal files give an equal ZIP."""
    made: IO[bytes] = TemporaryFile()  # noqa: SIM115  given to the response, which closes it
    with ZipFile(made, "w", ZIP_DEFLATED) as target:
        for file in _files(pack.job_id):
            with target.open(_entry(file.name, file.size), "w") as written:
                parts = EvidencePart.objects.filter(file=file).order_by("number").values_list("content", flat=True)
                for content in parts.iterator(4):
                    written.write(bytes(content))
        target.writestr(_entry(MANIFEST, len(pack.manifest)), pack.manifest.encode())
    made.seek(0)
    return made


def _entry(name: str, size: int) -> ZipInfo:
    entry = ZipInfo(name, _AGELESS)
    entry.compress_type, entry.file_size = ZIP_DEFLATED, size
    return entry
