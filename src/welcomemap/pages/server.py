"""What the server does around the pages: load ahead, quiet headers, no addresses in the log."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = Path(__file__).with_name("script.py")
FAULT_LOGGERS = (
    "streamlit.error_util",
    "streamlit.runtime.app_session",
    "streamlit.runtime.scriptrunner.script_runner",
    "streamlit.runtime.scriptrunner.exec_code",
    "streamlit.runtime.state.session_state",
)
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Sent with every answer, also where no proxy stands in front."""


class QuietHeaders:
    """ASGI middleware that adds :data:`HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class QuietFaults(logging.Filter):
    """Leaves the words of an exception out of the log: they may quote what a visitor typed.

    Its kind and the lines of code it came through stay.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the exception of a record by its kind and its way through the code."""
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            way = "".join(traceback.format_tb(trace))
            record.msg = f"{record.getMessage()}: {kind.__name__}\n{way}"
            record.args, record.exc_info, record.exc_text = None, None, None
        return True


def say_fault(_error: Exception) -> bool:
    """Tell a visitor in their language that something went wrong; the log knows what."""
    from welcomemap.pages.session import find_translator  # noqa: PLC0415 - see _load_ahead

    translate = find_translator()
    st.error(translate("Something went wrong here. Please load the page again."))
    return True


MIDDLEWARE = (Middleware(QuietHeaders),)


@asynccontextmanager
async def start(_app: st.App) -> AsyncIterator[None]:
    """Read everything the first visitor would otherwise wait for; then the server is healthy.

    Raises
    ------
    WelcomemapError
        If the region pack cannot be used: the server does not start.
    """
    for name in FAULT_LOGGERS:
        logging.getLogger(name).addFilter(QuietFaults())
    await asyncio.to_thread(_load_ahead)
    # What is loaded now stays: the collector need not look through it again for each visitor.
    gc.collect()
    gc.freeze()
    yield


def _load_ahead() -> None:
    # Imported here, because the pages cost seconds that only a server needs.
    from welcomemap.pages import navigation  # noqa: F401, PLC0415
    from welcomemap.pages.figures import prepare_first  # noqa: PLC0415
    from welcomemap.pages.language import LANGUAGES, open_translator  # noqa: PLC0415
    from welcomemap.pages.map_view import open_basemap  # noqa: PLC0415
    from welcomemap.pages.session import open_locator  # noqa: PLC0415

    locator = open_locator()
    locator.find(locator.example_address)
    open_basemap()
    for code in LANGUAGES:
        open_translator(code)
    prepare_first()
