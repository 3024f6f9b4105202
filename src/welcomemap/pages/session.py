"""What the pages share: the opened region, the visitor's language and the page's frame."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import streamlit as st

from welcomemap.pages.widgets import escape_html
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, find_pack, load_pack
from welcomemap.study.study import Study
from welcomemap.wording import DEFAULT_LANGUAGE, PAGE_LANGUAGES, Translator, open_translator


def choose_language(asked: str | None, browser: Sequence[str]) -> str:
    """Choose a language: from the page's address, else the browser's first known, else German.

    Parameters
    ----------
    asked
        Value of ``lang`` in the address.
    browser
        BCP 47 tags in order of preference.
    """
    if asked in PAGE_LANGUAGES:
        return str(asked)
    for tag in browser:
        primary = tag.strip().lower().split("-")[0]
        if primary in PAGE_LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE


def read_accept_language(header: str) -> tuple[str, ...]:
    """Read the browser's ``Accept-Language`` header into tags, best first (RFC 9110, 12.5.4)."""
    weighted = []
    for position, part in enumerate(header[:500].split(",")[:20]):
        tag, _, parameter = part.strip().partition(";")
        quality = 1.0
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
        if tag and quality > 0:
            weighted.append((-quality, position, tag))
    return tuple(tag for _, _, tag in sorted(weighted))


Stamp = tuple[int, int, int]
"""Of a manifest: another one once the pack has changed."""
KEPT_PACKS = 2
"""The pack as it is, and as it was for those whose page is still being made."""
STAMP = "pack_stamp"


@st.cache_resource(show_spinner=False, max_entries=KEPT_PACKS)
def _open_study(folder: str, stamp: Stamp) -> Study:
    _ = stamp
    study = Study(load_pack(folder))
    study.warm_up()
    return study


def look_at_pack() -> None:
    """Note which pack there is now: this run of the page shows that one, from its first line on."""
    st.session_state[STAMP] = _read_stamp()


def _read_stamp() -> Stamp:
    seen = (find_pack() / MANIFEST_NAME).stat()
    return seen.st_mtime_ns, seen.st_ino, seen.st_size


def _key() -> tuple[str, Stamp]:
    return str(find_pack()), st.session_state.get(STAMP) or _read_stamp()


def open_study() -> Study:
    """Return the study of the region, opened once for all visitors."""
    return _open_study(*_key())


def open_region() -> RegionPack:
    """Return the region pack."""
    return open_study().pack


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
    st.html(f"<style>{read_asset('page.css')}</style>")
    return translate


def set_page_language(translate: Translator) -> None:
    """Tell the browser the language and direction of the page."""
    language = translate.language
    words = {"lang": language.tag, "dir": language.direction,
             "skip": translate("Skip to the content")}  # fmt: skip
    run_script("page.js", words)


def run_script(name: str, words: Mapping[str, str]) -> None:
    """Run a script of this room in the page, with words it finds in its ``data-words``.

    The script's own text never changes: a browser knows it by its hash and runs no other
    (:data:`welcomemap.pages.door.POLICY`).
    """
    said = escape_html(json.dumps(words))
    st.html(
        f'<script data-words="{said}">{read_asset(name)}</script>', unsafe_allow_javascript=True
    )


@cache
def read_asset(name: str) -> str:
    """Return the text of a script or style sheet of this room."""
    return files(__package__).joinpath(name).read_text("utf-8")
