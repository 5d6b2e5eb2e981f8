"""Own dashboards: figures chosen, kept and shared; each viewer's are those of their own reach, the same as on the figure's page."""

import csv
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from insights.engine.dashboards import MOST_TILES, Shows, Tile, moved, tiles_wrong
from insights.forms.dashboards import DashboardForm
from insights.models import Dashboard
from insights.selectors.dashboards import dashboard_list, dashboard_shown
from insights.services.dashboards import (
    DashboardWish,
    dashboard_copy,
    dashboard_remove,
    dashboard_restore,
    dashboard_save,
    dashboards_tell,
)
from spm.notices.models import Notice
from spm.people.models import Participant
from spm.roles.models import RoleGrant
from spm.tenancy.models import Organisation
from tests.insights.test_performance import Q3, company  # noqa: F401

TILES = (
    Tile("won_amount", Shows.FIGURE),
    Tile("win_rate", Shows.GROUPS, "seller"),
    Tile("win_rate", Shows.COURSE),
)


def test_tiles_are_bounded_known_and_each_stands_once() -> None:
    assert tiles_wrong(TILES) == ""
    assert "at most 12" in tiles_wrong([TILES[0]] * (MOST_TILES + 1))
    assert "stands on the dashboard already" in tiles_wrong([*TILES, TILES[0]])
    assert "is told by a group" in tiles_wrong([Tile("win_rate", Shows.GROUPS)])
    assert "can't be told by mood" in tiles_wrong([Tile("win_rate", Shows.GROUPS, "mood")])
    assert moved(TILES, 0, -1) == moved(TILES, 2, 1) == moved(TILES, 7, 1) == TILES


@pytest.mark.usefixtures("company")
def test_each_viewer_sees_the_figures_of_their_own_reach(viewer: Any, sign_in: Any) -> None:
    mara = viewer("mara")
    made = dashboard_save(wish=DashboardWish("Team", TILES, period="2026-Q3", roles=("rep",)), actor=mara)
    won, groups, course = dashboard_shown(mara.acting("performance.view"), made).tiles
    assert (won.table.total.value.number, groups.table.total.value.number) == (400_00, 60_000_000)
    assert groups.chart and sorted(groups.chart["series"][0]["values"]) == [0, 75_000_000]
    assert course.chart and course.chart["categories"] == ["2026-Q2", "2026-Q3"]
    answers = {name: sign_in(name).get(reverse("api_insights_dashboard", args=[made.pk])) for name in ("ria", "mona")}
    tiles = answers["ria"].json()["tiles"]
    assert [one["total"]["value"]["number"] for one in tiles[:2]] == [0, 0] and len(tiles[1]["lines"]) == 1
    assert answers["mona"].status_code == 404
    page = unescape(sign_in("rex").get(reverse("insights:dashboard", args=[made.pk])).content.decode())
    assert "A dashboard of Mara" in page and "$400" in page and "75%" in page and "60%" not in page
    assert reverse("insights:kpi", args=["won_amount"]) + "?period=2026-Q3&rows=all" in page
    assert sign_in("rex").get(reverse("insights:dashboard_edit", args=[made.pk])).status_code == 404


@pytest.mark.usefixtures("company")
def test_what_it_keeps_leads_to_the_same_rows_and_nothing_says_so(
    viewer: Any, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    mara = viewer("mara")
    ria = Participant.objects.get(source_key="ria")
    kept = DashboardWish("Ria", TILES, team=str(ria.pk), period="2026-Q3")
    made = dashboard_save(wish=kept, actor=mara)
    client = sign_in("mara")
    with django_assert_max_num_queries(21):
        page = unescape(client.get(reverse("insights:dashboard", args=[made.pk])).content.decode())
    assert "Only the rows of Team: Ria" in page and f"only_team={ria.pk}" in page
    query = Q3 | {"only_team": str(ria.pk)}
    rows = sign_in("mara").get(reverse("api_insights_kpi_rows", args=["win_rate"]), query).json()["results"]
    assert [row["key"] for row in rows] == ["5"]
    file = sign_in("mara").get(reverse("insights:dashboard_export", args=[made.pk, "csv"])).content.decode("utf-8-sig")
    lines = [(row["KPI"], row["Period"], row["Value"]) for row in csv.DictReader(file.splitlines())]
    assert ("Won amount", "2026-Q3", "0.00") in lines and ("Win rate", "2026-Q2", "") in lines
    gone = DashboardWish("Gone", TILES, (("product", ("11111111-1111-7111-8111-111111111111",)),), period="2026-Q3")
    empty = dashboard_save(wish=gone, actor=mara)
    page = unescape(sign_in("mara").get(reverse("insights:dashboard", args=[empty.pk])).content.decode())
    assert "No row of these periods within your reach fits" in page and "something that is not known here" in page
    for period, status in (("2026-Q2", 200), ("1999-Q1", 404)):
        address = reverse("insights:dashboard", args=[made.pk])
        assert sign_in("mara").get(address, {"period": period}).status_code == status


@pytest.mark.usefixtures("company")
def test_tiles_say_themselves_why_they_have_no_figure_where_nothing_is_kept_or_rows_lack_it(viewer: Any) -> None:
    mara, product = viewer("mara").acting("performance.view"), "11111111-1111-7111-8111-111111111111"
    attainment, activities = (Tile(key, Shows.FIGURE) for key in ("attainment", "activities"))
    for wish, fits in (
        (DashboardWish("All", (attainment,)), True),
        (DashboardWish("Product", (attainment, activities), (("product", (product,)),)), True),
        (DashboardWish("Nobody", (attainment, activities), team=product), False),
    ):
        shown = dashboard_shown(mara, dashboard_save(wish=replace(wish, period="2026-Q3"), actor=mara))
        assert shown.has_rows is fits and (not fits or not shown.tiles[0].table.total.value.number)


def test_saving_the_page_drops_nothing_that_is_kept(viewer: Any, sign_in: Any) -> None:
    gone, mara = "11111111-1111-7111-8111-111111111111", viewer("mara")
    kept = (("product", (gone,)), ("segment", ("", "Old")), ("unit", (gone,)))
    made = dashboard_save(wish=DashboardWish("Mine", (), kept, gone), actor=mara)
    form = DashboardForm(None, viewer=mara, dashboard=made)
    for name in ("product", "unit", "team"):
        assert (gone, "no longer known here") in form.fields[name].choices
    given = {"name": "Ours", "mails": "NEVER", "team": gone} | {name: list(keys) for name, keys in kept}
    saved = DashboardForm(given, viewer=mara, dashboard=made)
    assert saved.is_valid(), saved.errors
    made = dashboard_save(wish=saved.wish(), dashboard_id=made.pk, seen=1, actor=mara)
    assert made.kept == {"team": gone} | {name: list(keys) for name, keys in kept}


@pytest.mark.usefixtures("company")
def test_it_is_put_together_by_buttons(sign_in: Any, in_acme: Organisation) -> None:
    mara = sign_in("mara")
    address = mara.post(reverse("insights:dashboards"), {"name": "My week"})["Location"]

    def does(**given: Any) -> Any:
        return mara.post(address, {"version": Dashboard.objects.get().version} | given)

    def tiles() -> list[str]:
        return [one["kpi"] for one in Dashboard.objects.get().tiles]

    does(do="add", kpi="win_rate", shows="GROUPS", by="product")
    does(do="add", kpi="margin", shows="FIGURE", by="product")
    assert tiles() == ["win_rate", "margin"] and Dashboard.objects.get().tiles[1]["by"] == ""
    page = mara.get(address).content.decode()
    assert "Move Margin up" in page and "Move Margin down" not in page and "Move Win rate up" not in page
    does(do="up:1")
    assert tiles() == ["margin", "win_rate"]
    assert "changed meanwhile" in does(do="drop:0", version="1").content.decode() and len(tiles()) == 2
    stale = does(do="save", name="Undone", mails="WEEKLY", version="1").content.decode()
    assert "changed meanwhile" in stale and "Undone" not in stale and 'name="version" value="4"' in stale
    wrong = does(do="save", name="", mails="WEEKLY", version="1").content.decode()
    assert 'name="version" value="1"' in wrong and 'name="version" value="4"' not in wrong
    does(do="drop:0")
    does(do="save", name="Our week", mails="WEEKLY", roles=["rep"])
    made = Dashboard.objects.get()
    assert (made.name, made.mails, made.roles, tiles()) == ("Our week", "WEEKLY", ["rep"], ["win_rate"])
    assert "already" in unescape(does(do="add", kpi="win_rate", shows="GROUPS", by="product").content.decode())
    assert does(do="dance").status_code == does(do="up:x").status_code == mara.post(address).status_code == 400
    assert does(do=f"up:{'1' * 5000}").status_code == does(do="up:0", version="1" * 5000).status_code == 400
    put = {"name": "Mine", "tiles": []}
    answer = mara.put(reverse("api_insights_dashboard", args=[made.pk]), put, content_type="application/json")
    assert answer.status_code == 400 and list(answer.json()["where"]) == ["version"]


def test_it_is_copied_removed_and_brought_back(viewer: Any) -> None:
    mara, rex, ria = viewer("mara"), viewer("rex"), viewer("ria")
    made = dashboard_save(wish=DashboardWish("Team", TILES, roles=("rep",), mails="WEEKLY"), actor=mara)
    copy = dashboard_copy(dashboard_id=made.pk, actor=rex)
    assert (copy.name, copy.tiles, copy.roles, copy.mails) == ("Copy of Team", made.tiles, [], "NEVER")
    for do in (dashboard_copy, dashboard_remove, dashboard_restore):
        with pytest.raises(Dashboard.DoesNotExist):
            do(dashboard_id=copy.pk, actor=ria)
    with pytest.raises(Dashboard.DoesNotExist):
        dashboard_save(wish=DashboardWish("Mine"), dashboard_id=made.pk, seen=1, actor=rex)
    dashboard_remove(dashboard_id=made.pk, actor=mara)
    assert list(dashboard_list(mara)) == list(dashboard_list(ria)) == []
    dashboard_restore(dashboard_id=made.pk, actor=mara)
    assert [one.name for one in dashboard_list(ria)] == ["Team"]


def test_bringing_one_back_counts_and_a_copy_of_a_period_that_is_gone_takes_the_current_one(
    viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara = viewer("mara")
    made = dashboard_save(wish=DashboardWish("Team", roles=("rep",)), actor=mara)
    Dashboard.objects.filter(pk=made.pk).update(period="1999-Q1")
    assert dashboard_copy(dashboard_id=made.pk, actor=mara).period == ""
    dashboard_remove(dashboard_id=made.pk, actor=mara)
    monkeypatch.setattr("insights.services.dashboards.MOST", 1)
    with pytest.raises(ValidationError, match="You have 1 dashboards already"):
        dashboard_restore(dashboard_id=made.pk, actor=mara)
    monkeypatch.undo()
    assert dashboard_restore(dashboard_id=made.pk, actor=replace(mara, roles=frozenset({"rep"}))).roles == []


def test_who_may_not_share_any_more_shares_nothing_and_changes_nothing_that_is_shared(viewer: Any) -> None:
    mara, ria = viewer("mara"), viewer("ria")
    wish = DashboardWish("Team", TILES, roles=("executive", "rep"), mails="WEEKLY")
    made = dashboard_save(wish=wish, actor=mara)
    assert list(dashboard_list(ria)) == [made]
    without, fewer = replace(mara, roles=frozenset({"rep"})), replace(wish, roles=("rep",))
    changes: list[dict[str, Any]] = [{"name": "Other"}, {"tiles": TILES[:1]}, {"mails": "MONTHLY"}]
    for change in changes:
        with pytest.raises(PermissionDenied):
            dashboard_save(wish=replace(fewer, **change), dashboard_id=made.pk, seen=1, actor=without)
    assert dashboard_save(wish=fewer, dashboard_id=made.pk, seen=1, actor=without).roles == ["rep"]
    RoleGrant.objects.filter(membership_id=mara.membership_id).delete()
    RoleGrant.objects.create(membership_id=mara.membership_id, role="rep", during=(date(2026, 1, 1), None))
    assert list(dashboard_list(ria)) == [] and list(dashboard_list(without)) == [made]
    assert dashboards_tell(day=date(2026, 6, 1)) == 1
    assert list(Notice.objects.values_list("membership_id", flat=True)) == [mara.membership_id]


@pytest.mark.usefixtures("in_acme")
def test_sharing_needs_its_right_and_what_is_wrong_is_refused_with_a_sentence(viewer: Any) -> None:
    rex, mara = viewer("rex"), viewer("mara")
    with pytest.raises(PermissionDenied):
        dashboard_save(wish=DashboardWish("Mine", roles=("rep",)), actor=rex)
    with pytest.raises(PermissionDenied):
        dashboard_save(wish=DashboardWish("Mine"), actor=viewer("otto"))
    wishes = {
        "name": DashboardWish("  "),
        "tiles": DashboardWish("A", (Tile("luck", Shows.FIGURE),)),
        "roles": DashboardWish("A", roles=("company_admin",)),
        "mails": DashboardWish("A", mails="HOURLY"),
        "kept": DashboardWish("A", kept=(("mood", ("good",)),)),
        "period": DashboardWish("A", period="1999-Q1"),
    }
    for field, wish in wishes.items():
        with pytest.raises(ValidationError) as refused:
            dashboard_save(wish=wish, actor=mara)
        assert list(refused.value.message_dict) == [field]
    assert not Dashboard.objects.exists()


def test_it_is_sent_as_a_link_without_figures_to_those_who_see_it(viewer: Any) -> None:
    """Given a Monday, the first of a month and another day, then each is told once, and nobody without a right to figures."""
    mara = viewer("mara")
    weekly = dashboard_save(wish=DashboardWish("Team", TILES, roles=("rep",), mails="WEEKLY"), actor=mara)
    dashboard_save(wish=DashboardWish("Own", TILES, mails="MONTHLY"), actor=viewer("rex"))
    days = [dashboards_tell(day=day) for day in (date(2026, 6, 2), date(2026, 6, 1), date(2026, 6, 1))]
    assert days == [0, 2, 2]
    told = Notice.objects.filter(kind="dashboard")
    assert set(told.values_list("title", flat=True)) == {"Dashboard: Team", "Dashboard: Own"}
    of_team = told.filter(url=reverse("insights:dashboard", args=[weekly.pk]))
    users = sorted(of_team.values_list("membership__user__email", flat=True))
    assert users == [f"{name}@acme.example" for name in ("mara", "rex", "ria", "rob")]
    assert told.count() == 5 and all(one.wants_mail and not one.body for one in told)
    dashboard_remove(dashboard_id=weekly.pk, actor=mara)
    assert dashboards_tell(day=date(2026, 6, 8)) == 0
