"""What the signs of a map mean."""

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
