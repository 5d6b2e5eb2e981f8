"""Pages of account scores: accounts by score, and the factors behind them."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from planning.forms.accounts import FactorForm, FactorSet, TerritoryFilter
from planning.models import ScoreKind, ScoreState
from planning.selectors.scores import (
    AccountScore,
    card_get,
    factors_of,
    kind_asked,
    score_effects,
    score_list,
    score_rows,
    scores_hidden,
    unscored,
)
from planning.services.scores import score_card_discard, score_card_save, score_card_start
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class AccountScorePage(PageMixin, TemplateView):
    """Accounts by their score of a kind."""

    template_name = "planning/account_scores.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind, form = kind_asked(self.kwargs["kind"]), TerritoryFilter(self.request.GET)
        card = card_get(kind)
        scores = score_list(self.viewer, card, territory=form.chosen())
        page = Paginator(scores, 50).get_page(self.request.GET.get("page"))
        rows = score_rows(self.viewer, list(page.object_list))
        kwargs.pop("kind", None)
        return super().get_context_data(
            kind=kind,
            kinds=ScoreKind,
            card=card,
            factors=factors_of(card),
            page=page,
            rows=rows,
            form=form,
            query=self.request.GET.urlencode(),
            findings=[
                *unscored(kind, sum(each.points is None and not each.is_hidden for each in scores)),
                *scores_hidden(scores),
            ],
            may_edit=self.viewer.can("territory.edit"),
            **kwargs,
        )


class AccountScoreExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, kind: str, form: str) -> HttpResponse:
        require(self.viewer, "export")
        scores = score_list(self.viewer, card_get(kind_asked(kind)), territory=TerritoryFilter(request.GET).chosen())
        rows = [
            (
                each.row.version.fact.source_key,
                each.row.version.name,
                _cell(each.score),
                each.row.territory,
                each.row.owner,
                each.row.segment,
            )
            for each in score_rows(self.viewer, scores)
        ]
        columns = ("Key", "Account", "Score", "Territory", "Owner", "Segment")
        return table_download(rows, columns, name=f"account-{kind}", form=form)


def _cell(score: AccountScore) -> Any:
    if score.is_hidden:
        return _("hidden")
    return None if score.points is None else Decimal(score.points).scaleb(-2)


class FactorPage(PageMixin, TemplateView):
    """The factors of a score: written as a draft, with what it would do, then put in force."""

    template_name = "planning/account_factors.html"
    actions = {"GET": "territory.edit", "POST": "territory.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind, currency = kind_asked(self.kwargs["kind"]), self.viewer.organisation.currency
        draft, card = card_get(kind, ScoreState.DRAFT), card_get(kind)
        shown = draft or card
        initial = [FactorForm.initial_of(each, currency) for each in shown.factors] if shown else []
        kwargs.pop("kind", None)
        kwargs.setdefault("rows", FactorSet(initial=initial, form_kwargs={"currency": currency}))
        effects = score_effects(self.viewer, draft) if draft else None
        return super().get_context_data(kind=kind, draft=draft, card=card, effects=effects, **kwargs)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Save the draft, put it in force, or throw it away."""
        asked, of = request.POST.get("do", ""), kind_asked(kind)
        if asked == "start":
            score_card_start(kind=of, actor=self.viewer)
            messages.success(request, _("The factors are in force."))
            return redirect("planning:account_scores", kind)
        if asked == "discard":
            score_card_discard(kind=of, actor=self.viewer)
            messages.success(request, _("The draft was thrown away."))
            return redirect("planning:account_scores", kind)
        if asked != "save":
            raise BadRequest(_("Say what to do: save, start or discard."))
        rows = FactorSet(request.POST, form_kwargs={"currency": self.viewer.organisation.currency})
        if not rows.is_valid():
            return self.render_to_response(self.get_context_data(rows=rows))
        factors = [found for each in rows if (found := each.factor())]
        try:
            score_card_save(kind=of, factors=factors, actor=self.viewer)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(rows=rows, errors=error.messages))
        messages.success(request, _("The draft is kept. Look at what it would do, then put it in force."))
        return redirect("planning:account_factors", kind)
