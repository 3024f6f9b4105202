"""Which street? Names are matched whole, never as a part of one another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from itertools import groupby, product

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from welcomemap.errors import (
    AddressCharacterError,
    AddressCodeError,
    AddressFormulaError,
    AddressTooLongError,
    fault,
)

MAX_LENGTH = 400
"""Longest text read as an address; the longest German postal address has about 250 characters."""
MAX_DIGITS = 40
MAX_UMLAUTS_VARIED = 4

_HOW = fault("Give one address, such as: Musterstraße 12, 12345 Musterstadt.")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x034F, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)]
)  # fmt: skip
_SIGNS = (
    dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x2043, 0x30FC], "-")
    | dict.fromkeys([0x2018, 0x2019, 0x201B, 0x02BC, 0x00B4, 0x0060, 0x2032, 0xFF07], "'")
    | dict.fromkeys([0x2044, 0x2215, 0xFF0F], "/")
    | dict.fromkeys([0x201A, 0xFF0C, 0x3001, 0x060C], ",")
    | {0x00BD: " 1/2", 0x00BC: " 1/4", 0x00BE: " 3/4", 0x1E9E: "ß", 0x000D: "\n", 0x0009: " "}
    | dict.fromkeys([0x201C, 0x201D, 0x201E, 0x201F, 0x00AB, 0x00BB], '"')
    | {0x0130: "I"}
    | {0x2028: "\n", 0x2029: "\n", 0x0085: "\n", 0x000B: "\n", 0x000C: "\n"}
)
_TABLE = _INVISIBLE | _SIGNS
_SPECIAL = ("<super>", "<sub>", "<circle>", "<square>")
_COMMON = re.compile(r"[ -~À-ÖØ-öø-ÿ]*")
"""Printable ASCII and Western letters: composed, visible, nothing to mend but blanks."""
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_MARKUP = re.compile(r"<\s*[/!?a-zA-Z]|&#|&[a-z]+;|javascript:|\{\{|\$\{|<%", re.IGNORECASE)
_SQL = re.compile(
    r";\s*(?:drop|delete|insert|update|select|alter|create|exec|truncate)\b|\bunion\s+(?:all\s+)?"
    r"select\b|\bselect\b.+\bfrom\b|\bdrop\s+table\b|['\"]\s*(?:or|and)\b.*=|'\s*--|/\*|\*/|--\s*$",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"(?<!\w)'([0-9]{1,4}\s?[a-zA-Z]?)'(?!\w)")
"""A house number in quotation marks."""
_FORMULA = re.compile(r"^\s*(?:[=@|]|[+-]\s*[A-Za-z@=(]|[+-].*[(!|])")


def clean_text(text: str) -> str:
    """Bring text into one Unicode form without what a reader cannot see.

    Composed Unicode (NFKC), plain dashes, apostrophes and blanks, ASCII digits; directional marks,
    soft hyphens and byte-order marks removed; a Turkish İ is an I. What is a number but no
    decimal digit, or a raised or circled letter (², ⑦, ª), stays as it is. Line breaks stay. No
    character of the result grows or shrinks when made small, so that a place in the small text is
    the same place in the text.

    Raises
    ------
    AddressTooLongError
        If the text has more than :data:`MAX_LENGTH` characters or :data:`MAX_DIGITS` digits.
    AddressCharacterError
        If it holds NUL, another control character or a lone surrogate.
    AddressFormulaError
        If it is a spreadsheet formula.
    AddressCodeError
        If it holds a fragment of HTML, a template or SQL.
    """
    if len(text) > MAX_LENGTH:
        raise AddressTooLongError("text longer than {most} characters", most=MAX_LENGTH, how=_HOW)
    cleaned = " ".join(text.split()) if _COMMON.fullmatch(text) else _clean_unicode(text)
    cleaned = _QUOTED.sub(r'"\1"', cleaned) if "'" in cleaned else cleaned
    _refuse_code(cleaned)
    if len(cleaned) > MAX_DIGITS and sum(map(str.isdigit, cleaned)) > MAX_DIGITS:
        raise AddressTooLongError("more than {most} digits", most=MAX_DIGITS, how=_HOW)
    return cleaned.strip("`").strip()


def _clean_unicode(text: str) -> str:
    shown = _compose(_compose(text.translate(_TABLE)).translate(_TABLE))
    if len(shown) > 2 * MAX_LENGTH:
        raise AddressTooLongError("text longer than {most} characters", most=MAX_LENGTH, how=_HOW)
    characters = []
    for character in shown:
        if character.isalnum() and character.isdecimal() and not character.isascii():
            characters.append(str(unicodedata.decimal(character)))
            continue
        if not character.isprintable() and character not in " \n":
            kind = unicodedata.category(character)
            if kind in {"Cc", "Cs", "Cn", "Co"}:
                raise AddressCharacterError(
                    "control or unassigned character U+{code:04X}", code=ord(character), how=_HOW
                )
            character = "" if kind == "Cf" else " "  # noqa: PLW2901  (rewritten, then kept)
        characters.append(character)
    flat = _LINES.sub("\n", _BLANKS.sub(" ", "".join(characters))).strip()
    return _compose(flat).translate(_TABLE)


def _compose(text: str) -> str:
    """Bring text into NFKC except for what would become a digit or suffix: 7², ⑦, 7ª."""
    if text.isascii():
        return text
    runs = groupby(text, _is_kept)
    return "".join(
        "".join(run) if is_kept else unicodedata.normalize("NFKC", "".join(run))
        for is_kept, run in runs
    )


def _is_kept(character: str) -> bool:
    """Tell whether a character is no decimal digit but a number, or raised, circled or squared."""
    if character.isascii() or character.isdecimal():
        return False
    if character.isnumeric() or unicodedata.decomposition(character).startswith(_SPECIAL):
        return True
    return any(map(str.isdecimal, unicodedata.normalize("NFKC", character)))


def foreign_digits(text: str) -> str:
    """Return the decimal digits of a text that are not ASCII, each once."""
    return "".join(dict.fromkeys(c for c in text if c.isdecimal() and not c.isascii()))


def _refuse_code(text: str) -> None:
    if _FORMULA.match(text):
        raise AddressFormulaError("a spreadsheet formula instead of an address", how=_HOW)
    if _MARKUP.search(text):
        raise AddressCodeError("a fragment of HTML or of a template", how=_HOW)
    if _SQL.search(text):
        raise AddressCodeError("a fragment of SQL or of program code", how=_HOW)


_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_BARE = {"ä": "a", "ö": "o", "ü": "u"}
_WITHOUT_DOTS = str.maketrans(_BARE)
_TO_ASCII = str.maketrans(
    _UMLAUTS | {"æ": "ae", "ø": "oe", "œ": "oe", "å": "a", "ł": "l", "đ": "d", "ı": "i"}
)
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_WORDS = re.compile(r"[a-z0-9]+\.?")
_ABBREVIATIONS = {
    "str": "strasse", "st": "sankt", "skt": "sankt", "sct": "sankt", "pl": "platz",
    "prof": "professor", "dr": "doktor", "friedr": "friedrich", "v": "von", "bgm": "buergermeister",
    "gebr": "gebrueder", "gr": "grosse", "kl": "kleine", "all": "allee", "frh": "freiherr",
}  # fmt: skip
_STREET_END = re.compile(r"(?<=[a-z])str\.|(?<=[a-z])str$|(?<=[a-z])str(?=[^a-z])")
_PLACE_END = re.compile(r"(?<=[a-z]{3})pl\.|(?<=[a-z]{3})pl$")


def to_ascii(text: str) -> str:
    """Write a text in small ASCII letters: ä as ae, ß as ss, other accents dropped."""
    small = text.lower()
    if small.isascii():
        return small
    spelled = unicodedata.normalize("NFC", small).translate(_TO_ASCII)
    if spelled.isascii():
        return spelled
    parts = unicodedata.normalize("NFKD", spelled.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def has_foreign_letters(name: str) -> bool:
    """Tell whether a name holds letters or digits that :func:`street_key` leaves out or replaces.

    Left out are those of other alphabets; replaced is the Turkish ı, an i without its dot.
    """
    return "ı" in name or any(c.isalnum() and not c.isascii() for c in to_ascii(name))


def street_key(name: str) -> str:
    """Return the key under which all normal spellings of a street name fall together.

    Examples
    --------
    >>> street_key("Kölner Str.") == street_key("KOELNER-STRASSE") == "koelnerstrasse"
    True
    """
    text = to_ascii(name)
    if "pl" in text:
        text = _PLACE_END.sub("platz", text)
    if "str" in text:
        text = _STREET_END.sub("strasse", text)
    words = _WORDS.findall(text)
    return "".join(_expand(word) for word in words)


def _expand(word: str) -> str:
    if word.endswith("."):
        word = word[:-1]
        return _ABBREVIATIONS.get(word, word)
    return _ABBREVIATIONS[word] if word in _BARE_ABBREVIATIONS else word


_BARE_ABBREVIATIONS = frozenset({"str", "st", "skt", "prof", "dr", "pl"})


def plain_key(text: str) -> str:
    """Return a key for names other than streets: small ASCII letters and digits only."""
    return _NOT_KEY.sub("", to_ascii(text))


def bare_key(name: str) -> str:
    """Return the key of a name with all its umlauts written without dots."""
    return street_key(name.lower().translate(_WITHOUT_DOTS))


def bare_plain_key(text: str) -> str:
    """Return :func:`plain_key` with umlauts written without dots."""
    return plain_key(text.lower().translate(_WITHOUT_DOTS))


def bare_keys(name: str) -> frozenset[str]:
    """Return the keys of a name with some or all of its umlauts written without dots.

    The key of :func:`street_key` itself is not among them.
    """
    small = unicodedata.normalize("NFC", name.lower())
    places = [i for i, c in enumerate(small) if c in _BARE][:MAX_UMLAUTS_VARIED]
    choices = [(c, _BARE[c]) if i in places else (c,) for i, c in enumerate(small)]
    keys = {street_key("".join(letters)) for letters in product(*choices)}
    return frozenset(keys - {street_key(name)})


_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "rzg", "z": "tuh", "u": "zij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "sqy", "s": "adwyx", "d": "sfexc", "f": "dgrcv", "g": "fhtvb",
    "h": "gjzbn", "j": "hkunm", "k": "jlim", "l": "kop", "y": "asx", "x": "ysdc", "c": "xdfv",
    "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk", "4": "07", "0": "lp47", "7": "p04",
}  # fmt: skip
"""Neighbours on a German keyboard; for signs of umlauts see :func:`mark_umlauts`."""
_AS_LAYOUT_TYPO = str.maketrans("äöü", "407")
_SOUND_ALIKE = frozenset(
    frozenset(pair) for pair in ("dt", "bp", "gk", "vf", "ck", "yi", "cz", "sz", "ae", "yu", "vw")
)


class SlipIndex:
    """Finds keys within one edit (letter changed, missing, added, or two swapped)."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._index: dict[str, list[str]] = {}
        for key in keys:
            for text in _with_one_left_out(key):
                self._index.setdefault(text, []).append(key)

    def near(self, key: str) -> set[str]:
        """Return the keys at most one edit from a key."""
        found = {k for text in _with_one_left_out(key) for k in self._index.get(text, ())}
        return {k for k in found if OSA.distance(key, k, score_cutoff=1) <= 1}


def mark_umlauts(name: str) -> str:
    """Return the key of a name with each umlaut as one sign of its own, as it is one key to hit.

    Examples
    --------
    >>> mark_umlauts("Löricker Str."), mark_umlauts("Lricker Straße")
    ('l0rickerstrasse', 'lrickerstrasse')
    """
    return street_key(unicodedata.normalize("NFC", name.lower()).translate(_AS_LAYOUT_TYPO))


def _with_one_left_out(key: str) -> set[str]:
    return {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}


def is_plain_slip(typed: str, name: str) -> bool:
    """Tell whether every edit is the kind a finger or an ear makes: not a random other letter.

    Two neighbouring letters swapped (as the only edit), a letter missing, one doubled or hit beside
    its neighbour, a neighbour on the keyboard, or a like sound; never in the first letter, which
    people rarely get wrong. Half of an umlaut or of an ß is no slip: „Berne“ is
    not „Börne“, „Rosa“ not „Roß“.
    """
    if typed[:1] != name[:1]:
        return False
    if OSA.distance(typed, name) == 1 and Levenshtein.distance(typed, name) > 1:
        return True
    edits = Levenshtein.editops(typed, name)
    return all(_is_plain_edit(edit.tag, edit.src_pos, edit.dest_pos, typed, name) for edit in edits)


def _is_plain_edit(tag: str, at: int, place: int, typed: str, name: str) -> bool:
    if tag == "insert":
        is_half_umlaut = name[place] in "aou" and name[place + 1 : place + 2] == "e"
        return not is_half_umlaut
    letter = typed[at]
    if tag == "replace":
        other = name[place]
        if other == "s" and "s" in (name[place - 1], name[place + 1 : place + 2]):
            return False
        return other in _NEIGHBOURS.get(letter, "") or frozenset((letter, other)) in _SOUND_ALIKE
    beside = typed[max(at - 1, 0) : at] + typed[at + 1 : at + 2]
    return any(b == letter or b in _NEIGHBOURS.get(letter, "") for b in beside)


class MatchKind(StrEnum):
    """How a street was found."""

    EXACT = "exact"
    CORRECTED = "corrected"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Support(IntEnum):
    """What besides the name must speak for a corrected street before it is taken."""

    NOTHING = 0
    """The name is enough, unless the number given is not known there."""
    NUMBER_OR_PLACE = 1
    """The house number must be known there, or postcode or quarter agree."""
    NUMBER_AND_PLACE = 2
    """Both."""


@dataclass(frozen=True)
class StreetMatch:
    """Numbers of the streets found: equal readings for ``EXACT``, else the likeliest first."""

    kind: MatchKind
    streets: tuple[int, ...] = ()
    needs: Support = Support.NOTHING


NO_MATCH = StreetMatch(MatchKind.NONE)


_TYPES = (
    "strasse|weg|platz|allee|gasse|ring|ufer|damm|hof|markt|wall|park|deich|kamp|feld|garten|"
    "gaesschen|straesschen|steig|stieg|pfad|tor|busch|berg|acker|graben|bruch|broich|tal|grund"
)
_TYPE = re.compile(rf"({_TYPES})$")
_LEADING = re.compile(
    r"^(?:am|an der|an den|an dem|an|im|in der|in den|in dem|in|auf der|auf dem|auf den|auf'm|auf|"
    r"zum|zur|zu den|zu der|beim|bei der|unter den|hinter der|hinter den|hinter dem|vor dem|"
    r"vor der|nach den|nach der|nach dem)"
    r"\s+",
    re.IGNORECASE,
)
_STREET_SLIP = re.compile(r"(?:stra[a0]?se|stra0e|strae|stras|strsse|stasse|srasse|starsse)$")
"""Slips in the word Straße itself, which tell nothing about the name before it."""
MIN_KEY = 3
MIN_SURE_STEM = 5
MIN_STEMS = (3, 8, 15)
"""Least letters of a name without Straße, Weg … for one, two, three edits to be taken for slips."""
MIN_SUPPORTED_STEMS = (1, 4, 12)
"""Least letters for no, one, two edits if number or place alone shall be support enough."""
MAX_EDITS = 3
MIN_LETTERS_PER_EDIT = 3
"""A name is shown as perhaps meant only if it has this many letters for each edit."""
N_CANDIDATES = 8


def split_type(key: str) -> tuple[str, str]:
    """Split a street's key into stem and type of street: ``koelner``, ``strasse``."""
    match = _TYPE.search(key)
    return (key[: match.start()], match.group(1)) if match and match.start() else (key, "")


class StreetMatcher:
    """Finds streets by name. Built once from all names; does not change afterwards.

    Parameters
    ----------
    names
        Name of each street; streets of equal name (in different quarters) stand apart.
    aliases
        Other names of streets: number of the street by name.
    """

    def __init__(self, names: Sequence[str], aliases: Mapping[str, int] | None = None) -> None:
        self._names = tuple(names)
        self._spelled = [(name, number) for number, name in enumerate(names)]
        self._spelled += (aliases or {}).items()
        self.literal = _group(self._spelled)
        """Numbers of the streets by their name as written in the address list."""
        self._keyed = [(street_key(name), number) for name, number in self._spelled]
        self._keys = _group(self._keyed)

    @cached_property
    def _bare(self) -> dict[str, tuple[int, ...]]:
        return _group((key, n) for name, n in self._spelled for key in bare_keys(name))

    @cached_property
    def _without_lead(self) -> dict[str, tuple[int, ...]]:
        return _group((street_key(_LEADING.sub("", name)), n) for name, n in self._spelled)

    @cached_property
    def _stems(self) -> dict[str, tuple[int, ...]]:
        return _group((split_type(key)[0], number) for key, number in self._keyed)

    def find(self, name: str) -> StreetMatch:
        """Find the streets a typed name may mean."""
        exact = self.find_exact(name)
        if exact.kind is not MatchKind.NONE:
            return exact
        key = street_key(name)
        if len(key) < MIN_KEY:
            return NO_MATCH
        without_lead = street_key(_LEADING.sub("", name))
        streets = self._without_lead.get(without_lead) or self._stems.get(key)
        if streets is not None:
            kind = MatchKind.CORRECTED if len(streets) == 1 else MatchKind.AMBIGUOUS
            is_other_lead = without_lead != key and not any(
                street_key(self._names[n])[0] == key[0] for n in streets
            )
            is_far = is_other_lead or without_lead not in self._without_lead
            needs = Support.NUMBER_AND_PLACE if is_far else Support.NUMBER_OR_PLACE
            return StreetMatch(kind, streets, needs)
        return self._find_similar(name)

    def find_exact(self, name: str) -> StreetMatch:
        """Find streets whose name differs in normal spelling only, those written alike first.

        An umlaut without its dots is ``CORRECTED`` where another name is one slip away, and so is
        a name with letters of another alphabet, which the keys leave out.
        """
        key = street_key(name)
        streets = self._keys.get(key)
        if streets is None:
            return self._find_bare(key)
        if len(streets) > 1:
            literal = self.literal.get(name, ())
            streets = literal + tuple(s for s in streets if s not in literal)
        kind = MatchKind.CORRECTED if has_foreign_letters(name) else MatchKind.EXACT
        return StreetMatch(kind, streets)

    def _find_bare(self, key: str) -> StreetMatch:
        streets = self._bare.get(key)
        if streets is None:
            return NO_MATCH
        near = {n for k in self._slips.near(key) for n in self._forms[k]}
        return StreetMatch(
            MatchKind.EXACT if near <= set(streets) else MatchKind.CORRECTED, streets
        )

    def _find_similar(self, name: str) -> StreetMatch:
        key = _STREET_SLIP.sub("strasse", bare_key(name))
        near = dict.fromkeys(self._slips.near(key), 1)
        if not near:
            found = process.extract(
                key, self._forms.keys(), scorer=OSA.distance, score_cutoff=MAX_EDITS,
                limit=N_CANDIDATES,
            )  # fmt: skip
            near = {candidate: int(edits) for candidate, edits, _ in found}
        stem, kind = split_type(key)
        allowed = sum(len(stem) >= least for least in MIN_STEMS)
        likely = [
            c for c, e in near.items()
            if e <= allowed and (e == 1 or c[0] == key[0]) and kind in {"", split_type(c)[1]}
        ]  # fmt: skip
        if not likely:
            alike = [c for c in near if near[c] * MIN_LETTERS_PER_EDIT <= len(key)]
            ordered = sorted(alike, key=lambda c: (near[c], c))
            return StreetMatch(MatchKind.NONE, self._numbers(ordered))
        fewest = min(near[c] for c in likely)
        closest = sorted(c for c in likely if near[c] == fewest)
        best = [c for c in closest if is_plain_slip(key, c)] or closest
        streets = self._numbers(best)
        if len({street_key(self._names[n]) for n in streets}) > 1:
            return StreetMatch(MatchKind.AMBIGUOUS, streets)
        edits = {c: fewest + self._differs_in_dots(name, c, streets[0], fewest) for c in best}
        needs = min(_needs(key, candidate, edits[candidate]) for candidate in best)
        return StreetMatch(MatchKind.CORRECTED, streets, needs)

    def _differs_in_dots(self, typed: str, candidate: str, street: int, edits: int) -> bool:
        """Tell whether umlauts differ besides: dots forgotten and a slip are two mistakes.

        An umlaut that the slip itself left out, doubled or hit is no second one.
        """
        name = self._names[street]
        marks = mark_umlauts(typed), mark_umlauts(name)
        if OSA.distance(*marks, score_cutoff=edits) <= edits and is_plain_slip(*marks):
            return False
        given, own = _count_dots(typed), _count_dots(name)
        return given > own or (given < own and candidate != street_key(name))

    def _numbers(self, folded: Iterable[str]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(n for c in folded for n in self._forms[c]))[:N_CANDIDATES]

    @cached_property
    def _forms(self) -> dict[str, tuple[int, ...]]:
        """Every spelling that a slip is measured from: with and without umlauts' dots."""
        return _group((form, n) for name, n in self._spelled for form in _spellings(name))

    @cached_property
    def _slips(self) -> SlipIndex:
        return SlipIndex(self._forms)


def _needs(key: str, candidate: str, edits: int) -> Support:
    """Say what must support a name that is some edits away from the one typed.

    Names that differ in their ending only (Hunsrückstraße, Hunsrückenstraße) are two names rather
    than slips; short names lie too near each other.
    """
    stem, other = split_type(key)[0], split_type(candidate)[0]
    if edits > 2 or len(stem) < MIN_SUPPORTED_STEMS[edits] or not is_plain_slip(key, candidate):
        return Support.NUMBER_AND_PLACE
    if edits <= 1:
        return Support.NOTHING if len(stem) >= MIN_SURE_STEM else Support.NUMBER_OR_PLACE
    is_ending = stem.startswith(other) or other.startswith(stem)
    return Support.NUMBER_AND_PLACE if is_ending else Support.NUMBER_OR_PLACE


def _count_dots(name: str) -> int:
    return sum(map(name.lower().count, "äöü"))


def _spellings(name: str) -> set[str]:
    key = bare_key(name)
    stem, kind = split_type(key)
    single = stem.replace("ss", "s") + kind if "ß" in name else key
    return {street_key(name), key, single}


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, dict[int, None]] = {}
    for key, number in pairs:
        groups.setdefault(key, {})[number] = None
    return {key: tuple(numbers) for key, numbers in groups.items()}
