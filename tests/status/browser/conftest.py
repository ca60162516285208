"""A real Chromium without a window, and the page to look at."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.status.web.filled import collect_everything, served, share_without_text, until_indexed

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = (os.environ.get("SCRAPER_TEST_BROWSER", ""), "chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    """One worker runs them all: it starts the browser once."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser():
    # No longer than the module: while it is open an event loop counts as running in this thread, which other modules'
    # tests could not bear.
    program = next((found for name in NAMES if name and (found := shutil.which(name))), None)
    if program is None:
        told = Path(sys.prefix) / "no-browser"
        pytest.skip(
            told.read_text().strip() if told.exists() else "there is no Chromium; scripts/browser.sh installs it"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    data = tmp_path_factory.mktemp("shown")
    collect_everything(data)
    share_without_text(data)
    with served(data) as url:
        until_indexed(url)
        yield url


class Visit:
    """A tab that notes whatever a page should not do."""

    def __init__(self, browser, site, **options):
        self.site = site
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.faults: list[str] = []
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", self._interrupted)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _told(self, message):
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _interrupted(self, dialog):
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request):
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.faults.append(f"left the page: {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def to(self, path):
        """Go there, and wait until everything is loaded."""
        self.page.goto(self.site + path)
        return self.page


@pytest.fixture
def visit(browser, site):
    """Opens tabs; in the end none of them may have met a fault."""
    opened: list[Visit] = []

    def visit(**options):
        opened.append(Visit(browser, options.pop("site", site), **options))
        return opened[-1]

    yield visit
    for tab in opened:
        tab.context.close()
    assert [fault for tab in opened for fault in tab.faults] == []
