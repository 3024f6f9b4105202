"""The residents' page: search, answer, and the map of the ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from urllib.parse import quote as quote_url
from urllib.parse import urlsplit

import streamlit as st
from babel.dates import format_date
from babel.numbers import format_decimal
from shapely.geometry import LineString

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, Frame, MapArea, MapSite, MapWay, list_sources
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.sheet import SheetMap
from welcomemap.cartography.views import draw_answer
from welcomemap.crs import unproject_point
from welcomemap.dates import read_iso_date
from welcomemap.describe.nouns import has_own_name, read_noun
from welcomemap.errors import InputError
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.geocoding.reasons import AreasWithoutAddresses
from welcomemap.pages.map_view import open_basemap, show_map
from welcomemap.pages.search import MAX_QUERY_LENGTH, SearchWords, search_field
from welcomemap.pages.session import open_study, speak
from welcomemap.pages.switch import switch_language
from welcomemap.pages.widgets import escape_html, escape_markdown, isolate
from welcomemap.region.disputes import Dispute, OtherReading
from welcomemap.study.nearest import LocatorAnswer, NearbySite
from welcomemap.study.study import Study
from welcomemap.style import Sign
from welcomemap.travel.impedance import MODES, Mode
from welcomemap.wording import LANGUAGES, Translator, capitalise, format_hours, has_clock_times


def describe_reports(site: NearbySite, translate: Translator) -> tuple[str, ...]:
    """Say what reports have against the list, and what to do; empty where nothing is."""
    told = [
        _describe(report, site, translate)
        for report in site.reported.reports
        if report.reading is not OtherReading.MARKED
    ]
    if site.is_disputed and not told:
        told.append(translate("Sources disagree whether this office is still there."))
    if site.is_way_to_old_place:
        told.append(
            translate("We do not know where the new address is. The way shown is to the old one.")
        )
    return (*told, translate("Please call first.")) if told else ()


def _describe(report: Dispute, site: NearbySite, translate: Translator) -> str:
    said = {
        "source": isolate(_name_source(report)),
        "date": isolate(format_report_date(report.date, translate)),
        "address": isolate(report.address),
    }
    if report.reading is OtherReading.MOVED:
        return translate(
            "According to {source}, {date}, this office has moved to {address}. "
            "The list still has the old address: {old}.",
            old=isolate(site.address), **said,
        )  # fmt: skip
    if report.names_a_house:
        return translate("According to {source}, {date}, this office has closed.", **said)
    return translate(
        "According to {source}, {date}, an office in {address} has closed. It may be this one.",
        **said,
    )


def _name_source(report: Dispute) -> str:
    """Name the source; the date that many carry at their end is said beside it, in words."""
    return report.source.removesuffix(report.date.replace("-", "/")).strip() or report.source


def format_report_date(text: str, translate: Translator) -> str:
    """Write an ISO date, month or year as the language writes it; other texts stay."""
    locale = translate.language.locale
    date = read_iso_date(text)
    if date is None:
        return text
    pattern = ("y", "MMMM y", "long")[text.count("-")]
    return str(format_date(date.first, format=pattern, locale=locale))


def draw_answer_map(
    answer: LocatorAnswer,
    sites: Sequence[tuple[NearbySite, str]],
    study: Study,
    basemap: Basemap,
    translate: Translator,
) -> SheetMap:
    """Draw an address and the places near it.

    Parameters
    ----------
    sites
        Each place with its way in words, nearest first.
    """
    address, pack = answer.address, study.pack
    home = MapSite(
        key="address",
        name=translate("Your address"),
        sign=Sign.ADDRESS,
        x=address.x,
        y=address.y,
        error_radius_m=address.error_radius_m,
    )
    signs = [
        MapSite(
            key=site.id,
            name=site.name,
            sign=Sign.DISPUTED if site.is_disputed else Sign.OPEN,
            x=site.x,
            y=site.y,
            rank=str(rank),
            facts=(
                Fact(translate("Way"), way),
                Fact(translate("Address"), site.address_to_go_to),
            ),
            warnings=(*describe_reports(site, translate), *describe_precision(site, translate)),
            error_radius_m=site.known_within_m,
        )
        for rank, (site, way) in enumerate(sites, start=1)
    ]
    ways = [
        MapWay(LineString([(address.x, address.y), (site.x, site.y)]), is_estimate=True)
        for site, _ in sites
    ]
    districts = [
        MapArea(f"district-{d}", name, name, shape)
        for d, shape in zip(pack.districts["district"], pack.districts.geometry, strict=True)
        for name in (name_district(study, d, translate),)
    ]
    frame = Frame(title=translate("Map"), sources=list_sources(pack), crs=pack.crs)
    return draw_answer(home, signs, ways, Scene(frame, basemap, translate, districts))


SHOWN_AT_FIRST = 3
APPLE_SYSTEMS = ("iPhone", "iPad", "Macintosh")


def show_answer(answer: LocatorAnswer, study: Study, translate: Translator) -> None:
    """Show what became of the address, the sites as a list, and the map below it."""
    _show_address(answer.address, study, translate)
    if answer.address.outcome in (Outcome.AMBIGUOUS, Outcome.NOT_FOUND):
        _ask_which(answer.address, translate)
    if not answer.sites:
        if answer.address.is_located and answer.address.outcome is not Outcome.OUTSIDE:
            st.info(translate("From here no office can be reached."))
        _show_without_place(answer.without_place, study, translate)
        return
    st.header(translate("Nearest to you"), anchor=False)
    for rank, site in enumerate(answer.sites[:SHOWN_AT_FIRST], start=1):
        _show_site(rank, site, answer, study, translate)
    rest = answer.sites[SHOWN_AT_FIRST:]
    if rest:
        with st.expander(translate("All other places")):
            for rank, site in enumerate(rest, start=SHOWN_AT_FIRST + 1):
                _show_site(rank, site, answer, study, translate)
    _show_without_place(answer.without_place, study, translate)
    _show_map(answer, study, translate)
    source = answer.sites[0].facts.get("source") or _unknown(translate)
    said = translate("Source of the list: {source}", source=source)
    st.html(f'<p class="wm-source">{escape_html(said)}</p>')


def _show_without_place(sites: Sequence[NearbySite], study: Study, translate: Translator) -> None:
    """Show the offices of which nobody knows where they are: they may be the nearest ones."""
    if not sites:
        return
    st.subheader(translate("Place not known"), anchor=False)
    st.write(translate("We do not know where these offices are. Please call them or ask there."))
    for number, site in enumerate(sites):
        with st.container(border=True, key=f"without_place_{number}"):
            st.html(describe_site(None, site, [], study, translate))


def _show_map(answer: LocatorAnswer, study: Study, translate: Translator) -> None:
    shown = [
        (site, describe_way(site, answer.mode, translate)) for site in answer.sites[:SHOWN_AT_FIRST]
    ]
    drawn = draw_answer_map(answer, shown, study, open_basemap(), translate)
    with st.container(key="map_box"):
        st.header(translate("Map"), anchor=False)
        st.caption(
            translate(
                "The map shows the same places as the list. The lines are straight: they show the "
                "direction, not the way."
            )
        )
        show_map(drawn, key="answer_map")


def _show_address(address: GeocodeResult, study: Study, translate: Translator) -> None:
    matched = isolate(escape_markdown(address.matched or ""))
    radius = isolate(format_length(address.error_radius_m or 0.0, translate))
    town = isolate(escape_markdown(study.pack.name))
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
    if len(address.alternatives) == 1:
        sentences[Outcome.AMBIGUOUS] = translate("We do not know this address.")
    lacking = [note for note in address.notes if isinstance(note, AreasWithoutAddresses)]
    if lacking:
        sentences[Outcome.NOT_FOUND] = translate(
            "We did not find this address in {town}.", town=town
        )
    if address.unread:
        sentences[address.outcome] = translate(
            "We do not know what this part of your address means: {words}. Please check.",
            words=isolate(escape_markdown(", ".join(address.unread))),
        )
    is_sure = address.outcome in (Outcome.EXACT, Outcome.PLACE, Outcome.RANGE)
    (st.success if is_sure else st.warning)(sentences[address.outcome])
    for note in lacking:
        st.warning(_tell_lacking(note, translate))
    if address.district is not None:
        area = escape_markdown(name_district(study, address.district, translate))
        st.write(translate("Your address lies here: {area}", area=isolate(area)))
    if address.contradictions:
        st.warning(
            translate("The postcode or the part of town does not fit this address. Please check.")
        )


def _tell_lacking(note: AreasWithoutAddresses, translate: Translator) -> str:
    """Say where no address is known: nobody there has written anything wrong."""
    return translate(
        "In {n} of {all} parts of the town we know no addresses: {names}. If you live there, we "
        "cannot find your address, however you write it.",
        n=format_count(note.n_areas, translate), all=format_count(note.n_all, translate),
        names=isolate(escape_markdown(", ".join(note.names))),
    )  # fmt: skip


def name_district(study: Study, number: int, translate: Translator) -> str:
    """Name a district by the region's own word for it, and by its name where it has one.

    A language in which the region has no word for it has a general one.
    """
    word = _word_district(study, translate)
    named = study.pack.districts.loc[study.pack.districts["district"] == number, "name"]
    name = str(named.iloc[0]) if len(named) else ""
    return f"{word} {number} {name}" if has_own_name(number, name) else f"{word} {number}"


def _word_district(study: Study, translate: Translator) -> str:
    words = study.pack.region["district_word"]
    return capitalise(str(words.get(translate.language.locale) or translate("District")))


def _ask_which(address: GeocodeResult, translate: Translator) -> None:
    if not address.alternatives:
        return
    is_one = len(address.alternatives) == 1
    asked = (
        translate("Do you mean this one?") if is_one else translate("Which address do you mean?")
    )
    st.header(asked, anchor=False)
    for number, alternative in enumerate(address.alternatives):
        label = isolate(escape_markdown(alternative.label))
        st.button(label, key=f"alternative_{number}", on_click=_submit, args=(alternative.label,))


def _submit(address: str) -> None:
    st.session_state["address_submitted"] = address


def _show_site(
    rank: int, site: NearbySite, answer: LocatorAnswer, study: Study, translate: Translator
) -> None:
    with st.container(border=True, key=f"site_{rank}"):
        way = describe_length(site, answer.mode, translate)
        basis = describe_basis(site, translate)
        told = f'{escape_html(way)}<span class="wm-basis">{escape_html(basis)}</span>'
        st.html(describe_site(rank, site, [(translate("Way"), told)], study, translate))
        st.link_button(
            translate("Open the way in my map app"),
            link_way(site, study, st.context.headers.get("User-Agent", "")),
        )


def link_way(site: NearbySite, study: Study, browser: str) -> str:
    """Return the address that opens a site in the map app of a visitor's own machine.

    ``geo:`` (RFC 5870) everywhere but on Apple's systems, whose map app answers to ``maps:``. Where
    nobody here knows the place, as of a site that has moved or whose street alone is known, the map
    app is asked for the address.

    Parameters
    ----------
    browser
        The ``User-Agent`` header.
    """
    lat, lon = unproject_site(site, study)
    is_apple = any(system in browser for system in APPLE_SYSTEMS)
    if site.is_way_to_old_place or site.known_within_m is not None:
        asked = quote_url(f"{site.address_to_go_to}, {study.pack.name}", safe="")
        return f"maps:?daddr={asked}" if is_apple else f"geo:0,0?q={asked}"
    if is_apple:
        return f"maps:?daddr={lat},{lon}"
    label = quote_url(f"{site.name}, {site.address_to_go_to}", safe="")
    return f"geo:{lat},{lon}?q={lat},{lon}({label})"


def unproject_site(site: NearbySite, study: Study) -> tuple[float, float]:
    """Return latitude and longitude of a site in degrees, to about 1 m."""
    lat, lon = unproject_point(site.x, site.y, crs=study.pack.crs)
    return round(lat, 5), round(lon, 5)


def describe_precision(site: NearbySite, translate: Translator) -> tuple[str, ...]:
    """Say that no more than the street of a site is known; empty where the house is."""
    if site.known_within_m is None:
        return ()
    radius = isolate(format_length(site.known_within_m, translate))
    return (
        translate(
            "We only know the street of this office. It may be up to {radius} away from where the "
            "map shows it.",
            radius=radius,
        ),
    )


def describe_site(
    rank: int | None,
    site: NearbySite,
    way: Sequence[tuple[str, str]],
    study: Study,
    translate: Translator,
) -> str:
    """Describe a site as HTML; every text from data is escaped.

    Parameters
    ----------
    rank, way
        Its number among the nearest, and the heading and HTML of the way to it; none where its
        place is not known.
    """
    operator = f'<bdi lang="de">{escape_html(site.operator)}</bdi>'
    district = _describe_district(site, translate)
    facts = [
        *way,
        (translate("Address"), f'<bdi lang="de">{escape_html(site.address_to_go_to)}</bdi>'),
        *([(translate("Run by"), operator)] if site.operator else []),
        *([(_word_district(study, translate), escape_html(district))] if district else []),
        (translate("Opening hours"), _describe_hours(site, translate)),
        (translate("Phone"), _describe_phones(site, translate)),
        (translate("Languages"), escape_html(site.facts.get("languages") or _unknown(translate))),
        *_describe_website(site, translate),
    ]
    rows = "".join(f"<div><dt>{escape_html(k)}</dt><dd>{v}</dd></div>" for k, v in facts)
    against = (*describe_reports(site, translate), *describe_precision(site, translate))
    told = escape_html(" ".join(against))
    warning = f'<p class="wm-disputed"><strong>{told}</strong></p>' if told else ""
    number = "" if rank is None else f"{rank}. "
    return (
        f'<article class="wm-site"><h3>{number}<bdi lang="de">{escape_html(site.name)}</bdi></h3>'
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
    """Tell where a site lies and whom it is said to serve; nothing where neither is known."""
    if site.district is None and not site.stated_districts:
        return ""
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
    written = format_hours(hours, translate.language.locale)
    # What somebody wrote in words of their own needs none of ours beside it.
    is_plain = has_clock_times(hours)
    said = escape_html(translate("{hours}", hours=written) if is_plain else written)
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


FIELD = "address"
SUBMITTED = f"{FIELD}_submitted"
SHARED = f"{FIELD}_shared"


def show() -> None:
    """Show the page."""
    translate = speak()
    study = open_study()
    switch_language(translate)
    title = tell_title(study, translate)
    st.title(escape_markdown(title), anchor=False)
    st.set_page_config(page_title=title)
    _take_shared()
    search_field(
        _words(translate, study),
        lambda text: [found.label for found in study.geocoder.suggest(text, limit=6)],
        key=FIELD,
        value=st.session_state.get(SUBMITTED, ""),
        direction=translate.language.direction,
        language=translate.language.tag,
    )
    _leave_shared()
    submitted = st.session_state.get(SUBMITTED)
    if not submitted:
        st.caption(translate("What you type is not stored and not passed on to anybody."))
        return
    mode = _choose_mode(translate)
    # Hidden (page.css) from the moment another address is asked until its own answer is there.
    with st.container(key="answer"):
        answer = _find(study, submitted, mode, translate)
        if answer is None:
            return
        show_answer(answer, study, translate)
        if answer.sites or st.query_params.get("q"):
            _offer_share(submitted, translate)


def _take_shared() -> None:
    """Follow a shared link, also one that is opened later or reached with the back button."""
    shared = str(st.query_params.get("q") or "")[:MAX_QUERY_LENGTH].strip()
    if shared != st.session_state.get(SHARED, ""):
        st.session_state[SHARED] = shared
        if shared:
            st.session_state[SUBMITTED] = shared


def _leave_shared() -> None:
    """Take a shared address out of the link once another one is asked.

    After the field, which may let the page begin anew: what was sent before may never arrive.
    """
    shared = st.session_state.get(SHARED)
    if shared and st.session_state.get(SUBMITTED) != shared:
        _take_out()


def _find(study: Study, text: str, mode: Mode, translate: Translator) -> LocatorAnswer | None:
    try:
        return study.find_nearest(text, mode=mode)
    except InputError:
        st.error(translate("This cannot be read as an address. Please type street and number."))
        return None


def _choose_mode(translate: Translator) -> Mode:
    words = {
        "walk": translate("On foot"),
        "cycle": translate("By bicycle"),
        "transit": translate("By bus and train"),
    }
    chosen: Mode = st.radio(
        translate("How do you want to go there?"),
        MODES,
        format_func=lambda mode: words[mode],
        horizontal=True,
        key="way_mode",
    )
    return chosen


def _offer_share(text: str, translate: Translator) -> None:
    with st.container(key="share_box"), st.expander(translate("Share this answer")):
        st.write(
            translate(
                "The link will hold the address you typed: {address} "
                "Everybody who gets the link can read it.",
                address=f"**{isolate(escape_markdown(text))}**",
            )
        )
        st.button(
            translate("Put the address into the link"), key="share", on_click=_share, args=(text,)
        )
        if st.query_params.get("q"):
            st.write(translate("The address of this page is now the link. You can copy it."))
            st.button(translate("Take it out again"), key="unshare", on_click=_take_out)


def _share(text: str) -> None:
    st.query_params["q"] = st.session_state[SHARED] = text


def _take_out() -> None:
    """Take the address out of the link; for a click, before the page runs."""
    del st.query_params["q"]
    st.session_state[SHARED] = ""


def _words(translate: Translator, study: Study) -> SearchWords:
    if study.example_address:
        label = translate("Your address")
        hint = translate("Street and house number, for example: {example}",
                         example=study.example_address)  # fmt: skip
    else:
        label = translate("Your stop or place")
        hint = translate("A stop or a place, for example: {example}", example=study.example_place)
    return SearchWords(
        label=label,
        hint=hint,
        button=translate("Search"),
        found=translate("Suggestions: {n}", n="{n}"),
        none_found=translate("No suggestion"),
        searching=translate("Searching …"),
        lost=translate("No connection at the moment. Your question will be sent by itself as soon "
                       "as there is one again."),
    )  # fmt: skip


def tell_title(study: Study, translate: Translator) -> str:
    """Return the page's title; German and English have the kind of service point as the reader's.

    The other languages say that around the word, which they have from the region, else in English.
    """
    words, locale = study.pack.region["service_kind"], translate.language.locale
    yours = read_noun(words).your("accusative").in_language(locale)
    if locale not in LANGUAGES:
        yours = str(words.get(locale) or words["en"])
    return translate("Find {your_kind}", your_kind=yours)
