"""The general ledger gets each journal once, balanced, on the company's accounts; what isn't mapped is refused with all that is missing."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incentives.models import (
    Journal,
    JournalKind,
    LedgerExport,
    LedgerExportLine,
    LedgerExportWithdrawal,
    LedgerFormat,
    PlanVersion,
)
from incentives.selectors.ledger_exports import (
    USUAL,
    export_control,
    export_csv,
    export_get,
    export_suggested,
    export_xlsx,
    exportable_periods,
)
from incentives.services.ledger import Leg, journal_post
from incentives.services.ledger_exports import ledger_export_make, ledger_export_withdraw, ledger_format_set
from planning.models import CalendarKind, Period
from planning.services.calendars import calendar_extend
from spm.identity.models import Membership
from spm.people.models import Participant, PositionHolding, PositionUnit, Unit
from spm.roles.policy import viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY
from tests.incentives import world
from tests.incentives.test_payouts import approve

ACCOUNTS = [
    ("expense", "", "", "6010", "person"),
    ("expense", "reps-2026", "", "6020", "person"),
    ("earned", "", "", "2410", ""),
    ("payable", "", "", "2420", ""),
    ("paid", "", "", "1800", ""),
    ("held", "", "", "2430", ""),
]
NAMES = ("account", "plan", "component", "gl_account", "cost_centre")
COLUMNS = [
    {"header": name, "field": name, "text": ""}
    for name in ("date", "gl_account", "cost_centre", "debit", "credit", "currency")
]


CENTRES = (("person", "rex", "4711"), ("person", "ria", "4712"))


def mapped(actor, *, accounts=ACCOUNTS, centres=CENTRES, **change):
    """Map the ledger, one column set for all tests."""
    return ledger_format_set(
        **{
            "basis": "earned",
            "accounts": [dict(zip(NAMES, row, strict=True)) for row in accounts],
            "centres": [dict(zip(("kind", "key", "cost_centre"), row, strict=True)) for row in centres],
            "columns": COLUMNS,
            "delimiter": ";",
            "decimal": ",",
            "has_header": True,
            "has_trailer": False,
            **change,
        },
        actor=actor,
    )


def post(period, slot, actor, *legs, kind=JournalKind.ADJUST, at=None):
    """Post legs of (person, plan or nothing, account, minor[, currency]); `at` is when it was posted."""
    versions = {version.plan.code: version.pk for version in PlanVersion.objects.select_related("plan")}
    rows = [
        Leg(Participant.objects.get(source_key=who).pk, versions.get(plan), "commission" if plan else "", account, minor, *rest or ["USD"])
        for who, plan, account, minor, *rest in legs
    ]  # fmt: skip
    with time_machine.travel(at or timezone.now()):
        return journal_post(kind=kind, slot=slot, period=period, legs=rows, reason="made up", actor=actor)


def lines(export):
    """Give (day, account, cost centre, debit, credit, currency) of each line."""
    rows = LedgerExportLine.objects.filter(export=export).order_by("number")
    return list(rows.values_list("on", "gl_account", "cost_centre", "debit_minor", "credit_minor", "currency"))


@pytest.fixture
def books(viewer):
    """Rex earned 100.00 under the plan and has 60.00 of it payable, Ria 5.00 by hand in euro."""
    sol = viewer("sol")
    period = world.build(sol)
    post(period, "1", sol, ("rex", "reps-2026", "earned", 10_000), ("rex", "reps-2026", "expense", -10_000))
    post(period, "2", sol, ("rex", "reps-2026", "payable", 6_000), ("rex", "reps-2026", "earned", -6_000))
    post(period, "3", sol, ("ria", "", "payable", 500, "EUR"), ("ria", "", "expense", -500, "EUR"))
    return period, viewer("fin")


LAST = date(2026, 9, 30)


@pytest.mark.django_db
def test_journals_are_booked_on_the_accounts_and_cost_centres_that_they_are_mapped_to(books):
    period, fin = books
    mapped(fin)
    export = ledger_export_make(period_id=period.pk, actor=fin)
    assert lines(export) == [
        (LAST, "2410", "", 0, 4_000, "USD"),
        (LAST, "2420", "", 0, 500, "EUR"),
        (LAST, "2420", "", 0, 6_000, "USD"),
        (LAST, "6010", "4712", 500, 0, "EUR"),
        (LAST, "6020", "4711", 10_000, 0, "USD"),
    ]
    exported = export_get(fin, export.pk)
    assert exported.totals == [("EUR", 500, 500), ("USD", 10_000, 10_000)]
    assert exported.accounts[1:3] == [("2420", "EUR", 0, 500), ("2420", "USD", 0, 6_000)]
    assert (export.number, export.after_number, export.until_number) == (1, 0, 3)


@pytest.mark.django_db
def test_each_journal_is_exported_once_and_the_next_export_has_what_came_since(books, viewer):
    period, fin = books
    mapped(fin)
    first = ledger_export_make(period_id=period.pk, actor=fin)
    with pytest.raises(ValidationError, match="Nothing of 2026-Q3 is new"):
        ledger_export_make(period_id=period.pk, actor=fin)
    post(period, "4", viewer("sol"), ("rex", "", "payable", -50), ("rex", "", "expense", 50))
    opening = (("rex", "", "payable", 77), ("rex", "", "clearing", -77))
    post(period, "opening", viewer("sol"), *opening, kind=JournalKind.OPENING)
    other = Period.objects.get(key="2026-Q2")
    post(other, "5", viewer("sol"), ("rex", "", "payable", 9), ("rex", "", "expense", -9))
    second = ledger_export_make(period_id=period.pk, actor=fin)
    assert (second.number, second.after_number, second.until_number) == (2, 3, 4)
    assert lines(second) == [(LAST, "2420", "", 50, 0, "USD"), (LAST, "6010", "4711", 0, 50, "USD")]
    assert LedgerExport.objects.count() == 2 and first.until_number == 3


@pytest.mark.django_db
def test_what_is_not_mapped_is_refused_with_all_that_is_missing(books):
    period, fin = books
    with pytest.raises(ValidationError) as nothing:
        ledger_export_make(period_id=period.pk, actor=fin)
    assert len(nothing.value.messages) == 6
    mapped(fin, accounts=[row for row in ACCOUNTS if row[3] not in ("2410", "6020")], centres=[])
    with pytest.raises(ValidationError) as refused:
        ledger_export_make(period_id=period.pk, actor=fin)
    assert refused.value.messages == [
        "2026-Q3 was not exported: 3 are not mapped.",
        "Earned, not released (earned) of plan reps-2026, component commission has no account of the general ledger.",
        "Rex (rex) has no cost centre. Name one for the person or their unit.",
        "Ria (ria) has no cost centre. Name one for the person or their unit.",
    ]
    assert not LedgerExport.objects.exists() and not LedgerExportLine.objects.exists()
    mapped(fin, centres=[row for row in CENTRES if row[1] == "rex"])
    with pytest.raises(ValidationError) as refused:
        ledger_export_make(period_id=period.pk, actor=fin)
    assert (
        refused.value.messages[0] == "2026-Q3 was not exported: 1 is not mapped." and len(refused.value.messages) == 2
    )


@pytest.mark.django_db
def test_a_payment_is_booked_on_its_day_in_the_company_s_time_zone(books, viewer):
    period, fin = books
    mapped(fin)
    Organisation.objects.filter(slug="acme").update(time_zone="Asia/Tokyo")
    at = datetime(2026, 10, 4, 20, tzinfo=UTC)
    post(
        period,
        "4",
        viewer("sol"),
        ("rex", "", "payable", -6_000),
        ("rex", "", "paid", 6_000),
        kind=JournalKind.PAY,
        at=at,
    )
    export = ledger_export_make(period_id=period.pk, actor=viewer("fin"))
    assert [row for row in lines(export) if row[0] == date(2026, 10, 5)] == [
        (date(2026, 10, 5), "1800", "", 0, 6_000, "USD"),
        (date(2026, 10, 5), "2420", "", 6_000, 0, "USD"),
    ]


@pytest.mark.django_db
def test_on_what_is_paid_an_export_holds_the_accrual_and_its_reversal_and_then_only_what_changed(books, viewer):
    period, fin = books
    mapped(fin, basis="paid")
    first = ledger_export_make(period_id=period.pk, actor=fin)
    back = date(2026, 10, 1)
    accrued = [
        (LAST, "2410", "", 0, 4_000, "USD"),
        (LAST, "2420", "", 0, 500, "EUR"),
        (LAST, "2420", "", 0, 6_000, "USD"),
        (LAST, "6010", "4712", 500, 0, "EUR"),
        (LAST, "6020", "4711", 10_000, 0, "USD"),
    ]
    reversed_ = [(back, account, centre, credit, debit, money) for _, account, centre, debit, credit, money in accrued]
    assert lines(first) == accrued + reversed_
    later = datetime(2026, 10, 5, tzinfo=UTC)
    post(
        period,
        "4",
        viewer("sol"),
        ("rex", "", "payable", -6_000),
        ("rex", "", "paid", 6_000),
        kind=JournalKind.PAY,
        at=later,
    )
    with pytest.raises(ValidationError, match="is new"):
        ledger_export_make(period_id=period.pk, actor=fin)
    post(period, "5", viewer("sol"), ("rex", "reps-2026", "earned", -1_000), ("rex", "reps-2026", "expense", 1_000))
    second = ledger_export_make(period_id=period.pk, actor=fin)
    assert lines(second) == [
        (LAST, "2410", "", 1_000, 0, "USD"),
        (LAST, "6020", "4711", 0, 1_000, "USD"),
        (back, "2410", "", 0, 1_000, "USD"),
        (back, "6020", "4711", 1_000, 0, "USD"),
    ]
    mapped(fin)
    with pytest.raises(ValidationError, match="on the other basis"):
        ledger_export_make(period_id=period.pk, actor=fin)


@pytest.mark.django_db
def test_what_the_general_ledger_did_not_take_comes_again_on_the_accounts_of_then(books, viewer):
    period, fin = books
    mapped(fin)
    first = ledger_export_make(period_id=period.pk, actor=fin)
    post(period, "4", viewer("sol"), ("rex", "", "payable", 1), ("rex", "", "expense", -1))
    second = ledger_export_make(period_id=period.pk, actor=fin)
    for export, reason, words in (
        (first, "closed", "Export 2 of 2026-Q3 came after"),
        (second, " ", "Say why"),
    ):
        with pytest.raises(ValidationError, match=words):
            ledger_export_withdraw(export_id=export.pk, reason=reason, actor=fin)
    for export in (second, first):
        assert ledger_export_withdraw(export_id=export.pk, reason="Month closed", actor=fin).state == "withdrawn"
    with pytest.raises(ValidationError, match="withdrawn already"):
        ledger_export_withdraw(export_id=first.pk, reason="again", actor=fin)
    mapped(fin, accounts=[*ACCOUNTS[2:], ("expense", "", "", "7000", "")])
    third = ledger_export_make(period_id=period.pk, actor=fin)
    assert (third.number, third.after_number, third.until_number) == (3, 0, 4)
    assert [row for row in lines(third) if row[1] == "7000"] == [
        (LAST, "7000", "", 500, 0, "EUR"),
        (LAST, "7000", "", 10_001, 0, "USD"),
    ]
    assert LedgerExportWithdrawal.objects.count() == 2


@pytest.mark.django_db
def test_the_file_is_the_same_each_time_and_its_trailer_proves_it(books, viewer):
    period, fin = books
    mapped(
        fin,
        has_trailer=True,
        columns=[*COLUMNS, {"header": "who", "field": "name"}, {"header": "by", "field": "text", "text": "SPM"}],
    )
    export = ledger_export_make(period_id=period.pk, actor=fin)
    exported = export_get(fin, export.pk)
    files = (export_csv(exported), export_xlsx(exported), export_control(exported))
    rows = files[0].decode().split("\r\n")
    assert rows[:3] == [
        "date;gl_account;cost_centre;debit;credit;currency;who;by",
        "2026-09-30;2410;;0,00;40,00;USD;Rex;SPM",
        "2026-09-30;2420;;0,00;5,00;EUR;Ria;SPM",
    ]
    body = ("\r\n".join(rows[:6]) + "\r\n").encode()
    totals = "DEBIT EUR 5,00;CREDIT EUR 5,00;DEBIT USD 100,00;CREDIT USD 100,00"
    assert rows[6:] == [f"TRAILER;5;{totals};{sha256(body).hexdigest()}", ""]
    assert files[2].decode().splitlines()[:2] == [f"{exported.digest}  ledger-1-2026-Q3.csv", "# lines 5"]
    Participant.objects.filter(source_key="rex").update(name="Renamed")
    mapped(fin, decimal=".")
    post(period, "4", viewer("sol"), ("rex", "", "payable", 1), ("rex", "", "expense", -1))
    again = export_get(fin, export.pk)
    assert (export_csv(again), export_xlsx(again), export_control(again)) == files


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("delimiter", "decimal", "credit", "debit"), [(";", ",", "-40,00", "100,00"), (",", ".", "-40.00", "100.00")]
)
def test_an_amount_below_0_is_a_number_in_the_file_and_text_is_no_formula(books, delimiter, decimal, credit, debit):
    period, fin = books
    signed = [{"header": name, "field": name, "text": ""} for name in ("gl_account", "amount", "currency")]
    fixed = {"header": "=by", "field": "text", "text": "-C100"}
    mapped(fin, columns=[*signed, fixed], delimiter=delimiter, decimal=decimal)
    rows = export_csv(export_get(fin, ledger_export_make(period_id=period.pk, actor=fin).pk)).decode().splitlines()
    assert rows[0].split(delimiter) == ["gl_account", "amount", "currency", "'=by"]
    assert rows[1].split(delimiter) == ["2410", credit, "USD", "'-C100"]
    assert [row.split(delimiter)[1] for row in rows if row.startswith("6020")] == [debit]


@pytest.mark.django_db
def test_a_person_s_cost_centre_is_that_of_the_unit_on_the_period_s_last_day_or_of_the_nearest_above(books):
    period, fin = books
    top = Unit.objects.create(code="sales", name="Sales")
    west, east = (Unit.objects.create(code=f"{code}-team", name=code, parent=top) for code in ("w", "e"))
    seat = PositionHolding.objects.get(participant__source_key="rex", is_main=True).position
    PositionUnit.objects.filter(position=seat).delete()
    PositionUnit.objects.create(position=seat, unit=east, during=DateRange(date(2026, 1, 1), date(2026, 9, 30)))
    PositionUnit.objects.create(position=seat, unit=west, during=DateRange(date(2026, 9, 30), None))
    ria = ("person", "ria", "4712")
    for centres, expected in (
        ([("unit", "w-team", "W"), ("unit", "e-team", "E"), ria], "W"),
        ([("unit", "sales", "S"), ("unit", "e-team", "E"), ria], "S"),
        ([("unit", "w-team", "W"), ("person", "rex", "R"), ria], "R"),
    ):
        mapped(fin, centres=centres)
        export = ledger_export_make(period_id=period.pk, actor=fin)
        assert [row[2] for row in lines(export) if row[1] == "6020"] == [expected]
        ledger_export_withdraw(export_id=export.pk, reason="next", actor=fin)
    PositionHolding.objects.filter(participant__source_key="rex").update(
        during=DateRange(date(2026, 1, 1), date(2026, 9, 1))
    )
    mapped(fin, centres=[("unit", "w-team", "W"), ("unit", "e-team", "E"), ria])
    export = ledger_export_make(period_id=period.pk, actor=fin)
    assert [row[2] for row in lines(export) if row[1] == "6020"] == ["E"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accounts": [("salary", "", "", "1", "")]}, "no account salary"),
        ({"accounts": [("expense", "none", "", "1", "")]}, "no plan none"),
        ({"accounts": [("expense", "", "base", "1", "")]}, "belongs to a plan"),
        ({"accounts": [("expense", "", "", "", "")]}, "1 to 60 letters"),
        ({"accounts": [("expense", "", "", "1", ""), ("expense", "", "", "2", "")]}, "mapped twice"),
        ({"centres": [("team", "x", "1")]}, "a unit or a person"),
        ({"centres": [("person", "nobody", "1")]}, "no person nobody"),
        ({"centres": [("person", "rex", "1"), ("person", "rex", "2")]}, "two cost centres"),
        ({"columns": COLUMNS[:4]}, "needs gl_account, currency"),
        ({"columns": [*COLUMNS, {"header": "x", "field": "salary"}]}, "no salary"),
        ({"basis": "never"}, "no basis never"),
    ],
)
def test_a_mapping_that_can_t_be_right_is_refused(books, change, words):
    with pytest.raises(ValidationError, match=words):
        mapped(books[1], **change)
    assert not LedgerFormat.objects.exists()


@pytest.mark.django_db
def test_only_finance_exports_and_the_database_keeps_what_was_exported(books, viewer):
    period, fin = books
    mapped(fin)
    for other in ("sol", "otto", "mara"):
        with pytest.raises(PermissionDenied):
            ledger_export_make(period_id=period.pk, actor=viewer(other))
    export = ledger_export_make(period_id=period.pk, actor=fin)
    for change in (
        lambda: LedgerExportLine.objects.update(debit_minor=1),
        lambda: LedgerExport.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(Exception, match="append-only|permission denied|can't be"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="ledger_export_line_side"), transaction.atomic():
        LedgerExportLine.objects.create(
            export=export, number=99, on=LAST, gl_account="1", currency="USD", debit_minor=1, credit_minor=1
        )


@pytest.mark.django_db
def test_the_pages_map_export_and_withdraw(books, sign_in):
    period, _fin = books
    client, base = sign_in("fin"), "/incentives/journals/exports/"
    assert "No account is mapped yet" in client.get(base).content.decode()
    page = client.get(f"{base}format/").content.decode()
    assert "written_off = " in page
    form = {
        "basis": "earned",
        "accounts": "expense = 6010\nexpense reps-2026 commission = 6020 @ person\nearned = 2410",
        "centres": "person rex = 47 11",
        "columns": "A = gl_account\nD = debit\nC = credit\nCur = currency",
        "delimiter": "tab",
        "decimal": ",",
    }
    broken = client.post(f"{base}format/", {**form, "accounts": "expense"})
    assert broken.status_code == 200 and "can&#x27;t be read" in broken.content.decode()
    assert client.post(f"{base}format/", form).status_code == 302
    kept = client.get(f"{base}format/").content.decode()
    assert "expense reps-2026 commission = 6020 @ person" in kept and "person rex = 47 11" in kept
    refused = client.post(base, {"period": str(period.pk)})
    assert refused.status_code == 409
    assert "Payable (payable) of no plan has no account" in refused.content.decode()
    form["accounts"] += "\npayable = 2420"
    assert client.post(f"{base}format/", form).status_code == 302
    made = client.post(base, {"period": str(period.pk)})
    page = client.get(made["Location"]).content.decode()
    assert "6020" in page and "47 11" in page and "100.00" in page
    assert client.get(f"{made['Location']}file.csv").content.startswith(b"2410\t0,00\t40,00\tUSD\r\n")
    assert client.get(f"{made['Location']}file.xlsx").content[:2] == b"PK"
    assert client.get(f"{made['Location']}file.sha256").content.count(b"\n") == 6
    assert client.post(made["Location"], {"reason": ""}).status_code == 409
    assert client.post(made["Location"], {"reason": "Wrong month"}).status_code == 302
    assert "Wrong month" in client.get(made["Location"]).content.decode()
    assert "Withdrawn" in client.get(base).content.decode()
    assert "/incentives/journals/exports/" in client.get("/incentives/journals/").content.decode()


@pytest.mark.django_db
def test_the_latest_period_that_has_ended_and_is_approved_is_suggested(books, viewer):
    period, fin = books
    later, latest = (
        Period.objects.get(key="2026-Q4"),
        calendar_extend(
            kind=CalendarKind.QUARTERLY, start=date(2027, 1, 1), until=date(2028, 1, 1), actor=viewer("sol")
        )[0],
    )
    for number, each in enumerate((later, latest)):
        post(each, f"s{number}", viewer("sol"), ("ria", "", "payable", 5, "EUR"), ("ria", "", "expense", -5, "EUR"))

    def suggested(day):
        found = export_suggested(replace(fin, on=day), exportable_periods(fin))
        return found and found.key

    assert suggested(date(2028, 1, 1)) is None, "none of them is approved"
    for each in (period, later):
        approve(each, viewer("sol"), viewer("eve"))
    assert suggested(date(2026, 9, 30)) is None and suggested(date(2026, 12, 31)) == "2026-Q3"
    assert suggested(date(2027, 1, 1)) == suggested(date(2028, 1, 1)) == "2026-Q4"


@pytest.mark.django_db
def test_the_api_maps_exports_and_withdraws(books, sign_in):
    period, _fin = books
    client, base = sign_in("fin"), "/api/v1/incentives/journals/exports/"
    assert client.get(f"{base}format/").json()["accounts"] == USUAL["accounts"] == []
    form = client.get(f"{base}format/").json() | {
        "accounts": [dict(zip(NAMES, row, strict=True)) for row in ACCOUNTS],
        "centres": [{"kind": "person", "key": "rex", "cost_centre": "4711"}],
    }
    assert client.put(f"{base}format/", form, content_type="application/json").status_code == 200
    body = {"period": str(period.pk)}
    refused = client.post(base, body, content_type="application/json")
    assert refused.status_code == 400 and "Ria (ria) has no cost centre" in str(refused.json())
    form["centres"].append({"kind": "person", "key": "ria", "cost_centre": "4712"})
    client.put(f"{base}format/", form, content_type="application/json")
    made = client.post(base, body, content_type="application/json")
    assert made.status_code == 201
    one = made.json()
    assert one["totals"][1] == {"currency": "USD", "debit_minor": 10_000, "credit_minor": 10_000}
    assert sha256(client.get(f"{base}{one['id']}/file/").content).hexdigest() == one["sha256"]
    assert client.get(f"{base}{one['id']}/").json()["lines"][0]["gl_account"] == "2410"
    back = client.post(f"{base}{one['id']}/withdrawal/", {"reason": "Closed"}, content_type="application/json")
    assert (one["withdrawn_because"], back.json()["withdrawn_because"]) == ("", "Closed")
    assert [row["withdrawn_because"] for row in client.get(base).json()["results"]] == ["Closed"]


def test_of_ten_exports_at_once_one_takes_the_journals(committed_db):
    acme = Organisation.objects.get(slug="acme")

    def person(name):
        member = Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")
        return viewer_get(member, on=TODAY, via="test")

    with organisation_scope(acme.pk, actor=DIRECTOR):
        sol, fin = person("sol"), person("fin")
        period = world.build(sol)
        post(period, "1", sol, ("rex", "", "payable", 100), ("rex", "", "expense", -100))
        mapped(fin)
    gate, answers = threading.Barrier(10), []

    def export():
        try:
            gate.wait(300)
            with organisation_scope(acme.pk, actor=fin):
                answers.append(ledger_export_make(period_id=period.pk, actor=fin).number)
        except ValidationError:
            answers.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=export) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert sorted(answers, key=str) == [1, *[None] * 9]
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert LedgerExportLine.objects.count() == 2 and Journal.objects.exists()
