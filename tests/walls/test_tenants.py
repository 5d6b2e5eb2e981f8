"""The wall between companies stands in the database: whatever way the app's role asks. Source: trust.md 4.3."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg2
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from spm.audit.models import Entry, PlatformEntry
from spm.identity.models import ApiToken, Invitation, Membership, StaffEntry, User
from spm.people.models import Participant, Position, ReportingLine, Title, Unit
from spm.roles.models import RoleGrant
from spm.tenancy.keys import uuid7
from spm.tenancy.models import Organisation
from spm.tenancy.scope import (
    Actor,
    ScopeError,
    current_organisation_id,
    identity_open,
    organisation_scope,
    scope_is_open,
)
from spm.tenancy.walls import tenant_models
from tests.cast import DIRECTOR

pytestmark = pytest.mark.django_db


def sql(query: str, *arguments: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return list(cursor.fetchall()) if cursor.description else []


def of_globex(globex: Organisation, make: Callable[[], Any]) -> Any:
    """Give what `make` gives inside globex."""
    with organisation_scope(globex.id, actor=DIRECTOR):
        return make()


def test_no_scope_raises() -> None:
    for model in tenant_models():
        with pytest.raises(DatabaseError), transaction.atomic():
            model._base_manager.exists()


def test_an_ended_scope_raises(acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert Participant.objects.count() == 6
    with pytest.raises(DatabaseError), transaction.atomic():
        Participant.objects.count()


def test_an_empty_setting_raises() -> None:
    with transaction.atomic():
        sql("select set_config('app.organisation_id', '', true)")
        with pytest.raises(DatabaseError), transaction.atomic():
            Participant.objects.count()


def test_rows_of_another_company_are_not_there(in_acme: Organisation) -> None:
    for model in tenant_models():
        assert not model._base_manager.exclude(organisation_id=in_acme.id).exists(), model
        assert sql(f'select count(*) from "{model._meta.db_table}" where organisation_id <> %s', in_acme.id) == [(0,)]


def test_rows_of_another_company_are_not_counted(in_acme: Organisation) -> None:
    assert sql("select count(*) from people_participant") == [(6,)]
    assert sql("select count(*) from people_participant p1 cross join people_participant p2") == [(36,)]
    assert sql("select count(*) from (select 1 from people_participant union all select 1 from people_unit) x") == [
        (8,)
    ]
    assert sql(
        "with recursive r as (select id from people_participant union select id from r) select count(*) from r"
    ) == [(6,)]


def test_global_rows_of_another_company_are_not_there_inside_a_scope(in_acme: Organisation) -> None:
    assert set(Organisation.objects.values_list("slug", flat=True)) == {"acme"}
    for model in (Membership, Invitation, ApiToken, StaffEntry, PlatformEntry):
        assert not model.objects.exclude(organisation_id=in_acme.id).exists(), model
    assert sql("select count(*) from identity_membership where organisation_id <> %s", in_acme.id) == [(0,)]


def test_global_rows_of_another_company_are_not_written_inside_a_scope(in_acme: Organisation) -> None:
    foreign = in_acme.id + 1
    user_id = Membership.objects.get(user__email="rex@acme.example").user_id
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Membership.objects.create(user_id=user_id, organisation_id=foreign)
    assert (
        sql("update identity_membership set is_active = false where organisation_id = %s returning id", foreign) == []
    )


def test_people_of_other_companies_are_not_there_inside_a_scope(acme: Organisation, globex: Organisation) -> None:
    rex = User.objects.get(email="rex@acme.example")
    stranger = User.objects.filter(memberships__organisation=globex).exclude(memberships__organisation=acme).first()
    Client().force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    with organisation_scope(acme.id, actor=Actor(name="Rex", user_id=rex.pk, via="test")):
        assert {user.email.partition("@")[2] for user in User.objects.all()} == {"acme.example"}
        assert not User.objects.filter(pk=stranger.pk).update(name="Somebody else")
        assert sql("select count(*) from account_emailaddress where user_id <> %s", rex.pk) == [(0,)]
        for table in ("mfa_authenticator", "usersessions_usersession", "django_session"):
            assert sql(f"select count(*) from {table}") == [(0,)], table
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Authenticator.objects.create(user=stranger, type="totp", data={})


def test_a_scope_forgets_that_an_account_was_open(acme: Organisation, globex: Organisation) -> None:
    everybody = User.objects.count()
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert User.objects.count() < everybody
        identity_open()
        assert User.objects.count() == everybody
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert User.objects.count() < everybody


def test_writing_for_another_company_is_refused(in_acme: Organisation, globex: Organisation) -> None:
    foreign = Title(code="x", name="X", organisation_id=in_acme.id + 1)
    for write in (
        foreign.save,
        lambda: Title.objects.bulk_create([foreign]),
        lambda: Title.objects.update(organisation_id=in_acme.id + 1),
        lambda: sql("insert into people_title (organisation_id, code, name) values (%s, 'x', 'X')", in_acme.id + 1),
    ):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            write()


def test_changing_rows_of_another_company_changes_nothing(acme: Organisation, globex: Organisation) -> None:
    unit = of_globex(globex, lambda: Unit.objects.get())
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert Unit.objects.filter(pk=unit.pk).update(name="taken") == 0
        assert Unit.objects.filter(pk=unit.pk).delete()[0] == 0
        assert sql("update people_unit set name = 'taken' where id = %s returning id", unit.pk) == []
        assert sql("delete from people_unit where id = %s returning id", unit.pk) == []
        with pytest.raises(DatabaseError):
            unit.save(force_update=True)
    assert of_globex(globex, lambda: Unit.objects.get(pk=unit.pk).name) == "Globex West"


def test_a_new_row_belongs_to_the_scope(in_acme: Organisation) -> None:
    assert Title.objects.create(code="new", name="New").organisation_id == in_acme.id
    assert {
        t.organisation_id for t in Title.objects.bulk_create([Title(code="a", name="A"), Title(code="b", name="B")])
    } == {in_acme.id}


def test_referring_to_a_foreign_row_is_refused(acme: Organisation, globex: Organisation) -> None:
    seat = of_globex(globex, lambda: Position.objects.get())
    member = of_globex(globex, lambda: Membership.objects.first())
    with organisation_scope(acme.id, actor=DIRECTOR):
        mine = Position.objects.get(code="rex")
        during = DateRange(date(2030, 1, 1), None)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportingLine.objects.create(position=Position.objects.get(code="mara"), manager_id=seat.pk, during=during)
        with pytest.raises(IntegrityError), transaction.atomic():
            sql("update people_reportingline set manager_id = %s where position_id = %s", seat.pk, mine.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(membership=member, role="rep", during=during)
        with pytest.raises(IntegrityError), transaction.atomic():
            Participant.objects.filter(source_key="rex").update(membership=member)


def test_a_unique_value_of_another_company_is_no_oracle(acme: Organisation, globex: Organisation) -> None:
    of_globex(globex, lambda: Title.objects.create(code="secret", name="S"))
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert Title.objects.create(code="secret", name="S").pk
        assert Title.objects.get_or_create(code="secret")[1] is False


def test_keys_can_not_be_guessed_from_others() -> None:
    first, second = Title(code="1").pk, Title(code="2").pk

    assert bin(first.int ^ second.int).count("1") > 10


def test_copy_does_not_pass_the_wall(in_acme: Organisation) -> None:
    with connection.cursor() as cursor:
        out = io.StringIO()
        with pytest.raises(psycopg2.Error, match="not supported with row-level"), transaction.atomic():
            cursor.copy_expert(
                "copy people_title (organisation_id, code, name) from stdin", io.StringIO(f"{in_acme.id + 1}\tx\tX\n")
            )
        cursor.copy_expert("copy (select organisation_id from people_title) to stdout", out)
    assert set(out.getvalue().split()) == {str(in_acme.id)}


@pytest.mark.parametrize(
    "statement",
    [
        "truncate people_title",
        "alter table people_title disable row level security",
        "alter table people_title no force row level security",
        "drop policy company on people_title",
        "create policy more on people_title using (true)",
        "create table loose (id int)",
        "create materialized view loose as select 1",
        "alter role current_user bypassrls",
        "set role spm_owner",
        "set session authorization spm_owner",
        "alter table people_title disable trigger all",
        "set session_replication_role = replica",
        "create function f() returns int language sql security definer as 'select 1'",
        "drop table people_title",
    ],
)
def test_the_app_role_can_not_take_the_wall_down(in_acme: Organisation, statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        sql(statement)


def test_row_security_off_is_an_error_and_no_way_around(in_acme: Organisation) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("set local row_security = off")
        sql("select * from people_title")


def test_nesting_another_company_is_refused(acme: Organisation, globex: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        with pytest.raises(ScopeError), organisation_scope(globex.id, actor=DIRECTOR):
            pass
        with organisation_scope(acme.id, actor=DIRECTOR):
            assert Participant.objects.count() == 6
        assert current_organisation_id() == acme.id


def test_a_savepoint_keeps_the_scope(acme: Organisation, globex: Organisation) -> None:
    with organisation_scope(acme.id, actor=DIRECTOR):
        with transaction.atomic():
            Title.objects.create(code="kept", name="K")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Title.objects.create(code="lost", name="L")
            _ = 1 // 0
        assert set(Title.objects.filter(code__in=["kept", "lost"]).values_list("code", flat=True)) == {"kept"}
        assert sql("select current_setting('app.organisation_id')") == [(str(acme.id),)]
    with organisation_scope(globex.id, actor=DIRECTOR):
        assert Participant.objects.count() == 1


def test_an_error_inside_ends_the_scope(acme: Organisation) -> None:
    with pytest.raises(ZeroDivisionError), organisation_scope(acme.id, actor=DIRECTOR):
        _ = 1 // 0
    assert not scope_is_open()
    with pytest.raises(DatabaseError), transaction.atomic():
        Participant.objects.count()


def test_cache_entries_are_apart(acme: Organisation, globex: Organisation) -> None:
    key = f"figure-{uuid7()}"
    with organisation_scope(acme.id, actor=DIRECTOR):
        cache.set(key, "acme's")
    with organisation_scope(globex.id, actor=DIRECTOR):
        assert cache.get(key) is None
        cache.set(key, "globex's")
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert cache.get(key) == "acme's"
    assert cache.get(key) is None


def test_two_requests_on_one_connection(sign_in: Callable[[str], Client]) -> None:
    acme, globex, visitor = sign_in("ada"), sign_in("gus@globex.example"), Client()
    url = reverse("api_people_participants")
    for _ in range(2):
        assert {one["name"] for one in acme.get(url).json()["results"]} == {"Mara", "Mona", "Max", "Rex", "Ria", "Rob"}
        assert visitor.get(url).status_code == 401
        assert {one["name"] for one in globex.get(url).json()["results"]} == {"Greta"}
        assert not scope_is_open()


def test_a_failed_request_leaves_nothing(
    sign_in: Callable[[str], Client], acme: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = sign_in("ada")
    ada.raise_request_exception = False
    monkeypatch.setattr("spm.web.pages.identity.members.invitation_mail", lambda *_: 1 // 0)

    response = ada.post(reverse("identity:member_invite"), {"email": "x@acme.example", "roles": ["rep"]})

    assert response.status_code == 500
    assert not Invitation.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Participant.objects.count()


def test_the_audit_of_another_company_is_not_there(acme: Organisation, globex: Organisation) -> None:
    of_globex(globex, lambda: Title.objects.create(code="canary", name="Canary of Globex"))
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert not Entry.objects.filter(after__code="canary").exists()
        assert "Canary of Globex" not in str(
            sql("select before, after from audit_entry union all select before, after from audit_platformentry")
        )
