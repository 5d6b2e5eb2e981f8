"""Every building block in a real browser: nothing to complain of for axe, no sideways scroll, no refused script or style."""

import os
import shutil
from collections.abc import Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM and not os.environ.get("CI"), reason="No Chromium was found: pages were not looked at."
    ),
]


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


class _Handler(StaticFilesHandler):
    """Static files from their sources, everything else from the product."""

    def __init__(self) -> None:
        super().__init__(WSGIHandler())

    def __call__(self, environ: Any, start_response: Any) -> Any:
        try:
            return super().__call__(environ, start_response)
        finally:
            connections.close_all()


@pytest.fixture
def site(committed_db: None) -> Iterator[str]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    stores = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}, "staticfiles": plain}
    with override_settings(ROOT_URLCONF="tests.web.gallery_urls", STORAGES=stores, DEBUG=False):
        server = make_server("127.0.0.1", 0, _Handler(), handler_class=_Silent)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def open_page(site: str, sign_in_cookie: str) -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def make(width: int, theme: str) -> tuple[Page, list[str]]:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, base_url=site)
            context.add_cookies([{"name": "sessionid", "value": sign_in_cookie, "url": site}])
            page, complaints = context.new_page(), []
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page, complaints

        yield make
        browser.close()


@pytest.fixture
def sign_in_cookie(committed_db: None) -> str:
    from django.test import Client

    from spm.identity.models import User

    client = Client()
    user = User.objects.get(email="sol@acme.example")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return str(client.cookies["sessionid"].value)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_gallery_is_accessible_and_fits(open_page: Any, width: int, theme: str) -> None:
    page, complaints = open_page(width, theme)
    page.goto("/gallery?toast=1")
    page.wait_for_load_state("networkidle")
    page.locator("canvas").first.wait_for()
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []


def test_the_focus_is_never_hidden_under_the_top_bar(open_page: Any) -> None:
    page, _ = open_page(1440, "light")
    page.goto("/gallery")
    page.wait_for_load_state("networkidle")
    bar = page.locator(".topbar").bounding_box()["height"]
    hidden = []
    for _ in range(80):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "() => { const e = document.activeElement; return { bottom: e.getBoundingClientRect().bottom,"
            " stuck: e === document.body || !!e.closest('.topbar, .sidebar, .skip-link'),"
            " html: e.outerHTML.slice(0, 80) } }"
        )
        if not box["stuck"] and box["bottom"] <= bar:
            hidden.append(box["html"])
    assert hidden == []


def test_the_theme_is_kept_and_the_charts_follow_it(open_page: Any) -> None:
    page, complaints = open_page(1440, "light")
    page.goto("/gallery")
    page.locator(".user-summary").click()
    page.locator(".user-menu [data-theme=dark]").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert complaints == []


def test_ticked_rows_show_their_count_and_exact_total(open_page: Any) -> None:
    page, _ = open_page(1440, "light")
    page.goto("/gallery")
    page.locator("input[name=selected]").nth(0).check()
    page.locator("input[name=selected]").nth(2).check()
    assert page.locator(".bulk-count").inner_text() == "2 selected · $18,134.34"
    page.locator("[data-bulk-all]").check()
    assert page.locator("[data-bulk-count]").inner_text() == "4"


def test_dialogs_open_by_key_and_close_by_escape(open_page: Any) -> None:
    page, _ = open_page(1440, "light")
    page.goto("/gallery")
    page.locator("main").click(position={"x": 5, "y": 5})
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#shortcuts").is_visible()


def test_a_chart_without_its_library_shows_its_table(open_page: Any) -> None:
    page, _ = open_page(1440, "light")
    page.route("**/echarts.min.js", lambda route: route.abort())
    page.goto("/gallery")
    page.locator("#c_bar table").wait_for(state="visible")
    assert "$41,200.00" in page.locator("#c_bar table").inner_text()
