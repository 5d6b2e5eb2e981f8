"""A person shows how far an objective was met, the manager scores it beside what was shown, a second person approves."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from planning.models import CalendarKind, Score, ScoreEvidence
from planning.selectors import evidence_list, score_list
from planning.services.calendars import calendar_extend
from planning.services.goals import LARGEST_FILE, Shown, evidence_give
from spm.approvals.models import ApprovalRequest
from spm.people.models import Participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    start, until = date(2026, 1, 1), date(2026, 4, 1)
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=start, until=until, actor=viewer("sol"))[0]


def person(name="rex"):
    return Participant.objects.get(source_key=name)


def test_a_rep_shows_the_manager_scores_and_sales_operations_approves(period, sign_in):
    rex, mara, sol = sign_in("rex"), sign_in("mara"), sign_in("sol")
    page, scores = reverse("planning:evidence_new"), reverse("planning:score_list")
    assert f'value="{person().pk}" selected' in rex.get(page).content.decode()
    values = {"participant": str(person().pk), "period": str(period.pk), "objective": "training", "text": "All done."}
    file = SimpleUploadedFile("certificate.pdf", b"%PDF-1.4 proof")
    given = rex.post(page, values | {"link": "https://courses.example/rex", "file": file})
    assert given.status_code == 302
    one = ScoreEvidence.objects.get()
    assert (one.text, one.link, one.file_name, bytes(one.content), one.given_by_name) == (
        "All done.",
        "https://courses.example/rex",
        "certificate.pdf",
        b"%PDF-1.4 proof",
        "Rex",
    )
    seen = mara.get(scores).content.decode()
    assert "All done." in seen and "certificate.pdf" in seen and "Not scored yet" in seen
    download = mara.get(reverse("planning:evidence_file", args=[one.pk]))
    assert download.content == b"%PDF-1.4 proof"
    assert download["Content-Disposition"] == 'attachment; filename="certificate.pdf"'
    prefilled = mara.get(scores, {"period": period.pk, "participant": person().pk, "objective": "training"})
    assert 'value="training"' in prefilled.content.decode()
    score = {"participant": str(person().pk), "period": str(period.pk), "objective": "training"}
    assert mara.post(scores, score | {"score": "80", "evidence": "Certificate seen."}).status_code == 302
    assert "Waits for approval" in rex.get(scores).content.decode()
    request = ApprovalRequest.objects.get(kind="score")
    decided = sol.post(reverse("approvals:approval_detail", args=[request.pk]), {"do": "approve", "reason": "Seen."})
    assert decided.status_code == 302
    assert [one.state for one in score_list(_viewer_of(sol))] == ["approved"]
    assert "Approved" in rex.get(scores).content.decode()
    # who is out of reach sees neither
    assert "All done." not in sign_in("rob").get(scores).content.decode()
    assert sign_in("rob").get(reverse("planning:evidence_file", args=[one.pk])).status_code == 404


def _viewer_of(client):
    return client.get(reverse("planning:score_list")).wsgi_request.viewer


def test_what_is_refused_keeps_nothing(period, viewer, sign_in):
    rex = viewer("rex")

    def give(who="rex", objective="training", actor=rex, **shown):
        return evidence_give(
            participant_id=person(who).pk, period_id=period.pk, objective=objective, shown=Shown(**shown), actor=actor
        )

    for who, actor in (("ria", rex), ("rob", viewer("mara")), ("rex", viewer("fin"))):
        with pytest.raises(PermissionDenied):
            give(who, actor=actor, text="x")
    with pytest.raises(ValidationError, match="Nothing is shown yet"):
        give(text="  ")
    with pytest.raises(ValidationError, match="more than 2 MB"):
        give(file_name="large", content=b"x" * (LARGEST_FILE + 1))
    with pytest.raises(ValidationError):
        give(link="javascript:alert(1)")
    with pytest.raises(ValidationError, match="Name the objective"):
        give(objective=" ", text="x")
    page = reverse("planning:evidence_new")
    values = {"participant": str(person().pk), "period": str(period.pk), "objective": "training"}
    client = sign_in("rex")
    assert client.post(page, values).status_code == 422
    assert client.post(page, values | {"link": "javascript:alert(1)"}).status_code == 422
    assert client.post(page, values | {"text": "x", "participant": str(person("ria").pk)}).status_code == 422
    assert not ScoreEvidence.objects.exists() and not Score.objects.exists()


def test_evidence_is_only_added(period, viewer):
    given = [
        evidence_give(
            participant_id=person().pk,
            period_id=period.pk,
            objective="training",
            shown=Shown(text=text),
            actor=viewer("rex"),
        )
        for text in ("first", "second")
    ]
    assert [one.text for one in evidence_list(viewer("rex"))] == ["second", "first"]
    for change in ({"text": "other"}, None):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows = ScoreEvidence.objects.filter(pk=given[0].pk)
            rows.update(**change) if change else rows.delete()
    assert ScoreEvidence.objects.count() == 2


def test_the_api_gives_and_lists_evidence(period, sign_in):
    client = sign_in("rex")
    body = {
        "participant": str(person().pk),
        "period": str(period.pk),
        "objective": "training",
        "link": "https://x.example/1",
    }
    path = "/api/v1/planning/evidence/"
    assert client.post(path, body, content_type="application/json").status_code == 201
    wrong = body | {"link": "ftp://x.example"}
    assert client.post(path, wrong, content_type="application/json").status_code == 400
    listed = client.get(path, {"objective": "training"}).json()
    assert [one["link"] for one in listed["results"]] == ["https://x.example/1"]
    assert sign_in("rob").get(path).json()["count"] == 0
