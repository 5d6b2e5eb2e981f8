"""The job page and the API: who sees what, and what the buttons do."""

from collections.abc import Callable

import pytest
from django.test import Client

from spm.jobs.models import Job, JobState
from spm.jobs.runner import Hold, job_work
from spm.jobs.services import job_enqueue
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.conftest import TODAY

SignIn = Callable[[str], Client]
Queue = Callable[..., Job]


def test_list_shows_jobs_and_starts_the_nightly(queue: Queue, sign_in: SignIn) -> None:
    queue(slot="first")
    client = sign_in("sol")
    page = client.get("/jobs/").content.decode()
    assert "first" in page and "Rows" in page and "Run the nightly job now" in page
    assert "first" not in client.get("/jobs/?state=failed").content.decode()
    answer = client.post("/jobs/")
    job = Job.objects.get(kind="nightly")
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert str(job.requested_by) == "Sol"


@pytest.mark.parametrize(
    ("name", "get", "post"), [("otto", 200, 403), ("fin", 200, 403), ("ada", 200, 403), ("rex", 403, 403)]
)
def test_who_may_look_and_who_may_start(queue: Queue, sign_in: SignIn, name: str, get: int, post: int) -> None:
    job = queue()
    client = sign_in(name)
    for url in ("/jobs/", f"/jobs/{job.pk}/", f"/jobs/{job.pk}/progress/"):
        assert client.get(url).status_code == get
    for url in ("/jobs/", f"/jobs/{job.pk}/cancel/", f"/jobs/{job.pk}/retry/"):
        assert client.post(url).status_code == post
    assert list(Job.objects.values_list("state", flat=True)) == [JobState.QUEUED]


def test_progress_polls_until_the_job_has_ended(queue: Queue, sign_in: SignIn, hold: Callable[..., Hold]) -> None:
    job = queue("growing")
    client = sign_in("sol")
    part = client.get(f"/jobs/{job.pk}/progress/")
    assert f'hx-get="/jobs/{job.pk}/progress/"' in part.content.decode() and "HX-Refresh" not in part
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, plan=["a", "b", "c", "d"], progress_total=4, progress_done=1
    )
    assert 'value="25"' in client.get(f"/jobs/{job.pk}/progress/").content.decode()
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, plan=None, progress_total=0, progress_done=0)
    job_work(hold(job))
    part = client.get(f"/jobs/{job.pk}/progress/")
    assert "hx-get" not in part.content.decode() and part["HX-Refresh"] == "true"
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "It is odd." in page and "second" in page


def test_cancel_and_retry(queue: Queue, sign_in: SignIn) -> None:
    job = queue()
    client = sign_in("sol")
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert "Try again" in client.get(f"/jobs/{job.pk}/").content.decode()
    client.post(f"/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_another_companys_job_is_not_there(acme: Organisation, sign_in: SignIn) -> None:
    actor = viewer_of_system(acme, on=TODAY, name="test")
    with organisation_scope(acme.pk, actor=actor):
        job = job_enqueue("rows", slot="1", arguments={"rows": 3}, actor=actor)
    gus = sign_in("gus@globex.example")
    assert gus.get(f"/jobs/{job.pk}/").status_code == 404
    assert gus.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    assert gus.get(f"/api/v1/jobs/{job.pk}/").status_code == 404
    assert gus.get("/api/v1/jobs/").json()["results"] == []


def test_api_lists_shows_and_starts(queue: Queue, sign_in: SignIn) -> None:
    job = queue()
    client = sign_in("sol")
    rows = client.get("/api/v1/jobs/?kind=rows&state=queued").json()["results"]
    assert [(row["id"], row["requested_by"], row["arguments"]) for row in rows] == [(str(job.pk), "Sol", {"rows": 3})]
    assert client.get(f"/api/v1/jobs/{job.pk}/").json()["state"] == "queued"
    started = client.post("/api/v1/jobs/nightly/", {"on": "2026-11-02"}, content_type="application/json")
    assert (started.status_code, started.json()["slot"]) == (202, "2026-11-02")
    same = client.post("/api/v1/jobs/nightly/", {"on": "2026-11-02"}, content_type="application/json")
    assert same.json()["id"] == started.json()["id"]


@pytest.mark.parametrize("on", ["yesterday", "0001-01-01", "9999-12-31"])
def test_api_refuses_odd_days(sign_in: SignIn, queue: Queue, on: str) -> None:
    answer = sign_in("sol").post("/api/v1/jobs/nightly/", {"on": on}, content_type="application/json")
    assert answer.status_code == 400 and "on" in answer.json()["where"]
    assert not Job.objects.exists()
