"""Forms of articles."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from incentives.forms.plans import DayInput
from insights.models import Article, ArticleKind, ArticleState, ArticleVersion
from insights.selectors.knowledge import TAG_KINDS
from insights.services.knowledge import BODY_LENGTH, NOTE_LENGTH, TITLE_LENGTH, ArticleWish, article_owners
from spm.roles.policy import Viewer

REVIEW_DAYS = 180


class ReviewForm(forms.Form):
    """The day of the next review."""

    review_on = forms.DateField(label=gettext_lazy("Next review"), widget=DayInput())


class ArticleForm(ReviewForm):
    """What an article is, with a line of tags of each kind."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ArticleKind.choices)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("# begins a heading, - a point of a list, **bold**, [a link](https://…)."),
    )  # fmt: skip
    product = forms.CharField(label=gettext_lazy("Products"), max_length=2000, required=False)
    stage = forms.CharField(label=gettext_lazy("Stages"), max_length=2000, required=False)
    segment = forms.CharField(label=gettext_lazy("Segments"), max_length=2000, required=False)
    skill = forms.CharField(label=gettext_lazy("Skills"), max_length=2000, required=False)
    owner = forms.TypedChoiceField(label=gettext_lazy("Owner"), coerce=int)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=ArticleState.choices,
        help_text=gettext_lazy("Only published articles are read and found by everybody."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("What changed"), max_length=NOTE_LENGTH, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    field_order = ("title", "kind", "body", *TAG_KINDS, "owner", "review_on", "state", "note", "version")

    def __init__(
        self, data: Mapping[str, Any] | None, *, viewer: Viewer, article: Article | None, text: ArticleVersion | None
    ) -> None:
        initial: dict[str, Any] = {"owner": viewer.membership_id, "review_on": viewer.on + timedelta(days=REVIEW_DAYS)}
        owners = {one.pk: str(one.user) for one in article_owners(viewer)}
        if article is not None and text is not None:
            initial = {name: getattr(article, name) for name in ("title", "kind", "state", "review_on", "version")}
            initial |= {kind: ", ".join(words) for kind, words in article.tags.items()}
            initial |= {"owner": article.owner_id, "body": text.body}
            owners.setdefault(article.owner_id, str(article.owner.user))
        super().__init__(data, initial=initial)
        self.fields["owner"].choices = list(owners.items())  # type: ignore[attr-defined]

    def wish(self) -> ArticleWish:
        """Give what is asked; only of a valid form."""
        given = self.cleaned_data
        tags = tuple((kind, tuple(filter(None, map(str.strip, given[kind].split(","))))) for kind in TAG_KINDS)
        return ArticleWish(
            given["title"], given["kind"], given["body"], given["review_on"], given["state"], given["owner"], tags, given["note"],
        )  # fmt: skip
