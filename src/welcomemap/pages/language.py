"""In which language the pages speak: catalogues, the choice of one, and its direction.

The catalogues are gettext ``.po`` files in ``locale/``; the message id is the English text. A
visitor's language comes from the page's address (``?lang=ar``), else from the browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "de"


@dataclass(frozen=True)
class PageLanguage:
    """A language of the pages.

    Attributes
    ----------
    code
        As it stands in the page's address.
    tag
        BCP 47 tag for the ``lang`` attribute.
    name
        Its own name, for the switch.
    locale
        Locale whose number formats are used.
    """

    code: str
    tag: str
    name: str
    locale: str
    direction: str = "ltr"


LANGUAGES: Mapping[str, PageLanguage] = MappingProxyType(
    {
        language.code: language
        for language in (
            PageLanguage("de", "de", "Deutsch", "de"),
            PageLanguage("leicht", "de-simple", "Leichte Sprache", "de"),
            PageLanguage("en", "en", "English", "en"),
            PageLanguage("tr", "tr", "Türkçe", "tr"),
            PageLanguage("ar", "ar", "العربية", "ar", "rtl"),
            PageLanguage("uk", "uk", "Українська", "uk"),
        )
    }
)


@dataclass(frozen=True)
class Translator:
    """Says the pages' messages in one language."""

    language: PageLanguage
    messages: Mapping[str, str]

    def __call__(self, message: str, **values: object) -> str:
        """Translate a message and fill in its named values.

        A message without translation stays English; a test keeps the catalogues complete.
        """
        return (self.messages.get(message) or message).format(**values)


@cache
def open_translator(code: str) -> Translator:
    """Open the catalogue of a language; unknown codes give the default language."""
    language = LANGUAGES.get(code, LANGUAGES[DEFAULT_LANGUAGE])
    if language.code == "en":
        return Translator(language, MappingProxyType({}))
    with files(__package__).joinpath("locale", f"{language.code}.po").open("rb") as file:
        catalogue = read_po(file)
    messages = {
        str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string
    }
    return Translator(language, MappingProxyType(messages))


def choose_language(asked: str | None, browser: Sequence[str]) -> str:
    """Choose a language: from the page's address, else the browser's first known, else German.

    Parameters
    ----------
    asked
        Value of ``lang`` in the address.
    browser
        BCP 47 tags in order of preference.
    """
    if asked in LANGUAGES:
        return str(asked)
    for tag in browser:
        primary = tag.strip().lower().split("-")[0]
        if primary in LANGUAGES:
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
