"""Statements are held against the ledger each night: a line that differs is found, named and told, once."""

from datetime import date

import pytest

from incentives.models import Statement
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_get
from incentives.selectors.proving import periods_stated, statements_unequal
from incentives.tasks import ProofPart
from spm.notices.models import Notice
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import world
from tests.incentives.test_committed import committed_postings, connected

DAY = date(2026, 8, 20)
BREAK = "update incentives_statement set content = jsonb_set(content, '{lines,0,earned_minor}', %s) where id = %s"


def proof(acme: Organisation) -> list[str]:
    """Do the nightly part; gives its findings."""
    part = ProofPart()
    outcomes = [part.run(acme, DAY, step) for step in part.steps(acme, DAY)]
    return [finding.message for outcome in outcomes for finding in outcome.findings]


def test_a_line_that_the_owner_of_the_database_changed_is_found_and_told_once(committed_db):
    acme = committed_postings()
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert proof(acme) == [] and Notice.objects.filter(kind="proof").count() == 0
        period = periods_stated()[0]
        words = [one.words for one in period_checks(books_get(period), TODAY) if one.is_good]
        assert "Every line of the statements is what stands on the ledger." in words
        rex = Statement.objects.get(participant__name="Rex")
    with connected("SPM_TEST_SUPERUSER_URL") as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute(BREAK, ["70001", rex.pk])
        assert owner.rowcount == 1
    with organisation_scope(acme.id, actor=DIRECTOR):
        # 10,000.00 at 5 % and 2,000.00 at 10 % were posted: 700.00
        found = [
            (one.person, one.component_name, one.said_minor, one.posted_minor) for one in statements_unequal(period.id)
        ]
        assert found == [("Rex", "Commission", 70_001, 70_000)]
        for _ in range(2):
            (message,) = proof(acme)
            assert message.startswith("Rex, 2026-Q3: Commission says 700.01 USD, and the ledger has 700.00 USD.")
        told = Notice.objects.filter(kind="proof").select_related("membership__user")
        assert {one.membership.user.email.split("@")[0] for one in told} == {"fin", "otto"}
        assert {one.body.split(".")[0] for one in told} == {"Rex, Commission"}
        bad = [one.words for one in period_checks(books_get(period), TODAY) if not one.is_good]
        assert "1 line of the statements is not what the ledger has: Rex, Commission." in bad


@pytest.mark.django_db
def test_versions_of_a_statement_stay_equal_to_the_ledger(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    world.deal("D-1", "rex", 1_300_000)
    world.calculate(period, sol)
    assert statements_unequal(period.id) == []
    assert [one.id for one in periods_stated()] == [period.id]
