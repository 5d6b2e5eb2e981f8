"""The sheet of a quota plan as a file: out, changed in a spreadsheet, and back."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planning.models import QuotaEdit, QuotaPlan, QuotaSeat
from planning.services.quota_plans import quota_plan_undo
from spm.people.naming import position_names
from tests.planning.test_quota_plans import cell, plan, seat, years

__all__ = ["plan"]
pytestmark = pytest.mark.django_db


def given(browser: Any, rows: list[list[str]]) -> Any:
    """What the page answers to a file of these rows."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return browser.post(reverse("planning:sheet_file"), {"file": SimpleUploadedFile("s.csv", text.getvalue().encode())})


def test_a_sheet_goes_out_and_comes_back_with_what_was_changed(plan: QuotaPlan, sign_in: Any, viewer: Any) -> None:
    """Given the file of a draft, when it comes back unchanged nothing is set; when a year differs it is kept and the rest shared anew."""
    browser, before = sign_in("sol"), years(plan)
    answer = browser.get(reverse("planning:sheet_file_download", args=["rows", "csv"]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (
        {row[4] for row in rows[1:]} == {"USD"}
        and rows[0] == ["plan", "position", "period", "amount", "currency"]
        and len(rows) == 1 + 5 * len(before)
    )
    edits = QuotaEdit.objects.count()
    assert f"{len(rows) - 1} as they were" in given(browser, rows).content.decode()
    assert QuotaEdit.objects.count() == edits and seat(plan, "rex").manual is None
    name = position_names().word(seat(plan, "rex").position_id)
    changed = [row if (row[1], row[2]) != (name, "year") else [*row[:3], "3000", "USD"] for row in rows]
    given(browser, changed)
    assert seat(plan, "rex").manual == seat(plan, "rex").value == 300_000 != before["rex"]
    tops = QuotaSeat.objects.filter(plan=plan, parent=None).values_list("value", flat=True)
    assert sum(tops) == plan.total and cell(plan, "rex", "2026-Q1").value == 75_000
    given(browser, [rows[0], ["plan 2026", name, "YEAR", "", ""]])
    assert seat(plan, "rex").manual is None and years(plan) == before
    quota_plan_undo(plan_id=plan.pk, actor=viewer("sol"))
    assert seat(plan, "rex").value == 300_000


def test_a_row_of_no_plan_no_seat_or_no_period_refuses_the_whole_file(plan: QuotaPlan, sign_in: Any) -> None:
    """Given one good row and three that name what is not there, then each is told and nothing is taken."""
    browser, before = sign_in("sol"), years(plan)
    head = ["plan", "position", "period", "amount"]
    wrong = [["Plan 2031", "rex", "year", "1"], ["Plan 2026", "rex", "2026-07", "1"], ["Plan 2026", "rob", "year", "x"]]
    text = given(browser, [head, ["Plan 2026", "rex", "2026-Q1", "10"], *wrong]).content.decode()
    other = given(browser, [[*head, "currency"], ["Plan 2026", "rex", "year", "1", "EUR"]]).content.decode()
    assert "is in USD, not in EUR" in other
    assert "is not known" in text and "is no period of the plan" in text and "amount:" in text
    assert years(plan) == before and seat(plan, "rex").manual is None
