"""Text from data, made harmless for the two places where Streamlit reads markup."""

from __future__ import annotations

import html
import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=])")


def escape_html(text: object) -> str:
    """Escape a text for HTML content and quoted attributes; control characters are dropped."""
    return html.escape("".join(c for c in str(text) if c.isprintable()), quote=True)


def escape_markdown(text: object) -> str:
    """Escape a text for Streamlit's Markdown, so that it is shown as it stands."""
    shown = "".join(c if c.isprintable() else " " for c in str(text))
    return _MARKDOWN.sub(r"\\\1", shown)


def isolate(text: str) -> str:
    """Wrap a text so that its direction does not disturb the sentence around it (UAX 9, FSI)."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
