"""Large files go through jobs: progress on the page, a second run changes nothing, a broken file fails with its reason. Query budgets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from spm.crm.models import OpportunityVersion, Upload
from spm.jobs.models import Job
from spm.jobs.timetable import work_of
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from spm.web import crm_starts
from tests.cast import DIRECTOR
from tests.crm.test_pages import commit, send

ROWS = "".join(f"D{number},open,{number}\n" for number in range(300))
DEALS = f"opportunity_id,deal_stage,close_value\n{ROWS}"


@pytest.fixture
def sol(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(crm_starts, "INLINE_SIZE", 10)
    return sign_in("sol")


def run(upload: Upload, kind: str) -> Any:
    with organisation_scope(upload.organisation_id, actor=DIRECTOR):
        job = Job.objects.filter(kind=kind, slot__startswith=str(upload.pk)).latest("queued_at")
        work = work_of(kind)
        outcomes = [work.run(job, step) for step in work.steps(job)]
        upload.refresh_from_db()
        return outcomes[-1]


def test_a_large_file_is_previewed_and_committed_by_jobs(sol: Client, acme: Organisation) -> None:
    upload = send(sol, DEALS, "deals.csv", constant_currency="USD")
    assert upload.state == "mapped"
    page = sol.get(reverse("crm:upload_detail", args=[upload.pk]))
    assert reverse("crm:upload_job", args=[upload.pk, "preview"]) in page.content.decode()
    assert run(upload, "import_preview").outcome["created"] == 300
    commit(sol, upload)
    assert upload.state == "committing"
    progress = sol.get(reverse("crm:upload_job", args=[upload.pk, "commit"]))
    assert b"Waits for a worker" in progress.content and "HX-Refresh" not in progress
    assert (
        sol.post(reverse("crm:upload_mapping", args=[upload.pk]), {"column_key": "opportunity_id"}).status_code != 302
    )
    for _ in range(2):
        assert run(upload, "import_commit").outcome == {
            "received": 300,
            "created": 300,
            "updated": 0,
            "unchanged": 0,
            "held": 0,
        }
    assert sol.get(reverse("crm:upload_job", args=[upload.pk, "commit"]))["HX-Refresh"] == "true"
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert OpportunityVersion.objects.count() == 300


def test_a_file_that_breaks_further_down_fails_with_its_reason(sol: Client, acme: Organisation) -> None:
    upload = send(sol, DEALS + 'D99,"open,1\n', "deals.csv", constant_currency="USD")
    outcome = run(upload, "import_preview")
    assert upload.state == "failed" and "quote" in outcome.findings[0].what
    page = sol.get(reverse("crm:upload_detail", args=[upload.pk]))
    assert "a quote is opened and not closed" in page.content.decode()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert not OpportunityVersion.objects.exists()


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("upload_list", 14),
        ("inbox", 24),
        ("held_list", 14),
        ("opportunity_list", 14),
        ("account_list", 14),
        ("product_list", 14),
    ],
)
def test_pages_keep_their_query_budget(
    sol: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, name: str, budget: int
) -> None:
    monkeypatch.setattr(crm_starts, "INLINE_SIZE", 1_000_000)
    for round in range(3):
        commit(
            sol, send(sol, DEALS.replace("D1,", f"X{round},,bad\nD1,"), f"deals{round}.csv", constant_currency="USD")
        )
    with django_assert_max_num_queries(budget):
        assert sol.get(reverse(f"crm:{name}")).status_code == 200
