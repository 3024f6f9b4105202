"""The answer to a resident: what was understood, then the service points, nearest first."""

from __future__ import annotations

import math
from urllib.parse import quote as quote_url
from urllib.parse import urlsplit

import streamlit as st
from babel.numbers import format_decimal

from welcomemap.crs import unproject_point
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.locator import Locator, LocatorAnswer, NearbySite
from welcomemap.pages.answer_map import draw_answer_map
from welcomemap.pages.language import Translator
from welcomemap.pages.map_view import open_basemap, show_map
from welcomemap.pages.plain import escape_html, escape_markdown, isolate
from welcomemap.pages.reports import describe_reports
from welcomemap.wording import format_hours

SHOWN_AT_FIRST = 3
APPLE_SYSTEMS = ("iPhone", "iPad", "Macintosh")


def show_answer(answer: LocatorAnswer, locator: Locator, translate: Translator) -> None:
    """Show what became of the address, the sites as a list, and the map below it."""
    _show_address(answer.address, locator, translate)
    if answer.address.outcome in (Outcome.AMBIGUOUS, Outcome.NOT_FOUND):
        _ask_which(answer.address, translate)
    if not answer.sites:
        if answer.address.is_located and answer.address.outcome is not Outcome.OUTSIDE:
            st.info(translate("From here no office can be reached."))
        return
    st.header(translate("Nearest to you"), anchor=False)
    for rank, site in enumerate(answer.sites[:SHOWN_AT_FIRST], start=1):
        _show_site(rank, site, answer, locator, translate)
    rest = answer.sites[SHOWN_AT_FIRST:]
    if rest:
        with st.expander(translate("All other places")):
            for rank, site in enumerate(rest, start=SHOWN_AT_FIRST + 1):
                _show_site(rank, site, answer, locator, translate)
    _show_map(answer, locator, translate)
    source = answer.sites[0].facts.get("source") or _unknown(translate)
    said = translate("Source of the list: {source}", source=source)
    st.html(f'<p class="wm-source">{escape_html(said)}</p>')


def _show_map(answer: LocatorAnswer, locator: Locator, translate: Translator) -> None:
    shown = [
        (site, describe_way(site, answer.mode, translate)) for site in answer.sites[:SHOWN_AT_FIRST]
    ]
    drawn = draw_answer_map(answer, shown, locator, open_basemap(), translate)
    with st.container(key="map_box"):
        st.header(translate("Map"), anchor=False)
        st.caption(
            translate(
                "The map shows the same places as the list. The lines are straight: they show the "
                "direction, not the way."
            )
        )
        show_map(drawn, key="answer_map")


def _show_address(address: GeocodeResult, locator: Locator, translate: Translator) -> None:
    matched = isolate(escape_markdown(address.matched or ""))
    radius = isolate(format_length(address.error_radius_m or 0.0, translate))
    town = isolate(escape_markdown(locator.pack.name))
    sentences = {
        Outcome.EXACT: translate("Your address: {address}", address=matched),
        Outcome.CORRECTED: translate(
            "We read your address as: {address}. Please check that this is right.", address=matched
        ),
        Outcome.PLACE: translate("This place: {address}", address=matched),
        Outcome.RANGE: translate("We use the middle of {address}.", address=matched),
        Outcome.INTERPOLATED: translate(
            "We know the street, but not exactly where this house is. We estimate its place "
            "between its neighbours: {address}. It may be off by up to {radius}.",
            address=matched, radius=radius,
        ),
        Outcome.NEAREST_NUMBER: translate(
            "We do not know this house number. We use the nearest one: {address}. "
            "It may be off by up to {radius}.",
            address=matched, radius=radius,
        ),
        Outcome.STREET: translate(
            "We only know where the street is, not the house: {address}. "
            "All ways may be off by up to {radius}.",
            address=matched, radius=radius,
        ),
        Outcome.AMBIGUOUS: translate("There is more than one such address."),
        Outcome.OUTSIDE: translate(
            "This address is in another town. Here you find only offices in {town}.", town=town
        ),
        Outcome.NOT_FOUND: translate(
            "We did not find this address in {town}. Please check how it is written, "
            "or type only the street.",
            town=town,
        ),
    }  # fmt: skip
    if address.unread:
        words = isolate(escape_markdown(", ".join(address.unread)))
        sentences[address.outcome] = translate(
            "We do not know what this part of your address means: {words}. Please check.",
            words=words,
        )
    is_sure = address.outcome in (Outcome.EXACT, Outcome.PLACE, Outcome.RANGE)
    (st.success if is_sure else st.warning)(sentences[address.outcome])
    if address.district is not None:
        st.write(translate("Your district: {district}", district=address.district))
    if address.contradictions:
        st.warning(
            translate("The postcode or the part of town does not fit this address. Please check.")
        )


def _ask_which(address: GeocodeResult, translate: Translator) -> None:
    if not address.alternatives:
        return
    st.header(translate("Which address do you mean?"), anchor=False)
    for number, alternative in enumerate(address.alternatives):
        label = isolate(escape_markdown(alternative.label))
        st.button(label, key=f"alternative_{number}", on_click=_submit, args=(alternative.label,))


def _submit(address: str) -> None:
    st.session_state["address_submitted"] = address


def _show_site(
    rank: int, site: NearbySite, answer: LocatorAnswer, locator: Locator, translate: Translator
) -> None:
    with st.container(border=True, key=f"site_{rank}"):
        st.html(describe_site(rank, site, answer, translate))
        st.link_button(
            translate("Open the way in my map app"),
            link_way(site, locator, st.context.headers.get("User-Agent", "")),
        )


def link_way(site: NearbySite, locator: Locator, browser: str) -> str:
    """Return the address that opens a site in the map app of a visitor's own machine.

    ``geo:`` (RFC 5870) everywhere but on Apple's systems, whose map app answers to ``maps:``. Where
    a site has moved and nobody here knows the new place, the map app is asked for the new address.

    Parameters
    ----------
    browser
        The ``User-Agent`` header.
    """
    lat, lon = unproject_site(site, locator)
    is_apple = any(system in browser for system in APPLE_SYSTEMS)
    if site.is_way_to_old_place:
        asked = quote_url(f"{site.address_to_go_to}, {locator.pack.name}", safe="")
        return f"maps:?daddr={asked}" if is_apple else f"geo:0,0?q={asked}"
    if is_apple:
        return f"maps:?daddr={lat},{lon}"
    label = quote_url(f"{site.name}, {site.address_to_go_to}", safe="")
    return f"geo:{lat},{lon}?q={lat},{lon}({label})"


def unproject_site(site: NearbySite, locator: Locator) -> tuple[float, float]:
    """Return latitude and longitude of a site in degrees, to about 1 m."""
    lat, lon = unproject_point(site.x, site.y, crs=locator.pack.crs)
    return round(lat, 5), round(lon, 5)


def describe_site(rank: int, site: NearbySite, answer: LocatorAnswer, translate: Translator) -> str:
    """Describe a site as HTML; every text from data is escaped."""
    way, basis = describe_length(site, answer.mode, translate), describe_basis(site, translate)
    facts = [
        (
            translate("Way"),
            f'{escape_html(way)}<span class="wm-basis">{escape_html(basis)}</span>',
        ),
        (translate("Address"), f'<bdi lang="de">{escape_html(site.address_to_go_to)}</bdi>'),
        (translate("Run by"), f'<bdi lang="de">{escape_html(site.operator)}</bdi>'),
        (translate("District"), escape_html(_describe_district(site, translate))),
        (translate("Opening hours"), _describe_hours(site, translate)),
        (translate("Phone"), _describe_phones(site, translate)),
        (translate("Languages"), escape_html(site.facts.get("languages") or _unknown(translate))),
        *_describe_website(site, translate),
    ]
    rows = "".join(f"<div><dt>{escape_html(k)}</dt><dd>{v}</dd></div>" for k, v in facts)
    told = escape_html(" ".join(describe_reports(site, translate)))
    warning = f'<p class="wm-disputed"><strong>{told}</strong></p>' if told else ""
    return (
        f'<article class="wm-site"><h3>{rank}. <bdi lang="de">{escape_html(site.name)}</bdi></h3>'
        f"{warning}<dl>{rows}</dl></article>"
    )


def describe_way(site: NearbySite, mode: str, translate: Translator) -> str:
    """Say how long the way is, and whether that is an estimate."""
    return f"{describe_length(site, mode, translate)}, {describe_basis(site, translate)}"


def describe_length(site: NearbySite, mode: str, translate: Translator) -> str:
    """Say how long the way is in minutes, and in metres where it is not by line."""
    whole = max(1, math.ceil(site.duration_min))
    minutes = (
        translate("1 minute")
        if whole == 1
        else translate("{n} minutes", n=format_count(whole, translate))
    )
    length = "" if site.distance_m is None else f" ({format_length(site.distance_m, translate)})"
    way = {
        "walk": translate("{minutes} on foot", minutes=minutes),
        "cycle": translate("{minutes} by bicycle", minutes=minutes),
        "transit": translate("{minutes} by bus and train", minutes=minutes),
    }[mode]
    return f"{way}{length}"


def describe_basis(site: NearbySite, translate: Translator) -> str:
    """Say whether the way was measured along streets, or estimated within which bounds."""
    if site.basis == "streets":
        return translate("measured along known streets")
    low, high = (format_count(math.ceil(bound), translate) for bound in site.interval_min)
    if site.basis == "mixed":
        return translate("partly estimated, between {low} and {high} minutes", low=low, high=high)
    return translate("estimated, between {low} and {high} minutes", low=low, high=high)


def _describe_district(site: NearbySite, translate: Translator) -> str:
    located = _unknown(translate) if site.district is None else str(site.district)
    served = [part.strip() for part in site.stated_districts.split(";") if part.strip()]
    if served and served != [located]:
        return translate(
            "{located} (said to serve: {served})", located=located, served=", ".join(served)
        )
    return located


def _describe_hours(site: NearbySite, translate: Translator) -> str:
    hours = site.facts.get("opening_hours")
    if not hours:
        return escape_html(_unknown(translate))
    said = escape_html(translate("{hours}", hours=format_hours(hours, translate.language.locale)))
    as_of = site.facts.get("opening_hours_as_of")
    if site.is_open_now is None and as_of:
        old = translate("as reported in {year}; this may have changed", year=as_of[:4])
        return f"{said} – {escape_html(old)}"
    if site.is_open_now is None:
        return said
    now = translate("open now") if site.is_open_now else translate("closed now")
    return f"{said} – <strong>{escape_html(now)}</strong>"


def _describe_phones(site: NearbySite, translate: Translator) -> str:
    numbers = [part.strip() for part in site.facts.get("phone", "").split(";") if part.strip()]
    links = []
    for number in numbers:
        digits = "".join(c for c in number if c.isdigit())
        link = f'<a href="tel:{digits}" dir="ltr">{escape_html(number)}</a>'
        links.append(f'<span class="wm-phone">{link}</span> ')
    return "".join(links) or escape_html(_unknown(translate))


def _describe_website(site: NearbySite, translate: Translator) -> list[tuple[str, str]]:
    url = site.facts.get("url", "")
    if urlsplit(url).scheme not in ("http", "https"):
        return []
    host = escape_html(urlsplit(url).hostname or "")
    link = f'<a href="{escape_html(url)}" target="_blank" rel="noreferrer noopener">{host}</a>'
    return [(translate("Website"), link)]


def _unknown(translate: Translator) -> str:
    return translate("not known")


def format_count(value: float, translate: Translator) -> str:
    """Write a whole number as the language writes it."""
    return str(format_decimal(round(value), format="#,##0", locale=translate.language.locale))


def format_length(metres: float, translate: Translator) -> str:
    """Write a length: rounded to 10 m below 1,000 m, else in kilometres with one decimal."""
    rounded = round(metres / 10) * 10
    if rounded < 1000:
        return translate("{n} m", n=format_count(max(rounded, 10), translate))
    kilometres = format_decimal(metres / 1000, format="0.0", locale=translate.language.locale)
    return translate("{n} km", n=kilometres)
