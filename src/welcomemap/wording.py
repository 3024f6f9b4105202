"""Numbers, units and sentences as people read them, in the languages of the catalogues."""

from __future__ import annotations

import math
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from numbers import Number
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from welcomemap.dates import read_iso_date
from welcomemap.errors import quote

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
DATE_LOCALES: Mapping[str, str] = {"en": "en_GB"}
"""Locales of dates and lists where they are not those of the numbers."""
WIDE_INTERVAL_SHARE = 0.05
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
LEAST_POWER = 1e15
"""From here on not every whole number is a float of its own."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Phrase(ABC):
    """Something that can be said in every language of the catalogues.

    Two phrases are the same if they say the same in German and in English.
    """

    @abstractmethod
    def in_language(self, language: str) -> str:
        """Return it in a language."""

    def filled(self, **_: object) -> Phrase:
        """Return the same with values for its placeholders, if it has any."""
        return self

    def capitalised(self) -> Phrase:
        """Return the same with a capital at the beginning."""
        return Written(_capitalise_in, self)

    def __str__(self) -> str:
        """Refuse: a text is in a language."""
        raise TypeError(f"in which language is {self!r} to be said?")

    def __repr__(self) -> str:
        """Return the class and the English text, shortened; what cannot be said has none.

        Examples
        --------
        >>> say("about {number}", number=say_number(3200))
        Message('about 3,200')
        """
        try:
            text = repr(quote(self.in_language("en")))
        except Exception:  # noqa: BLE001 - whoever looks for a fault has to see the phrase
            text = "…"
        return f"{type(self).__name__}({text})"

    def __eq__(self, other: object) -> bool:
        """Tell whether both say the same in German and in English."""
        return isinstance(other, Phrase) and all(
            self.in_language(one) == other.in_language(one) for one in LANGUAGES
        )

    def __hash__(self) -> int:
        """Return the hash of the English text."""
        return hash(self.in_language("en"))


@dataclass(frozen=True, eq=False, repr=False)
class Message(Phrase):
    """A message of the catalogues with the values for its placeholders.

    Attributes
    ----------
    id
        The English text, with placeholders in braces: ``{name}``, or ``{name:capital}`` at the
        beginning of a sentence.
    context
        Tells apart what English says alike and other languages do not.
    plural
        The English text for several, and ``count``, how many there are.
    values
        Placeholders' names with what stands for them; phrases are said in the same language.
    """

    id: str
    context: str = ""
    plural: str = ""
    count: int = 1
    values: tuple[tuple[str, object], ...] = ()

    def in_language(self, language: str) -> str:
        """Return the message, filled in; one without a translation stays English."""
        values = {name: _say_value(value, language) for name, value in self.values}
        return _Filler(language).vformat(self._translate(language), (), values)

    def filled(self, **values: object) -> Phrase:
        """Return the same message with further values."""
        return replace(self, values=(*self.values, *values.items()))

    def _translate(self, language: str) -> str:
        catalogue = open_catalogue(language)
        if self.plural:
            return catalogue.ngettext(self.id, self.plural, self.count)
        if self.context:
            return catalogue.pgettext(self.context, self.id)
        return catalogue.gettext(self.id)


def say(message: str, /, **values: object) -> Phrase:
    """Return a message of the catalogues with the values for its placeholders.

    Examples
    --------
    >>> say("about {number}", number=say_number(3200)).in_language("de")
    'etwa 3.200'
    """
    return Message(message, values=tuple(values.items()))


def say_as(context: str, message: str, /, **values: object) -> Phrase:
    """Return a message whose English text needs a context to be translated."""
    return Message(message, context, values=tuple(values.items()))


def say_counted(one: str, many: str, /, count: int, **values: object) -> Phrase:
    """Return the message for one or for several; ``{count}`` is the number."""
    said = {"count": say_number(count), **values}
    return Message(one, plural=many, count=count, values=tuple(said.items()))


def mark(message: str) -> str:
    """Return a message as it is; it is marked for the catalogues and translated later."""
    return message


@dataclass(frozen=True, eq=False, repr=False)
class Verbatim(Phrase):
    """A name, an address, a sign: the same in every language."""

    text: str

    def in_language(self, _: str) -> str:
        """Return the text."""
        return self.text


NOTHING: Phrase = Verbatim("")


@dataclass(frozen=True, eq=False, repr=False)
class Given(Phrase):
    """What data say in German and in English, such as a pack's word for its areas."""

    german: str
    english: str

    def in_language(self, language: str) -> str:
        """Return the German words in German, else the English ones."""
        return self.german if language == "de" else self.english


def read_given(words: Mapping[str, object]) -> Given:
    """Read what data say as ``{"de": …, "en": …}``."""
    return Given(str(words["de"]), str(words["en"]))


@dataclass(frozen=True, eq=False, repr=False)
class Written(Phrase):
    """A value that each language writes in its own way.

    Attributes
    ----------
    write
        Returns the text, given the value, a language, and the options.
    """

    write: Callable[..., str]
    value: object
    options: tuple[object, ...] = ()

    def in_language(self, language: str) -> str:
        """Return the value as the language writes it."""
        return self.write(self.value, language, *self.options)


@dataclass(frozen=True)
class _Filler(Formatter):
    """Fills in values: numbers with a format get the separators of the language."""

    language: str

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "capital":
            return capitalise(str(value))
        text = str(super().format_field(value, format_spec))
        if not format_spec or not isinstance(value, Number):
            return text
        locale = find_locale(self.language)
        separators = {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)}
        number = text.removesuffix("%").translate(separators)
        if not text.endswith("%"):
            return number
        return say("{number}%", number=number).in_language(self.language)


def _say_value(value: object, language: str) -> object:
    return value.in_language(language) if isinstance(value, Phrase) else value


def _capitalise_in(phrase: Phrase, language: str) -> str:
    return capitalise(phrase.in_language(language))


@cache
def open_catalogue(language: str) -> NullTranslations:
    """Return the messages of a language; English is what the messages are written in.

    The catalogues are gettext's ``.po`` files in ``locale/``; an installation holds them compiled,
    under names that say of which content (``hatch_build.py``).
    """
    folder = files("welcomemap").joinpath("locale")
    path = folder.joinpath(f"{language}.po")
    if language not in PAGE_LANGUAGES or not path.is_file():
        return NullTranslations()
    content = path.read_bytes()
    compiled = folder.joinpath(f"{language}.{zlib.crc32(content):08x}.mo")
    if compiled.is_file():
        with compiled.open("rb") as file:
            return GNUTranslations(file)
    # It takes long to import, and is needed only where words changed after the installation.
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - see above
    from babel.messages.pofile import read_po  # noqa: PLC0415 - see above

    written = BytesIO()
    write_mo(written, read_po(BytesIO(content)))
    written.seek(0)
    return GNUTranslations(written)


UNKNOWN: Phrase = say("not known")


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


PAGE_LANGUAGES: Mapping[str, PageLanguage] = MappingProxyType(
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
"""The languages of the residents' page, by their code: what its catalogue is called."""
DEFAULT_LANGUAGE = "de"


def find_locale(language: str) -> str:
    """Return the locale whose numbers a language writes: easy German writes German ones."""
    return PAGE_LANGUAGES[language].locale


def find_date_locale(language: str) -> str:
    """Return the locale in which a language writes dates and lists."""
    return DATE_LOCALES.get(language) or find_locale(language)


@dataclass(frozen=True)
class Translator:
    """Says messages in one language."""

    language: PageLanguage

    def say(self, phrase: Phrase) -> str:
        """Return a phrase in the language."""
        return phrase.in_language(self.language.code)

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message and fill in its named values.

        A message without translation stays English; a test keeps the catalogues complete.
        """
        return say(message, **values).in_language(self.language.code)


@cache
def open_translator(code: str) -> Translator:
    """Open the catalogue of a language; unknown codes give the default language."""
    language = PAGE_LANGUAGES.get(code, PAGE_LANGUAGES[DEFAULT_LANGUAGE])
    open_catalogue(language.code)
    return Translator(language)


def join_phrases(*phrases: Phrase | str | None, joint: Phrase | str = " ") -> Phrase:
    """Return phrases one after the other; what is ``None`` or says nothing is left out."""
    return Written(_join_in, tuple(phrase for phrase in phrases if phrase is not None), (joint,))


def _join_in(phrases: Sequence[Phrase | str], language: str, joint: Phrase | str) -> str:
    said = (str(_say_value(phrase, language)) for phrase in phrases)
    return str(_say_value(joint, language)).join(filter(None, said))


def say_quoted(text: Phrase | str) -> Phrase:
    """Return a name in quotation marks."""
    return say("“{text}”", text=text)


def list_words(items: Sequence[str], language: Language) -> str:
    """Write a list: a, b und c."""
    if len(items) < 2:
        return "".join(items)
    from babel.lists import format_list  # noqa: PLC0415 - only few commands list anything

    return str(format_list(list(items), locale=find_date_locale(language)))


def capitalise(word: str) -> str:
    """Begin with a capital and leave the rest as it is."""
    return word[:1].upper() + word[1:]


def format_number(value: float | None, language: Language, digits: int = 0) -> str:
    """Write a number with separators of the language: 1.234,5 or 1,234.5; unknown in words.

    From :data:`LEAST_POWER` on it is written as a power of ten, 1,5 × 10³⁰⁰: a float knows no more
    digits, and nobody reads three hundred of them.
    """
    if value is None or math.isnan(value):
        return UNKNOWN.in_language(language)
    if round(value, digits) == 0:
        value = 0.0  # No "-0".
    if LEAST_POWER <= abs(value) < math.inf:
        mantissa, _, power = f"{value:.2e}".partition("e")
        shown = format_decimal(float(mantissa), format="0.##", locale=find_locale(language))
        return f"{shown} × 10{str(int(power)).translate(RAISED)}"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=find_locale(language)))


def format_share(
    share: float | None, language: Language, interval: tuple[float, float] | None = None
) -> str:
    """Write a share (0-1) in percent, no decimals where its interval is wider than 5 points."""
    if share is None or math.isnan(share):
        return UNKNOWN.in_language(language)
    is_wide = interval is not None and interval[1] - interval[0] > WIDE_INTERVAL_SHARE
    number = format_number(100 * share, language, 0 if is_wide else 1)
    return say("{number}%", number=number).in_language(language)


def format_interval(interval: tuple[float, float] | None, language: Language) -> str:
    """Write the interval of a share: 12 % – 18 %, in steps that fit its width."""
    if interval is None:
        return UNKNOWN.in_language(language)
    return " – ".join(format_share(bound, language, interval) for bound in interval)


def format_metres(metres: float | None, language: Language) -> str:
    """Write a length: below 1,000 m rounded to 10 m, above in kilometres with one decimal."""
    if metres is None or not math.isfinite(metres):
        return UNKNOWN.in_language(language)
    rounded = round(metres / 10) * 10
    if rounded < 1000:
        return f"{format_number(rounded, language)}{NO_BREAK_SPACE}m"
    return f"{format_number(metres / 1000, language, 1)}{NO_BREAK_SPACE}km"


def format_minutes(minutes: float | None, language: Language) -> str:
    """Write a duration in minutes, rounded up."""
    if minutes is None or not math.isfinite(minutes):
        return UNKNOWN.in_language(language)
    return f"{format_number(math.ceil(minutes - 1e-9), language)}{NO_BREAK_SPACE}min"


def format_iso_date(text: str, language: Language) -> str:
    """Write an ISO year, month or day: 2022, August 2022, 25. August 2022 (25 August 2022).

    A text that is none of them is no known date, and said to be unknown.
    """
    date = read_iso_date(text)
    if date is None:
        return UNKNOWN.in_language(language)
    pattern = ("y", "MMMM y", "long")[text.count("-")]
    return str(format_date(date.first, format=pattern, locale=find_date_locale(language)))


DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CLOCK = re.compile(r"\d:\d\d")
_WORD_OF_HOUR = re.compile(r"\d\s*(?:uhr|h)\b", re.IGNORECASE)
_DAY = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b")


def format_hours(hours: str, locale: str) -> str:
    """Write OpenStreetMap's ``opening_hours`` with the day names of a locale.

    ``Mo-Fr 09:00-17:00`` becomes ``Mo.–Fr. 09:00–17:00``. What is not a day name stays as it
    stands, so that nothing is lost.
    """
    names = get_day_names("abbreviated", locale=locale)
    named = _DAY.sub(lambda match: str(names[DAYS.index(match[1])]), hours)
    spaced = re.sub(r"\s*([,;])\s*", r"\1 ", named)
    return re.sub(r"(?<=\S)-(?=\S)", "–", spaced)


def has_clock_times(hours: str) -> bool:
    """Tell whether opening hours are clock times without a word for the hour: 09:00-17:00.

    Examples
    --------
    >>> [has_clock_times(hours) for hours in ("Mo-Fr 09:00-17:00", "Di 14–16 Uhr", "24/7")]
    [True, False, False]
    """
    return bool(_CLOCK.search(hours)) and not _WORD_OF_HOUR.search(hours)


def say_number(value: float | None, digits: int = 0) -> Phrase:
    """Return a number for a message, see :func:`format_number`."""
    return Written(format_number, value, (digits,))


def say_share(share: float | None, interval: tuple[float, float] | None = None) -> Phrase:
    """Return a share for a message, see :func:`format_share`."""
    return Written(format_share, share, (interval,))


def say_interval(interval: tuple[float, float] | None) -> Phrase:
    """Return the interval of a share for a message, see :func:`format_interval`."""
    return Written(format_interval, interval)


def say_metres(metres: float | None) -> Phrase:
    """Return a length for a message, see :func:`format_metres`."""
    return Written(format_metres, metres)


def say_minutes(minutes: float | None) -> Phrase:
    """Return a duration for a message, see :func:`format_minutes`."""
    return Written(format_minutes, minutes)


def say_date(date: str) -> Phrase:
    """Return an ISO date for a message, see :func:`format_iso_date`."""
    return Written(format_iso_date, date)


def say_list(items: Iterable[Phrase | str]) -> Phrase:
    """Return a list for a message: a, b und c."""
    return Written(_list_in, tuple(items))


def _list_in(items: Sequence[Phrase | str], language: Language) -> str:
    return list_words([str(_say_value(item, language)) for item in items], language)
