"""Puts the evidence of a period together, by a job that may be killed and goes on where it stopped."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from incentives.models import EvidenceFile, EvidencePack, EvidencePart, Journal
from incentives.selectors.evidence.books import journal_files, seal_files
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.decisions import (
    decision_files,
    export_files,
    ledger_export_files,
    name_files,
    statement_files,
)
from incentives.selectors.evidence.facts import plan_files, run_files, run_record, runs_csv
from incentives.selectors.evidence.packs import KIND, manifest_text, script_files
from incentives.selectors.evidence.writing import PackFile
from incentives.services.ledger import ledger_lock
from planning.selectors import period_get
from spm.audit.models import Seal
from spm.audit.seals import seals_extend
from spm.core.findings import Finding, Severity
from spm.core.steps import StepOutcome
from spm.jobs.models import Job, JobState
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer, require

PART = 1 << 20
"""Bytes of a piece of a file."""
STEPS = (
    *("begin", "seal", "plans and names", "statements", "ledger", "decisions"),
    *("payroll files", "files for the general ledger", "seals", "manifest"),
)
FILES = {
    "plans and names": lambda bounds: (*script_files(), runs_csv(bounds), *plan_files(bounds), *name_files(bounds)),
    "statements": statement_files,
    "ledger": journal_files,
    "decisions": decision_files,
    "payroll files": export_files,
    "files for the general ledger": ledger_export_files,
    "seals": seal_files,
}


def evidence_start(*, period_id: UUID, actor: Viewer) -> Job:
    """Ask for the evidence of a period; a job that is under way for it is given instead of a second.

    What a job left behind that did not come to its end is taken away.
    """
    require(actor, "pack.make")
    period = period_get(period_id)
    jobs = Job.objects.filter(kind=KIND, arguments__period=str(period.pk))
    open_one = jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).first()
    if open_one is not None:
        return open_one
    made = EvidencePack.objects.filter(period=period).values("job")
    EvidenceFile.objects.filter(job__in=jobs.exclude(pk__in=made)).delete()
    slot = f"{period.key} {timezone.localtime().isoformat()}"
    return job_enqueue(KIND, slot=slot[:100], arguments={"period": str(period.pk)}, actor=actor)


def evidence_step(job: Job, step: str) -> StepOutcome:
    """Do one step of a job."""
    if step == "begin":
        return _begun(job)
    if step == "seal":
        return _sealed(job)
    bounds = Bounds.of(job)
    if step == "manifest":
        return _made(job, bounds)
    if step.startswith("facts "):
        return _facts(job, bounds, int(step.split()[1]))
    return _kept(job, FILES[step](bounds))


def _begun(job: Job) -> StepOutcome:
    """Take the bounds while nobody posts: whoever posted before has committed journals and statements, whoever comes later is left out."""
    ledger_lock()
    last = Journal.objects.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    bounds = Bounds(period_get(UUID(job.arguments["period"])), last, now, seal=0)
    runs = [str(run.pk) for run in bounds.runs_read]
    steps = tuple(f"facts {number} of {len(runs)}" for number in range(1, len(runs) + 1))
    return StepOutcome(outcome={"journal": last, "moment": now.isoformat(), "runs": runs}, steps=steps)


def _sealed(job: Job) -> StepOutcome:
    """Seal what was posted, so that no row of the pack is younger than the last seal."""
    seals_extend(by=f"Evidence pack, {job.requested_by or 'the system'}")
    last = Seal.objects.order_by("-number").only("number", "hash").first()
    told = {"seal": last.number, "seal_hash": last.hash} if last else {"seal": 0, "seal_hash": ""}
    return StepOutcome(outcome=told)


def _facts(job: Job, bounds: Bounds, number: int) -> StepOutcome:
    """Keep what one run read. Where that can't be read again, the pack is made, and says so to whoever verifies it."""
    run = bounds.runs.get(pk=job.outcome["runs"][number - 1])
    try:
        return _kept(job, run_files(run))
    except ValueError as refusal:
        found = Finding(
            "EVIDENCE_INPUTS",
            run.period.key,
            str(refusal),
            "What the run read is not in the pack, and its script says so.",
            "Ask who changed the facts (Audit), or restore them; then make another pack.",
            severity=Severity.WARNING,
        )
        return StepOutcome(findings=(found,), outcome=_kept(job, run_record(run, {}, str(refusal))).outcome)


def _kept(job: Job, files: Iterable[PackFile]) -> StepOutcome:
    """Keep files in pieces; one that another run of the pack read as well is kept once."""
    place = EvidenceFile.objects.filter(job=job).count()
    known = set(EvidenceFile.objects.filter(job=job).values_list("name", flat=True))
    size = 0
    for name, pieces in files:
        if name not in known:
            place, size = place + 1, size + _file(job, place, name, pieces)
            known.add(name)
    return StepOutcome(outcome={"bytes": size})


def _file(job: Job, place: int, name: str, pieces: Iterable[bytes]) -> int:
    told, size = sha256(), 0
    file = EvidenceFile.objects.create(job=job, place=place, name=name, digest="", size=0)
    for number, content in enumerate(_parts(pieces)):
        told.update(content)
        size += len(content)
        EvidencePart.objects.create(file=file, number=number, content=content)
    file.digest, file.size = told.hexdigest(), size
    file.save(update_fields=["digest", "size"])
    return size


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of one size, whatever the size of those that are given."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PART:
            yield bytes(waiting[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)


def _made(job: Job, bounds: Bounds) -> StepOutcome:
    """Write the manifest and keep the pack: its row is audited, so that its hash is sealed with the next seal."""
    manifest = manifest_text(job, bounds)
    files = EvidenceFile.objects.filter(job=job).values_list("size", flat=True)
    last = EvidencePack.objects.filter(period=bounds.period).aggregate(last=Max("number"))["last"] or 0
    pack = EvidencePack.objects.create(
        period=bounds.period,
        number=last + 1,
        job=job,
        manifest=manifest,
        hash=sha256(manifest.encode()).hexdigest(),
        files=len(files),
        size=sum(files),
        made_by_name=str(job.requested_by or "the system"),
        made_at=bounds.moment,
    )
    return StepOutcome(outcome={"files": pack.files, "pack": pack.hash})
