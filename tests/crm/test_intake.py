"""Intake in small files: duplicates, references, loops, undo, crash, history, spellings, rows that come back corrected."""

import csv
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from spm.core.findings import FindingError
from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.reading import FeedError
from spm.crm.intake import storing
from spm.crm.models import AccountVersion, FactCommit, HeldRow, OpportunityVersion, Upload
from spm.crm.selectors.facts import (
    account_frame,
    fact_source,
    facts_changed_since,
    facts_digest,
    facts_moment,
    opportunity_frame,
)
from spm.crm.selectors.inbox import held_list, held_table
from spm.crm.selectors.quality import quality_warnings
from spm.crm.services.decisions import alias_accept, held_discard, held_fix, held_release, held_upload
from spm.crm.services.findings import MappingError
from spm.crm.services.undoing import upload_undo
from spm.crm.services.uploads import mapping_save, upload_commit, upload_create, upload_preview
from spm.people.models import Participant, ReportingLine
from spm.people.selectors import subordinate_ids
from tests.conftest import TODAY
from tests.crm.support import import_text, upload_text

HEADER = "opportunity_id,deal_stage,close_value,engage_date\n"


def deals(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def counts(upload: Upload) -> tuple[int, ...]:
    upload.refresh_from_db()
    return (upload.received, upload.created, upload.updated, upload.unchanged, upload.held)


@pytest.fixture
def sol(viewer: Any) -> Any:
    return viewer("sol")


def test_a_changed_row_ends_the_version_before(sol: Any) -> None:
    import_text(deals("D1,open,10,2026-01-01", "D2,open,20,"), "a.csv", sol, currency="USD")
    before = facts_moment()
    done = import_text(deals("D1,Won call,15,2026-01-01", "D2,open,20,", "D3,open,,"), "b.csv", sol, currency="USD")
    assert counts(done) == (3, 1, 1, 1, 0)
    assert done.preview["samples"]["updated"][0]["fields"][1] == {
        "label": "Amount",
        "before": "10.00 USD",
        "after": "15.00 USD",
    }
    then, now = opportunity_frame(known_at=before), opportunity_frame()
    assert list(then["amount_minor"]) == [1000, 2000]
    assert list(now["source_key"]) == ["D1", "D2", "D3"]
    assert list(now["amount_minor"])[:2] == [1500, 2000]
    assert [change.updated for change in facts_changed_since(before)] == [1]
    source = fact_source("opportunity", now["opportunity_id"][0])
    assert source is not None and (source.file_name, source.row_number) == ("b.csv", 2)


def test_the_preview_writes_nothing_and_counts_what_the_commit_does(sol: Any) -> None:
    upload = upload_text(deals("D1,open,10,", "D1,open,10,", "D2,open,x,"), "a.csv", sol, currency="USD")
    upload_preview(upload_id=upload.pk, actor=sol)
    assert counts(upload) == (3, 1, 0, 1, 1)
    assert not OpportunityVersion.objects.exists() and not HeldRow.objects.exists()
    upload_commit(upload_id=upload.pk, actor=sol)
    assert counts(upload) == (3, 1, 0, 1, 1)
    upload_commit(upload_id=upload.pk, actor=sol)
    assert OpportunityVersion.objects.count() == 1 and FactCommit.objects.count() == 1


def test_a_key_with_other_values_is_held_and_one_row_is_kept(sol: Any) -> None:
    upload = import_text(deals("D1,open,10,", "D1,open,11,", "D2,open,1,"), "a.csv", sol, currency="USD")
    assert counts(upload) == (3, 1, 0, 0, 2)
    first, second = HeldRow.objects.order_by("row_number")
    assert first.code == "DUPLICATE_KEY" and "Rows 2, 3" in first.reason
    with pytest.raises(FindingError, match="Several rows"):
        held_release(held_ids=[first.pk, second.pk], actor=sol)
    assert held_release(held_ids=[second.pk], actor=sol).released == 1
    first.refresh_from_db()
    assert (first.state, first.decision) == ("discarded", "Row 3 was kept instead.")
    assert counts(upload) == (3, 2, 0, 0, 1)
    assert list(opportunity_frame()["amount_minor"]) == [1100, 100]


def test_the_database_refuses_a_committed_upload_that_loses_a_row(sol: Any) -> None:
    upload = import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    with pytest.raises(IntegrityError, match="upload_nothing_lost"), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(received=2)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("D1,open,ten,", "close_value", "VALUE_UNREADABLE"),
        ("D1,open,10,2026-02-30", "engage_date", "VALUE_UNREADABLE"),
        ("D1,open,€ 10,", "close_value", "VALUE_UNREADABLE"),
        ("D1,,10,", "deal_stage", "VALUE_MISSING"),
        (",open,10,", "opportunity_id", "VALUE_MISSING"),
        ("D1,open,10,,extra", "", "ROW_TOO_WIDE"),
    ],
)
def test_a_bad_cell_holds_its_row_with_place_and_fix(sol: Any, row: str, column: str, code: str) -> None:
    upload = import_text(deals(row, "D9,open,1,"), "a.csv", sol, currency="USD")
    held = HeldRow.objects.get()
    assert counts(upload) == (2, 1, 0, 0, 1)
    assert (held.row_number, held.column) == (2, column)
    assert held.code in (code, "KEY_MISSING")
    assert held.reason and held.fix


def test_a_row_that_was_torn_is_not_released_as_it_is(sol: Any) -> None:
    import_text(deals("D1,open,10,,extra"), "a.csv", sol, currency="USD")
    held = HeldRow.objects.get()
    with pytest.raises(FindingError, match="columns"):
        held_release(held_ids=[held.pk], actor=sol)
    assert held_fix(held_id=held.pk, values={"column 5": ""}, actor=sol).released == 1


def test_references_are_found_by_key_alias_and_name(sol: Any) -> None:
    import_text("account_id,name\nA1,Acme Corp\nA2,Betatech\n", "accounts.csv", sol)
    text = "opportunity_id,deal_stage,account,owner\nD1,open,A1,rex\nD2,open,Betatech,rex@acme.example\nD3,open,Acme Corp.,Rexx\n"
    import_text(text, "deals.csv", sol)
    held = HeldRow.objects.get()
    assert (held.value, held.proposal_kind, held.proposal_key) == ("Acme Corp.", "account", "A1")
    assert [problem["column"] for problem in held.problems] == ["account", "owner"]
    first = alias_accept(kind="account", source="crm", alias="Acme Corp.", target_key="A1", actor=sol)
    assert (first.released, first.still_held) == (0, 1)
    held.refresh_from_db()
    assert (held.column, held.proposal_kind, held.proposal_key) == ("owner", "participant", "")
    assert alias_accept(kind="participant", source="crm", alias="Rexx", target_key="rex", actor=sol).released == 1
    frame = opportunity_frame()
    assert list(frame["account_key"]) == ["A1", "A2", "A1"]
    assert set(frame["owner_id"]) == {str(Participant.objects.get(source_key="rex").pk)}


def test_accounts_may_name_each_other_but_not_in_a_loop(sol: Any) -> None:
    text = "account,subsidiary_of\nChild,Parent\nParent,\nA,B\nB,C\nC,A\nLost,Nowhere\nBelow,Lost\n"
    upload = import_text(text, "accounts.csv", sol)
    assert counts(upload) == (7, 2, 0, 0, 5)
    reasons = dict(HeldRow.objects.values_list("key", "reason"))
    assert reasons["A"] == reasons["B"] == reasons["C"] == "“Parent account” loops: A → B → C → A."
    assert reasons["Below"] == "There is no account “Lost”."
    frame = account_frame().set_index("source_key")
    assert frame.loc["Child", "parent_id"] == frame.loc["Parent", "account_id"]


def test_a_reporting_line_that_loops_is_held_by_name(sol: Any) -> None:
    upload = import_text("name,manager\nKim,Lou\nLou,Moe\nMoe,Kim\nNan,Oda\n", "teams.csv", sol, starts_on="2026-01-01")
    assert counts(upload) == (4, 1, 0, 0, 3)
    assert HeldRow.objects.get(key="Kim").reason == "The reporting line loops: Kim → Lou → Moe → Kim."
    oda = Participant.objects.get(name="Oda")
    assert subordinate_ids(oda.pk, on=TODAY) == {Participant.objects.get(name="Nan").pk}


def test_a_loop_with_what_is_known_refuses_the_whole_file(sol: Any) -> None:
    import_text("name,manager\nKim,Lou\nLou,Moe\n", "teams.csv", sol, starts_on="2026-01-01")
    lines = ReportingLine.objects.count()
    upload = upload_text("name,manager\nMoe,Kim\n", "more.csv", sol, starts_on="2026-02-01")
    with pytest.raises(FindingError, match="Kim"), transaction.atomic():
        upload_commit(upload_id=upload.pk, actor=sol)
    assert ReportingLine.objects.count() == lines


def test_people_move_from_a_day_on(sol: Any) -> None:
    import_text("name,manager,unit\nKim,Lou,East\n", "teams.csv", sol, starts_on="2026-01-01")
    moved = import_text("name,manager,unit\nKim,Mia,West\n", "teams.csv", sol, starts_on="2026-06-01")
    assert counts(moved) == (1, 0, 1, 0, 0)
    lines = ReportingLine.objects.filter(position__name="Kim").order_by("during").values_list("manager__name", "during")
    assert [(name, str(during.lower), str(during.upper)) for name, during in lines] == [
        ("Lou", "2026-01-01", "2026-06-01"),
        ("Mia", "2026-06-01", "None"),
    ]


def test_undo_restores_what_was_known_before(sol: Any) -> None:
    import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    before = opportunity_frame().drop(columns=["version_id"])
    second = import_text(deals("D1,open,99,", "D2,open,5,"), "b.csv", sol, currency="USD")
    moment = facts_moment()
    upload_undo(upload_id=second.pk, actor=sol)
    after = opportunity_frame().drop(columns=["version_id"])
    assert before.equals(after)
    assert list(opportunity_frame(known_at=moment)["source_key"]) == ["D1", "D2"]
    again = import_text(deals("D1,open,99,", "D2,open,5,"), "b.csv", sol, currency="USD")
    assert counts(again) == (2, 1, 1, 0, 0)


def test_undo_is_refused_where_something_later_rests_on_it(sol: Any) -> None:
    first = import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    second = import_text(deals("D1,open,99,"), "b.csv", sol, currency="USD")
    with pytest.raises(FindingError, match=r"changed later by b\.csv"):
        upload_undo(upload_id=first.pk, actor=sol)
    upload_undo(upload_id=second.pk, actor=sol)
    upload_undo(upload_id=first.pk, actor=sol)
    assert opportunity_frame().empty
    accounts = import_text("account\nBetatech\n", "accounts.csv", sol)
    import_text("opportunity_id,deal_stage,account\nD1,open,Betatech\n", "deals.csv", sol)
    with pytest.raises(FindingError, match=r"refer to what it created \(deals\.csv"):
        upload_undo(upload_id=accounts.pk, actor=sol)


def test_a_crash_between_chunks_leaves_nothing_and_a_second_try_ends_equal(
    sol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spm.crm.intake.sorting.CHUNK", 2)
    text = deals(*(f"D{number},open,{number},2026-01-0{number}" for number in range(1, 8)))
    upload = upload_text(text, "a.csv", sol, currency="USD")
    inserts = 0
    real = storing.rows_insert

    def dies_in_the_third_chunk(*args: Any) -> None:
        nonlocal inserts
        inserts += 1
        if inserts == 6:
            raise ConnectionError("killed")
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(storing, "rows_insert", dies_in_the_third_chunk)
        with pytest.raises(ConnectionError), transaction.atomic():
            upload_commit(upload_id=upload.pk, actor=sol)
    assert not OpportunityVersion.objects.exists() and not FactCommit.objects.exists()
    upload_commit(upload_id=upload.pk, actor=sol)
    assert counts(upload) == (7, 7, 0, 0, 0)
    assert OpportunityVersion.objects.values("known_from").distinct().count() == 1


def test_spellings_are_kept_until_decided_and_then_remembered(sol: Any) -> None:
    text = "account,sector,office_location\nAcme,technolgy,Philipines\n"
    import_text(text, "accounts.csv", sol)
    assert AccountVersion.objects.get().industry == "technolgy"
    warned = {warning.received: warning.proposals[0] for warning in quality_warnings(sol)}
    assert warned == {"technolgy": "technology", "Philipines": "Philippines"}
    assert (
        alias_accept(kind="industry", source="crm", alias="technolgy", target_key="technology", actor=sol).respelled
        == 1
    )
    assert (
        alias_accept(kind="country", source="crm", alias="Philipines", target_key="Philipines", actor=sol).respelled
        == 0
    )
    assert not quality_warnings(sol)
    assert account_frame()["industry"][0] == "technology"
    assert counts(import_text(text, "accounts.csv", sol)) == (1, 0, 0, 1, 0)


def test_held_rows_come_back_corrected(sol: Any) -> None:
    upload = import_text(deals("D1,open,ten,", "D2,open,x,", "D3,open,y,"), "a.csv", sol, currency="USD")
    columns, rows = held_table(held_list(sol))
    assert columns == ["Held row", "opportunity_id", "deal_stage", "close_value", "engage_date", "Reason", "Fix"]
    rows[0][3], rows[1][3] = "10", "20"
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    done = held_upload(content=text.getvalue().encode(), file_name="held.csv", actor=sol)
    assert (done.released, done.still_held) == (2, 1)
    assert counts(upload) == (3, 2, 0, 0, 1)
    last = HeldRow.objects.get(state="held")
    with pytest.raises(FindingError, match="no column"):
        held_fix(held_id=last.pk, values={"nope": "1"}, actor=sol)
    held_discard(held_ids=[last.pk], reason="A test deal.", actor=sol)
    assert counts(upload) == (3, 2, 0, 0, 1)
    with pytest.raises(FindingError, match="not held any more"):
        held_release(held_ids=[last.pk], actor=sol)


def test_a_newer_file_says_the_last_word_about_a_held_row(sol: Any) -> None:
    import_text(deals("D1,open,ten,"), "a.csv", sol, currency="USD")
    import_text(deals("D1,open,10,"), "b.csv", sol, currency="USD")
    held = HeldRow.objects.get()
    assert (held.state, held.decision) == ("discarded", "Replaced by b.csv.")


def test_columns_that_a_file_leaves_out_keep_what_is_known(sol: Any) -> None:
    import_text(deals("D1,open,10,2026-01-01"), "a.csv", sol, currency="USD")
    import_text("opportunity_id,deal_stage\nD1,late\n", "b.csv", sol)
    row = OpportunityVersion.objects.get(known_until__isnull=True)
    assert (row.stage, row.amount_minor, str(row.created_on)) == ("late", 1000, "2026-01-01")


def test_the_mapping_is_remembered_for_the_next_file(sol: Any) -> None:
    text = "col a,col b\nD1,open\n"
    first = upload_create(content=text.encode(), file_name="odd.csv", source="crm", actor=sol, kind="opportunity")
    mapping = Mapping("opportunity", {"key": "col a", "stage": "col b"}, {"status": "open"})
    mapping_save(upload_id=first.pk, mapping=mapping, actor=sol)
    upload_commit(upload_id=first.pk, actor=sol)
    second = upload_create(content=text.encode(), file_name="odd2.csv", source="crm", actor=sol)
    assert Mapping.from_dict(second.mapping) == mapping


def test_bad_files_and_mappings_write_nothing(sol: Any, viewer: Any) -> None:
    with pytest.raises(FeedError):
        upload_create(content=b"PK\x03\x04broken", file_name="a.xlsx", source="crm", actor=sol)
    assert not Upload.objects.exists()
    with pytest.raises(MappingError, match="currency"):
        upload_text(deals("D1,open,10,"), "a.csv", sol)
    with pytest.raises(MappingError, match="No day"):
        upload_text("name,manager\nA,B\n", "teams.csv", sol)
    with pytest.raises(PermissionDenied):
        upload_create(content=b"a\n1\n", file_name="a.csv", source="crm", actor=viewer("rex"))


def test_the_digest_tells_whether_facts_changed(sol: Any) -> None:
    start = facts_moment()
    assert facts_digest(start) == ""
    import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    one = facts_moment()
    import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    assert facts_digest(facts_moment()) == facts_digest(one) != ""
    import_text(deals("D1,open,11,"), "a.csv", sol, currency="USD")
    assert facts_digest(facts_moment()) != facts_digest(one)
    assert facts_digest(one) == facts_digest(one)


def test_the_planner_knows_what_a_file_brought(sol: Any, django_capture_on_commit_callbacks: Any) -> None:
    """Right after a file, not a minute later: a run that follows would take the tables for empty."""

    def bring(first: int, until: int) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            rows = [f"D{number},open,10,2026-01-01" for number in range(first, until)]
            import_text(deals(*rows), "a.csv", sol, currency="USD")
        with connection.cursor() as cursor:
            cursor.execute("select reltuples from pg_class where oid = 'crm_opportunityversion'::regclass")
            return int(cursor.fetchone()[0])

    assert bring(0, 30) == 30
    assert bring(30, 32) == 30, "Of thirty rows two are no tenth"
    assert bring(32, 36) == 36


def test_moments_grow_even_when_the_clock_stands_still(sol: Any) -> None:
    import_text(deals("D1,open,10,"), "a.csv", sol, currency="USD")
    with connection.cursor() as cursor:
        cursor.execute("select max(known_from) from crm_factcommit")
        last = cursor.fetchone()[0]
    assert storing.moment_take() > last
