"""What a region calls its areas and service points, with article and case, in both languages.

The gender comes from the pack (``"gender": "m"``, ``"f"``, ``"n"`` or ``"pl"``), else from the
word's ending where that is sure. Where neither says it, or the word has no singular, a sentence
speaks of a general word that needs no article of the region's own: "einen Standort der Art „X“".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from welcomemap.wording import (
    LANGUAGES,
    Given,
    Language,
    Phrase,
    Verbatim,
    format_number,
    list_words,
)

Case = Literal["nominative", "accusative", "dative"]
Gender = Literal["m", "f", "n"]
ENDINGS: Mapping[Gender, tuple[str, ...]] = {
    "f": ("stelle", "heit", "keit", "schaft", "station", "praxis", "schule", "zentrale",
          "tung", "lung", "nung", "dung", "gung", "stube", "gemeinde", "filiale", "bücherei",
          "bibliothek"),
    "n": ("büro", "zentrum", "haus", "amt", "viertel", "quartier", "gebiet", "café", "center",
          "museum"),
    "m": ("point", "punkt", "treff", "dienst", "laden", "bezirk", "teil", "kreis", "standort",
          "stützpunkt"),
}  # fmt: skip
"""Endings that fix the gender of a German compound."""
ARTICLES: Mapping[Case, Mapping[Gender, tuple[str, str]]] = {
    "nominative": {"m": ("", "er"), "f": ("e", "e"), "n": ("", "es")},
    "accusative": {"m": ("en", "en"), "f": ("e", "e"), "n": ("", "es")},
    "dative": {"m": ("em", "em"), "f": ("er", "er"), "n": ("em", "em")},
}
"""Endings of "ein" and "kein", and of "jeder" and "dieser"."""
PLURALS = {"bezirk": "e", "teil": "e", "kreis": "e", "quartier": "e", "gebiet": "e", "viertel": "",
           "gemeinde": "n", "gemarkung": "en", "ortschaft": "en"}  # fmt: skip
"""What several areas add to a word that ends so."""
SILENT_H = ("hour", "honest", "heir", "honour")
LIKE_YOU = ("uni", "use", "usu", "eu", "one", "once", "ub", "ut")
LETTERS_WITH_AN = "AEFHILMNORSX"


@dataclass(frozen=True)
class Noun(Given):
    """A word of the region in both languages, with what its grammar needs.

    Attributes
    ----------
    gender
        Of the German word; ``None`` where it is not known or the word has no singular.
    has_singular
        Whether the words are singular.
    article
        "a" or "an", where the pack says it.
    is_area
        Whether it names areas ("Gebiet") or sites ("Standort"): the general word for it.
    plural
        Of the German word; empty where it is not known.
    """

    gender: Gender | None = None
    has_singular: bool = True
    article: str = ""
    is_area: bool = False
    plural: str = ""

    def a(self, case: Case) -> Phrase:
        """Return it with the indefinite article: einen Welcome Point, a Welcome Point."""
        word, gender = self._inflect()
        return Given(f"ein{ARTICLES[case][gender][0]} {word}", self._a_en())

    def no(self, case: Case) -> Phrase:
        """Return that there is none: keinen Welcome Point, no Welcome Point."""
        word, gender = self._inflect()
        return Given(f"kein{ARTICLES[case][gender][0]} {word}", f"no {self._word_en()}")

    def every(self, case: Case) -> Phrase:
        """Return all of them: jeder Stadtbezirk, every district."""
        word, gender = self._inflect()
        return Given(f"jed{ARTICLES[case][gender][1]} {word}", f"every {self._word_en()}")

    def this(self, case: Case) -> Phrase:
        """Return this one: in diesem Stadtbezirk, in this district."""
        word, gender = self._inflect()
        return Given(f"dies{ARTICLES[case][gender][1]} {word}", f"this {self._word_en()}")

    def to_the_nearest(self) -> Phrase:
        """Return the way to it: zum nächsten Welcome Point, to the nearest Welcome Point."""
        word, gender = self._inflect()
        return Given(
            f"{'zur' if gender == 'f' else 'zum'} nächsten {word}",
            f"to the nearest {self._word_en()}",
        )

    def their_nearest(self) -> Phrase:
        """Return the nearest that people have, as an object: ihren nächsten Welcome Point."""
        word, gender = self._inflect()
        ending = {"m": "en nächsten", "f": "e nächste", "n": " nächstes"}[gender]
        return Given(f"ihr{ending} {word}", f"their nearest {self._word_en()}")

    def your(self, case: Case) -> Phrase:
        """Return the one that is the reader's: Ihren Welcome Point, your Welcome Point."""
        word, gender = self._inflect()
        return Given(f"Ihr{ARTICLES[case][gender][0]} {word}", f"your {self._word_en()}")

    def several(self, case: Case = "nominative") -> Phrase:
        """Return several of them: Stadtbezirke, in den Stadtbezirken, districts."""
        general = "Gebiete" if self.is_area else "Standorte"
        # What the dative makes of several words ("Statistische Bezirke") is not known here.
        word = general if case == "dative" and " " in self.plural else self.plural or general
        if case == "dative":
            word = f"den {word}{'' if word.endswith(('n', 's')) else 'n'}"
        return Given(word, _pluralise(self._word_en()) if self.has_singular else self.english)

    def none(self) -> Phrase:
        """Return the pronoun for none of them: keiner, keine, keines."""
        _, gender = self._inflect()
        return Given(f"kein{ARTICLES['nominative'][gender][1]}", "none")

    def that(self, case: Case) -> Phrase:
        """Return the relative pronoun: der, den; die; das."""
        _, gender = self._inflect()
        masculine = {"nominative": "der", "accusative": "den", "dative": "dem"}[case]
        other = {"f": {"dative": "der"}.get(case, "die"), "n": {"dative": "dem"}.get(case, "das")}
        return Given(masculine if gender == "m" else other[gender], "that")

    def without(self) -> Phrase:
        """Return that something lacks it: ohne Welcome Point, without a Welcome Point."""
        return Given(
            f"ohne {self.german}", f"without {self._a_en() if self.has_singular else self.english}"
        )

    def _inflect(self) -> tuple[str, Gender]:
        if self.gender is not None and self.has_singular:
            return self.german, self.gender
        return ("Gebiet", "n") if self.is_area else (f"Standort der Art „{self.german}“", "m")

    def _word_en(self) -> str:
        if self.has_singular:
            return self.english
        return "area" if self.is_area else f"site of the kind “{self.english}”"

    def _a_en(self) -> str:
        word = self._word_en()
        if self.has_singular and self.article:
            return f"{self.article} {word}"
        return f"{'an' if _takes_an(word) else 'a'} {word}"


def read_noun(told: Mapping[str, Any], *, is_area: bool = False) -> Noun:
    """Read a word of a pack's region, such as ``{"de": …, "en": …, "gender": "f"}``."""
    de, en, gender = str(told["de"]), str(told["en"]), str(told.get("gender") or "")
    article = str(told.get("article_en") or "")
    return Noun(
        german=de,
        english=en,
        gender=_find_gender(de, gender),
        has_singular=gender != "pl",
        plural=de if gender == "pl" else str(told.get("plural") or "") or _find_plural(de),
        article=article if article in ("a", "an") else "",
        is_area=is_area,
    )


MOST_NAMED, FIRST_NAMED = 20, 12
"""A sentence names so many areas; of a town of a thousand hexagons, the first of them."""


def name_areas(noun: Noun, numbers: Sequence[object], case: Case = "nominative") -> Phrase:
    """Name areas by their numbers: Stadtbezirke 7 und 10, districts 7 and 10.

    In the dative with their article: (in) den Stadtbezirken 7 und 10; one area needs none. Of more
    than :data:`MOST_NAMED` the rest is counted.
    """
    word, listed = noun if len(numbers) == 1 else noun.several(case), list_areas(numbers)
    return Given(*(f"{word.in_language(code)} {listed.in_language(code)}" for code in LANGUAGES))


def list_areas(numbers: Sequence[object]) -> Phrase:
    """List areas by their numbers; of more than :data:`MOST_NAMED` the rest is counted.

    Examples
    --------
    >>> list_areas([7, 10]).in_language("en"), list_areas(range(21)).in_language("en")[-19:]
    ('7 and 10', '10, 11 and 9 others')
    """
    named = [str(number) for number in numbers]
    kept, n_others = named, 0
    if len(named) > MOST_NAMED:
        kept, n_others = named[:FIRST_NAMED], len(named) - FIRST_NAMED

    def write(language: Language, others: str) -> str:
        rest = [f"{format_number(n_others, language)} {others}"] if n_others else []
        return list_words([*kept, *rest], language)

    return Given(write("de", "weitere"), write("en", "others"))


def name_area(noun: Noun, number: object, name: str = "") -> Phrase:
    """Name one area: Stadtbezirk 7, district 7; with its name where that says more than that."""
    of_its_own = f" {name}" if has_own_name(number, name) else ""
    return Given(f"{noun.german} {number}{of_its_own}", f"{noun.english} {number}{of_its_own}")


def label_area(noun: Noun, number: object, name: str = "") -> Phrase:
    """Return the shortest that tells an area from the others: Stadtbezirk 7; 7 Altstadt."""
    if has_own_name(number, name):
        return Verbatim(f"{number} {name}"[:60])
    return name_area(noun, number).capitalised()


def has_own_name(number: object, name: str) -> bool:
    """Tell whether an area's name is more than its number, such as "Stadtbezirk 7"."""
    return bool(name) and name.rsplit(maxsplit=1)[-1] != str(number)


def _find_plural(word: str) -> str:
    """Return several of a German word where its ending tells; else nothing."""
    folded = "" if " " in word else word.casefold()
    return next((f"{word}{more}" for end, more in PLURALS.items() if folded.endswith(end)), "")


def _pluralise(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def _find_gender(word: str, stated: str) -> Gender | None:
    if stated:
        return next((gender for gender in ENDINGS if gender == stated), None)
    folded = word.casefold()
    return next((gender for gender, ends in ENDINGS.items() if folded.endswith(ends)), None)


def _takes_an(word: str) -> bool:
    """Tell whether an English word begins with the sound of a vowel."""
    first = word.replace("-", " ").strip().partition(" ")[0]
    if len(first) > 1 and first.isupper():
        return first[0] in LETTERS_WITH_AN
    folded = first.casefold()
    if folded.startswith(SILENT_H):
        return True
    return folded[:1] in tuple("aeiou") and not folded.startswith(LIKE_YOU)
