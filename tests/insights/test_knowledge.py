"""Articles: written in versions, found by words and slips of the pen, read by everybody, reviewed when overdue."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from insights.models import Article, ArticleReading, ArticleVersion
from insights.selectors.knowledge import article_search, articles_stale
from insights.services.knowledge import BODY_LENGTH, ArticleWish, article_read, article_review, article_save
from spm.web.markup import markup_shown
from tests.conftest import TODAY
from tests.insights.test_performance import company  # noqa: F401
from tests.insights.test_performance import deal as made_deal

WISH = ArticleWish(
    "Handling discounts",
    "ARTICLE",
    "# Discounts\n\nAsk for **approval** before negotiating.",
    TODAY + timedelta(days=30),
    "PUBLISHED",
    tags=(("stage", ("Negotiation",)),),
)


def titles(viewer: Any, text: str) -> list[str]:
    return [one.article.title for one in article_search(viewer, text)]


def test_markup_of_members_is_never_html_of_their_own() -> None:
    shown = markup_shown(
        "# A\n<script>x</script> [b](javascript:alert(1)) ![c](https://x.example/c.png) [d](https://d.example)"
    )
    assert "<h2>A</h2>" in shown and "&lt;script&gt;" in shown and "<script" not in shown and "<img" not in shown
    assert 'href="javascript' not in shown and 'href="https://d.example" rel="noopener noreferrer"' in shown


def test_words_and_slips_of_the_pen_find_what_a_viewer_may_read(viewer: Any) -> None:
    sol, rex = viewer("sol"), viewer("rex")
    article_save(wish=WISH, actor=sol)
    article_save(wish=replace(WISH, title="Onboarding", body="A discount stands here once."), actor=sol)
    article_save(wish=replace(WISH, title="Discount draft", state="DRAFT"), actor=sol)
    assert titles(rex, "discount") == ["Handling discounts", "Onboarding"]
    assert "Discount draft" in titles(sol, "discount")
    assert titles(rex, "negotiate") == titles(rex, "handlng discuonts") == ["Handling discounts"]
    assert titles(rex, "aproval") == ["Handling discounts"]
    assert titles(rex, "zebra") == [] and titles(rex, '"(& :*') == [] and len(titles(rex, " ")) == 2
    snippet = article_search(rex, "approval")[0].snippet
    assert ("approval", True) in snippet
    told = "".join(text for text, _is_hit in snippet)
    assert told.split() == ["Discounts", "Ask", "for", "approval", "before", "negotiating."]


def test_many_articles_stand_on_several_pages(viewer: Any, sign_in: Any) -> None:
    rows = [
        Article(title=f"No. {n:02}", state="PUBLISHED", owner_id=viewer("sol").membership_id, review_on=TODAY)
        for n in range(51)
    ]
    Article.objects.bulk_create(rows)
    page = sign_in("rex").get(reverse("insights:articles"), {"page": "2"})
    assert [one.article.title for one in page.context["page"]] == ["No. 50"] and "page=1" in page.content.decode()


def test_every_change_is_a_version_and_what_is_wrong_is_refused(viewer: Any) -> None:
    sol = viewer("sol")
    made = article_save(wish=WISH, actor=sol)
    article_save(wish=replace(WISH, body="New words.", note="Shorter"), actor=sol, article_id=made.pk, seen=1)
    for wrong in (replace(WISH, body=" "), replace(WISH, body="x" * (BODY_LENGTH + 1)), replace(WISH, owner_id=2**31)):
        with pytest.raises(ValidationError):
            article_save(wish=wrong, actor=sol)
    with pytest.raises(ValidationError, match="changed meanwhile"):
        article_save(wish=WISH, actor=sol, article_id=made.pk, seen=1)
    with pytest.raises(PermissionDenied):
        article_save(wish=WISH, actor=viewer("rex"))
    rows = ArticleVersion.objects.filter(article=made).order_by("number")
    assert [(one.number, one.note, one.by_name) for one in rows] == [(1, "", sol.name), (2, "Shorter", sol.name)]
    assert titles(sol, "approval") == [] and titles(sol, "new words") == ["Handling discounts"]


def test_what_is_read_most_is_reviewed_first(viewer: Any) -> None:
    sol, rex = viewer("sol"), viewer("rex")
    day = TODAY - timedelta(days=1)
    little, much = (article_save(wish=replace(WISH, title=one, review_on=day), actor=sol) for one in ("A", "B"))
    article_save(wish=replace(WISH, title="C", review_on=TODAY), actor=sol)
    for reader in (rex, rex, sol):
        article_read(article_id=much.pk, actor=reader)
    assert [(one.article.title, one.readings, one.days_over) for one in articles_stale(sol)] == [
        ("B", 2, 1),
        ("A", 0, 1),
    ]
    with pytest.raises(ValidationError, match="after today"):
        article_review(article_id=much.pk, review_on=TODAY, actor=sol)
    article_review(article_id=much.pk, review_on=TODAY + timedelta(days=1), actor=sol)
    assert [one.article.pk for one in articles_stale(sol)] == [little.pk]


def test_pages_write_find_show_and_count(sign_in: Any, in_acme: Any) -> None:
    mara, rex = sign_in("mara"), sign_in("rex")
    assert "No article yet" in rex.get(reverse("insights:articles")).content.decode()
    form = mara.get(reverse("insights:article_new")).context["form"]
    sent = {name: form.initial.get(name, "") or "" for name in form.fields}
    sent |= {
        "title": "<b>Hot</b>",
        "kind": "ARTICLE",
        "body": "<i>x</i> needle",
        "state": "PUBLISHED",
        "stage": "Won, Lost,",
    }
    address = mara.post(reverse("insights:article_new"), sent)["Location"]
    page = rex.get(address).content.decode()
    assert "<b>Hot" not in page and "&lt;i&gt;x" in page and "Versions" not in page
    found = rex.get(reverse("insights:articles"), {"q": "needle"}).content.decode()
    assert "<mark>needle</mark>" in found and "<i>x" not in found
    assert [rex.post(address).status_code for _ in range(2)] == [204, 204] and ArticleReading.objects.count() == 1
    made = Article.objects.get()
    assert made.tags == {"stage": ["Lost", "Won"]} and "Versions" in mara.get(address).content.decode()
    assert mara.get(reverse("insights:articles_stale")).status_code == 200
    edit = reverse("insights:article_edit", args=[made.pk])
    form = mara.get(edit).context["form"]
    sent |= {name: form.initial[name] for name in ("version", "body", "stage")} | {"title": "Renamed"}
    assert mara.post(edit, sent).status_code == 302 and "Renamed" in rex.get(address).content.decode()
    assert mara.post(edit, sent).status_code == 200 and rex.get(edit).status_code == 403
    Article.objects.update(state="RETIRED")
    assert rex.get(address).status_code == rex.post(address).status_code == 404


def test_the_api_is_as_the_pages(sign_in: Any, in_acme: Any) -> None:
    sol, json = sign_in("sol"), {"content_type": "application/json"}
    body = {"title": "Sheet", "kind": "PRODUCT_SHEET", "body": "Text", "review_on": "2020-01-01", "state": "PUBLISHED"}
    made = sol.post(reverse("api_insights_articles"), body, **json).json()
    at = [made["id"]]
    assert sol.put(reverse("api_insights_article", args=at), body | {"version": 0}, **json).status_code == 400
    changed = sol.put(reverse("api_insights_article", args=at), body | {"version": 1, "body": "Other"}, **json).json()
    assert (changed["version"], changed["body"]) == (2, "Other")
    found = sign_in("rex").get(reverse("api_insights_articles"), {"q": "shet"}).json()["results"]
    assert [one["article"]["id"] for one in found] == at
    assert sign_in("rex").post(reverse("api_insights_article_read", args=at), **json).status_code == 204
    overdue = sol.get(reverse("api_insights_articles_stale")).json()["results"]
    assert [one["readings"] for one in overdue] == [1]
    review = reverse("api_insights_article_review", args=at)
    assert sol.post(review, {"review_on": "2020-01-01"}, **json).status_code == 400
    assert sign_in("rex").post(review, {"review_on": "2099-01-01"}, **json).status_code == 403
    assert sol.post(review, {"review_on": "2099-01-01"}, **json).json()["review_on"] == "2099-01-01"


def test_a_deal_suggests_what_fits_it_and_is_silent_otherwise(viewer: Any, sign_in: Any, company: None) -> None:  # noqa: F811
    sol, rex = viewer("sol"), sign_in("rex")
    found = made_deal("9", "rex", "open", 1, "2026-10-01", None, stage="negotiation")
    page, api = (reverse(name, args=[found.pk]) for name in ("insights:deal_articles", "api_insights_deal_articles"))
    article_save(wish=replace(WISH, tags=(("stage", ("Proposal",)),)), actor=sol)
    assert rex.get(page).content.strip() == b"" and rex.get(api).json()["results"] == []
    for title in "BACD":
        article_save(wish=replace(WISH, title=title), actor=sol)
    article_save(wish=replace(WISH, title="0", state="DRAFT"), actor=sol)
    assert [one["title"] for one in rex.get(api).json()["results"]] == ["A", "B", "C"]
    assert "Worth reading" in rex.get(page).content.decode()
    assert page in rex.get(reverse("crm:opportunity_detail", args=[found.pk])).content.decode()
    assert sign_in("rob").get(api).status_code == 404
