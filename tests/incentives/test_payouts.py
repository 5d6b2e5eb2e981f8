"""What an approved period owes goes to payroll once: one file, paid by the confirmation only, rejected lines stay payable."""

import re
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incentives.models import (
    BooksState,
    Journal,
    JournalKind,
    LedgerEntry,
    PayoutAnswer,
    PayoutBatch,
    PayoutLine,
    PeriodStep,
    PlanDocument,
    PlanVersion,
)
from incentives.selectors.payouts import (
    payout_control,
    payout_csv,
    payout_get,
    payout_xlsx,
)
from incentives.selectors.period_checks import period_checks
from incentives.selectors.periods import books_get, payable_of
from incentives.services.ledger import Leg, journal_post
from incentives.services.payouts import payout_confirm, payout_format_set, payout_make
from incentives.services.periods import period_pay
from incentives.services.plan_documents import (
    document_answer,
    documents_part_send,
    documents_parts,
    documents_send,
    policy_choose,
)
from planning.models import Calendar, Period
from spm.approvals.conflicts import conflict_list
from spm.identity.models import Membership
from spm.notices.models import Notice
from spm.people.models import Participant
from spm.roles.models import Role, RoleGrant
from spm.roles.policy import viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR, START
from tests.conftest import TODAY
from tests.incentives import world


def owe(period, slot, actor, **amounts):
    """Let people have amounts payable in the books of a period."""
    legs = [
        Leg(Participant.objects.get(source_key=who).pk, None, "", account, sign * minor, currency)
        for who, (minor, currency) in amounts.items()
        for account, sign in (("payable", 1), ("expense", -1))
    ]
    return journal_post(kind=JournalKind.ADJUST, slot=slot, period=period, legs=legs, reason="made up", actor=actor)


def approve(period, closer, approver):
    """Let two people bring the books of a period to approved."""
    path = [
        (BooksState.OPEN, BooksState.CALCULATING, closer),
        (BooksState.CALCULATING, BooksState.IN_REVIEW, closer),
        (BooksState.IN_REVIEW, BooksState.APPROVED, approver),
    ]
    for number, (before, after, who) in enumerate(path, start=1):
        PeriodStep.objects.create(
            period=period,
            number=number,
            from_state=before,
            to_state=after,
            by_id=who.user_id,
            by_name=who.name,
            at=timezone.now(),
        )


def finance(name):
    RoleGrant.objects.create(
        membership=Membership.objects.get(user__email=f"{name}@acme.example"),
        role=Role.FINANCE,
        during=DateRange(START, None),
    )


@pytest.fixture
def owed(viewer):
    """Sol closes, Fin approves, Eve pays; Rex and Ria have something payable, Rob owes."""
    sol, fin = viewer("sol"), viewer("fin")
    period = world.build(sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    finance("eve")
    owe(period, "one", sol, rex=(123_456, "USD"), ria=(5_000, "EUR"), rob=(-700, "USD"))
    approve(period, sol, fin)
    return period, viewer("eve")


def balance(account, key):
    rows = LedgerEntry.objects.filter(account=account, participant__source_key=key)
    return sum(rows.values_list("amount_minor", flat=True))


def state(period):
    return PeriodStep.objects.filter(period=period).order_by("-number").first().to_state


@pytest.mark.django_db
def test_one_line_per_person_and_currency_and_who_owes_is_carried(owed):
    period, eve = owed
    payout = payout_get(eve, payout_make(period_id=period.pk, actor=eve).pk)
    assert [(line.number, line.name, line.amount_minor, line.currency) for line in payout.lines] == [
        (1, "Rex", 123_456, "USD"),
        (2, "Ria", 5_000, "EUR"),
    ]
    assert payout.totals == [("EUR", 5_000), ("USD", 123_456)] and balance("payable", "rob") == -700
    assert not Journal.objects.filter(kind="pay").exists() and balance("payable", "rex") == 123_456


@pytest.mark.django_db
def test_the_file_is_the_same_each_time_whatever_happens_meanwhile(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    first = payout_get(eve, batch.pk)
    files = (payout_csv(first), payout_xlsx(first), payout_control(first))
    assert files[0].decode() == (
        "Employee number,Name,Amount,Currency,Period\r\n,Rex,1234.56,USD,2026-Q3\r\n,Ria,50.00,EUR,2026-Q3\r\n"
    )
    Participant.objects.filter(source_key="rex").update(name="Rex Renamed", employee_number="9")
    payout_format_set(
        columns=[{"header": "A", "field": "amount"}, {"header": "C", "field": "currency"}],
        delimiter=";",
        decimal=",",
        has_header=False,
        has_trailer=True,
        actor=eve,
    )
    payout_confirm(batch_id=batch.pk, reference="R-1", actor=eve)
    again = payout_get(eve, batch.pk)
    assert (payout_csv(again), payout_xlsx(again), payout_control(again)) == files
    assert again.digest == sha256(files[0]).hexdigest()
    assert files[2].decode().splitlines()[0] == f"{again.digest}  payout-1-2026-Q3.csv"


@pytest.mark.django_db
def test_columns_delimiter_decimal_header_fixed_text_and_trailer_are_the_company_s(owed, viewer):
    period, eve = owed
    Participant.objects.filter(source_key="rex").update(employee_number="007", name="=Rex")
    payout_format_set(
        columns=[
            {"header": "Type", "field": "text", "text": "C100"},
            {"header": "No", "field": "employee_number"},
            {"header": "Name", "field": "name"},
            {"header": "Amount", "field": "amount"},
            {"header": "Cents", "field": "amount_minor"},
            {"header": "Currency", "field": "currency"},
        ],
        delimiter=";",
        decimal=",",
        has_header=True,
        has_trailer=True,
        actor=eve,
    )
    payout = payout_get(eve, payout_make(period_id=period.pk, actor=eve).pk)
    lines = payout_csv(payout).decode().split("\r\n")
    assert lines[:3] == [
        "Type;No;Name;Amount;Cents;Currency",
        "C100;007;'=Rex;1234,56;123456;USD",
        "C100;;Ria;50,00;5000;EUR",
    ]
    body = ("\r\n".join(lines[:3]) + "\r\n").encode()
    assert lines[3:] == [f"TRAILER;2;EUR 50,00;USD 1234,56;{sha256(body).hexdigest()}", ""]
    assert payout_control(payout).decode().splitlines()[1:] == ["# lines 2", "# EUR 50,00", "# USD 1234,56"]
    before = {name: value for name, value in payout.batch.form.items() if name != "totals_decimal"}
    payout.batch.form = before
    assert "EUR 50.00;USD 1234.56;" in payout_csv(payout).decode(), "a file of an earlier release stays as it was"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"delimiter": "x"}, "parted by"),
        ({"delimiter": ",", "decimal": ","}, "decimal mark"),
        ({"columns": []}, "1 to 40"),
        ({"columns": [{"header": "A", "field": "salary"}]}, "no salary"),
        ({"columns": [{"header": "A", "field": "amount"}]}, "pays nobody"),
    ],
)
def test_a_file_that_pays_nobody_is_refused(owed, change, words):
    usual = [{"header": "A", "field": "amount"}, {"header": "C", "field": "currency"}]
    values = {"columns": usual, "delimiter": ";", "decimal": ",", "has_header": True, "has_trailer": True}
    with pytest.raises(ValidationError, match=words):
        payout_format_set(**{**values, **change}, actor=owed[1])


@pytest.mark.django_db
def test_only_the_confirmation_pays_and_rejected_lines_stay_payable(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    with pytest.raises(ValidationError, match="waits for payroll's answer"):
        payout_make(period_id=period.pk, actor=eve)
    with pytest.raises(ValidationError, match="waits for payroll's answer"):
        period_pay(period_id=period.pk, reference="by hand", actor=eve)
    payout_confirm(batch_id=batch.pk, reference="R-1", paid=[1], actor=eve)
    journal = Journal.objects.get(kind="pay")
    legs = LedgerEntry.objects.filter(journal=journal).values_list("account", "amount_minor", "currency")
    assert sorted(legs) == [("paid", 123_456, "USD"), ("payable", -123_456, "USD")]
    assert state(period) == BooksState.APPROVED and payout_get(eve, batch.pk).state == "partly answered"
    for wrong, words in (
        ({"paid": [1]}, "answered already"),
        ({"paid": [7]}, "no line 7"),
        ({"paid": [2], "rejected": {2: "x"}}, "both paid and rejected"),
        ({"paid": [], "rejected": {2: " "}}, "Say why"),
        ({"paid": [2], "reference": ""}, "Name the payroll run"),
    ):
        with pytest.raises(ValidationError, match=words):
            payout_confirm(**{"batch_id": batch.pk, "reference": "R-2", "actor": eve, **wrong})
    done = payout_confirm(batch_id=batch.pk, reference="", paid=[], rejected={2: "Wrong account"}, actor=eve)
    assert not done.waiting and state(period) == BooksState.PAID
    assert (balance("payable", "ria"), balance("paid", "rex"), balance("payable", "rex")) == (5_000, 123_456, 0)
    with pytest.raises(ValidationError, match="answered already"):
        payout_confirm(batch_id=batch.pk, reference="R-3", actor=eve)
    again = payout_make(period_id=period.pk, actor=eve)
    assert [(line.name, line.amount_minor) for line in PayoutLine.objects.filter(batch=again)] == [("Ria", 5_000)]
    payout_confirm(batch_id=again.pk, reference="R-4", actor=eve)
    assert balance("payable", "ria") == 0 and payable_of(period) == []
    with pytest.raises(ValidationError, match="Nothing is payable"):
        payout_make(period_id=period.pk, actor=eve)
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0


@pytest.mark.django_db
def test_what_was_paid_another_way_meanwhile_is_not_paid_again(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    rex = Participant.objects.get(source_key="rex").pk
    legs = [Leg(rex, None, "", "payable", -1, "USD"), Leg(rex, None, "", "paid", 1, "USD")]
    journal_post(kind=JournalKind.PAY, slot="other", period=period, legs=legs, reason="by hand", actor=eve)
    with pytest.raises(ValidationError, match=r"Rex has 1,234\.55 USD payable by now"):
        payout_confirm(batch_id=batch.pk, reference="R-1", actor=eve)
    assert not PayoutAnswer.objects.exists() and balance("payable", "ria") == 5_000


@pytest.mark.django_db
def test_who_closed_or_approved_neither_hands_over_nor_confirms(owed, viewer, acme):
    period, eve = owed
    finance("sol")
    for other in ("sol", "fin"):
        with pytest.raises(PermissionDenied, match="closed or approved"):
            payout_make(period_id=period.pk, actor=viewer(other))
    with pytest.raises(PermissionDenied, match="needs the right to"):
        payout_make(period_id=period.pk, actor=viewer("mara"))
    assert not PayoutBatch.objects.exists()
    batch = payout_make(period_id=period.pk, actor=eve)
    with pytest.raises(PermissionDenied, match="closed or approved"):
        payout_confirm(batch_id=batch.pk, reference="R", actor=viewer("fin"))
    assert not PayoutAnswer.objects.exists()
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=True)
    payout_confirm(batch_id=batch.pk, reference="R", actor=viewer("fin"))
    assert set(PayoutAnswer.objects.values_list("is_single_operator", flat=True)) == {True}


@pytest.mark.django_db
def test_who_pays_alone_what_they_approved_is_named_in_history_and_conflicts(owed, viewer, sign_in):
    period, _eve = owed
    Organisation.objects.filter(slug="acme").update(is_single_operator=True)
    fin, day = viewer("fin"), timezone.localdate()
    batch = payout_make(period_id=period.pk, actor=fin)
    payout_confirm(batch_id=batch.pk, reference="R-1", rejected={2: "Wrong account"}, actor=fin)
    found = conflict_list(viewer("otto"), start=day, until=day + timedelta(days=1))
    assert [
        (each.kind, each.person, each.what, each.detail.split("period ")[1])
        for each in found
        if each.person == "Fin" and each.at
    ] == [
        ("single operator", "Fin", "Payout 1, 2026-Q3", "hand it to payroll."),
        ("single operator", "Fin", "Payout 1, 2026-Q3", "confirm what was paid."),
        ("single operator", "Fin", "2026-Q3 paid", "confirm what was paid."),
    ]
    client = sign_in("fin")
    page = client.get(f"/incentives/payouts/{batch.pk}/").content.decode()
    assert page.count("Single operator</span>") == 2
    assert "Single operator</span>" in client.get(f"/incentives/periods/{period.pk}/").content.decode()
    said = client.get(f"/api/v1/incentives/payouts/{batch.pk}/").json()
    assert said["is_single_operator"] and [line["is_single_operator"] for line in said["lines"]] == [True, True]


@pytest.mark.django_db
def test_who_approved_reads_that_duties_are_apart_and_who_can_before_any_form(owed, sign_in, viewer):
    period, eve = owed
    fin, why = (
        sign_in("fin"),
        "Who closed or approved 2026-Q3 does not pay it: those duties are kept apart. Who can: Eve.",
    )
    for page in ("/incentives/payouts/", f"/incentives/periods/{period.pk}/"):
        text = fin.get(page).content.decode()
        assert why in text and "Make payout" not in text and "Confirm the payment" not in text
    refused = fin.post("/incentives/payouts/", {"period": str(period.pk)})
    assert refused.status_code == 403 and f"{why} Nothing was changed." in refused.content.decode()
    told = fin.post("/api/v1/incentives/payouts/", {"period": str(period.pk)}, content_type="application/json")
    assert (
        told.status_code == 403
        and told.json()["fix"] == "Let somebody else do it: the right alone does not allow it here."
    )
    batch = payout_make(period_id=period.pk, actor=eve)
    url = f"/incentives/payouts/{batch.pk}/"
    text = fin.get(url).content.decode()
    assert why in text and "Post the answers" not in text and 'name="line_1"' not in text
    answer = {"reference": "R", "line_1": "paid", "line_2": "paid"}
    refused = fin.post(url, answer)
    assert refused.status_code == 403 and f"{why} Nothing was changed." in refused.content.decode()
    assert not PayoutAnswer.objects.exists()
    RoleGrant.objects.filter(membership__user__email="eve@acme.example", role=Role.FINANCE).delete()
    assert "Nobody else has the right today" in fin.get(url).content.decode()


@pytest.mark.django_db
def test_who_pays_for_others_is_in_no_conflict(owed, viewer):
    period, eve = owed
    period_pay(period_id=period.pk, reference="R-1", actor=eve)
    day = timezone.localdate()
    found = conflict_list(viewer("otto"), start=day, until=day + timedelta(days=1))
    assert not [each for each in found if each.person == "Eve" and each.at]


@pytest.mark.django_db
def test_only_an_approved_period_is_handed_over(viewer):
    sol = viewer("sol")
    period = world.build(sol)
    owe(period, "one", sol, rex=(100, "USD"))
    with pytest.raises(ValidationError, match="is open"):
        payout_make(period_id=period.pk, actor=viewer("fin"))
    assert not PayoutBatch.objects.exists()


@pytest.mark.django_db
def test_the_database_keeps_what_was_handed_over(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    for change in (
        lambda: PayoutLine.objects.update(amount_minor=1),
        lambda: PayoutLine.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(Exception, match="append-only|permission denied|can't be"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="payout_line_pays"), transaction.atomic():
        PayoutLine.objects.create(
            batch=PayoutBatch.objects.get(),
            number=9,
            participant=Participant.objects.get(source_key="rob"),
            key="x",
            name="x",
            amount_minor=-1,
            currency="USD",
        )


@pytest.mark.django_db
def test_the_pages_lead_from_period_to_confirmation(owed, sign_in):
    period, _eve = owed
    client = sign_in("eve")
    assert period.key in client.get("/incentives/payouts/").content.decode()
    made = client.post("/incentives/payouts/", {"period": str(period.pk)})
    page = client.get(made["Location"]).content.decode()
    assert "1,234.56" in page and payout_get(_eve, PayoutBatch.objects.get().pk).digest in page
    assert client.get(f"{made['Location']}file.csv").content.startswith(b"Employee number")
    assert client.get(f"{made['Location']}file.xlsx").content[:2] == b"PK"
    answer = {"reference": "R-1", "line_1": "paid", "line_2": "rejected", "reason_2": "Wrong account"}
    refused = client.post(made["Location"], {**answer, "reason_2": ""})
    assert refused.status_code == 422 and not PayoutAnswer.objects.exists()
    assert client.post(made["Location"], answer).status_code == 302
    assert "Wrong account" in client.get(made["Location"]).content.decode()
    form = {"columns": "No = employee_number\nPay = amount\nCur = currency\nType = text: C1", "delimiter": "tab"}
    assert client.post("/incentives/payouts/format/", {**form, "decimal": ","}).status_code == 302
    assert "Type = text: C1" in client.get("/incentives/payouts/format/").content.decode()


@pytest.mark.django_db
def test_nothing_is_preset_and_clicked_through_nobody_is_paid(owed, sign_in):
    client = sign_in("eve")
    url = client.post("/incentives/payouts/", {"period": str(owed[0].pk)})["Location"]
    page = client.get(url).content.decode()
    assert not re.findall(r'value="(paid|rejected|waits)" selected', page) and "field-optional" not in page
    for number, name in ((1, "Rex"), (2, "Ria")):
        assert f"Answer to line {number}" in page and name in page
    clicked = {"line_1": "", "line_2": "", "reason_1": "", "reason_2": "", "rest": "", "reference": "R-1"}
    refused = client.post(url, clicked)
    assert refused.status_code == 422 and "or of the rest here" in refused.content.decode()
    assert not PayoutAnswer.objects.exists()
    assert client.post(url, clicked | {"line_1": "waits", "rest": "waits"}).status_code == 422
    answer = clicked | {"line_2": "rejected", "reason_2": "Wrong account", "rest": "paid"}
    assert client.post(url, answer).status_code == 302
    given = PayoutAnswer.objects.order_by("line__number").values_list("line__number", "is_paid", "reason")
    assert list(given) == [(1, True, ""), (2, False, "Wrong account")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reference": ""}, "Name the payroll run or bank file that paid it."),
        ({"line_1": "perhaps"}, "Say of each line whether it was paid, rejected, or still waits."),
    ],
    ids=["no reference", "no answer"],
)
def test_a_refused_posting_keeps_what_was_answered_to_each_line(owed, sign_in, change, words):
    # Given a line that payroll rejected, which pressing again must not pay
    client = sign_in("eve")
    page = client.post("/incentives/payouts/", {"period": str(owed[0].pk)})["Location"]
    answer = {"reference": "R-1", "line_1": "paid", "line_2": "rejected", "reason_2": "Wrong IBAN"}
    # When posting is refused
    refused = client.post(page, answer | change)
    # Then nothing was posted, and the form says again what was typed
    assert refused.status_code == 422 and not PayoutAnswer.objects.exists()
    html = refused.content.decode()
    assert words in html
    chosen = {
        name: re.findall(r'value="(\w*)" selected', options)
        for name, options in re.findall(r'<select[^>]* name="(line_\d)".*?>(.*?)</select>', html, re.S)
    }
    assert chosen == {"line_1": [] if "line_1" in change else ["paid"], "line_2": ["rejected"]}
    assert 'value="Wrong IBAN"' in html
    assert ('value="R-1"' in html) == ("reference" not in change)


@pytest.mark.django_db
def test_a_period_leads_to_the_payout_that_waits_and_payable_stands_in_the_sums_only(owed, sign_in):
    period, eve = owed
    client, page, api = sign_in("eve"), f"/incentives/periods/{period.pk}/", f"/api/v1/incentives/periods/{period.pk}/"
    assert "Confirm the payment" in client.get(page).content.decode()
    batch = payout_make(period_id=period.pk, actor=eve)
    text = client.get(page).content.decode()
    assert "Confirm the payment" not in text and f"/incentives/payouts/{batch.pk}/" in text
    payout_confirm(batch_id=batch.pk, reference="R-1", actor=eve)
    text = client.get(page).content.decode()
    assert text.count("Payable") == 4, "two currencies, each in the sums and as the last step"
    assert 'data-label="Payable"' not in text
    answer = client.get(api).json()
    assert [(one["plan"], one["currency"], one["earned_minor"]) for one in answer["plans"]] == [
        ("", "EUR", 5_000),
        ("", "USD", 122_756),
    ]
    assert [(one["payable_minor"], one["paid_minor"]) for one in answer["totals"]] == [(0, 5_000), (-700, 123_456)]


@pytest.mark.django_db
def test_a_payout_warns_of_lines_without_employee_number_where_its_file_has_them(owed, sign_in, viewer):
    period, eve = owed
    Participant.objects.filter(source_key="ria").update(employee_number="17")
    Participant.objects.filter(source_key="rex").update(employee_number="")
    batch, client = payout_make(period_id=period.pk, actor=eve), sign_in("eve")
    assert "1 line has no employee number" in client.get(f"/incentives/payouts/{batch.pk}/").content.decode()
    assert client.get(f"/api/v1/incentives/payouts/{batch.pk}/").json()["without_number"] == 1
    payout = payout_get(eve, batch.pk)
    payout.batch.form["columns"] = [{"header": "Name", "field": "name", "text": ""}]
    assert payout.unnumbered == 0


@pytest.mark.django_db
def test_the_api_hands_over_and_confirms(owed, sign_in):
    period, _eve = owed
    client = sign_in("eve")
    made = client.post("/api/v1/incentives/payouts/", {"period": str(period.pk)}, content_type="application/json")
    assert made.status_code == 201 and [line["answer"] for line in made.json()["lines"]] == ["waits", "waits"]
    url = f"/api/v1/incentives/payouts/{made.json()['id']}/"
    assert sha256(client.get(f"{url}file/").content).hexdigest() == made.json()["sha256"]
    for silent in ({"reference": "R-1"}, {"reference": "R-1", "rest": "waits"}):
        nothing = client.post(f"{url}confirmation/", silent, content_type="application/json")
        assert nothing.status_code == 400 and not PayoutAnswer.objects.exists()
        assert "Say of which lines" in nothing.json()["where"]["paid"][0]
    body = {"reference": "R-1", "rest": "paid", "rejected": [{"line": 2, "reason": "Wrong account"}]}
    done = client.post(f"{url}confirmation/", body, content_type="application/json").json()
    assert [(line["answer"], line["reason"]) for line in done["lines"]] == [("paid", ""), ("rejected", "Wrong account")]
    again = client.post(f"{url}confirmation/", body, content_type="application/json")
    assert again.status_code == 400 and "answered already" in str(again.json())
    form = client.get("/api/v1/incentives/payouts/format/").json() | {"delimiter": ";"}
    kept = client.put("/api/v1/incentives/payouts/format/", form, content_type="application/json")
    assert kept.status_code == 200 and kept.json()["delimiter"] == ";"


def test_of_ten_confirmations_at_once_one_pays(committed_db):
    acme = Organisation.objects.get(slug="acme")

    def person(name):
        member = Membership.objects.select_related("user", "organisation").get(user__email=f"{name}@acme.example")
        return viewer_get(member, on=TODAY, via="test")

    with organisation_scope(acme.pk, actor=DIRECTOR):
        finance("eve")
        sol, fin, eve = person("sol"), person("fin"), person("eve")
        period = world.build(sol)
        owe(period, "one", sol, rex=(123_456, "USD"))
        approve(period, sol, fin)
        batch = payout_make(period_id=period.pk, actor=eve)
    gate, answers = threading.Barrier(10), []

    def confirm(number):
        try:
            gate.wait(300)
            with organisation_scope(acme.pk, actor=eve):
                payout_confirm(batch_id=batch.pk, reference=f"R-{number}", actor=eve)
                answers.append(number)
        except ValidationError:
            answers.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(answers) == 10 and len([one for one in answers if one is not None]) == 1
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert (balance("paid", "rex"), balance("payable", "rex")) == (123_456, 0)
        assert Journal.objects.filter(kind="pay").count() == 1 and Period.objects.exists()


@pytest.mark.django_db
def test_pay_held_for_a_plan_document_is_left_out_and_comes_with_a_later_payout(owed, viewer, sign_in):
    period, eve = owed
    policy_choose(policy="hold_until_accepted", actor=viewer("sol"))
    with pytest.raises(ValidationError, match="No plan document"):
        payout_make(period_id=period.pk, actor=eve)
    version = PlanVersion.objects.get(plan__code="reps-2026")
    job = documents_send(version_id=version.pk, due_on=None, actor=viewer("sol"))
    for part in documents_parts(job):
        documents_part_send(job, int(part), actor=viewer("sol"))
    for who in ("rex", "ria"):
        document = PlanDocument.objects.get(participant__source_key=who)
        is_accepted = who == "rex"
        document_answer(
            document_id=document.pk,
            is_accepted=is_accepted,
            shown_hash=document.hash,
            reason="" if is_accepted else "Wrong quota",
            actor=viewer(who),
        )
    batch = payout_make(period_id=period.pk, actor=eve)
    assert [line.name for line in PayoutLine.objects.filter(batch=batch)] == ["Rex"]
    page = sign_in("eve").get(f"/incentives/payouts/{batch.pk}/").content.decode()
    assert "Not paid out yet" in page and "is declined" in page and "Ria" in page
    payout_confirm(batch_id=batch.pk, reference="R-1", actor=eve)
    assert (balance("payable", "rex"), balance("payable", "ria")) == (0, 5_000)
    policy_choose(policy="warn", actor=viewer("sol"))
    again = payout_make(period_id=period.pk, actor=eve)
    assert [line.name for line in PayoutLine.objects.filter(batch=again)] == ["Ria"]


@pytest.mark.django_db
def test_pay_held_until_the_plan_is_accepted_is_paid_once_it_is_sent_again_and_accepted(owed, viewer):
    """The whole way under one policy: sent, declined, left out, sent again as it stands, accepted, paid."""
    period, eve = owed
    sol, version = viewer("sol"), PlanVersion.objects.get(plan__code="reps-2026")
    policy_choose(policy="hold_until_accepted", actor=sol)

    def sent():
        job = documents_send(version_id=version.pk, due_on=None, actor=sol)
        return sum(documents_part_send(job, int(part), actor=sol) for part in documents_parts(job))

    def answered(who, is_accepted, reason=""):
        document = PlanDocument.objects.filter(participant__source_key=who).latest("number")
        said = {"is_accepted": is_accepted, "shown_hash": document.hash, "reason": reason}
        document_answer(document_id=document.pk, actor=viewer(who), **said)

    assert sent() == 3
    answered("rex", True)
    answered("ria", False, "Wrong quota")
    first = payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=first.pk, reference="R-1", actor=eve)
    assert (balance("paid", "rex"), balance("payable", "ria")) == (123_456, 5_000)
    with pytest.raises(ValidationError, match="is declined"):
        payout_make(period_id=period.pk, actor=eve)
    assert sent() == 1, "who declined is asked again; who accepted or has not answered is not"
    assert Notice.objects.filter(title__startswith="You are asked again for your answer").count() == 1
    with pytest.raises(ValidationError, match="is not read"):
        payout_make(period_id=period.pk, actor=eve)
    answered("ria", True)
    second = payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=second.pk, reference="R-2", actor=eve)
    assert (balance("paid", "ria"), balance("payable", "ria")) == (5_000, 0)
    assert [one.held for one in payable_of(period)] == []


@pytest.mark.django_db
def test_the_period_itself_pays_nobody_whose_document_is_not_accepted(owed, viewer):
    period, eve = owed
    policy_choose(policy="hold_until_accepted", actor=viewer("sol"))
    words = [one.words for one in period_checks(books_get(period), TODAY) if not one.is_good]
    assert "3 people have not accepted a plan document. Their pay is left out of payouts until they have." in words
    period_pay(period_id=period.pk, reference="R-1", actor=eve)
    assert (balance("payable", "rex"), balance("paid", "rex")) == (123_456, 0)


@pytest.mark.django_db
def test_books_that_nobody_approved_are_not_paid_with_a_later_period(owed, viewer):
    period, eve = owed
    before = Period.objects.filter(calendar=period.calendar, during__endswith=period.during.lower).get()
    other = Calendar.objects.create(code="months", name="Months", kind="MONTHLY")
    same = Period.objects.create(calendar=other, key="2026-first-month", during=period.during)
    owe(before, "before", viewer("sol"), rex=(100, "USD"))
    owe(same, "same", viewer("sol"), rex=(20, "USD"))
    assert {one.amount_minor for one in payable_of(period)} == {123_456, 5_000}
    approve(before, viewer("sol"), viewer("fin"))
    assert {one.amount_minor for one in payable_of(period)} == {123_556, 5_000}
