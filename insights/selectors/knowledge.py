"""Articles that a viewer may read, found by their words, and those that are read although their review is overdue.

A search compares words in the company's language (a title counts before a text) and titles by trigrams, so that a slip of the pen still
finds its article; only where neither finds anything are whole texts compared by trigrams. There is no index: row-level security keeps
operators that are not leakproof out of one (`spm.web.search`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import Count, F, Q, QuerySet

from insights.models import Article, ArticleReading, ArticleState, ArticleVersion
from spm.crm.models import AccountVersion
from spm.crm.selectors.lists import opportunity_list
from spm.roles.policy import Viewer
from spm.tenancy.models import Organisation

EDIT = "article.edit"
TAG_KINDS = ("product", "stage", "segment", "skill")
FOUND, LONGEST = 50, 80
SUGGESTED = 3
ALIKE = 0.4
"""So alike, of 1, a text is found in spite of slips of the pen."""
USED_DAYS = 90
"""So many past days make an article used."""
_BEGIN, _END = "\ue000", "\ue001"
_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|[-+*>]|\d+[.)])[ \t]+|\*+|`+", re.MULTILINE)
"""What a text is marked up with: the beginnings of headings, points and quotes, and bold."""


@dataclass(frozen=True)
class ArticleFound:
    """An article of a list; `snippet` holds pieces of its text, each with whether it was asked for."""

    article: Article
    snippet: list[tuple[str, bool]]


@dataclass(frozen=True)
class ArticleUse:
    """An article whose review day has passed, and on how many person-days it was read lately."""

    article: Article
    readings: int
    days_over: int


def language_of(organisation: Organisation) -> str:
    """Give the configuration of PostgreSQL's text search for a company."""
    return {"en": "english", "de": "german"}.get(organisation.locale[:2], "simple")


def article_list(viewer: Viewer) -> QuerySet[Article]:
    """Give the articles that the viewer may read, by title: those published, and for who may edit all."""
    rows = Article.objects.select_related("owner__user").order_by("title", "pk")
    return rows if viewer.can(EDIT) else rows.filter(state=ArticleState.PUBLISHED)


def article_text(article: Article) -> ArticleVersion:
    """Give the current text of an article."""
    return ArticleVersion.objects.get(article=article, number=article.version)


def article_versions(article: Article) -> QuerySet[ArticleVersion]:
    """Give every version of an article, the newest first, without its text."""
    return ArticleVersion.objects.filter(article=article).order_by("-number").defer("body", "words")


def article_search(viewer: Viewer, text: str) -> list[ArticleFound]:
    """Give the articles that a text finds, best first; every article by title where the text is empty."""
    wanted = " ".join(text.replace("\0", " ").split())[:LONGEST]
    if not wanted:
        return [ArticleFound(one, []) for one in article_list(viewer)]
    config = language_of(viewer.organisation)
    query = SearchQuery(wanted, config=config, search_type="websearch")
    current = ArticleVersion.objects.filter(
        article__in=article_list(viewer).order_by(), number=F("article__version")
    ).select_related("article__owner__user")
    ranked = current.annotate(
        near=TrigramWordSimilarity(wanted, "title"),
        rank=SearchRank(F("words"), query) + F("near"),
        told=SearchHeadline("body", query, config=config, start_sel=_BEGIN, stop_sel=_END, max_words=30, min_words=10),
    ).defer("body", "words")
    near = Q(words=query) | Q(title__icontains=wanted) | Q(near__gte=ALIKE)
    found = list(ranked.filter(near).order_by("-rank", "title", "pk")[:FOUND])
    if not found:
        alike = ranked.annotate(alike=TrigramWordSimilarity(wanted, "body")).filter(alike__gte=ALIKE)
        found = list(alike.order_by("-alike", "title", "pk")[:FOUND])
    return [ArticleFound(one.article, list(_pieces(_MARKS.sub("", one.told)))) for one in found]


def _pieces(told: str) -> Iterator[tuple[str, bool]]:
    """What is marked and what is not.

    >>> list(_pieces("a \ue000b\ue001 c"))
    [('a ', False), ('b', True), (' c', False)]
    """
    for place, part in enumerate(told.split(_BEGIN)):
        hit, _mark, rest = part.partition(_END) if place else ("", "", part)
        if hit:
            yield hit, True
        if rest:
            yield rest, False


def articles_stale(viewer: Viewer) -> list[ArticleUse]:
    """Give the published articles whose review day has passed, those read most in the last 90 days first."""
    since = viewer.on - timedelta(days=USED_DAYS)
    rows = Article.objects.filter(state=ArticleState.PUBLISHED, review_on__lt=viewer.on).select_related("owner__user")
    lately = ArticleReading.objects.filter(article__in=rows.values("pk"), read_on__gt=since)
    counts = dict(lately.values_list("article").annotate(Count("pk")))
    uses = [ArticleUse(one, counts.get(one.pk, 0), (viewer.on - one.review_on).days) for one in rows]
    return sorted(uses, key=lambda use: (-use.readings, use.article.review_on, use.article.title, use.article.pk))


def articles_for_deal(viewer: Viewer, deal_id: UUID) -> list[Article]:
    """Give at most three published articles tagged with the deal's stage, product or segment, those that fit most of them first.

    Raises ObjectDoesNotExist for a deal beyond reach.
    """
    deal = opportunity_list(viewer).get(fact_id=deal_id)
    account = AccountVersion.objects.filter(fact_id=deal.account_id, known_until__isnull=True)
    segments = account.values_list("segment", flat=True) if deal.account_id else ()
    asked = {("stage", deal.stage), ("product", deal.product_name), *(("segment", one) for one in segments)}
    wanted = {(kind, word.casefold()) for kind, word in asked if word}
    fits = [(len(wanted & _tags(one)), one) for one in article_list(viewer).filter(state=ArticleState.PUBLISHED)]
    return [one for fit, one in sorted(fits, key=lambda pair: -pair[0]) if fit][:SUGGESTED]


def _tags(article: Article) -> set[tuple[str, str]]:
    return {(kind, word.casefold()) for kind, words in article.tags.items() for word in words}
