"""What kinds of facilities are called: the tags of OpenStreetMap in the words of readers."""

from __future__ import annotations

from collections.abc import Mapping

from welcomemap.wording import Phrase, Verbatim, say_as

KIND_WORDS: Mapping[str, Phrase] = {
    "advice": say_as("kind of facility", "advice and help"),
    "association": say_as("kind of facility", "association"),
    "childcare": say_as("kind of facility", "childcare"),
    "community_centre": say_as("kind of facility", "community centre"),
    "employment_agency": say_as("kind of facility", "employment agency"),
    "family_centre": say_as("kind of facility", "family centre"),
    "government": say_as("kind of facility", "public authority"),
    "kindergarten": say_as("kind of facility", "kindergarten"),
    "library": say_as("kind of facility", "library"),
    "ngo": say_as("kind of facility", "non-profit organisation"),
    "parish_hall": say_as("kind of facility", "parish hall"),
    "place_of_worship": say_as("kind of facility", "place of worship"),
    "school": say_as("kind of facility", "school"),
    "social_centre": say_as("kind of facility", "social centre"),
    "social_facility": say_as("kind of facility", "social facility"),
    "townhall": say_as("kind of facility", "town hall"),
    "youth_centre": say_as("kind of facility", "youth centre"),
}
"""Kind, as in the layer of candidate sites → its word."""


def word_kind(kind: str) -> Phrase:
    """Return what a kind of facility is called; one that is not known by its own name.

    Examples
    --------
    >>> word_kind("parish_hall").in_language("en"), word_kind("town_museum").in_language("en")
    ('parish hall', 'town museum')
    """
    return KIND_WORDS.get(kind, Verbatim(kind.replace("_", " ")))
