"""Every write is in the audit, from the database's side: who, when, what, before, after. The app can't write or lose it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spm.audit.models import Entry, PlatformEntry
from spm.audit.selectors import changes, table_names
from spm.identity.models import ApiToken, Membership, User
from spm.people.models import Participant, Title
from spm.roles.policy import Viewer
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, actor_scope, organisation_scope
from spm.tenancy.walls import AUDIT_TABLE, AUDITED_GLOBAL, GLOBAL, tenant_models
from tests.cast import DIRECTOR, PASSWORD

pytestmark = pytest.mark.django_db
SOL = Actor(name="Sol", user_id=7, via="web", request_id="r-1")


def sql(query: str, *arguments: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)


def entries(**wanted: Any) -> list[tuple[str, Any, Any]]:
    """Give (verb, name before, name after) of title entries, oldest first."""
    rows = Entry.objects.filter(table_name="people_title", request_id="r-1", **wanted).order_by("at", "pk")
    return [(row.verb, (row.before or {}).get("name"), (row.after or {}).get("name")) for row in rows]


def test_each_way_to_write_is_caught(acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=SOL):
        one = Title.objects.create(code="a", name="A")
        one.name = "A2"
        one.save()
        Title.objects.bulk_create([Title(code="b", name="B"), Title(code="c", name="C")])
        Title.objects.filter(code__in="bc").update(name="same")
        Title.objects.bulk_update([Title(pk=one.pk, name="A3")], ["name"])
        sql("insert into people_title (code, name) values ('d', 'D')")
        sql("update people_title set name = 'D2' where code = 'd'")
        sql(
            "insert into people_title (code, name) values ('d', 'D3') on conflict (organisation_id, code) "
            "do update set name = excluded.name"
        )
        sql("with gone as (delete from people_title where code = 'd' returning *) select 1")
        Title.objects.filter(code="b").delete()
        one.delete()
        found = entries()
    assert sorted(found, key=str) == sorted(
        [
            ("insert", None, "A"),
            ("update", "A", "A2"),
            ("insert", None, "B"),
            ("insert", None, "C"),
            ("update", "B", "same"),
            ("update", "C", "same"),
            ("update", "A2", "A3"),
            ("insert", None, "D"),
            ("update", "D", "D2"),
            ("update", "D2", "D3"),
            ("delete", "D3", None),
            ("delete", "same", None),
            ("delete", "A3", None),
        ],
        key=str,
    )


def test_an_entry_says_who_when_and_what(acme: Organisation) -> None:
    before = timezone.now()
    with organisation_scope(acme.id, actor=SOL):
        title = Title.objects.create(code="a", name="A")
        entry = Entry.objects.get(table_name="people_title", row_id=str(title.pk))
    assert (entry.actor, entry.user_id, entry.via, entry.request_id, entry.verb) == ("Sol", 7, "web", "r-1", "insert")
    assert before - timedelta(seconds=5) < entry.at < timezone.now() + timedelta(seconds=5)
    assert entry.after["code"] == "a"
    assert entry.organisation_id == acme.id


def test_an_update_that_changes_nothing_is_no_entry(acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=SOL):
        Title.objects.update(name="Same")
        Title.objects.update(name="Same")
        assert {(verb, after) for verb, _, after in entries()} == {("update", "Same")}
        assert len(entries()) == Title.objects.count()


def test_a_write_that_is_undone_has_no_entry(acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=SOL):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Title.objects.create(code="a", name="A")
            _ = 1 // 0
        assert entries() == []


def test_a_request_names_its_user(sign_in: Callable[[str], Client], acme: Organisation) -> None:
    rex = Membership.objects.get(user__email="rex@acme.example")
    today = timezone.localdate(timezone=ZoneInfo(acme.time_zone)).isoformat()
    response = sign_in("ada").post(
        reverse("identity:member_detail", args=[rex.public_id]),
        {"role": "finance", "starts_on": today, "until": "", "reach": ""},
    )
    with organisation_scope(acme.id, actor=DIRECTOR):
        entry = Entry.objects.filter(table_name="roles_rolegrant").latest("at")
    assert (entry.actor, entry.via) == ("Ada", "web")
    assert entry.user_id == User.objects.get(email="ada@acme.example").pk
    assert entry.request_id == response["X-Request-ID"]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit_entry (id, organisation_id, at, actor, via, table_name, row_id, verb, request_id) "
        "values (gen_random_uuid(), 1, now(), 'x', 'x', 'x', 'x', 'insert', '')",
        "update audit_entry set actor = 'nobody'",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_platformentry set actor = 'nobody'",
        "delete from audit_platformentry",
        "insert into audit_platformentry (at, actor, via, table_name, row_id, verb) values (now(), 'x', 'x', 'x', 'x', 'insert')",
        "alter table people_title disable trigger audit_insert",
        "drop trigger audit_insert on people_title",
    ],
)
def test_the_app_can_not_touch_the_audit(in_acme: Organisation, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(
    "statement", ["update audit_entry set actor = 'nobody'", "delete from audit_entry", "truncate audit_entry"]
)
def test_even_the_owner_can_not_change_the_audit(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_table_is_audited_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, array_agg(t.tgname::text order by t.tgname) from pg_trigger t join pg_class c on c.oid = t.tgrelid "
            "where t.tgname like 'audit\\_%' and t.tgenabled = 'O' group by 1"
        )
        audited = dict(cursor.fetchall())
    all_three = ["audit_delete", "audit_insert", "audit_update"]
    wanted = {model._meta.db_table for model in tenant_models() if not model.unaudited} | set(AUDITED_GLOBAL)
    assert {table: triggers for table, triggers in audited.items() if triggers != all_three} == {}
    assert wanted == set(audited)
    assert all(len(model.unaudited) > 10 for model in tenant_models() if model.unaudited)
    assert AUDIT_TABLE not in audited
    assert set(AUDITED_GLOBAL) <= set(GLOBAL)


def test_secrets_are_hidden_and_their_change_is_told() -> None:
    rex = User.objects.get(email="rex@acme.example")
    with actor_scope(SOL):
        rex.set_password("another quiet river 8")
        rex.save()
        TOTP.activate(rex, "JBSWY3DPEHPK3PXP")
        acme = Organisation.objects.get(slug="acme")
        _, secret = ApiToken.objects.create(user=rex, expiry=timedelta(days=1), organisation=acme, name="x")
    changed = PlatformEntry.objects.filter(table_name="identity_user", row_id=str(rex.pk)).latest("at")
    assert changes(changed) == [("password", "hidden", "hidden, changed")]
    text = str(list(PlatformEntry.objects.values("before", "after")))
    assert "JBSWY3DPEHPK3PXP" not in text
    assert secret[:15] not in text
    assert "argon2" not in text
    assert PASSWORD not in text


def test_global_tables_are_audited() -> None:
    with actor_scope(SOL):
        user = User.objects.create_user("new@acme.example", PASSWORD)
        EmailAddress.objects.create(user=user, email=user.email)
    found = PlatformEntry.objects.filter(actor="Sol").values_list("table_name", "verb")
    assert set(found) >= {("identity_user", "insert"), ("account_emailaddress", "insert")}


def test_the_page_shows_before_and_after(sign_in: Callable[[str], Client], acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=SOL):
        title = Title.objects.create(code="a", name="Before it")
        Title.objects.filter(pk=title.pk).update(name="After it")
    otto, url = sign_in("otto"), reverse("audit:entry_list")

    page = otto.get(url, {"table": "people_title", "verb": "update", "row": str(title.pk), "actor": "so"})

    assert page.status_code == 200
    assert len(page.context["page"].object_list) == 1
    assert "Before it" in page.content.decode()
    assert "After it" in page.content.decode()
    assert not otto.get(url, {"table": "people_title", "until": "2020-01-01"}).context["page"].object_list
    assert otto.get(url, {"of": "access"}).status_code == 200
    assert otto.get(url, {"table": "no_such", "since": "soon"}).status_code == 200


def test_the_audit_shows_only_what_may_be_seen_anyway(sign_in: Callable[[str], Client]) -> None:
    tables = {name: set() for name in ("ada", "otto")}
    for name, found in tables.items():
        page = sign_in(name).get(reverse("audit:entry_list"))
        found.update(value for value, _ in page.context["form"].fields["table"].choices if value)

    assert tables["otto"] == set(table_names()) - {
        table for table in table_names() if table.startswith(("account_", "mfa_"))
    }
    assert {table.partition("_")[0] for table in tables["ada"]} == {
        "hooks",
        "identity",
        "notices",
        "people",
        "roles",
        "tenancy",
    }


def test_the_export_is_inert(sign_in: Callable[[str], Client], acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=Actor(name="=1+1", via="web")):
        Title.objects.create(code="a", name="A")

    text = (
        sign_in("otto")
        .get(reverse("audit:entry_export", args=["csv"]), {"table": "people_title"})
        .content.decode("utf-8-sig")
    )

    assert "'=1+1" in text
    assert not [line for line in text.splitlines() if ",=1+1" in line]


def test_the_api_gives_the_same(sign_in: Callable[[str], Client], acme: Organisation) -> None:
    with organisation_scope(acme.id, actor=SOL):
        Title.objects.create(code="a", name="A")

    found = sign_in("otto").get(reverse("api_audit_entries"), {"table": "people_title", "actor": "sol"}).json()

    assert found["count"] == 1
    assert found["results"][0]["after"]["code"] == "a"
    assert sign_in("otto").get(reverse("api_audit_entries"), {"since": "soon"}).status_code == 400
    assert sign_in("rex").get(reverse("api_audit_entries")).status_code == 403


def test_membership_changes_are_shown_to_the_company_only(sign_in: Callable[[str], Client]) -> None:
    member = Membership.objects.get(user__email="rex@acme.example")
    sign_in("ada").post(reverse("identity:member_suspend", args=[member.public_id]))

    mine = (
        sign_in("ada")
        .get(reverse("api_audit_entries"), {"of": "access", "table": "identity_membership", "verb": "update"})
        .json()
    )
    other = sign_in("gus@globex.example").get(reverse("api_audit_entries"), {"of": "access", "verb": "update"}).json()

    assert [row["after"]["is_active"] for row in mine["results"]][:1] == [False]
    assert str(member.pk) not in {row["row"] for row in other["results"] if row["table"] == "identity_membership"}


def test_the_viewer_is_the_actor(viewer: Callable[[str], Viewer]) -> None:
    assert viewer("rex").as_json() == viewer("rex").acting("home.view").as_json()
    assert Participant.objects.count() == 6
