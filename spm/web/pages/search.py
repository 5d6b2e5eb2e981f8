"""Search: what the ⌘K palette asks while somebody types, and the page that Enter opens without script."""

from typing import Any

from django.views.generic import TemplateView

from spm.web.search import search_groups
from spm.web.views import PageMixin


class SearchPage(PageMixin, TemplateView):
    """Things named like `q` within the viewer's reach: the list alone for htmx, a page otherwise."""

    actions = {"GET": "home.view"}
    takes_any_text = True

    def get_template_names(self) -> list[str]:
        """Answer htmx with the list only."""
        return ["components/_search_results.html" if self.request.htmx else "web/search.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the groups found; None where the text is too short."""
        text = self.request.GET.get("q", "")
        return super().get_context_data(q=text, groups=search_groups(self.viewer, text), **kwargs)
