"""The operator puts a changed list into force from the app, and takes it back.

Only where the app was started for it (:data:`welcomemap.serving.EDITABLE_VARIABLE`), for the pack
that all visitors share, and after a confirmation: each is asked again where something is written,
for what a browser sends is no proof of what its page showed.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st

from welcomemap.errors import UsageError, WelcomemapError
from welcomemap.ingest.changed_sites import (
    find_last_change,
    require_own_pack,
    undo_sites,
    update_sites,
)
from welcomemap.pages import own
from welcomemap.pages.session import open_region
from welcomemap.pages.widgets import escape_markdown, word_notice
from welcomemap.region.pack import PACK_VARIABLE, find_pack
from welcomemap.serving import BY_ALL, BY_ONE, EDITABLE_VARIABLE
from welcomemap.study.changed_sites import ListChange
from welcomemap.wording import Language, Phrase, say, say_date

DONE, FAILED = "edit_done", "edit_failed"
IN_FORCE, UNDONE = "in_force", "undone"
DONE_WORDS: dict[str, Phrase] = {
    IN_FORCE: say("The list is in force for all visitors."),
    UNDONE: say("The list before is in force again for all visitors."),
}
KEPT_UNTIL = say("What you upload stays in this session until you put it into force.")
CONFIRM_FORCE, CONFIRM_UNDO = "confirm_force", "confirm_undo"


def require_editable_pack() -> None:
    """Refuse the pack that comes with the program.

    Raises
    ------
    UsageError
        If it is that one.
    """
    require_own_pack(find_pack(), is_named=bool(os.environ.get(PACK_VARIABLE)))


def is_editable() -> bool:
    """Tell whether this visitor may change the list of the pack that all share."""
    if os.environ.get(EDITABLE_VARIABLE) not in (BY_ONE, BY_ALL) or own.open_own().region:
        return False
    try:
        require_editable_pack()
    except WelcomemapError:
        return False
    return True


def show_outcome(language: Language) -> None:
    """Say once what became of the last change: in force, taken back, or why it was not possible."""
    done, failed = (st.session_state.pop(key, None) for key in (DONE, FAILED))
    if done in DONE_WORDS:
        st.success(DONE_WORDS[done].in_language(language))
    if isinstance(failed, WelcomemapError):
        st.error(word_notice(failed, language))


def offer_force(change: ListChange, language: Language, after: Callable[[], None]) -> None:
    """Offer to put a compared list into force.

    Parameters
    ----------
    after
        Called once it is.
    """
    _confirm(
        CONFIRM_FORCE,
        say("Yes, put this list into force for all visitors"),
        say("Put into force"),
        lambda: put_into_force(change, after),
        language,
    )


def offer_undo(language: Language) -> None:
    """Show the last change on record and offer to take it back."""
    if not is_editable():
        return
    try:
        last = find_last_change(find_pack())
    except WelcomemapError as error:
        st.error(word_notice(error, language))
        return
    if last is None:
        return
    date = say("In force since the change of {date}", date=say_date(str(last.date)))
    with st.expander(date.in_language(language)):
        told = getattr(last.sentences, language)
        st.markdown("\n".join(f"- {escape_markdown(one)}" for one in told))
        _confirm(
            CONFIRM_UNDO,
            say("Yes, put the list before back for all visitors"),
            say("Take the change back"),
            take_back,
            language,
        )


def _confirm(
    key: str, question: Phrase, button: Phrase, act: Callable[[], None], language: Language
) -> None:
    is_meant = st.checkbox(question.in_language(language), key=key)
    st.button(
        button.in_language(language), key=f"{key}_button", disabled=not is_meant, on_click=act,
        type="primary",
    )  # fmt: skip


def put_into_force(change: ListChange, after: Callable[[], None]) -> None:
    """Write a compared list into the pack: from its next page on every visitor sees it."""

    def write() -> None:
        update_sites(open_region(), change)
        after()

    _write(CONFIRM_FORCE, write, IN_FORCE)


def take_back() -> None:
    """Put the list before back."""
    _write(CONFIRM_UNDO, lambda: undo_sites(find_pack()), UNDONE)


def _write(confirmed: str, write: Callable[[], object], done: str) -> None:
    is_meant = bool(st.session_state.get(confirmed))
    st.session_state[confirmed] = False
    try:
        if not is_editable() or not is_meant:
            raise UsageError(
                "the list is not changed here",
                how="Whoever runs the service changes it with welcomemap data sites, or starts the "
                "app with welcomemap serve --editable.",
            )
        write()
    except WelcomemapError as error:
        st.session_state[FAILED] = error
    else:
        st.session_state[DONE] = done
