"""The guides inside the product, for members, people without a company and visitors alike."""

from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from spm.web.guides import START, guide_get, guide_names, guide_url


class HelpPage(TemplateView):
    """One guide, the list of the others, and what is on the page."""

    template_name = "web/help.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the guide asked for, or 404."""
        guide = guide_get(self.kwargs.get("name", START))
        if guide is None:
            raise Http404
        others = [
            (guide_url(name), found.title, name == guide.name) for name in guide_names() if (found := guide_get(name))
        ]
        return super().get_context_data(guide=guide, guides=others, is_start=guide.name == START, **kwargs)
