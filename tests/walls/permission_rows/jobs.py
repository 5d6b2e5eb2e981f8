"""Jobs, and what people are told."""

from spm.identity.models import Membership
from spm.jobs.models import Job
from spm.notices.models import Notice
from tests.walls.permissions import API, EVERYONE, Row


def _job(owner: str) -> Job:
    return Job.objects.get_or_create(kind="nightly", slot=f"of-{owner}", defaults={"state": "failed"})[0]


def _notice(owner: str) -> Notice:
    member = Membership.objects.get(user__email__startswith=f"{owner}@")
    return Notice.objects.get_or_create(membership=member, kind="job", slot="1", title=f"For {owner}", url="/")[0]


FACTORIES = {"job": lambda owner: _job(owner).pk, "notice": lambda owner: _notice(owner).pk}
SEE = "ada sol fin otto"
JOB = {"pk": "job"}

ROWS = [
    Row(route="jobs:job_list", may=SEE),
    Row(route="jobs:job_list", verb="POST", may="sol"),
    Row(route="jobs:job_detail", at=JOB, may=SEE),
    Row(route="jobs:job_progress", at=JOB, may=SEE, done=(200, 286)),
    Row(route="jobs:job_retry", verb="POST", at=JOB, may="sol"),
    Row(route="jobs:job_cancel", verb="POST", at=JOB, may="sol"),
    Row(route="api_jobs", kind=API, may=SEE),
    Row(route="api_job", kind=API, at=JOB, may=SEE),
    Row(route="api_jobs_nightly", verb="POST", kind=API, may="sol"),
    Row(route="notices:notice_list", may=EVERYONE),
    Row(route="notices:notice_list", verb="POST", may=EVERYONE, reads=True),
    Row(route="notices:notice_bell", may=EVERYONE),
    Row(route="notices:notice_choice", verb="POST", may=EVERYONE, reads=True),
    Row(
        route="notices:notice_open",
        verb="POST",
        at={"pk": "notice"},
        may="rex",
        hidden=EVERYONE.replace(" rex", ""),
        reads=True,
    ),
]
