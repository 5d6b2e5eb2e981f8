"""Pages of knowledge: searching, reading, writing, and reviewing what is read although its review is overdue."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from insights.forms.knowledge import REVIEW_DAYS, ArticleForm, ReviewForm
from insights.models import Article
from insights.selectors.knowledge import (
    EDIT,
    FOUND,
    LONGEST,
    article_list,
    article_search,
    article_text,
    article_versions,
    articles_for_deal,
    articles_stale,
)
from insights.services.knowledge import article_read, article_review, article_save
from spm.web.markup import markup_shown
from spm.web.views import PageMixin


class ArticleListPage(PageMixin, TemplateView):
    """Articles and product sheets, found by their words."""

    template_name = "insights/articles.html"
    actions = {"GET": "article.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("q", "")[:LONGEST]
        page = Paginator(article_search(self.viewer, asked), FOUND).get_page(self.request.GET.get("page"))
        return super().get_context_data(asked=asked, page=page, may_edit=self.viewer.can(EDIT), **kwargs)


class ArticlePage(PageMixin, TemplateView):
    """An article to read; the page itself says that it is read."""

    template_name = "insights/article.html"
    actions = {"GET": "article.view", "POST": "article.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        article = article_list(self.viewer).get(pk=self.kwargs["pk"])
        may_edit = self.viewer.can(EDIT)
        shown = {
            "article": article,
            "html": markup_shown(article_text(article).body),
            "tags": [word for words in article.tags.values() for word in words],
            "is_overdue": article.review_on < self.viewer.on,
            "may_edit": may_edit,
            "versions": article_versions(article) if may_edit else [],
        }
        return super().get_context_data(**kwargs | shown)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Count that the article is read."""
        article_read(article_id=pk, actor=self.viewer)
        return HttpResponse(status=204)


class ArticleEditPage(PageMixin, TemplateView):
    """Writes an article, or changes one."""

    template_name = "insights/article_edit.html"
    actions = {"GET": EDIT, "POST": EDIT}

    def _form(self, data: Any = None) -> ArticleForm:
        pk = self.kwargs.get("pk")
        article = None if pk is None else article_list(self.viewer).get(pk=pk)
        text = None if article is None else article_text(article)
        return ArticleForm(data, viewer=self.viewer, article=article, text=text)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self._form()
        return super().get_context_data(**{"form": form, "pk": self.kwargs.get("pk")} | kwargs)

    def post(self, request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
        """Save it as a version of its own."""
        form = self._form(request.POST)
        if form.is_valid():
            seen = form.cleaned_data["version"]
            try:
                made = article_save(wish=form.wish(), article_id=pk, seen=seen, actor=self.viewer)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                messages.success(request, _("“%(title)s” is saved.") % {"title": made.title})
                return redirect("insights:article", made.pk)
        return self.render_to_response(self.get_context_data(form=form, **self.kwargs))


class ArticleStalePage(PageMixin, TemplateView):
    """Published articles whose review is overdue, those that are read most first."""

    template_name = "insights/articles_stale.html"
    actions = {"GET": "article.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        until = self.viewer.on + timedelta(days=REVIEW_DAYS)
        may_edit = self.viewer.can(EDIT)
        return super().get_context_data(uses=articles_stale(self.viewer), until=until, may_edit=may_edit, **kwargs)


class ArticleReview(PageMixin, View):
    """Says that an article still holds, and when it is looked at next."""

    actions = {"POST": EDIT}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        article: Article = article_list(self.viewer).get(pk=pk)
        form = ReviewForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose the day of the next review."))
            return redirect("insights:articles_stale")
        try:
            article_review(article_id=pk, review_on=form.cleaned_data["review_on"], actor=self.viewer)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("“%(title)s” is reviewed.") % {"title": article.title})
        return redirect("insights:articles_stale")


class DealArticles(PageMixin, TemplateView):
    """Articles that fit a deal, nothing where none do; a part of the deal's page for htmx."""

    template_name = "insights/_deal_articles.html"
    actions = {"GET": "fact.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(articles=articles_for_deal(self.viewer, self.kwargs["pk"]), **kwargs)
