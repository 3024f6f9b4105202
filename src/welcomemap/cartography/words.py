"""What the signs and the ground of a map mean."""

from __future__ import annotations

from collections.abc import Mapping

from welcomemap.style import Sign
from welcomemap.wording import mark

SIGN_WORDS: Mapping[Sign, str] = {
    Sign.OPEN: mark("open"),
    Sign.PLANNED: mark("planned"),
    Sign.CLOSED: mark("closed"),
    Sign.DISPUTED: mark("sources disagree"),
    Sign.CANDIDATE: mark("candidate site"),
    Sign.CHOSEN: mark("best site by calculation"),
    Sign.ADDRESS: mark("your address"),
    Sign.REVIEW: mark("please check"),
}

GROUND_WORDS: Mapping[str, str] = {
    "built_up": mark("built-up land"),
    "green": mark("meadow, park, garden"),
    "wood": mark("wood"),
    "water": mark("water"),
    "river": mark("river, canal"),
    "named": mark("street"),
    "incomplete": mark("street where the map lacks some"),
    "railway": mark("railway"),
    "tram": mark("tram"),
}
"""Key of a look of the ground → what it means; the word for main streets stands in the legend."""
