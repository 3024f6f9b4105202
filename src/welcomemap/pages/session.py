"""What the pages share: the opened region, the visitor's language and the page's frame."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import streamlit as st

from welcomemap.locator import Locator
from welcomemap.pack.load import RegionPack, find_pack, load_pack
from welcomemap.pages.language import (
    Translator,
    choose_language,
    open_translator,
    read_accept_language,
)
from welcomemap.study import Study

NO_REFERRER = (
    'if (!document.querySelector("meta[name=referrer]")) document.head.append('
    'Object.assign(document.createElement("meta"), { name: "referrer", content: "no-referrer" }));'
)
"""What stands in a page's address is told to no other site; it holds also behind any proxy."""

SKIP_LINK = (
    "{ const words = document.querySelector('a[href=\"#stMain\"]')?.firstChild;"
    " if (words?.nodeType === Node.TEXT_NODE) words.data = %s; }"
)
"""The framework's own link past the side bar, which would stay English."""


@st.cache_resource(show_spinner=False)
def _open_locator(folder: str) -> Locator:
    locator = Locator(load_pack(folder))
    locator.warm_up()
    return locator


@st.cache_resource(show_spinner=False)
def _open_study(folder: str) -> Study:
    return Study(_open_locator(folder).pack)


def open_locator() -> Locator:
    """Return the locator of the region, opened once for all visitors."""
    return _open_locator(str(find_pack()))


def open_study() -> Study:
    """Return the study of the region, opened once for all visitors."""
    return _open_study(str(find_pack()))


def open_region() -> RegionPack:
    """Return the region pack."""
    return open_locator().pack


def find_translator() -> Translator:
    """Return the translator of the language in the page's address, else of the browser's."""
    asked = st.query_params.get("lang")
    browser = read_accept_language(st.context.headers.get("Accept-Language", ""))
    return open_translator(choose_language(asked, browser))


def speak() -> Translator:
    """Return the translator of the visitor's language and set language and direction of the page.

    The language stands in the page's address, nothing else of the visitor's does.
    """
    translate = find_translator()
    set_page_language(translate)
    st.html(f"<style>{_read_style()}</style>")
    return translate


@cache
def _read_style() -> str:
    return files(__package__).joinpath("page.css").read_text("utf-8")


def set_page_language(translate: Translator) -> None:
    """Tell the browser the language and direction of the page."""
    language = translate.language
    values = json.dumps({"lang": language.tag, "dir": language.direction})
    skip = SKIP_LINK % json.dumps(translate("Skip to the content"))
    st.html(
        f"<script>Object.assign(document.documentElement, {values});{NO_REFERRER}{skip}</script>",
        unsafe_allow_javascript=True,
    )
