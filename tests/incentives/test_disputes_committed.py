"""Twenty people decide one dispute at once, each with a connection of their own: exactly one decision counts."""

import threading

from django.core.exceptions import ValidationError
from django.db import connection

from incentives.models import Adjustment, Dispute, DisputeEvent, Statement
from incentives.services.dispute_answers import Fix, dispute_accept, dispute_reject
from incentives.services.disputes import Doubt, Said, dispute_raise
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.roles.policy import viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import world

AT_ONCE = 20


def person(name):
    member = Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")
    return viewer_get(member, on=TODAY, via="test")


def decide(acme, actor, dispute, number, gate, answers):
    """Accept or reject by turns, with nineteen others at once; an acceptance asks for an adjustment."""
    try:
        gate.wait(300)
        with organisation_scope(acme.pk, actor=actor):
            said = Said(f"by {number}")
            if number % 2:
                dispute_reject(dispute_id=dispute.pk, cause="split", said=said, actor=actor)
            else:
                fix = Fix("adjustment", amount_minor=100 + number)
                dispute_accept(dispute_id=dispute.pk, cause="split", said=said, fix=fix, actor=actor)
            answers.append(number)
    except ValidationError:
        answers.append(None)
    finally:
        connection.close()


def test_of_twenty_decisions_at_once_exactly_one_counts(committed_db):
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        sol, fin, rex = person("sol"), person("fin"), person("rex")
        period = world.build(sol)
        world.deal("D-1", "rex", 1_200_000)
        world.calculate(period, sol)
        Organisation.objects.filter(slug="acme").update(is_single_operator=False)
        statement = Statement.objects.get(participant__source_key="rex")
        doubt = Doubt("split", 80_000, "D-1")
        dispute = dispute_raise(
            statement_id=statement.pk, section="lines", place=1, doubt=doubt, said=Said("Ria has no share."), actor=rex
        )
    gate, answers = threading.Barrier(AT_ONCE), []
    threads = [
        threading.Thread(target=decide, args=(acme, (sol, fin)[number % 2], dispute, number, gate, answers))
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    won = [one for one in answers if one is not None]
    assert len(answers) == AT_ONCE and len(won) == 1
    with organisation_scope(acme.pk, actor=DIRECTOR):
        decided = DisputeEvent.objects.get(step__in=["accepted", "rejected"])
        assert decided.text == f"by {won[0]}"
        assert Dispute.objects.get().state == ("rejected" if won[0] % 2 else "accepted")
        assert [one.amount_minor for one in Adjustment.objects.all()] == ([] if won[0] % 2 else [100 + won[0]])
        assert Notice.objects.filter(membership__user_id=rex.user_id, slot__contains=str(decided.pk)).count() == 1
