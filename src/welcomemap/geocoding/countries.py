"""Does a word name a country? Germany and its states, or another country."""

from __future__ import annotations

from functools import cache

from babel import Locale

from welcomemap.geocoding.spelling import plain_key

_OWN = frozenset({
    "d", "de", "deu", "ger", "brd", "deutschland", "germany", "allemagne", "bundesrepublik",
    "bundesrepublikdeutschland", "federalrepublicofgermany",
    "bw", "by", "be", "bb", "hb", "hh", "he", "mv", "ni", "nw", "nrw", "rp", "sl", "sn", "st", "sh",
    "th", "badenwuerttemberg", "bayern", "berlin", "brandenburg", "bremen", "hamburg", "hessen",
    "mecklenburgvorpommern", "niedersachsen", "nordrheinwestfalen", "northrhinewestphalia",
    "rheinlandpfalz", "saarland", "sachsen", "sachsenanhalt", "schleswigholstein", "thueringen",
})  # fmt: skip
_PLATES = ("a", "b", "f", "i", "l", "e", "p", "s", "h", "uk", "usa", "eu")
_LANGUAGES = ("de", "en", "fr", "nl")


def is_own(text: str) -> bool:
    """Tell whether a text names Germany or one of its states (which also have two letters)."""
    return plain_key(text) in _OWN


def is_foreign(text: str) -> bool:
    """Tell whether a text is the name or the code of another country."""
    return plain_key(text) in _foreign()


@cache
def _foreign() -> frozenset[str]:
    found = set(_PLATES)
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code.isalpha():
                found |= {plain_key(code), plain_key(name)}
    return frozenset(found) - _OWN
