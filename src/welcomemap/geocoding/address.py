"""What does a typed address say? One text is taken apart; nothing is looked up here.

The order of the pieces is free: the postcode may stand anywhere, the town before or after the
street. What the words mean (own town, other town, quarter, a facility) is judged later against the
region, see :mod:`welcomemap.geocoding.region`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from welcomemap.geocoding.house_number import NUMBER, HouseNumber
from welcomemap.geocoding.number_text import BUILDING_PART, NUMBER_SIGN, NumberText
from welcomemap.geocoding.qualifiers import CONTACT
from welcomemap.geocoding.spelling import clean_text, foreign_digits


@dataclass(frozen=True)
class ParsedAddress:
    """The pieces of an address, as typed except for :func:`clean_text`.

    Attributes
    ----------
    street
        Name of the street, without number.
    number
        House number, range or list; ``None`` where none was given.
    localities
        Every word that may name a town or quarter, in order; ``town`` and ``quarter_hint`` are the
        likeliest among them.
    place_name
        A text that may be a facility's name: what stands where no house number does.
    is_named_recipient
        The street is preceded by a person or office (c/o, Firma), without a comma between.
    lead, rest
        Segments before the street, and what was set aside (floor, c/o, country).
    numbers
        The house numbers one by one, in the order written.
    aside
        What holds a digit and was not used, but cannot change which house is meant.
    name_after
        What follows a house number that stands alone between commas: perhaps the street.
    digits
        Digits of another script, as typed, that were read as numbers.
    contacts
        Telephone numbers and the like, which are not in ``text`` any more.
    """

    text: str
    street: str | None = None
    number: HouseNumber | None = None
    postcode: str | None = None
    town: str | None = None
    quarter_hint: str | None = None
    district_hint: int | None = None
    place_name: str | None = None
    localities: tuple[str, ...] = ()
    is_named_recipient: bool = False
    lead: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    name_after: str | None = None
    digits: str = ""
    contacts: tuple[str, ...] = ()

    @property
    def house_number(self) -> str | None:
        """Normalised text of the house number: ``2a``, ``19-21``, ``6+8``."""
        return None if self.number is None else str(self.number)


_POSTCODE = re.compile(
    r"(?<![0-9])(?<!tür\s)(?:(?<!\w)(?:plz|postleitzahl)[\s.:]*)?"
    r"(?:(?<!\w)(?:de|d)[-\s]?)?(?<![0-9])([0-9]{5})(?![0-9])"
)
_SEPARATOR = re.compile(
    r"\s*[,;|\n•·()\[\]\"]+\s*|\s+-\s+(?!(?:[0-9]+[a-zA-Z]?|[a-zA-Z])(?:\W|$))"
    r"(?!(?i:(?:\w+\s+-\s+)?(?:stra(?:ß|ss)e|str|weg|allee|platz)\b))(?=[^\s])"
)
_BEFORE = r"(?:(?<![\w'’])|(?<=[a-zäöüß][a-zäöüß][a-zäöüß]))"
_HOUSE = re.compile(
    rf"(?:{NUMBER_SIGN}|{_BEFORE})(?<![0-9])({NUMBER})(?![0-9])(?![a-zäöüß'])(?!\.\s?[a-zäöüß])"
)
_HOUSE_ONLY = re.compile(rf"(?:{NUMBER_SIGN})?({NUMBER})[\s.:-]*")
_STREET_END = re.compile(
    r"(?:str|str\.|stra[sß]+e|strasse|weg|platz|allee|gasse|ring|ufer|damm)\s*$"
)
_STREET_WORD = re.compile(
    r"(?:str|stra[sß]+e|weg|platz|pl|allee|gasse|ring|ufer|damm|hof|markt|wall|kamp|deich)(?:\.|\b)"
)
CARE_OF = re.compile(
    r"(?<!\w)(?:c/o|c\.\s?o\.|z\.\s?hd\.?|z\.\s?h\.|zu\s+h(?:ä|ae)nden|attn\.?)(?!\w)\s*"
)
RECIPIENT = re.compile(r"(?:c/o|firma|fa\.|familie|fam\.|herrn?|frau|praxis)\s+")
COUNTRY = re.compile(
    r"(?<!\w)(?:deutschland|germany|allemagne|brd|nrw|nordrhein-westfalen|north rhine-westphalia"
    r"|baden-w(?:ü|ue)rttemberg|bayern|hessen|niedersachsen|rheinland-pfalz|saarland|sachsen"
    r"|sachsen-anhalt|th(?:ü|ue)ringen|schleswig-holstein|mecklenburg-vorpommern|brandenburg)"
    r"\s*\.?$"
)
DISTRICT = re.compile(r"(?<!\w)(?:stadt)?bezirk\s+(?:nr\.?\s*)?0?([0-9]{1,2})(?![0-9])")
_FOREIGN_CODE = re.compile(r"(?<!\w)(?!d-|de-)[a-z]{1,3}-\Z")
_OLD_POSTCODE = re.compile(r"(?:d[-\s]?)?[1-9][0-9]{3}\s+([^\W\d_][^\d]*?)(?:\s+[0-9]{1,2})?\W*")
"""A postcode as until 1993, the town, and the number of its post office."""
_NO_NUMBER = re.compile(r"(?<=\w[\s,.])\s*(?:ohne|o\.)\s?(?:haus)?-?(?:nummer|nr)\.?\s*\Z")
_EDGE = " .,:;-_/*!?"


@dataclass
class _Pieces:
    """What is collected while the segments are gone through."""

    street: str | None = None
    house: NumberText = field(default_factory=NumberText)
    postcode: str | None = None
    district_hint: int | None = None
    is_named_recipient: bool = False
    is_number_alone: bool = False
    after_postcode: str | None = None
    beyond: str | None = None
    name_after: str | None = None
    lead: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)


def parse_address(text: str) -> ParsedAddress:
    """Take an address apart.

    Total: every text gives a parse or one of the refusals below, in time bounded by
    :data:`welcomemap.geocoding.spelling.MAX_LENGTH`.

    Raises
    ------
    UnreadableAddressError
        One of its subclasses, see :func:`welcomemap.geocoding.spelling.clean_text`.

    Examples
    --------
    >>> address = parse_address("D-12345 Musterstadt, Lange Str. 2 A")
    >>> address.street, address.house_number, address.postcode, address.town
    ('Lange Str.', '2a', '12345', 'Musterstadt')
    """
    pieces = _Pieces()
    cleaned = _cut_contacts(clean_text(text), pieces.contacts)
    segments = [s for s in _SEPARATOR.split(cleaned) if s and s.strip(_EDGE)]
    prepared = [p for s in segments for p in _prepare(s, pieces)]
    chosen = _choose_street(prepared)
    for index, segment in enumerate(prepared):
        if index == chosen:
            _read_street(segment, pieces)
        elif index < chosen:
            pieces.lead.append(segment)
        else:
            _read_after(segment, pieces)
    _read_lead(pieces)
    return _assemble(cleaned, pieces, foreign_digits(text))


def _cut_contacts(text: str, contacts: list[str]) -> str:
    """Take telephone numbers and the like out of a text, whose digits are none of the address."""
    for match in reversed(list(CONTACT.finditer(text.lower()))):
        contacts.append(text[match.start() : match.end()].strip(_EDGE))
        text = f"{text[: match.start()]}, {text[match.end() :]}"
    return text


def _prepare(segment: str, pieces: _Pieces) -> list[str]:
    """Take postcode, country, c/o and district out of a segment; return what is left, in pieces."""
    match = _POSTCODE.search(segment.lower()) if pieces.postcode is None else None
    if match is None:
        segment = _cut_around(segment, pieces.rest)
        return [segment.strip(" .:-")] if segment.strip(_EDGE) else []
    pieces.postcode = match.group(1)
    before = segment[: match.start()]
    before = before[: len(before) - len(_cut_code(before.lower()))]
    before, after = (
        _cut_around(part, pieces.rest).strip(_EDGE) for part in (before, segment[match.end() :])
    )
    if after and _HOUSE.search(after.lower()) is None:
        pieces.after_postcode = after
        return [before] if before else []
    pieces.beyond = after
    return [s for s in (before, after) if s]


def _cut_code(small: str) -> str:
    """Return the code of another country that ends a text before a postcode: F- in F-12345."""
    code = _FOREIGN_CODE.search(small) if small.endswith("-") else None
    return code.group() if code is not None else ""


def _cut_around(segment: str, rest: list[str]) -> str:
    small = segment.lower()
    match = CARE_OF.search(small)
    if match is not None and (match.start() > 0 or _HOUSE.search(small) is None):
        rest.append(segment[match.start() :])
        segment, small = segment[: match.start()], small[: match.start()]
    if (match := COUNTRY.search(small)) is not None:
        rest.append(segment[match.start() :])
        segment = segment[: match.start()]
    return segment


def _choose_street(segments: list[str]) -> int:
    """Return the index of the segment that holds the street, or -1."""
    small = [s.lower() for s in segments]
    with_number = [
        i for i, s in enumerate(small) if (m := _HOUSE.search(s)) and s[: m.start()].strip(_EDGE)
    ]
    with_word = [i for i, s in enumerate(small) if _STREET_WORD.search(s)]
    both = [i for i in with_number if i in with_word]
    parts = {
        i for i, s in enumerate(small)
        if BUILDING_PART.fullmatch(s.strip(_EDGE)) or DISTRICT.fullmatch(s)
    }  # fmt: skip
    for indices in (both, with_number, with_word, range(len(small))):
        for index in indices:
            if index not in parts and any(c.isalpha() for c in small[index]):
                return index
    return -1


def _read_street(segment: str, pieces: _Pieces) -> None:
    recipient = RECIPIENT.match(segment.lower())
    if recipient is not None:
        segment = segment[recipient.end() :]
        pieces.is_named_recipient = True
    small = segment.lower()
    match = _find_house(small)
    if match is None:
        bare = _NO_NUMBER.search(small)
        if bare is not None:
            pieces.rest.append(segment[bare.start() :].strip())
            segment = segment[: bare.start()]
        pieces.street = segment.strip(_EDGE) or None
        return
    before = segment[: match.start()].strip(_EDGE)
    if before:
        pieces.street = before
        words = pieces.house.start(small, match.group(1), match.end())
        _read_words(segment[words:], pieces)
    else:
        words = pieces.house.start(small, match.group(1), match.end(), is_only=True)
        pieces.street = segment[words:].strip(_EDGE) or None


def _find_house(small: str) -> re.Match[str] | None:
    """Choose the house number of a segment: the one after the street's name."""
    matches = [m for m in _HOUSE.finditer(small) if m.group(1)]
    named = [m for m in matches if any(c.isalpha() for c in small[: m.start()])]
    if not named:
        return matches[0] if matches and any(map(str.isalpha, small[matches[0].end() :])) else None
    first = named[0]
    if len(named) == 1 or _STREET_END.search(small[: first.start()]):
        return first
    parts = [m.span() for m in BUILDING_PART.finditer(small, first.end())]
    free = [m for m in named if not any(a <= m.start(1) < b for a, b in parts)]
    chosen = len(free) - 1
    while chosen and not small[free[chosen - 1].end() : free[chosen].start()].strip(_EDGE):
        chosen -= 1
    return free[chosen]


def _read_after(segment: str, pieces: _Pieces) -> None:
    """Read a segment after the street: its number, a district, floors, or the name of a place."""
    if pieces.is_number_alone and pieces.name_after is None:
        pieces.name_after = segment
    house, small = pieces.house, segment.lower()
    old = _OLD_POSTCODE.fullmatch(small) if house.numbers else None
    if old is not None:
        pieces.tail.append(segment[old.start(1) : old.end(1)])
        return
    trial = NumberText(list(house.numbers))
    words = trial.read(small)
    is_whole = not small[words:].strip(_EDGE)
    if is_whole or trial.numbers == house.numbers:
        pieces.is_number_alone |= not house.numbers and bool(trial.numbers)
        house.numbers = trial.numbers
        house.parts += trial.parts
        house.unread += trial.unread
    else:
        words = 0
    _read_words(segment[words:], pieces, is_beyond=segment == pieces.beyond)


def _read_words(text: str, pieces: _Pieces, *, is_beyond: bool = False) -> None:
    """Keep words that may name a town; words with a digit that tells nothing are kept as unread.

    ``is_beyond``: they follow the postcode, where a digit is no house number (Neustadt 1).
    """
    if (match := DISTRICT.search(text.lower())) is not None:
        pieces.district_hint = int(match.group(1))
        text = text[: match.start()] + text[match.end() :]
    for part in reversed(list(BUILDING_PART.finditer(text.lower()))):
        pieces.rest.append(part.group().strip())
        text = text[: part.start()].rstrip() + " " + text[part.end() :].lstrip()
    kept = text.strip(_EDGE)
    words = kept.rstrip(" 0123456789") if is_beyond else kept
    if not any(map(str.isnumeric, words)):
        pieces.tail += [words] if words else []
        pieces.aside += [kept[len(words) :].strip()] if len(words) < len(kept) else []
    elif is_beyond or not pieces.house.numbers:
        pieces.aside.append(kept)
    else:
        pieces.house.unread.append(kept)


def _read_lead(pieces: _Pieces) -> None:
    """Take a number alone before the street for the house number: 27, Lange Straße."""
    for text in reversed(pieces.lead):
        match = _HOUSE_ONLY.fullmatch(text.lower())
        if match is None:
            continue
        if pieces.house.numbers:
            pieces.aside.append(text)
        else:
            pieces.house.numbers.append(match.group(1))


def _assemble(text: str, pieces: _Pieces, digits: str) -> ParsedAddress:
    lead, number = pieces.lead, pieces.house.to_number()
    localities = tuple(
        dict.fromkeys(([pieces.after_postcode] if pieces.after_postcode else []) + pieces.tail)
    )
    town = localities[0] if localities else None
    quarter = localities[1] if len(localities) > 1 else None
    if town is not None and quarter is None and "-" in town.strip("-"):
        head, _, end = town.partition("-")
        town, quarter = head.strip(), end.strip()
    place = pieces.street if number is None else (lead[0] if lead else None)
    return ParsedAddress(
        text, pieces.street, number, pieces.postcode, town, quarter, pieces.district_hint, place,
        localities, pieces.is_named_recipient, tuple(lead), (*pieces.rest, *pieces.house.parts),
        tuple(pieces.house.numbers), tuple(pieces.aside), pieces.name_after, digits,
        tuple(pieces.contacts),
    )  # fmt: skip
