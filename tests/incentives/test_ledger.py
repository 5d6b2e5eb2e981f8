"""The ledger balances, never changes, and shows when somebody changed it all the same."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incentives.models import Journal, JournalKind, LedgerEntry, RunEarning, Statement
from incentives.selectors.chain import chain_verify, journal_hash
from incentives.services.ledger import Leg, journal_post
from spm.people.models import Participant
from spm.tenancy.keys import uuid7
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    run, _ = world.calculate(period, sol)
    return sol, period, run


@pytest.mark.parametrize("model", [LedgerEntry, Journal, Statement, RunEarning])
def test_the_application_can_change_nothing_that_was_posted(posted, model):
    count = model.objects.count()
    assert count
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(organisation_id=1)
    assert model.objects.count() == count


def test_a_runs_credits_can_be_neither_changed_nor_added_to(posted):
    _, _, run = posted
    part = f"incentives_runcredit_{run.id.hex}"
    for statement in (f"delete from {part}", f"update {part} set credit_minor = 1", "delete from incentives_runcredit"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="not a running run"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select spm_run_open(%s)", [run.id])


def _leg(posted, account: str, amount_minor: int, currency: str = "USD") -> Leg:
    _, _, run = posted
    earning = RunEarning.objects.filter(run=run).first()
    return Leg(Participant.objects.first().id, earning.plan_version_id, "commission", account, amount_minor, currency)


@pytest.mark.parametrize(
    "legs", [[("earned", 5)], [("earned", 5), ("expense", -4)], [("earned", 5, "USD"), ("expense", -5, "EUR")]]
)
def test_a_journal_out_of_balance_is_refused_by_the_database(posted, legs):
    sol, period, run = posted
    before = Journal.objects.count()
    with pytest.raises(IntegrityError, match="out of balance"), transaction.atomic():
        journal_post(
            kind=JournalKind.EARN,
            slot="test",
            period=period,
            legs=[_leg(posted, *leg) for leg in legs],
            reason="test",
            actor=sol,
            run=run,
        )
    assert Journal.objects.count() == before


@pytest.fixture
def foreign(globex):
    with organisation_scope(globex.id, actor=DIRECTOR):
        return Participant.objects.first().id


def test_an_entry_refers_to_rows_of_its_company_only(foreign, posted):
    sol, period, run = posted
    before = LedgerEntry.objects.count()
    for wrong in ({"participant_id": uuid7()}, {"participant_id": foreign}, {"plan_version_id": uuid7()}):
        legs = [_leg(posted, "earned", 5), _leg(posted, "expense", -5)._replace(**wrong)]
        with pytest.raises(IntegrityError, match="refers to no row"), transaction.atomic():
            journal_post(
                kind=JournalKind.EARN, slot="test", period=period, legs=legs, reason="test", actor=sol, run=run
            )
    assert LedgerEntry.objects.count() == before


def test_what_a_result_refers_to_is_not_deleted_and_keeps_its_key(posted):
    _, _, run = posted
    lone = Participant.objects.create(source="test", source_key="lone", name="Lone", currency="USD")
    lost = Participant.objects.create(source="test", source_key="lost", name="Lost", currency="USD")
    earning = RunEarning.objects.filter(run=run).first()
    earning.pk, earning.participant_id = uuid7(), lone.id
    earning.save(force_insert=True)
    lost.delete()
    with pytest.raises(IntegrityError, match="still referred to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from people_participant where id = %s", [lone.id])
    with pytest.raises(IntegrityError, match="keeps its key"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update people_participant set id = %s where id = %s", [uuid7(), lone.id])
    assert Participant.objects.filter(pk=lone.id).exists()


def test_a_slot_is_posted_once(posted):
    sol, period, _ = posted
    legs = [_leg(posted, "earned", 5), _leg(posted, "expense", -5)]
    first = journal_post(kind=JournalKind.EARN, slot="once", period=period, legs=legs, reason="test", actor=sol)
    second = journal_post(kind=JournalKind.EARN, slot="once", period=period, legs=legs, reason="test", actor=sol)
    assert first == second
    assert LedgerEntry.objects.filter(journal=first).count() == 2


def test_a_changed_amount_changes_the_hash_of_its_journal(posted):
    assert chain_verify() is None
    journal = Journal.objects.order_by("number").first()
    entries = list(LedgerEntry.objects.filter(journal=journal))
    entries[0].amount_minor += 1
    assert journal_hash(journal, entries) != journal.hash
