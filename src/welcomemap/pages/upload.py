"""Uploaded files: bounded, checked by content and not by name, kept in the session only."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from welcomemap.errors import TooLargeError, WelcomemapError
from welcomemap.limits import run_limited
from welcomemap.pages.plain import escape_markdown
from welcomemap.sheets import MAX_BYTES, Sheet, read_table
from welcomemap.wording import Language, Text


def read_upload_table(file: UploadedFile, language: Language) -> Sheet | None:
    """Read an uploaded table; what is wrong with it is said on the page and gives ``None``."""
    content = read_upload(file, language)
    if content is None:
        return None
    try:
        sheet = run_limited(read_table, content, name=file.name)
    except WelcomemapError as error:
        refuse(error, language)
        return None
    for warning in sheet.warnings:
        st.warning(escape_markdown(str(warning)))
    return sheet


def read_upload(file: UploadedFile, language: Language, max_bytes: int = MAX_BYTES) -> bytes | None:
    """Return the bytes of an upload, or say that it is too large."""
    if file.size >= max_bytes:
        refuse(
            TooLargeError(
                f"the file has {file.size / 1e6:.1f} MB; less than {max_bytes / 1e6:g} MB is taken",
                how="Remove what is not needed, or split the file.",
            ),
            language,
        )
        return None
    return file.getvalue()


def refuse(error: WelcomemapError, language: Language) -> None:
    """Say why a file cannot be used and what to do; nothing of it was kept."""
    said = Text(
        "Diese Datei kann nicht verwendet werden. Nichts davon wurde übernommen.",
        "This file cannot be used. Nothing of it was kept.",
    )
    st.error(f"{said.in_language(language)}\n\n{escape_markdown(str(error))}")
