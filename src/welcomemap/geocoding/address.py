"""What does a typed address say? One text is taken apart; nothing is looked up here.

Behind a street's name stand numbers, floors and flats in turn, until a word begins. Every character
is accounted for: it belongs to a number, to a part of a building, to a word that is judged
elsewhere, or it is kept as unread. Whoever reads numbers in another way drops some.

The order of the pieces is free: the postcode may stand anywhere, the town before or after the
street. What the words mean (own town, other town, quarter, a facility) is judged later against the
region, see :mod:`welcomemap.geocoding.municipality`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from welcomemap.geocoding.street_match import clean_text, foreign_digits, to_ascii


class NumberKind(StrEnum):
    """What a written house number names: one house, the houses from … to, or several houses."""

    SINGLE = "single"
    RANGE = "range"
    LIST = "list"


@dataclass(frozen=True, order=True)
class NumberPart:
    """One house: a number and its suffix (``""``, ``"a"``, ``" 1/2"``, ``"/1"``)."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}"


@dataclass(frozen=True)
class HouseNumber:
    """A house number as written: its parts in ascending order, the ends first and last.

    ``unread`` is what was written beside it and not understood, though it may change which house
    is meant (``".1"`` of 7.1); whatever holds such text is never answered as exact.
    """

    parts: tuple[NumberPart, ...]
    kind: NumberKind = NumberKind.SINGLE
    unread: str = ""

    @property
    def first(self) -> NumberPart:
        """The only or lowest house."""
        return self.parts[0]

    @property
    def last(self) -> NumberPart:
        """The only or highest house."""
        return self.parts[-1]

    @property
    def is_single(self) -> bool:
        """Tell whether one house is meant."""
        return self.kind is NumberKind.SINGLE

    def __str__(self) -> str:
        return ("+" if self.kind is NumberKind.LIST else "-").join(map(str, self.parts))


_FRACTION = r"(?:\s?(?:1/2|1/4|3/4)|\s(?:1/[2-9]|2/[3579]|3/[4578]))(?![0-9/])"
_PART = (
    rf"[0-9]{{1,4}}(?:{_FRACTION}"
    r"|[a-z](?![a-z0-9'])|\s[a-z](?![a-z0-9'])(?!\.\s?[a-z0-9])(?!/o)(?!\s(?:[0-9]|und\s)))?"
)
_JOIN = r"\s?(?:[-/+&]|bis|und|oder|od\.?|bzw\.?|sowie|u(?:\.(?!\s?a(?:\W|$))|(?!\.)))\s?"
_SUFFIX_ONLY = r"[a-z](?![a-z0-9'])"
NUMBER = rf"{_PART}(?:{_JOIN}(?:{_PART}|{_SUFFIX_ONLY}))*"
"""Pattern of a house number in small, cleaned text, without what stands before or after it."""

_SIGN = r"(?:hausnummer|hausnr|haus-nr|hnr|nummer|nr|no|#)\.?:?\s?"
_WHOLE = re.compile(rf"\s*(?:{_SIGN})?({NUMBER})[.,\s]*")
_PIECES = re.compile(
    rf"([0-9]{{1,4}})(?:({_FRACTION})|([a-z])(?![a-z])|\s([a-z])(?![a-z.]|\s[0-9]))?"
    rf"|({_JOIN})|([a-z])"
)


def parse_house_number(text: str) -> HouseNumber | None:
    """Read a text that is a house number and nothing else; ``None`` where it is not.

    Examples
    --------
    >>> str(parse_house_number("Nr. 2 A")), str(parse_house_number("12–14"))
    ('2a', '12-14')
    """
    match = _WHOLE.fullmatch(text.lower().replace("–", "-").replace("½", " 1/2"))
    return read_house_number(match.group(1)) if match else None


@lru_cache(maxsize=8192)
def read_house_number(text: str) -> HouseNumber:
    """Read a text that matches :data:`NUMBER`."""
    parts: list[NumberPart] = []
    joins: list[str] = []
    for number, fraction, near, far, join, letter in _PIECES.findall(text):
        if number:
            suffix = f" {fraction.strip()}" if fraction else near or far
            parts.append(NumberPart(int(number), suffix))
        elif join:
            joins.append(join.strip())
        elif letter and parts:
            is_suffix = joins[-1:] == ["/"] and not parts[-1].suffix
            last = parts.pop() if is_suffix else parts[-1]
            joins = joins[:-1] if is_suffix else joins
            parts.append(NumberPart(last.number, letter))
    return _combine(parts, joins)


def _combine(parts: list[NumberPart], joins: list[str]) -> HouseNumber:
    if len(parts) == 1 or len(set(parts)) == 1:
        return HouseNumber((parts[0],))
    first, second = parts[:2]
    is_lower = second.number < first.number or second.number == 1
    if joins == ["/"] and is_lower and not second.suffix:
        return HouseNumber((NumberPart(first.number, f"{first.suffix}/{second.number}"),))
    ordered = tuple(sorted(set(parts)))
    is_range = len(ordered) == 2 and joins[-1:] in (["-"], ["bis"])
    return HouseNumber(ordered, NumberKind.RANGE if is_range else NumberKind.LIST)


NUMBER_SIGN = r"(?:(?<!\w)(?:h(?:aus|s|\.s)?\.?[\s-]*(?:nummer|nr)|nummer|nr|no|n°)[.:]*\s?|#\s?)"
"""What says that a house number follows: Nr., Hausnummer, Hs.-Nr., N°."""
_AND = r"(?:[-/+&]|und|u\.|bis)"
_STOREY = r"gesch(?:oss|oß|(?=\.|\s|$))"
_ROOM = r"(?:[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}\s?[a-z]?|[a-z](?:[\s.-]?[0-9]{1,4})?)(?!\w)"
_FLOOR = (
    r"(?:(?:im|in\s(?:der|dem)|auf\sdem)\s)?"
    rf"(?:(?:[0-9]{{1,2}}\.\s?{_AND}\s?)*(?:[0-9]{{1,2}}\.?|[ivx]{{1,4}}\.?)\s?"
    rf"(?:og|ober{_STOREY}|etage|etg|stock(?:werk)?|ug)|[0-9]{{1,2}}\.\s?(?:(?:hinter)?hof|dg)"
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

_JOIN_BEFORE_REST = r"(?:(?:und|oder|od\.?|bzw\.?|sowie|u\.?(?!\s?a\b))(?!\w)\s*|[&+/|]\s*)?"
_STEP = re.compile(
    rf"[\s.,:;_*!?/-]*(?:(?P<part>(?!haus[\s-]*n){BUILDING_PART.pattern})"
    rf"|{_JOIN_BEFORE_REST}(?:{NUMBER_SIGN})?(?:(?P<number>{NUMBER})(?![0-9a-zäöüß])|(?P<letter>[a-z])))"
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


_ENDS_AS_STREET = re.compile(r"(?:strasse|str\.?|weg|allee|gasse|platz|ring|ufer|damm)$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_THE_HOUSE = _words(
    "gegenueber gegenueberliegend ggue nebenan neben naechst daneben hinter hinterm dahinter "
    "vor vorm davor zwischen bis ab ca circa zirka etwa ungefaehr ff etc usw ua weitere weiteren "
    "weiterer mehrere folgende existiert existierte existent abgerissen abriss zerstoert nicht "
    "nichtig kein keine keiner ehem ehemals ehemalig ehemalige ehemaliger ehemaliges vormals "
    "frueher fruehere ecke eck kreuzung einmuendung hoehe naehe nahe unweit umgebung umkreis "
    "richtung statt anstatt sondern falsch unbekannt ungueltig schraeg rueckseite opposite near "
    "beside behind between not former formerly demolished"
)
"""Words that tell of a place beside an address, of several houses, or that deny it."""
IN_NAMES = _words("vor hinter neben zwischen bis ab ecke eck weitere nahe naehe hoehe")
"""Those of them that names of institutions hold too, if not as their first word."""
NO_HOUSE_NUMBER = _words(
    "whg wohnung wohneinheit we app appartement apartment apt tuer top pf postfach packstation km "
    "kilometer parzelle flur flurstueck gemarkung zimmer zi raum buero box fach schliessfach tel "
    "telefon fon fax handy mobil stellplatz parkplatz garage gleis linie etage stock stockwerk og "
    "ug stiege treppe treppenhaus lager stand platznr kiosk laterne mast baum grab station "
    "haltestelle postleitzahl plz"
)
"""Words before a number that make it the number of something else than a house."""
HOUSE_WORDS = frozenset(("haus", "hs", "h"))
HARMLESS = _words(
    "in der stadt landeshauptstadt hauptstadt gemeinde ortsteil stadtteil ot kreisfreie "
    "stadtbezirk bezirk regierungsbezirk am rhein rh an deutschland germany europa eu nrw "
    "nordrhein westfalen brd d de nr no hnr hausnr hausnummer adresse anschrift strasse "
    "plz postleitzahl"
)
"""Words that say nothing new beside the names of the region."""


INSTITUTION = re.compile(
    r"(?<![a-z])(?:e\.\s?v\.?|ev|g?gmbh|mbh|gag|kg|ohg|gbr|c/o|ggs|kgs|awo|drk|asb|vhs|jobcenter"
    r"|welcome|[a-z-]*(?:zentrum|schule|kita|kindergarten|kirche|moschee|synagoge|praxis|kanzlei"
    r"|apotheke|klinik|krankenhaus|rathaus|buergerhaus|kaufhaus|parkhaus|museum|theater|hotel"
    r"|bibliothek|buecherei|beratung|verein|verband|stiftung|beratungsstelle|geschaeftsstelle"
    r"|zweigstelle|anlaufstelle|(?:wohn|alten|pflege|senioren|kinder|jugend|vereins|pfarr)heim"
    r"|gymnasium|universitaet|akademie"
    r"|institut|agentur|center|treff|treffpunkt|point|caritas|diakonie|feuerwehr|polizei|amt"
    r"|sparkasse|bank|restaurant|cafe))(?![a-z])"
)
"""Words of offices, firms and homes, whose names may hold what else would be read as a place."""
_ACCESS = _words(
    "barrierefrei barrierearm rollstuhlgerecht behindertengerecht rollstuhlgeeignet ebenerdig "
    "stufenlos aufzug fahrstuhl lift parkplatz parkplaetze"
)
"""Words that may be denied without denying the house: nicht barrierefrei."""
_REMARKS = _ACCESS | _words(
    "klingeln laden ladenlokal ladengeschaeft geschaeft "
    "kiosk werkstatt lager garage wohnung wohnhaus privat dienstlich sitz hauptsitz zentrale "
    "verwaltung empfang rezeption foyer buero aussenstelle nebenstelle filiale neubau altbau "
    "hauptgebaeude haupthaus innenstadt ortsmitte ortskern stadtzentrum "
    "neu renoviert saniert postanschrift besucheradresse hausanschrift "
    "mo di mi do fr sa so montags dienstags mittwochs donnerstags freitags samstags sonntags "
    "taeglich werktags vormittags nachmittags geoeffnet"
)
"""Words of remarks that change neither house nor town."""
_REMARK_LINKS = _words(
    "mit ohne und im in am an der die das den sehr ist sind nur auch bitte vorhanden"
)
_DENIALS = _words("nicht kein keine")
_PART_OR_TOWN = _words("hof halle saal")
"""Parts of a building or plot that are names of towns too."""
_LARGE_TOWNS = _words("halle")
_COMMON_WORDS = _words(
    "au aue berg bogen buch forst heide horn horst kirchen linden norden rain rohr rot stein wehr"
)
"""Names of towns that may be a remark in brackets, so that no other town is certain."""
_HOUSE_END = re.compile(r"[0-9]\s?[a-z]?/?\Z")
_IN_BRACKETS = re.compile(r"(?:[(\[][^)\]]*|\")\Z")
_POSTCODE_END = re.compile(r"[0-9]{5}\Z")
CONTACT = re.compile(
    r"(?<!\w)(?:(?:tele?(?:fon|fax)?|fon|fax|mobil|handy)[.:\s]*[+(]?(?:49|0)[0-9\s()/-]{5,}"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+|(?:https?://|www\.)\S+)|(?<=[a-zäöüß]{3})\s\(d\)\Z"
)
"""A telephone number, address in the web, or sign of this country in brackets."""
ENTRANCE = re.compile(
    r"(?:\w*(?:eingang|zugang|zufahrt|einfahrt)|zutritt|klingeln?|haltestelle|[us]-?bahn)\b[^0-9]*"
)


def is_remark(phrase: str) -> bool:
    """Tell whether a phrase is a remark that changes neither house nor town: barrierefrei."""
    words = {word_key(word) for word in re.split(r"[\s/-]+", phrase)} - {""}
    remarks = _ACCESS if words & _DENIALS else _REMARKS
    return not remarks.isdisjoint(words) and words <= _REMARKS | _REMARK_LINKS | _DENIALS


def is_part_of_building(name: str, text: str, *, is_pinned: bool) -> bool:
    """Tell whether a name that towns have too (Hof) is a part of the house where it stands.

    In brackets, right behind the number, or where the address says its town besides; not behind a
    postcode, and not where a comma sets it in the place of a town.
    """
    key = word_key(name)
    if key not in _PART_OR_TOWN:
        return False
    before = text[: max(text.find(name), 0)].rstrip()
    if _POSTCODE_END.search(before.rstrip(" ,")) is not None:
        return False
    is_behind = key not in _LARGE_TOWNS and _HOUSE_END.search(before.lower()) is not None
    return is_pinned or _IN_BRACKETS.search(before) is not None or is_behind


def may_be_remark(name: str, text: str) -> bool:
    """Tell whether the name of a town is a common word in brackets of its own."""
    return word_key(name) in _COMMON_WORDS and f"({name})" in text


def is_no_town(name: str) -> bool:
    """Tell whether a name that ends as those of towns do tells of something else: Wohnheim."""
    small = to_ascii(name)
    is_told = INSTITUTION.search(small) or ENTRANCE.match(small) or small.startswith("bei ")
    return bool(is_told) or is_remark(name)


def word_key(word: str) -> str:
    """Return the key under which a word stands in the lists of this module."""
    return to_ascii(word).replace(".", "").strip(" :-'’")


def ends_as_street(name: str) -> bool:
    """Tell whether a name ends in a common type of street: Straße, Weg."""
    return _ENDS_AS_STREET.search(to_ascii(name)) is not None


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
"""The code of another country that ends a text before a postcode: F- in F-12345."""
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
    :data:`welcomemap.geocoding.street_match.MAX_LENGTH`.

    Raises
    ------
    UnreadableAddressError
        One of its subclasses, see :func:`welcomemap.geocoding.street_match.clean_text`.

    Examples
    --------
    >>> address = parse_address("D-12345 Musterstadt, Lange Str. 2 A")
    >>> address.street, address.house_number, address.postcode, address.town
    ('Lange Str', '2a', '12345', 'Musterstadt')
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
    before = before[: len(_FOREIGN_CODE.sub("", before.lower()))]
    before, after = (
        _cut_around(part, pieces.rest).strip(_EDGE) for part in (before, segment[match.end() :])
    )
    if after and _HOUSE.search(after.lower()) is None:
        pieces.after_postcode = after
        return [before] if before else []
    pieces.beyond = after
    return [s for s in (before, after) if s]


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
    localities = tuple(dict.fromkeys(filter(None, (pieces.after_postcode, *pieces.tail))))
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
