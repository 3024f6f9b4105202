"""What pages show alike: plain text and tables."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from welcomemap.describe.reasons import describe_notice
from welcomemap.errors import Notice, WelcomemapError, WelcomemapWarning
from welcomemap.wording import NO_BREAK_SPACE, Language, Phrase

_LINKED = re.compile(r"(?<=:)(?=[^\s\d])|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
WORD_JOINER = "\N{WORD JOINER}"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=])")


def escape_html(text: object) -> str:
    """Escape a text for HTML content and quoted attributes; control characters are dropped."""
    shown = "".join(c for c in str(text) if c.isprintable() or c == NO_BREAK_SPACE)
    return html.escape(shown, quote=True)


def escape_markdown(text: object) -> str:
    """Escape a text for Streamlit's Markdown, so that it is shown as it stands.

    Addresses of pages and mail, and names of icons, would become links and pictures even so, since
    they are looked for after escapes are undone; a word joiner, which nobody sees, prevents it.
    """
    shown = "".join(c if c.isprintable() or c == NO_BREAK_SPACE else " " for c in str(text))
    return _MARKDOWN.sub(r"\\\1", _LINKED.sub(WORD_JOINER, shown))


def word_notice(notice: Notice, language: Language) -> str:
    """Return an error or a warning as Markdown: what is wrong, where, and how to mend it."""
    return escape_markdown(describe_notice(notice).capitalised().in_language(language))


def show_error(error: WelcomemapError, language: Language) -> None:
    """Say on the page why there is no answer."""
    st.error(word_notice(error, language))


def show_warning(warning: WelcomemapWarning, language: Language) -> None:
    """Say on the page what to look at, although there is an answer."""
    st.warning(word_notice(warning, language))


def isolate(text: str) -> str:
    """Wrap a text so that its direction does not disturb the sentence around it (UAX 9, FSI)."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class Bar:
    """A share 0-1 with its interval, drawn as a bar; the text beside it says the same.

    Attributes
    ----------
    value, low, high
        0-1; ``None`` draws nothing.
    text
        What is read instead, and shown beside the bar.
    """

    text: str
    value: float | None
    low: float | None = None
    high: float | None = None


Cell = str | Bar


def show_table(
    caption: Phrase,
    columns: Sequence[Phrase],
    rows: Sequence[Sequence[Cell]],
    language: Language,
    *,
    numbers: Collection[int] = (),
) -> None:
    """Show a table whose first column names the rows.

    Parameters
    ----------
    numbers
        Columns that are aligned at their end.
    """
    heads = [column.in_language(language) for column in columns]
    st.html(render_table(caption.in_language(language), heads, rows, numbers))


def render_table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    numbers: Collection[int] = (),
) -> str:
    """Return a table as HTML in a box that scrolls sideways and can be reached by keyboard."""
    head = "".join(
        f'<th scope="col"{_align(k, numbers)}>{escape_html(column)}</th>'
        for k, column in enumerate(columns)
    )
    body = "".join(f"<tr>{_render_row(row, numbers)}</tr>" for row in rows)
    return (
        f'<div class="wm-scroll" role="region" tabindex="0" aria-label="{escape_html(caption)}">'
        f'<table class="wm-facts"><caption>{escape_html(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _render_row(row: Sequence[Cell], numbers: Collection[int]) -> str:
    first, *others = row
    cells = "".join(
        f"<td{_align(k, numbers)}>{render_cell(cell)}</td>"
        for k, cell in enumerate(others, start=1)
    )
    return f'<th scope="row"{_align(0, numbers)}>{render_cell(first)}</th>{cells}'


def _align(column: int, numbers: Collection[int]) -> str:
    return ' class="wm-number"' if column in numbers else ""


def render_cell(cell: Cell) -> str:
    """Return a cell as HTML."""
    if isinstance(cell, str):
        return escape_html(cell)
    return f'<span class="wm-barred">{render_bar(cell)}<span>{escape_html(cell.text)}</span></span>'


def render_bar(bar: Bar) -> str:
    """Return the drawing of a bar, hidden from screen readers because its text says the same."""
    if bar.value is None:
        return ""
    parts = f'<i class="wm-bar-value" style="width:{_percent(bar.value)}"></i>'
    if bar.low is not None and bar.high is not None:
        start, width = _percent(bar.low), _percent(max(bar.high - bar.low, 0.0))
        parts += f'<i class="wm-bar-range" style="left:{start};width:{width}"></i>'
    return f'<span class="wm-bar" aria-hidden="true">{parts}</span>'


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"


@dataclass(frozen=True)
class Figure:
    """A number that is read first: what it is, the number, and how sure it is."""

    label: str
    value: str
    remark: str = ""


def show_figures(figures: Sequence[Figure]) -> None:
    """Show the numbers that matter, large."""
    parts = "".join(
        f"<div><dt>{escape_html(figure.label)}</dt><dd>{escape_html(figure.value)}"
        f"<small>{escape_html(figure.remark)}</small></dd></div>"
        for figure in figures
    )
    st.html(f'<dl class="wm-figures">{parts}</dl>')
