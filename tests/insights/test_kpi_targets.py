"""Targets of figures: where they stand, who sets and sees them, and who is told when one is missed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from insights.engine.kpis import KPIS
from insights.forms.kpis import KpiTargetForm
from insights.models import KpiTarget
from insights.selectors.kpi_targets import is_growing, kpi_target_list
from insights.selectors.performance import formula_of, kpi_get, kpi_of, windows_of
from insights.services.kpi_targets import ACTION, TargetWish, kpi_target_remove, kpi_target_set, kpi_targets_tell
from planning.models import Period
from spm.audit.models import Entry
from spm.notices.models import Notice
from spm.people.models import Employment, Participant, PositionHolding, ReportingLine
from spm.roles.catalogue import Reach
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


def titles() -> set[str]:
    return set(Notice.objects.filter(kind="kpi").values_list("title", flat=True))


def next_quarter() -> None:
    calendar = Period.objects.get(key="2026-Q3").calendar
    Period.objects.get_or_create(
        calendar=calendar, key="2026-Q4", defaults={"during": (date(2026, 10, 1), date(2027, 1, 1))}
    )


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
    growing = {key for key, kpi in KPIS.items() if is_growing(formula_of(kpi, "USD"))}
    assert growing == {"attainment", "won_amount", "activities", "leakage"}


def test_what_is_divided_by_a_number_or_the_quota_grows_however_it_is_written() -> None:
    own = {
        "won_amount / 2": True,
        "(credited_amount) / (quota_amount)": True,
        "MIN(credited_amount / quota_amount, 200 %)": True,
        "credited_amount/quota_amount*100": True,
        "credited_amount / (quota_amount / 2)": True,
        "won_amount / (won_deals + 1)": False,
        "MAX(won_deals / (lost_deals), 1)": False,
        "open_deals": False,
    }
    kpis = {text: kpi_of(text, "", "USD")[0] for text in own}
    assert {text: is_growing(formula_of(kpi, "USD")) for text, kpi in kpis.items() if kpi} == own


def test_a_period_that_has_ended_is_judged_with_the_team_it_had(viewer: Any) -> None:
    """Rex won 400.00 in Mara's team, and leaves her line on the first day of the next quarter."""
    target(replace(viewer("sol"), on=IN_Q3), "won_amount", 300_00, "mara", team=True)
    seat = PositionHolding.objects.get(participant__source_key="rex", during__contains=IN_Q3).position
    line = ReportingLine.objects.get(position=seat)
    line.during = (line.during.lower, date(2026, 10, 1))
    line.save()
    for who in ("sol", "mara"):
        assert stands(replace(viewer(who), on=AFTER)) == {("won_amount", "Mara", True): (400_00, "MET")}


def test_a_period_that_has_ended_is_judged_and_told_once_more(viewer: Any, acme: Organisation) -> None:
    """Rex loses the fourth deal on the last day: 75 % in the quarter; in the next one nothing is known yet."""
    next_quarter()
    target(replace(viewer("mara"), on=IN_Q3), "win_rate", 80_000_000)
    target(replace(viewer("mara"), on=IN_Q3), "won_amount", 300_00, when="ABOVE")
    assert {stood for _, stood in stands(replace(viewer("mara"), on=AFTER)).values()} == {"UNKNOWN", "MET"}
    assert kpi_targets_tell(organisation=acme, day=AFTER) == 2
    assert titles() == {
        "Win rate of Rex in 2026-Q3: 75% is below the target of 80%",
        "Won amount of Rex in 2026-Q3: $400 is above the target of $300",
    }


def test_without_periods_the_month_before_is_judged(viewer: Any) -> None:
    """Rex won 300.00 on 31 July."""
    Period.objects.all().delete()
    target(replace(viewer("sol"), on=date(2026, 7, 1)), "won_amount", 500_00)
    assert stands(replace(viewer("sol"), on=date(2026, 7, 31)))["won_amount", "Rex", False] == (400_00, "OPEN")
    [line] = kpi_target_list(replace(viewer("sol"), on=date(2026, 8, 1)))
    assert (line.window.key, line.value.number, line.stands) == ("2026-07", 400_00, "MISSED")
    windows = windows_of(replace(viewer("sol"), on=date(2026, 8, 1)), "2026-07")
    assert [one.key for one in windows[:2]] == ["2026-07", "2026-06"]


def test_a_missed_target_is_told_once_to_whom_it_concerns(viewer: Any, acme: Organisation) -> None:
    target(viewer("mara"), "win_rate", 80_000_000)
    target(viewer("mara"), "sales_cycle", 30_00000000, when="ABOVE")
    for _ in range(2):
        assert kpi_targets_tell(organisation=acme, day=AFTER) == 1
    told = Notice.objects.filter(kind="kpi").select_related("membership__user")
    assert {one.membership.user.email for one in told} == {"mara@acme.example", "rex@acme.example"}
    assert {one.title for one in told} == {"Win rate of Rex in 2026-Q3: 75% is below the target of 80%"}


def test_a_target_set_anew_is_told_anew(viewer: Any, acme: Organisation) -> None:
    for number in (80_000_000, 90_000_000, 90_000_000):
        target(viewer("mara"), "win_rate", number)
        kpi_targets_tell(organisation=acme, day=AFTER)
    assert len(titles()) == 2 and Notice.objects.filter(kind="kpi").count() == 4


def test_nights_after_the_first_ask_nothing_about_who_is_told(
    viewer: Any, acme: Organisation, django_assert_max_num_queries: Any
) -> None:
    for who in ("rex", "mara"):
        target(viewer("mara"), "win_rate", 99_000_000, who, team=who == "mara")
    kpi_targets_tell(organisation=acme, day=AFTER)
    with django_assert_max_num_queries(12):
        assert kpi_targets_tell(organisation=acme, day=AFTER) == 2


def test_who_has_left_is_judged_no_more(viewer: Any, acme: Organisation) -> None:
    """Rex's last day is 29 September: he was not there when the quarter ended."""
    target(viewer("mara"), "win_rate", 80_000_000)
    Employment.objects.filter(participant__source_key="rex").update(during=(date(2016, 1, 1), date(2026, 9, 30)))
    assert kpi_targets_tell(organisation=acme, day=AFTER) == 0 and titles() == set()


def test_a_figure_that_looks_like_its_target_is_told_with_more_digits(viewer: Any, acme: Organisation) -> None:
    """75 % is 0.04 % short of 75.04 %, which a digit fewer shows as 75 %."""
    target(viewer("mara"), "win_rate", 75_040_000)
    target(viewer("mara"), "won_amount", 400_01)
    kpi_targets_tell(organisation=acme, day=AFTER)
    assert {one.split(": ")[1] for one in titles()} == {"75% is below the target of 75.04%"}
    target(replace(viewer("mara"), on=IN_Q3), "won_amount", 400_01)
    kpi_targets_tell(organisation=acme, day=AFTER)
    assert "$400.00 is below the target of $400.01" in {one.split(": ")[1] for one in titles()}


def test_a_formula_that_no_longer_reads_leaves_its_target_unknown(viewer: Any, acme: Organisation) -> None:
    sol = viewer("sol")
    kpi, _ = kpi_of("won_amount / valued_deals", "", "USD")
    assert kpi is not None
    own = kpi_target_set(wish=TargetWish(kpi, "Size", None, False, "BELOW", 250_00), actor=sol)
    target(sol, "win_rate", 80_000_000)
    KpiTarget.objects.filter(pk=own.pk).update(formula="won_amount / sold_deals")
    assert {stood for _, stood in stands(sol).values()} == {"UNKNOWN", "MISSED"}
    assert "sold_deals" in next(one for one in kpi_target_list(sol) if one.target.kpi == "own").value.reason
    assert kpi_targets_tell(organisation=acme, day=AFTER) == 1


def test_nobody_changes_a_target_of_their_own_that_somebody_else_set(viewer: Any) -> None:
    mara = viewer("mara")
    given = target(viewer("sol"), "win_rate", 80_000_000, "mara", team=True)
    for refused in (
        lambda: target(mara, "win_rate", 1, "mara", team=True),
        lambda: kpi_target_remove(target_id=given.pk, actor=mara),
    ):
        with pytest.raises(ValidationError):
            refused()
    assert KpiTarget.objects.get().number == 80_000_000
    mine = target(mara, "sales_cycle", 1, "mara", team=True)
    target(mara, "sales_cycle", 2, "mara", team=True)
    kpi_target_remove(target_id=mine.pk, actor=mara)


def test_a_team_is_within_reach_only_where_everybody_in_it_is(viewer: Any) -> None:
    """Mara reaches her people and herself: of somebody else whom a grant lets her see, the person and not the team."""
    mona = Participant.objects.get(source_key="mona").pk
    mara = viewer("mara")
    target(viewer("sol"), "win_rate", 1, "mona", team=True)
    target(viewer("sol"), "win_rate", 1, "mona")
    looking = replace(mara, _found={(Reach.TEAM, mara.on): frozenset({*mara.acting(ACTION).participant_ids, mona})})
    assert set(stands(looking)) == {("win_rate", "Mona", False)}
    with pytest.raises(ValidationError):
        target(looking, "win_rate", 2, "mona", team=True)
    target(looking, "win_rate", 2, "mara", team=True)


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


def test_what_is_too_large_to_be_kept_is_refused_with_a_sentence(viewer: Any) -> None:
    def wish(kpi: str, number: str) -> TargetWish:
        form = KpiTargetForm({"kpi": kpi, "missed_when": "BELOW", "number": number}, viewer=viewer("sol"))
        assert form.is_valid(), form.errors
        return form.wish()

    assert wish("won_amount", "250000000000").number == 250_000_000_000_00
    assert wish("activities", "92000000000").number == 92_000_000_000 * 10**8
    with pytest.raises(ValidationError, match="too large"):
        wish("activities", "93000000000")


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


def test_page_and_api_set_show_and_remove(
    in_acme: Any, sign_in: Any, viewer: Any, django_assert_max_num_queries: Any
) -> None:
    sol, rex = sign_in("sol"), Participant.objects.get(source_key="rex")
    given = {"kpi": "win_rate", "participant": str(rex.pk), "missed_when": "BELOW", "number": "80"}
    assert sol.post(PAGE, given).status_code == 302
    wrong = sol.post(PAGE, given | {"kpi": "own", "formula": "won_amount / cycles", "name": "X"}).content.decode()
    assert "cycles" in wrong and KpiTarget.objects.get().number == 80_000_000
    below = sol.post(PAGE, given | {"number": "-20"}).content.decode()
    assert "A target of Win rate can&#x27;t be below 0. Give 0 or more." in below
    refused = sol.post(API, {"kpi": "attainment", "missed_when": "BELOW", "number": -1}, "application/json")
    assert refused.status_code == 400 and KpiTarget.objects.get().number == 80_000_000
    margin = target(viewer("sol"), "margin", -20_000_000)
    kpi_target_remove(target_id=margin.pk, actor=viewer("sol"))
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
