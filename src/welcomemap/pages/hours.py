"""Opening hours as people read them, from OpenStreetMap's ``opening_hours`` syntax."""

from __future__ import annotations

import re

from babel.dates import get_day_names

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b")


def format_hours(hours: str, locale: str) -> str:
    """Write hours with the day names of a locale: ``Mo-Fr 09:00-17:00`` becomes ``Mo.–Fr. …``.

    What is not a day name stays as it stands, so that nothing is lost.
    """
    names = get_day_names("abbreviated", locale=locale)
    named = _DAY.sub(lambda match: str(names[DAYS.index(match[1])]), hours)
    spaced = re.sub(r"\s*([,;])\s*", r"\1 ", named)
    return re.sub(r"(?<=\S)-(?=\S)", "–", spaced)
