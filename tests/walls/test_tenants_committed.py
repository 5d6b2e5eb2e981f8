"""The wall without a transaction around the test, as in production."""

import pytest
from django.db import DatabaseError, connection

from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR


def test_a_statement_outside_a_transaction_sees_nothing(committed_db: None) -> None:
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert Participant.objects.count() == 6
    assert connection.get_autocommit()
    with pytest.raises(DatabaseError):
        Participant.objects.count()
    with pytest.raises(ZeroDivisionError), organisation_scope(acme.id, actor=DIRECTOR):
        _ = 1 // 0
    with pytest.raises(DatabaseError):
        connection.cursor().execute("select count(*) from people_participant")
