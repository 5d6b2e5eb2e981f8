"""Quota plans through their pages: from a target to an accepted letter, and a sheet that answers part by part."""

import re
from typing import Any

import pytest
from django.urls import reverse

from planning.models import Quota, QuotaCell, QuotaLetter, QuotaPlan, QuotaRelief, QuotaSeat
from spm.approvals.models import ApprovalRequest

pytestmark = pytest.mark.django_db
START = {
    "name": "Plan 2026",
    "total": "10,000.00",
    "method": "EVEN",
    "season": "SET",
    "season_weights": "1, 1, 1, 2",
    "paddings": "0, 10",
    "guardrail": "10",
    "kind": "QUARTERLY",
    "year": "2026",
    "measure": "amount",
}


def cells(page: Any) -> dict[str, str]:
    """The cells of the sheet by the place that they stand for."""
    found = re.findall(r'id="((?:cell|year)-[^"]+)" name="([^"]+)"', page.content.decode())
    return dict(found)


def test_a_plan_goes_from_target_to_accepted_letter(in_acme: Any, sign_in: Any) -> None:
    """Given a target, when it is edited, reviewed, approved by Fin and published, then Rex accepts his letter on his own page."""
    in_acme.is_single_operator = False
    in_acme.save()
    sol = sign_in("sol")
    wrong = sol.post(reverse("planning:quota_plan_new"), {**START, "total": "ten", "paddings": "x"}).content.decode()
    assert "“ten” is not an amount" in wrong and "“x” is not a number" in wrong
    sol.post(reverse("planning:quota_plan_new"), START)
    plan = QuotaPlan.objects.get()
    page = reverse("planning:quota_plan", args=[plan.pk])
    rex = QuotaSeat.objects.get(position__code="rex")
    assert (rex.value, [one.value for one in QuotaCell.objects.filter(seat=rex).order_by("period__during")]) == (
        2_750_00,
        [550_00, 550_00, 550_00, 1_100_00],
    )
    names = cells(sol.get(page))
    part = sol.post(page, {names[f"year-{rex.pk.hex}"]: "3,000"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode() and 'value="3,000"' in part.content.decode()
    refused = sol.post(page, {names[f"year-{rex.pk.hex}"]: "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "somebody else has changed this" in refused
    sol.post(page, {"do": "undo"})
    rex.refresh_from_db()
    assert (rex.value, rex.manual) == (2_750_00, None)
    own = reverse("planning:quota_seat", args=[plan.pk, rex.pk])
    days = {"kind": "LEAVE", "start": "2026-01-01", "until": "2026-04-01", "rate": "50", "reason": "Half-time leave"}
    sol.post(own, days)
    assert "Half-time leave" in sol.get(own).content.decode()
    assert QuotaCell.objects.get(seat=rex, period__key="2026-Q1").carried == 275_00
    sol.post(own, {"remove": QuotaRelief.objects.get().pk.hex})
    assert not QuotaRelief.objects.exists()
    committing = sign_in("rex").get(reverse("planning:commitments")).content.decode()
    assert "2,750" in committing and "10,000" not in committing
    sign_in("rex").post(reverse("planning:commitments"), {"seat": rex.pk.hex, "value": "2,000", "note": "Two left"})
    assert "beyond the guardrail" in sol.get(page).content.decode()
    exported = sol.get(reverse("planning:quota_plan_export", args=[plan.pk, "csv"])).content.decode()
    assert "Rep Rex,Rex,1,2750.00,550.00,550.00,550.00,1100.00,2750.00,2000.00,USD," in exported
    review = reverse("planning:quota_plan_review", args=[plan.pk])
    assert sol.post(review, {"do": "publish"}).status_code == 409 and not Quota.objects.exists()
    sol.post(review, {"do": "ask", "reason": "Next year"})
    request = ApprovalRequest.objects.get()
    sign_in("fin").post(reverse("approvals:approval_detail", args=[request.pk]), {"do": "approve", "step": "1"})
    sol.post(review, {"do": "publish"})
    sol.post(review, {"do": "letters", "due_on": "2026-02-01"})
    assert Quota.objects.get(position__code="rex", period__key="2026-Q4").value == 1_100_00
    letter = QuotaLetter.objects.get(participant__source_key="rex")
    mine = sign_in("rex").get(reverse("planning:quota_list")).content.decode()
    answer = reverse("planning:quota_letter", args=[letter.pk])
    assert answer in mine
    sign_in("rex").post(reverse("planning:quota_letter_answer", args=[letter.pk]), {"do": "ask", "reason": "Too much"})
    sign_in("mara").post(
        reverse("planning:quota_letter_settle", args=[letter.pk]), {"do": "change_refused", "text": "It is even"}
    )
    sign_in("rex").post(reverse("planning:quota_letter_answer", args=[letter.pk]), {"do": "accept"})
    said = sign_in("mara").get(answer).content.decode()
    assert "Too much" in said and "It is even" in said and "Accepted" in said
    listed = sign_in("mara").get(reverse("planning:quota_letter_list")).content.decode()
    assert "Rex" in listed and "Ria" in listed and "Rob" not in listed
