"""Makes evidence packs in tests and runs the script that lies in them, away from the product."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from incentives.models import EvidencePack
from incentives.selectors.evidence import verify
from incentives.selectors.evidence.packs import pack_zip
from incentives.selectors.evidence.verify import canonical
from incentives.services.evidence import evidence_start
from incentives.tasks import EvidenceWork
from spm.core.steps import outcome_merge
from spm.jobs.models import Job, JobState
from spm.roles.policy import Viewer

SCRIPT = Path(verify.__file__)
__all__ = ["canonical", "changed", "files_of", "pack_made", "verified", "verified_apart", "work", "written"]
Change = Callable[[bytes], bytes | None]


def work(job: Job, before: Callable[[str], None] = lambda step: None) -> list[dict[str, Any]]:
    """Do all steps of a job in this transaction, as the runner does in one each; gives what it found."""
    todo: list[str] = EvidenceWork().steps(job)
    findings: list[dict[str, Any]] = []
    while todo:
        before(todo[0])
        outcome = EvidenceWork().run(job, todo.pop(0))
        todo = [*outcome.steps, *todo]
        job.outcome = outcome_merge(job.outcome, outcome.outcome)
        findings += [each.as_dict() for each in outcome.findings]
    job.state = JobState.DONE
    job.save()
    return findings


def pack_made(period: Any, viewer: Viewer) -> EvidencePack:
    """Ask for a pack and make it."""
    job = evidence_start(period_id=period.pk, actor=viewer)
    work(job)
    return EvidencePack.objects.select_related("period").get(job=job)


def written(pack: EvidencePack, folder: Path) -> Path:
    """Write a pack into a folder."""
    path = folder / "pack.zip"
    path.write_bytes(pack_zip(pack).read())
    return path


def verified(path: Path, *more: str) -> tuple[int, str]:
    """Run the script that every pack holds; gives how it ended and what it said."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = verify.main([str(path), *more])
    return code, said.getvalue()


def verified_apart(*arguments: str | Path, script: Path = SCRIPT) -> tuple[int, str]:
    """Run it as an auditor does, with nothing but Python."""
    command = [sys.executable, "-I", "-S", str(script), *map(str, arguments)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=600, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def files_of(path: Path) -> dict[str, bytes]:
    """Give the files of a pack."""
    with ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def changed(path: Path, name: str, change: Change, *, anew: bool) -> Path:
    """Write a pack again with one file changed, taken out (None) or put in, and where `anew` its manifest made anew to agree."""
    files = files_of(path)
    found = change(files.get(name, b""))
    files = {key: content for key, content in files.items() if key != name} | ({} if found is None else {name: found})
    if anew:
        manifest = json.loads(files["manifest.json"])
        listed = {
            key: {"sha256": sha256(content).hexdigest()} for key, content in files.items() if key != "manifest.json"
        }
        files["manifest.json"] = json.dumps(manifest | {"files": listed}).encode()
    other = path.with_name("changed.zip")
    with ZipFile(other, "w") as pack:
        for key, content in files.items():
            pack.writestr(key, content)
    return other
