"""What stands behind a street's name? Numbers, floors and flats in turn, until a word begins.

Every character is accounted for: it belongs to a number, to a part of a building, to a word that
is judged elsewhere, or it is kept as unread. Whoever reads numbers in another way drops some.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from welcomemap.geocoding.house_number import NUMBER, HouseNumber, read_house_number

NUMBER_SIGN = r"(?:(?<!\w)(?:h(?:aus|s|\.s)?\.?[\s-]*(?:nummer|nr)|nummer|nr|no|n°)[.:]*\s?|#\s?)"
"""What says that a house number follows: Nr., Hausnummer, Hs.-Nr., N°."""
_AND = r"(?:[-/+&]|und|u\.|bis)"
_STOREY = r"gesch(?:oss|oß|(?=\.|\s|$))"
_ROOM = r"(?:[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}\s?[a-z]?|[a-z](?:[\s.-]?[0-9]{1,4})?)(?!\w)"
_FLOOR = (
    r"(?:(?:im|in\s(?:der|dem)|auf\sdem)\s)?"
    rf"(?:(?:[0-9]{{1,2}}\.\s?{_AND}\s?)*(?:[0-9]{{1,2}}\.?|[ivx]{{1,4}}\.?)\s?"
    rf"(?:og|ober{_STOREY}|etage|etg|stock(?:werk)?|ug|dg)|[0-9]{{1,2}}\.\s?(?:hinter)?hof"
    rf"|[ou]g\s[0-9]{{1,2}}|[eoud]g|(?:erd|ober|dach|unter|keller|zwischen){_STOREY}"
    r"|dachboden|keller|tiefgarage|souterrain|(?:hoch)?parterre|hp|part\."
    r"|(?:hinter|vorder|garten|seiten|quer|rück|rueck)(?:haus|hs|hof|fl(?:ü|ue)gel|fl|bau"
    r"|geb(?:ä|ae)ude|geb)|innenhof|anbau|remise|hh|vh|sf|qg|gh|rg|rgb"
    r"|(?:haupt|seiten|neben|hinter)eingang"
    rf"|(?:zimmer|zi|raum|r(?:ä|ae)ume|b(?:ü|ue)ro|wohnungs?|whg|top"
    rf"|app(?:artement)?|apartment|apt)\.?[\s-]?(?:nr\.?\s?|nummer\s)?{_ROOM}"
    rf"(?:[-/+]{_ROOM})?"
    r"|(?:eingang|aufgang"
    r"|geb(?:ä|ae)ude|geb|haus|block|halle|tor|bau|treppe|trakt|postfach|etage|etg|stock)"
    r"\.?\s?(?:nr\.?\s?)?(?:[0-9]{1,4}(?:\.[0-9]{1,4})*\s?[a-z]?|[a-z])(?!\w)"
    r"(?:\s?(?:[-/+&]|und)\s?[a-z](?!\w))?"
    r"|t(?:ü|ue)r\.?\s?(?:nr\.?\s?)?(?:[0-9]{1,5}|[a-z])(?!\w)"
    r"|(?:links|rechts|mitte|lks|(?:li|re)(?:\.|$))"
    r"|(?<=im\s)(?:hof|garten|haus|hause)|(?<=auf\sdem\s)hof|(?<=in\sder\s)(?:halle|passage)"
    r")(?!\w)(?!\s[0-9]{1,4}\s?[a-z]?$)\.?"
)
BUILDING_PART = re.compile(rf"(?<!\w){_FLOOR}(?:(?:[\s/]*|\s?{_AND}\s?){_FLOOR})*")
MAX_LISTED = 20
"""Most house numbers read from one list."""

_JOIN = r"(?:(?:und|oder|od\.?|bzw\.?|sowie|u\.?(?!\s?a\b))(?!\w)\s*|[&+/|]\s*)?"
_STEP = re.compile(
    rf"[\s.,:;_*!?/-]*(?:(?P<part>(?!haus[\s-]*n){BUILDING_PART.pattern})"
    rf"|{_JOIN}(?:{NUMBER_SIGN})?(?:(?P<number>{NUMBER})(?![0-9a-zäöüß])|(?P<letter>[a-z])))"
)
_TIED = re.compile(r"[^\s,;]*")
_PLAIN_LETTER = re.compile(r"(?:\.(?!\s?\w))?(?:[\s,;:!?*_-]|$)")
"""What follows a letter that stands alone: not N'stadt, e.V., c/o."""
_PLAIN_END = re.compile(r"[.,:;*!?_/-]*")
"""What may stand right behind a number without changing it."""
_WORD_END = re.compile(r"[/-]+[^\W\d_]{3,}[^\d]*")
"""A word joined to the number: 7-Neustadt; it is judged as a word."""
_LONE = re.compile(r"[\s,.-]*(?:ffg?|f|folgende|u\.?\s?a\.?|[^\W\da-z_])\.*(?!\w)")
"""No word of its own: and those following, or a letter of another alphabet."""
_FLOOR_END = re.compile(rf"[/.,-]+(?:{BUILDING_PART.pattern})[\s.,/-]*")


@dataclass
class NumberText:
    """Numbers in the order written, parts of buildings, and what was not understood."""

    numbers: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def to_number(self) -> HouseNumber | None:
        """Return the house number, with what was not understood beside it."""
        if not self.numbers:
            return None
        found = read_house_number("+".join(self.numbers))
        unread = " ".join(self.unread)
        return HouseNumber(found.parts, found.kind, unread) if unread else found

    def start(self, small: str, number: str, end: int, *, is_only: bool = False) -> int:
        """Take the first number, which ends at a place in a text; return where words begin."""
        self.numbers.append(number)
        after = self._read_tied(small, end)
        return after if is_only else self.read(small, after, is_tied=after == end)

    def read(self, small: str, at: int = 0, *, is_tied: bool = False) -> int:
        """Read on from a place in a small text; return where words begin.

        ``is_tied``: nothing separates the text from the number before it, so that a single letter
        is that number's suffix.
        """
        is_flat = False
        while at < len(small) and (match := _STEP.match(small, at)) is not None:
            if match["part"] is not None:
                self.parts.append(match["part"].strip())
                at, is_tied, is_flat = match.end(), False, True
                continue
            letter, end = match["letter"], match.end()
            if letter is not None and not (self.numbers and _PLAIN_LETTER.match(small, end)):
                break
            if letter is not None and is_flat:
                self.parts.append(letter)
            else:
                self._add(match["number"] or match["letter"], is_suffix=is_tied)
            at = self._read_tied(small, end)
            is_tied, is_flat = False, False
        lone = _LONE.match(small, at)
        if lone is not None and self.numbers:
            self.unread.append(lone.group().strip(" ,-"))
            at = lone.end()
        return at

    def _read_tied(self, small: str, end: int) -> int:
        """Account for what stands right behind a number, without a blank; return its end."""
        floor = _FLOOR_END.match(small, end)
        if floor is not None:
            self.parts.append(floor.group().strip(" /.,-"))
            return floor.end()
        tied = _TIED.match(small, end)
        text = tied.group() if tied is not None else ""
        if _WORD_END.fullmatch(text):
            return end
        if _PLAIN_END.fullmatch(text) is None:
            self.unread.append(text)
        return end + len(text)

    def _add(self, text: str, *, is_suffix: bool) -> None:
        if len(self.numbers) >= MAX_LISTED or not text.strip("0"):
            self.unread.append(text)
        elif text.isalpha() and is_suffix and self.numbers[-1].isdigit():
            self.numbers[-1] += text
        elif text.isalpha():
            self.numbers.append(f"{read_house_number(self.numbers[-1]).last.number}{text}")
        else:
            self.numbers.append(text)
