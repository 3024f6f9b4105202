"""A planner on the real pages without a browser: widgets, links, history, reload, files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from welcomemap.errors import UsageError
from welcomemap.pages import compare, coverage, export, linked, own, own_data, script
from welcomemap.report.study_file import SavedStudy, write_study
from welcomemap.study.anywhere import AnywhereRequest
from welcomemap.study.requests import SiteRequest

INSIDE, OUTSIDE = (51.2580, 6.7500), (52.5, 13.4)
NO_FILES: tuple[Any, ...] = ()


class Visitor:
    """One visitor's browser: the page it shows, its address, its history.

    Attributes
    ----------
    asked
        What the last run of the page asked the library for.
    papers
        Requests of papers, in order.
    saved
        The study file that the export page offered last.
    entered
        The address that the visitor last went back or forward to.
    """

    def __init__(self, page: str = "coverage", **address: str) -> None:
        self.asked: list[Any] = []
        self.papers: list[Any] = []
        self.saved = b""
        self.entered: dict[str, Any] = {}
        self._is_through_history = False
        self.history: list[tuple[str, dict[str, Any]]] = []
        self.at = 0
        self._open(page, {"lang": "de", **address})

    def _open(self, page: str, address: dict[str, Any]) -> None:
        self.app = AppTest.from_file(str(Path(script.__file__)), default_timeout=120)
        self.page = page
        self.app.query_params = dict(address)
        self.history[self.at :] = [(page, dict(address))]
        self._run()

    def _run(self) -> None:
        self.asked.clear()
        self.app._page_hash = calc_hash(self.page)
        with self._watched():
            self.app.run()
        assert not self.app.exception, self.app.exception
        now = (self.page, dict(self.app.query_params))
        if self._is_through_history:
            # The browser replaces an address that is written while it goes through its history.
            self.history[self.at] = now
        elif now != self.history[self.at]:
            self.history[self.at + 1 :] = [now]
            self.at += 1

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Run the pages without drawing, and note what they ask for."""
        answer, weigh_again = own.answer, compare.weigh_again

        def note(key: Any, compute: Callable[[], Any], *, is_private: bool) -> Any:
            self.asked.append(key)
            if isinstance(key, (AnywhereRequest, SiteRequest)):
                raise UsageError("not computed in this test")
            return answer(key, compute, is_private=is_private)

        def weigh(found: Any, weights: Any) -> Any:
            self.asked.append(weights)
            return weigh_again(found, weights)

        def write_paper(_pack: object, request: Any, *_: object, **__: object) -> tuple[Any, ...]:
            self.papers.append(request)
            return NO_FILES

        def save(study: SavedStudy) -> bytes:
            self.saved = write_study(study)
            return self.saved

        with (
            patch.object(own, "answer", note),
            patch.object(own, "run_limited", run_here),
            patch.object(own_data, "run_limited", run_here),
            patch.object(export, "run_limited", run_here),
            patch.object(linked, "goes_through_history", lambda: self._is_through_history),
            patch.object(coverage, "draw_view", lambda *_: None),
            patch.object(coverage, "draw_changes", lambda *_: None),
            patch.object(coverage, "show_map", show_buttons),
            patch.object(compare, "draw_candidates", lambda *_, **__: None),
            patch.object(compare, "show_map", show_buttons),
            patch.object(compare, "weigh_again", weigh),
            patch.object(export, "_make_map", lambda _: b""),
            patch.object(export, "write_paper", write_paper),
            patch.object(export, "write_study", save),
        ):
            yield

    # --- what a visitor does ---

    def set(self, kind: str, name: str, value: Any) -> None:
        """Give a widget of the page another value."""
        self.widget(kind, name).set_value(value)
        self._run()

    def press(self, key: str) -> None:
        """Press a button by its key, or one of a form by its words."""
        found = [one for one in self.app.button if key in (one.key, one.label)]
        found[0].click()
        self._run()

    def follow(self, page: str) -> None:
        """Follow a link of the side bar."""
        self.app.query_params = self.links()[page]
        self.page = page
        self._run()

    def step(self, by: int) -> bool:
        """Go back (-1) or forward (1); tell whether there was anywhere to go."""
        if not 0 <= self.at + by < len(self.history):
            return False
        self.at += by
        self.page, self.entered = self.history[self.at]
        self.app.query_params = dict(self.entered)
        self._is_through_history = True
        self._run()
        self._is_through_history = False
        return True

    def reload(self) -> None:
        """Load the page's address in a new session."""
        self._open(self.page, dict(self.app.query_params))

    def upload(self, name: str, content: bytes, button: str) -> None:
        """Choose a file and press the button of its form."""
        self.app.file_uploader[0].set_value((name, content, "application/octet-stream"))
        self.press(button)

    # --- what a visitor sees ---

    @property
    def address(self) -> dict[str, Any]:
        """The page's address."""
        return dict(self.app.query_params)

    def widget(self, kind: str, name: str) -> Any:
        """Return a widget of the page."""
        return getattr(self.app, kind)(key=f"{self.page}_{name}")

    def links(self) -> dict[str, dict[str, str]]:
        """Return the addresses that the links of the side bar lead to, by page."""
        return {
            link.proto.page: dict(parse_qsl(link.proto.query_string, keep_blank_values=True))
            for link in self.app.get("page_link")
        }

    def figures(self) -> list[str]:
        """Return the page's tables and figures as rows of text, as somebody reads them."""
        shown = "".join(str(one.proto.body) for one in self.app.get("html"))
        rows = re.findall(r"<(?:tr|div)>(.*?)</(?:tr|div)>", shown, re.DOTALL)
        return [html.unescape(re.sub(r"(<[^>]*>)+", "|", row)).strip("|") for row in rows]

    def said(self) -> list[str]:
        """Return the warnings of the page."""
        return [one.value for one in self.app.warning]


def run_here(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Stand in for a process with limits, which takes a second to start."""
    return work(*arguments, **named)


def show_buttons(
    _: object,
    *,
    key: str,
    on_pick: Callable[[str], None] | None = None,
    on_place: Callable[[float, float], None] | None = None,
) -> None:
    """Stand in for the map: buttons for what can be done on it."""
    if on_pick is not None:
        for number in (1, 2, 3):
            st.button(f"{key} {number}", on_click=on_pick, args=(f"area:district-{number}",))
    if on_place is not None:
        st.button(f"{key} inside", on_click=on_place, args=INSIDE)
        st.button(f"{key} outside", on_click=on_place, args=OUTSIDE)
