"""Drafts while they are written: saved with errors, saved by themselves, and never over each other."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from incentives.models import Plan, PlanVersion, RunEarning
from incentives.selectors.facts import versions_effective
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish, plan_submit
from incentives.services.plans import DraftConflict, PlanRefused, plan_create, plan_version_save
from spm.people.models import Participant
from tests.incentives import world
from tests.incentives.designing import fields_of

GOOD = {
    "plan": "reps",
    "name": "Reps",
    "currency": "USD",
    "from": "2026-01-01",
    "until": "2027-01-01",
    "components": [{"key": "c", "name": "Commission", "rate": "5 %"}],
}
BAD = {**GOOD, "components": [{"key": "c", "name": "Commission", "rate": "5 %", "rats": "6 %"}]}


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def test_a_draft_with_errors_is_kept_and_never_goes_further(sol):
    with pytest.raises(PlanRefused):
        plan_create(document=BAD, actor=sol)
    assert Plan.objects.count() == 0
    version, findings = plan_create(document=BAD, actor=sol, with_errors=True)
    assert [(each.code, each.where) for each in findings if each.is_error] == [("FIELD_UNKNOWN", "components[0].rats")]
    for step in (plan_submit, plan_publish):
        with pytest.raises(ValidationError, match="Commission, rats: The field rats is not part of the plan language"):
            step(version_id=version.pk, actor=sol)
    version.refresh_from_db()
    assert version.state == "draft" and version.definition == {**BAD, "period": "QUARTERLY"}
    mended, findings = plan_version_save(plan_id=version.plan_id, version_id=version.pk, document=GOOD, actor=sol)
    assert [each for each in findings if each.is_error] == []
    assert mended.pk == version.pk


@pytest.mark.parametrize(
    ("document", "name", "code"),
    [
        ({}, "Unnamed plan", "unnamed-plan"),
        ({"name": ["x"], "plan": {"a": "b"}, "from": "soon"}, "Unnamed plan", "unnamed-plan"),
        ({"name": "Half\0 done", "components": "later", "examples": "later"}, "Half done", "half-done"),
        ({"name": "N" * 400, "from": "2027-01-01", "until": "2026-01-01"}, "N" * 200, "n" * 100),
    ],
)
def test_anything_that_was_written_is_kept(sol, sign_in, document, name, code):
    version, _ = plan_create(document=document, actor=sol, with_errors=True)
    assert (version.plan.name, version.plan.code) == (name, code)
    assert (
        str(version.during.lower) == f"{sol.on.year}-01-01" and str(version.during.upper) == f"{sol.on.year + 1}-01-01"
    )
    client = sign_in("sol")
    for page in ("plan_edit", "plan_compare", "plan_export", "plan_publish", "plan_whatif", "plan_example_new"):
        assert client.get(reverse(f"incentives:{page}", args=[version.pk])).status_code == 200, page
    assert client.get(reverse("incentives:plan_detail", args=[version.plan_id])).status_code == 200


def test_a_run_does_not_see_a_draft_with_errors(sol):
    period = world.build(sol)
    world.deal("D-1", "rex", 900_000)
    version, _ = plan_create(document=BAD, actor=sol, with_errors=True)
    plan_assign(
        plan_id=version.plan_id,
        target="participant",
        target_id=Participant.objects.get(source_key="rex").pk,
        start=date(2026, 1, 1),
        actor=sol,
    )
    assert version.pk not in {each.pk for each in versions_effective(period)}
    run, _ = world.calculate(period, sol)
    assert {each.plan_version_id for each in RunEarning.objects.filter(run=run)} == {
        each.pk for each in versions_effective(period)
    }


def test_two_editors_never_save_over_each_other_unseen(sol):
    version, _ = plan_create(document=GOOD, actor=sol)
    read = version.digest
    plan_version_save(
        plan_id=version.plan_id, version_id=version.pk, document={**GOOD, "name": "Of ada"}, actor=sol, expected=read
    )
    with pytest.raises(DraftConflict) as refused:
        plan_version_save(
            plan_id=version.plan_id,
            version_id=version.pk,
            document={**GOOD, "name": "Of sol"},
            actor=sol,
            expected=read,
        )
    assert refused.value.at is not None
    assert Plan.objects.get().name == "Of ada"
    plan_version_save(
        plan_id=version.plan_id, version_id=version.pk, document={**GOOD, "name": "Of sol"}, actor=sol, expected=None
    )
    assert Plan.objects.get().name == "Of sol"


def test_the_page_saves_by_itself_and_names_a_conflict(sol, sign_in):
    version, _ = plan_create(document=GOOD, actor=sol)
    client, address = sign_in("sol"), reverse("incentives:plan_edit", args=[version.pk])
    page = client.get(address).content.decode()
    fields, script = fields_of(page), {"Accept": "application/json"}
    assert "data-keeps" in page and fields["base"] == version.digest
    kept = client.post(address, fields | {"f:components.0.rate": "6 %", "do": "keep"}, headers=script)
    version.refresh_from_db()
    assert version.definition["components"][0]["rate"] == "6 %"
    assert (kept.status_code, kept.json()["digest"], kept.json()["errors"]) == (200, version.digest, 0)
    stale = client.post(address, fields | {"f:components.0.rate": "7 %", "do": "keep"}, headers=script)
    assert stale.status_code == 409 and stale.json()["conflict"] is True
    assert "saved version 1 of Reps after it was opened here" in stale.json()["words"]
    plain = client.post(address, fields | {"f:components.0.rate": "7 %", "do": "save"})
    assert plain.status_code == 409 and "Save mine over it" in plain.content.decode()
    version.refresh_from_db()
    assert version.definition["components"][0]["rate"] == "6 %"
    over = client.post(address, fields | {"f:components.0.rate": "7 %", "over": "yes"}, headers=script)
    version.refresh_from_db()
    assert version.definition["components"][0]["rate"] == "7 %" and over.json()["url"].startswith("/incentives/plans/")


def test_what_is_in_review_is_not_changed_by_itself(sol, sign_in):
    version, _ = plan_create(document=GOOD, actor=sol)
    plan_submit(version_id=version.pk, actor=sol)
    page = sign_in("sol").get(reverse("incentives:plan_edit", args=[version.pk])).content.decode()
    assert "data-keeps" not in page and "Saving a change takes it back" in page


def test_the_api_keeps_a_draft_with_errors_and_names_a_conflict(sol, sign_in):
    client = sign_in("sol")
    refused = client.post("/api/v1/incentives/plans/", json.dumps({"document": BAD}), content_type="application/json")
    assert refused.status_code == 400
    asked = {"document": BAD, "with_errors": True}
    kept = client.post("/api/v1/incentives/plans/", json.dumps(asked), content_type="application/json")
    assert kept.status_code == 201 and kept.json()["warnings"][0]["code"] == "FIELD_UNKNOWN"
    version = PlanVersion.objects.get()
    address = f"/api/v1/incentives/plan-versions/{version.pk}/"
    asked = {"document": GOOD, "expected": "0" * 64}
    stale = client.put(address, json.dumps(asked), content_type="application/json")
    assert stale.status_code == 409
    version.refresh_from_db()
    assert version.definition["components"][0]["rats"] == "6 %"
    fresh = client.put(address, json.dumps(asked | {"expected": version.digest}), content_type="application/json")
    assert fresh.status_code == 200
