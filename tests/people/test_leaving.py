"""Who leaves has a last day, on the page and by API: employment and seats end with it, and pay knows it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from incentives.selectors.settling import left_on
from spm.core.dated import day_number
from spm.core.findings import FindingError
from spm.crm.services.uploads import upload_commit, upload_preview
from spm.people.models import Employment, Participant, PositionHolding
from spm.people.services import employment_end
from tests.cast import START
from tests.crm.support import import_text, upload_text
from tests.incentives import world
from tests.incentives.test_payouts import approve, owe

pytestmark = pytest.mark.django_db
LAST = date(2026, 8, 14)


def spans() -> list[tuple[str, date | None]]:
    """Until when Rex is employed and has a seat."""
    found = [
        (model.__name__, each.during.upper)
        for model in (Employment, PositionHolding)
        for each in model._default_manager.filter(participant__source_key="rex")
    ]
    return sorted(found)


def test_a_last_day_ends_employment_and_seats_and_can_be_taken_back(viewer: Any, sign_in: Any) -> None:
    rex = Participant.objects.get(source_key="rex")
    client, where = sign_in("sol"), reverse("api_people_leaving", args=[rex.pk])
    answer = client.post(where, {"last_day": LAST.isoformat()}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert spans() == [("Employment", date(2026, 8, 15)), ("PositionHolding", date(2026, 8, 15))]
    assert left_on([str(rex.pk)], date(2026, 9, 1)) == {str(rex.pk): day_number(LAST)}
    assert client.post(where, {"last_day": None}, content_type="application/json").status_code == 200
    assert spans() == [("Employment", None), ("PositionHolding", date(2026, 8, 15))]
    assert left_on([str(rex.pk)], date(2026, 9, 1)) == {}
    assert client.post(where, {}, content_type="application/json").status_code == 400


def test_the_page_says_and_sets_the_last_day(viewer: Any, sign_in: Any) -> None:
    rex = Participant.objects.get(source_key="rex")
    client, where = sign_in("sol"), reverse("people:participant_edit", args=[rex.pk])
    form = {"name": "Rex", "email": rex.email, "employee_number": "", "employed_from": START.isoformat()}
    assert client.post(where, form | {"last_day": LAST.isoformat()}).status_code == 302
    assert spans() == [("Employment", date(2026, 8, 15)), ("PositionHolding", date(2026, 8, 15))]
    assert 'value="2026-08-14"' in client.get(where).content.decode()
    assert client.post(where, form | {"last_day": LAST.isoformat(), "name": "Rex R."}).status_code == 302
    refused = client.post(where, form | {"last_day": "2015-12-31"})
    assert "begins on 2016-01-01" in refused.content.decode()
    assert spans()[0] == ("Employment", date(2026, 8, 15))


def test_an_import_of_leavers_warns_of_books_that_are_shut_on_that_day(
    viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = world.build(viewer("sol"))
    owe(period, "one", viewer("sol"), rex=(5_000, "USD"))
    approve(period, viewer("sol"), viewer("fin"))
    text = "user id,name,start date,termination date\nrex,Rex,2026-08-01,2026-08-15\nria,Ria,2026-08-01,2026-08-15\n"
    upload = upload_text(text, "people.csv", viewer("sol"))
    words = "Rex: the last day, 2026-08-14, lies before the end of books that are shut: 2026-Q3."
    previewed = upload_preview(upload_id=upload.pk, actor=viewer("sol"))
    assert [each["what"] for each in previewed.findings] == [words]
    with monkeypatch.context() as few:
        few.setattr("spm.crm.services.leavers.MOST", 0)
        again = upload_preview(upload_id=upload.pk, actor=viewer("sol"))
    more = "1 more person leaves before the end of books that are shut."
    assert [each["what"] for each in again.findings] == [more], "what an earlier preview said is gone"
    done = upload_commit(upload_id=upload.pk, actor=viewer("sol"))
    assert [each["what"] for each in done.findings] == [words], "it is said once, in the preview and in the result"
    assert done.findings[0]["severity"] == "WARNING" and done.updated == 2


def test_a_last_day_before_shut_books_is_warned_of_with_what_to_do(viewer: Any, sign_in: Any) -> None:
    period = world.build(viewer("sol"))
    owe(period, "one", viewer("sol"), rex=(5_000, "USD"))
    rex, ria = (Participant.objects.get(source_key=key) for key in ("rex", "ria"))
    client, doors = sign_in("sol"), {each: reverse("api_people_leaving", args=[each.pk]) for each in (rex, ria)}

    def warned(person: Participant, day: date) -> list[dict[str, Any]]:
        answer = client.post(doors[person], {"last_day": day.isoformat()}, content_type="application/json").json()
        assert any(span["lane"] == "Employed" for span in answer["timeline"])
        found: list[dict[str, Any]] = answer["warnings"]
        return found

    assert warned(rex, LAST) == [], "books that are open take what changes"
    approve(period, viewer("sol"), viewer("fin"))
    (one,) = warned(rex, LAST)
    assert one["what"] == "Rex: the last day, 2026-08-14, lies before the end of books that are shut: 2026-Q3."
    assert "Calculate these periods again" in one["fix"] and "reopen" in one["fix"] and one["severity"] == "WARNING"
    assert warned(rex, date(2026, 9, 30)) == [] == warned(ria, LAST), (
        "the last day of the books; nothing of hers is in them"
    )
    form = {"name": "Rex", "email": rex.email, "employee_number": "", "employed_from": START.isoformat()}
    where = reverse("people:participant_edit", args=[rex.pk])
    page = client.post(where, form | {"last_day": LAST.isoformat()}, follow=True).content.decode()
    assert "lies before the end of books that are shut: 2026-Q3" in page
    page = client.post(where, form | {"last_day": LAST.isoformat()}, follow=True).content.decode()
    assert "books that are shut" not in page, "it is said when the day is said"


def test_who_has_no_known_employment_was_employed_since_the_first_seat(viewer: Any) -> None:
    rex = Participant.objects.get(source_key="rex")
    Employment.objects.filter(participant=rex).delete()
    employment_end(participant_id=rex.pk, last_day=LAST)
    assert spans() == [("Employment", date(2026, 8, 15)), ("PositionHolding", date(2026, 8, 15))]
    PositionHolding.objects.filter(participant=rex).delete()
    Employment.objects.filter(participant=rex).delete()
    with pytest.raises(ValidationError, match="since when"):
        employment_end(participant_id=rex.pk, last_day=LAST)


def test_a_file_of_people_lets_somebody_leave(viewer: Any) -> None:
    head = "user id,name,start date,termination date\n"

    def taken(row: str) -> tuple[int, int, int]:
        upload = import_text(head + row, "people.csv", viewer("sol"))
        return upload.created, upload.updated, upload.unchanged

    assert taken("rex,Rex,2026-08-01,2026-08-15\n") == (0, 1, 0)
    assert spans() == [("Employment", date(2026, 8, 15)), ("PositionHolding", date(2026, 8, 15))]
    assert taken("rex,Rex,2026-08-01,2026-08-15\n") == (0, 0, 1)
    assert taken("rex,Rex,2026-08-01,\n") == (0, 0, 1), "a blank cell changes nothing"
    with pytest.raises(FindingError, match="begins on 2016-01-01"):
        taken("rex,Rex,2016-01-01,2015-12-31\n")
    assert spans()[0] == ("Employment", date(2026, 8, 15))
