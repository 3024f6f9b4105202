"""Numbers, units and sentences as people read them, in German and English."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from welcomemap.dates import read_iso_date

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
UNKNOWN = {"de": "keine Angabe", "en": "not known"}
WIDE_INTERVAL_SHARE = 0.05
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
LEAST_POWER = 1e15
"""From here on not every whole number is a float of its own."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Text:
    """The same sentence in German and in English."""

    de: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence in one of the two languages."""
        return self.de if language == "de" else self.en

    def capitalised(self) -> Text:
        """Return the same with a capital at the beginning."""
        return Text(capitalise(self.de), capitalise(self.en))

    def to_json(self) -> dict[str, str]:
        """Return ``{"de": …, "en": …}``."""
        return {"de": self.de, "en": self.en}


def join_texts(*texts: Text | None) -> Text:
    """Put sentences one after the other; what is ``None`` is left out."""
    told = [text for text in texts if text is not None]
    return Text(" ".join(text.de for text in told), " ".join(text.en for text in told))


def list_words(items: Sequence[str], language: Language) -> str:
    """Write a list: a, b und c."""
    if len(items) < 2:
        return "".join(items)
    joint = " und " if language == "de" else " and "
    return ", ".join(items[:-1]) + joint + items[-1]


def capitalise(word: str) -> str:
    """Begin with a capital and leave the rest as it is."""
    return word[:1].upper() + word[1:]


def format_number(value: float | None, language: Language, digits: int = 0) -> str:
    """Write a number with separators of the language: 1.234,5 or 1,234.5; unknown in words.

    From :data:`LEAST_POWER` on it is written as a power of ten, 1,5 × 10³⁰⁰: a float knows no more
    digits, and nobody reads three hundred of them.
    """
    if value is None or math.isnan(value):
        return UNKNOWN[language]
    if LEAST_POWER <= abs(value) < math.inf:
        mantissa, _, power = f"{value:.2e}".partition("e")
        shown = format_decimal(float(mantissa), format="0.##", locale=language)
        return f"{shown} × 10{str(int(power)).translate(RAISED)}"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=language))


def format_share(
    share: float | None, language: Language, interval: tuple[float, float] | None = None
) -> str:
    """Write a share (0-1) in percent, no decimals where its interval is wider than 5 points."""
    if share is None or math.isnan(share):
        return UNKNOWN[language]
    is_wide = interval is not None and interval[1] - interval[0] > WIDE_INTERVAL_SHARE
    number = format_number(100 * share, language, 0 if is_wide else 1)
    return f"{number}{NO_BREAK_SPACE}%" if language == "de" else f"{number}%"


def format_interval(interval: tuple[float, float] | None, language: Language) -> str:
    """Write the interval of a share: 12 % – 18 %, in steps that fit its width."""
    if interval is None:
        return UNKNOWN[language]
    return " – ".join(format_share(bound, language, interval) for bound in interval)


def format_metres(metres: float | None, language: Language) -> str:
    """Write a length: below 1,000 m rounded to 10 m, above in kilometres with one decimal."""
    if metres is None or not math.isfinite(metres):
        return UNKNOWN[language]
    rounded = round(metres / 10) * 10
    if rounded < 1000:
        return f"{format_number(rounded, language)}{NO_BREAK_SPACE}m"
    return f"{format_number(metres / 1000, language, 1)}{NO_BREAK_SPACE}km"


def format_minutes(minutes: float | None, language: Language) -> str:
    """Write a duration in minutes, rounded up."""
    if minutes is None or not math.isfinite(minutes):
        return UNKNOWN[language]
    return f"{format_number(math.ceil(minutes - 1e-9), language)}{NO_BREAK_SPACE}min"


def format_iso_date(text: str, language: Language) -> str:
    """Write an ISO year, month or day: 2022, August 2022, 25. August 2022 (25 August 2022).

    A text that is none of them is no known date, and said to be unknown.
    """
    date = read_iso_date(text)
    if date is None:
        return UNKNOWN[language]
    day = "d. MMMM y" if language == "de" else "d MMMM y"
    pattern = ("y", "MMMM y", day)[text.count("-")]
    return str(format_date(date.first, format=pattern, locale=language))


DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
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
