"""Every page in a real browser: axe finds nothing, in two themes and at two widths, and nothing has to be scrolled sideways.

The routes come from the URL configuration, so a new page is looked at without being named here. A route with parts in its address is
reached as people reach it: by a link of another page. One that no link leads to stands in UNLINKED, with the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Error

from tests.walls.routes import routes

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
"""All rules are checked; only what is violated is told in full, which takes a third of the time."""

WIDTHS = (1440, 360)
DOWNLOAD = "Download is starting"
"""What the browser says of an address that answers with a file to be saved."""

PERSONAS = ("operations", "admin", "finance", "gus@globex.example", "sue@acme.example", "stan@platform.example", "")
"""Who opens a page: the first of them who gets it. Gus has every role in a company without data, Sue is suspended, Stan runs the platform;
the empty name is a visitor."""

NOT_OURS = {"api_docs": "Swagger's page, served as it comes.", "api_schema": "No page, the description of the API."}
PREFIXES = ("admin:", "spm:api", "knox")
"""Django's own pages for platform staff; not pages."""

UNLINKED = {
    "account_confirm_email": "The link is in a mail.",
    "account_confirm_login_code": "Codes by mail are switched off.",
    "account_reset_password_from_key": "The link is in a mail.",
    "account_set_password": "Everybody has a password; it leads on to changing it.",
    "crm:upload_job": "A part that htmx asks for.",
    "crm:absent_list": "The demo loads no full list.",
    "incentives:dispute_file": "A download, of a dispute with a file.",
    "incentives:dispute_new": "Reps and managers raise disputes; nobody of the walk is one.",
    "incentives:document_file": "A download, of a plan document that was sent.",
    "incentives:evidence_zip": "A download, once a job has made it.",
    "incentives:parallel_detail": "The demo comes from no other system.",
    "incentives:statement_papers_zip": "A download, once a job has made it.",
    "incentives:statement_prior": "What a late fact changed of a closed period: the walk closes none.",
    "identity:join_link": "The link is in a mail; it leads on to identity:join.",
    "insights:deal_articles": "A part that htmx asks for.",
    "jobs:job_progress": "A part that htmx asks for.",
    "mfa_login_webauthn": "Data for the browser's own dialog.",
    "planning:evidence_file": "A download, where somebody has given a file as evidence.",
    "mfa_reauthenticate_webauthn": "Data for the browser's own dialog.",
} | dict.fromkeys(
    (
        "identity:staff_entry",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_reauthenticate",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    ),
    "Only where a second factor is set up.",
)
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
        walk.through(person, first=FIRST[name](person) if name in FIRST else ())
        person.complaints[:] = [line for line in person.complaints if "Failed to load resource" not in line]
    assert walk.found == {}
    left = sorted(walk.left.keys() - UNLINKED.keys())
    assert left == [], left
    assert len(walk.seen) > 60


def _unfinished(person: Any) -> list[str]:
    """Leave a file at its mapping, a plan version and a manual credit to be approved; confirm the password; give what comes of it."""
    page = person.page
    person.goes("/import/new/")
    page.set_input_files(
        "input[type=file]", {"name": "teams.csv", "mimeType": "text/csv", "buffer": b"sales_agent\nUte\n"}
    )
    person.presses("Upload and map").sees("What do the columns mean?")
    mapping = page.url
    person.goes("/incentives/plans/").follows("Account executives").follows("New version")
    person.presses("As text")
    text = page.locator("[name=text]")
    text.fill(text.input_value().replace("2027-01-01", "2028-01-01").replace("2024-01-01", "2027-01-01"))
    person.presses("Save draft").sees("The draft was saved.")
    draft = page.eval_on_selector_all("main a[href]", "all => all.map(a => a.href)")
    person.presses("Send for review").follows("Open the request")
    asked = page.url
    person.goes("/incentives/plans/").follows("Regional managers").follows("New version")
    new = page.url
    credit, hold = _credit_asked(person), _hold_asked(person)
    person.goes("/account/reauthenticate/")
    page.get_by_label("Password").fill(person.site.password)
    person.presses("Confirm")
    page.wait_for_url(lambda url: "reauthenticate" not in url)
    return [urlsplit(url).path for url in (mapping, asked, new, credit, hold, *draft)]


def _credit_asked(person: Any) -> str:
    """Ask for a manual credit, which waits for approval; give its address."""
    page = person.page
    person.goes("/incentives/credits/new/")
    page.get_by_label("Person").select_option(index=1)
    values = {"Component": "commission", "Amount": "1000", "Currency": "USD", "Credit date": "2026-11-02"}
    for label, value in (values | {"Reason": "A deal that was booked twice"}).items():
        page.get_by_label(label).fill(value)
    person.presses("Ask for it")
    page.wait_for_url(lambda url: not url.endswith("/credits/new/"))
    return str(page.url)


def _hold_asked(person: Any) -> str:
    """Ask for a hold of pay, which waits for approval; give its address."""
    page = person.page
    person.goes("/incentives/holds/new/")
    page.get_by_label("Person").select_option(index=1)
    page.get_by_label("Reason").fill("An order that is looked into")
    person.presses("Ask for it")
    page.wait_for_url(lambda url: not url.endswith("/holds/new/"))
    return str(page.url)


def _webhook_to_change(person: Any) -> list[str]:
    """Give the page that changes a webhook: operations sees the webhook first, without the link that only admins have."""
    person.goes(reverse("hooks:hook_list"))
    person.page.locator("main tbody a").first.click()
    person.page.wait_for_load_state()
    return person.page.eval_on_selector_all("main a[href$='/edit/']", "all => all.map(a => a.pathname)")


def _draft_alone(person: Any) -> list[str]:
    """Write a plan in a company in which one person may publish alone; give what comes of it. The demo company keeps duties apart."""
    person.goes(reverse("incentives:plan_new"))
    person.presses("As text")
    plan = "plan: p\nname: P\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\nperiod: QUARTERLY\n"
    person.page.locator("[name=text]").fill(plan + "components: [{key: c, rate: 5 %}]\n")
    person.presses("Save draft").sees("The draft was saved.")
    return list(person.page.eval_on_selector_all("main a[href]", "all => all.map(a => a.pathname)"))


FIRST = {"operations": _unfinished, "admin": _webhook_to_change, "gus@globex.example": _draft_alone}
"""What a person makes or finds before walking, so that a page is reached."""


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

    def through(self, person: Any, first: Iterable[str] = ()) -> None:
        """Look at every page that is left and that this person gets, following links to those with parts in their address."""
        ahead = [*first, *(reverse(name) for name in self.left if not needs_parts(name, self.left))]
        for path in ahead:
            name = _name(path)
            if name not in self.left:
                continue
            links = self._look(person, path, name)
            ahead += [link for link in links if (to := _name(link)) in self.left and needs_parts(to, self.left)]

    def _look(self, person: Any, path: str, name: str) -> list[str]:
        try:
            answer = person.page.goto(person.site.url + path)
        except Error as error:
            if DOWNLOAD not in error.message:
                raise
            del self.left[name]
            return []
        landed = urlsplit(person.page.url).path
        if answer is None or not answer.ok:
            return []
        if _name(landed) != name:
            return [landed]
        if not person.page.locator("html[lang]").count():
            del self.left[name]
            return []
        links = person.page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.pathname)")
        self.found |= _complaints(person.page, path, self._looks())
        self.seen[name] = path
        del self.left[name]
        return list(links)

    def _looks(self) -> list[tuple[int, str]]:
        """Both widths in both themes, beginning with the theme that the page before ended in: it need not be loaded anew for that."""
        themes = ("light", "dark") if len(self.seen) % 2 == 0 else ("dark", "light")
        return [(width, theme) for theme in themes for width in WIDTHS]


def needs_parts(name: str, left: dict[str, Any]) -> bool:
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
        lines = [*_axe(page), *_sideways(page, width), *_dead_links(page)]
        if lines:
            found[f"{path} {width} {theme}"] = lines
    return found


def _axe(page: Any) -> Iterator[str]:
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    for each in page.evaluate("rules => axe.run(rules)", RULES)["violations"]:
        yield f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"


def _dead_links(page: Any) -> Iterator[str]:
    """Links without an address: a template that asked for one it was not given."""
    for text in page.eval_on_selector_all("a[href='']", "all => all.map(a => a.innerText)"):
        yield f"the link {text} leads nowhere"


def _sideways(page: Any, width: int) -> Iterator[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} wide in a window of {width}"
