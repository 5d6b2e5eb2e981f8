"""A full list that lacks a record asks about it; only a person's answer changes a fact, and a record that returns ends the question."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incentives.models import Run, Statement
from spm.audit.models import Entry
from spm.core.findings import FindingError
from spm.crm.intake.absent import FullList
from spm.crm.models import AbsentRecord, FactCommit, OpportunityVersion, Upload
from spm.crm.selectors.absences import absence_questions
from spm.crm.services.absences import absences_answer
from spm.crm.services.findings import MappingError
from spm.crm.services.undoing import upload_undo
from tests.crm.support import import_text, upload_text
from tests.incentives import world

pytestmark = pytest.mark.django_db
HEADER = "opportunity_id,account,sales_agent,deal_stage,close_value,close_date\n"
FIRST = (
    "D1,Initech,rex,Won,12000,2026-08-03",
    "D2,Initech,rex,Won,1000,2026-08-04",
    "D3,Initech,ria,Won,2000,2026-09-01",
    "D4,Initech,ria,Won,500,2025-12-30",
)
ALL = FullList()


def deals(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def sol(viewer: Any) -> Any:
    found = viewer("sol")
    import_text("account,sector\nInitech,software\n", "accounts.csv", found)
    import_text(deals(*FIRST), "first.csv", found, currency="USD")
    return found


def full(sol: Any, *rows: str, name: str = "full.csv", reach: FullList = ALL) -> Upload:
    return import_text(deals(*rows), name, sol, full_list=reach, currency="USD")


def states() -> dict[str, str]:
    return dict(AbsentRecord.objects.order_by("pk").values_list("key", "state"))


def known() -> set[str]:
    return set(OpportunityVersion.objects.current().values_list("fact__source_key", flat=True))


def test_what_a_full_list_lacks_is_a_question_and_counts_as_before(sol: Any) -> None:
    commits = FactCommit.objects.count()
    upload = full(sol, FIRST[0], FIRST[2])
    assert (upload.absent, states()) == (2, {"D2": "open", "D4": "open"})
    assert known() == {"D1", "D2", "D3", "D4"} and FactCommit.objects.count() == commits
    assert [(one.upload, one.count) for one in absence_questions(sol)] == [(upload, 2)]
    # The next night's list asks nothing twice, and a file that is no full list asks nothing at all
    assert full(sol, FIRST[0], FIRST[2], name="again.csv").absent == 0
    assert import_text(deals(FIRST[0]), "part.csv", sol, currency="USD").absent == 0
    assert AbsentRecord.objects.count() == 2


def test_a_list_of_dates_or_of_a_book_asks_only_within_them(sol: Any) -> None:
    august = FullList(since=date(2026, 8, 1), until=date(2026, 9, 1))
    full(sol, FIRST[0], reach=august)
    assert states() == {"D2": "open"}
    full(sol, FIRST[2], name="ria.csv", reach=FullList(field="owner", value="ria"))
    assert states() == {"D2": "open", "D4": "open"}


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (FullList(since=date(2026, 9, 1), until=date(2026, 9, 1)), "ends before it begins"),
        (FullList(field="owner"), "field and its value"),
        (FullList(field="owner", value="nobody"), "“nobody” is not known"),
        (FullList(field="amount", value="5"), "can't tell a book"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(sol: Any, reach: FullList, words: str) -> None:
    with pytest.raises(MappingError) as error:
        upload_text(deals(FIRST[0]), "full.csv", sol, full_list=reach, currency="USD")
    assert words in error.value.finding.what


def test_a_held_row_is_not_absent_and_a_record_that_returns_closes_its_question(sol: Any) -> None:
    full(sol, FIRST[0], "D2,Initech,rex,Won,xx,2026-08-04", FIRST[2])
    assert states() == {"D4": "open"}
    import_text(deals(FIRST[3]), "back.csv", sol, currency="USD")
    assert states() == {"D4": "returned"}
    # Absent once more, it is asked once more
    full(sol, *FIRST[:3], name="later.csv")
    assert [row.state for row in AbsentRecord.objects.order_by("pk")] == ["returned", "open"]


def test_what_is_kept_is_asked_again_only_after_it_came_back(sol: Any) -> None:
    upload = full(sol, *FIRST[:3])
    assert absences_answer(actor=sol, is_gone=False, reason="Archived", upload_id=upload.pk) == 1
    assert full(sol, *FIRST[:3], name="next.csv").absent == 0 and known() == {"D1", "D2", "D3", "D4"}
    full(sol, *FIRST, name="whole.csv")
    assert full(sol, *FIRST[:3], name="last.csv").absent == 1


def test_gone_cancels_under_name_and_reason_and_pay_follows_only_then(viewer: Any, sol: Any, sign_in: Any) -> None:
    # Given 12,000.00 and 1,000.00 of Rex against 10,000.00: 5 % of 10,000.00 and 10 % of 3,000.00
    period = world.build(sol)
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 80_000
    upload = full(sol, FIRST[0], *FIRST[2:])
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 80_000 and Run.objects.count() == 1
    # When somebody says that D2 is gone
    entries = Entry.objects.count()
    with pytest.raises(FindingError, match="takes what was earned back"):
        absences_answer(actor=sol, is_gone=True, reason=" ", upload_id=upload.pk)
    with pytest.raises(PermissionDenied):
        absences_answer(actor=viewer("fin"), is_gone=True, reason="No", upload_id=upload.pk)
    record = AbsentRecord.objects.get(key="D2")
    assert absences_answer(actor=sol, is_gone=True, reason="Cancelled by the customer", ids=[record.pk]) == 1
    # Then it is no longer known, with who and why, and the next run takes 100.00 back
    record.refresh_from_db()
    assert (record.state, record.reason, record.decided_by_id) == ("gone", "Cancelled by the customer", sol.user_id)
    assert Entry.objects.count() > entries and known() == {"D1", "D3", "D4"}
    assert (FactCommit.objects.latest("known_from").action, FactCommit.objects.latest("known_from").withdrawn) == (
        "cancel",
        1,
    )
    world.calculate(period, sol)
    assert world.earned(period)["Rex"] == 70_000
    page = sign_in("rex").get(reverse("crm:opportunity_detail", args=[record.fact_id])).content.decode()
    assert "Treated as cancelled" in page and "Cancelled by the customer" in page
    # It is answered once, and what was answered is not undone by the way
    with pytest.raises(FindingError, match="do not wait"):
        absences_answer(actor=sol, is_gone=False, reason="", ids=[record.pk])
    with pytest.raises(FindingError, match="gone since"):
        upload_undo(upload_id=Upload.objects.get(file_name="first.csv").pk, actor=sol)
    # Imported again it counts again
    import_text(deals(FIRST[1]), "back.csv", sol, currency="USD")
    world.calculate(period, sol)
    assert (
        world.earned(period)["Rex"] == 80_000 and Statement.objects.filter(participant__source_key="rex").count() == 3
    )


def test_an_undone_import_asks_nothing_any_more(sol: Any) -> None:
    upload = full(sol, *FIRST[:3], "D5,Initech,rex,Won,1,2026-08-09")
    upload_undo(upload_id=upload.pk, actor=sol)
    assert states() == {"D4": "closed"} and absence_questions(sol) == []


def test_pages_ask_and_take_answers(sol: Any, sign_in: Any) -> None:
    client = sign_in("sol")
    upload = full(sol, FIRST[0])
    address = reverse("crm:absent_list", args=[upload.pk])
    assert address in client.get(reverse("crm:inbox")).content.decode()
    page = client.get(address).content.decode()
    assert all(each in page for each in ("D2", "D3", "D4", "$1,000.00", "Answer for all 3"))
    assert "Gone: treat as cancelled" not in sign_in("otto").get(address).content.decode()
    chosen = AbsentRecord.objects.get(key="D2")
    refused = client.post(address, {"do": "gone", "selected": [chosen.pk], "reason": ""})
    assert refused.status_code == 422 and states()["D2"] == "open"
    assert client.post(address, {"do": "gone", "selected": [chosen.pk], "reason": "Void"}).status_code == 302
    assert client.post(address, {"do": "keep", "all": "1", "reason": ""}).status_code == 302
    assert states() == {"D2": "gone", "D3": "kept", "D4": "kept"}
    said = client.get(reverse("crm:absent_export", args=[upload.pk, "csv"])).content.decode()
    assert "Treated as cancelled" in said and "Void" in said


def test_home_asks_who_may_answer_until_it_is_answered(sol: Any, sign_in: Any) -> None:
    upload = full(sol, *FIRST[:2])
    link = f'href="{reverse("crm:absent_list", args=[upload.pk])}"'
    home = sign_in("sol").get(reverse("home")).content.decode()
    assert link in home and "full.csv lacks 2 records: are they gone?" in home
    # Finance reads the inbox and may not answer
    assert link not in sign_in("fin").get(reverse("home")).content.decode()
    assert absences_answer(actor=sol, is_gone=False, reason="Archived", upload_id=upload.pk) == 2
    assert "Questions that wait" not in sign_in("sol").get(reverse("home")).content.decode()


def test_the_mapping_page_says_that_a_file_is_a_full_list(sol: Any, sign_in: Any) -> None:
    upload = upload_text(deals(FIRST[0]), "full.csv", sol, currency="USD")
    client = sign_in("sol")
    address = reverse("crm:upload_mapping", args=[upload.pk])
    columns = {f"column_{name}": column for name, column in upload.mapping["columns"].items()}
    given = columns | {
        "constant_currency": "USD",
        "is_full_list": "on",
        "list_from": "2026-08-01",
        "list_field": "owner",
        "list_value": "rex",
    }
    assert client.post(address, given | {"list_value": "nobody"}).status_code == 422
    assert client.post(address, given).status_code == 302
    upload.refresh_from_db()
    assert (upload.is_full_list, upload.list_from, upload.list_value, upload.absent) == (
        True,
        date(2026, 8, 1),
        "rex",
        1,
    )


def test_the_api_says_asks_and_answers(sol: Any, sign_in: Any) -> None:
    client = sign_in("sol")
    upload = upload_text(deals(FIRST[0]), "full.csv", sol, currency="USD")
    body = {**client.get(f"/api/v1/crm/uploads/{upload.pk}/mapping/").json(), "full_list": {"since": "2026-01-01"}}
    put = client.put(f"/api/v1/crm/uploads/{upload.pk}/mapping/", json.dumps(body), content_type="application/json")
    assert put.status_code == 200 and put.json()["is_full_list"], put.json()
    assert client.post(f"/api/v1/crm/uploads/{upload.pk}/preview/").json()["absent"] == 2
    assert client.post(f"/api/v1/crm/uploads/{upload.pk}/commit/").json()["absent"] == 2
    rows = client.get("/api/v1/crm/absent/?state=open").json()["results"]
    assert [row["key"] for row in rows] == ["D2", "D3"]

    def answer(**given: Any) -> Any:
        return client.post("/api/v1/crm/absent/answer/", json.dumps(given), content_type="application/json")

    assert answer(answer="gone", upload=str(upload.pk)).status_code == 422
    assert answer(answer="gone", reason="Void").status_code == 400
    assert answer(answer="gone", ids=[rows[0]["id"]], reason="Void").json() == {"count": 1}
    assert answer(answer="keep", ids=[rows[0]["id"]]).status_code == 409
    assert states() == {"D2": "gone", "D3": "open"}
