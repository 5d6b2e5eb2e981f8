"""Manual credits: asked for by one, approved by another, read by the run, shown with their reason, taken back by a reversal."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from incentives.models import ManualCredit, Statement
from incentives.selectors.causes import line_changes
from incentives.selectors.statements import statement_list
from incentives.selectors.why import line_get, statement_line_trace, statement_line_why
from incentives.services.credits import CreditWish, credit_ask, credit_reverse
from spm.approvals.selectors import approval_open
from spm.approvals.services import approval_decide
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer, acme):
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)
    return viewer("sol")


@pytest.fixture
def period(sol, acme):
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=True)
    made = world.build(sol)
    Organisation.objects.filter(pk=acme.pk).update(is_single_operator=False)
    world.deal("D-1", "rex", 900_000)
    return made


def wish(who="rex", **more):
    person = Participant.objects.get(source_key=who)
    values = {"measure": "commission", "amount_minor": 200_000, "currency": "USD", "credit_on": date(2026, 8, 5)}
    return CreditWish(participant_id=person.pk, **{**values, "reason": "Closed by phone", **more})


def approve(credit, actor, *, yes=True):
    asked = approval_open("manual_credit", credit.pk)
    approval_decide(request_id=asked.pk, is_approved=yes, reason="Seen", actor=actor)


def test_it_counts_once_another_has_approved_it(sol, viewer, period):
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 45_000
    credit = credit_ask(wish=wish(), actor=sol)
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 45_000
    with pytest.raises(PermissionDenied, match="asked for it or wrote it"):
        approve(credit, sol)
    approve(credit, viewer("fin"))
    world.calculate(period, sol)
    # 10,000.00 at 5 % and 1,000.00 at 10 %; Mara's override looks at deals only
    assert (world.earned(period)["Rex"], world.earned(period)["Mara"]) == (60_000, 9_000)


def test_statement_and_trace_show_its_reason(sol, viewer, period):
    credit = credit_ask(wish=wish(), actor=sol)
    approve(credit, viewer("fin"))
    world.calculate(period, sol)
    statement = statement_list(viewer("rex")).get(participant__source_key="rex")
    line = line_get(statement, 1)
    why = statement_line_why(statement, line)
    rows = {one.source_key: (one.kind, one.rule, one.credit_minor) for one in why.credits}
    assert rows["Manual credit 1: Closed by phone"] == ("manual_credit", "manual", 200_000)
    tree = statement_line_trace(statement, line)
    assert tree.check() and "Manual credit 1: Closed by phone" in str(tree)


def test_the_pages_show_it_to_the_person_and_nobody_else(sol, viewer, period, sign_in):
    credit = credit_ask(wish=wish(), actor=sol)
    approve(credit, viewer("fin"))
    world.calculate(period, sol)
    place = Statement.objects.get(participant__source_key="rex").pk
    rex = sign_in("rex")
    assert "Closed by phone" in rex.get(f"/incentives/statements/{place}/lines/1/").content.decode()
    assert "Closed by phone" in rex.get("/incentives/credits/").content.decode()
    assert "Approved" in rex.get(f"/incentives/credits/{credit.pk}/").content.decode()
    assert "Closed by phone" not in sign_in("rob").get("/incentives/credits/").content.decode()


def test_a_reversal_is_approved_too_and_takes_it_back_to_the_cent(sol, viewer, period):
    fin = viewer("fin")
    credit = credit_ask(wish=wish(), actor=sol)
    with pytest.raises(ValidationError, match="was not approved"):
        credit_reverse(credit_id=credit.pk, reason="No", actor=sol)
    approve(credit, fin)
    world.calculate(period, sol)
    back = credit_reverse(credit_id=credit.pk, reason="Wrong person", actor=sol)
    with pytest.raises(ValidationError, match="takes Manual credit 1 back already"):
        credit_reverse(credit_id=credit.pk, reason="Again", actor=sol)
    approve(back, fin)
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 45_000
    with pytest.raises(ValidationError, match="takes another one back"):
        credit_reverse(credit_id=back.pk, reason="And again", actor=sol)


def test_a_declined_one_never_counts_and_a_declined_reversal_may_be_asked_again(sol, viewer, period):
    declined = credit_ask(wish=wish(), actor=sol)
    approve(declined, viewer("fin"), yes=False)
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 45_000
    credit = credit_ask(wish=wish(), actor=sol)
    approve(credit, viewer("fin"))
    approve(credit_reverse(credit_id=credit.pk, reason="No", actor=sol), viewer("fin"), yes=False)
    assert credit_reverse(credit_id=credit.pk, reason="Yes", actor=sol).number == 4


def test_the_database_keeps_it_as_it_was(sol, period):
    credit = credit_ask(wish=wish(), actor=sol)
    for change in (
        lambda: ManualCredit.objects.filter(pk=credit.pk).update(amount_minor=1),
        lambda: ManualCredit.objects.filter(pk=credit.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": " "}, "Say why"),
        ({"amount_minor": 0}, "The amount is 0"),
        ({"measure": "nothing"}, "It may be: commission, override"),
        ({"currency": "EUR"}, "is kept in USD"),
        ({"credit_on": date(2031, 1, 1)}, "It may be: none"),
    ],
)
def test_what_cannot_count_is_refused(sol, period, more, words):
    with pytest.raises(ValidationError, match=words):
        credit_ask(wish=wish(**more), actor=sol)
    assert not ManualCredit.objects.exists()


def test_one_that_the_persons_plan_does_not_take_is_a_finding_with_names(sol, viewer, period):
    approve(credit_ask(wish=wish(measure="override"), actor=sol), viewer("fin"))
    run, _ = world.calculate(period, sol)
    [finding] = [one for one in run.findings if one["code"] == "MANUAL_CREDIT_UNPLACED"]
    assert "Manual credit 1: Closed by phone names override" in finding["what"] and "Rex" in finding["what"]


def test_the_api_asks_and_reverses(sol, viewer, period, sign_in):
    client, person = sign_in("sol"), str(Participant.objects.get(source_key="rex").pk)
    body = {"participant": person, "measure": "commission", "amount_minor": 5, "currency": "USD"}
    body |= {"credit_on": "2026-08-05", "reason": "Helped"}
    asked = client.post("/api/v1/incentives/credits/", body, content_type="application/json")
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    approve(ManualCredit.objects.get(), viewer("fin"))
    [row] = client.get("/api/v1/incentives/credits/").json()["results"]
    assert (row["reason"], row["state"], row["number"]) == ("Helped", "approved", 1)
    url = f"/api/v1/incentives/credits/{row['id']}/reverse/"
    back = client.post(url, {"reason": "Not so"}, content_type="application/json")
    assert (back.json()["amount_minor"], back.json()["reverses"]) == (-5, row["id"])


def test_the_form_asks(sol, period, sign_in):
    person = Participant.objects.get(source_key="rex").pk
    values = {"participant": person, "measure": "commission", "amount": "1,250.50", "currency": "usd"}
    values |= {"credit_on": "2026-08-05", "reason": "Helped", "deal": "D-1"}
    client = sign_in("sol")
    assert client.post("/incentives/credits/new/", {**values, "deal": "D-9"}).status_code == 200
    for amount, shows in (("€1250", "€"), ("CAD 1250", "CAD")):
        page = client.post("/incentives/credits/new/", {**values, "amount": amount}).content.decode()
        assert f"shows {shows}, and its currency is USD. Convert it to USD, or choose its own currency." in page
    assert not ManualCredit.objects.exists()
    assert client.post("/incentives/credits/new/", values).status_code == 302
    credit = ManualCredit.objects.get()
    assert (credit.amount_minor, credit.opportunity.source_key) == (125_050, "D-1")
    assert client.get(f"/incentives/credits/{credit.pk}/").status_code == 200


def test_a_file_asks_for_all_or_none(sol, period, tmp_path):
    path = tmp_path / "credits.csv"
    path.write_text(
        "person,component,amount,date,reason,deal\nRex,commission,100.00,2026-08-05,Helped,D-1\n"
        "ria@acme.example,commission,-50.00,2026-08-06,Took over,\n"
    )
    call_command("import_credits", path, organisation="acme")
    assert list(ManualCredit.objects.order_by("number").values_list("participant__name", "amount_minor")) == [
        ("Rex", 10_000),
        ("Ria", -5_000),
    ]
    path.write_text(path.read_text() + "Nobody,commission,1.00,2026-08-05,Helped,\n")
    with pytest.raises(CommandError, match=r"Row 4: Nobody names no one person"):
        call_command("import_credits", path, organisation="acme")
    assert ManualCredit.objects.count() == 2


def test_why_did_it_change_names_the_credit(sol, viewer, period):
    world.calculate(period, sol)
    approve(credit_ask(wish=wish(), actor=sol), viewer("fin"))
    world.calculate(period, sol)
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    told = line_changes(sol, statement, line_get(statement, 1))
    assert [(cause.label, cause.amount_minor) for cause in told.causes] == [("Manual credits", 15_000)]
