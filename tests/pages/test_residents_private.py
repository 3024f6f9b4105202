"""What a resident types stays between their browser and the server, and is kept nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import WatchedPage
from tests.pages.residents import (
    ADDRESS,
    NEAREST,
    ask,
    open_page,
    visitor,
    wait_for_map,
    wait_until_whole,
)

pytestmark = pytest.mark.browser
OTHER = "Gumbertstraße 150"


def test_only_sharing_puts_the_address_into_the_link_and_says_so(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, ADDRESS)
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)
    assert urlsplit(page.url).query == "lang=en"
    wait_until_whole(page)
    page.get_by_text("Share this answer").click()
    expect(page.get_by_text("The link will hold the address you typed")).to_contain_text(ADDRESS)
    page.get_by_role("button", name="Put the address into the link").click()
    page.wait_for_url(re.compile("q="))
    assert ADDRESS in unquote(page.url).replace("+", " ")

    page.reload()
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)
    expect(page.get_by_role("combobox")).to_have_value(ADDRESS)
    wait_until_whole(page)

    page.get_by_text("Share this answer").click()
    page.get_by_role("button", name="Take it out again").click()
    expect(page).not_to_have_url(re.compile("q="))
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)


def test_the_next_address_is_not_shared_because_the_last_one_was(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en&q=K%C3%B6lner+Stra%C3%9Fe+26")
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)
    ask(page, OTHER)
    expect(page.get_by_role("article").first).to_contain_text("Welcome Point Gumbertstraße")
    expect(page).not_to_have_url(re.compile("q="))


def test_a_reload_forgets_an_address_that_was_not_shared(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, ADDRESS)
    expect(page.get_by_role("article").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("combobox")).to_have_value("")
    assert page.get_by_role("article").count() == 0


@pytest.mark.long
def test_the_back_button_returns_to_the_language_before(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=de")
    ask(page, ADDRESS)
    expect(page.get_by_role("article").first).to_be_visible()
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)
    assert page.url.endswith("?lang=ar")
    page.go_back()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.get_by_role("article").first).to_contain_text("Minuten zu Fuß")


def test_two_visitors_at_once_do_not_see_each_other(chromium: Browser, app_url: str) -> None:
    with visitor(chromium) as one, visitor(chromium, language="uk-UA") as other:
        first, second = open_page(one, app_url), open_page(other, app_url)
        ask(first, ADDRESS)
        ask(second, OTHER)
        expect(first.get_by_role("article").first).to_contain_text(NEAREST)
        expect(second.get_by_role("article").first).to_contain_text("Welcome Point Gumbertstraße")
        expect(second.locator("html")).to_have_attribute("lang", "uk")
        expect(first.locator("html")).to_have_attribute("lang", "de")
        assert f"{OTHER}," not in first.content()
        assert f"{ADDRESS}," not in second.content()


def test_nothing_typed_reaches_an_address_a_header_or_the_log(
    browser_page: WatchedPage, app_url: str, app_log: Path
) -> None:
    typed = "Zaubernußweg 77"
    referrers: list[str] = []
    browser_page.page.on("request", lambda r: referrers.append(r.headers.get("referer", "")))
    page = open_page(browser_page, f"{app_url}/?lang=en")
    page.get_by_role("combobox").press_sequentially(typed, delay=20)
    page.get_by_role("combobox").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("did not find")
    page.goto(f"{app_url}/?lang=en&q=Zaubernu%C3%9Fweg+77")
    expect(page.get_by_role("alert")).to_contain_text("did not find")
    asked = [unquote(address) for address in browser_page.requests if "q=" not in address]
    assert not [address for address in asked if "Zaubernuß" in address]
    assert set(referrers) == {""}
    assert "Zaubernu" not in app_log.read_text("utf-8", errors="replace")
    assert page.locator("meta[name=referrer]").get_attribute("content") == "no-referrer"


@pytest.mark.long
def test_markup_in_an_address_is_shown_as_it_stands(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, "<img src=x onerror=alert(1)> **Kölner** Straße 26")
    expect(page.get_by_role("alert").first).to_be_visible()
    assert page.locator("main img").count() == 0


@pytest.mark.long
def test_the_printed_sheet_holds_the_answer_and_no_controls(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=de")
    ask(page, ADDRESS)
    wait_for_map(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.locator(".leaflet-container")).to_be_visible()
    for control in ("combobox", "radio", "button"):
        for found in page.get_by_role(control, include_hidden=True).all():
            is_sign = found.evaluate("e => e.matches('.leaflet-interactive, .wm-label')")
            assert is_sign or not found.is_visible(), found.evaluate("e => e.outerHTML")
    for link in page.get_by_role("link", name="Weg in meiner Karten-App öffnen").all():
        assert not link.is_visible()
