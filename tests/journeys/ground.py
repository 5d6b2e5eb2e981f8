"""The ground of the journeys: the product as a process on a committed database, and people who look at it in a real browser.

The demo company is created once, through its public doors, into a template of its own; every test gets a fresh copy of it within a second.
The product's clock is set to DAY (see clock.py), so that a story tells the same figures on every day of the year.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from re import escape as re_escape
from re import findall
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright
from redis import Redis

from spm.embedded import roles
from spm.embedded.urls import with_database
from tests import cast
from tests.conftest import ROOT, template_copy, template_missing, template_name

DAY = os.environ.get("SPM_JOURNEY_DAY", "2026-11-23")
PATIENCE = 120_000
"""Milliseconds that a page may take where everything else runs on the same two cores."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync", "--no-first-run", "--force-color-profile=srgb"]
WATCH = """
addEventListener('load', () => setTimeout(() => {
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) console.error(`${location.pathname} is ${wide} wide in a window of ${innerWidth}.`)
}, 150))
"""
"""Said in the page's console, so that every page of a journey is measured without being asked."""


@dataclass(frozen=True)
class Site:
    """The product at an address, and the one password of everybody in it."""

    url: str
    folder: Path
    environment: dict[str, str]
    password: str

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py on the same database and clock."""
        return _manage(self.environment, *arguments)

    def mail(self) -> str:
        """Give everything that was mailed, the newest last."""
        letters = sorted((self.folder / "mail").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return "\n".join(letter.read_text(encoding="utf-8") for letter in letters)

    def link_mailed(self, path: str) -> str:
        """Give the address in the newest letter that begins with this path, without the host."""
        found = findall(re_escape(path) + r"[^\s]+", self.mail())
        assert found, f"No mail names {path}."
        return str(found[-1])


@dataclass
class Visitor:
    """A person at a browser. What the browser complains of is kept and ends the test."""

    site: Site
    page: Page
    complaints: list[str] = field(default_factory=list)

    def goes(self, path: str) -> "Visitor":
        """Open an address of the site."""
        answer = self.page.goto(self.site.url + path)
        assert answer is not None and answer.ok, f"{path} answered {answer and answer.status}."
        return self

    def signs_in(self, name: str) -> "Visitor":
        """Sign in by form; a bare name is one of the demo company."""
        email = name if "@" in name else f"{name}@demo.example"
        self.goes("/account/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(
            cast.PASSWORD if not email.endswith("@demo.example") else self.site.password
        )
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/account/login/" not in url)
        return self

    def follows(self, name: str, *, exact: bool = False) -> "Visitor":
        """Click the first link of the page's content with this name, and wait for the page behind it."""
        self.page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        return self

    def presses(self, name: str, *, exact: bool = True) -> "Visitor":
        """Click a button."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        return self

    def sees(self, *texts: str) -> "Visitor":
        """Wait until each text is visible; where one stays away, say what is there instead."""
        for text in texts:
            try:
                self.page.get_by_text(text).locator("visible=true").first.wait_for()
            except TimeoutError as error:
                instead = self.page.locator("body").inner_text()
                raise AssertionError(f"{text!r} is not on {self.page.url}, which says:\n{instead[-3000:]}") from error
        return self

    def tabs_to(self, name: str, *, most: int = 60) -> "Visitor":
        """Press Tab until what has the focus is named so."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.focused.startswith(name):
                return self
        raise AssertionError(f"{name} is not reached by {most} tabs; the last one is {self.focused}.")

    def imports(self, name: str, text: str, **answers: str) -> "Visitor":
        """Bring in a file: choose, map as guessed beside the answers (field=one value for all rows), look at the preview, commit."""
        self.goes("/import/new/")
        self.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})
        self.presses("Upload and map").sees("What do the columns mean?")
        for field_name, value in answers.items():
            self.page.locator(f"[name=constant_{field_name}]").fill(value)
        self.presses("Preview").sees("Nothing is written yet")
        self.page.get_by_role("button", name="Commit").click()
        self.page.get_by_role("link", name="Next file").first.wait_for()
        return self

    def figure(self, label: str) -> str:
        """The first figure under this label."""
        return (
            self.page.locator(".stat")
            .filter(has=self.page.get_by_text(label, exact=True))
            .locator(".stat-value")
            .first.inner_text()
        )

    @property
    def focused(self) -> str:
        """What has the focus, as it is named."""
        named = "e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.title || e.tagName"
        return str(self.page.evaluate(f"({named})(document.activeElement)")).strip()

    @property
    def heading(self) -> str:
        """The page's one h1."""
        return self.page.locator("h1").inner_text()


@pytest.fixture(scope="session")
def demo_template(django_db_setup: None) -> tuple[str, Path]:
    """Give the name of the template with the demo company, calculated, and the folder of its files."""
    name = f"template_demo_{_digest()}"
    folder = Path(os.environ["SPM_TEST_SERVERS"]) / f"{name}.files"
    with template_missing(name) as missing:
        if missing:
            _demo_build(name, folder)
    return name, folder


def _digest() -> str:
    """What the demo is made of; a session with servers of its own makes it anew anyway."""
    demo = sorted(path for path in (ROOT / "spm" / "demo").rglob("*") if path.suffix in (".py", ".yaml"))
    content = b"".join(path.read_bytes() for path in demo)
    return sha256(content + template_name().encode() + DAY.encode()).hexdigest()[:16]


def _demo_build(name: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    template_copy(template_name(), name)
    environment = _environment(name, folder)
    _manage(environment, "demo_create")
    _manage(environment, "nightly", "--organisation", "demo", "--here")
    _manage(environment, "demo_history")


def _environment(database: str, folder: Path) -> dict[str, str]:
    urls = {name: with_database(os.environ[name], database) for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL")}
    return {**os.environ, **urls, "SPM_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "tests.journeys.settings"}


def _manage(environment: dict[str, str], *arguments: str) -> str:
    answer = subprocess.run(
        _command("manage", *arguments), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"manage.py {' '.join(arguments)}\n{answer.stdout[-2000:]}\n{answer.stderr[-4000:]}"
    return answer.stdout


def _command(what: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.journeys.clock", DAY, what, *arguments]


@pytest.fixture(scope="session")
def _served(demo_template: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    name, files = demo_template
    database = os.environ["DATABASE_URL"].rsplit("/", 1)[1] + "_site"
    folder = tmp_path_factory.mktemp("site") / "data"
    environment = _environment(database, folder)
    template_copy(name, database)
    log = folder.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(_command("site"), env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout is not None
    port = process.stdout.readline().decode().strip()
    assert port, log.read_text()[-4000:]
    password = json.loads((files / "demo-signins.json").read_text())["password"]
    yield Site(f"http://127.0.0.1:{port}", folder, environment, password)
    process.kill()
    process.wait()
    roles.database_drop(os.environ["SPM_TEST_SUPERUSER_URL"], database)


@pytest.fixture
def site(_served: Site, demo_template: tuple[str, Path]) -> Site:
    """Give the running product with a fresh copy of the demo company, acme and globex."""
    name, files = demo_template
    template_copy(name, _served.environment["DATABASE_URL"].rsplit("/", 1)[1])
    shutil.rmtree(_served.folder, ignore_errors=True)
    shutil.copytree(files, _served.folder)
    Redis.from_url(_served.environment["REDIS_URL"]).flushdb()
    return _served


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    """Start a Celery worker on the site's database and broker."""
    log = site.folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(_command("worker"), env=site.environment, cwd=ROOT, stdout=output, stderr=output)
    yield
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def browser(demo_template: tuple[str, Path]) -> Iterator[Browser]:
    """Give a Chromium, or say that there is none; where CI is true, its absence is a failure.

    One per test: Playwright's event loop must not stay behind, where Django would refuse to query.
    """
    if not CHROMIUM and not os.environ.get("CI"):
        pytest.skip("No Chromium was found: the journeys were not made.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Any]:
    """Give a function that seats a person at a window of this width; nobody may have had a complaint at the end."""
    seated: list[tuple[BrowserContext, Visitor]] = []

    def seat(name: str = "", *, width: int = 1440, theme: str = "light") -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-US")
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        one = Visitor(site, context.new_page())
        context.on("console", lambda message: one.complaints.append(message.text) if message.type == "error" else None)
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        seated.append((context, one))
        return one.signs_in(name) if name else one

    yield seat
    complaints = [complaint for _, one in seated for complaint in one.complaints]
    for context, _ in seated:
        context.close()
    assert complaints == []
