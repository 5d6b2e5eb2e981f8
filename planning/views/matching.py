"""The page of who suits a territory."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView, View

from planning.selectors.matching import Match, territory_matches
from spm.core.money import Rate
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = (
    "Key",
    "Seller",
    "Covers it",
    "Skills held",
    "Accounts that require more",
    "Expected win rate",
    "Won",
    "Closed",
)


class MatchPage(PageMixin, TemplateView):
    """Sellers beside a territory, who suits it best first, with the reasons."""

    template_name = "planning/territory_match.html"
    actions = {"GET": "balance.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = territory_matches(self.viewer, self.kwargs["pk"], on=self.viewer.on)
        page = Paginator(found.matches, 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(found=found, page=page, **kwargs)


class MatchExport(PageMixin, View):
    """The same as a file."""

    actions = {"GET": "balance.view"}

    def get(self, request: HttpRequest, pk: Any, form: str) -> HttpResponse:
        require(self.viewer, "export")
        found = territory_matches(self.viewer, pk, on=self.viewer.on)
        return table_download(map(_cells, found.matches), COLUMNS, name=f"match-{found.territory.code}", form=form)


def _cells(row: Match) -> tuple[Any, ...]:
    skills, wins = ("" if each is None else str(Rate(each)) for each in (row.skills_rate, row.win_rate))
    person = (row.participant.source_key, row.participant.name, "yes" if row.covers else "")
    return (*person, skills, row.required_lacking, wins, row.own.won, row.own.closed)
