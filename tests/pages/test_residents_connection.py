"""A resident whose connection breaks: no old answer under a new address, and no dead field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser import WatchedPage, is_local
from tests.pages.app_server import find_free_port, running_app
from tests.pages.residents import ADDRESS, NEAREST, ask, open_page
from welcomemap.wording import PAGE_LANGUAGES, open_translator

pytestmark = pytest.mark.browser

OTHER, OTHER_NEAREST = "Gumbertstr. 150", "Welcome Point Gumbertstraße"
LOST = (
    "No connection at the moment. Your question will be sent by itself as soon as there is one "
    "again."
)
SHORT_MEMORY = "--server.disconnectedSessionTTL=1"
"""The server forgets a visitor after one second without connection instead of two minutes."""


@contextmanager
def disturbed_visitor(chromium: Browser, *, width: int = 1280) -> Iterator[WatchedPage]:
    """Give a page that may tell of a broken connection, and of no other fault."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="de-DE")
    watched = WatchedPage(context.new_page())
    watched.watch()
    yield watched
    context.close()
    assert [address for address in watched.requests if not is_local(address)] == []
    known = ("net::ERR_", "WebSocket connection to", "disconnected from server", "_stcore/health",
             "server is not responding", "DoInitPings timed out")  # fmt: skip
    assert [error for error in watched.errors if not any(word in error for word in known)] == []


def expect_lost(page: Page, code: str) -> None:
    """Expect the visitor's language alone to tell that there is no connection."""
    expect(page.locator(".notice.lost")).to_have_text(open_translator(code)(LOST))
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.locator(".leaflet-container")).not_to_be_visible()
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).not_to_be_visible()


def mark(page: Page) -> None:
    """Leave a mark that a reload would wipe."""
    page.evaluate("window.isSamePage = true")


def expect_answer(page: Page, nearest: str, address: str) -> None:
    """Expect the answer of the address in the field, on the page as it was opened."""
    expect(page.get_by_role("article").first).to_contain_text(nearest)
    expect(page.get_by_role("combobox")).to_have_value(address)
    expect(page.locator(".notice")).to_have_text("")
    assert page.evaluate("window.isSamePage") is True


def test_an_address_typed_while_the_server_is_away_is_answered_when_it_is_back(
    chromium: Browser, tmp_path: Path
) -> None:
    code = "ar"
    port, log = find_free_port(), tmp_path / "app.log"
    with disturbed_visitor(chromium, width=320) as watched:
        page = watched.page
        with running_app(port, log) as url:
            open_page(watched, f"{url}/?lang={code}")
            mark(page)
            ask(page, ADDRESS)
            expect_answer(page, NEAREST, ADDRESS)
        ask(page, OTHER)
        # At once, not when the connection is known to be lost.
        assert page.get_by_role("article").count() == 0
        expect_lost(page, code)
        # The framework's own dialog comes after some tries; it must not show or take the keys.
        page.wait_for_timeout(12_000)
        expect_lost(page, code)
        expect(page.get_by_role("combobox")).to_have_value(OTHER)
        assert watched.list_violations() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        with running_app(port, log):
            expect_answer(page, OTHER_NEAREST, OTHER)
            page.get_by_role("combobox").fill("")
            page.get_by_role("combobox").press_sequentially("kölnr str 26", delay=30)
            expect(page.get_by_role("option").first).to_be_visible()


@pytest.mark.long
def test_a_field_used_after_the_server_was_started_again_is_not_dead(
    chromium: Browser, tmp_path: Path
) -> None:
    port, log = find_free_port(), tmp_path / "app.log"
    with disturbed_visitor(chromium) as watched:
        page = watched.page
        with running_app(port, log) as url:
            open_page(watched, f"{url}/?lang=de")
            mark(page)
            ask(page, ADDRESS)
            expect_answer(page, NEAREST, ADDRESS)
        with running_app(port, log):
            app = page.get_by_test_id("stApp")
            expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
            expect(page.get_by_role("article").first).to_contain_text(NEAREST)
            page.get_by_role("combobox").fill("")
            page.get_by_role("combobox").press_sequentially("gumbertstr 150", delay=30)
            page.get_by_role("option", name="Gumbertstraße 150").first.click()
            expect(page.get_by_role("article").first).to_contain_text(OTHER_NEAREST)
            assert page.evaluate("window.isSamePage") is True


@pytest.mark.long
def test_a_visitor_whom_the_server_forgot_gets_the_answer_to_the_next_address(
    chromium: Browser, tmp_path: Path
) -> None:
    with (
        disturbed_visitor(chromium) as watched,
        running_app(find_free_port(), tmp_path / "app.log", SHORT_MEMORY) as url,
    ):
        page = watched.page
        sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/_stcore/stream", lambda socket: sockets.extend(
            (socket, socket.connect_to_server())))  # fmt: skip
        open_page(watched, f"{url}/?lang=en")
        mark(page)
        ask(page, ADDRESS)
        expect_answer(page, NEAREST, ADDRESS)
        page.context.set_offline(True)
        for socket in sockets:
            socket.close()
        page.wait_for_timeout(5_000)
        ask(page, OTHER)
        expect_lost(page, "en")
        page.context.set_offline(False)
        expect_answer(page, OTHER_NEAREST, OTHER)


def test_every_language_has_words_for_a_lost_connection() -> None:
    said = {open_translator(code)(LOST) for code in PAGE_LANGUAGES}
    assert len(said) == len(PAGE_LANGUAGES)
