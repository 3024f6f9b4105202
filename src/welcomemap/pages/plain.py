"""Text from data, made harmless for the two places where Streamlit reads markup."""

from __future__ import annotations

import html
import re

from welcomemap.wording import NO_BREAK_SPACE

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


def isolate(text: str) -> str:
    """Wrap a text so that its direction does not disturb the sentence around it (UAX 9, FSI)."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
