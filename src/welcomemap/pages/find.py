"""For residents: one address, and the nearest service points as a list, then as a map."""

from __future__ import annotations

import streamlit as st

from welcomemap.errors import InputError
from welcomemap.locator import Locator, LocatorAnswer
from welcomemap.pages.answer import show_answer
from welcomemap.pages.language import Translator
from welcomemap.pages.plain import escape_markdown, isolate
from welcomemap.pages.search import MAX_QUERY_LENGTH, SearchWords, search_field
from welcomemap.pages.session import open_locator, speak
from welcomemap.pages.switch import switch_language
from welcomemap.travel.impedance import MODES, Mode

FIELD = "address"
SUBMITTED = f"{FIELD}_submitted"
SHARED = f"{FIELD}_shared"


def show() -> None:
    """Show the page."""
    translate = speak()
    locator = open_locator()
    switch_language(translate)
    kind = _service_kind(locator, translate)
    st.title(translate("Find your {kind}", kind=escape_markdown(kind)), anchor=False)
    st.set_page_config(page_title=translate("Find your {kind}", kind=kind))
    _take_shared()
    search_field(
        _words(translate, locator),
        lambda text: [found.label for found in locator.geocoder.suggest(text, limit=6)],
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
        answer = _find(locator, submitted, mode, translate)
        if answer is None:
            return
        show_answer(answer, locator, translate)
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


def _find(locator: Locator, text: str, mode: Mode, translate: Translator) -> LocatorAnswer | None:
    try:
        return locator.find(text, mode=mode)
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


def _words(translate: Translator, locator: Locator) -> SearchWords:
    return SearchWords(
        label=translate("Your address"),
        hint=translate("Street and house number, for example: {example}",
                       example=locator.example_address),
        button=translate("Search"),
        found=translate("Suggestions: {n}", n="{n}"),
        none_found=translate("No suggestion"),
        searching=translate("Searching …"),
        lost=translate("No connection at the moment. Your question will be sent by itself as soon "
                       "as there is one again."),
    )  # fmt: skip


def _service_kind(locator: Locator, translate: Translator) -> str:
    words = locator.pack.region["service_kind"]
    return str(words.get(translate.language.locale) or words["en"])
