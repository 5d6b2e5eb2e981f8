"""Targets of figures: where they stand, who sets and sees them, and who is told when one is missed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from insights.engine.kpis import KPIS
from insights.models import KpiTarget
from insights.selectors.kpi_targets import kpi_target_list
from insights.selectors.performance import kpi_get, kpi_of
from insights.services.kpi_targets import TargetWish, kpi_target_set, kpi_targets_tell
from spm.audit.models import Entry
from spm.notices.models import Notice
from spm.people.models import Participant
from spm.roles.policy import Viewer
from spm.tenancy.models import Organisation
from tests.insights.test_performance import company

__all__ = ["company"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]

PAGE, API = reverse("insights:kpi_targets"), reverse("api_insights_kpi_targets")
IN_Q3, AFTER = date(2026, 9, 15), date(2026, 11, 2)


def target(
    actor: Viewer, kpi: str, number: int, who: str | None = "rex", *, team: bool = False, when: str = "BELOW"
) -> KpiTarget:
    person = None if who is None else Participant.objects.get(source_key=who).pk
    wish = TargetWish(kpi_get(kpi), "", person, team, when, number)
    return kpi_target_set(wish=wish, actor=actor)


def stands(looking: Viewer) -> dict[tuple[str, str, bool], tuple[int | None, str]]:
    return {
        (one.target.kpi, one.target.participant.name if one.target.participant else "", one.target.has_team): (
            one.value.number,
            one.stands,
        )
        for one in kpi_target_list(looking)
    }


def test_targets_are_held_against_the_figures_of_person_team_and_company(viewer: Any) -> None:
    """Rex won 3 of 4, Ria lost one: 75 % and 60 % of the team below Mara; Rob's deal is of the quarter before."""
    sol = viewer("sol")
    target(sol, "win_rate", 80_000_000)
    target(sol, "win_rate", 60_000_000, "mara", team=True)
    target(sol, "win_rate", 59_000_000, None, when="ABOVE")
    target(sol, "margin", 1, "ria")
    assert stands(sol) == {
        ("win_rate", "Rex", False): (75_000_000, "MISSED"),
        ("win_rate", "Mara", True): (60_000_000, "MET"),
        ("win_rate", "", False): (60_000_000, "MISSED"),
        ("margin", "Ria", False): (None, "UNKNOWN"),
    }
    assert next(one for one in kpi_target_list(sol) if one.target.kpi == "margin").value.reason


def test_a_sum_is_missed_only_once_its_period_has_ended(viewer: Any) -> None:
    """Rex won 400.00 of 500.00 in the quarter."""
    sol = viewer("sol")
    target(replace(sol, on=IN_Q3), "won_amount", 500_00)
    assert set(stands(replace(sol, on=IN_Q3)).values()) == {(400_00, "OPEN")}
    assert set(stands(replace(sol, on=AFTER)).values()) == {(400_00, "MISSED")}


def test_attainment_grows_to_the_end_of_its_period_like_a_sum() -> None:
    """The quota stands from the first day, so that half of it by half of the period is no miss yet; pace is what tells that."""
    growing = {key for key, kpi in KPIS.items() if kpi.grows}
    assert growing == {"attainment", "won_amount", "activities"}


def test_a_missed_target_is_told_once_to_whom_it_concerns(viewer: Any, acme: Organisation) -> None:
    target(viewer("mara"), "win_rate", 80_000_000)
    target(viewer("mara"), "sales_cycle", 30_00000000, when="ABOVE")
    for _ in range(2):
        assert kpi_targets_tell(organisation=acme, day=AFTER) == 1
    told = Notice.objects.filter(kind="kpi").select_related("membership__user")
    assert {one.membership.user.email for one in told} == {"mara@acme.example", "rex@acme.example"}
    assert {one.title for one in told} == {"Win rate of Rex in 2026-Q3: 75% is below the target of 80%"}


def test_a_target_takes_the_place_of_the_one_before_and_is_audited(viewer: Any) -> None:
    sol = viewer("sol")
    first = target(sol, "win_rate", 80_000_000)
    assert target(sol, "win_rate", 70_000_000).pk == first.pk
    assert stands(sol) == {("win_rate", "Rex", False): (75_000_000, "MET")}
    assert Entry.objects.filter(table_name="insights_kpitarget").count() == 2


def test_an_own_figure_has_a_target(viewer: Any) -> None:
    """Rex won 400.00 in 2 deals with an amount: 200.00 each."""
    kpi, _ = kpi_of("won_amount / valued_deals", "", "USD")
    assert kpi is not None
    rex = viewer("rex")
    kpi_target_set(wish=TargetWish(kpi, "Size", rex.participant.pk, False, "BELOW", 250_00), actor=viewer("mara"))
    [line] = kpi_target_list(rex)
    assert (line.target.name, line.value.number, line.stands) == ("Size", 200_00, "MISSED")


def test_nobody_sets_or_sees_beyond_their_reach(viewer: Any) -> None:
    rex, mara = viewer("rex"), viewer("mara")
    for refused, error in (
        (lambda: target(rex, "win_rate", 1, "rex"), PermissionDenied),
        (lambda: target(mara, "win_rate", 1, "mona"), Participant.DoesNotExist),
        (lambda: target(mara, "win_rate", 1, "rob"), Participant.DoesNotExist),
        (lambda: target(mara, "win_rate", 1, None), PermissionDenied),
        (lambda: target(viewer("sol"), "win_rate", 1, None, team=True), ValidationError),
        (lambda: target(viewer("otto"), "win_rate", 1), PermissionDenied),
    ):
        with pytest.raises(error):
            refused()
    assert not KpiTarget.objects.exists()
    for who, team in (("rex", False), ("ria", False), ("mara", True), (None, False)):
        target(viewer("sol"), "win_rate", 1, who, team=team)
    assert set(stands(rex)) == {("win_rate", "Rex", False)}
    assert set(stands(mara)) == {
        ("win_rate", name, team) for name, team in (("Rex", False), ("Ria", False), ("Mara", True))
    }


def test_page_and_api_set_show_and_remove(in_acme: Any, sign_in: Any, django_assert_max_num_queries: Any) -> None:
    sol, rex = sign_in("sol"), Participant.objects.get(source_key="rex")
    given = {"kpi": "win_rate", "participant": str(rex.pk), "missed_when": "BELOW", "number": "80"}
    assert sol.post(PAGE, given).status_code == 302
    wrong = sol.post(PAGE, given | {"kpi": "own", "formula": "won_amount / cycles", "name": "X"}).content.decode()
    assert "cycles" in wrong and KpiTarget.objects.get().number == 80_000_000
    with django_assert_max_num_queries(26):
        assert "Win rate" in sol.get(PAGE).content.decode()
    asked = {"kpi": "own", "formula": "won_amount / won_deals", "name": "Size", "missed_when": "BELOW", "number": 1}
    answer = sol.post(API, asked, "application/json")
    assert answer.status_code == 201 and answer.json()["formula"] == "won_amount / won_deals"
    for bad in ({"kpi": "none"}, {"kpi": "own", "formula": "1"}, {"participant": str(answer.json()["id"])}):
        assert sol.post(API, asked | bad, "application/json").status_code == 400
    rows = {row["name"]: row for row in sol.get(API).json()["results"]}
    assert set(rows) == {"Win rate", "Size"} and rows["Win rate"]["number"] == 80_000_000
    one = reverse("api_insights_kpi_target", args=[rows["Size"]["id"]])
    assert sign_in("mona").delete(one).status_code == 404
    assert sign_in("rob").delete(one).status_code == 403
    assert sol.delete(one).status_code == 204
    assert sol.post(reverse("insights:kpi_target_remove", args=[rows["Win rate"]["id"]])).status_code == 302
    assert "No targets yet" in sol.get(PAGE).content.decode()
