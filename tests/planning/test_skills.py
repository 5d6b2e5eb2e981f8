"""Skills of people and what accounts ask for: said on the page, by API and in files, and respected by a balance."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planning.models import SkillNeed
from planning.selectors.balances import balance_compared
from planning.selectors.skills import skill_lines
from planning.services.balances import balance_move
from planning.services.skills import need_set, skill_give
from spm.crm.models import AccountVersion
from spm.people.models import Participant, ParticipantSkill
from tests.planning.test_balances import asked, market

pytestmark = pytest.mark.django_db
__all__ = ["market"]
API = "/api/v1/planning/"


def person(key: str) -> Participant:
    """Somebody of the cast."""
    return Participant.objects.get(source_key=key)


def test_a_balance_gives_accounts_to_whom_they_suit_and_shows_what_lacks(market: dict[str, Any], sign_in: Any) -> None:
    """Given accounts b and c in Germany and German with Ria in the east, then these move, not a or d; back by hand, one lacks it."""
    AccountVersion.objects.filter(name__in=["b", "c"]).update(country="Germany")
    german = {"kind": "LANGUAGE", "name": "German", "actor": market["sol"]}
    need_set(field="country", value="germany", is_required=True, **german)
    skill_give(participant_id=person("ria").pk, start=market["sol"].on, **german)
    proposal = asked(market, skills=1)
    found = balance_compared(proposal)
    assert found is not None and proposal.findings == []
    assert (found.lacking_before, found.lacking_after) == (1.0, 0.0)
    assert [(line.territory.name, line.skills) for line in found.lines] == [
        ("East", ("Language: German",)),
        ("West", ()),
    ]
    browser, page = sign_in("sol"), reverse("planning:balance_detail", args=[proposal.pk])
    text = browser.get(page).content.decode()
    assert "Index whose skills lack" in text and "Language: German" in text and "lacks Language" not in text
    moving = browser.get(f"{API}balances/{proposal.pk}/accounts/?moving=true").json()["results"]
    assert {(each["name"], *each["needs"][0]) for each in moving} == {
        ("b", "LANGUAGE", "German"),
        ("c", "LANGUAGE", "German"),
    }
    rows = browser.get(page).context["page"].object_list
    balance_move(proposal_id=proposal.pk, rows=[rows[0].pk], territory_id=market["west"].pk, actor=market["sol"])
    assert "lacks Language: German" in browser.get(f"{page}?everything=on").content.decode()
    export = reverse("planning:balance_export", args=[proposal.pk, "csv"])
    assert ",West,West,Language: German" in browser.get(export).content.decode()
    said = browser.get(f"{API}balances/{proposal.pk}/").json()
    assert (said["lacking_today"], said["lacking_proposed"]) == (1.0, pytest.approx(0.6))


def test_the_page_and_the_api_say_end_and_remove_skills(in_acme: Any, sign_in: Any) -> None:
    """Given Sol's browser, then a skill in another spelling is the same one, ends today, and what accounts ask for comes and goes."""
    browser, page, rex = sign_in("sol"), reverse("planning:skills"), person("rex")
    assert "No skills yet" in browser.get(page).content.decode()
    skill = {"skill-participant": rex.pk, "skill-kind": "LANGUAGE", "skill-name": "German", "skill-start": "2026-01-01"}
    assert browser.post(page, {"do": "give", **skill}).status_code == 302
    assert browser.post(page, {"do": "give", **skill, "skill-until": "2025-01-01"}).status_code == 422
    need = {"need-field": "country", "need-value": "Germany", "need-kind": "LANGUAGE", "need-name": "german"}
    assert browser.post(page, {"do": "ask", **need}).status_code == 302
    text = browser.get(page).content.decode()
    assert "Skills of people" in text and "End Language: German of Rex" in text
    assert "country is Germany" in text and "a wish" in text and text.count("Language: german") >= 1
    as_json = {"content_type": "application/json"}
    body = {"participant": str(rex.pk), "kind": "LANGUAGE", "name": "GERMAN", "start": "2026-02-01"}
    assert browser.post(f"{API}skills/", body, **as_json).json()["name"] == "German"
    again = {"field": "country", "value": "GERMANY", "kind": "LANGUAGE", "name": "German", "is_required": True}
    assert browser.post(f"{API}skill-needs/", again, **as_json).status_code == 201
    assert [each["is_required"] for each in browser.get(f"{API}skill-needs/").json()["results"]] == [True]
    last = ParticipantSkill.objects.get(during__startswith="2026-02-01")
    assert browser.post(page, {"do": "end", "row": last.pk}).status_code == 302
    last.refresh_from_db()
    assert last.during.upper is not None and "Skills of people" not in browser.get(page).content.decode()
    assert browser.delete(f"{API}skills/{last.pk}/").status_code == 204 and ParticipantSkill.objects.count() == 2
    assert browser.post(page, {"do": "remove", "row": SkillNeed.objects.get().pk}).status_code == 302
    assert not SkillNeed.objects.exists()
    assert browser.post(page, {"do": "remove", "row": last.pk}).status_code == 404


def test_skills_and_needs_come_and_go_as_files(in_acme: Any, sign_in: Any) -> None:
    """Given a file of each, then it is taken, changes nothing the second time, and comes back the same; a wrong kind names its row."""
    browser = sign_in("sol")
    files = {
        "skill_file": b"person,kind,skill,from,until\nria,LANGUAGE,German,2026-01-01,\n",
        "need_file": b"kind,skill,field,value,required\nLANGUAGE,German,country,Germany,yes\n",
    }
    for name, text in files.items():
        page = reverse(f"planning:{name}")
        for told in ("1 new", "1 as they were"):
            answer = browser.post(page, {"file": SimpleUploadedFile("f.csv", text)})
            assert told in answer.content.decode()
        wrong = text.replace(b"LANGUAGE", b"TONGUE")
        assert "nothing was taken" in browser.post(page, {"file": SimpleUploadedFile("f.csv", wrong)}).content.decode()
    rows = browser.get(reverse("planning:need_file_download", args=["rows", "csv"])).content.decode("utf-8-sig")
    assert rows.splitlines()[1] == "LANGUAGE,German,country,Germany,yes"
    rows = browser.get(reverse("planning:skill_file_download", args=["rows", "csv"])).content.decode("utf-8-sig")
    assert rows.splitlines()[1] == "Ria,LANGUAGE,German,2026-01-01,"


def test_skills_name_a_few_people_and_read_no_account_where_none_asks(
    in_acme: Any, viewer: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given German with Rex and Ria and nothing asked for, then the page says two people and names the first; accounts aren't read."""
    sol = viewer("sol")
    monkeypatch.setattr("planning.selectors.skills.NAMED", 1)
    monkeypatch.setattr("planning.selectors.skills.accounts_frame", None)
    for key in ("rex", "ria"):
        skill_give(participant_id=person(key).pk, kind="LANGUAGE", name="German", start=sol.on, actor=sol)
    (line,) = skill_lines(sol.on)
    assert (line.held, line.people, line.others) == (2, ("Rex",), 1)
    text = sign_in("sol").get(reverse("planning:skills")).content.decode()
    assert "2 people: Rex and 1 more" in text


@pytest.mark.parametrize("rows", [SkillNeed, ParticipantSkill])
def test_the_same_saved_by_two_at_once_is_refused_with_a_sentence(
    in_acme: Any, viewer: Any, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    """Given somebody who saves the same between look and writing, then the second is told so, and nothing else is lost."""
    german = {"kind": "LANGUAGE", "name": "German", "actor": viewer("sol")}
    write = rows.objects.create
    monkeypatch.setattr(rows.objects, "create", lambda **values: (write(**values), write(**values))[1])
    with pytest.raises(ValidationError, match="Somebody else saved the same"):
        if rows is SkillNeed:
            need_set(field="country", value="Germany", **german)
        else:
            skill_give(participant_id=person("rex").pk, start=german["actor"].on, **german)
    assert not rows.objects.exists()
