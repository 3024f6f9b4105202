"""Residents in a real browser: from an address to the nearest office, in their language."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import WatchedPage
from tests.cases import long, short
from tests.pages.residents import ADDRESS, NEAREST, ask, open_page, visitor, wait_for_map
from welcomemap.wording import PAGE_LANGUAGES, open_translator

pytestmark = pytest.mark.browser

DEEPEST = "(function deep(e) { return e.shadowRoot ? deep(e.shadowRoot.activeElement) : e; })"
DEEPEST += "(document.activeElement)"


def test_a_german_speaker_types_picks_a_suggestion_and_reads_the_answer(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, app_url)
    expect(page).to_have_title("Finden Sie Ihren Welcome Point")
    page.get_by_role("combobox", name="Ihre Adresse").press_sequentially("kölnr str 26", delay=30)
    page.get_by_role("option", name=ADDRESS).first.click()
    expect(
        page.get_by_text(f"Ihre Adresse: \u2068{ADDRESS}, 40211 Düsseldorf\u2069")
    ).to_be_visible()
    site = page.get_by_role("article").first
    expect(site.get_by_role("heading")).to_have_text(f"1. {NEAREST}")
    expect(site).to_contain_text("16 Minuten zu Fuß (1,1 km)")
    expect(site).to_contain_text("gemessen auf bekannten Straßen")
    expect(site).to_contain_text("Platz der Diakonie 2a, 40233 Düsseldorf")
    expect(site).to_contain_text("Diakonie Düsseldorf")
    assert site.get_by_role("link", name="0174 1510081").get_attribute("href") == "tel:01741510081"
    way = page.get_by_role("link", name="Weg in meiner Karten-App öffnen").first
    assert (way.get_attribute("href") or "").startswith("geo:51.22")
    wait_for_map(page)
    top = page.locator(".leaflet-container").bounding_box()
    last = page.get_by_role("article").nth(2).bounding_box()
    assert top is not None and last is not None and top["y"] > last["y"] + last["height"]


@pytest.mark.long
def test_an_arabic_speaker_reads_from_right_to_left(chromium: Browser, app_url: str) -> None:
    with visitor(chromium, width=390, height=844, language="ar-SY") as watched:
        page = open_page(watched, app_url)
        root = page.locator("html")
        expect(root).to_have_attribute("dir", "rtl")
        expect(root).to_have_attribute("lang", "ar")
        expect(page.locator("a[href='#stMain']")).to_have_text("الانتقال إلى المحتوى")
        ask(page, "Gumbertstr. 150")
        site = page.get_by_role("article").first
        expect(site).to_contain_text("Gumbertstraße 119")
        expect(site).to_contain_text(open_translator("ar")("Please call first."))
        label, value = (
            site.locator("dt").first.bounding_box(),
            site.locator("dd").first.bounding_box(),
        )
        assert label is not None and value is not None and label["x"] > value["x"]
        for heading in page.get_by_role("heading", level=2).all():
            assert heading.evaluate("e => getComputedStyle(e).textAlign") in ("right", "start")
        assert site.locator('bdi[lang="de"]').count() >= 3
        assert site.locator(".wm-phone a").first.get_attribute("dir") == "ltr"


@pytest.mark.parametrize("code", short(["ar"], PAGE_LANGUAGES))
def test_a_page_has_no_fault_for_screen_readers_before_and_after_an_answer(
    chromium: Browser, app_url: str, code: str
) -> None:
    with visitor(chromium) as watched:
        page = open_page(watched, f"{app_url}/?lang={code}")
        expect(page.locator("html")).to_have_attribute("lang", PAGE_LANGUAGES[code].tag)
        assert watched.list_violations() == []
        ask(page, "Gumbertstr. 150")
        wait_for_map(page)
        assert watched.list_violations() == []
        assert code == "en" or "Welcome Point" in page.title()


@pytest.mark.parametrize("code", ["ar", long("leicht"), long("de")])
def test_a_narrow_screen_needs_no_scrolling_sideways(
    chromium: Browser, app_url: str, code: str
) -> None:
    # 320 px is also what 1280 px at a zoom of 400 % leaves (WCAG 2.2, 1.4.10).
    with visitor(chromium, width=320, height=640) as watched:
        page = open_page(watched, f"{app_url}/?lang={code}")
        ask(page, "Gumbertstr. 150")
        wait_for_map(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert watched.list_violations() == []


def test_keys_alone_lead_from_the_start_to_the_answer(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=de")
    box = page.get_by_role("combobox")
    for _ in range(15):
        page.keyboard.press("Tab")
        if box.evaluate("e => e.getRootNode().activeElement === e"):
            break
    page.keyboard.type("koelner str 26", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    assert box.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").first).to_contain_text(NEAREST)
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.getAttribute('href') || '').split(':')[0]")
        )
        assert page.evaluate(DEEPEST + ".matches(':focus-visible, body')"), page.evaluate(
            DEEPEST + ".outerHTML.slice(0, 300)"
        )
    assert {"tel", "geo"} <= reached


def test_escape_closes_the_suggestions_and_the_number_of_them_is_said(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    box = page.get_by_role("combobox", name="Your address")
    box.press_sequentially("bahnhof", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Suggestions: \d$"))).to_be_attached()
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("bahnhof")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        long("Königsallee 1, Neuss", "another town"),
        long("Xyzzyqwrtz 99", "did not find this address"),
        ("Kölner Str. 998", "may be off by up to"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(
    browser_page: WatchedPage, app_url: str, typed: str, said: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, typed)
    expect(page.get_by_role("alert")).to_contain_text(said)


def test_an_unclear_address_is_asked_for_with_its_alternatives(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, "Markt 1")
    expect(page.get_by_role("heading", name="Which address do you mean?")).to_be_visible()
    choice = page.locator("[class*='st-key-alternative_0'] button")
    label = choice.inner_text().strip("\u2068\u2069")
    choice.click()
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_role("combobox")).to_have_value(label)


def test_ways_by_bicycle_and_by_bus_and_train_replace_those_on_foot(
    browser_page: WatchedPage, app_url: str
) -> None:
    page = open_page(browser_page, f"{app_url}/?lang=en")
    ask(page, "Gumbertstr. 150")
    first = page.get_by_role("article").nth(1)
    expect(first).to_contain_text("on foot")
    page.get_by_text("By bicycle").click()
    expect(first).to_contain_text("minutes by bicycle")
    page.get_by_text("By bus and train").click()
    expect(first).to_contain_text("minutes by bus and train")
    expect(first).to_contain_text("estimated, between")
