"""Every page in a real browser: axe finds nothing, in two themes and at two widths, and nothing has to be scrolled sideways.

The routes come from the URL configuration, so a new page is looked at without being named here. A route with parts in its address is
reached as people reach it: by a link of another page. One that no link leads to stands in UNLINKED, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve, reverse

from tests.walls.routes import routes

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [(width, theme) for theme in ("light", "dark") for width in (1440, 360)]
PERSONAS = ("admin", "operations", "finance", "rep", "gus@globex.example", "")
"""Who opens a page: the first of them who gets it. The empty name is a visitor; Gus has every role in a company without data."""

NOT_OURS = {"api_docs": "Swagger's page, served as it comes.", "api_schema": "No page, the description of the API."}
PREFIXES = ("admin:", "spm:api", "knox")
"""Django's own pages for platform staff; not pages."""

UNLINKED = {
    "account_confirm_email": "The link is in a mail.",
    "account_reset_password_from_key": "The link is in a mail.",
    "identity:join_link": "The link is in a mail; it leads on to identity:join.",
    "crm:upload_job": "A part that htmx asks for.",
    "jobs:job_progress": "A part that htmx asks for.",
}
SAMPLE = {
    "rep": ["/", "/incentives/statements/"],
    "operations": ["/planning/quotas/", "/import/inbox/"],
    "": ["/account/login/"],
}


def test_a_sample_of_pages_is_accessible(visitor: Any) -> None:
    """The quick look: the first page, a list, a grid, the inbox and sign-in, dark on a phone."""
    found: dict[str, list[str]] = {}
    for name, paths in SAMPLE.items():
        person = visitor(name, width=360, theme="dark")
        for path in paths:
            person.goes(path)
            found |= _complaints(person.page, path, [(360, "dark")])
    assert found == {}


@pytest.mark.deep
def test_every_page_is_accessible(visitor: Any) -> None:
    """Every GET route that shows a page, as the first persona who gets in."""
    walk = Walk(left={route.name: route for route in routes() if _shows_a_page(route)})
    for name in PERSONAS:
        person = visitor(name)
        walk.through(person)
        person.complaints[:] = [line for line in person.complaints if "Failed to load resource" not in line]
    assert walk.found == {}
    assert sorted(walk.left.keys() - UNLINKED.keys()) == []
    assert len(walk.seen) > 60


def _shows_a_page(route: Any) -> bool:
    is_file = "<str:form>" in route.pattern or "export" in route.name
    is_ours = route.name and not route.name.startswith(PREFIXES) and not route.pattern.startswith(("api/", "admin/"))
    return bool(is_ours and "GET" in route.verbs and not is_file and route.name not in NOT_OURS)


@dataclass
class Walk:
    """A walk over all pages: what is left to see, what was seen, and what axe found."""

    left: dict[str, Any]
    seen: dict[str, str] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)

    def through(self, person: Any) -> None:
        """Look at every page that is left and that this person gets, following links to those with parts in their address."""
        ahead = [
            reverse(name)
            for name, route in self.left.items()
            if "<" not in route.pattern and "(?P" not in route.pattern
        ]
        for path in ahead:
            name = _name(path)
            if name not in self.left:
                continue
            links = self._look(person, path, name)
            ahead += [link for link in links if (to := _name(link)) in self.left and reverse_free(to, self.left)]

    def _look(self, person: Any, path: str, name: str) -> list[str]:
        answer = person.page.goto(person.site.url + path)
        landed = urlsplit(person.page.url).path
        if answer is None or not answer.ok or _name(landed) != name:
            return []
        if not person.page.locator("html[lang]").count():
            del self.left[name]
            return []
        links = person.page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.pathname)")
        self.found |= _complaints(person.page, path, LOOKS)
        self.seen[name] = path
        del self.left[name]
        return list(links)


def reverse_free(name: str, left: dict[str, Any]) -> bool:
    """Tell whether the route needs a part in its address, so that only a link leads to it."""
    return "<" in left[name].pattern or "(?P" in left[name].pattern


def _name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _complaints(page: Any, path: str, looks: list[tuple[int, str]]) -> dict[str, list[str]]:
    found = {}
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.dataset.bsTheme") != theme:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.reload()  # a change of theme in place goes through colours that nobody reads
        page.wait_for_timeout(200)
        lines = [*_axe(page), *_sideways(page, width)]
        if lines:
            found[f"{path} {width} {theme}"] = lines
    return found


def _axe(page: Any) -> Iterator[str]:
    for each in Axe().run(page, options=RULES).response["violations"]:
        yield f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"


def _sideways(page: Any, width: int) -> Iterator[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} wide in a window of {width}"
