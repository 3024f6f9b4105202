"""A real browser for tests: Chromium of the system, cut off from every other host.

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
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM_VARIABLE = "WELCOMEMAP_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
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
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" or "Content Security Policy" in text:
            self.errors.append(text)

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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, started once for a module of tests."""
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium: install it or name it in {CHROMIUM_VARIABLE}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list_flags())
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
    assert watched.errors == []
