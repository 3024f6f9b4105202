"""Which language a visitor reads: as the page's address says (``?lang=ar``), else the browser."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.wording import DEFAULT_LANGUAGE, PAGE_LANGUAGES


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
