"""The demo company: the same from the same seed, loaded through the public doors, calculated by the nightly job."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from spm.demo.company import SLUG, signins
from spm.demo.doors import Person, Refused
from spm.demo.generator import company
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope

TODAY = date(2026, 11, 23)


def test_same_seed_same_bytes() -> None:
    assert company(TODAY) == company(TODAY)


def test_the_generator_looks_like_life() -> None:
    made = company(TODAY)
    lines = made.files["opportunities.csv"].splitlines()
    assert len(lines) > 2000
    assert any("FlowMeter Pro" in line for line in lines)
    assert made.rep != made.manager != made.director


def test_contracts_come_from_won_deals_and_some_are_renewed_or_end_early() -> None:
    made = company(TODAY)
    won = {line.split(",")[0] for line in made.files["opportunities.csv"].splitlines() if ",Won," in line}
    rows = [line.split(",") for line in made.files["contracts.csv"].splitlines()[1:]]
    assert {row[1] for row in rows if row[6] == "new"} <= won
    assert {row[7] for row in rows if row[6] == "renewal"} <= {row[0] for row in rows if row[6] == "new"}
    days = {(date.fromisoformat(row[4]) - date.fromisoformat(row[3])).days // 28 for row in rows}
    assert len(rows) > 300 and len(days) > 6


@pytest.mark.django_db
def test_its_past_is_closed_paid_and_read(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        call_command("demo_create", stdout=StringIO())
        call_command("nightly", organisation="demo", here=True, stdout=StringIO())
        for _ in range(2):
            call_command("demo_history", stdout=StringIO())
            finance, rep = Person("finance"), Person("rep")
            periods = [(each["key"], each["state"]) for each in finance.get("api_incentives_periods")["results"]]
            assert periods[:3] == [("2026-Q4", "open"), ("2026-Q3", "in_review"), ("2026-Q2", "locked")]
            assert {state for _, state in periods[2:]} == {"locked"}
            waiting = [each["waiting"] for each in finance.get("api_incentives_payouts")["results"]]
            assert len(waiting) == 11 and not any(waiting)
            assert [each["state"] for each in rep.get("api_incentives_documents")["results"]] == ["accepted"]
            disputes = [each["state"] for each in rep.get("api_incentives_disputes")["results"]]
            assert sorted(disputes) == ["accepted", "open", "rejected"]
            (hold,) = finance.get("api_incentives_holds")["results"]
            kept = finance.get("api_incentives_hold", hold["id"])["kept"]
            assert hold["state"] == "approved" and kept[0]["amount_minor"] > 0
            (brought,) = finance.get("api_incentives_openings")["results"]
            assert (brought["is_posted"], brought["payable_minor"], brought["held_minor"]) == (True, 35_000, 12_000)
            assert len(finance.get("api_incentives_ledger_format")["accounts"]) == 9
            assert [each["is_active"] for each in finance.get("api_hooks")["results"]] == [False]
            (segments,) = finance.get("api_planning_rule_sets", purpose="SEGMENT")["results"]
            assert finance.get("api_planning_rule_set", segments["id"])["unassigned"] == 0
            scores = finance.get("api_planning_account_scores", "potential")["results"]
            assert scores[0]["points"] > scores[-1]["points"] >= 0
            sets = finance.get("api_planning_rule_sets", purpose="TERRITORY")["results"]
            assert [each["state"] for each in sets] == ["DRAFT", "IN_FORCE"]
            assert finance.get("api_planning_rule_set", sets[0]["id"])["unassigned"] == 0
            quotas = finance.get("api_planning_quota_plans")["results"]
            assert [(each["year"], each["state"]) for each in quotas] == [(2027, "DRAFT"), (2027, "PUBLISHED")]
        _was_paid_as_a_payroll_would(finance)
        _two_are_paid_in_euros(finance)
        _one_has_left(finance)
        _author_approver_and_payer_are_three(finance)


def _was_paid_as_a_payroll_would(finance: Person) -> None:
    """Each past quarter was paid a few days after its end: until then it is accrued, and the general ledger has it on that day."""
    days = {}
    for each in finance.get("api_incentives_payouts")["results"]:
        lines = finance.get("api_incentives_payout", each["id"])["lines"]
        days.setdefault(each["period"], set()).update(line["paid_on"] for line in lines if line["paid_on"])
    assert days["2026-Q2"] == {"2026-07-06"} and days["2024-Q1"] == {"2024-04-05"}
    assert days["2024-Q2"] == {"2024-07-05", "2024-07-12"}, "who was refused is paid a week later"
    periods = {each["key"]: each for each in finance.get("api_incentives_periods")["results"]}
    kept = 0
    for key in sorted(key for key in periods if "2024" <= key <= "2026-Q2"):
        totals = [total for total in periods[key]["totals"] if total["currency"] == "USD"]
        lines = finance.get("api_incentives_period_accrual", periods[key]["id"])["results"]
        owed = sum(
            line["debit_minor"] - line["credit_minor"]
            for line in lines
            if (line["entry"], line["account"], line["currency"]) == ("accrual", "Commission expense", "USD")
        )
        kept += sum(total["held_minor"] + total["waiting_minor"] for total in totals)
        paid = sum(total["paid_minor"] for total in totals)
        assert owed == paid + kept > kept > 0, "what was paid after the end was owed then, and what is held back"
    export = finance.post("api_incentives_ledger_exports", period=periods["2026-Q2"]["id"])
    file = finance._client.get(reverse("api_incentives_ledger_export_file", args=[export["id"]])).content.decode()
    assert {line[:10] for line in file.removeprefix("\ufeff").splitlines()[1:]} == {"2026-06-30", "2026-07-06"}


def _two_are_paid_in_euros(finance: Person) -> None:
    """Their statement in dollars says what was converted at which rate, the one in euros what is paid."""
    made = company(TODAY)
    for name in made.abroad:
        rows = finance.get("api_incentives_statements", period__key="2026-Q2")["results"]
        own = {each["currency"]: each for each in rows if each["participant_name"] == name}
        assert set(own) == {"EUR", "USD"} and own["EUR"]["payable_minor"] > 0 == own["USD"]["payable_minor"]
        shown = finance.get("api_incentives_statement", own["USD"]["id"])["conversions"]
        assert [(each["from_currency"], each["to_currency"]) for each in shown] == [("USD", "EUR")]
        assert own["EUR"]["payable_minor"] == shown[0]["to_minor"] and shown[0]["rate_on"] == "2026-06-30"


def _one_has_left(finance: Person) -> None:
    """Their final statement is of locked books, and says what became of what was held back."""
    made = company(TODAY)
    assert made.last_day == date(2026, 5, 31)
    rows = finance.get("api_incentives_statements", period__key="2026-Q2")["results"]
    (own,) = [each for each in rows if each["participant_name"] == made.leaver]
    shown = finance.get("api_incentives_statement", own["id"])
    final, (part,) = shown["final"], [each for each in shown["parts"] if each["key"] == "final"]
    assert (final["left_on"], final["is_last"]) == ("2026-05-31", True)
    assert any(row["label"]["words"] == "Forfeited" and row["cells"][1]["amount_minor"] > 0 for row in part["rows"])
    (due,) = [row["cells"][1] for row in part["rows"] if row["label"]["words"] == "Payable, not paid"]
    assert due["amount_minor"] == own["payable_minor"] > 0, "the quarters before were paid by then"
    rows = finance.get("api_incentives_statements", period__key="2026-Q4")["results"]
    assert rows and made.leaver not in {each["participant_name"] for each in rows}
    assert finance.get("api_people_participants", name=made.leaver)["results"][0]["position"] is None


def _author_approver_and_payer_are_three(finance: Person) -> None:
    """Nobody did alone what takes two: operations closes, finance approves, payroll pays; the latest period waits for finance."""
    periods = {each["key"]: each["id"] for each in finance.get("api_incentives_periods")["results"]}
    steps = finance.get("api_incentives_period", periods["2026-Q2"])["steps"]
    took = {step["to_state"]: (step["asked_by_name"], step["by_name"]) for step in steps}
    assert took["approved"] == ("Operations", "Finance") and took["paid"][1] == "Payroll"
    assert not any(step["is_single_operator"] for step in steps)
    (waits,) = finance.get("api_approvals", kind="period", state="open")["results"]
    assert waits["asked_by_name"] == "Operations"
    with pytest.raises(Refused, match="403"):
        Person("operations").post("api_incentives_period_approve", periods["2026-Q3"])
    finance.post("api_incentives_period_approve", periods["2026-Q3"])
    with pytest.raises(Refused, match="Who can: Payroll"):
        finance.post("api_incentives_payouts", period=periods["2026-Q3"])
    assert Person("payroll").post("api_incentives_payouts", period=periods["2026-Q3"])["waiting"] > 0


@pytest.mark.django_db
def test_demo_is_created_once_and_every_role_gets_in(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        call_command("demo_create", stdout=StringIO())
        with organisation_scope(Organisation.objects.get(slug=SLUG).pk, actor=Actor(name="test", via="test")):
            numbers = list(Participant.objects.values_list("employee_number", flat=True))
        assert len(numbers) > 10 and "" not in numbers and len(set(numbers)) == len(numbers)
        again = StringIO()
        call_command("demo_create", stdout=again)
        assert "exists already" in again.getvalue()
        for one in signins():
            client = Client()
            answer = client.post("/account/login/", {"login": one.email, "password": one.password})
            assert (one.role, answer.status_code, answer["Location"]) == (one.role, 302, "/")
