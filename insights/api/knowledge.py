"""The API of articles, as on the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.models import Article, ArticleKind, ArticleState
from insights.selectors.knowledge import (
    EDIT,
    article_list,
    article_search,
    article_text,
    articles_for_deal,
    articles_stale,
)
from insights.services.knowledge import (
    BODY_LENGTH,
    NOTE_LENGTH,
    TITLE_LENGTH,
    ArticleWish,
    article_read,
    article_review,
    article_save,
)
from spm.web.api import Input, input_read
from spm.web.listing import ListOf


class TagsIn(Input):
    """Words that an article is tagged with, by what they name."""

    product = serializers.ListField(child=serializers.CharField(max_length=100), required=False)
    stage = serializers.ListField(child=serializers.CharField(max_length=100), required=False)
    segment = serializers.ListField(child=serializers.CharField(max_length=100), required=False)
    skill = serializers.ListField(child=serializers.CharField(max_length=100), required=False)


class ArticleIn(Input):
    """An article. `owner` is a membership; without one it stays, or is whoever writes."""

    title = serializers.CharField(max_length=TITLE_LENGTH)
    kind = serializers.ChoiceField(ArticleKind.choices)
    body = serializers.CharField(max_length=BODY_LENGTH, trim_whitespace=False)
    review_on = serializers.DateField()
    state = serializers.ChoiceField(ArticleState.choices, required=False, default=ArticleState.DRAFT)
    owner = serializers.IntegerField(required=False, default=None, allow_null=True)
    tags = TagsIn(required=False, default=dict)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, default="", allow_blank=True)


class ArticleChangeIn(ArticleIn):
    """The whole of an article as it is to be, and the version that was seen."""

    version = serializers.IntegerField()


class ReviewIn(Input):
    """The day of the next review."""

    review_on = serializers.DateField()


class ArticleOut(serializers.Serializer[Any]):
    """An article without its text."""

    id = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    kind = serializers.ChoiceField(ArticleKind.choices)
    state = serializers.ChoiceField(ArticleState.choices)
    owner = serializers.IntegerField(source="owner_id")
    owner_name = serializers.CharField(source="owner.user")
    review_on = serializers.DateField()
    tags = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    version = serializers.IntegerField()


class ArticleFoundOut(serializers.Serializer[Any]):
    """An article that was found; `snippet` is a piece of its text."""

    article = ArticleOut()
    snippet = serializers.SerializerMethodField()

    def get_snippet(self, found: Any) -> str:
        """Give the pieces as one text."""
        return "".join(text for text, _is_hit in found.snippet)


class ArticleTextOut(ArticleOut):
    """An article with its text."""

    body = serializers.SerializerMethodField()

    def get_body(self, article: Article) -> str:
        """Give the text as it was written."""
        return article_text(article).body


class ArticleUseOut(serializers.Serializer[Any]):
    """A published article whose review day has passed; `readings` are person-days of the last 90 days."""

    article = ArticleOut()
    readings = serializers.IntegerField()
    days_over = serializers.IntegerField()


def _wish(values: dict[str, Any]) -> ArticleWish:
    tags = tuple((kind, tuple(words)) for kind, words in values["tags"].items())
    return ArticleWish(
        values["title"], values["kind"], values["body"], values["review_on"], values["state"], values["owner"], tags, values["note"],
    )  # fmt: skip


class ArticleListApi(ListOf):
    """Articles by what is asked, best first, and writing one."""

    actions = {"GET": "article.view", "POST": EDIT}
    serializer_class = ArticleFoundOut
    query_names = ("q",)

    @extend_schema(
        responses=ArticleFoundOut(many=True),
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="Words to find; every article where none are given.")],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        viewer = request.viewer  # type: ignore[attr-defined]
        return self.pages(article_search(viewer, request.query_params.get("q", "")))

    @extend_schema(request=ArticleIn, responses={201: ArticleTextOut})
    def post(self, request: Request) -> Response:
        wish = _wish(input_read(request, ArticleIn))
        made = article_save(wish=wish, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(ArticleTextOut(made).data, status=status.HTTP_201_CREATED)


class ArticleApi(APIView):
    """An article with its text, and changing it."""

    actions = {"GET": "article.view", "PUT": EDIT}

    @extend_schema(responses=ArticleTextOut)
    def get(self, request: Request, pk: UUID) -> Response:
        found = article_list(request.viewer).get(pk=pk)  # type: ignore[attr-defined]
        return Response(ArticleTextOut(found).data)

    @extend_schema(request=ArticleChangeIn, responses=ArticleTextOut)
    def put(self, request: Request, pk: UUID) -> Response:
        values, viewer = input_read(request, ArticleChangeIn), request.viewer  # type: ignore[attr-defined]
        made = article_save(wish=_wish(values), article_id=pk, seen=values["version"], actor=viewer)
        return Response(ArticleTextOut(made).data)


class ArticleReadApi(APIView):
    """Counts that one reads an article today."""

    actions = {"POST": "article.view"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        article_read(article_id=pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


class ArticleReviewApi(APIView):
    """Says that an article still holds, and when it is looked at next."""

    actions = {"POST": EDIT}

    @extend_schema(request=ReviewIn, responses=ArticleOut)
    def post(self, request: Request, pk: UUID) -> Response:
        day, viewer = input_read(request, ReviewIn)["review_on"], request.viewer  # type: ignore[attr-defined]
        return Response(ArticleOut(article_review(article_id=pk, review_on=day, actor=viewer)).data)


class ArticleStaleApi(ListOf):
    """Published articles whose review day has passed, those read most first."""

    actions = {"GET": "article.view"}
    serializer_class = ArticleUseOut

    @extend_schema(responses=ArticleUseOut(many=True))
    def get(self, request: Request) -> Response:
        return self.pages(articles_stale(request.viewer))  # type: ignore[attr-defined]


class DealArticlesApi(ListOf):
    """At most three published articles that fit a deal by their tags, best first."""

    actions = {"GET": "fact.view"}
    serializer_class = ArticleOut

    @extend_schema(responses=ArticleOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.pages(articles_for_deal(request.viewer, pk))  # type: ignore[attr-defined]
