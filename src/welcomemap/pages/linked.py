"""A planner's choices: held in one place, shown by widgets, written into the page's address.

The session holds the choices (:mod:`welcomemap.pages.choices`) whatever page is shown. Widgets are
views: a widget's value is set from the choice before it is made, and what a visitor does to it goes
into the choice. The address is written from the choices. It is read into them, all at once, when a
session begins (a link, a reload) and when the visitor goes back or forward; at all other times the
browser may send an address that is older than what was chosen since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from welcomemap.pages.choices import (
    FORGETS,
    LARGEST_WEIGHT,
    MANY,
    NAMES,
    NO,
    YES,
    Offer,
    Replaced,
    default_of,
    join,
    list_options,
    settle,
    split,
)

HELD = "choices"
OFFER = "choices_offer"
PAGE = "choices_page"
TYPED = "typed"
REPLACED = "choices_replaced"
WRITTEN = "choices_written"
LOST = "choices_lost"
Words = Callable[[str], str]


def begin(page: str, offer: Callable[[], Offer]) -> None:
    """Read the address where the visitor changed it, settle the choices and write the address.

    Parameters
    ----------
    page
        Which page is shown: a widget of another page is another widget, and has no value yet.
    offer
        Tells what there is to choose from, whenever it is asked: a visitor may bring more along.
    """
    asked = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    if HELD not in st.session_state or (asked and goes_through_history()):
        st.session_state[HELD] = asked
    settled, replaced = settle(st.session_state[HELD], offer())
    st.session_state[HELD] = settled
    st.session_state[OFFER] = offer
    st.session_state[PAGE] = page
    st.session_state[REPLACED] = (*st.session_state.get(REPLACED, ()), *replaced)
    st.session_state[WRITTEN] = _write_address(is_lost=st.session_state.pop(LOST, False))


def run_again() -> NoReturn:
    """Let the page begin anew after a choice was made in the middle of it.

    What a run that begins anew has sent may never arrive; so an address that this run wrote is
    written again. Where nothing has to be shown meanwhile, a widget's callback does without this.
    """
    st.session_state[LOST] = st.session_state.get(WRITTEN, False)
    st.rerun()


def goes_through_history() -> bool:
    """Tell whether the visitor went back or forward."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def pop_replaced() -> tuple[Replaced, ...]:
    """Return, once, which values were not possible."""
    replaced: tuple[Replaced, ...] = st.session_state.pop(REPLACED, ())
    return replaced


def held() -> Mapping[str, str]:
    """Return all choices made; what is not among them has its default."""
    return dict(st.session_state.get(HELD, {}))


def hold(name: str, text: str | None) -> None:
    """Make a choice, or none; answers that were asked for another choice are asked no longer."""
    choices: dict[str, str] = st.session_state.setdefault(HELD, {})
    if text == choices.get(name):
        return
    for forgotten in (name, *FORGETS.get(name, ())):
        choices.pop(forgotten, None)
    if text is not None:
        choices[name] = text


def replace_all(choices: Mapping[str, str], typed: Mapping[str, str]) -> None:
    """Put other choices in the place of all that are held, and of what was typed with them."""
    st.session_state[HELD] = {name: choices[name] for name in NAMES if name in choices}
    st.session_state[TYPED] = dict(typed)


def read(name: str, otherwise: str = "") -> str:
    """Return a choice, else its default, else what the page says."""
    choices, offer = st.session_state[HELD], st.session_state[OFFER]()
    default = default_of(name, choices, offer)
    text: str = choices.get(name, otherwise if default is None else default)
    return text


def read_many(name: str, otherwise: Sequence[str] = ()) -> list[str]:
    """Return a choice of several, else its default, else what the page says."""
    return split(read(name, join(otherwise)))


def _write_address(*, is_lost: bool) -> bool:
    """Write the address where it is another, or may be lost on its way; tell whether it was."""
    others = {name: st.query_params[name] for name in st.query_params if name not in NAMES}
    address = others | st.session_state[HELD]
    if st.query_params.to_dict() == address and not is_lost:
        return False
    # In one piece: each piece would be a step of the browser's back button.
    st.query_params.from_dict(address)
    return True


# --- widgets -------------------------------------------------------------------------------------


def _key(name: str) -> str:
    return f"{st.session_state[PAGE]}_{name}"


def _show(name: str, value: object) -> str:
    """Set a widget's value before it is made; a value it has already is not sent to it again."""
    key = _key(name)
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def _take(name: str) -> None:
    value = st.session_state[_key(name)]
    if name in MANY:
        hold(name, join(value))
    elif isinstance(value, bool):
        hold(name, YES if value else NO)
    else:
        hold(name, str(value))


def _options(name: str) -> list[str]:
    return list(list_options(name, st.session_state[HELD], st.session_state[OFFER]()))


def select(
    name: str, label: str, words: Words, *, otherwise: str = "", help_text: str | None = None
) -> str:
    """Show a selection."""
    return _pick(st.selectbox, name, label, words, otherwise, help=help_text)


def choose_one(name: str, label: str, words: Words) -> str:
    """Show a row of options of which one is chosen."""
    return _pick(st.radio, name, label, words, horizontal=True)


def slide(name: str, label: str, words: Words) -> str:
    """Show a slider over named steps."""
    return _pick(st.select_slider, name, label, words)


def _pick(
    widget: Callable[..., Any], name: str, label: str, words: Words, otherwise: str = "",
    **look: Any,
) -> str:  # fmt: skip
    key = _show(name, read(name, otherwise))
    picked: str = widget(
        label, _options(name), format_func=words, key=key, on_change=_take, args=(name,), **look
    )
    return picked


def choose_some(
    name: str, label: str, words: Words, *, placeholder: str, otherwise: Sequence[str] = ()
) -> list[str]:
    """Show a selection of several."""
    key = _show(name, read_many(name, otherwise))
    picked: list[str] = st.multiselect(
        label, _options(name), format_func=words, key=key, placeholder=placeholder,
        on_change=_take, args=(name,),
    )  # fmt: skip
    return picked


def count(name: str, label: str) -> int:
    """Show a field for a whole number."""
    key, options = _show(name, int(read(name))), _options(name)
    return int(
        st.number_input(
            label, int(options[0]), int(options[-1]), step=1, key=key,
            on_change=_take, args=(name,),
        )
    )  # fmt: skip


def check(name: str, label: str) -> bool:
    """Show a box to tick."""
    key = _show(name, read(name) == YES)
    return bool(st.checkbox(label, key=key, on_change=_take, args=(name,)))


def ask(name: str, label: str) -> bool:
    """Show a button that asks for an answer; tell whether it is asked for."""
    st.button(label, key=_key(name), on_click=hold, args=(name, YES))
    return read(name) == YES


def weigh(label: str, part: str, weight: int, take: Callable[[], None]) -> None:
    """Show a slider for one of several weights that are one choice together."""
    st.slider(label, 0, LARGEST_WEIGHT, key=_show(part, weight), on_change=take)


def shown(part: str) -> int:
    """Return what the slider of a weight shows."""
    return int(st.session_state[_key(part)])


def type_in(name: str, label: str, *, max_chars: int) -> str:
    """Show a field to type in; what is typed stays in the session and never is in the address."""
    typed: dict[str, str] = st.session_state.setdefault(TYPED, {})

    def keep() -> None:
        typed[name] = str(st.session_state[_key(name)])

    text: str = st.text_input(
        label, key=_show(name, typed.get(name, "")), max_chars=max_chars, autocomplete="off",
        on_change=keep,
    )  # fmt: skip
    return text
