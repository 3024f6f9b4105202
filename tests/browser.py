"""A real browser for tests: Chromium or Firefox of the system; Chromium is cut off from all hosts.

``browser_page`` gives a :class:`WatchedPage` whose test fails when the page asked another host for
anything, broke its own content security policy, or raised an error in a script.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

BROWSER_VARIABLE = "WELCOMEMAP_BROWSER"
"""``firefox`` runs the tests marked ``browser`` in Firefox; ``./run test --all`` does so."""
IS_FIREFOX = os.environ.get(BROWSER_VARIABLE) == "firefox"
CHROMIUM_VARIABLE = "WELCOMEMAP_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FIREFOX_NAMES = ("firefox-esr", "firefox")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def only_in_chromium(why: str) -> pytest.MarkDecorator:
    """Mark a test of what Firefox cannot be told to do, or does not tell."""
    return pytest.mark.skipif(IS_FIREFOX, reason=f"its driver {why}")


PATIENCE_MS = 45_000
"""How long a test waits for what must come: a busy machine is no fault of a page."""
expect.set_options(timeout=PATIENCE_MS)
LOCAL_SCHEMES = {"file", "data", "blob", "about"}
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def find_chromium() -> str | None:
    """Return the path of Chromium: from the environment, else from the system's path."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def is_local(address: str) -> bool:
    """Tell whether an address leads to no other host."""
    parts = urlsplit(address)
    return parts.scheme in LOCAL_SCHEMES or parts.hostname in LOCAL_HOSTS


@dataclass
class WatchedPage:
    """A page with the list of what it asked for and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self._keep(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" or "Content Security Policy" in text:
            self._keep(text)

    def _keep(self, error: str) -> None:
        # Firefox tells that a page tried WebAssembly; Streamlit does so, and does without it.
        if not (IS_FIREFOX and "blocked WebAssembly" in error):
            self.errors.append(error)

    @property
    def foreign_requests(self) -> list[str]:
        return [address for address in self.requests if not is_local(address)]

    def list_violations(self, rules: list[str] | None = None) -> list[str]:
        """Run axe-core and return one line for each violation."""
        options = {"runOnly": {"type": "tag", "values": rules or WCAG_TAGS}}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]


LANGUAGE = "de-DE"


def list_flags(language: str = LANGUAGE) -> list[str]:
    """Return the flags of a browser that speaks a language.

    A context's own language does not reach websockets in every version of Chromium.
    """
    return [*FLAGS, f"--accept-lang={language}"]


def launch(kind: BrowserType, language: str = LANGUAGE) -> Browser:
    """Start the browser of the system that speaks a language."""
    if IS_FIREFOX:
        path = next(filter(None, map(shutil.which, FIREFOX_NAMES)), None)
        if path is None:
            pytest.skip("no Firefox is installed")
        return kind.launch(
            channel="moz-firefox", executable_path=path,
            firefox_user_prefs={"intl.accept_languages": language},
        )  # fmt: skip
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium: install it or name it in {CHROMIUM_VARIABLE}")
    return kind.launch(executable_path=path, args=list_flags(language))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of the tests, started once for a module of them."""
    with sync_playwright() as playwright:
        browser = launch(playwright.firefox if IS_FIREFOX else playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[WatchedPage]:
    """A fresh page of 1280 x 900 that fails the test on any request to another host."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale=LANGUAGE)
    context.set_default_timeout(PATIENCE_MS)
    watched = WatchedPage(context.new_page())
    watched.watch()
    yield watched
    context.close()
    assert watched.foreign_requests == []
    assert watched.errors == [], watched.errors
