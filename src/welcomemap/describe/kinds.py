"""What kinds of facilities are called: the tags of OpenStreetMap in the words of readers."""

from __future__ import annotations

from collections.abc import Mapping

from welcomemap.wording import Phrase, Verbatim, say

KIND_WORDS: Mapping[str, Phrase] = {
    "advice": say("advice and help"),
    "association": say("association"),
    "childcare": say("childcare"),
    "community_centre": say("community centre"),
    "employment_agency": say("employment agency"),
    "family_centre": say("family centre"),
    "government": say("public authority"),
    "kindergarten": say("kindergarten"),
    "library": say("library"),
    "ngo": say("non-profit organisation"),
    "parish_hall": say("parish hall"),
    "place_of_worship": say("place of worship"),
    "school": say("school"),
    "social_centre": say("social centre"),
    "social_facility": say("social facility"),
    "townhall": say("town hall"),
    "youth_centre": say("youth centre"),
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
