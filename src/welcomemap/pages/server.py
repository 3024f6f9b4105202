"""What the server does around the pages: a door, loading ahead, no addresses in the log."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import net_util, runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from welcomemap.pages.door import Door, Names, UploadBook, scratch_folder
from welcomemap.serving import (
    BY_ALL,
    BY_ONE,
    EDITABLE_VARIABLE,
    HOSTS_VARIABLE,
    require_alone,
)

SCRIPT = Path(__file__).with_name("script.py")
SWEEP_SECONDS = 15.0
LOCAL_ADDRESS = "127.0.0.1"
FAULT_LOGGERS = (
    "streamlit.error_util",
    "streamlit.runtime.app_session",
    "streamlit.runtime.scriptrunner.script_runner",
    "streamlit.runtime.scriptrunner.exec_code",
    "streamlit.runtime.state.session_state",
)


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


def list_names() -> tuple[str, ...]:
    """Return the names under which an operator lets the app be asked, beside the machine's own."""
    told = os.environ.get(HOSTS_VARIABLE, "").split(",")
    return (*told, str(st.get_option("server.address") or ""),
            str(st.get_option("browser.serverAddress") or ""))  # fmt: skip


def refuse_editing_by_others() -> None:
    """Refuse to start where the list could be changed by others than the operator meant.

    Raises
    ------
    UsageError
        See :func:`welcomemap.serving.require_alone`; and if the pack is that of the program.
    """
    from welcomemap.pages.editing import require_editable_pack  # noqa: PLC0415 - see _load_ahead

    editable = os.environ.get(EDITABLE_VARIABLE, "")
    address = str(st.get_option("server.address") or "")
    require_alone(editable, address=address, names=list_names())
    if editable in (BY_ONE, BY_ALL):
        require_editable_pack()


def ask_nobody() -> None:
    """Answer for Streamlit which address this machine has, which it asks other hosts for.

    It would do so when it prints its address and when it judges an origin; both take any answer.
    """
    net_util._internal_ip = LOCAL_ADDRESS
    net_util._external_ip = LOCAL_ADDRESS


def list_kept() -> dict[str, int]:
    """Return the sizes of the files that visitors have uploaded, by session and file."""
    if not runtime.exists():
        return {}
    stored = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    return {
        f"{session}/{name}": len(file.data)
        for session, files in list(stored.items())
        for name, file in list(files.items())
    }


def forget_uploads_of_the_gone() -> None:
    """Drop the files of visitors who have left; what they worked with waits for them a while."""
    if not runtime.exists():
        return
    server = runtime.get_instance()
    for session in list(getattr(server.uploaded_file_mgr, "file_storage", {})):
        if not server.is_active_session(session):
            server.uploaded_file_mgr.remove_session_files(session)


def answer_whom_it_does_not_know() -> None:
    """Let a session run the whole page when it is asked for a part of one that it never made.

    After two minutes without connection, or when the server was started again, a page that stands
    open in a browser asks a new session. Streamlit drops such a request without a word, so that
    the page is dead until it is loaded again.
    """
    ask = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        part = client_state.fragment_id if client_state is not None else ""
        if client_state is not None and part and not self.has_fragment(part):
            client_state.ClearField("fragment_id")
        ask(self, client_state)

    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]  # it has no hook


MIDDLEWARE = (
    Middleware(
        Door, names=Names(list_names()), uploads=UploadBook(list_kept),
        forget_gone=forget_uploads_of_the_gone,
    ),
)  # fmt: skip


@asynccontextmanager
async def start(_app: st.App) -> AsyncIterator[None]:
    """Read everything the first visitor would otherwise wait for; then the server is healthy.

    Raises
    ------
    WelcomemapError
        If the region pack cannot be used: the server does not start.
    """
    refuse_editing_by_others()
    ask_nobody()
    answer_whom_it_does_not_know()
    for name in FAULT_LOGGERS:
        logging.getLogger(name).addFilter(QuietFaults())
    with scratch_folder():
        await asyncio.to_thread(_load_ahead)
        # What is loaded now stays: the collector need not look through it again for each visitor.
        gc.collect()
        gc.freeze()
        sweeping = asyncio.create_task(_sweep())
        try:
            yield
        finally:
            sweeping.cancel()


async def _sweep() -> None:
    """Let go, again and again, of what visitors left who do not come back.

    Streamlit drops a session that was left for two minutes only when another one is left, and until
    then keeps its files and everything in it.
    """
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        forget_the_gone()


def forget_the_gone() -> None:
    """Drop the sessions, with their files, of visitors who left more than two minutes ago."""
    manager = getattr(runtime.get_instance(), "_session_mgr", None)
    storage = getattr(manager, "_session_storage", None)
    expire = getattr(getattr(storage, "_cache", None), "expire", None)
    if expire is not None and expire():
        gc.collect()
    forget_uploads_of_the_gone()


def _load_ahead() -> None:
    # Imported here, because the pages cost seconds that only a server needs.
    from welcomemap.pages import navigation  # noqa: F401, PLC0415 - see above
    from welcomemap.pages.figures import prepare_first  # noqa: PLC0415 - see above
    from welcomemap.pages.map_view import open_basemap  # noqa: PLC0415 - see above
    from welcomemap.pages.session import open_study  # noqa: PLC0415 - see above
    from welcomemap.wording import PAGE_LANGUAGES, open_translator  # noqa: PLC0415 - see above

    study = open_study()
    example = study.example_address or study.example_place
    if example and study.pack.has_layer("service_points"):
        study.find_nearest(example)
    open_basemap()
    for code in PAGE_LANGUAGES:
        open_translator(code)
    prepare_first()
