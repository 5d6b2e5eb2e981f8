"""The public CRM set, through the services: nothing lost, one decision releases 1,480 rows, twice changes nothing."""

from typing import Any

import pytest

from spm.crm.models import Alias, FactCommit, HeldRow, OpportunityVersion, Upload
from spm.crm.selectors.facts import facts_digest, facts_moment, opportunity_frame
from spm.crm.services.decisions import alias_accept
from spm.people.models import Participant, Position, ReportingLine
from tests.crm.support import FILES, import_crm_file


@pytest.fixture
def imported(viewer: Any) -> dict[str, Upload]:
    """Import the four files as sales operations."""
    return {name: import_crm_file(name, viewer("sol")) for name in FILES}


def counts(upload: Upload) -> tuple[int, ...]:
    return (upload.received, upload.created, upload.updated, upload.unchanged, upload.held)


def test_the_set_is_taken_in_and_nothing_is_lost(imported: dict[str, Upload], viewer: Any) -> None:
    assert counts(imported["sales_teams.csv"]) == (35, 35, 0, 0, 0)
    assert counts(imported["accounts.csv"]) == (85, 85, 0, 0, 0)
    assert counts(imported["products.csv"]) == (7, 7, 0, 0, 0)
    assert counts(imported["sales_pipeline.csv"]) == (8800, 7320, 0, 0, 1480)
    held = HeldRow.objects.first()
    assert held is not None
    assert (held.column, held.value, held.proposal_kind, held.proposal_key) == (
        "product",
        "GTXPro",
        "product",
        "GTX Pro",
    )
    assert Participant.objects.filter(source="crm").count() == 41
    assert Position.objects.filter(name="Dustin Brinkmann").count() == 1
    assert ReportingLine.objects.filter(manager__name="Dustin Brinkmann").count() == 5


def test_one_alias_releases_all_and_is_remembered(imported: dict[str, Upload], viewer: Any) -> None:
    sol = viewer("sol")
    done = alias_accept(kind="product", source="crm", alias="GTXPro", target_key="GTX Pro", actor=sol)
    assert (done.released, done.still_held) == (1480, 0)
    pipeline = Upload.objects.get(pk=imported["sales_pipeline.csv"].pk)
    assert counts(pipeline) == (8800, 8800, 0, 0, 0)
    frame = opportunity_frame()
    won = frame[frame["status"] == "won"]
    assert (len(frame), len(won), int(won["amount_minor"].sum())) == (8800, 4238, 1_000_553_400)
    moment, versions = facts_moment(), OpportunityVersion.objects.count()
    digest = facts_digest(moment)

    again = [counts(import_crm_file(name, sol)) for name in FILES]

    assert again == [(35, 0, 0, 35, 0), (85, 0, 0, 85, 0), (7, 0, 0, 7, 0), (8800, 0, 0, 8800, 0)]
    assert OpportunityVersion.objects.count() == versions
    assert facts_digest(facts_moment()) == digest
    assert Alias.objects.count() == 1
    assert FactCommit.objects.filter(action="release").count() == 1
