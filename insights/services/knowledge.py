"""Writes, publishes, reviews and retires articles, and counts who reads them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from insights.models import Article, ArticleReading, ArticleState, ArticleVersion
from insights.selectors.knowledge import EDIT, TAG_KINDS, article_list, language_of
from spm.identity.models import Membership
from spm.roles.policy import Viewer, members_with, require

TITLE_LENGTH, BODY_LENGTH, NOTE_LENGTH = 150, 50_000, 300
MOST_TAGS, TAG_LENGTH = 20, 100


@dataclass(frozen=True)
class ArticleWish:
    """What an article is to be; without an owner it is that of whoever writes."""

    title: str
    kind: str
    body: str
    review_on: date
    state: str = ArticleState.DRAFT
    owner_id: int | None = None
    tags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    note: str = ""


@transaction.atomic
def article_save(
    *, wish: ArticleWish, actor: Viewer, article_id: UUID | None = None, seen: int | None = None
) -> Article:
    """Write an article, or change one that stands at the version `seen`; each change is a version of its own.

    Raises Article.DoesNotExist, and ValidationError for what is wrong.
    """
    require(actor, EDIT)
    article = Article() if article_id is None else Article.objects.select_for_update().get(pk=article_id)
    if article_id is not None and seen != article.version:
        changed = _("The article was changed meanwhile. Look at it again, then change it once more.")
        raise ValidationError({"version": changed})
    _refuse_wrong(wish, actor)
    article.title, article.kind, article.state = wish.title.strip(), wish.kind, wish.state
    article.review_on, article.version = wish.review_on, article.version + 1
    article.tags = {kind: sorted(set(words)) for kind, words in wish.tags if words}
    article.owner_id = _owner(wish, actor, article)
    article.save()
    config = language_of(actor.organisation)
    title = SearchVector(Value(article.title), weight="A", config=config)
    ArticleVersion.objects.create(
        article=article,
        number=article.version,
        title=article.title,
        body=wish.body,
        note=wish.note,
        by_name=actor.name,
        words=title + SearchVector(Value(wish.body), weight="D", config=config),
    )
    return article


def _owner(wish: ArticleWish, actor: Viewer, article: Article) -> int:
    """The owner asked for, who has to be one who may edit; the one that it has may stay."""
    owner = wish.owner_id or article.owner_id or actor.membership_id
    if owner is None:
        raise ValidationError({"owner": _("An article belongs to a member of the company: choose one.")})
    known: set[int | None] = {article.owner_id, actor.membership_id}
    if owner not in known and not members_with(EDIT, on=actor.on).filter(pk=owner).exists():
        raise ValidationError({"owner": _("Choose an owner who may edit articles.")})
    return owner


def _refuse_wrong(wish: ArticleWish, actor: Viewer) -> None:
    wrong: dict[str, str] = {}
    if not wish.title.strip() or len(wish.title.strip()) > TITLE_LENGTH:
        wrong["title"] = _("An article needs a title of at most %(most)s characters.") % {"most": TITLE_LENGTH}
    if not wish.body.strip() or len(wish.body) > BODY_LENGTH:
        wrong["body"] = _("An article needs a text of at most %(most)s characters.") % {"most": BODY_LENGTH}
    if len(wish.note) > NOTE_LENGTH:
        wrong["note"] = _("A note has at most %(most)s characters.") % {"most": NOTE_LENGTH}
    for kind, words in wish.tags:
        if kind not in TAG_KINDS or len(words) > MOST_TAGS or any(len(word) > TAG_LENGTH for word in words):
            wrong["tags"] = _("Give at most %(most)s tags of a kind, each of at most %(length)s characters.") % {
                "most": MOST_TAGS,
                "length": TAG_LENGTH,
            }
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def article_review(*, article_id: UUID, review_on: date, actor: Viewer) -> Article:
    """Say that an article still holds, and when it is looked at next; raises Article.DoesNotExist and ValidationError."""
    require(actor, EDIT)
    article = Article.objects.select_for_update().get(pk=article_id)
    if review_on <= actor.on:
        raise ValidationError({"review_on": _("The next review has to be after today.")})
    article.review_on = review_on
    article.save()
    return article


@transaction.atomic
def article_read(*, article_id: UUID, actor: Viewer) -> None:
    """Count that a member reads an article today, once; raises Article.DoesNotExist beyond what they may read."""
    require(actor, "article.view")
    article = article_list(actor).get(pk=article_id)
    if actor.membership_id is None or actor.is_read_only or article.state != ArticleState.PUBLISHED:
        return
    ArticleReading.objects.bulk_create(
        [ArticleReading(article=article, membership_id=actor.membership_id, read_on=actor.on)], ignore_conflicts=True
    )


def article_owners(actor: Viewer) -> list[Membership]:
    """Give the members who may own an article, by name."""
    members = members_with(EDIT, on=actor.on).select_related("user")
    return sorted(members, key=lambda one: (str(one.user), one.pk))
