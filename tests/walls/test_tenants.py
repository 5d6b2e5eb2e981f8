"""The wall between companies stands in the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import ScopeError, organisation_scope
from spm.tenancy.walls import EXCEPTIONS, GLOBAL, tenant_models
from tests.cast import DIRECTOR

pytestmark = pytest.mark.django_db


def test_reading_without_a_scope_raises() -> None:
    for model in tenant_models():
        with pytest.raises(DatabaseError), transaction.atomic():
            model._base_manager.exists()


def test_reading_after_a_scope_raises(acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert Participant.objects.count() == 6
    with pytest.raises(DatabaseError), transaction.atomic():
        Participant.objects.count()


def test_nesting_another_company_is_refused(acme: Organisation, globex: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR), pytest.raises(ScopeError), organisation_scope(globex.id, actor=DIRECTOR):
        pass


def test_every_table_has_its_walls_or_stands_in_a_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, relrowsecurity, relforcerowsecurity from pg_class c join pg_namespace n on n.oid = relnamespace "
            "where nspname = 'public' and relkind in ('r', 'p')"
        )
        tables = {name: (enabled, forced) for name, enabled, forced in cursor.fetchall()}
    walled = {name for name, state in tables.items() if state == (True, True)}
    assert set(tables) - walled == set(GLOBAL) & set(tables)
    assert walled == {model._meta.db_table for model in tenant_models()} | set(EXCEPTIONS)
    assert not walled & set(GLOBAL)
