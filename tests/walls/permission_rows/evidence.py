"""Evidence packs: finance makes them, finance and auditors take them, nobody else."""

from django.utils import timezone

from incentives.models import EvidencePack, Run
from spm.jobs.models import Job
from tests.walls.permissions import API, Row


def _pack(owner: str) -> EvidencePack:
    job = Job.objects.get_or_create(kind="evidence", slot="walls", defaults={"state": "done"})[0]
    values = {"manifest": "{}", "hash": "x", "files": 0, "size": 0, "made_by_name": owner, "made_at": timezone.now()}
    period = Run.objects.latest("started_at").period
    return EvidencePack.objects.get_or_create(period=period, number=1, job=job, defaults=values)[0]


FACTORIES = {"pack": lambda owner: _pack(owner).pk}
SEE, MAKES = "fin otto", "fin"
PERIOD, PACK = {"pk": "pay period"}, {"pk": "pack"}

ROWS = [
    Row(route="incentives:period_evidence", at=PERIOD, may=SEE),
    Row(route="incentives:period_evidence", verb="POST", at=PERIOD, may=MAKES),
    Row(route="incentives:evidence_zip", at=PACK, may=SEE),
    Row(route="api_incentives_period_evidence", kind=API, at=PERIOD, may=SEE),
    Row(route="api_incentives_period_evidence", verb="POST", kind=API, at=PERIOD, may=MAKES),
    Row(route="api_incentives_evidence_zip", kind=API, at=PACK, may=SEE),
]
