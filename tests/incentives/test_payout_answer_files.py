"""Payroll's answers come as a file: each wrong row is named, nothing of it is taken then, and the same file again changes nothing."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives.models import Journal, JournalKind, PayoutAnswer, PayoutBatch, PayoutLine, PeriodStep
from incentives.selectors.payouts import Payout, payout_get
from incentives.services.payout_answer_files import PAYOUT_ANSWERS, _Places
from incentives.services.payouts import payout_confirm, payout_make
from spm.crm.row_files import rows_take
from tests.incentives.test_payouts import balance, owed, state

__all__ = ["owed"]
pytestmark = pytest.mark.django_db
HEAD = "payout,line,person,amount,currency,answer,reason,reference,paid_on\n"


def take(eve, *rows, **more):
    return rows_take(PAYOUT_ANSWERS, (HEAD + "\n".join(rows)).encode(), "answers.csv", actor=eve, **more)


def test_a_file_posts_what_was_paid_and_keeps_what_was_rejected(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    rows = (",,rex,1000.00,USD,paid,Advance,Run 11,2026-10-06", "1,2,,,EUR,rejected,Wrong account,,")
    assert take(eve, *rows, is_check=True).counts["created"] == 2 and not PayoutAnswer.objects.exists()
    assert take(eve, *rows).counts == {"created": 2, "updated": 0, "unchanged": 0}
    paid, refused = (answer for _, answer in payout_get(eve, batch.pk).rows)
    assert (paid.is_paid, paid.amount_minor, paid.reason) == (True, 100_000, "Advance")
    assert (paid.reference, paid.paid_on) == ("Run 11", date(2026, 10, 6))
    assert (refused.is_paid, refused.reason) == (False, "Wrong account")
    assert (balance("paid", "rex"), balance("payable", "rex"), balance("payable", "ria")) == (100_000, 23_456, 5_000)
    assert state(period) == "paid" and PeriodStep.objects.get(to_state="paid").reason == "Payout 1: Run 11"
    assert take(eve, *rows).counts == {"created": 0, "updated": 0, "unchanged": 2}
    assert Journal.objects.filter(kind=JournalKind.PAY).count() == 1
    other = take(eve, rows[0].replace("Run 11", "Run 12"))
    assert "answered otherwise already" in other.findings[0].what and PayoutAnswer.objects.count() == 2


def test_the_same_file_changes_nothing_of_a_later_payout_and_rows_name_theirs_then(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    first = (",1,,,,paid,,Run 11,", ",2,,,,rejected,Wrong account,,")
    take(eve, *first)
    later = payout_make(period_id=period.pk, actor=eve)
    assert [(line.number, line.name) for line in payout_get(eve, later.pk).waiting] == [(1, "Ria")]
    assert take(eve, *first).counts == {"created": 0, "updated": 0, "unchanged": 2}
    unsaid = take(eve, ",1,,,,paid,,Run 12,", ",,ria,,,paid,,Run 12,")
    assert [dict(one.about)["row"] for one in unsaid.findings] == [2, 3]
    assert all("Write the number" in one.what for one in unsaid.findings)
    assert PayoutAnswer.objects.count() == 2 and balance("paid", "ria") == 0
    assert take(eve, "2,1,,,,paid,,Run 12,").counts["created"] == 1 and balance("paid", "ria") == 5_000


def test_the_lines_of_a_payout_are_walked_once_however_many_rows_ask():
    class Walked(list):
        times = 0

        def __iter__(self):
            self.times += 1
            return super().__iter__()

    rex, ria = uuid4(), uuid4()
    lines = Walked(
        PayoutLine(number=number, participant_id=who, currency=currency)
        for number, (who, currency) in enumerate([(rex, "USD"), (rex, "EUR"), (ria, "EUR")], start=1)
    )
    places = _Places(Payout(PayoutBatch(number=1), lines, {}))
    asked = [
        (1, None, None),
        (1, ria, None),
        (None, rex, None),
        (None, rex, "EUR"),
        (None, ria, "USD"),
        (9, None, None),
    ]
    found = [[line.number for line in places.found(*one)] for one in asked]
    assert found == [[1], [], [1, 2], [2], [], []] and lines.times == 1


def test_a_payout_is_read_once_whether_rows_name_it_or_not(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    with CaptureQueriesContext(connection) as asked:
        take(eve, ",1,,,,,,,", "1,2,,,,rejected,Wrong account,,")
    assert sum('FROM "incentives_payoutline"' in one["sql"] and "ORDER BY" in one["sql"] for one in asked) == 2


def test_the_step_of_a_paid_period_names_the_runs_that_paid_whatever_came_last(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    payout_confirm(batch_id=batch.pk, reference="Run 12", paid=[1], actor=eve)
    take(eve, ",2,,,,rejected,Wrong account,,")
    assert PeriodStep.objects.get(to_state="paid").reason == "Payout 1: Run 12"


def test_what_is_filled_without_an_answer_is_wrong_and_so_is_a_file_without_any(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    wrong = (",1,,,,,,Run 11,", ",1,,,,,,,2026-10-06", ",1,,,,,Late,,", ",1,,1000.00,USD,,,,")
    taken = take(eve, *wrong, ",2,,,,paid,,Run 11,")
    assert [dict(one.about)["row"] for one in taken.findings] == [2, 3, 4, 5] and not PayoutAnswer.objects.exists()
    assert all("Write paid or rejected" in one.what for one in taken.findings)
    unsaid = [take(eve, ",1,,1234.56,USD,,,,"), rows_take(PAYOUT_ANSWERS, b"line\n1\n", "answers.csv", actor=eve)]
    assert ["No row says what became of its line" in one.findings[0].what for one in unsaid] == [True, True]


def test_no_word_of_an_answer_is_cut_or_dropped(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    long = {
        f",1,,,,paid,,{'R' * 201},": "more than 200 characters",
        f",1,,,,rejected,{'r' * 301},,": "more than 300 characters",
        ",1,,1234.56,USD,paid,Fee,Run 11,": "paid as it was handed over",
    }
    for row, words in long.items():
        assert words in take(eve, row).findings[0].what
    assert not PayoutAnswer.objects.exists()
    reference, reason = "R" * 200, "r" * 300
    rows = (f",1,,1000.00,USD,paid,{reason},{reference},", f",2,,,,rejected,{reason},Run 9,")
    assert take(eve, *rows).counts["created"] == 2
    assert take(eve, *reversed(rows)).counts["unchanged"] == 2
    others = (rows[0].replace(reason, "Fee"), rows[1].replace(reason, "Closed"), rows[1].replace("Run 9", "Run 8"))
    for other in others:
        assert "answered otherwise already" in take(eve, other).findings[0].what
    assert PayoutAnswer.objects.count() == 2


def test_each_wrong_row_is_named_and_nothing_of_the_file_is_taken(owed):
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    wrong = {
        ",9,,,,paid,,Run 11,": "has no line 9",
        ",1,ria,,,paid,,Run 11,": "has no line 1 of ria",
        ",,nobody,,,paid,,Run 11,": "is not known",
        "8,1,,,,paid,,Run 11,": "There is no payout 8",
        ",,,,,paid,,Run 11,": "Fill in line or person",
        ",2,,50.00,,paid,,Run 11,": "Write the currency of the amount",
        ",2,,50.00,USD,paid,,Run 11,": "is in EUR, not in USD",
        ",1,,1000.00,USD,paid,,Run 11,": "Say why",
        ",1,,0.00,USD,paid,,Run 11,": "paid nothing",
        ",1,,,,rejected,,,": "Say why it was rejected",
        ",1,,,,paid,,,": "Name the payroll run",
        ",1,,,,gone,,Run 11,": "answer:",
    }
    taken = take(eve, ",2,,,,paid,,Run 11,", *wrong)
    found = {dict(one.about)["row"]: one.what for one in taken.findings}
    assert sorted(found) == list(range(3, 3 + len(wrong))) and not taken.counts
    for row, words in enumerate(wrong.values(), start=3):
        assert words in found[row]
    assert not PayoutAnswer.objects.exists() and balance("paid", "ria") == 0


def test_a_line_is_named_once_and_what_no_row_answers_waits(owed):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    twice = take(eve, ",1,,,,paid,,Run 11,", ",,rex,,,rejected,Wrong account,,")
    assert [one.code for one in twice.findings] == ["ROWS_CONFLICT"] and not PayoutAnswer.objects.exists()
    assert take(eve, ",1,,,,,,,", ",2,,,,paid,,Run 11,").counts == {"created": 1, "updated": 0, "unchanged": 1}
    assert [line.name for line in payout_get(eve, batch.pk).waiting] == ["Rex"]
    too_early = take(eve, ",1,,,,paid,,Run 11,2020-01-01")
    assert [one.code for one in too_early.findings] == ["FILE_REFUSED"] and PayoutAnswer.objects.count() == 1


def test_who_approved_the_period_takes_no_answers_and_known_lines_come_as_a_file(owed, sign_in):
    period, eve = owed
    batch = payout_make(period_id=period.pk, actor=eve)
    api, content = reverse("api_incentives_payout_answer_file"), (HEAD + ",1,,,,paid,,Run 11,").encode()
    sent = {"file": SimpleUploadedFile("answers.csv", content)}
    refused = sign_in("fin").post(api, sent)
    assert refused.status_code == 422 and refused.json()["findings"][0]["code"] == "FILE_REFUSED"
    assert not PayoutAnswer.objects.exists()
    client = sign_in("eve")
    known = client.get(reverse("incentives:payout_answer_file_download", args=["rows", "csv"])).content.decode()
    assert known.splitlines()[1:] == ["1,1,Rex,1234.56,USD,,,,", "1,2,Ria,50.00,EUR,,,,"]
    for where in (reverse("incentives:payout_detail", args=[batch.pk]), reverse("incentives:payout_list")):
        assert "Import answers" in client.get(where).content.decode()
    page = reverse("incentives:payout_answer_file")
    filled = known.replace("USD,,,,", "USD,paid,,Run 11,").encode()
    done = client.post(page, {"file": SimpleUploadedFile("answers.csv", filled), "do": "take"})
    assert done.status_code == 200 and "The file was taken." in done.content.decode()
    assert PayoutAnswer.objects.get().line.name == "Rex"


@pytest.mark.parametrize("blank", ["", ",,,,,,,,\n , ,,,,,,,\n"])
def test_a_file_without_rows_is_refused_and_may_come_again(owed, blank):
    """Given a header alone or blank rows under it, then it is refused each time, and the same file with its rows is taken."""
    period, eve = owed
    payout_make(period_id=period.pk, actor=eve)
    for is_check in (True, False, False):
        taken = take(eve, *blank.splitlines(), is_check=is_check)
        [finding] = taken.findings
        assert (finding.code, finding.where, taken.total) == ("NO_ROWS", "answers.csv", 0)
        assert (finding.what, finding.why) == ("There is a header and no row below it.", "Nothing was imported.")
        assert finding.fix == "Export the file again, with its rows."
    assert take(eve, *blank.splitlines(), ",,rex,,,paid,,Run 11,").counts["created"] == 1
