"""Articles and product sheets, their versions, and who read them on which day."""

from typing import ClassVar

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from spm.tenancy.models import TenantForeignKey, TenantModel


class ArticleKind(models.TextChoices):
    """What an article is."""

    ARTICLE = "ARTICLE", "Article"
    PRODUCT_SHEET = "PRODUCT_SHEET", "Product sheet"


class ArticleState(models.TextChoices):
    """Whether readers see an article."""

    DRAFT = "DRAFT", "Draft"
    PUBLISHED = "PUBLISHED", "Published"
    RETIRED = "RETIRED", "Retired"


class Article(TenantModel):
    """Something to read. `version` numbers the text that is current; `tags` holds words by the kind of thing they name."""

    kind = models.CharField(max_length=13, choices=ArticleKind.choices)
    state = models.CharField(max_length=9, choices=ArticleState.choices, default=ArticleState.DRAFT)
    title = models.CharField(max_length=150)
    owner = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    review_on = models.DateField()
    tags = models.JSONField(default=dict)
    version = models.IntegerField(default=0)


class ArticleVersion(TenantModel):
    """The text of an article as somebody wrote it; `words` are those that a search finds it by, the title's before the body's."""

    append_only = True

    article = TenantForeignKey(Article)
    number = models.IntegerField()
    title = models.CharField(max_length=150)
    body = models.TextField()
    note = models.CharField(max_length=300, blank=True)
    by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(auto_now_add=True)
    words = SearchVectorField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "article", "number"], name="article_version_once")
        ]


class ArticleReading(TenantModel):
    """A member read an article on a day; counted once a day."""

    unaudited = "Reading changes nothing; a row a person, article and day is all there is to know."

    article = TenantForeignKey(Article)
    membership = models.ForeignKey("identity.Membership", models.CASCADE, related_name="+", db_constraint=False)
    read_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "article", "membership", "read_on"], name="article_reading_once"
            )
        ]
